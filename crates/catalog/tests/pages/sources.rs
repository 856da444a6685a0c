//! Sources: state, problems, conflicts, held deletions.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use platform::actor::{Caller, Grants};

use crate::company::{ACME, Company, in_order, kim, words};

const BROKEN: &str = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: bad name\nspec:\n  type: service\n  lifecycle: production\n  owner: team-commerce\n";

#[tokio::test(flavor = "multi_thread")]
async fn every_source_says_how_it_is() {
    let company = Company::new().await;
    let broken = company.world.write("broken.yaml", BROKEN);
    company.world.declare(&[&company.file, &broken]).await;
    let page = company.settled("/sources").await;
    let text = words(&page);
    in_order(
        &text,
        &[
            "Sources 2",
            "All 2",
            "Need attention 1",
            "acme.yaml",
            "Configuration",
            "OK",
            "10",
            "just now",
        ],
    );
    in_order(&text, &["broken.yaml", "1 problem", "now"]);
    let attention = words(&company.page("/sources?view=attention").await);
    assert!(
        attention.contains("broken.yaml") && !attention.contains("acme.yaml"),
        "{attention}"
    );
    in_order(
        &words(&company.korean("/sources").await),
        &["소스", "확인 필요 1", "문제 1건"],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_lists_its_problems_by_file_with_line_and_remedy() {
    let company = Company::new().await;
    company.world.write("broken.yaml", BROKEN);
    company
        .world
        .declare(&[&company.world.path("broken.yaml")])
        .await;
    let id = company.world.only_source().await.id;
    let page = company.settled(&format!("/sources/{id}")).await;
    in_order(
        &words(&page),
        &[
            "broken.yaml",
            "1 problem",
            "Refresh now",
            "Problems 1",
            "broken.yaml:4:9",
            "Accepted:",
        ],
    );
    let korean = company.korean(&format!("/sources/{id}")).await;
    in_order(
        &words(&korean),
        &["문제 1건", "지금 새로 고침", "broken.yaml:4:9"],
    );
    assert_eq!(
        company.get("/sources/unknown").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn conflicts_are_shown_to_both_owners() {
    let company = Company::new().await;
    let second = company.world.write(
        "second.yaml",
        "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: lonely}\nspec: {type: service, lifecycle: production, owner: team-commerce}\n",
    );
    company.world.declare(&[&company.file, &second]).await;
    for source in company.world.sources().await {
        let text = words(&company.page(&format!("/sources/{}", source.id)).await);
        in_order(
            &text,
            &[
                "Declared more than once",
                "lonely",
                "acme.yaml",
                "second.yaml:1:1",
            ],
        );
    }
    let text = words(&company.page("/catalog/default/component/lonely").await);
    in_order(
        &text,
        &[
            "Declared more than once",
            "Shown:",
            "acme.yaml",
            "Left out:",
            "second.yaml:1:1",
            "Noticed",
        ],
    );
    assert!(
        words(&company.korean("/catalog/default/component/lonely").await)
            .contains("두 번 넘게 선언됨")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_cannot_be_read_keeps_its_age_and_its_error() {
    let company = Company::new().await;
    company.world.remove("acme.yaml");
    company.world.reread_only().await;
    let page = company.settled("/sources").await;
    let text = words(&page);
    in_order(&text, &["Failed", "10", "1"]);
    assert!(
        page.contains(r#"<span class="fresh" data-tone="warn">"#),
        "{page}"
    );
    let id = company.world.only_source().await.id;
    let text = words(&company.page(&format!("/sources/{id}")).await);
    in_order(
        &text,
        &[
            "Failed",
            "The last refresh could not read everything",
            "What was read before stays",
        ],
    );
    let entity = words(&company.page("/catalog/default/component/lonely").await);
    in_order(&entity, &["1 error", "old, source acme.yaml", "Problems 1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_can_be_asked_for() {
    let company = Company::new().await;
    let source = company.world.only_source().await;
    let seen = company
        .post(&format!("/sources/{}/refresh", source.id), "")
        .await;
    assert_eq!(seen.status, StatusCode::SEE_OTHER);
    assert_eq!(
        seen.headers[header::LOCATION],
        format!("/sources/{}", source.id)
    );
    assert_eq!(
        company.post("/sources/unknown/refresh", "").await.status,
        StatusCode::NOT_FOUND
    );
    let reader = Caller {
        grants: Grants::Read,
        ..kim()
    };
    let path = format!("/sources/{}", source.id);
    let seen = company
        .send(
            reader.clone(),
            Request::get(&path).body(Body::empty()).expect("a request"),
        )
        .await;
    assert!(
        seen.text.contains(r#"aria-disabled="true""#) && !seen.text.contains("/refresh\""),
        "{}",
        seen.text
    );
    let post = Request::post(format!("{path}/refresh"))
        .body(Body::empty())
        .expect("a request");
    assert_eq!(
        company.send(reader, post).await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_deletion_happens_only_as_it_was_shown() {
    let company = Company::new().await;
    let documents: Vec<&str> = ACME.split("---\n").collect();
    company
        .world
        .write("acme.yaml", documents[..4].join("---\n"));
    company.world.reread_only().await;
    let path = format!("/sources/{}", company.world.only_source().await.id);
    let page = company.settled(&path).await;
    in_order(
        &words(&page),
        &[
            "5 deletions held",
            "Deletion held 5",
            "5 entities are gone at the source",
            "checkout-web",
            "Delete 5 entities",
        ],
    );
    in_order(
        &words(&company.korean(&path).await),
        &["삭제 5건 보류", "엔티티 5개 삭제"],
    );
    let entity = words(&company.page("/catalog/default/component/lonely").await);
    in_order(&entity, &["No longer declared", "Open its source"]);
    in_order(
        &words(&company.page("/catalog?view=orphans").await),
        &["Orphans 5", "checkout-web", "lonely"],
    );

    let stale = company
        .post(&format!("{path}/confirm-deletion"), "seen=something")
        .await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert_eq!(
        company
            .get("/catalog/default/component/lonely")
            .await
            .status,
        StatusCode::OK
    );
    let (_, rest) = page.split_once(r#"name="seen" value=""#).expect("a form");
    let seen = rest.split_once('"').expect("a value").0;
    let done = company
        .post(&format!("{path}/confirm-deletion"), &format!("seen={seen}"))
        .await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    company.world.reread_only().await;
    assert_eq!(
        company
            .get("/catalog/default/component/lonely")
            .await
            .status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        company.get("/catalog/default/system/checkout").await.status,
        StatusCode::OK
    );
    assert!(!words(&company.page(&path).await).contains("Deletion held"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_leads_to_what_it_brought() {
    let company = Company::new().await;
    let second = company.world.write(
        "second.yaml",
        "apiVersion: backstage.io/v1alpha1\nkind: System\nmetadata: {name: extra}\nspec: {owner: team-commerce}\n",
    );
    company.world.declare(&[&company.file, &second]).await;
    let sources = company.world.sources().await;
    let id = &sources.last().expect("two sources").id;
    let page = company.page(&format!("/sources/{id}")).await;
    let (_, rest) = page
        .split_once(r#"href="/catalog?source="#)
        .expect("a link to the entities");
    let query = rest.split_once('"').expect("an address").0;
    let text = words(
        &company
            .page(&format!("/catalog?source={query}&kind=system"))
            .await,
    );
    in_order(&text, &["1 of 2", "extra"]);
    assert!(!text.contains("checkout-web"), "{text}");
}
