//! What people do all day: clone, push, fetch, tag.

use testing::on_both_databases;

use crate::world::{On, World, commit, git, git_fails, has_git, seeded, try_git};

on_both_databases!(
    a_push_is_a_row_and_an_event,
    twenty_pushers_at_once_lose_nothing,
);

async fn a_push_is_a_row_and_an_event(on: On) {
    if !has_git() {
        return;
    }
    let world = World::new(on).await;
    let work = seeded(&world, "kim", "acme/shop", "one").await;
    let second = commit(&work, "src/main.rs", b"fn main() {}\n").await;
    git(
        &work,
        &["push", "--quiet", "origin", "main", "HEAD:refs/heads/next"],
    )
    .await;
    git(&work, &["push", "--quiet", "origin", ":next"]).await;
    let (_, branches) = world
        .call(
            ("kim", "GET", "/api/v1/git/repositories/acme/shop/branches"),
            serde_json::json!({}),
        )
        .await;
    assert_eq!(branches["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(branches["items"][0]["commit"], second);
    assert_eq!(branches["items"][0]["default"], true);
    let kinds: Vec<String> = world.events().await.into_iter().map(|one| one.0).collect();
    assert_eq!(
        kinds,
        [
            "dev.cdevents.repository.created",
            "dev.cdevents.branch.created",
            "dev.portway.git.branch.updated",
            "dev.cdevents.branch.created",
            "dev.cdevents.branch.deleted",
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_version_of_the_protocol_clones_and_fetches() {
    if !has_git() {
        return;
    }
    let world = World::new(On::Sqlite).await;
    let work = seeded(&world, "kim", "acme/shop", "one").await;
    for number in 0..30 {
        commit(&work, &format!("docs/{number}.md"), b"text\n").await;
    }
    git(&work, &["tag", "-a", "v1", "-m", "first"]).await;
    git(&work, &["tag", "light"]).await;
    git(&work, &["push", "--quiet", "origin", "main", "--tags"]).await;
    let head = git(&work, &["rev-parse", "HEAD"]).await;
    let url = world.url("eve", "acme/shop");
    let place = world.place("clones");
    for version in ["0", "1", "2"] {
        let protocol = format!("protocol.version={version}");
        git(
            &place,
            &["-c", &protocol, "clone", "--quiet", &url, version],
        )
        .await;
        let copy = place.join(version);
        assert_eq!(git(&copy, &["rev-parse", "HEAD"]).await, head);
        assert_eq!(
            git(&copy, &["symbolic-ref", "HEAD"]).await,
            "refs/heads/main"
        );
        assert_eq!(git(&copy, &["tag"]).await, "light\nv1");
        git(&copy, &["fsck", "--full", "--strict"]).await;
    }
    // More comes, and only that is fetched: the copies have histories of their
    // own besides, so that the two sides must find what they share.
    let newer = commit(&work, "later.md", b"more\n").await;
    git(&work, &["push", "--quiet", "origin", "main"]).await;
    for version in ["0", "1", "2"] {
        let protocol = format!("protocol.version={version}");
        let copy = place.join(version);
        for number in 0..40 {
            commit(&copy, &format!("own/{number}"), b"own\n").await;
        }
        git(&copy, &["-c", &protocol, "fetch", "--quiet"]).await;
        assert_eq!(git(&copy, &["rev-parse", "origin/main"]).await, newer);
        git(&copy, &["fsck", "--full", "--strict"]).await;
        let listed = git(&copy, &["-c", &protocol, "ls-remote", "origin"]).await;
        assert!(listed.contains("refs/tags/v1^{}"), "{listed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn shallow_clones_deepen_and_push() {
    if !has_git() {
        return;
    }
    let world = World::new(On::Sqlite).await;
    let work = seeded(&world, "kim", "acme/shop", "one").await;
    for number in 0..9 {
        commit(&work, &format!("{number}.txt"), b"x\n").await;
    }
    git(&work, &["push", "--quiet", "origin", "main"]).await;
    let url = world.url("kim", "acme/shop");
    let place = world.place("clones");
    for version in ["0", "2"] {
        let protocol = format!("protocol.version={version}");
        let protocol = protocol.as_str();
        let count = |copy: std::path::PathBuf| async move {
            git(&copy, &["rev-list", "--count", "HEAD"]).await
        };
        git(
            &place,
            &[
                "-c",
                protocol,
                "clone",
                "--quiet",
                "--depth=2",
                &url,
                version,
            ],
        )
        .await;
        let copy = place.join(version);
        assert_eq!(count(copy.clone()).await, "2");
        git(&copy, &["-c", protocol, "fetch", "--quiet", "--depth=4"]).await;
        assert_eq!(count(copy.clone()).await, "4");
        git(&copy, &["-c", protocol, "fetch", "--quiet", "--deepen=2"]).await;
        assert_eq!(count(copy.clone()).await, "6");
        let branch = format!("from-{version}");
        commit(&copy, &format!("shallow-{version}.txt"), b"y\n").await;
        let spec = format!("HEAD:refs/heads/{branch}");
        git(&copy, &["-c", protocol, "push", "--quiet", "origin", &spec]).await;
        git(&copy, &["-c", protocol, "fetch", "--quiet", "--unshallow"]).await;
        assert_eq!(count(copy.clone()).await, "11");
        git(&copy, &["fsck", "--full", "--strict"]).await;
        git(&work, &["fetch", "--quiet", "origin", &branch]).await;
        let since = format!("since-{version}");
        git(
            &place,
            &[
                "-c",
                protocol,
                "clone",
                "--quiet",
                "--shallow-since=2001-01-01",
                &url,
                &since,
            ],
        )
        .await;
        assert_eq!(count(place.join(&since)).await, "10");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_repository_can_be_cloned_and_takes_the_first_branch_as_default() {
    if !has_git() {
        return;
    }
    let world = World::new(On::Sqlite).await;
    world.create("kim", "acme/empty").await;
    let place = world.place("clones");
    let url = world.url("kim", "acme/empty");
    for version in ["0", "2"] {
        let protocol = format!("protocol.version={version}");
        git(
            &place,
            &["-c", &protocol, "clone", "--quiet", &url, version],
        )
        .await;
    }
    let copy = place.join("2");
    assert_eq!(
        git(&copy, &["symbolic-ref", "HEAD"]).await,
        "refs/heads/main"
    );
    git(&copy, &["checkout", "--quiet", "-b", "trunk"]).await;
    commit(&copy, "a", b"a").await;
    git(&copy, &["push", "--quiet", "origin", "trunk"]).await;
    let (_, shown) = world
        .call(
            ("kim", "GET", "/api/v1/git/repositories/acme/empty"),
            serde_json::json!({}),
        )
        .await;
    assert_eq!(shown["defaultBranch"], "trunk");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_what() {
    if !has_git() {
        return;
    }
    let world = World::new(On::Sqlite).await;
    let work = seeded(&world, "kim", "acme/shop", "one").await;
    let place = world.place("clones");
    // Somebody of another team reads what is internal, and does not write.
    let other = world.url("mallory", "acme/shop");
    git(&place, &["clone", "--quiet", &other, "mallory"]).await;
    let copy = place.join("mallory");
    commit(&copy, "evil", b"x").await;
    let said = git_fails(&copy, &["push", "origin", "main"]).await;
    assert!(said.contains("may not write to acme/shop"), "{said}");
    // What is private does not exist for them.
    let path = "/api/v1/git/repositories/acme/shop";
    let (status, _) = world
        .call(
            ("kim", "PATCH", path),
            serde_json::json!({ "visibility": "private" }),
        )
        .await;
    assert_eq!(status, 200);
    let said = git_fails(&copy, &["fetch"]).await;
    assert!(said.contains("not found"), "{said}");
    let (_, list) = world
        .call(
            ("mallory", "GET", "/api/v1/git/repositories"),
            serde_json::json!({}),
        )
        .await;
    assert_eq!(list["items"], serde_json::json!([]));
    // Until they are added.
    let members = format!("{path}/members");
    let body = serde_json::json!({ "member": "user:default/mallory", "right": "write" });
    let (status, _) = world.call(("kim", "PUT", &members), body).await;
    assert_eq!(status, 200);
    git(&copy, &["push", "--quiet", "origin", "main"]).await;
    git(&work, &["pull", "--quiet", "--no-rebase", "origin", "main"]).await;
    // Without a token, and with a wrong one.
    let naked = format!("http://{}/git/acme/shop.git", world.address);
    let said = git_fails(&place, &["clone", &naked, "naked"]).await;
    assert!(said.contains("could not read Username"), "{said}");
    let wrong = format!("http://x:wrong@{}/git/acme/shop.git", world.address);
    let said = git_fails(&place, &["clone", &wrong, "wrong"]).await;
    assert!(said.contains("Authentication failed"), "{said}");
}

async fn twenty_pushers_at_once_lose_nothing(on: On) {
    if !has_git() {
        return;
    }
    let world = World::new(on).await;
    let work = seeded(&world, "kim", "acme/shop", "one").await;
    let base = git(&work, &["rev-parse", "HEAD"]).await;
    let mut pushes = Vec::new();
    for number in 0..20 {
        let copy = world.place(&format!("pusher-{number}"));
        git(
            &copy,
            &["clone", "--quiet", &world.url("kim", "acme/shop"), "."],
        )
        .await;
        commit(
            &copy,
            &format!("{number}.txt"),
            format!("{number}\n").as_bytes(),
        )
        .await;
        pushes.push(copy);
    }
    // Each to a branch of its own, and all to main at once.
    let all = pushes.iter().enumerate().map(|(number, copy)| {
        let spec = format!("HEAD:refs/heads/b{number}");
        async move {
            let own = try_git(copy, &["push", "origin", &spec]).await;
            assert!(
                own.status.success(),
                "{}",
                String::from_utf8_lossy(&own.stderr)
            );
            let main = try_git(copy, &["push", "origin", "HEAD:main"]).await;
            main.status.success()
        }
    });
    let won = futures_util::future::join_all(all).await;
    assert_eq!(
        won.iter().filter(|won| **won).count(),
        1,
        "one of them moves main"
    );
    git(&work, &["fetch", "--quiet", "origin"]).await;
    let main = git(&work, &["rev-parse", "origin/main"]).await;
    assert_eq!(git(&work, &["rev-parse", "origin/main^"]).await, base);
    let winner = won.iter().position(|won| *won).expect("a winner");
    let own = git(&work, &["rev-parse", &format!("origin/b{winner}")]).await;
    assert_eq!(main, own);
    for number in 0..20 {
        let name = format!("origin/b{number}:{number}.txt");
        assert_eq!(git(&work, &["show", &name]).await, number.to_string());
    }
    git(&work, &["fsck", "--full", "--strict"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn protections_hold() {
    if !has_git() {
        return;
    }
    let world = World::new(On::Sqlite).await;
    let work = seeded(&world, "kim", "acme/shop", "one").await;
    git(&work, &["push", "--quiet", "origin", "main:release/1"]).await;
    let rules = "/api/v1/git/repositories/acme/shop/protections";
    for body in [
        serde_json::json!({ "pattern": "main", "rules": { "requirePullRequest": true, "enforceAdmins": true } }),
        serde_json::json!({ "pattern": "release/*" }),
    ] {
        let (status, answer) = world.call(("kim", "PUT", rules), body).await;
        assert_eq!(status, 200, "{answer}");
    }
    commit(&work, "b", b"b").await;
    let said = git_fails(&work, &["push", "origin", "main"]).await;
    assert!(said.contains("pull requests only"), "{said}");
    let said = git_fails(&work, &["push", "origin", ":main"]).await;
    assert!(said.contains("default branch"), "{said}");
    git(&work, &["push", "--quiet", "origin", "main:release/1"]).await;
    git(&work, &["commit", "--quiet", "--amend", "-m", "rewritten"]).await;
    let said = git_fails(&work, &["push", "--force", "origin", "main:release/1"]).await;
    assert!(said.contains("forbids to rewrite history"), "{said}");
    let said = git_fails(&work, &["push", "origin", ":release/1"]).await;
    assert!(said.contains("forbids to remove"), "{said}");
    // An atomic push falls as a whole, another one in part.
    let said = git_fails(&work, &["push", "--atomic", "origin", "main", "main:x"]).await;
    assert!(said.contains("atomic"), "{said}");
    assert_eq!(git(&work, &["ls-remote", "origin", "x"]).await, "");
    git_fails(&work, &["push", "origin", "main", "main:x"]).await;
    assert_ne!(git(&work, &["ls-remote", "origin", "x"]).await, "");
    // Elsewhere history may be rewritten, by whoever says so.
    git(&work, &["commit", "--quiet", "--amend", "-m", "again"]).await;
    git_fails(&work, &["push", "origin", "main:x"]).await;
    git(&work, &["push", "--quiet", "--force", "origin", "main:x"]).await;
}
