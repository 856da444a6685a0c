//! Pull requests from the first commit to the merge.

use serde_json::{Value, json};
use testing::on_both_databases;

use crate::world::{On, World, commit, git, has_git, seeded};

on_both_databases!(
    a_pull_request_is_merged_in_three_ways,
    reviews_checks_and_owners_stand_against_it,
);

const PULLS: &str = "/api/v1/git/repositories/acme/shop/pulls";
const RULES: &str = "/api/v1/git/repositories/acme/shop/protections";

async fn open(world: &World, who: &str, head: &str) -> Value {
    let body = json!({ "title": format!("Bring {head}"), "body": "Because.", "head": head });
    let (status, pull) = world.call((who, "POST", PULLS), body).await;
    assert_eq!(status, 201, "{pull}");
    pull
}

async fn a_pull_request_is_merged_in_three_ways(on: On) {
    if !has_git() {
        return;
    }
    let world = World::new(on).await;
    let work = seeded(&world, "kim", "acme/shop", "one").await;
    for (number, method) in ["merge", "squash", "rebase"].into_iter().enumerate() {
        let number = number + 1;
        git(&work, &["checkout", "--quiet", "-b", method, "main"]).await;
        commit(&work, &format!("{method}/a.txt"), b"a\n").await;
        commit(&work, &format!("{method}/b.txt"), b"b\n").await;
        git(&work, &["push", "--quiet", "origin", method]).await;
        // Meanwhile others go on.
        git(&work, &["checkout", "--quiet", "main"]).await;
        let main = commit(&work, &format!("main-{method}.txt"), b"m\n").await;
        git(&work, &["push", "--quiet", "origin", "main"]).await;
        let pull = open(&world, "kim", method).await;
        assert_eq!(pull["number"], number);
        let (_, again) = world
            .call(
                ("kim", "POST", PULLS),
                json!({ "title": "x", "head": method }),
            )
            .await;
        assert_eq!(again["error"]["name"], "ConflictError", "{again}");
        let path = format!("{PULLS}/{number}");
        let (_, seen) = world.call(("eve", "GET", &path), json!({})).await;
        assert_eq!(seen["standing"]["mergeable"], true, "{seen}");
        let (_, files) = world
            .call(("eve", "GET", &format!("{path}/files")), json!({}))
            .await;
        let paths: Vec<&str> = files["items"]
            .as_array()
            .expect("files")
            .iter()
            .filter_map(|one| one["path"].as_str())
            .collect();
        assert_eq!(
            paths,
            [format!("{method}/a.txt"), format!("{method}/b.txt")]
        );
        let body =
            json!({ "method": method, "deleteBranch": true, "headCommit": pull["headCommit"] });
        let (status, merged) = world
            .call(("kim", "POST", &format!("{path}/merge")), body)
            .await;
        assert_eq!(status, 200, "{merged}");
        assert_eq!(merged["state"], "merged");
        git(&work, &["pull", "--quiet", "--ff-only", "origin", "main"]).await;
        let count = |range: String| {
            let work = work.clone();
            async move { git(&work, &["rev-list", "--count", &range]).await }
        };
        let (commits, parents) = match method {
            "merge" => ("3", "2"),
            "squash" => ("1", "1"),
            _ => ("2", "1"),
        };
        assert_eq!(count(format!("{main}..HEAD")).await, commits, "{method}");
        let line = git(&work, &["rev-list", "--parents", "-1", "HEAD"]).await;
        assert_eq!(
            (line.split(' ').count() - 1).to_string(),
            parents,
            "{method}"
        );
        let author = git(&work, &["log", "-1", "--format=%an", "HEAD"]).await;
        let expected = if method == "rebase" {
            "Kim Minji"
        } else {
            "kim"
        };
        assert_eq!(author, expected, "{method}");
        assert!(work.join(method).join("b.txt").exists());
        assert_eq!(
            git(&work, &["ls-remote", "--heads", "origin", method]).await,
            ""
        );
        // The commits stay reachable.
        let kept = format!("refs/pull/{number}/head");
        assert_ne!(git(&work, &["ls-remote", "origin", &kept]).await, "");
        git(&work, &["fsck", "--full", "--strict"]).await;
        let (status, _) = world
            .call(("kim", "POST", &format!("{path}/merge")), json!({}))
            .await;
        assert_eq!(status, 409);
    }
    let kinds: Vec<String> = world.events().await.into_iter().map(|one| one.0).collect();
    let merged = kinds
        .iter()
        .filter(|one| *one == "dev.cdevents.change.merged");
    assert_eq!(merged.count(), 3);
}

async fn reviews_checks_and_owners_stand_against_it(on: On) {
    if !has_git() {
        return;
    }
    let world = World::new(on).await;
    let work = seeded(&world, "kim", "acme/shop", "one").await;
    commit(&work, "CODEOWNERS", b"*.sql @lee\n").await;
    git(&work, &["push", "--quiet", "origin", "main"]).await;
    let rules = json!({
        "pattern": "main",
        "rules": {
            "requirePullRequest": true, "requiredApprovals": 1, "requireCodeOwners": true,
            "dismissStaleReviews": true, "requiredChecks": ["ci"], "enforceAdmins": true,
        },
    });
    let (status, answer) = world.call(("kim", "PUT", RULES), rules).await;
    assert_eq!(status, 200, "{answer}");
    git(&work, &["checkout", "--quiet", "-b", "next"]).await;
    let head = commit(&work, "schema.sql", b"SELECT 1;\n").await;
    git(&work, &["push", "--quiet", "origin", "next"]).await;
    open(&world, "kim", "next").await;
    let pull = format!("{PULLS}/1");
    let against = || async {
        let (_, seen) = world.call(("eve", "GET", &pull), json!({})).await;
        seen["standing"]["against"]
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(|one| one.as_str().map(str::to_owned))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        against().await,
        [
            "it has 0 of 1 approvals",
            "an owner has to approve: user:default/lee",
            "the check ci has not reported",
        ]
    );
    let (status, refused) = world
        .call(("kim", "POST", &format!("{pull}/merge")), json!({}))
        .await;
    assert_eq!(status, 409, "{refused}");
    let review = |who: &'static str, verdict: &'static str| {
        let path = format!("{pull}/reviews");
        let world = &world;
        async move {
            let body = json!({ "verdict": verdict, "body": "looked" });
            world.call((who, "POST", &path), body).await.0
        }
    };
    assert_eq!(
        review("kim", "approve").await,
        403,
        "nobody approves their own"
    );
    assert_eq!(
        review("eve", "approve").await,
        403,
        "who only reads decides nothing"
    );
    assert_eq!(review("park", "approve").await, 201);
    assert_eq!(review("lee", "request-changes").await, 201);
    let checks = format!("/api/v1/git/repositories/acme/shop/commits/{head}/checks");
    let (status, _) = world
        .call(
            ("kim", "POST", &checks),
            json!({ "name": "ci", "state": "failure" }),
        )
        .await;
    assert_eq!(status, 201);
    assert_eq!(
        against().await,
        [
            "user:default/lee wants changes",
            "an owner has to approve: user:default/lee",
            "the check ci is failure",
        ]
    );
    // Another commit: what was approved was another one.
    let head = commit(&work, "more.sql", b"SELECT 2;\n").await;
    git(&work, &["push", "--quiet", "origin", "next"]).await;
    assert!(
        against()
            .await
            .contains(&"it has 0 of 1 approvals".to_owned())
    );
    assert_eq!(review("lee", "approve").await, 201);
    let checks = format!("/api/v1/git/repositories/acme/shop/commits/{head}/checks");
    world
        .call(
            ("kim", "POST", &checks),
            json!({ "name": "ci", "state": "success" }),
        )
        .await;
    assert_eq!(against().await, Vec::<String>::new());
    let (status, merged) = world
        .call(
            ("kim", "POST", &format!("{pull}/merge")),
            json!({ "method": "squash" }),
        )
        .await;
    assert_eq!(status, 200, "{merged}");
}

#[tokio::test(flavor = "multi_thread")]
async fn conflicts_are_named_and_never_merged() {
    if !has_git() {
        return;
    }
    let world = World::new(On::Sqlite).await;
    let work = seeded(&world, "kim", "acme/shop", "one").await;
    git(&work, &["checkout", "--quiet", "-b", "next"]).await;
    commit(&work, "README.md", b"# Their shop\n").await;
    git(&work, &["push", "--quiet", "origin", "next"]).await;
    git(&work, &["checkout", "--quiet", "main"]).await;
    commit(&work, "README.md", b"# Our shop\n").await;
    git(&work, &["push", "--quiet", "origin", "main"]).await;
    open(&world, "kim", "next").await;
    let (_, seen) = world
        .call(("eve", "GET", &format!("{PULLS}/1")), json!({}))
        .await;
    assert_eq!(
        seen["standing"]["conflicts"],
        json!(["README.md"]),
        "{seen}"
    );
    for method in ["merge", "squash", "rebase"] {
        let (status, answer) = world
            .call(
                ("kim", "POST", &format!("{PULLS}/1/merge")),
                json!({ "method": method }),
            )
            .await;
        assert_eq!(status, 409, "{answer}");
    }
    // Closed, and opened again.
    for state in ["closed", "open"] {
        let (status, answer) = world
            .call(
                ("kim", "PATCH", &format!("{PULLS}/1")),
                json!({ "state": state }),
            )
            .await;
        assert_eq!((status, &answer["state"]), (200, &json!(state)), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_committed_and_read_without_a_clone() {
    if !has_git() {
        return;
    }
    let world = World::new(On::Sqlite).await;
    world.create("kim", "acme/shop").await;
    let base = "/api/v1/git/repositories/acme/shop";
    let body = json!({
        "message": "Begin",
        "files": [
            { "path": "README.md", "content": "# Shop\n" },
            { "path": "bin/run", "content": "#!/bin/sh\n", "executable": true },
            { "path": "logo.bin", "contentBase64": "AAEC" },
        ],
    });
    let (status, first) = world
        .call(("kim", "POST", &format!("{base}/commits")), body)
        .await;
    assert_eq!(status, 201, "{first}");
    let body = json!({
        "message": "Change", "branch": "next",
        "files": [{ "path": "README.md", "remove": true }, { "path": "docs/a.md", "content": "a\n" }],
    });
    let (status, second) = world
        .call(("kim", "POST", &format!("{base}/commits")), body)
        .await;
    assert_eq!(status, 201, "{second}");
    for path in ["../x", ".git/config", "a//b", "/a", "a/.GIT/b"] {
        let body = json!({ "message": "m", "files": [{ "path": path, "content": "x" }] });
        let (status, answer) = world
            .call(("kim", "POST", &format!("{base}/commits")), body)
            .await;
        assert_eq!(status, 400, "{path}: {answer}");
    }
    let (_, file) = world
        .call(
            ("eve", "GET", &format!("{base}/contents?path=logo.bin")),
            json!({}),
        )
        .await;
    assert_eq!(file["contentBase64"], "AAEC", "{file}");
    let (_, top) = world
        .call(
            ("eve", "GET", &format!("{base}/contents?ref=next")),
            json!({}),
        )
        .await;
    let names: Vec<&str> = top["entries"]
        .as_array()
        .expect("entries")
        .iter()
        .filter_map(|one| one["name"].as_str())
        .collect();
    assert_eq!(names, ["bin", "docs", "logo.bin"]);
    let (_, log) = world
        .call(
            ("eve", "GET", &format!("{base}/commits?ref=next")),
            json!({}),
        )
        .await;
    assert_eq!(log["items"].as_array().map(Vec::len), Some(2), "{log}");
    assert_eq!(log["items"][0]["parents"], json!([first["commit"]]));
    let place = world.place("clones");
    git(
        &place,
        &["clone", "--quiet", &world.url("eve", "acme/shop"), "one"],
    )
    .await;
    let copy = place.join("one");
    git(&copy, &["fsck", "--full", "--strict"]).await;
    assert_eq!(git(&copy, &["show", "HEAD:bin/run"]).await, "#!/bin/sh");
    assert!(
        git(&copy, &["ls-tree", "HEAD", "bin/run"])
            .await
            .starts_with("100755")
    );
}
