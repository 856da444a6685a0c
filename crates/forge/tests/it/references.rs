//! References inside files, made absolute.

use forge::ForgeKind::{GitHub, GitLab, Gitea};
use forge::scm_url::{DiscoveryTarget, ScmUrl, resolve};
use proptest::prelude::*;

#[test]
fn references_resolve_as_in_backstage() {
    let github = "https://github.com/acme/shop/blob/main/services/pay/catalog-info.yaml";
    let gitlab = "https://gitlab.com/acme/shop/-/blob/main/services/pay/catalog-info.yaml";
    let gitea = "https://codeberg.org/acme/shop/src/branch/main/services/catalog-info.yaml";
    for (reference, base, expected) in [
        (
            "./openapi.yaml",
            github,
            "https://github.com/acme/shop/tree/main/services/pay/openapi.yaml",
        ),
        (
            "openapi.yaml",
            github,
            "https://github.com/acme/shop/tree/main/services/pay/openapi.yaml",
        ),
        (
            "../common/a.yaml",
            github,
            "https://github.com/acme/shop/tree/main/services/common/a.yaml",
        ),
        (
            "../../a.yaml",
            github,
            "https://github.com/acme/shop/tree/main/a.yaml",
        ),
        (
            "/docs/a.yaml",
            github,
            "https://github.com/acme/shop/tree/main/docs/a.yaml",
        ),
        (
            "./",
            github,
            "https://github.com/acme/shop/tree/main/services/pay/",
        ),
        (
            ".",
            github,
            "https://github.com/acme/shop/tree/main/services/pay/",
        ),
        ("/", github, "https://github.com/acme/shop/tree/main/"),
        ("../..", github, "https://github.com/acme/shop/tree/main/"),
        (
            "docs/",
            github,
            "https://github.com/acme/shop/tree/main/services/pay/docs/",
        ),
        (
            "./*/a.yaml",
            github,
            "https://github.com/acme/shop/tree/main/services/pay/*/a.yaml",
        ),
        (
            "a b.yaml",
            github,
            "https://github.com/acme/shop/tree/main/services/pay/a%20b.yaml",
        ),
        (
            "문서.yaml",
            github,
            "https://github.com/acme/shop/tree/main/services/pay/%EB%AC%B8%EC%84%9C.yaml",
        ),
        (
            "https://example.com/x.yaml?a=b",
            github,
            "https://example.com/x.yaml?a=b",
        ),
        (
            "./openapi.yaml",
            gitlab,
            "https://gitlab.com/acme/shop/-/blob/main/services/pay/openapi.yaml",
        ),
        (
            "/openapi.yaml",
            gitlab,
            "https://gitlab.com/acme/shop/-/blob/main/openapi.yaml",
        ),
        (
            "/openapi.yaml",
            gitea,
            "https://codeberg.org/acme/shop/src/branch/main/openapi.yaml",
        ),
        (
            "./b.yaml",
            "https://example.com/catalog/a.yaml?token=1",
            "https://example.com/catalog/b.yaml?token=1",
        ),
        (
            "/b.yaml",
            "https://example.com/catalog/a.yaml",
            "https://example.com/b.yaml",
        ),
        (
            "./b.yaml",
            "https://github.com/acme/shop/blob/main/a.yaml?x=1",
            "https://github.com/acme/shop/tree/main/b.yaml?x=1",
        ),
    ] {
        assert_eq!(
            resolve(reference, base, None).as_deref(),
            Ok(expected),
            "{reference} in {base}"
        );
    }
    for reference in [
        "../../../a.yaml",
        "/../a.yaml",
        "..%2f..%2fa.yaml",
        "%2e%2e/a.yaml",
        "a\\..\\b",
        "//evil.example/a.yaml",
        "\\\\evil.example\\a",
        "a\nb",
    ] {
        assert!(resolve(reference, github, None).is_err(), "{reference}");
    }
    let error = resolve("../../../a.yaml", github, None).expect_err("outside");
    assert_eq!(
        error.to_string(),
        format!(
            "`../../../a.yaml` leaves the repository of `{github}`. Accepted: a path inside the repository (`./x`, `/x` for its root) or a whole URL"
        )
    );
}

proptest! {
    #[test]
    fn a_relative_reference_never_leaves_the_repository(
        reference in "[a-z./%2eEfF5cC\\\\?#: @*-]{0,40}",
        forge in prop::sample::select(vec![GitHub, GitLab, Gitea]),
    ) {
        let base = match forge {
            GitHub => "https://git.example/acme/shop/blob/main/a/b/c.yaml",
            GitLab => "https://git.example/acme/shop/-/blob/main/a/b/c.yaml",
            Gitea => "https://git.example/acme/shop/src/branch/main/a/b/c.yaml",
        };
        prop_assume!(url::Url::parse(&reference).is_err());
        if let Ok(resolved) = resolve(&reference, base, Some(forge)) {
            // As a browser or a server would understand it.
            let url = url::Url::parse(&resolved).expect("URL");
            prop_assert_eq!(url.host_str(), Some("git.example"));
            let root = match forge {
                GitHub => "/acme/shop/tree/main",
                GitLab => "/acme/shop/-/blob/main",
                Gitea => "/acme/shop/src/branch/main",
            };
            prop_assert!(url.path() == root || url.path().starts_with(&format!("{root}/")), "{}", resolved);
            let parsed = ScmUrl::parse(&resolved, Some(forge)).expect("SCM URL");
            prop_assert_eq!(parsed.slug(), "acme/shop");
            prop_assert_eq!(parsed.git_ref.as_deref(), Some("main"));
        }
    }

    #[test]
    fn parsing_never_panics_and_round_trips(text in "\\PC{0,80}", path in "[^\\\\/%.\u{0}-\u{1f}\u{7f}-\u{9f}]{1,20}") {
        let _ = ScmUrl::parse(&text, None);
        let _ = ScmUrl::parse(&format!("https://github.com/{text}"), Some(GitHub));
        let _ = ScmUrl::parse(&format!("https://gitlab.com/{text}"), Some(GitLab));
        let _ = ScmUrl::parse(&format!("https://codeberg.org/{text}"), Some(Gitea));
        let _ = DiscoveryTarget::parse(&text);
        let _ = resolve(&text, "https://github.com/a/b/blob/main/c", None);
        let url = ScmUrl::parse("https://github.com/acme/shop/blob/main/x", None).expect("url").with_path(&path);
        prop_assert_eq!(ScmUrl::parse(&url.to_string(), None), Ok(url));
    }
}
