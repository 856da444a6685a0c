use portal::{Address, is_external, safe_href};

use crate::request::{nav, portal, view};

#[test]
fn groups_stand_in_the_order_of_the_product() {
    let keys: Vec<_> = nav().groups.iter().map(|group| group.key.clone()).collect();
    assert_eq!(keys, ["nav-catalog", "nav-learn"]);
}

#[test]
fn the_entry_that_fits_best_is_current() {
    for (uri, expected) in [
        (
            "/catalog?kind=api&page=2&lang=ko",
            vec!["/catalog?kind=api"],
        ),
        ("/catalog?owner=me", vec!["/catalog"]),
        ("/docs", vec!["/docs"]),
        ("/elsewhere", vec![]),
    ] {
        let nav = view(uri).nav;
        let current: Vec<_> = nav
            .groups
            .iter()
            .flat_map(|g| &g.entries)
            .filter(|e| e.current)
            .map(|e| e.href.as_str())
            .collect();
        assert_eq!(current, expected, "{uri}");
    }
    let below = view("/catalog/default/api/orders").at("nav-home");
    assert!(below.nav.groups[0].entries[0].current);
}

#[test]
fn counts_come_from_whoever_knows_them() {
    let portal = portal();
    portal.set_count("nav-home", 1_204);
    assert_eq!(portal.nav().groups[0].entries[0].count, Some(1_204));
    assert_eq!(portal.nav().groups[0].entries[1].count, None);
}

#[test]
fn addresses_keep_what_is_not_changed() {
    let here = Address::new("/catalog", "kind=api&tag=a%26b&tag=한국&page=3");
    assert_eq!(
        here.with("page", "4").to_string(),
        "/catalog?kind=api&tag=a%26b&tag=%ED%95%9C%EA%B5%AD&page=4"
    );
    assert_eq!(
        here.without_value("tag", "한국")
            .without("page")
            .to_string(),
        "/catalog?kind=api&tag=a%26b"
    );
    assert_eq!(here.and("tag", "a&b"), here);
    assert_eq!(Address::parse("/catalog").to_string(), "/catalog");
    assert_eq!(here.all("tag").collect::<Vec<_>>(), ["a&b", "한국"]);
}

#[test]
fn links_from_data_hold_no_script() {
    for fine in [
        "/catalog",
        "?a=b:c",
        "#x",
        "https://a.example/x",
        "HTTP://a.example",
        "mailto:a@b.example",
        "docs/a",
    ] {
        assert_eq!(safe_href(fine), fine);
    }
    for bad in [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\nscript:alert(1)",
        " javascript:x",
        "data:text/html,x",
        "vbscript:x",
    ] {
        assert_eq!(safe_href(bad), "#", "{bad}");
    }
    assert!(is_external("https://a.example") && is_external("//a.example") && !is_external("/a"));
}
