//! Ranges over versions of several ecosystems, and package URLs.

use catalog::packages::{Purl, Range, Verdict};
use proptest::prelude::*;

fn holds(range: &str, ecosystem: &str, version: &str) -> Verdict {
    Range::parse(range)
        .expect("a range")
        .holds(ecosystem, version)
}

#[track_caller]
fn ascending(ecosystem: &str, versions: &[&str]) {
    for (at, older) in versions.iter().enumerate() {
        for newer in &versions[at + 1..] {
            assert_eq!(
                holds(&format!("<{newer}"), ecosystem, older),
                Verdict::Inside,
                "{older} < {newer}"
            );
            assert_eq!(
                holds(&format!(">{older}"), ecosystem, newer),
                Verdict::Inside,
                "{newer} > {older}"
            );
            assert_eq!(
                holds(&format!("={newer}"), ecosystem, older),
                Verdict::Outside,
                "{older} = {newer}"
            );
        }
    }
}

#[track_caller]
fn same(ecosystem: &str, versions: &[&str]) {
    for a in versions {
        for b in versions {
            assert_eq!(
                holds(&format!("={a}"), ecosystem, b),
                Verdict::Inside,
                "{a} = {b}"
            );
        }
    }
}

#[test]
fn maven_orders_as_its_reference_says() {
    ascending(
        "maven",
        &[
            "1-alpha2snapshot",
            "1-alpha2",
            "1-alpha-123",
            "1-beta-2",
            "1-beta123",
            "1-m2",
            "1-m11",
            "1-rc",
            "1-SNAPSHOT",
            "1",
            "1-sp",
            "1-abc",
            "1-1-snapshot",
            "1-1",
            "1-2",
            "1.1",
        ],
    );
    ascending(
        "maven",
        &[
            "2.0-beta9",
            "2.0-rc1",
            "2.0",
            "2.3.1",
            "2.14.1",
            "2.17.0",
            "2.17.1",
            "3.0.0-alpha1",
        ],
    );
    same(
        "maven",
        &[
            "1",
            "1.0",
            "1.0.0",
            "1-ga",
            "1.0.FINAL",
            "1.0.RELEASE",
            "1.ga",
        ],
    );
    same("maven", &["1-a1", "1-alpha-1"]);
    same("maven", &["1-rc2", "1-cr2"]);
}

#[test]
fn most_others_order_as_semantic_versions() {
    for ecosystem in ["npm", "cargo", "golang", "nuget", "gem", ""] {
        ascending(
            ecosystem,
            &[
                "1.0.0-alpha",
                "1.0.0-alpha.1",
                "1.0.0-alpha.beta",
                "1.0.0-beta.2",
                "1.0.0-beta.11",
                "1.0.0-rc.1",
                "1.0.0",
                "1.0.0.1",
                "1.2.10",
                "v2.0.0",
                "10.0",
            ],
        );
        same(ecosystem, &["1.0.0", "1.0", "v1", "1.0.0+build.5", "01.0"]);
    }
}

#[test]
fn python_orders_as_pep_440_says() {
    ascending(
        "pypi",
        &[
            "1.0.dev456",
            "1.0a1",
            "1.0a2.dev456",
            "1.0a12",
            "1.0b1.dev456",
            "1.0b2",
            "1.0b2.post345",
            "1.0rc1.dev456",
            "1.0rc1",
            "1.0",
            "1.0.post456.dev34",
            "1.0.post456",
            "1.1.dev1",
            "1!0.1",
        ],
    );
    same("pypi", &["1.0", "1.0.0", "v1", "1+local.7"]);
    same("pypi", &["1.0rc1", "1.0-c1", "1.0.pre.1", "1.0RC1"]);
    same("pypi", &["1.0.post2", "1.0-2", "1.0.r2"]);
}

#[test]
fn what_cannot_be_compared_is_said() {
    for (ecosystem, version) in [
        ("npm", "a1b2c3d"),
        ("golang", "main"),
        ("deb", "1:2.3-4ubuntu1"),
        ("pypi", "not-a-version"),
        ("oci", "sha256:abc"),
        ("npm", ""),
    ] {
        assert!(
            matches!(holds("<2", ecosystem, version), Verdict::Unknown(_)),
            "{ecosystem} {version}"
        );
    }
    // Equality needs no order.
    assert_eq!(holds("a1b2c3d", "npm", "a1b2c3d"), Verdict::Inside);
    assert_eq!(holds("a1b2c3d", "npm", "ffffff0"), Verdict::Outside);
    assert_eq!(holds("1:2.3-4", "deb", "1:2.3-4"), Verdict::Inside);
}

#[test]
fn ranges_have_conditions_intervals_and_alternatives() {
    let log4shell = ">=2.0-beta9 <2.3.1 || >=2.4 <2.12.2 || >=2.13.0 <2.15.0";
    for (version, inside) in [
        ("2.0-beta9", true),
        ("2.3.1", false),
        ("2.12.1", true),
        ("2.12.2", false),
        ("2.14.1", true),
        ("2.15.0", false),
        ("1.2.17", false),
    ] {
        let verdict = if inside {
            Verdict::Inside
        } else {
            Verdict::Outside
        };
        assert_eq!(holds(log4shell, "maven", version), verdict, "{version}");
    }
    assert_eq!(holds("[2.0,2.17.1)", "maven", "2.17.0"), Verdict::Inside);
    assert_eq!(holds("[2.0,2.17.1)", "maven", "2.17.1"), Verdict::Outside);
    assert_eq!(holds("(,1.0]", "npm", "1.0"), Verdict::Inside);
    assert_eq!(holds("[1.0]", "npm", "1.0.0"), Verdict::Inside);
    assert_eq!(holds(">= 1.0, < 2", "npm", "1.5"), Verdict::Inside);
    assert_eq!(holds("!=1.0", "npm", "1.1"), Verdict::Inside);
    for wrong in [
        "",
        "<",
        "^1.0",
        "~1",
        "<<1",
        "[1,2",
        "[,]",
        "(1)",
        "|| ||",
        "<latest",
        "[1,2],[3,4]",
    ] {
        assert!(Range::parse(wrong).is_err(), "{wrong}");
    }
    assert!(Range::parse(&"1 ".repeat(400)).is_err());
}

#[test]
fn package_urls_are_taken_apart() {
    let purl = |text: &str| Purl::parse(text).expect("a package URL");
    let log4j = purl("pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1?type=jar#sub");
    assert_eq!(log4j.written(), "org.apache.logging.log4j:log4j-core");
    assert_eq!((&*log4j.kind, &*log4j.version), ("maven", "2.14.1"));
    for text in ["pkg:npm/%40babel/core@7.0.0", "pkg:npm/@babel/core@7.0.0"] {
        assert_eq!(purl(text).written(), "@babel/core");
        assert_eq!(purl(text).version, "7.0.0");
    }
    assert_eq!(purl("pkg:npm/@babel/core").version, "");
    assert_eq!(
        purl("pkg:golang/github.com/gin-gonic/gin@v1.9.0").written(),
        "github.com/gin-gonic/gin"
    );
    assert_eq!(purl("pkg:PyPI/Django@4").kind, "pypi");
    for wrong in ["log4j", "pkg:", "pkg:maven", "pkg:maven/", "pkg:a b/c"] {
        assert!(Purl::parse(wrong).is_err(), "{wrong}");
    }
}

proptest! {
    #[test]
    fn no_text_is_too_odd(range in "\\PC{0,40}", version in "\\PC{0,40}", purl in "(pkg:)?\\PC{0,40}") {
        let _ = Purl::parse(&purl);
        if let Ok(range) = Range::parse(&range) {
            for ecosystem in ["maven", "pypi", "npm", "deb", ""] {
                let _ = range.holds(ecosystem, &version);
            }
        }
    }

    #[test]
    fn an_order_is_one(
        ecosystem in prop::sample::select(vec!["maven", "pypi", "npm"]),
        versions in prop::collection::vec("[0-9]{1,2}(\\.[0-9]{1,2}){1,3}(-?(rc|beta|alpha|a|b)[0-9]{1,2})?", 3),
    ) {
        let less = |a: &str, b: &str| holds(&format!("<{b}"), ecosystem, a) == Verdict::Inside;
        let equal = |a: &str, b: &str| holds(&format!("={b}"), ecosystem, a) == Verdict::Inside;
        let [a, b, c] = [&*versions[0], &*versions[1], &*versions[2]];
        // Exactly one of the three holds, and it is transitive.
        prop_assert_eq!(
            usize::from(less(a, b)) + usize::from(less(b, a)) + usize::from(equal(a, b)),
            1
        );
        prop_assert!(equal(a, a));
        if less(a, b) && less(b, c) {
            prop_assert!(less(a, c));
        }
    }
}
