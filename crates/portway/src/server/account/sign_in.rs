//! The door of local accounts: `/sign-in/local` with password and passkey,
//! `/sign-in/recovery` with a code from paper, `/sign-in/invite` with the link
//! that sets a password.

use askama::Template;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::IntoResponse;
use identity::{LocalMethods, Secret, safe_return_path};
use platform::error::ApiError;
use platform::request::Call;
use portal::{Page, View};

use super::{Answer, Desk, Problem, welcome};

/// Which of the three pages.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Password,
    Recovery,
    Invite,
}

#[derive(Template)]
#[template(path = "portway/sign-in-local.html")]
struct LocalPage {
    step: Step,
    methods: LocalMethods,
    problem: Option<Problem>,
    /// What was typed as name; a password is never written back.
    typed: String,
    /// The link's code, on the page that sets a password.
    code: String,
    back: String,
    view: View,
}

impl LocalPage {
    fn is_password(&self) -> bool {
        self.step == Step::Password
    }

    fn is_recovery(&self) -> bool {
        self.step == Step::Recovery
    }

    /// For an address.
    fn back_query(&self) -> String {
        platform::request::encode(&self.back)
    }
}

fn new(desk: &Desk, parts: &Parts, step: Step, back: &str) -> Result<LocalPage, ApiError> {
    let methods = desk.identity.local_methods();
    if desk.identity.trust().local.is_none() {
        return Err(
            ApiError::not_found("This Portway keeps no accounts").fix("sign in at /sign-in")
        );
    }
    Ok(LocalPage {
        step,
        methods,
        problem: None,
        typed: String::new(),
        code: String::new(),
        back: safe_return_path(back).to_owned(),
        view: View::new(&desk.portal, parts, None, desk.clock.now()),
    })
}

fn draw(page: LocalPage) -> Answer {
    let status = match &page.problem {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    Ok(super::unkept(
        Page::new(page).status(status).into_response(),
    ))
}

/// Shows what was wrong on the same page.
fn again(mut page: LocalPage, error: ApiError) -> Answer {
    let status = error.status;
    page.problem = Some(super::shown(error)?);
    let mut response = draw(page)?;
    // A browser keeps a password only for a form that was taken.
    *response.status_mut() = match status {
        StatusCode::TOO_MANY_REQUESTS | StatusCode::FORBIDDEN => status,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Ok(response)
}

fn back_of(call: &Call) -> String {
    let form = call.form();
    let given = form.get("back").or_else(|| call.query.get("back"));
    given.unwrap_or("/").to_owned()
}

/// `GET /sign-in/local`
pub(super) async fn page(desk: Desk, parts: Parts, call: Call) -> Answer {
    draw(new(&desk, &parts, Step::Password, &back_of(&call))?)
}

/// `POST /sign-in/local`
pub(super) async fn enter(desk: Desk, parts: Parts, call: Call) -> Answer {
    let mut page = new(&desk, &parts, Step::Password, &back_of(&call))?;
    let form = call.form();
    let Some(name) = form.get("name") else {
        // The button of the sign-in page leads here.
        return draw(page);
    };
    let password = Secret::new(form.get("password").unwrap_or_default().to_owned());
    match desk
        .identity
        .sign_in_with_password(&parts, name, &password)
        .await
    {
        Ok(signed_in) => Ok(welcome(signed_in, &page.back)),
        Err(error) => {
            page.typed = name.chars().take(100).collect();
            again(page, error)
        }
    }
}

/// `GET /sign-in/recovery`
pub(super) async fn recovery_page(desk: Desk, parts: Parts, call: Call) -> Answer {
    draw(new(&desk, &parts, Step::Recovery, &back_of(&call))?)
}

/// `POST /sign-in/recovery`: leads to where a new password or passkey is set.
pub(super) async fn recover(desk: Desk, parts: Parts, call: Call) -> Answer {
    let mut page = new(&desk, &parts, Step::Recovery, &back_of(&call))?;
    let form = call.form();
    let name = form.get("name").unwrap_or_default();
    let code = form.get("code").unwrap_or_default();
    match desk
        .identity
        .sign_in_with_recovery_code(&parts, name, code)
        .await
    {
        Ok(signed_in) => Ok(welcome(signed_in, "/settings/security")),
        Err(error) => {
            page.typed = name.chars().take(100).collect();
            again(page, error)
        }
    }
}

/// `GET /sign-in/invite`
pub(super) async fn invite_page(desk: Desk, parts: Parts, call: Call) -> Answer {
    let mut page = new(&desk, &parts, Step::Invite, "/")?;
    let code = call.query.get("code").unwrap_or_default().to_owned();
    match desk.identity.invited(&code).await {
        Ok(account) => {
            page.typed = account.name;
            page.code = code;
            draw(page)
        }
        Err(error) => again(page, error),
    }
}

/// `POST /sign-in/invite`
pub(super) async fn accept(desk: Desk, parts: Parts, call: Call) -> Answer {
    let mut page = new(&desk, &parts, Step::Invite, "/")?;
    let form = call.form();
    let code = form.get("code").unwrap_or_default().to_owned();
    let entered = if page.methods.password {
        let password = Secret::new(form.get("password").unwrap_or_default().to_owned());
        desk.identity.accept_invite(&parts, &code, &password).await
    } else {
        desk.identity.enter_with_invite(&parts, &code).await
    };
    match entered {
        Ok(signed_in) => Ok(welcome(signed_in, "/settings/security")),
        Err(error) => {
            // A weak password can be made better; a used link cannot.
            if let Ok(account) = desk.identity.invited(&code).await {
                page.typed = account.name;
                page.code = code;
            }
            again(page, error)
        }
    }
}
