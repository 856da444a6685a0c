//! Where pipelines are, from annotations alone.

use serde_json::{Value, json};
use tools::pipelines;

fn entity(annotations: Value) -> Value {
    json!({ "metadata": { "annotations": annotations } })
}

/// Annotations, and the pipelines as `provider href`.
fn found(annotations: Value) -> Vec<String> {
    pipelines(&entity(annotations))
        .into_iter()
        .map(|pipeline| {
            format!(
                "{} {}",
                pipeline.provider,
                pipeline.href.unwrap_or_default()
            )
        })
        .collect()
}

#[test]
fn each_provider_has_its_address() {
    for (annotations, expected) in [
        (
            json!({"github.com/project-slug": "acme/pay"}),
            "GitHub Actions https://github.com/acme/pay/actions",
        ),
        (
            json!({
                "github.com/project-slug": "acme/pay",
                "backstage.io/source-location": "url:https://ghe.acme.example/acme/pay/tree/main/",
            }),
            "GitHub Actions https://ghe.acme.example/acme/pay/actions",
        ),
        (
            json!({"gitlab.com/project-slug": "acme/shop/pay"}),
            "GitLab CI https://gitlab.com/acme/shop/pay/-/pipelines",
        ),
        (
            json!({"gitlab.com/project-slug": "acme/pay", "gitlab.com/instance": "git.acme.example"}),
            "GitLab CI https://git.acme.example/acme/pay/-/pipelines",
        ),
        (
            json!({"circleci.com/project-slug": "github/acme/pay"}),
            "CircleCI https://app.circleci.com/pipelines/github/acme/pay",
        ),
        (
            json!({"circleci.com/project-slug": "acme/pay"}),
            "CircleCI https://app.circleci.com/pipelines/github/acme/pay",
        ),
        (
            json!({"dev.azure.com/project-repo": "shop/pay", "dev.azure.com/host-org": "dev.azure.com/acme"}),
            "Azure Pipelines https://dev.azure.com/acme/shop/_build",
        ),
        (json!({"jenkins.io/job-full-name": "shop/pay"}), "Jenkins "),
    ] {
        assert_eq!(found(annotations.clone()), [expected], "{annotations}");
    }
}

#[test]
fn both_providers_are_shown_when_both_are_named() {
    let both = found(json!({
        "circleci.com/project-slug": "gh/acme/pay",
        "github.com/project-slug": "acme/pay",
    }));
    assert_eq!(
        both,
        [
            "GitHub Actions https://github.com/acme/pay/actions",
            "CircleCI https://app.circleci.com/pipelines/gh/acme/pay",
        ]
    );
}

#[test]
fn what_is_no_slug_makes_no_link() {
    for slug in [
        "acme",
        "a/b/c",
        "acme/../etc",
        "acme/pay?x=1",
        "acme/ pay",
        "https://x/y",
        "//evil/x",
    ] {
        let all = found(json!({"github.com/project-slug": slug}));
        assert_eq!(all, ["GitHub Actions "], "{slug}");
    }
    assert_eq!(found(json!({"github.com/project-slug": "  "})), [""; 0]);
    assert_eq!(found(json!(7)), [""; 0]);
}
