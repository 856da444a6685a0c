//! Discovery providers: configuration, filters, locations.

use forge::client::unobserved;
use forge::discovery::{
    Discovery, GitHubProvider, GitLabProvider, GiteaProvider, Pattern, discover_target,
};
use forge::scm_url::DiscoveryTarget;
use serde_json::{Value, json};

use crate::support::Bench;
use crate::support::forge_server::Fault;
use crate::{gitea, github, gitlab};

fn urls(discovery: &Discovery) -> Vec<String> {
    discovery
        .found
        .iter()
        .map(|found| found.url.clone())
        .collect()
}

fn reason<'a>(discovery: &'a Discovery, slug: &str) -> &'a str {
    let skipped = discovery
        .skipped
        .iter()
        .find(|skipped| skipped.repository == slug);
    skipped.map_or("found", |skipped| skipped.reason.as_str())
}

fn github_provider(config: Value) -> GitHubProvider {
    let (mut all, problems) = GitHubProvider::from_config(&config);
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(all.len(), 1);
    all.remove(0)
}

#[tokio::test]
async fn the_seed_configuration_finds_what_it_means() {
    let bench = Bench::start("github").await;
    let host = bench.server.host.clone();
    let named = |name: &str, topics: Value| {
        let mut repo = github::repo(&host, 0);
        repo["full_name"] = json!(format!("my-org/{name}"));
        repo["html_url"] = json!(format!("http://{host}/my-org/{name}"));
        repo["topics"] = topics;
        repo
    };
    let mut archived = named("gone", json!(["backstage-enabled"]));
    archived["archived"] = json!(true);
    bench.server.list(
        "/api/v3/orgs/my-org/repos",
        vec![
            named("shop", json!(["backstage-enabled", "go"])),
            named("archived-shop", json!(["backstage-enabled"])),
            named("plain", json!([])),
            archived,
        ],
    );
    let provider = github_provider(json!({ "myOrg": {
        "host": host,
        "organization": "my-org",
        "catalogPath": "/catalog-info.yaml",
        "filters": { "repository": "^(?!archived-).*$", "topic": { "include": ["backstage-enabled"] } },
        "schedule": { "frequency": { "minutes": 30 }, "timeout": { "minutes": 5 } },
    }}));
    assert_eq!(
        (
            provider.id.as_str(),
            &provider.schedule["frequency"]["minutes"]
        ),
        ("myOrg", &json!(30))
    );
    let found = provider
        .discover(&bench.forges, &unobserved)
        .await
        .expect("run");
    assert_eq!(
        urls(&found),
        [format!(
            "http://{host}/my-org/shop/blob/main/catalog-info.yaml"
        )]
    );
    assert_eq!(
        (found.found[0].branch.as_str(), found.found[0].path.as_str()),
        ("main", "catalog-info.yaml")
    );
    assert_eq!(
        reason(&found, "my-org/archived-shop"),
        "its name does not match `^(?!archived-).*$` (`repository`)"
    );
    assert_eq!(
        reason(&found, "my-org/plain"),
        "it has none of the topics `backstage-enabled` (`topic.include`)"
    );
    assert_eq!(
        reason(&found, "my-org/gone"),
        "it is archived (`allowArchived`)"
    );
    // Nothing but the listing was asked for.
    assert_eq!(bench.server.seen("/").len(), 1);
}

#[tokio::test]
async fn filters_work_like_backstages() {
    let bench = Bench::start("github").await;
    let host = bench.server.host.clone();
    let base = github::repo(&host, 0);
    let with = |name: &str, changes: Value| {
        let mut repo = base.clone();
        repo["full_name"] = json!(format!("acme/{name}"));
        repo["html_url"] = json!(format!("http://{host}/acme/{name}"));
        repo.as_object_mut()
            .expect("object")
            .extend(changes.as_object().expect("object").clone());
        repo
    };
    bench.server.list(
        "/api/v3/orgs/acme/repos",
        vec![
            with("plain", json!({})),
            with("fork", json!({ "fork": true })),
            with("both", json!({ "topics": ["in", "out"] })),
            with(
                "public",
                json!({ "visibility": "public", "topics": ["in"] }),
            ),
            with("old", json!({ "archived": true })),
            with("empty", json!({ "default_branch": null })),
        ],
    );
    let cases: [(Value, &[&str]); 7] = [
        (json!({}), &["plain", "fork", "both", "public"]),
        (json!({ "allowForks": false }), &["plain", "both", "public"]),
        (
            json!({ "allowArchived": true }),
            &["plain", "fork", "both", "public", "old"],
        ),
        (
            json!({ "topic": { "include": ["in"], "exclude": ["out"] } }),
            &["public"],
        ),
        (
            json!({ "topic": { "exclude": ["out"] } }),
            &["plain", "fork", "public"],
        ),
        (json!({ "visibility": ["public", "private"] }), &["public"]),
        (json!({ "repository": "p.*" }), &["plain", "public"]),
    ];
    for (filters, expected) in cases {
        let provider =
            github_provider(json!({ "host": host, "organization": "acme", "filters": filters }));
        assert_eq!(provider.id, "default");
        let found = provider
            .discover(&bench.forges, &unobserved)
            .await
            .expect("run");
        let names: Vec<&str> = found
            .found
            .iter()
            .map(|found| found.repository.name.as_str())
            .collect();
        assert_eq!(names, expected, "{filters}");
        assert_eq!(found.found.len() + found.skipped.len(), 6);
    }
    let provider = github_provider(json!({
        "host": host, "organization": "acme", "catalogPath": "services/**/catalog-info.yaml",
        "filters": { "branch": "release/1", "repository": "plain" },
    }));
    let found = provider
        .discover(&bench.forges, &unobserved)
        .await
        .expect("run");
    assert_eq!(
        urls(&found),
        [format!(
            "http://{host}/acme/plain/blob/release/1/services/**/catalog-info.yaml"
        )]
    );
}

#[tokio::test]
async fn locations_are_checked_when_asked_for() {
    let bench = Bench::start("github").await;
    let host = bench.server.host.clone();
    bench.server.list(
        "/api/v3/orgs/acme/repos",
        (0..4).map(|n| github::repo(&host, n)).collect(),
    );
    bench
        .server
        .file("/api/v3/repos/acme/repo-0/contents/catalog-info.yaml", "x");
    bench
        .server
        .file("/api/v3/repos/acme/repo-2/contents/catalog-info.yaml", "x");
    bench
        .server
        .fail("/api/v3/repos/acme/repo-3/", [Fault::status(403)]);
    let provider = github_provider(
        json!({ "host": host, "organization": "acme", "validateLocationsExist": true }),
    );
    let found = provider
        .discover(&bench.forges, &unobserved)
        .await
        .expect("run");
    let names: Vec<(&str, bool)> = found
        .found
        .iter()
        .map(|f| (f.repository.name.as_str(), f.checked))
        .collect();
    // What could not be asked is kept: not known is not the same as absent.
    assert_eq!(
        names,
        [("repo-0", true), ("repo-2", true), ("repo-3", false)]
    );
    assert_eq!(
        reason(&found, "acme/repo-1"),
        "it has no `catalog-info.yaml` on `main`"
    );
    assert_eq!(found.notes.len(), 1);
}

#[tokio::test]
async fn a_run_that_does_not_finish_finds_nothing() {
    let bench = Bench::start("github").await;
    let host = bench.server.host.clone();
    bench.server.fail(
        "/api/v3/orgs/acme/repos",
        std::iter::repeat_n(Fault::status(500), 3),
    );
    let provider = github_provider(json!({ "host": host, "organization": "acme" }));
    let error = provider
        .discover(&bench.forges, &unobserved)
        .await
        .expect_err("500");
    assert!(error.is_transient());
    let provider = github_provider(json!({ "host": "ghe.example", "organization": "acme" }));
    let error = provider
        .discover(&bench.forges, &unobserved)
        .await
        .expect_err("host");
    assert_eq!(
        error.to_string(),
        "catalog.providers.github.default: no `integrations.github` entry has `host: ghe.example`; add one"
    );
}

#[test]
fn problems_of_the_configuration_are_said_with_their_path() {
    let (all, problems) = GitHubProvider::from_config(&json!({
        "good": { "organization": "acme", "surprise": 1 },
        "none": { "host": "github.com" },
        "glob": { "organization": "acme", "catalogPath": "/**/x.yaml", "validateLocationsExist": true },
        "regex": { "organization": "acme", "filters": { "repository": "(" } },
        "text": "acme",
    }));
    assert_eq!(all.len(), 1);
    assert_eq!(problems.len(), 5, "{problems:#?}");
    for (start, part) in [
        ("catalog.providers.github.good.surprise: ", "unknown key"),
        ("catalog.providers.github.none.organization: ", "missing"),
        (
            "catalog.providers.github.glob.validateLocationsExist: ",
            "wildcards",
        ),
        (
            "catalog.providers.github.regex.filters.repository: ",
            "is not a regular expression",
        ),
        ("catalog.providers.github.text: ", "expected an object"),
    ] {
        assert!(
            problems
                .iter()
                .any(|text| text.starts_with(start) && text.contains(part)),
            "{start} {problems:#?}"
        );
    }
    let (all, problems) = GitLabProvider::from_config(&json!({
        "a": { "host": "gitlab.com", "projectPattern": "(" },
        "b": { "group": "acme" },
        "c": { "host": "gitlab.com", "relations": ["INHERITED", "SIDEWAYS"] },
    }));
    assert_eq!(all.len(), 1);
    assert_eq!(problems.len(), 3, "{problems:#?}");
    let (all, problems) = GiteaProvider::from_config(&json!({ "a": { "host": "codeberg.org" } }));
    assert_eq!((all.len(), problems.len()), (0, 1), "{problems:#?}");
    assert!(GitHubProvider::from_config(&Value::Null).0.is_empty());
}

#[test]
fn patterns_are_javascripts_and_bounded() {
    for (pattern, name, expected) in [
        ("svc-.*", "svc-pay", true),
        ("svc-.*", "my-svc-pay", false),
        ("^(?!archived-).*$", "archived-x", false),
        ("(?!x).*(?<=-)api$", "shop-api", true),
        ("shop|pay", "shop-x", true),
        (r"a\/b\d", "a/b1", true),
    ] {
        assert_eq!(
            Pattern::whole(pattern).expect(pattern).matches(name),
            expected,
            "{pattern} {name}"
        );
    }
    // Catastrophic in a backtracking engine without a bound.
    let slow = Pattern::whole(r"(?:(a+)+(?!b))+c").expect("pattern");
    assert!(!slow.matches(&"a".repeat(64)));
}

#[tokio::test]
async fn a_discovery_location_is_expanded() {
    let bench = Bench::start("github").await;
    let host = bench.server.host.clone();
    let mut trunk = github::repo(&host, 2);
    trunk["default_branch"] = json!("trunk");
    let mut archived = github::repo(&host, 3);
    archived["archived"] = json!(true);
    bench.server.list(
        "/api/v3/orgs/acme/repos",
        vec![github::repo(&host, 1), trunk, archived],
    );
    let target = DiscoveryTarget::parse(&format!(
        "http://{host}/acme/repo-*/blob/-/catalog-info.yaml"
    ))
    .expect("target");
    let found = discover_target(&target, &bench.forges, &unobserved)
        .await
        .expect("run");
    assert_eq!(
        urls(&found),
        [
            format!("http://{host}/acme/repo-1/blob/main/catalog-info.yaml"),
            format!("http://{host}/acme/repo-2/blob/trunk/catalog-info.yaml"),
        ]
    );
    assert_eq!(reason(&found, "acme/repo-3"), "it is archived");
}

#[tokio::test]
async fn gitlab_projects_are_discovered() {
    let bench = Bench::start("gitlab").await;
    let host = bench.server.host.clone();
    let with = |path: &str, changes: Value| {
        let mut project = gitlab::project(&host, path);
        project
            .as_object_mut()
            .expect("object")
            .extend(changes.as_object().expect("object").clone());
        project
    };
    bench.server.list(
        "/api/v4/groups/acme/projects",
        vec![
            with("acme/shop", json!({})),
            with("acme/deep/er/pay", json!({ "default_branch": "trunk" })),
            with("acme/fork", json!({ "forked_from_project": { "id": 1 } })),
            with("acme/excluded", json!({})),
            with("acme/empty", json!({ "default_branch": null })),
            with("other/shared", json!({})),
            with("acme/without-file", json!({})),
        ],
    );
    for slug in ["acme%2Fshop", "acme%2Fdeep%2Fer%2Fpay", "acme%2Fempty"] {
        bench.server.file(
            &format!("/api/v4/projects/{slug}/repository/files/catalog-info.yaml"),
            "{}",
        );
    }
    let (providers, problems) = GitLabProvider::from_config(&json!({ "main": {
        "host": host, "group": "acme", "skipForkedRepos": true, "excludeRepos": ["acme/excluded"],
        "projectPattern": "[\\s\\S]*", "topics": "go", "membership": true,
    }}));
    assert_eq!(problems, Vec::<String>::new());
    let found = providers[0]
        .discover(&bench.forges, &unobserved)
        .await
        .expect("run");
    assert_eq!(
        urls(&found),
        [
            format!("http://{host}/acme/shop/-/blob/main/catalog-info.yaml"),
            format!("http://{host}/acme/deep/er/pay/-/blob/trunk/catalog-info.yaml"),
            format!("http://{host}/acme/empty/-/blob/master/catalog-info.yaml"),
        ]
    );
    assert_eq!(
        reason(&found, "acme/fork"),
        "it is a fork (`skipForkedRepos`)"
    );
    assert_eq!(
        reason(&found, "acme/excluded"),
        "it is listed in `excludeRepos`"
    );
    assert_eq!(
        reason(&found, "other/shared"),
        "it is shared with `acme` but lies elsewhere (`group`)"
    );
    assert_eq!(
        reason(&found, "acme/without-file"),
        "it has no `catalog-info.yaml` on `main`"
    );
    let query = &bench.server.seen("/api/v4/groups/acme/projects")[0].query;
    for part in ["archived=false", "membership=true", "topic=go"] {
        assert!(query.contains(part), "{query}");
    }
}

#[tokio::test]
async fn gitea_repositories_are_discovered() {
    let bench = Bench::start("gitea").await;
    let host = bench.server.host.clone();
    let mut archived = gitea::repo(&host, "old");
    archived["archived"] = json!(true);
    bench.server.list(
        "/api/v1/orgs/acme/repos",
        vec![
            gitea::repo(&host, "shop"),
            archived,
            gitea::repo(&host, "none"),
        ],
    );
    bench
        .server
        .file("/api/v1/repos/acme/shop/contents/catalog-info.yaml", "{}");
    let (providers, problems) =
        GiteaProvider::from_config(&json!({ "main": { "host": host, "organization": "acme" } }));
    assert_eq!(problems, Vec::<String>::new());
    let found = providers[0]
        .discover(&bench.forges, &unobserved)
        .await
        .expect("run");
    assert_eq!(
        urls(&found),
        [format!(
            "http://{host}/acme/shop/src/branch/main/catalog-info.yaml"
        )]
    );
    assert_eq!(
        reason(&found, "acme/none"),
        "it has no `catalog-info.yaml` on `main`"
    );
}
