//! The wizard without any code host: what is typed is checked and kept.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use platform::actor::{Caller, Grants};
use platform::request::encode;

use crate::company::{ACME, Company, Seen, in_order, kim, words};

const BROKEN: &str = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: bad name\nspec:\n  type: service\n  lifecycle: production\n  owner: team-commerce\n";
const GOOD: &str = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: brand-new}\nspec: {type: service, lifecycle: production, owner: team-commerce}\n---\napiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: lonely}\nspec: {type: library, lifecycle: production, owner: nobody-known}\n";

async fn typed(company: &Company, text: &str) -> Seen {
    company
        .post("/register", &format!("url=&yaml={}", encode(text)))
        .await
}

fn reader() -> Caller {
    Caller {
        grants: Grants::Read,
        ..kim()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_step_asks_in_both_languages() {
    let company = Company::new().await;
    let page = company.page("/register").await;
    in_order(
        &words(&page),
        &[
            "Register in the catalog",
            "Name it",
            "See what would change",
            "Register or propose",
            "Address of a file or repository",
            "Or the text of a catalog file",
            "See what would change",
        ],
    );
    assert!(page.contains(r#"<li aria-current="step">"#), "{page}");
    in_order(
        &words(&company.korean("/register").await),
        &[
            "카탈로그에 등록",
            "주소 입력",
            "파일 또는 저장소 주소",
            "변경 내용 보기",
        ],
    );
    let import = company.get("/catalog-import?url=x").await;
    assert_eq!(import.headers[header::LOCATION], "/register?url=x");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_typed_text_is_judged_by_line_and_comes_back() {
    let company = Company::new().await;
    let seen = typed(&company, BROKEN).await;
    assert_eq!(seen.status, StatusCode::OK);
    in_order(
        &words(&seen.text),
        &[
            "Problems 1",
            "catalog-info.yaml:4:9",
            "Accepted:",
            "4 │ name: bad name",
            "No entities",
            "Catalog file",
            "name: bad name",
            "Check again",
        ],
    );
    assert!(!seen.text.contains("Open a pull request"), "{}", seen.text);
    assert_eq!(company.portal.texts().missing(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_typed_text_says_what_is_new_and_what_somebody_has() {
    let company = Company::new().await;
    let text = words(&typed(&company, GOOD).await.text);
    in_order(
        &text,
        &[
            "What would happen 2",
            "lonely",
            "Left out: declared elsewhere",
            "acme.yaml",
            "nobody-known",
            "brand-new",
            "New",
            "Team Commerce",
            "Write the address of a repository",
        ],
    );
    let back = company
        .post("/register", &format!("_do=back&url=&yaml={}", encode(GOOD)))
        .await;
    assert!(back.text.contains("name: brand-new"), "{}", back.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_texts_and_addresses_are_answered_in_words() {
    let company = Company::new().await;
    for text in [
        "<script>alert(1)</script>",
        "\u{202e}: [",
        "a: &a [*a]",
        "---\n---\n",
        &"[".repeat(100_000),
    ] {
        let seen = typed(&company, text).await;
        assert_eq!(seen.status, StatusCode::OK, "{}", text.len());
        assert!(!seen.text.contains("<script>alert"), "{}", seen.text);
    }
    for (url, words_of_it) in [
        ("ftp://host/x", "is not an address of the web"),
        ("/etc/passwd", "is not an address of the web"),
        ("javascript:alert(1)", "is not an address of the web"),
    ] {
        let seen = company
            .post("/register", &format!("url={}&yaml=", encode(url)))
            .await;
        assert_eq!(seen.status, StatusCode::BAD_REQUEST, "{url}");
        let text = words(&seen.text);
        in_order(&text, &["This did not work", words_of_it, "still below"]);
        assert!(
            seen.text.contains(&format!(r#"value="{url}""#)),
            "{}",
            seen.text
        );
    }
    // A host that may not be reached, and that nobody has allowed.
    let seen = company
        .get("/register?url=http%3A%2F%2F127.0.0.1%3A9%2Fx.yaml")
        .await;
    in_order(&words(&seen.text), &["This did not work", "127.0.0.1"]);
    assert!(
        seen.text.contains(r#"value="http://127.0.0.1:9/x.yaml""#),
        "{}",
        seen.text
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_register_is_told_who_may() {
    let company = Company::new().await;
    let nobody = Caller {
        grants: Grants::Named(["catalog.entity.read".to_owned()].into()),
        ..kim()
    };
    let get = Request::get("/register")
        .body(Body::empty())
        .expect("a request");
    let seen = company.send(nobody.clone(), get).await;
    assert_eq!(seen.status, StatusCode::OK);
    assert!(
        seen.text.contains("catalog.location.analyze"),
        "{}",
        seen.text
    );
    let post = Request::post("/register")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(format!("yaml={}", encode(GOOD))))
        .expect("a request");
    let seen = company.send(nobody, post).await;
    assert_eq!(seen.status, StatusCode::FORBIDDEN);
    assert!(
        seen.text.contains("name: brand-new"),
        "nothing typed is lost"
    );
    let add = Request::post("/register/add")
        .body(Body::from("url=https://h/x.yaml"))
        .expect("a request");
    assert_eq!(
        company.send(reader(), add).await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_pull_requests_of_known_hosts_are_linked() {
    let company = Company::new().await;
    let page = company
        .page("/register/proposed?pull=https%3A%2F%2Fevil.example%2F1&url=https%3A%2F%2Fh%2Fx.yaml")
        .await;
    assert!(!page.contains("evil.example/1\""), "{page}");
    in_order(&words(&page), &["Pull request open", "look at the file"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn taking_a_source_out_shows_what_goes_and_asks_for_its_name() {
    let company = Company::new().await;
    let id = company.world.only_source().await.id;
    let path = format!("/sources/{id}/remove");
    // What the configuration declares would come back.
    in_order(
        &words(&company.page(&path).await),
        &[
            "Remove",
            "acme.yaml?",
            "What goes with it 10",
            "app-config.yaml",
        ],
    );
    let page = company.page(&format!("/sources/{id}")).await;
    assert!(page.contains(&format!("href=\"{path}\"")), "{page}");
    let seen = seen_of(&company.page("/sources").await);
    assert_eq!(seen, "", "nothing to confirm on the list");
    in_order(
        &words(&company.korean(&path).await),
        &["제거할까요?", "함께 사라지는 엔티티 10"],
    );
}

fn seen_of(page: &str) -> String {
    page.split_once("name=\"seen\" value=\"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .map_or_else(String::new, |(seen, _)| seen.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_has_its_history_and_its_data() {
    let company = Company::new().await;
    let id = company.world.only_source().await.id;
    let path = format!("/sources/{id}");
    let text = words(&company.settled(&path).await);
    in_order(
        &text,
        &[
            "History",
            "10 new, 0 changed, 0 removed",
            "Read in full",
            "Declared by",
        ],
    );
    let more = company
        .world
        .write("acme.yaml", format!("{ACME}---\n{GOOD}"));
    company.world.reread_only().await;
    assert!(more.exists());
    let text = words(&company.settled(&path).await);
    in_order(&text, &["History", "1 new, 0 changed, 0 removed", "10 new"]);
    // Reading it once more changes nothing and leaves no trace.
    company.world.reread_only().await;
    let text = words(&company.settled(&path).await);
    assert_eq!(text.matches(" new, ").count(), 2, "{text}");
    in_order(
        &words(&company.korean(&path).await),
        &["기록", "추가 1, 변경 0, 제거 0"],
    );
    let data = company.get(&format!("{path}.json")).await;
    let data: serde_json::Value = serde_json::from_str(&data.text).expect("JSON");
    assert_eq!(data["id"], id.as_str());
    let all = company.get("/sources.json").await;
    let all: serde_json::Value = serde_json::from_str(&all.text).expect("JSON");
    assert_eq!(all["items"][0]["id"], id.as_str());
}
