//! `/catalog`, home and the frame.

use std::fmt::Write;

use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use platform::actor::{Caller, Grants};
use serde_json::Value;

use crate::company::{ACME, Company, in_order, kim, words};

#[tokio::test(flavor = "multi_thread")]
async fn the_list_says_what_there_is() {
    let company = Company::new().await;
    let page = company.page("/catalog?kind=component").await;
    assert!(
        page.contains("<title>Components · Portway</title>"),
        "{page}"
    );
    let text = words(&page);
    in_order(
        &text,
        &[
            "Components",
            "3",
            "All 3",
            "Mine 2",
            "Starred 0",
            "Orphans 0",
            "No owner 1",
            "With errors 0",
        ],
    );
    in_order(
        &text,
        &[
            "3 of 3",
            "checkout-web",
            "The shop",
            "lonely",
            "Orders",
            "order-service",
            "Takes orders",
        ],
    );
    assert!(
        page.contains(r#"<a href="/catalog/default/component/order-service">Orders</a>"#),
        "{page}"
    );
    assert!(
        page.contains(r#"<a href="/catalog/default/group/team-commerce">Team Commerce</a>"#),
        "{page}"
    );
    in_order(&text, &["team-gone", "Not in the catalog"]);
    let korean = words(&company.korean("/catalog?kind=component").await);
    in_order(
        &korean,
        &[
            "컴포넌트",
            "내 것 2",
            "소유자 없음 1",
            "3개 중 3개",
            "주문을 받아 배송까지 이끌어요",
        ],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn facets_count_under_the_other_filters() {
    let company = Company::new().await;
    let page = company
        .page("/catalog?kind=component&type=service&type=website")
        .await;
    for (name, value, checked, count) in [
        ("type", "service", " checked", "1"),
        ("type", "website", " checked", "1"),
        ("type", "library", "", "1"),
        ("kind", "component", " checked", "2"),
        ("lifecycle", "production", "", "1"),
        ("owner", "group:default/team-commerce", "", "2"),
        ("owner", "me", "", "2"),
        ("system", "system:default/checkout", "", "2"),
        ("tag", "kotlin", "", "1"),
    ] {
        let label = format!(r#"<input type="checkbox" name="{name}" value="{value}"{checked}>"#);
        let (_, rest) = page
            .split_once(&label)
            .unwrap_or_else(|| panic!("{label} is missing in {page}"));
        let rest = words(rest.split_once("</label>").expect("a label").0);
        assert!(
            rest.ends_with(&format!(" {count}")),
            "{name}={value}: {rest}"
        );
    }
    // Each chip leads to the list without it.
    assert!(
        page.contains(r#"href="/catalog?kind=component&#38;type=website""#),
        "{page}"
    );
    in_order(&words(&page), &["2 of 3", "checkout-web", "Orders"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn views_narrow_the_list() {
    let company = Company::new().await;
    let rows = |page: &str| {
        page.matches(r#"<th scope="row"><span class="cell-main">"#)
            .count()
    };
    for (path, count, first) in [
        ("/catalog?owner=me", 6, "shop"),
        ("/catalog?view=ownerless", 1, "lonely"),
        ("/catalog?q=ORDERS", 3, "orders-api"),
        ("/catalog?q=drives%20them", 1, "Orders"),
        ("/catalog?q=team+comm", 1, "Team Commerce"),
        ("/catalog?namespace=default&tag=kotlin", 1, "Orders"),
        ("/catalog?owner=team-commerce&kind=api", 1, "orders-api"),
    ] {
        let page = company.page(path).await;
        assert_eq!(rows(&page), count, "{path}");
        assert!(words(&page).contains(first), "{path}");
    }
    let text = words(&company.page("/catalog?view=errors").await);
    assert!(text.contains("Nothing to worry about"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_sorted_and_paged_by_the_server() {
    let mut text = ACME.to_owned();
    for number in 0..60 {
        let _ = write!(
            text,
            "---\napiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {{name: c{number:02}}}\nspec: {{type: t{}, lifecycle: production, owner: team-commerce}}\n",
            number % 2
        );
    }
    let company = Company::with(&text).await;
    let page = company.page("/catalog?kind=component&limit=25").await;
    assert_eq!(
        page.matches(r#"<th scope="row"><span class="cell-main">"#)
            .count(),
        25
    );
    in_order(
        &words(&page),
        &["c00", "c01", "c24", "Rows 1–25 of 63", "Previous", "Next"],
    );
    assert!(page.contains(r#"rel="next""#) && !page.contains(r#"rel="prev""#));
    let page = company
        .page("/catalog?kind=component&limit=25&sort=-name&page=3")
        .await;
    in_order(&words(&page), &["c09", "c00", "Rows 51–63 of 63"]);
    assert!(page.contains(r#"aria-sort="descending""#));
    let page = company
        .page("/catalog?kind=component&sort=type&limit=100")
        .await;
    in_order(&words(&page), &["lonely", "c00", "c02", "c01"]);
    // Beyond the end there is a way back.
    let page = company.page("/catalog?kind=component&page=99").await;
    in_order(&words(&page), &["Go to the first page", "63 results"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_list_proposes_what_to_take_off() {
    let company = Company::new().await;
    let page = company
        .page("/catalog?kind=component&type=website&tag=kotlin")
        .await;
    let text = words(&page);
    in_order(
        &text,
        &[
            "Nothing matches all filters",
            "Without Kind: Components",
            "0 results",
        ],
    );
    in_order(
        &text,
        &[
            "Without Type: website",
            "1 result",
            "Without Tag: kotlin",
            "1 result",
        ],
    );
    let nothing = Company::with("").await;
    let text = words(&nothing.page("/catalog?kind=component").await);
    assert!(
        text.contains("Nothing matches all filters") || text.contains("The catalog is empty"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_selection_is_also_data() {
    let company = Company::new().await;
    let json = company
        .get("/catalog.json?kind=component&type=service")
        .await;
    assert_eq!(json.status, StatusCode::OK);
    let value: Value = serde_json::from_str(&json.text).expect("JSON");
    assert_eq!(value["totalItems"], 1);
    assert_eq!(value["items"][0]["metadata"]["name"], "order-service");
    assert!(value["items"][0]["relations"].is_array());
    let yaml = company.get("/catalog.yaml?type=service").await;
    assert!(yaml.text.contains("name: order-service\n"), "{}", yaml.text);
    let csv = company.get("/catalog.csv?kind=component&sort=name").await;
    let lines: Vec<&str> = csv.text.split("\r\n").collect();
    assert_eq!(
        lines[0],
        "kind,namespace,name,title,type,owner,lifecycle,system,tags,description,tier,slo,compliance,evidence,source,commit"
    );
    let begins = "Component,default,order-service,Orders,service,group:default/team-commerce,production,system:default/checkout,kotlin tier-1,Takes orders and drives them to delivery,1,99.99,,,";
    assert!(lines[3].starts_with(begins), "{}", lines[3]);
    assert_eq!(lines.len(), 5, "{}", csv.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_past_can_be_looked_at() {
    let company = Company::new().await;
    let entity = model::EntityRef::new("component", "default", "lonely");
    let before = company
        .world
        .catalog
        .store()
        .history(&entity, 1)
        .await
        .expect("a history")[0]
        .time;
    company
        .world
        .write("acme.yaml", ACME.replace("type: library", "type: plugin"));
    company.world.reread_only().await;
    let page = company
        .page(&format!("/catalog?kind=component&type=library&at={before}"))
        .await;
    in_order(
        &words(&page),
        &[
            "This is the catalog as of",
            "Back to now",
            "1 of 3",
            "lonely",
        ],
    );
    let now = words(&company.page("/catalog?kind=component&type=plugin").await);
    in_order(&now, &["1 of 3", "lonely"]);
    assert!(!now.contains("This is the catalog as of"));
    let page = words(
        &company
            .page(&format!("/catalog/default/component/lonely?at={before}"))
            .await,
    );
    in_order(&page, &["lonely", "This is the catalog as of", "library"]);
    let refused = company.get("/catalog?at=yesterday").await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(refused.text.contains("2026-11-21"), "{}", refused.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_frame_knows_who_looks_and_how_much_there_is() {
    let company = Company::new().await;
    let page = company.page("/catalog?kind=component").await;
    assert!(page.contains("Kim Minji"), "{page}");
    assert!(
        page.contains(r#"<a href="/catalog/default/user/kim">"#),
        "{page}"
    );
    let rail = page.split_once("<main").expect("a main part").0;
    in_order(
        &words(&rail.replace("<nav", "<main")),
        &["Components", "3", "Sources"],
    );
    let nobody = Caller::anonymous();
    let seen = company
        .send(
            nobody,
            Request::get("/catalog")
                .body(Body::empty())
                .expect("a request"),
        )
        .await;
    assert_eq!(seen.status, StatusCode::UNAUTHORIZED);
    let limited = Caller {
        grants: Grants::Named(["catalog.location.read".to_owned()].into()),
        ..kim()
    };
    let seen = company
        .send(
            limited,
            Request::get("/catalog")
                .body(Body::empty())
                .expect("a request"),
        )
        .await;
    assert_eq!(seen.status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_change_orders_the_list() {
    let company = Company::new().await;
    company.world.write(
        "acme.yaml",
        ACME.replace("description: The shop", "description: The new shop"),
    );
    company.world.declare(&[&company.file]).await;
    let newest = company
        .page("/catalog?kind=component&sort=-changed&columns=changed")
        .await;
    in_order(&words(&newest), &["checkout-web", "lonely", "Orders"]);
    assert!(
        newest.contains("sort=changed"),
        "the heading turns the order round: {newest}"
    );
    let oldest = company.page("/catalog?kind=component&sort=changed").await;
    in_order(&words(&oldest), &["lonely", "Orders", "checkout-web"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_past_moment_stays_in_every_link() {
    let company = Company::new().await;
    let at = "2999-01-01T00:00:00Z";
    let page = company
        .page(&format!("/catalog?kind=component&at={at}"))
        .await;
    let encoded = "at=2999-01-01T00%3A00%3A00Z";
    for path in [
        "component/order-service",
        "group/team-commerce",
        "system/checkout",
    ] {
        assert!(
            page.contains(&format!("href=\"/catalog/default/{path}?{encoded}\"")),
            "{path}: {page}"
        );
    }
    let entity = company
        .page(&format!("/catalog/default/component/order-service?at={at}"))
        .await;
    for path in [
        "resource/orders-db",
        "group/team-commerce",
        "system/checkout",
    ] {
        assert!(
            entity.contains(&format!("href=\"/catalog/default/{path}?{encoded}\"")),
            "{path}: {entity}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_before_everything_says_so() {
    let company = Company::new().await;
    let page = words(&company.page("/catalog?at=2020-01-01").await);
    assert!(
        page.contains("There was nothing in the catalog then") && page.contains("Back to now"),
        "{page}"
    );
    assert!(
        !page.contains("The catalog is empty") && !page.contains("Apply filters"),
        "{page}"
    );
    let korean = words(&company.korean("/catalog?at=2020-01-01").await);
    assert!(
        korean.contains("그때는 카탈로그에 아무것도 없었어요"),
        "{korean}"
    );
}
