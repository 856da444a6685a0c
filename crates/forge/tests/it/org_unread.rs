//! Organisations of which a part cannot be read: what is not known must not
//! look as if it were gone.

use forge::client::unobserved;
use forge::discovery::{GitLabProvider, GiteaProvider};
use forge::org::{GitHubOrgProvider, OrgEntities, import_gitea, import_gitlab};
use serde_json::{Value, json};

use crate::support::Bench;
use crate::support::forge_server::Fault;

fn names(found: &OrgEntities) -> Vec<&str> {
    found
        .entities
        .iter()
        .filter_map(|entity| entity["metadata"]["name"].as_str())
        .collect()
}

fn connection(key: &str, nodes: Value, info: Value) -> Value {
    json!({ "organization": { key: { "pageInfo": info, "totalCount": 3, "nodes": nodes } } })
}

fn team(slug: &str, parent: Value, members: Value) -> Value {
    json!({ "databaseId": 1, "slug": slug, "name": slug, "url": "x", "parentTeam": parent, "members": members })
}

fn members(logins: &[Option<&str>], info: Value) -> Value {
    let node = |login: &Option<&str>| login.map_or(Value::Null, |login| json!({ "login": login }));
    json!({ "pageInfo": info, "nodes": logins.iter().map(node).collect::<Vec<_>>() })
}

fn end() -> Value {
    json!({ "hasNextPage": false, "endCursor": null })
}

fn people(bench: &Bench, nodes: Value) {
    let page = connection("membersWithRole", nodes, end());
    bench.server.graphql("membersWithRole", vec![page]);
}

async fn github(bench: &Bench) -> Result<OrgEntities, forge::client::ForgeError> {
    let config = json!({ "id": "p", "githubUrl": bench.server.url(""), "orgs": ["acme"] });
    let (providers, problems) = GitHubOrgProvider::from_config(&config);
    assert_eq!(problems, Vec::<String>::new());
    providers[0].import(&bench.forges, &unobserved).await
}

#[tokio::test]
async fn a_github_team_without_its_members_is_not_built_and_its_children_keep_it() {
    let bench = Bench::start("github").await;
    let teams = json!([
        team("platform", Value::Null, Value::Null),
        team(
            "runtime",
            json!({ "slug": "platform" }),
            members(&[Some("minji")], end())
        ),
        team(
            "hidden",
            Value::Null,
            members(&[Some("minji"), None], end())
        ),
        null,
    ]);
    bench
        .server
        .graphql("teams(first", vec![connection("teams", teams, end())]);
    people(&bench, json!([{ "login": "minji" }]));
    let found = github(&bench).await.expect("the rest is read");
    assert_eq!(names(&found), ["runtime", "minji"]);
    assert_eq!(found.entities[0]["spec"]["parent"], "platform");
    assert_eq!(found.notes, Vec::<String>::new());
    assert_eq!(
        found.unread,
        [
            "not all members of the team `platform` could be read, so the ones last seen stay: a page of the list has no `nodes`",
            "not all members of the team `hidden` could be read, so the ones last seen stay: a member is left out: it has no `login`",
            "a team of `acme` is left out: it has no `slug`",
        ]
    );
}

#[tokio::test]
async fn a_forbidden_page_of_members_is_about_that_team_only() {
    let bench = Bench::start("github").await;
    let more = json!({ "hasNextPage": true, "endCursor": "1" });
    let teams = json!([
        team("large", Value::Null, members(&[Some("minji")], more)),
        team("small", Value::Null, members(&[Some("minji")], end())),
    ]);
    bench
        .server
        .graphql("teams(first", vec![connection("teams", teams, end())]);
    let forbidden = json!({ "errors": [{ "type": "FORBIDDEN", "message": "not for you" }] });
    bench
        .server
        .graphql("team(slug", vec![Value::Null, forbidden]);
    people(&bench, json!([{ "login": "minji" }]));
    let found = github(&bench).await.expect("the rest is read");
    assert_eq!(names(&found), ["small", "minji"]);
    assert_eq!(found.unread.len(), 1, "{:?}", found.unread);
    assert!(
        found.unread[0].contains("`large`") && found.unread[0].contains("not for you"),
        "{:?}",
        found.unread
    );
}

#[tokio::test]
async fn users_that_cannot_be_read_do_not_leave_their_teams() {
    let bench = Bench::start("github").await;
    let teams = json!([
        team(
            "a",
            Value::Null,
            members(&[Some("minji"), Some("octo")], end())
        ),
        team("b", Value::Null, members(&[Some("minji")], end())),
    ]);
    bench
        .server
        .graphql("teams(first", vec![connection("teams", teams, end())]);
    people(&bench, json!([{ "login": "minji" }, null]));
    let found = github(&bench).await.expect("the rest is read");
    assert_eq!(names(&found), ["b", "minji"]);
    assert_eq!(found.unread.len(), 2, "{:?}", found.unread);
}

#[tokio::test]
async fn a_listing_that_does_not_say_how_to_go_on_is_no_listing() {
    for info in [
        json!({ "hasNextPage": true, "endCursor": null }),
        json!({ "hasNextPage": true }),
        Value::Null,
    ] {
        let bench = Bench::start("github").await;
        let page = connection("teams", json!([]), info.clone());
        bench.server.graphql("teams(first", vec![page]);
        people(&bench, json!([{ "login": "minji" }]));
        let error = github(&bench).await.expect_err("half of a listing");
        assert!(error.is_transient(), "{info}: {error}");
    }
}

#[tokio::test]
async fn a_gitlab_group_that_hides_its_members_costs_no_other_group() {
    let bench = Bench::start("gitlab").await;
    let host = bench.server.host.clone();
    let group = |id: u64, path: &str, parent: Value| json!({ "id": id, "full_path": path, "name": path, "parent_id": parent });
    let user = |name: &str| json!({ "id": 1, "username": name, "name": name, "state": "active" });
    bench
        .server
        .document("/api/v4/groups/acme", group(1, "acme", Value::Null));
    bench.server.list(
        "/api/v4/groups/acme/descendant_groups",
        vec![
            group(2, "acme/open", json!(1)),
            group(3, "acme/open/hidden", json!(2)),
            group(4, "acme/other", json!(1)),
        ],
    );
    bench.server.list("/api/v4/groups/1/members", Vec::new());
    bench
        .server
        .list("/api/v4/groups/2/members", vec![user("minji")]);
    bench
        .server
        .fail("/api/v4/groups/3/members", [Fault::status(403)]);
    bench
        .server
        .list("/api/v4/groups/4/members", vec![user("octo")]);
    let import = async |relations: Value| {
        let config = json!({ "main": { "host": host, "group": "acme", "orgEnabled": true,
            "restrictUsersToGroup": true, "relations": relations } });
        let (providers, _) = GitLabProvider::from_config(&config);
        import_gitlab(&providers[0], &bench.forges, &unobserved).await
    };
    let found = import(json!([])).await.expect("the rest is read");
    assert_eq!(names(&found), ["open", "other", "minji", "octo"]);
    assert_eq!(found.unread.len(), 1, "{:?}", found.unread);
    assert!(
        found.unread[0].contains("`acme/open/hidden`"),
        "{:?}",
        found.unread
    );

    // With the members of groups below, the group above is not known either.
    bench
        .server
        .fail("/api/v4/groups/3/members", [Fault::status(403)]);
    let found = import(json!(["DESCENDANTS"]))
        .await
        .expect("the rest is read");
    assert_eq!(names(&found), ["other", "minji", "octo"]);

    // A server that is down is about all of them.
    bench.server.fail(
        "/api/v4/groups/3/members",
        (0..9).map(|_| Fault::status(502)),
    );
    import(json!([])).await.expect_err("the run ends");
}

#[tokio::test]
async fn a_gitea_team_that_hides_its_members_costs_no_other_team() {
    let bench = Bench::start("gitea").await;
    let host = bench.server.host.clone();
    let user =
        |login: &str| json!({ "login": login, "html_url": format!("http://{host}/{login}") });
    bench.server.list(
        "/api/v1/orgs/acme/teams",
        vec![
            json!({ "id": 7, "name": "open" }),
            json!({ "id": 8, "name": "hidden" }),
            json!({ "id": 9, "name": "odd" }),
        ],
    );
    bench
        .server
        .list("/api/v1/orgs/acme/members", vec![user("minji")]);
    bench
        .server
        .list("/api/v1/teams/7/members", vec![user("minji")]);
    bench
        .server
        .fail("/api/v1/teams/8/members", [Fault::status(403)]);
    bench
        .server
        .list("/api/v1/teams/9/members", vec![user("minji"), json!({})]);
    let config = json!({ "main": { "host": host, "organization": "acme", "orgEnabled": true } });
    let (providers, _) = GiteaProvider::from_config(&config);
    let found = import_gitea(&providers[0], &bench.forges, &unobserved)
        .await
        .expect("the rest is read");
    assert_eq!(names(&found), ["open", "minji"]);
    assert_eq!(found.unread.len(), 2, "{:?}", found.unread);
}
