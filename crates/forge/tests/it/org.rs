//! Users and groups as entities.

use forge::client::unobserved;
use forge::discovery::{GitLabProvider, GiteaProvider};
use forge::org::{GitHubOrgProvider, OrgEntities, import_gitea, import_gitlab};
use serde_json::{Value, json};

use crate::support::Bench;

fn entity<'a>(found: &'a OrgEntities, kind: &str, name: &str) -> &'a Value {
    found
        .entities
        .iter()
        .find(|entity| entity["kind"] == kind && entity["metadata"]["name"] == name)
        .unwrap_or_else(|| panic!("no {kind} {name} in {:#?}", found.entities))
}

fn page(key: &str, nodes: Value, next: Option<&str>) -> Value {
    json!({ "organization": { key: {
        "pageInfo": { "hasNextPage": next.is_some(), "endCursor": next },
        "totalCount": 3,
        "nodes": nodes,
    }}})
}

fn members(logins: &[&str], next: Option<&str>) -> Value {
    let nodes: Vec<Value> = logins
        .iter()
        .map(|login| json!({ "login": login }))
        .collect();
    json!({ "pageInfo": { "hasNextPage": next.is_some(), "endCursor": next }, "nodes": nodes })
}

fn github_org(bench: &Bench) {
    let team = |slug: &str, parent: Value, members: Value| {
        json!({
            "databaseId": 1, "slug": slug, "name": slug.to_uppercase(), "description": format!("The {slug} team"),
            "avatarUrl": null, "url": "x", "parentTeam": parent, "members": members,
            "editTeamUrl": format!("https://github.com/orgs/Acme/teams/{slug}/edit"),
        })
    };
    bench.server.graphql(
        "teams(first",
        vec![
            page(
                "teams",
                json!([team("platform", Value::Null, members(&["minji"], None))]),
                Some("1"),
            ),
            page(
                "teams",
                json!([team(
                    "runtime",
                    json!({ "slug": "platform" }),
                    members(&["minji"], Some("1"))
                )]),
                None,
            ),
        ],
    );
    bench.server.graphql(
        "team(slug",
        vec![
            Value::Null,
            json!({ "organization": { "team": { "members": members(&["Octo"], Some("2")) } } }),
            json!({ "organization": { "team": { "members": members(&["outsider"], None) } } }),
        ],
    );
    bench.server.graphql("membersWithRole", vec![
        page("membersWithRole", json!([
            { "login": "minji", "name": "김민지", "bio": "SRE", "email": "m@home.example",
              "organizationVerifiedDomainEmails": ["minji@acme.example"],
              "avatarUrl": "https://avatars.example/1", "url": "https://github.com/minji" },
        ]), Some("1")),
        page("membersWithRole", json!([
            { "login": "Octo", "name": null, "email": "", "avatarUrl": null, "url": "https://github.com/Octo",
              "suspendedAt": null },
            { "login": "left", "suspendedAt": "2026-01-01T00:00:00Z" },
        ]), None),
    ]);
}

fn provider(bench: &Bench, orgs: Value) -> GitHubOrgProvider {
    let (mut all, problems) = GitHubOrgProvider::from_config(&json!({
        "id": "production", "githubUrl": bench.server.url(""), "orgs": orgs,
        "excludeSuspendedUsers": true,
        "defaultUserTransformer": { "useVerifiedEmails": true },
        "schedule": { "frequency": "PT1H", "timeout": "PT5M" },
    }));
    assert_eq!(problems, Vec::<String>::new());
    all.remove(0)
}

#[tokio::test]
async fn a_github_organisation_becomes_users_and_groups() {
    let bench = Bench::start("github").await;
    github_org(&bench);
    let base = bench.server.url("");
    let found = provider(&bench, json!(["Acme"]))
        .import(&bench.forges, &unobserved)
        .await
        .expect("import");
    assert_eq!(found.entities.len(), 4);
    assert_eq!(
        *entity(&found, "Group", "runtime"),
        json!({
            "apiVersion": "backstage.io/v1alpha1",
            "kind": "Group",
            "metadata": {
                "name": "runtime",
                "description": "The runtime team",
                "annotations": {
                    "backstage.io/managed-by-location": format!("url:{base}/orgs/Acme/teams/runtime"),
                    "backstage.io/managed-by-origin-location": format!("url:{base}/orgs/Acme/teams/runtime"),
                    "github.com/team-slug": "Acme/runtime",
                    "backstage.io/edit-url": "https://github.com/orgs/Acme/teams/runtime/edit",
                },
            },
            "spec": {
                "type": "team",
                "profile": { "displayName": "RUNTIME" },
                "parent": "platform",
                "children": [],
                "members": ["Octo", "minji"],
            },
        })
    );
    assert_eq!(
        entity(&found, "Group", "platform")["spec"]["children"],
        json!(["runtime"])
    );
    assert_eq!(
        *entity(&found, "User", "minji"),
        json!({
            "apiVersion": "backstage.io/v1alpha1",
            "kind": "User",
            "metadata": {
                "name": "minji",
                "description": "SRE",
                "annotations": {
                    "backstage.io/managed-by-location": format!("url:{base}/minji"),
                    "backstage.io/managed-by-origin-location": format!("url:{base}/minji"),
                    "github.com/user-login": "minji",
                },
            },
            "spec": {
                "profile": { "displayName": "김민지", "email": "minji@acme.example", "picture": "https://avatars.example/1" },
                "memberOf": ["platform", "runtime"],
            },
        })
    );
    assert_eq!(
        entity(&found, "User", "Octo")["spec"],
        json!({ "profile": {}, "memberOf": ["runtime"] })
    );
    assert_eq!((found.notes, found.unread), (Vec::new(), Vec::new()));
    // One call per page, none per user.
    assert_eq!(bench.server.seen("/api/graphql").len(), 6);
}

#[tokio::test]
async fn several_organisations_have_a_namespace_each() {
    let bench = Bench::start("github").await;
    github_org(&bench);
    let found = provider(&bench, json!(["Acme", "Other"]))
        .import(&bench.forges, &unobserved)
        .await
        .expect("import");
    let groups: Vec<(&str, &str)> = found
        .entities
        .iter()
        .filter(|entity| entity["kind"] == "Group")
        .map(|entity| {
            let metadata = &entity["metadata"];
            (
                metadata["namespace"].as_str().expect("namespace"),
                metadata["name"].as_str().expect("name"),
            )
        })
        .collect();
    assert_eq!(
        groups,
        [
            ("acme", "platform"),
            ("acme", "runtime"),
            ("other", "platform"),
            ("other", "runtime")
        ]
    );
    let runtime = entity(&found, "Group", "runtime");
    assert_eq!(
        runtime["spec"]["members"],
        json!(["default/Octo", "default/minji"])
    );
    let minji = entity(&found, "User", "minji");
    assert_eq!(minji["metadata"].get("namespace"), None);
    assert_eq!(
        minji["spec"]["memberOf"],
        json!([
            "acme/platform",
            "acme/runtime",
            "other/platform",
            "other/runtime"
        ])
    );
}

#[tokio::test]
async fn an_organisation_that_cannot_be_read_ends_the_run() {
    let bench = Bench::start("github").await;
    let error = provider(&bench, json!(["Acme"]))
        .import(&bench.forges, &unobserved)
        .await
        .expect_err("unknown");
    assert!(error.is_absence(), "{error}");
    let forbidden = json!({ "errors": [{ "type": "INSUFFICIENT_SCOPES", "message": "Your token has not been granted the required scopes" }] });
    bench.server.graphql("teams(first", vec![forbidden]);
    let error = provider(&bench, json!(["Acme"]))
        .import(&bench.forges, &unobserved)
        .await
        .expect_err("scopes");
    assert!(
        error
            .to_string()
            .contains("Give the token the scope `read:org`"),
        "{error}"
    );
    let (all, problems) = GitHubOrgProvider::from_config(
        &json!([{ "id": "a", "githubUrl": "github" }, { "id": "b" }]),
    );
    assert_eq!(
        (all.len(), all[0].id.as_str(), all[0].org_namespaces),
        (1, "b", true)
    );
    assert_eq!(
        problems,
        [
            "catalog.providers.githubOrg[0].githubUrl: `github` is not a URL such as `https://github.com`"
        ]
    );
}

#[tokio::test]
async fn gitlab_groups_keep_their_paths() {
    let bench = Bench::start("gitlab").await;
    let host = bench.server.host.clone();
    let group = |id: u64, path: &str, parent: Value| {
        json!({ "id": id, "full_path": path, "name": path.rsplit('/').next(), "parent_id": parent,
                "web_url": format!("http://{host}/groups/{path}"), "description": "" })
    };
    let user = |name: &str| {
        json!({ "id": 1, "username": name, "name": name.to_uppercase(), "state": "active",
                "avatar_url": null, "web_url": format!("http://{host}/{name}"), "public_email": "" })
    };
    bench
        .server
        .document("/api/v4/groups/acme", group(1, "acme", Value::Null));
    bench.server.list(
        "/api/v4/groups/acme/descendant_groups",
        vec![
            group(2, "acme/platform", json!(1)),
            group(3, "acme/platform/runtime", json!(2)),
            group(4, "acme/secret", json!(1)),
        ],
    );
    bench
        .server
        .list("/api/v4/groups/1/members", vec![user("boss")]);
    bench.server.list(
        "/api/v4/groups/2/members",
        vec![user("minji"), user("group_2_bot_abc")],
    );
    let mut blocked = user("blocked");
    blocked["state"] = json!("blocked");
    bench
        .server
        .list("/api/v4/groups/3/members", vec![user("octo"), blocked]);
    bench.server.list("/api/v4/groups/4/members", vec![]);
    let mut known = user("everybody");
    known["email"] = json!("e@acme.example");
    bench
        .server
        .list("/api/v4/users", vec![known, user("minji")]);
    let import = async |more: Value| {
        let mut config = json!({ "host": host, "group": "acme", "orgEnabled": true, "groupPattern": ["platform"] });
        config
            .as_object_mut()
            .expect("object")
            .extend(more.as_object().expect("object").clone());
        let (providers, problems) = GitLabProvider::from_config(&json!({ "main": config }));
        assert_eq!(problems, Vec::<String>::new());
        import_gitlab(&providers[0], &bench.forges, &unobserved)
            .await
            .expect("import")
    };
    let found = import(json!({})).await;
    let runtime = entity(&found, "Group", "platform-runtime");
    assert_eq!(
        runtime["metadata"]["annotations"][format!("{host}/team-path")],
        "acme/platform/runtime"
    );
    assert_eq!(
        runtime["spec"],
        json!({ "type": "team", "profile": { "displayName": "runtime" }, "parent": "platform", "children": [], "members": ["octo"] })
    );
    assert_eq!(
        entity(&found, "Group", "platform")["spec"]["members"],
        json!(["minji"])
    );
    assert_eq!(
        entity(&found, "User", "everybody")["spec"]["profile"]["email"],
        "e@acme.example"
    );
    let names: Vec<&str> = found
        .entities
        .iter()
        .filter_map(|entity| entity["metadata"]["name"].as_str())
        .collect();
    assert_eq!(
        names,
        [
            "platform",
            "platform-runtime",
            "boss",
            "everybody",
            "minji",
            "octo"
        ]
    );

    let found = import(json!({ "restrictUsersToGroup": true, "relations": ["DESCENDANTS"], "userPattern": "^(minji|octo)$" })).await;
    let names: Vec<&str> = found
        .entities
        .iter()
        .filter_map(|entity| entity["metadata"]["name"].as_str())
        .collect();
    assert_eq!(names, ["platform", "platform-runtime", "minji", "octo"]);
    assert_eq!(
        entity(&found, "Group", "platform")["spec"]["members"],
        json!(["minji", "octo"])
    );
}

#[tokio::test]
async fn gitea_teams_become_groups() {
    let bench = Bench::start("gitea").await;
    let host = bench.server.host.clone();
    let user = |login: &str, name: &str| json!({ "login": login, "full_name": name, "email": format!("{login}@noreply.{host}"), "html_url": format!("http://{host}/{login}") });
    bench.server.list(
        "/api/v1/orgs/acme/teams",
        vec![json!({ "id": 7, "name": "Platform Team", "description": "Runs things" })],
    );
    bench
        .server
        .list("/api/v1/orgs/acme/members", vec![user("minji", "김민지")]);
    bench.server.list(
        "/api/v1/teams/7/members",
        vec![user("minji", "김민지"), user("octo", "")],
    );
    let (providers, _) = GiteaProvider::from_config(
        &json!({ "main": { "host": host, "organization": "acme", "orgEnabled": true } }),
    );
    let found = import_gitea(&providers[0], &bench.forges, &unobserved)
        .await
        .expect("import");
    let team = entity(&found, "Group", "platform-team");
    assert_eq!(team["spec"]["members"], json!(["minji", "octo"]));
    assert_eq!(team["spec"]["profile"]["displayName"], "Platform Team");
    let minji = entity(&found, "User", "minji");
    assert_eq!(
        minji["spec"],
        json!({ "profile": { "displayName": "김민지" }, "memberOf": ["platform-team"] })
    );
}
