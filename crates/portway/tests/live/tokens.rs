//! Tokens: what they open, and what they do not.

use super::running::{Portway, Ran};

/// Makes a token and answers its secret.
fn create(portway: &Portway, arguments: &[&str]) -> String {
    let all: Vec<&str> = ["token", "create"]
        .into_iter()
        .chain(arguments.iter().copied())
        .collect();
    let made = portway.ok(&all);
    let secret = made.out.trim().to_owned();
    assert!(secret.starts_with("pw_"), "{made:?}");
    assert!(made.err.contains("only time"), "{made:?}");
    secret
}

/// As somebody elsewhere would: a URL and a token, no data folder.
fn from_elsewhere(portway: &Portway, token: &str, arguments: &[&str]) -> Ran {
    let mut command = portway.command(arguments);
    command
        .env("PORTWAY_SERVER", &portway.url)
        .env("PORTWAY_TOKEN", token)
        .env("PORTWAY_DATA", portway.path().join("elsewhere"));
    Ran::from(command.output().unwrap())
}

#[test]
fn a_token_is_made_used_listed_and_ended() {
    let portway = Portway::up();
    let secret = create(&portway, &["ci"]);
    let listed = from_elsewhere(&portway, &secret, &["get", "components", "-o", "name"]);
    assert_eq!(listed.code, 0, "{listed:?}");
    assert_eq!(listed.lines().len(), 2);

    let tokens = portway.ok(&["token", "list", "-o", "json"]).json();
    let names: Vec<&str> = tokens["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|token| token["name"].as_str())
        .collect();
    assert!(names.contains(&"ci"), "{names:?}");
    assert!(
        !tokens.to_string().contains(&secret),
        "a list shows no secret"
    );

    let ended = portway.ok(&["token", "revoke", "ci"]);
    assert!(ended.err.contains("ci"), "{ended:?}");
    let refused = from_elsewhere(&portway, &secret, &["get", "components"]);
    assert_eq!(refused.code, 4, "{refused:?}");
    assert_eq!(portway.run(&["token", "revoke", "never-made"]).code, 3);
}

#[test]
fn a_token_may_do_what_its_scope_says() {
    let portway = Portway::up();
    let reading = create(&portway, &["reader", "--scope", "read"]);
    let refused = from_elsewhere(&portway, &reading, &["refresh", "component:pay-service"]);
    assert_eq!(refused.code, 5, "{refused:?}");
    assert!(
        refused.err.contains("catalog.entity.refresh"),
        "names the permission: {refused:?}"
    );
    let more = from_elsewhere(
        &portway,
        &reading,
        &["token", "create", "more", "--scope", "all"],
    );
    assert_eq!(more.code, 5, "{more:?}");

    let all = create(&portway, &["robot", "--scope", "all", "--expires-in", "1h"]);
    let done = from_elsewhere(&portway, &all, &["refresh", "component:pay-service"]);
    assert_eq!(done.code, 0, "{done:?}");
    let odd = portway.run(&["token", "create", "x", "--expires-in", "soon"]);
    assert_eq!(odd.code, 2, "{odd:?}");
}

#[test]
fn nobody_and_a_wrong_token_are_told_to_sign_in() {
    let portway = Portway::up();
    let wrong = from_elsewhere(&portway, "pw_wrong", &["get", "components"]);
    assert_eq!(wrong.code, 4, "{wrong:?}");
    assert!(
        wrong.err.starts_with("error: ") && wrong.err.contains("\nfix: "),
        "{wrong:?}"
    );
    let json = from_elsewhere(&portway, "pw_wrong", &["get", "components", "-o", "json"]);
    let error: serde_json::Value = serde_json::from_str(json.err.trim()).unwrap();
    assert_eq!(error["error"]["code"], "sign-in-needed");
    let korean = from_elsewhere(&portway, "pw_wrong", &["get", "components", "--lang", "ko"]);
    assert!(
        korean.err.starts_with("오류: ") && korean.err.contains("\n해결: "),
        "{korean:?}"
    );

    let nobody = portway
        .command(&["get", "components", "--server", &portway.url])
        .env("PORTWAY_DATA", portway.path().join("elsewhere"))
        .output()
        .unwrap();
    assert_eq!(Ran::from(nobody).code, 4);
}

#[test]
fn whoami_tells_who_a_token_speaks_for() {
    let portway = Portway::up();
    let secret = create(&portway, &["ci"]);
    let who = from_elsewhere(&portway, &secret, &["whoami", "-o", "json"]);
    assert_eq!(who.code, 0, "{who:?}");
    assert_eq!(who.json()["data"]["actor"]["name"], "token:ci");
    assert_eq!(who.json()["data"]["grants"], "read");
    let nobody = from_elsewhere(&portway, "pw_none", &["whoami"]);
    assert_eq!(nobody.code, 4, "{nobody:?}");
}

#[test]
fn nobody_is_logged_out_without_harm() {
    let portway = Portway::up();
    let out = portway.ok(&["logout"]);
    assert!(out.err.contains("nobody is logged in"), "{out:?}");
}

#[test]
fn accounts_need_configuration_and_say_which() {
    let portway = Portway::up();
    let refused = portway.run(&["account", "create", "kim"]);
    assert_eq!(refused.code, 3, "{refused:?}");
    assert!(refused.err.contains("providers"), "{refused:?}");
}
