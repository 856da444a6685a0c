//! The portal's design system: page shell, components, themes, languages,
//! graphs. It knows no capability; capabilities write pages with it.
//!
//! A page is a template struct with a field `view: View` and a template that
//! starts with
//!
//! ```text
//! {% extends "shell.html" %}
//! {% import "components.html" as ui %}
//! {% block title %}{{ view.t("thing-title") }}{% endblock %}
//! {% block content %} … {% endblock %}
//! ```
//!
//! askama looks for templates per crate, so a crate with pages has an
//! `askama.toml` beside its `Cargo.toml`:
//!
//! ```toml
//! [general]
//! dirs = ["templates", "../portal/templates"]
//! whitespace = "minimize"
//! ```
//!
//! The crate must name this crate `portal`, because the macros call
//! `portal::icon_href` and the like. `tests/extends.rs` proves that this works,
//! and the README shows a complete page.

// Macros in templates name this crate as other crates do.
extern crate self as portal;

mod assets;
pub mod check;
pub mod gallery;
pub mod graph;
mod headers;
mod href;
mod icons;
mod josa;
mod lang;
mod nav;
mod page;
mod pages;
mod portal_state;
mod preferences;
mod query;
mod texts;
mod toast;
pub mod ui;
mod view;
mod when;

pub use assets::{asset, asset_url};
pub use headers::{CONTENT_SECURITY_POLICY, SECURITY_HEADERS, secure};
pub use href::{is_external, safe_href};
pub use icons::{IconHref, icon_href, icon_names, is_urgent, kind_icon, status_href};
pub use josa::{josa, with_josa};
pub use lang::Lang;
pub use nav::{Nav, NavEntry, NavGroup};
pub use page::Page;
pub use pages::{
    ErrorPage, HomePage, KindCount, LoginButton, LoginMessage, LoginPage, OwnedLine, SourceLine,
};
pub use portal_state::{LOCALES, Portal};
pub use preferences::{Preferences, PreferencesForm, Theme, preferences};
pub use query::Address;
pub use texts::{RichText, Text, TextValue, Texts, TextsError};
pub use toast::Toast;
pub use view::{UserView, View};
pub use when::TimeTag;
