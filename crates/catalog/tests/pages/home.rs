//! The home page: what waits, whose things, what has changed.

use axum::body::Body;
use axum::extract::Request;
use catalog::permission::ENTITY_READ;
use catalog::{CardPlace, HomeCard, Sockets};
use platform::ApiError;
use platform::actor::{Actor, ActorKind, Caller, Grants};
use portal::ui::{Empty, Html};

use crate::company::{ACME, Company, in_order, kim, words};

/// Somebody who may look, and whom the catalog does not know.
fn visitor() -> Caller {
    Caller {
        actor: Actor::new(ActorKind::User, "user:development/guest"),
        ownership: Vec::new(),
        grants: Grants::Read,
    }
}

async fn seen_by(company: &Company, caller: Caller) -> String {
    let request = Request::get("/").body(Body::empty()).expect("a request");
    company.send(caller, request).await.text
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_known_sees_what_their_groups_own() {
    let company = Company::new().await;
    let text = words(&company.page("/").await);
    in_order(
        &text,
        &[
            "What needs you",
            "Team Commerce",
            "Nothing waits",
            "My components 2",
            "Orders OK service 1 production",
            "checkout-web OK website experimental",
            "Changed lately",
            "entities are new",
            "Starred",
            "In the catalog",
            "Components 3",
        ],
    );
    assert!(!text.contains("lonely"), "{text}");
    in_order(
        &words(&company.korean("/").await),
        &[
            "지금 할 일",
            "기다리는 일이 없어요",
            "우리 팀 컴포넌트",
            "카탈로그",
            "컴포넌트 3",
        ],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_unknown_sees_what_waits_anywhere_the_worst_first() {
    let company = Company::new().await;
    let broken = company.world.write("broken.yaml", "kind: [\n");
    company.world.declare(&[&company.file, &broken]).await;
    let text = words(&seen_by(&company, visitor()).await);
    in_order(
        &text,
        &[
            "What needs attention",
            "all of Acme",
            "Waiting for somebody 2",
            "1 document of",
            "broken.yaml is not understood",
            "Show why",
            "lonely has no owner",
            "Find owners",
            "Most important components 3",
            "Orders OK service 1 production Team Commerce",
            "lonely OK library production team-gone",
            "Sources 2",
            "1 needs attention",
        ],
    );
    assert!(!text.contains("does not know"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_entity_with_an_error_says_which_error() {
    let twice = format!(
        "{ACME}---\napiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {{name: orders-copy}}\nspec: {{type: service, lifecycle: production, owner: team-commerce, definition: {{$text: ./absent.yaml}}}}\n"
    );
    let company = Company::with(&twice).await;
    let page = company.page("/").await;
    let text = words(&page);
    in_order(
        &text,
        &[
            "Waiting for you 1",
            "orders-copy has errors",
            "absent.yaml",
            "Show errors",
        ],
    );
    assert!(
        page.contains("/catalog/default/component/orders-copy#problems"),
        "{page}"
    );
    in_order(&text, &["orders-copy", "1 problem"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_leads_to_its_difference() {
    let company = Company::new().await;
    let changed = ACME.replace("description: The shop", "description: The shop window");
    company.world.write("acme.yaml", changed);
    company.world.reread_only().await;
    let page = company.page("/").await;
    in_order(
        &words(&page),
        &["Changed lately", "checkout-web has changed", "version 2"],
    );
    let href = "/catalog/default/component/checkout-web/history?from=1&#38;to=2#diff";
    assert!(page.contains(href), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_see_nothing_sees_no_names_and_no_numbers() {
    let company = Company::new().await;
    let nobody = Caller {
        grants: Grants::Named(std::collections::BTreeSet::new()),
        ..kim()
    };
    let page = seen_by(&company, nobody).await;
    for secret in ["order-service", "lonely", "Team Commerce"] {
        assert!(!page.contains(secret), "{secret}: {page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn capabilities_put_cards_on_it_and_a_failing_one_hurts_no_other() {
    let card = |name, place, order, fails: bool| {
        HomeCard::new(
            (name, "catalog-kind"),
            (place, order),
            ENTITY_READ,
            move |shown| async move {
                if fails {
                    return Err(ApiError::input("the other side is away"));
                }
                let count = shown.owners.len();
                let html = Empty::new(format!("{name} for {count}"), "").html(&shown.view);
                Ok::<Option<Html>, ApiError>(Some(html))
            },
        )
    };
    let mut company = Company::new().await;
    company.sockets = Sockets::default().with_home(vec![
        card("late", CardPlace::Aside, 9, false),
        card("early", CardPlace::Aside, 1, false),
        card("away", CardPlace::Main, 1, true),
    ]);
    let text = words(&company.page("/").await);
    in_order(
        &text,
        &[
            "could not be drawn",
            "the other side is away",
            "early for 2",
            "late for 2",
        ],
    );
}
