//! Deny by default, proved: every route, action and entry of the rail, as
//! every role and as nobody, compared with what the roles say.
//!
//! One server with roles switched on; its guest gets one role after the other.

use std::collections::BTreeMap;

use platform::capability::SurfaceSort;
use platform::http::{Access, RouteInfo, Surface};
use serde_json::{Value, json};

use crate::http::Answer;
use crate::program::folder;
use crate::server::{Server, surfaces, table};

const CONFIG: &str = "permission:\n  enabled: true\n  defaultRole: none\n";

struct World {
    server: Server,
    guest: String,
    token: String,
    _files: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let files = folder(&[("permission.yaml", CONFIG)]);
        let server = Server::start(files.path(), &["--demo", "--config", "permission.yaml"]);
        server.settled();
        // Guests are admitted under the server's own name only.
        let head = [("host", server.address.as_str())];
        let answer = server.ask_as("GET", "/api/auth/guest/refresh", &head, b"");
        assert_eq!(answer.status, 200, "{}", answer.text());
        let identity = answer.json()["backstageIdentity"].clone();
        Self {
            guest: identity["identity"]["userEntityRef"]
                .as_str()
                .unwrap()
                .to_owned(),
            token: identity["token"].as_str().unwrap().to_owned(),
            server,
            _files: files,
        }
    }

    /// Runs an action with the token that may do everything.
    fn run(&self, action: &str, input: &Value) -> Value {
        let path = format!("/api/v1/actions/{action}");
        let answer = self.server.ask("POST", &path, input.to_string().as_bytes());
        assert_eq!(answer.status, 200, "{action} {input}: {}", answer.text());
        answer.json()
    }

    /// Takes away whatever the guest holds.
    fn clear(&self) {
        for item in self.server.json("/api/v1/access/policy")["bindings"]
            .as_array()
            .unwrap()
        {
            if let Some(id) = item["id"].as_str() {
                self.run("access:remove", &json!({ "id": id }));
            }
        }
    }

    fn give(&self, role: &str, scope: &Value) {
        self.clear();
        let binding = json!({ "role": role, "subjects": [self.guest], "scope": scope });
        self.run("access:put", &json!({ "binding": binding }));
    }

    fn as_guest(&self, method: &str, path: &str, body: &[u8]) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        let head = [
            ("host", self.server.address.as_str()),
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
        ];
        self.server.ask_as(method, path, &head, body)
    }

    fn guest_json(&self, path: &str) -> Value {
        let answer = self.as_guest("GET", path, b"");
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }

    fn roles(&self) -> BTreeMap<String, Vec<String>> {
        let policy = self.server.json("/api/v1/access/policy");
        let roles = policy["roles"].as_array().unwrap().iter();
        roles
            .map(|role| {
                let permissions = role["permissions"].as_array().unwrap().iter();
                let permissions = permissions.map(|one| one.as_str().unwrap().to_owned());
                (
                    role["name"].as_str().unwrap().to_owned(),
                    permissions.collect(),
                )
            })
            .collect()
    }
}

/// A path that a request can be made for: whatever is variable is `x`.
fn concrete(route: &RouteInfo) -> String {
    let parts = route
        .path
        .split('/')
        .map(|part| if part.starts_with('{') { "x" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

fn needed(route: &RouteInfo) -> Option<&'static str> {
    match route.access {
        Access::Public(_) => None,
        Access::Needs(permission) => Some(permission.name),
    }
}

/// Whether the gate let it through; what the handler says to a senseless
/// request is of no account.
fn admitted(answer: &Answer, route: &RouteInfo) -> bool {
    match answer.status {
        401 => false,
        403 => false,
        303 if route.surface == Surface::Page => !answer
            .header("location")
            .unwrap_or_default()
            .starts_with("/sign-in"),
        _ => true,
    }
}

#[test]
fn every_permission_of_a_route_is_in_the_data_of_the_roles() {
    let routes = table().into_iter().map(|route| {
        let name = format!("{} {}", route.method, route.path);
        (name, route.access)
    });
    let others = surfaces()
        .into_iter()
        .map(|one| (format!("{:?} {}", one.sort, one.name), one.access));
    let data: Value =
        serde_json::from_str(include_str!("../../crates/access/data/roles.json")).unwrap();
    let known: Vec<(&str, &str)> = data["permissions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["name"].as_str().unwrap(), one["verb"].as_str().unwrap()))
        .collect();
    for (name, access) in routes.chain(others) {
        if let Access::Needs(permission) = access {
            let verb = format!("{:?}", permission.verb).to_lowercase();
            assert!(
                known.contains(&(permission.name, verb.as_str())),
                "{name} needs {} ({verb}), which crates/access/data/roles.json does not have; say there what it is and which roles have it",
                permission.name
            );
        }
    }
}

#[test]
fn each_role_may_do_exactly_what_its_data_says() {
    let world = World::new();
    let mut wrong = Vec::new();
    for (role, permissions) in world.roles() {
        world.give(&role, &json!({}));
        let has = |name: &str| permissions.iter().any(|one| one == name || one == "*");
        for route in table() {
            let Some(permission) = needed(&route) else {
                continue;
            };
            // It ends what the other requests need.
            let answer = world.as_guest(route.method.as_str(), &concrete(&route), b"{}");
            if admitted(&answer, &route) != has(permission) {
                wrong.push(format!(
                    "{role}: {} {} ({permission}) answers {}",
                    route.method, route.path, answer.status
                ));
            }
            // Git shows people plain text.
            let git = route.path.starts_with("/git/");
            if answer.status == 403 && route.surface == Surface::Api && !git {
                let body = answer.json();
                let decision = &body["error"]["decision"];
                assert_eq!(decision["permission"], permission, "{role}: {body}");
                assert_eq!(decision["effect"], "deny", "{body}");
                assert!(
                    !decision["because"].as_array().unwrap().is_empty(),
                    "{body}"
                );
                assert!(
                    body["error"]["fix"].as_str().unwrap().starts_with("ask "),
                    "{body}"
                );
            }
        }
        for action in world.server.items("/api/v1/actions") {
            let name = action["name"].as_str().unwrap();
            let permission = action["permission"].as_str().unwrap();
            let path = format!("/api/v1/actions/{name}/plan");
            let answer = world.as_guest("POST", &path, b"{}");
            if (answer.status != 403) != has(permission) {
                wrong.push(format!(
                    "{role}: {name} ({permission}) answers {}",
                    answer.status
                ));
            }
        }
        let listed = world.guest_json("/api/v1/actions");
        for action in listed["items"].as_array().unwrap() {
            let permission = action["permission"].as_str().unwrap();
            if !has(permission) {
                wrong.push(format!("{role}: is shown the action {}", action["name"]));
            }
        }
        if has("catalog.entity.read") {
            let page = world.as_guest("GET", "/", b"").text().to_owned();
            let shown = page.contains("href=\"/admin/permissions\"");
            assert_eq!(shown, has("access.policy.read"), "{role}: the rail");
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Whatever is no route and can be met all the same: entries of the rail,
/// actions, cards, tabs, topics, sorts of document, checks. None of them can be
/// made without saying what it needs; each goes when that goes, and nothing else.
#[test]
fn whatever_can_be_met_needs_a_permission_and_goes_with_it() {
    let all = surfaces();
    for sort in [
        SurfaceSort::Navigation,
        SurfaceSort::Action,
        SurfaceSort::Card,
        SurfaceSort::Tab,
        SurfaceSort::HomeCard,
        SurfaceSort::Topic,
        SurfaceSort::Collection,
        SurfaceSort::Check,
    ] {
        assert!(all.iter().any(|one| one.sort == sort), "no {sort:?}");
    }
    let needed: std::collections::BTreeSet<&str> = all
        .iter()
        .filter_map(|one| match one.access {
            Access::Needs(permission) => Some(permission.name),
            Access::Public(_) => None,
        })
        .collect();
    let world = World::new();
    let roles = world.roles();
    world.give("admin", &json!({}));
    let known = &roles["admin"];
    assert!(known.iter().any(|one| one == "*"), "{known:?}");
    let tabbed = world
        .server
        .items("/api/catalog/entities/by-query?filter=kind=component&limit=1")
        .remove(0);
    let tabbed = tabbed["metadata"]["name"].as_str().unwrap().to_owned();
    let mut wrong = Vec::new();
    for denied in needed {
        let rule = json!({
            "name": "without", "effect": "deny", "permissions": denied,
            "subjects": world.guest, "reason": "a test",
        });
        let made = world.run("access:put", &json!({ "rule": rule }));
        let rail = world.as_guest("GET", "/api-explorer", b"").text();
        let listed = world.guest_json("/api/v1/actions").to_string();
        for one in &all {
            let lost = matches!(one.access, Access::Needs(permission) if permission.name == denied);
            let name = one.name.as_str();
            let gone = match one.sort {
                SurfaceSort::Navigation => !rail.contains(&format!("href=\"{name}\"")),
                SurfaceSort::Action => !listed.contains(&format!("\"name\":\"{name}\"")),
                SurfaceSort::Tab => {
                    let path = format!("/catalog/default/component/{tabbed}/{name}");
                    world.as_guest("GET", &path, b"").status == 403
                }
                SurfaceSort::Check => world.as_guest("GET", "/api/v1/doctor", b"").status == 403,
                SurfaceSort::Collection => {
                    world.as_guest("GET", "/api/v1/search?q=a", b"").status == 403
                }
                // What is left of a page or a stream whose route is refused.
                SurfaceSort::Card | SurfaceSort::HomeCard | SurfaceSort::Topic => {
                    denied == "catalog.entity.read" && {
                        world.as_guest("GET", "/", b"").status == 403
                    } || lost && denied != "catalog.entity.read"
                }
            };
            let page_gone = denied == "catalog.entity.read"
                && matches!(
                    one.sort,
                    SurfaceSort::Tab
                        | SurfaceSort::Card
                        | SurfaceSort::HomeCard
                        | SurfaceSort::Topic
                );
            if gone != (lost || page_gone) {
                wrong.push(format!(
                    "without {denied}: {:?} {name} is gone: {gone}",
                    one.sort
                ));
            }
        }
        world.run("access:remove", &json!({ "id": made["id"] }));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn nobody_gets_nothing() {
    let files = folder(&[("permission.yaml", CONFIG)]);
    let server = Server::start(files.path(), &["--config", "permission.yaml"]);
    for route in table() {
        if needed(&route).is_none() {
            continue;
        }
        let answer = server.ask_as(route.method.as_str(), &concrete(&route), &[], b"");
        assert!(
            !admitted(&answer, &route),
            "{} {} answers {}",
            route.method,
            route.path,
            answer.status
        );
    }
}

#[test]
fn a_scope_holds_for_every_way_to_an_entity() {
    let world = World::new();
    let all = world.server.json("/api/catalog/entities/by-query?limit=1")["totalItems"].clone();
    world.give(
        "read-only",
        &json!({ "kind": ["Component"], "type": "service" }),
    );
    let inside = world
        .server
        .items("/api/catalog/entities/by-query?filter=kind=component,spec.type=service&limit=1000");
    let mine = world.guest_json("/api/catalog/entities/by-query?limit=1000");
    assert_eq!(mine["totalItems"], json!(inside.len()));
    assert_ne!(mine["totalItems"], all);
    assert!(
        mine["items"]
            .as_array()
            .unwrap()
            .iter()
            .all(|one| one["kind"] == "Component")
    );
    let facets = world.guest_json("/api/catalog/entity-facets?facet=kind");
    assert_eq!(
        facets["facets"]["kind"].as_array().unwrap().len(),
        1,
        "{facets}"
    );

    let outside = world
        .server
        .items("/api/catalog/entities/by-query?filter=kind=api&limit=1");
    let name = outside[0]["metadata"]["name"].as_str().unwrap();
    for path in [
        format!("/api/catalog/entities/by-name/api/default/{name}"),
        format!("/api/catalog/entities/by-name/api/default/{name}/ancestry"),
        format!("/api/v1/catalog/entities/api/default/{name}/history"),
        format!("/api/v1/catalog/entities/api/default/{name}/history/diff"),
        format!("/api/v1/catalog/impact?ref=api:default/{name}"),
        format!("/api/v1/catalog/owner?ref=api:default/{name}"),
        format!("/catalog/default/api/{name}"),
        format!("/catalog/default/api/{name}/history"),
        format!("/catalog/default/api/{name}/relations"),
    ] {
        let answer = world.as_guest("GET", &path, b"");
        assert_eq!(answer.status, 404, "{path}: {}", answer.text());
    }
    let body = json!({ "entityRefs": [format!("api:default/{name}")] }).to_string();
    let found = world.as_guest("POST", "/api/catalog/entities/by-refs", body.as_bytes());
    assert_eq!(found.json()["items"], json!([null]));

    let allowed: Vec<String> = inside
        .iter()
        .map(|one| {
            format!(
                "component:{}/{}",
                one["metadata"]["namespace"].as_str().unwrap(),
                one["metadata"]["name"].as_str().unwrap()
            )
        })
        .collect();
    let events = world.guest_json("/api/v1/events?type=entity&limit=1000");
    for event in events["items"].as_array().unwrap() {
        let subject = event["subject"].as_str().unwrap().to_owned();
        assert!(allowed.contains(&subject), "{subject} is in the stream");
    }
    for hit in world.guest_json("/api/v1/search?limit=100")["items"]
        .as_array()
        .unwrap()
    {
        if let Some(found) = hit["ref"].as_str() {
            assert!(allowed.contains(&found.to_owned()), "{found} is found");
        }
    }
    let root = allowed.iter().find(|one| {
        let walked = world.server.json(&format!(
            "/api/v1/catalog/impact?direction=dependencies&ref={one}"
        ));
        !walked["items"].as_array().unwrap().is_empty()
    });
    let walked = world.guest_json(&format!(
        "/api/v1/catalog/impact?direction=dependencies&ref={}",
        root.unwrap()
    ));
    for step in walked["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|step| step["exists"] == json!(true))
    {
        let reached = step["ref"].as_str().unwrap().to_owned();
        assert!(allowed.contains(&reached), "{reached} is walked to");
    }
    let csv = world.as_guest("GET", "/catalog.csv", b"");
    assert_eq!(csv.status, 200);
    assert!(
        !csv.text().contains(&format!("{name},")),
        "{name} is exported"
    );
}

/// What somebody may not see is not told by what refers to it, either.
#[test]
fn what_is_hidden_lends_no_titles() {
    let world = World::new();
    world.give("read-only", &json!({ "kind": ["Component"] }));
    let owned = world
        .server
        .items("/api/catalog/entities/by-query?filter=kind=component,relations.ownedBy&limit=50");
    let secret = |name: &str| -> Option<(String, String)> {
        let (kind, rest) = name.split_once(':')?;
        let group = world
            .server
            .json(&format!("/api/catalog/entities/by-name/{kind}/{rest}"));
        let title = group["spec"]["profile"]["displayName"].as_str();
        Some((
            name.to_owned(),
            title.or(group["metadata"]["title"].as_str())?.to_owned(),
        ))
    };
    let (component, (owner, title)) = owned
        .iter()
        .find_map(|one| {
            let relations = one["relations"].as_array()?;
            let owner = relations.iter().find(|one| one["type"] == "ownedBy")?;
            let name = one["metadata"]["name"].as_str()?.to_owned();
            Some((name, secret(owner["targetRef"].as_str()?)?))
        })
        .expect("an owner with a title");
    let plain = owner.rsplit('/').next().unwrap();
    assert_ne!(title, plain);

    let told = world.guest_json(&format!(
        "/api/v1/catalog/owner?ref=component:default/{component}"
    ));
    assert_eq!(
        told["owner"],
        json!(owner),
        "a reference is told as it is written"
    );
    assert_eq!(told["exists"], json!(false));
    assert_eq!(told["profile"]["title"], json!(null));
    assert_eq!(told["profile"]["email"], json!(null));
    assert_eq!((&told["chain"], &told["members"]), (&json!([]), &json!([])));
    for path in [
        format!("/catalog/default/component/{component}"),
        format!("/catalog/default/component/{component}/relations"),
        "/catalog?kind=component".to_owned(),
    ] {
        let page = world.as_guest("GET", &path, b"");
        assert_eq!(page.status, 200, "{path}");
        assert!(!page.text().contains(&title), "{path} tells {title}");
    }
    // Nor by what is counted: SBOMs of others do not cover anything.
    let all = world.server.json("/api/v1/packages?name=log4j")["coverage"].clone();
    world.give("read-only", &json!({ "kind": ["Group"] }));
    let mine = world.guest_json("/api/v1/packages?name=log4j")["coverage"].clone();
    assert_ne!(all["components"], json!(0));
    assert_eq!(
        (&mine["components"], &mine["entities"], &mine["packages"]),
        (&json!(0), &json!(0), &json!(0))
    );
}

#[test]
fn refusals_on_an_entity_name_rule_and_owner_and_the_question_says_the_same() {
    let world = World::new();
    world.give("lead", &json!({}));
    let rule = json!({
        "name": "services stay", "effect": "deny", "permissions": "catalog.entity.delete",
        "scope": { "kind": "Component" }, "reason": "Components are removed in Git",
    });
    world.run("access:put", &json!({ "rule": rule }));
    let found = world
        .server
        .items("/api/catalog/entities/by-query?filter=kind=component,relations.ownedBy&limit=1")
        .remove(0);
    let uid = found["metadata"]["uid"].as_str().unwrap();
    let name = format!(
        "component:default/{}",
        found["metadata"]["name"].as_str().unwrap()
    );
    let refused = world.as_guest(
        "DELETE",
        &format!("/api/catalog/entities/by-uid/{uid}"),
        b"",
    );
    assert_eq!(refused.status, 403, "{}", refused.text());
    let error = refused.json()["error"].clone();
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("Components are removed in Git"),
        "{error}"
    );
    assert_eq!(error["decision"]["entity"], json!(name));
    let owner = found["relations"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["type"] == "ownedBy")
        .unwrap();
    assert_eq!(error["decision"]["ask"][0], owner["targetRef"]);

    let asked = world.guest_json(&format!(
        "/api/v1/access/decisions?permission=delete&entity={name}"
    ));
    assert_eq!(asked["allowed"], false);
    assert_eq!(asked["because"][0]["name"], "services stay");
    // About others one has to be allowed to ask.
    let other = world.as_guest(
        "GET",
        "/api/v1/access/decisions?permission=read&user=user:default/x",
        b"",
    );
    assert_eq!(other.status, 403);
    let admin = world.server.json(&format!(
        "/api/v1/access/decisions?permission=delete&entity={name}&user={}",
        world.guest
    ));
    assert_eq!(admin["because"], asked["because"]);

    // Backstage's clients get the same answers.
    let item = |with: Value| {
        let mut item = json!({ "id": "1", "permission": { "type": "resource", "name": "catalog.entity.delete", "attributes": { "action": "delete" }, "resourceType": "catalog-entity" } });
        item["resourceRef"] = with;
        json!({ "items": [item] }).to_string()
    };
    let body = item(json!([name, "api:default/none"]));
    let answer = world
        .as_guest("POST", "/api/permission/authorize", body.as_bytes())
        .json();
    assert_eq!(answer["items"][0]["result"], json!(["DENY", "DENY"]));
}

#[test]
fn a_token_does_no_more_than_its_maker_does_now() {
    let world = World::new();
    world.give("developer", &json!({}));
    let made = world.as_guest(
        "POST",
        "/api/v1/actions/token:create",
        br#"{"name":"ci","scope":["catalog.entity.read","catalog.location.create"]}"#,
    );
    assert_eq!(made.status, 200, "{}", made.text());
    let secret = made.json()["secret"].as_str().unwrap().to_owned();
    let with_token = |method: &str, path: &str, body: &[u8]| {
        let bearer = format!("Bearer {secret}");
        let head = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
        ];
        world.server.ask_as(method, path, &head, body)
    };
    assert_eq!(
        with_token("GET", "/api/catalog/entities?limit=1", b"").status,
        200
    );
    assert_ne!(
        with_token("POST", "/api/catalog/locations?dryRun=true", b"{}").status,
        403
    );
    assert_eq!(with_token("GET", "/api/v1/runs", b"").status, 403);
    let all = world.as_guest(
        "POST",
        "/api/v1/actions/token:create",
        br#"{"name":"all","scope":"all"}"#,
    );
    assert_eq!(all.status, 403, "{}", all.text());
    // The maker's role shrinks, and so does the token.
    world.give("read-only", &json!({}));
    assert_eq!(
        with_token("GET", "/api/catalog/entities?limit=1", b"").status,
        200
    );
    let refused = with_token("POST", "/api/catalog/locations?dryRun=true", b"{}");
    assert_eq!(refused.status, 403, "{}", refused.text());
    world.clear();
    assert_eq!(
        with_token("GET", "/api/catalog/entities?limit=1", b"").status,
        403
    );
}

/// Whoever sends an agent is named with it, and it may do no more than both.
#[test]
fn an_agent_acts_for_a_person_and_within_both() {
    let world = World::new();
    world.give("developer", &json!({}));
    let input = |name: &str| {
        json!({
            "name": name, "agent": "release-helper", "onBehalfOf": "self",
            "scope": ["catalog.entity.read", "catalog.location.create", "identity.token.create"],
        })
        .to_string()
    };
    let create = "/api/v1/actions/token:create";
    // The local command line is nobody in whose name it could act.
    let nobody = world.server.ask("POST", create, input("a").as_bytes());
    assert_eq!(nobody.status, 403, "{}", nobody.text());
    let alone = world.as_guest("POST", create, br#"{"name": "b", "agent": "x"}"#);
    assert_eq!(alone.status, 400, "{}", alone.text());
    let odd = br#"{"name": "c", "agent": "a b", "onBehalfOf": "self"}"#;
    assert_eq!(world.as_guest("POST", create, odd).status, 400);
    let made = world.as_guest("POST", create, input("helper").as_bytes());
    assert_eq!(made.status, 200, "{}", made.text());
    let made = made.json();
    assert_eq!(made["token"]["agent"], "release-helper");
    assert_eq!(made["token"]["onBehalfOf"], json!(world.guest));
    let bearer = format!("Bearer {}", made["secret"].as_str().unwrap());
    let as_agent = |method: &str, path: &str, body: &[u8]| {
        let head = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
        ];
        world.server.ask_as(method, path, &head, body)
    };
    let entities = "/api/catalog/entities?limit=1";
    let locations = "/api/catalog/locations?dryRun=true";
    assert_eq!(as_agent("GET", entities, b"").status, 200);
    assert_ne!(as_agent("POST", locations, b"{}").status, 403);
    // Its person may, its scope does not say so.
    assert_eq!(as_agent("POST", "/api/catalog/refresh", b"{}").status, 403);
    // It sends no others, whatever its scope.
    let another = as_agent("POST", create, br#"{"name": "d", "scope": "read"}"#);
    assert_eq!(another.status, 403, "{}", another.text());
    // The person may less, and so may the agent.
    world.give("read-only", &json!({}));
    assert_eq!(as_agent("GET", entities, b"").status, 200);
    assert_eq!(as_agent("POST", locations, b"{}").status, 403);
    let events = world
        .server
        .items("/api/v1/audit/events?actor=agent:release-helper&limit=100");
    assert!(!events.is_empty());
    for event in &events {
        assert_eq!(event["actor"]["kind"], "agent", "{event}");
        assert_eq!(event["actor"]["onBehalfOf"], json!(world.guest), "{event}");
    }
}
