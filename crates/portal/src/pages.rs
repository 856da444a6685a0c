//! The pages that belong to no capability: sign-in, errors.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::page::Page;
use crate::view::View;

/// `GET /sign-in`.
#[derive(Debug, Template)]
#[template(path = "portal/login.html")]
pub struct LoginPage {
    /// The frame.
    pub view: View,
    /// Why the page is shown, or what went wrong with the last attempt.
    pub message: Option<LoginMessage>,
    /// Ways to sign in that are one button each.
    pub buttons: Vec<LoginButton>,
    /// Where the form for a token goes, when tokens are accepted.
    pub token_action: Option<String>,
    /// Where to go afterwards; only a path of this site is used.
    pub back: String,
}

/// What is said above the ways to sign in.
#[derive(Clone, Debug)]
pub struct LoginMessage {
    /// Its colour.
    pub tone: crate::ui::Tone,
    /// What has happened, in a few words; may be empty.
    pub title: String,
    /// The sentence.
    pub text: String,
    /// What to do next; may be empty.
    pub next: String,
    /// What the person may hand on to whoever helps them: name and value.
    pub facts: Vec<(String, String)>,
}

/// One way to sign in.
#[derive(Clone, Debug, Default)]
pub struct LoginButton {
    /// What the button says.
    pub text: String,
    /// What is told below it; may be empty.
    pub note: String,
    /// The icon's name.
    pub icon: String,
    /// Where the form of the button goes, by POST; empty for a link.
    pub action: String,
    /// Where the button leads when it is a link to another site's page: a
    /// form may not be sent there.
    pub href: String,
}

/// What a page says when it cannot be shown: what, why, what next.
#[derive(Debug, Template)]
#[template(path = "portal/error.html")]
pub struct ErrorPage {
    /// The frame.
    pub view: View,
    /// The HTTP status, 400 to 599.
    pub status: u16,
    /// What happened.
    pub what: String,
    /// Why; may be empty.
    pub why: String,
    /// What would be accepted; may be empty.
    pub accepted: String,
    /// What to do next; may be empty.
    pub next: String,
    /// Pages that may have been meant: text and address.
    pub links: Vec<(String, String)>,
}

impl ErrorPage {
    /// An error with the status's own sentence, to be filled in further.
    pub fn new(view: View, status: StatusCode) -> Self {
        let (what, next) = match status.as_u16() {
            400 => ("error-400", "error-400-next"),
            401 => ("error-401", "error-401-next"),
            403 => ("error-403", "error-403-next"),
            404 => ("error-404", "error-404-next"),
            405 => ("error-405", "error-405-next"),
            409 => ("error-409", "error-409-next"),
            429 => ("error-429", "error-429-next"),
            503 => ("error-503", "error-503-next"),
            other if (400..500).contains(&other) => ("error-4xx", "error-4xx-next"),
            _ => ("error-500", "error-500-next"),
        };
        let (what, next) = (view.t(what).to_string(), view.t(next).to_string());
        Self {
            view,
            status: status.as_u16(),
            what,
            why: String::new(),
            accepted: String::new(),
            next,
            links: Vec::new(),
        }
    }

    /// Sets the cause.
    #[must_use]
    pub fn why(mut self, why: impl Into<String>) -> Self {
        self.why = why.into();
        self
    }

    /// Sets what would be accepted.
    #[must_use]
    pub fn accepted(mut self, accepted: impl Into<String>) -> Self {
        self.accepted = accepted.into();
        self
    }

    /// Sets the next step.
    #[must_use]
    pub fn next(mut self, next: impl Into<String>) -> Self {
        self.next = next.into();
        self
    }

    /// Offers a page that may have been meant.
    #[must_use]
    pub fn link(mut self, text: impl Into<String>, href: impl Into<String>) -> Self {
        self.links.push((text.into(), href.into()));
        self
    }

    fn icon(&self) -> &'static str {
        match self.status {
            401 | 403 => "key",
            404 => "search",
            500.. => "bad",
            _ => "warn",
        }
    }
}

impl IntoResponse for ErrorPage {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Page::new(self).status(status).into_response()
    }
}
