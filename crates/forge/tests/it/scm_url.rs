//! Web URLs of code hosts.

use forge::ForgeKind::{self, GitHub};
use forge::scm_url::{DiscoveryTarget, RefKind, ScmUrl, UrlError, UrlKind};

fn parse(url: &str, forge: Option<ForgeKind>) -> ScmUrl {
    ScmUrl::parse(url, forge).unwrap_or_else(|error| panic!("{url}: {error}"))
}

#[test]
fn urls_are_taken_apart() {
    // url, told kind, owner, repo, ref, path, kind
    type Case = (
        &'static str,
        Option<ForgeKind>,
        &'static str,
        &'static str,
        Option<&'static str>,
        &'static str,
        UrlKind,
    );
    let cases: &[Case] = &[
        (
            "https://github.com/acme/shop",
            None,
            "acme",
            "shop",
            None,
            "",
            UrlKind::Repository,
        ),
        (
            "https://github.com/acme/shop.git",
            None,
            "acme",
            "shop",
            None,
            "",
            UrlKind::Repository,
        ),
        (
            "https://github.com/acme/shop/",
            None,
            "acme",
            "shop",
            None,
            "",
            UrlKind::Repository,
        ),
        (
            "https://github.com/acme/shop/issues/4",
            None,
            "acme",
            "shop",
            None,
            "",
            UrlKind::Repository,
        ),
        (
            "https://github.com/acme/shop/blob/main/catalog-info.yaml",
            None,
            "acme",
            "shop",
            Some("main"),
            "catalog-info.yaml",
            UrlKind::Blob,
        ),
        (
            "https://github.com/acme/shop/blob/-/catalog-info.yaml",
            None,
            "acme",
            "shop",
            None,
            "catalog-info.yaml",
            UrlKind::Blob,
        ),
        (
            "https://github.com/acme/shop/tree/main/docs/",
            None,
            "acme",
            "shop",
            Some("main"),
            "docs/",
            UrlKind::Tree,
        ),
        (
            "https://github.com/acme/shop/edit/main/a%20b.md",
            None,
            "acme",
            "shop",
            Some("main"),
            "a b.md",
            UrlKind::Edit,
        ),
        (
            "https://github.com/acme/shop/raw/refs/heads/main/a.md",
            None,
            "acme",
            "shop",
            Some("main"),
            "a.md",
            UrlKind::Raw,
        ),
        (
            "https://raw.githubusercontent.com/acme/shop/main/docs/a.md",
            None,
            "acme",
            "shop",
            Some("main"),
            "docs/a.md",
            UrlKind::Raw,
        ),
        (
            "https://ghe.acme.example:8443/acme/shop/blob/main/x.yaml",
            Some(GitHub),
            "acme",
            "shop",
            Some("main"),
            "x.yaml",
            UrlKind::Blob,
        ),
        (
            "https://gitlab.com/acme/platform/shop/-/blob/main/catalog-info.yaml",
            None,
            "acme/platform",
            "shop",
            Some("main"),
            "catalog-info.yaml",
            UrlKind::Blob,
        ),
        (
            "https://gitlab.com/acme/shop/blob/main/catalog-info.yaml",
            None,
            "acme",
            "shop",
            Some("main"),
            "catalog-info.yaml",
            UrlKind::Blob,
        ),
        (
            "https://gitlab.com/a/b/c/d/shop",
            None,
            "a/b/c/d",
            "shop",
            None,
            "",
            UrlKind::Repository,
        ),
        (
            "https://gitlab.com/acme/shop/-/issues/3",
            None,
            "acme",
            "shop",
            None,
            "",
            UrlKind::Repository,
        ),
        (
            "https://git.acme.example/acme/shop/-/raw/v1.0/x.yaml",
            None,
            "acme",
            "shop",
            Some("v1.0"),
            "x.yaml",
            UrlKind::Raw,
        ),
        (
            "https://codeberg.org/acme/shop/src/branch/main/x.yaml",
            None,
            "acme",
            "shop",
            Some("main"),
            "x.yaml",
            UrlKind::Blob,
        ),
        (
            "https://git.acme.example/acme/shop/src/tag/v1/x.yaml",
            None,
            "acme",
            "shop",
            Some("v1"),
            "x.yaml",
            UrlKind::Blob,
        ),
        (
            "https://codeberg.org/acme/shop/_edit/main/x.yaml",
            None,
            "acme",
            "shop",
            Some("main"),
            "x.yaml",
            UrlKind::Edit,
        ),
        (
            "https://codeberg.org/acme/shop/raw/commit/0123456789012345678901234567890123456789/x.yaml",
            None,
            "acme",
            "shop",
            Some("0123456789012345678901234567890123456789"),
            "x.yaml",
            UrlKind::Raw,
        ),
        (
            "https://git.acme.example/acme/shop.git",
            None,
            "acme",
            "shop",
            None,
            "",
            UrlKind::Repository,
        ),
        (
            "https://github.com/acme/%ED%95%9C%EA%B8%80/blob/main/%EB%AC%B8%EC%84%9C.md",
            None,
            "acme",
            "한글",
            Some("main"),
            "문서.md",
            UrlKind::Blob,
        ),
    ];
    for (url, told, owner, repo, git_ref, path, kind) in cases {
        let found = parse(url, *told);
        assert_eq!(
            (
                found.owner.as_str(),
                found.repo.as_str(),
                found.git_ref.as_deref(),
                found.path.as_str(),
                found.kind
            ),
            (*owner, *repo, *git_ref, *path, *kind),
            "{url}"
        );
    }
}

#[test]
fn texts_that_are_no_web_urls_are_explained() {
    for text in [
        "",
        "shop",
        "ftp://github.com/acme/shop",
        "https://",
        "https://github.com/",
        "https://github.com/acme",
        "file:///etc/passwd",
    ] {
        assert!(ScmUrl::parse(text, None).is_err(), "{text}");
    }
    for text in [
        "https://github.com/acme/shop/blob/main/%2e%2e/%2e%2e/x",
        "https://github.com/acme/shop/blob/main/..%2f..%2fx",
        "https://github.com/acme/shop/blob/main/%252e%252e/x",
        "https://github.com/acme/shop/blob/main/a%5c..%5cb",
        "https://github.com/acme/shop/blob/main/a%00b",
    ] {
        let error = ScmUrl::parse(text, None).expect_err(text);
        assert!(
            matches!(error, UrlError::EncodedStep { .. }),
            "{text}: {error}"
        );
    }
}

#[test]
fn a_url_is_shown_in_every_form() {
    let github = parse("https://github.com/acme/shop/blob/main/docs/a.md", None);
    assert_eq!(
        github.view_url(),
        "https://github.com/acme/shop/blob/main/docs/a.md"
    );
    assert_eq!(
        github.edit_url().as_deref(),
        Some("https://github.com/acme/shop/edit/main/docs/a.md")
    );
    assert_eq!(
        github.raw_url(),
        "https://github.com/acme/shop/raw/main/docs/a.md"
    );
    assert_eq!(
        github.directory_url(),
        "https://github.com/acme/shop/tree/main/docs/"
    );
    assert_eq!(github.clone_url(), "https://github.com/acme/shop.git");
    assert_eq!(github.slug(), "acme/shop");
    let root = parse("https://github.com/acme/shop/blob/main/a.md", None);
    assert_eq!(
        root.directory_url(),
        "https://github.com/acme/shop/tree/main/"
    );
    let gitlab = parse("https://gitlab.com/a/b/shop/blob/main/a.md", None);
    assert_eq!(
        gitlab.view_url(),
        "https://gitlab.com/a/b/shop/-/blob/main/a.md"
    );
    assert_eq!(
        gitlab.edit_url().as_deref(),
        Some("https://gitlab.com/a/b/shop/-/edit/main/a.md")
    );
    let gitea = parse("https://codeberg.org/acme/shop/src/branch/main/a.md", None);
    assert_eq!(
        gitea.view_url(),
        "https://codeberg.org/acme/shop/src/branch/main/a.md"
    );
    assert_eq!(
        gitea.edit_url().as_deref(),
        Some("https://codeberg.org/acme/shop/_edit/main/a.md")
    );
    for pinned in [
        "https://github.com/acme/shop/blob/0123456789012345678901234567890123456789/a.md",
        "https://codeberg.org/acme/shop/src/tag/v1/a.md",
        "https://github.com/acme/shop",
    ] {
        assert_eq!(parse(pinned, None).edit_url(), None, "{pinned}");
    }
    assert_eq!(
        parse("https://codeberg.org/a/b/src/tag/v1/a.md", None).ref_kind,
        RefKind::Tag
    );
    let spaced = "https://github.com/acme/shop/blob/feature%2Fx/a%20b%23c%3Fd.md";
    assert!(
        ScmUrl::parse(spaced, None).is_err(),
        "an encoded slash is ambiguous"
    );
    let hash = "https://github.com/acme/shop/blob/main/a%20b%23c%3Fd.md?raw=1";
    assert_eq!(parse(hash, None).to_string(), hash);
}

#[test]
fn known_branches_decide_where_the_path_begins() {
    let url = parse(
        "https://github.com/acme/shop/blob/feature/x/docs/a.md",
        None,
    );
    assert_eq!(url.git_ref.as_deref(), Some("feature"));
    let told = url.with_known_refs(["main", "feature/x", "feature"]);
    assert_eq!(
        (told.git_ref.as_deref(), told.path.as_str()),
        (Some("feature/x"), "docs/a.md")
    );
    assert_eq!(
        told.view_url(),
        "https://github.com/acme/shop/blob/feature/x/docs/a.md"
    );
    assert_eq!(url.with_known_refs(["main"]), url);
}

#[test]
fn repositories_compare_without_case() {
    let a = parse("https://github.com/Acme/Shop/blob/main/x", None);
    let b = parse("https://GitHub.com/acme/shop.git", None);
    assert!(a.same_repository(&b));
    assert!(!a.same_repository(&parse("https://github.com/acme/other", None)));
    assert!(!a.same_repository(&parse("https://gitlab.com/acme/shop", None)));
}

#[test]
fn discovery_targets_name_organisation_pattern_branch_and_path() {
    let seed = DiscoveryTarget::parse("https://github.com/my-org/*/blob/main/catalog-info.yaml")
        .expect("target");
    assert_eq!(
        (seed.host.as_str(), seed.owner.as_str()),
        ("github.com", "my-org")
    );
    assert_eq!(
        (seed.branch.as_deref(), seed.path.as_str()),
        (Some("main"), "/catalog-info.yaml")
    );
    assert!(seed.matches_repository("anything"));
    assert_eq!(
        seed.location("https://github.com/my-org/shop", "main"),
        "https://github.com/my-org/shop/blob/main/catalog-info.yaml"
    );
    let narrow = DiscoveryTarget::parse("https://github.com/my-org/svc-*-api/blob/-/a/**/x.yaml")
        .expect("target");
    assert_eq!(
        (narrow.branch.as_deref(), narrow.path.as_str()),
        (None, "/a/**/x.yaml")
    );
    for (name, expected) in [
        ("svc-pay-api", true),
        ("SVC-pay-API", true),
        ("svc-api", false),
        ("svc--api", true),
        ("x-svc-a-api", false),
        ("svc-a-api-x", false),
    ] {
        assert_eq!(narrow.matches_repository(name), expected, "{name}");
    }
    let short = DiscoveryTarget::parse("https://github.com/my-org").expect("target");
    assert_eq!(
        (
            short.repo_pattern.as_str(),
            short.branch,
            short.path.as_str()
        ),
        ("*", None, "/catalog-info.yaml")
    );
    for bad in [
        "my-org",
        "https://github.com/",
        "https://github.com/*/x/blob/main/a",
        "https://github.com/o/r/blob/main",
        "https://github.com/o/%2e%2e/blob/main/a",
    ] {
        assert!(DiscoveryTarget::parse(bad).is_err(), "{bad}");
    }
}
