//! What other capabilities put on an entity's page.

use askama::Template;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use catalog::{CardPlace, EntityCard, EntityTab, Sockets, permission};
use platform::actor::{Caller, Grants};
use platform::error::ApiError;
use portal::ui::Html;

use crate::company::{Company, kim, words};

const ORDERS: &str = "/catalog/default/component/order-service";

#[derive(Template)]
#[template(
    source = r#"<section class="card" id="{{ id }}"><p>{{ text }}</p></section>"#,
    ext = "html"
)]
struct Sample {
    id: &'static str,
    text: String,
}

fn card(name: &'static str, order: u16, answer: Result<Option<&'static str>, ()>) -> EntityCard {
    EntityCard::new(
        (name, "catalog-about"),
        (CardPlace::Main, order),
        permission::ENTITY_READ,
        move |shown| async move {
            let text = answer.map_err(|()| ApiError::unavailable("The meter is away"))?;
            Ok(text.map(|text| {
                Html::of(&Sample {
                    id: name,
                    text: format!("{text} {}", shown.entity_ref),
                })
            }))
        },
    )
}

async fn company() -> Company {
    let mut company = Company::new().await;
    let tab = EntityTab::new(
        ("wiring", "catalog-graph"),
        1,
        permission::ENTITY_READ,
        |subject| subject.kind() == "Component" && subject.spec_type() == "service",
        |shown| async move {
            let text = shown
                .entity
                .pointer("/spec/lifecycle")
                .map(ToString::to_string);
            Ok(text.map(|text| Html::of(&Sample { id: "wiring", text })))
        },
    );
    company.sockets = Sockets::new(
        vec![
            card("later", 2, Ok(Some("<b>second</b>"))),
            card("broken", 1, Err(())),
            card("silent", 3, Ok(None)),
        ],
        vec![tab],
    );
    company
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_fails_says_so_and_hurts_no_other() {
    let page = company().await.page(ORDERS).await;
    let text = words(&page);
    let broken = text.find("This card could not be drawn").expect("a reason");
    assert!(text.contains("The meter is away"), "{text}");
    let later = text.find("second").expect("the other card");
    assert!(later > broken);
    assert!(page.contains("&#60;b&#62;second&#60;/b&#62; component:default/order-service"));
    assert!(!page.contains(r#"id="silent"#));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tab_is_shown_where_it_applies() {
    let company = company().await;
    let overview = company.page(ORDERS).await;
    assert!(overview.contains(&format!(r#"href="{ORDERS}/wiring""#)));
    let tab = company.korean(&format!("{ORDERS}/wiring")).await;
    assert!(words(&tab).contains("production"));
    assert!(tab.contains(r#"aria-current="page""#));

    let other = "/catalog/default/api/orders-api";
    assert!(!company.page(other).await.contains("/wiring"));
    for path in [&format!("{other}/wiring"), &format!("{ORDERS}/nothing")] {
        assert_eq!(
            company.get(path).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_see_a_card_does_not_learn_of_it() {
    let mut company = company().await;
    let mut hidden = card("secret-card", 1, Ok(Some("cost")));
    hidden.permission = permission::LOCATION_DELETE;
    company.sockets = Sockets::new(vec![hidden], Vec::new());
    let reader = Caller {
        grants: Grants::Named([permission::ENTITY_READ.name.to_owned()].into()),
        ..kim()
    };
    let request = Request::get(ORDERS).body(Body::empty()).expect("a request");
    let seen = company.send(reader, request).await;
    assert_eq!(seen.status, StatusCode::OK);
    assert!(!seen.text.contains("secret-card"), "{}", seen.text);
    assert!(company.page(ORDERS).await.contains("secret-card"));
}
