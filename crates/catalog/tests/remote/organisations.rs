//! People and teams of an organisation.

use serde_json::{Value, json};

use crate::support::{Fault, On, Plan, Server, World, on_both_databases};

on_both_databases! {
    members_and_teams_of_a_github_organisation,
    a_team_that_cannot_be_read_keeps_its_members,
    groups_of_gitlab_and_teams_of_gitea,
}

fn page(key: &str, nodes: &Value) -> Value {
    json!({ "organization": { key: { "pageInfo": { "hasNextPage": false, "endCursor": null }, "totalCount": 2, "nodes": nodes } } })
}

fn team(slug: &str, parent: &Value, members: &[&str]) -> Value {
    let nodes: Vec<Value> = members
        .iter()
        .map(|login| json!({ "login": login }))
        .collect();
    json!({
        "databaseId": 1, "slug": slug, "name": slug, "description": "A team", "avatarUrl": null, "url": "x",
        "parentTeam": parent, "editTeamUrl": format!("https://github.com/orgs/acme/teams/{slug}/edit"),
        "members": { "pageInfo": { "hasNextPage": false, "endCursor": null }, "nodes": nodes },
    })
}

fn person(login: &str, name: &str) -> Value {
    json!({ "login": login, "name": name, "email": format!("{login}@acme.example"), "avatarUrl": null, "url": "x" })
}

async fn acme(on: On, server: &Server) -> World {
    server.graphql(
        "teams(first",
        page(
            "teams",
            &json!([
                team("platform", &Value::Null, &["minji"]),
                team("runtime", &json!({ "slug": "platform" }), &["octo"])
            ]),
        ),
    );
    server.graphql(
        "membersWithRole",
        page(
            "membersWithRole",
            &json!([person("minji", "김민지"), person("octo", "Octo")]),
        ),
    );
    let providers = json!({ "githubOrg": {
        "id": "production", "githubUrl": server.url(""), "orgs": ["acme"],
        "schedule": { "frequency": "PT1H", "timeout": "PT5M" },
    }});
    let world = Plan::new(on)
        .forge("github", server)
        .providers(providers)
        .run()
        .await;
    world.declare(&[]).await;
    world
}

async fn members_and_teams_of_a_github_organisation(on: On) {
    let server = Server::start().await;
    let world = acme(on, &server).await;
    assert_eq!(
        world.refs(),
        [
            "group:default/platform",
            "group:default/runtime",
            "user:default/minji",
            "user:default/octo"
        ],
        "{:?}",
        world.problems().await
    );
    let minji = world.entity("user:default/minji").expect("minji");
    assert_eq!(minji["spec"]["profile"]["displayName"], "김민지");
    let annotations = &minji["metadata"]["annotations"];
    assert_eq!(annotations["github.com/user-login"], "minji");
    assert_eq!(
        annotations["backstage.io/managed-by-location"],
        format!("url:{}", server.url("/minji"))
    );
    let relations = minji["relations"].as_array().expect("relations");
    assert!(
        relations.contains(&json!({ "type": "memberOf", "targetRef": "group:default/platform" })),
        "{relations:?}"
    );
    let runtime = world.entity("group:default/runtime").expect("runtime");
    let relations = runtime["relations"].as_array().expect("relations");
    assert!(
        relations.contains(&json!({ "type": "childOf", "targetRef": "group:default/platform" })),
        "{relations:?}"
    );
    assert_eq!(
        world.source_json().await["nextRefresh"]["at"],
        "2026-03-10T13:00:00Z"
    );

    // Somebody leaves; an error in between takes nobody away.
    server.graphql(
        "membersWithRole",
        page("membersWithRole", &json!([person("minji", "김민지")])),
    );
    server.fail("/api/graphql", 1, Fault::status(502));
    world.reread().await;
    assert_eq!(world.refs().len(), 4);
    world.reread().await;
    assert_eq!(world.refs().len(), 3);
    assert!(world.entity("user:default/octo").is_none());
}

async fn a_team_that_cannot_be_read_keeps_its_members(on: On) {
    let server = Server::start().await;
    let world = acme(on, &server).await;
    assert_eq!(world.problems().await, Vec::<String>::new());
    // The token may no longer see who is in `runtime`; `platform` gains somebody.
    let mut runtime = team("runtime", &json!({ "slug": "platform" }), &[]);
    runtime["members"] = Value::Null;
    server.graphql(
        "teams(first",
        page(
            "teams",
            &json!([team("platform", &Value::Null, &["minji", "octo"]), runtime]),
        ),
    );
    world.reread().await;
    let members = |world: &World, name: &str| {
        let group = world.entity(name).expect("the group is there");
        let relations = group["relations"].as_array().expect("relations");
        relations
            .iter()
            .filter(|relation| relation["type"] == "hasMember")
            .map(|relation| relation["targetRef"].as_str().expect("a ref").to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        members(&world, "group:default/platform"),
        ["user:default/minji", "user:default/octo"]
    );
    assert_eq!(
        members(&world, "group:default/runtime"),
        ["user:default/octo"]
    );
    let problems = world.problems().await;
    assert!(
        problems.len() == 1 && problems[0].contains("`runtime`"),
        "{problems:?}"
    );
    let error = world.source_json().await["lastError"].clone();
    assert!(
        error
            .as_str()
            .is_some_and(|text| text.contains("`runtime`")),
        "{error}"
    );

    // Once it can be read again, what was true all along counts.
    server.graphql(
        "teams(first",
        page(
            "teams",
            &json!([
                team("platform", &Value::Null, &["minji"]),
                team("runtime", &json!({ "slug": "platform" }), &["minji"])
            ]),
        ),
    );
    world.reread().await;
    assert_eq!(
        members(&world, "group:default/runtime"),
        ["user:default/minji"]
    );
    assert_eq!(world.problems().await, Vec::<String>::new());
    let counts = world
        .catalog
        .store()
        .problem_counts()
        .await
        .expect("counts");
    assert!(counts.is_empty(), "{counts:?}");
}

async fn groups_of_gitlab_and_teams_of_gitea(on: On) {
    let server = Server::start().await;
    let group = |id: u64, path: &str, parent: Value| json!({ "id": id, "name": path, "full_path": path, "parent_id": parent, "web_url": server.url(&format!("/groups/{path}")) });
    let user = |login: &str| json!({ "id": 7, "username": login, "name": login, "state": "active", "web_url": server.url(&format!("/{login}")) });
    server.file(
        "/api/v4/groups/acme",
        &group(1, "acme", Value::Null).to_string(),
    );
    server.list(
        "/api/v4/groups/acme/descendant_groups",
        vec![group(2, "acme/platform", json!(1))],
    );
    for path in [
        "/api/v4/groups/1/members",
        "/api/v4/groups/2/members",
        "/api/v4/groups/acme/members/all",
        "/api/v4/users",
        "/api/v4/groups/acme/projects",
    ] {
        server.list(
            path,
            if path.ends_with("projects") {
                Vec::new()
            } else {
                vec![user("minji")]
            },
        );
    }
    let providers = json!({ "gitlab": { "main": { "host": server.host, "group": "acme", "orgEnabled": true, "restrictUsersToGroup": true } } });
    let world = Plan::new(on)
        .forge("gitlab", &server)
        .providers(providers)
        .run()
        .await;
    world.declare(&[]).await;
    assert_eq!(
        world.refs(),
        ["group:default/platform", "user:default/minji"],
        "{:?}",
        world.problems().await
    );

    let server = Server::start().await;
    let user = json!({ "login": "minji", "full_name": "김민지", "email": "m@acme.example", "html_url": server.url("/minji") });
    server.list("/api/v1/orgs/acme/repos", Vec::new());
    server.list(
        "/api/v1/orgs/acme/teams",
        vec![json!({ "id": 3, "name": "Platform Team", "description": "" })],
    );
    server.list("/api/v1/orgs/acme/members", vec![user.clone()]);
    server.list("/api/v1/teams/3/members", vec![user]);
    let providers = json!({ "gitea": { "main": { "host": server.host, "organization": "acme", "orgEnabled": true } } });
    let world = Plan::new(on)
        .forge("gitea", &server)
        .providers(providers)
        .run()
        .await;
    world.declare(&[]).await;
    let refs = world.refs();
    assert!(
        refs.contains(&"user:default/minji".to_owned())
            && refs
                .iter()
                .any(|name| name.starts_with("group:default/platform")),
        "{refs:?}"
    );
    let minji = world.entity("user:default/minji").expect("minji");
    assert_eq!(minji["spec"]["memberOf"].as_array().map(Vec::len), Some(1));
}
