//! The list's query box, views, columns, stars, comparing and exports.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use platform::actor::{Caller, Grants};
use serde_json::Value;

use crate::company::{Company, in_order, words};

fn rows(page: &str) -> usize {
    page.matches(r#"<th scope="row"><span class="cell-main">"#)
        .count()
}

fn encoded(query: &str) -> String {
    let bytes = query.bytes().map(|byte| format!("%{byte:02X}"));
    bytes.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn conditions_in_the_box_narrow_the_list() {
    let company = Company::new().await;
    for (query, count, first) in [
        ("kind:component", 3, "checkout-web"),
        ("kind:component type:service,website", 2, "checkout-web"),
        ("owner:team-commerce kind:api", 1, "orders-api"),
        (
            "owner:group:default/team-commerce kind:api",
            1,
            "orders-api",
        ),
        ("owner:me kind:component", 2, "Orders"),
        ("tag:kotlin", 1, "Orders"),
        ("-tag:kotlin kind:component", 2, "lonely"),
        ("kind:component (type:library or tag:kotlin)", 2, "lonely"),
        (
            "kind:component not (type:library or tag:kotlin)",
            1,
            "checkout-web",
        ),
        ("takes or lonely", 2, "Orders"),
        ("kind:component -takes", 2, "lonely"),
        ("orders and db", 1, "orders-db"),
        ("tier:1", 1, "Orders"),
        ("tier<=2", 1, "Orders"),
        ("lifecycle:production kind:component", 2, "lonely"),
        ("system:checkout kind:resource", 1, "orders-db"),
        ("annotation.sonarqube.org/project-key", 1, "Orders"),
        (
            "annotation.sonarqube.org/project-key:acme_orders",
            1,
            "Orders",
        ),
        ("has:annotation", 1, "Orders"),
        ("has:dependency", 2, "checkout-web"),
        ("has:api -kind:api", 1, "Orders"),
        ("is:ownerless", 1, "lonely"),
        ("name:lonely", 1, "lonely"),
        ("배송까지 or name:lonely", 1, "lonely"),
    ] {
        let page = company
            .page(&format!("/catalog?q={}", encoded(query)))
            .await;
        assert_eq!(rows(&page), count, "{query}");
        assert!(words(&page).contains(first), "{query}");
    }
    for query in ["tier>1", "is:orphan", "is:error", "kind:nothing"] {
        let page = company
            .page(&format!("/catalog?q={}", encoded(query)))
            .await;
        assert_eq!(rows(&page), 0, "{query}");
        assert!(
            words(&page).contains("Nothing matches all filters"),
            "{query}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_has_chips_and_facets_count_under_it() {
    let company = Company::new().await;
    let page = company
        .page("/catalog?kind=component&q=owner%3Ame+type%3Aservice")
        .await;
    in_order(
        &words(&page),
        &["owner:me", "type:service", "Kind: Components", "Clear"],
    );
    assert!(
        page.contains(r#"href="/catalog?kind=component&#38;q=type%3Aservice""#),
        "{page}"
    );
    let label = r#"name="lifecycle" value="production">"#;
    let (_, rest) = page.split_once(label).expect("the facet");
    assert!(words(rest.split_once("</label>").expect("a label").0).ends_with(" 1"));
    let page = company
        .page("/catalog?kind=component&q=type%3Aservice+tag%3Ajava")
        .await;
    in_order(
        &words(&page),
        &[
            "Without type:service",
            "0 results",
            "Without tag:java",
            "1 result",
        ],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_cannot_be_read_is_marked_and_kept() {
    let company = Company::new().await;
    let path = "/catalog?kind=component&q=takes+ownr%3A%3Cteam%3E+x";
    let page = company.page(path).await;
    assert!(
        page.contains("takes <mark>ownr</mark>:&#60;team&#62; x"),
        "{page}"
    );
    assert!(
        page.contains(r#"value="takes ownr:&#60;team&#62; x""#),
        "{page}"
    );
    assert!(page.contains(r#"aria-invalid="true" aria-describedby="query-error""#));
    in_order(
        &words(&page),
        &[
            "There is no field “ownr”",
            "Accepted:",
            "owner",
            "annotation.KEY",
        ],
    );
    assert_eq!(rows(&page), 0);
    let korean = words(&company.korean(path).await);
    in_order(
        &korean,
        &["“ownr” 필드는 없어요", "쓸 수 있는 것:", "owner"],
    );
    let data = company.get("/catalog.json?q=ownr%3Ax").await;
    assert_eq!(data.status, StatusCode::BAD_REQUEST);
    assert!(
        data.text.contains("ownr") && data.text.contains("byte 0"),
        "{}",
        data.text
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_box_proposes_fields_and_values_with_counts() {
    let company = Company::new().await;
    let suggest = async |q: &str, at: usize| {
        let seen = company
            .get(&format!("/catalog/suggest?q={}&at={at}", encoded(q)))
            .await;
        assert_eq!(seen.status, StatusCode::OK, "{}", seen.text);
        seen.text
    };
    let text = suggest("own", 3).await;
    in_order(&words(&text), &["owner:"]);
    assert!(
        text.contains(r#"role="option""#) && text.contains(r#"data-query="owner:" data-caret="6""#),
        "{text}"
    );
    let text = suggest("type:", 5).await;
    in_order(
        &words(&text),
        &["type:database 1", "type:library 1", "type:openapi 1"],
    );
    // Only what stands at the cursor is exchanged.
    let text = suggest("결제 owner:team-c tag:x", 15).await;
    assert!(
        text.contains(r#"data-query="결제 owner:team-commerce tag:x" data-caret="22""#),
        "{text}"
    );
    let text = suggest("is:", 3).await;
    in_order(&words(&text), &["is:mine 6", "is:ownerless 1"]);
    assert!(!text.contains("is:orphan"), "{text}");
    let text = suggest("-tag:kotlin,ti", 14).await;
    assert!(
        text.contains(r#"data-query="-tag:kotlin,tier-1 ""#),
        "{text}"
    );
    let text = suggest("commerce", 8).await;
    assert!(words(&text).contains("owner:team-commerce 6"), "{text}");
    for odd in ["\"", "owner:\"", "(((", "label.", "annotation.", "가:나"] {
        suggest(odd, 99).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn views_are_kept_renamed_and_removed() {
    let company = Company::new().await;
    let back = encoded("/catalog?kind=component&q=tag:kotlin&page=2&at=2026-11-21");
    let seen = company
        .post(
            "/catalog/views",
            &format!("do=save&name=My%20%3Cb%3E&back={back}"),
        )
        .await;
    assert_eq!(seen.status, StatusCode::SEE_OTHER, "{}", seen.text);
    let page = company.page("/catalog?q=tag:kotlin&kind=component").await;
    in_order(&words(&page), &["With errors", "My &#60;b&#62;", "Orders"]);
    assert!(
        page.contains(
            r#"<a href="/catalog?kind=component&#38;q=tag%3Akotlin" aria-current="page">"#
        ),
        "{page}"
    );
    assert!(page.contains(r#"id="view-rename""#) && !page.contains(r#"id="view-save""#));
    let seen = company
        .post(
            "/catalog/views",
            "do=rename&was=My%20%3Cb%3E&name=%EC%BD%94%ED%8B%80%EB%A6%B0&back=/catalog",
        )
        .await;
    assert_eq!(seen.status, StatusCode::SEE_OTHER, "{}", seen.text);
    let page = company.page("/catalog").await;
    assert!(page.contains("코틀린") && !page.contains("My &#60;b&#62;"));
    assert!(page.contains(r#"id="view-save""#));
    for (form, status) in [
        ("do=save&name=&back=/catalog", StatusCode::BAD_REQUEST),
        (
            "do=rename&was=nothing&name=x&back=/catalog",
            StatusCode::NOT_FOUND,
        ),
        ("do=other", StatusCode::BAD_REQUEST),
        (
            "do=delete&was=%EC%BD%94%ED%8B%80%EB%A6%B0&back=//evil.example",
            StatusCode::SEE_OTHER,
        ),
    ] {
        let seen = company.post("/catalog/views", form).await;
        assert_eq!(seen.status, status, "{form}: {}", seen.text);
        if let Some(to) = seen.headers.get(header::LOCATION) {
            assert!(
                to.to_str().expect("text").starts_with("/catalog?"),
                "{to:?}"
            );
        }
    }
    assert!(!company.page("/catalog").await.contains("코틀린"));
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_are_chosen_in_the_address_and_for_oneself() {
    let company = Company::new().await;
    let page = company
        .page("/catalog?kind=component&columns=tier,changed,source,problems,owner")
        .await;
    let head = words(
        page.split_once("<thead>")
            .expect("a head")
            .1
            .split_once("</thead>")
            .expect("an end")
            .0,
    );
    assert_eq!(head, "Pick Name Tier Changed Source Problems Owner Star");
    in_order(
        &words(&page),
        &["Orders", "just now", "acme.yaml", "Team Commerce"],
    );
    let form = "do=keep&column=tags&column=tier&place-tier=1&place-tags=2&back=/catalog%3Fkind%3Dcomponent%26columns%3Downer";
    let seen = company.post("/catalog/columns", form).await;
    assert_eq!(seen.headers[header::LOCATION], "/catalog?kind=component");
    let page = company.page("/catalog?kind=component").await;
    let head = words(
        page.split_once("<thead>")
            .expect("a head")
            .1
            .split_once("</thead>")
            .expect("an end")
            .0,
    );
    assert_eq!(head, "Pick Name Tier Tags Star");
    assert_eq!(
        company.post("/catalog/columns", "do=keep").await.status,
        StatusCode::BAD_REQUEST
    );
    company
        .post("/catalog/columns", "do=reset&back=/catalog")
        .await;
    let page = company.page("/catalog?kind=component").await;
    in_order(
        &words(&page),
        &["Type", "Owner", "Lifecycle", "System", "Tags"],
    );
    let cards = company.page("/catalog?kind=component&as=cards").await;
    assert!(
        !cards.contains("<thead><tr><th scope=\"col\"><span class=\"vh\">")
            && cards.contains(r#"<ul class="tiles""#)
    );
    in_order(
        &words(&cards),
        &[
            "checkout-web",
            "The shop",
            "Type website",
            "Owner Team Commerce",
        ],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_nobody_is_led_to_sign_in_and_the_address_keeps_columns() {
    let company = Company::new().await;
    let reader = || Caller {
        grants: Grants::All,
        ..Caller::anonymous()
    };
    let request = Request::get("/catalog?kind=component")
        .body(Body::empty())
        .expect("a request");
    let page = company.send(reader(), request).await.text;
    assert_eq!(rows(&page), 3);
    assert!(
        page.contains(r#"href="/sign-in?back=%2Fcatalog%3Fkind%3Dcomponent" aria-label="Star"#),
        "{page}"
    );
    assert!(!page.contains(r#"id="view-save""#));
    let request = Request::post("/catalog/columns")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(
            "do=keep&column=tier&back=//evil.example/%3Fkind%3Dapi",
        ))
        .expect("a request");
    let seen = company.send(reader(), request).await;
    assert_eq!(
        seen.headers[header::LOCATION],
        "/catalog?kind=api&columns=tier"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn stars_are_set_in_the_row_and_are_a_view() {
    let company = Company::new().await;
    let seen = company
        .post(
            "/catalog/stars",
            "star=component:default/lonely&back=/catalog%3Fkind%3Dcomponent",
        )
        .await;
    assert_eq!(seen.headers[header::LOCATION], "/catalog?kind=component");
    let page = company.page("/catalog?view=starred").await;
    in_order(&words(&page), &["Starred 1", "lonely"]);
    assert_eq!(rows(&page), 1);
    assert!(
        page.contains(r#"name="unstar" value="component:default/lonely" aria-pressed="true""#),
        "{page}"
    );
    assert_eq!(rows(&company.page("/catalog?q=is:starred").await), 1);
    assert_eq!(
        rows(&company.page("/catalog?kind=component&q=-is:starred").await),
        2
    );
    let seen = company
        .post("/catalog/stars", "star=component:default/nobody")
        .await;
    assert_eq!(seen.status, StatusCode::NOT_FOUND);
    company
        .post("/catalog/stars", "unstar=component:default/lonely")
        .await;
    assert_eq!(rows(&company.page("/catalog?view=starred").await), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn entities_are_compared_side_by_side() {
    let company = Company::new().await;
    let path = "/catalog/compare?ref=component:order-service&ref=component:default/lonely&ref=component:ghost";
    let page = company.page(path).await;
    let text = words(&page);
    in_order(
        &text,
        &[
            "Orders",
            "lonely",
            "ghost",
            "Not in the catalog",
            "Facts",
            "Kind",
            "Type",
            "Differs",
            "service",
            "library",
        ],
    );
    in_order(
        &text,
        &[
            "Relations",
            "Annotations",
            "sonarqube.org/project-key",
            "acme_orders",
        ],
    );
    let two = "ref=component:order-service&ref=component:lonely";
    let only = words(
        &company
            .page(&format!("/catalog/compare?{two}&only=differences"))
            .await,
    );
    in_order(&only, &["Name", "Differs", "order-service", "lonely"]);
    assert!(
        !only.contains("Lifecycle"),
        "both are in production: {only}"
    );
    let data: Value = serde_json::from_str(
        &company
            .get(&format!("/catalog/compare.json?{two}"))
            .await
            .text,
    )
    .expect("JSON");
    let fact = |name: &str| {
        let facts = data["facts"].as_array().expect("facts");
        facts
            .iter()
            .find(|fact| fact["name"] == name)
            .expect(name)
            .clone()
    };
    assert_eq!(fact("Lifecycle")["differs"], false);
    assert_eq!(fact("Type")["values"][1][0], "library");
    assert_eq!(fact("Tags")["values"][1], Value::Array(Vec::new()));
    assert!(
        words(&company.page("/catalog/compare?ref=component:lonely").await)
            .contains("Pick two to four entities")
    );
    company.korean(path).await;
    let five = (0..5)
        .map(|n| format!("ref=component:c{n}"))
        .collect::<Vec<_>>()
        .join("&");
    assert!(
        words(&company.page(&format!("/catalog/compare?{five}")).await)
            .contains("The first four are compared")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn picked_rows_and_everything_found_are_exported() {
    let company = Company::new().await;
    let picked =
        "ref=component:default/lonely&ref=api:default/orders-api&ref=component:default/ghost";
    let value: Value =
        serde_json::from_str(&company.get(&format!("/catalog.json?{picked}")).await.text)
            .expect("JSON");
    assert_eq!(value["totalItems"], 2);
    assert_eq!(value["items"].as_array().map(Vec::len), Some(2));
    let csv = company.get(&format!("/catalog.csv?{picked}")).await.text;
    assert_eq!(csv.lines().count(), 3, "{csv}");
    let found = company
        .get("/catalog.json?all=1&limit=25&q=kind%3Acomponent")
        .await
        .text;
    let value: Value = serde_json::from_str(&found).expect("JSON");
    assert_eq!(value["items"].as_array().map(Vec::len), Some(3));
    assert!(
        company
            .page("/catalog?kind=api")
            .await
            .contains(r#"href="/catalog.yaml?kind=api&#38;all=1""#)
    );
}

fn of(name: &str, groups: &[&str]) -> Caller {
    let user = format!("user:default/{name}");
    let refs = [user.as_str()].into_iter().chain(groups.iter().copied());
    Caller {
        ownership: refs
            .map(|text| model::entity_ref::EntityRef::parse(text, None, None).expect("a ref"))
            .collect(),
        actor: platform::actor::Actor::new(platform::actor::ActorKind::User, user.clone()),
        grants: Grants::All,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_of_a_team_is_everybody_s_who_belongs_to_it() {
    let company = Company::new().await;
    let team = "group:default/team-commerce";
    let (kim, lee, stranger) = (of("kim", &[team]), of("lee", &[team]), of("park", &[]));
    let ask = async |caller: &Caller, form: &str| {
        let request = Request::post("/catalog/views")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form.to_owned()))
            .expect("a request");
        company.send(caller.clone(), request).await
    };
    let look = async |caller: &Caller| {
        let request = Request::get("/catalog")
            .body(Body::empty())
            .expect("a request");
        company.send(caller.clone(), request).await.text
    };
    let offered = look(&kim).await;
    assert!(
        offered.contains("<option value=\"group:default/team-commerce\""),
        "{offered}"
    );
    assert!(
        !look(&stranger).await.contains("name=\"team\""),
        "who has no team is not asked"
    );
    let back = encoded("/catalog?kind=api");
    let save = format!("do=save&name=Ours&team={}&back={back}", encoded(team));
    assert_eq!(ask(&kim, &save).await.status, StatusCode::SEE_OTHER);
    assert!(look(&lee).await.contains("Ours · Team Commerce"));
    assert!(!look(&stranger).await.contains("Ours"));

    let refused = ask(&stranger, &save).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text);
    let rename = format!(
        "do=rename&was=Ours&name=APIs%20of%20ours&team={}&back=/catalog",
        encoded(team)
    );
    assert_eq!(ask(&stranger, &rename).await.status, StatusCode::NOT_FOUND);
    assert_eq!(ask(&lee, &rename).await.status, StatusCode::SEE_OTHER);
    assert!(look(&kim).await.contains("APIs of ours · Team Commerce"));
    // A view of one's own may have the same name.
    assert_eq!(
        ask(&lee, &format!("do=save&name=APIs%20of%20ours&back={back}"))
            .await
            .status,
        StatusCode::SEE_OTHER
    );
    let delete = format!(
        "do=delete&was=APIs%20of%20ours&team={}&back=/catalog",
        encoded(team)
    );
    assert_eq!(ask(&lee, &delete).await.status, StatusCode::SEE_OTHER);
    assert!(!look(&kim).await.contains("APIs of ours"));
    assert!(
        look(&lee).await.contains("APIs of ours"),
        "the own one stays"
    );
    assert_eq!(
        ask(&kim, "do=save&name=x&team=%3A%3A&back=/catalog")
            .await
            .status,
        StatusCode::BAD_REQUEST
    );
}
