//! A crate beside this one can extend the shell and import the components.

use askama::Template;
use portal::View;

use crate::request;

#[derive(Template)]
#[template(path = "thing.html", config = "tests/extends/askama.toml")]
struct Thing {
    view: View,
    name: String,
}

#[test]
fn a_page_of_another_folder_extends_the_shell() {
    let page = Thing {
        view: request::view("/catalog?kind=api"),
        name: "<order>".to_owned(),
    };
    let html = page.render().unwrap();
    assert!(html.starts_with("<!doctype html>"), "{html}");
    assert!(
        html.contains("<title>&#60;order&#62; · Portway</title>"),
        "{html}"
    );
    assert!(html.contains(r#"<section class="card" aria-labelledby="about">"#));
    assert!(
        html.contains(r#"<a href="/catalog?kind=api" aria-current="page">"#),
        "{html}"
    );
}
