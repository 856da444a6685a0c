//! Views as a server would make them.

use std::sync::Arc;

use axum::http::Request;
use jiff::Timestamp;
use portal::{Lang, Nav, NavEntry, Portal, UserView, View};

pub(crate) fn now() -> Timestamp {
    "2026-11-21T08:05:00Z".parse().unwrap()
}

pub(crate) fn nav() -> Nav {
    Nav::default()
        .entry("nav-learn", NavEntry::new("nav-learn", "/docs"))
        .entry(
            "nav-catalog",
            NavEntry::new("nav-home", "/catalog?kind=component"),
        )
        .entry(
            "nav-catalog",
            NavEntry::new("nav-learn", "/catalog?kind=api"),
        )
        .entry("nav-catalog", NavEntry::new("home-sources", "/catalog"))
}

pub(crate) fn portal() -> Arc<Portal> {
    Portal::new(&[], nav(), "Acme").unwrap()
}

pub(crate) fn view(uri: &str) -> View {
    view_with(uri, &[])
}

pub(crate) fn view_in(lang: Lang, uri: &str) -> View {
    view_with(uri, &[("accept-language", lang.tag())])
}

pub(crate) fn view_with(uri: &str, headers: &[(&str, &str)]) -> View {
    let mut request = Request::builder().uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (parts, ()) = request.body(()).unwrap().into_parts();
    let user = UserView {
        name: "Kim Minji".to_owned(),
        href: None,
        can_sign_out: true,
    };
    View::new(&portal(), &parts, Some(user), now())
}
