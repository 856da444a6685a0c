//! Signatures and events.

use axum::http::HeaderMap;
use forge::webhook::{
    ForgeEvent, Push, RepositoryAction, WebhookError, delivery, parse, sender, verify,
};
use forge::{ForgeKind, Secret};
use proptest::prelude::*;
use serde_json::{Value, json};

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    pairs
        .iter()
        .map(|(name, value)| {
            (
                (*name).parse().expect("name"),
                value.parse().expect("value"),
            )
        })
        .collect()
}

fn event(
    kind: ForgeKind,
    header: &'static str,
    name: &str,
    body: &Value,
) -> Result<ForgeEvent, WebhookError> {
    parse(
        kind,
        &headers(&[(header, name)]),
        body.to_string().as_bytes(),
    )
}

fn push(event: ForgeEvent) -> Push {
    match event {
        ForgeEvent::Push(push) => push,
        other => panic!("{other:?}"),
    }
}

#[test]
fn githubs_own_example_signature_is_accepted() {
    // From GitHub's documentation on validating deliveries.
    let secret = Secret::new("It's a Secret to Everybody").expect("secret");
    let good = headers(&[(
        "x-hub-signature-256",
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
    )]);
    assert_eq!(
        verify(ForgeKind::GitHub, &good, b"Hello, World!", &secret),
        Ok(())
    );
    let header = "x-hub-signature-256";
    let bad = WebhookError::BadSignature {
        kind: ForgeKind::GitHub,
        header,
    };
    assert_eq!(
        verify(ForgeKind::GitHub, &good, b"Hello, World?", &secret),
        Err(bad.clone())
    );
    for wrong in ["sha256=00", "sha256=", "sha256=zz", "757107"] {
        assert_eq!(
            verify(
                ForgeKind::GitHub,
                &headers(&[(header, wrong)]),
                b"Hello, World!",
                &secret
            ),
            Err(bad.clone()),
            "{wrong}"
        );
    }
    // The old SHA-1 header is not enough.
    let old = headers(&[("x-hub-signature", "sha1=abc")]);
    assert_eq!(
        verify(ForgeKind::GitHub, &old, b"Hello, World!", &secret),
        Err(WebhookError::Unsigned {
            kind: ForgeKind::GitHub,
            header
        })
    );
}

#[test]
fn gitlab_sends_a_token_and_gitea_a_bare_signature() {
    let secret = Secret::new("It's a Secret to Everybody").expect("secret");
    let token = headers(&[("x-gitlab-token", "It's a Secret to Everybody")]);
    assert_eq!(verify(ForgeKind::GitLab, &token, b"{}", &secret), Ok(()));
    assert!(
        verify(
            ForgeKind::GitLab,
            &headers(&[("x-gitlab-token", "It's")]),
            b"{}",
            &secret
        )
        .is_err()
    );
    assert!(verify(ForgeKind::GitLab, &headers(&[]), b"{}", &secret).is_err());
    let signature = headers(&[(
        "x-gitea-signature",
        "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
    )]);
    assert_eq!(
        verify(ForgeKind::Gitea, &signature, b"Hello, World!", &secret),
        Ok(())
    );
}

#[test]
fn the_sender_is_known_by_its_headers() {
    // Gitea sends GitHub's headers too.
    let gitea = headers(&[
        ("x-github-event", "push"),
        ("x-gitea-event", "push"),
        ("x-gitea-delivery", "7"),
    ]);
    assert_eq!(sender(&gitea), Some(ForgeKind::Gitea));
    assert_eq!(delivery(&gitea), Some("7"));
    assert_eq!(
        sender(&headers(&[("x-github-event", "push")])),
        Some(ForgeKind::GitHub)
    );
    assert_eq!(
        sender(&headers(&[("x-gitlab-event", "Push Hook")])),
        Some(ForgeKind::GitLab)
    );
    assert_eq!(sender(&headers(&[])), None);
}

fn github_push() -> Value {
    json!({
        "ref": "refs/heads/main",
        "before": "1".repeat(40),
        "after": "2".repeat(40),
        "forced": false,
        "repository": { "id": 5, "full_name": "acme/shop", "html_url": "https://github.com/acme/shop", "clone_url": "https://github.com/acme/shop.git", "default_branch": "main" },
        "sender": { "login": "minji" },
        "commits": [
            { "added": ["new", "fleeting"], "modified": ["a"], "removed": ["back"] },
            { "added": ["back"], "modified": ["new"], "removed": ["fleeting", "gone"] },
        ],
    })
}

#[test]
fn a_push_lists_the_net_effect_of_its_commits() {
    let found =
        push(event(ForgeKind::GitHub, "x-github-event", "push", &github_push()).expect("event"));
    assert_eq!(found.branch(), Some("main"));
    assert_eq!(
        (found.repository.slug.as_str(), found.repository.id.as_str()),
        ("acme/shop", "5")
    );
    assert_eq!(found.after, Some("2".repeat(40)));
    assert_eq!(found.added, ["new"]);
    assert_eq!(found.modified, ["a", "back"]);
    assert_eq!(found.removed, ["gone"]);
    assert_eq!(found.actor.as_deref(), Some("minji"));
    assert!(found.complete);
}

#[test]
fn a_forced_new_or_deleted_branch_is_told() {
    let mut forced = github_push();
    forced["forced"] = json!(true);
    assert!(
        !push(event(ForgeKind::GitHub, "x-github-event", "push", &forced).expect("event")).complete
    );
    let mut new = github_push();
    new["before"] = json!("0".repeat(40));
    let found = push(event(ForgeKind::GitHub, "x-github-event", "push", &new).expect("event"));
    assert!(found.before.is_none() && !found.complete);
    let mut deleted = github_push();
    deleted["after"] = json!("0".repeat(40));
    assert_eq!(
        push(event(ForgeKind::GitHub, "x-github-event", "push", &deleted).expect("event")).after,
        None
    );
}

#[test]
fn the_form_encoding_is_read_too() {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("payload", &github_push().to_string())
        .finish();
    let headers = headers(&[
        ("x-github-event", "push"),
        ("content-type", "application/x-www-form-urlencoded"),
    ]);
    let found = parse(ForgeKind::GitHub, &headers, body.as_bytes()).expect("event");
    assert_eq!(push(found).git_ref, "refs/heads/main");
}

#[test]
fn repositories_change() {
    let body = |action: &str, changes: Value| {
        let mut body = github_push();
        body["action"] = json!(action);
        body["changes"] = changes;
        body
    };
    let moved = |from: &str| RepositoryAction::Moved {
        from: from.to_owned(),
    };
    for (action, changes, expected) in [
        ("archived", Value::Null, RepositoryAction::Archived),
        ("unarchived", Value::Null, RepositoryAction::Unarchived),
        ("deleted", Value::Null, RepositoryAction::Deleted),
        ("created", Value::Null, RepositoryAction::Created),
        (
            "edited",
            json!({ "default_branch": { "from": "master" } }),
            RepositoryAction::Edited,
        ),
        ("publicized", Value::Null, RepositoryAction::Visibility),
        (
            "renamed",
            json!({ "repository": { "name": { "from": "store" } } }),
            moved("acme/store"),
        ),
        (
            "transferred",
            json!({ "owner": { "from": { "user": { "login": "minji" } } } }),
            moved("minji/shop"),
        ),
        (
            "transferred",
            json!({ "owner": { "from": { "organization": { "login": "old" } } } }),
            moved("old/shop"),
        ),
    ] {
        let found = event(
            ForgeKind::GitHub,
            "x-github-event",
            "repository",
            &body(action, changes),
        )
        .expect(action);
        let ForgeEvent::RepositoryChanged { repository, change } = found else {
            panic!("{found:?}")
        };
        assert_eq!(
            (repository.slug.as_str(), change),
            ("acme/shop", expected),
            "{action}"
        );
    }
    let error = event(
        ForgeKind::GitHub,
        "x-github-event",
        "repository",
        &body("renamed", Value::Null),
    )
    .expect_err("no name");
    assert_eq!(
        error.to_string(),
        "the body of the `repository` event cannot be used: `changes.repository.name.from` is missing"
    );
    assert_eq!(
        event(ForgeKind::GitHub, "x-github-event", "ping", &json!({})),
        Ok(ForgeEvent::Ping)
    );
    assert_eq!(
        event(ForgeKind::GitHub, "x-github-event", "star", &json!({})),
        Ok(ForgeEvent::Other {
            name: "star".to_owned()
        })
    );
}

#[test]
fn gitlab_events_are_read() {
    let body = json!({
        "object_kind": "push", "event_name": "push", "ref": "refs/heads/main",
        "before": "1".repeat(40), "after": "2".repeat(40), "user_username": "minji", "project_id": 15,
        "project": { "path_with_namespace": "acme/deep/shop", "web_url": "https://gitlab.com/acme/deep/shop", "git_http_url": "https://gitlab.com/acme/deep/shop.git", "default_branch": "main" },
        "total_commits_count": 25,
        "commits": [{ "added": [], "modified": ["catalog-info.yaml"], "removed": [] }],
    });
    let found =
        push(event(ForgeKind::GitLab, "x-gitlab-event", "Push Hook", &body).expect("event"));
    assert_eq!(found.repository.slug, "acme/deep/shop");
    assert_eq!(found.modified, ["catalog-info.yaml"]);
    assert!(!found.complete, "24 commits are not in the payload");
    let rename = json!({ "event_name": "project_rename", "project_id": 15, "path_with_namespace": "acme/new", "old_path_with_namespace": "acme/old" });
    let found = event(ForgeKind::GitLab, "x-gitlab-event", "System Hook", &rename).expect("event");
    let ForgeEvent::RepositoryChanged { repository, change } = found else {
        panic!("{found:?}")
    };
    assert_eq!(
        (repository.slug.as_str(), change),
        (
            "acme/new",
            RepositoryAction::Moved {
                from: "acme/old".to_owned()
            }
        )
    );
    let member = json!({ "event_name": "user_add_to_group", "group_path": "acme" });
    assert_eq!(
        event(ForgeKind::GitLab, "x-gitlab-event", "Member Hook", &member),
        Ok(ForgeEvent::OrganisationChanged {
            organisation: Some("acme".to_owned())
        })
    );
}

#[test]
fn gitea_events_are_read() {
    let mut body = github_push();
    body["total_commits"] = json!(2);
    body["pusher"] = json!({ "login": "minji" });
    let found = push(event(ForgeKind::Gitea, "x-gitea-event", "push", &body).expect("event"));
    assert!(found.complete);
    assert_eq!(found.actor.as_deref(), Some("minji"));
    body["action"] = json!("deleted");
    let found = event(ForgeKind::Gitea, "x-forgejo-event", "repository", &body).expect("event");
    assert!(matches!(
        found,
        ForgeEvent::RepositoryChanged {
            change: RepositoryAction::Deleted,
            ..
        }
    ));
}

#[test]
fn bad_bodies_are_explained() {
    for (body, part) in [
        (b"{".as_slice(), "line 1 column 1"),
        (b"{}", "`before` is missing"),
        (br#"{"before":"x"}"#, "`before` is not a commit id"),
    ] {
        let error = parse(
            ForgeKind::GitHub,
            &headers(&[("x-github-event", "push")]),
            body,
        )
        .expect_err(part);
        assert!(error.to_string().contains(part), "{error}");
    }
    assert_eq!(
        parse(ForgeKind::GitHub, &headers(&[]), b"{}"),
        Err(WebhookError::UnknownSender)
    );
    let huge = vec![b' '; forge::webhook::MAX_BODY + 1];
    assert!(matches!(
        parse(
            ForgeKind::GitHub,
            &headers(&[("x-github-event", "push")]),
            &huge
        ),
        Err(WebhookError::TooLarge { .. })
    ));
}

proptest! {
    #[test]
    fn no_body_panics(body in "\\PC{0,200}", name in prop::sample::select(vec!["push", "repository", "team", "x"])) {
        for (kind, header) in [(ForgeKind::GitHub, "x-github-event"), (ForgeKind::GitLab, "x-gitlab-event"), (ForgeKind::Gitea, "x-gitea-event")] {
            let _ = parse(kind, &headers(&[(header, name)]), body.as_bytes());
            let wrapped = json!({ "ref": body, "before": body, "action": body, "repository": body, "commits": [body] });
            let _ = event(kind, header, name, &wrapped);
        }
    }
}
