//! `/device`: a person compares the code that a program shows, sees what the
//! program would be able to do, and admits it or turns it away.

use askama::Template;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::IntoResponse;
use identity::WaitingDevice;
use platform::request::Call;
use portal::{Page, View};

use super::{Answer, Desk, Problem, require_somebody};

#[derive(Template)]
#[template(path = "portway/device.html")]
struct DevicePage {
    /// What was typed or stood in the address.
    code: String,
    /// The program that shows this code.
    device: Option<WaitingDevice>,
    /// What it would be able to do, in words.
    scope: String,
    /// `Some(true)` once admitted, `Some(false)` once turned away.
    decided: Option<bool>,
    problem: Option<Problem>,
    /// Who decides.
    person: String,
    view: View,
}

fn new(desk: &Desk, parts: &Parts, call: &Call) -> DevicePage {
    DevicePage {
        code: String::new(),
        device: None,
        scope: String::new(),
        decided: None,
        problem: None,
        person: call.caller.actor.name.clone(),
        view: View::new(&desk.portal, parts, None, desk.clock.now()),
    }
}

fn draw(page: DevicePage, status: StatusCode) -> Answer {
    Ok(super::unkept(
        Page::new(page).status(status).into_response(),
    ))
}

/// `GET /device`, with `?code=` from the address that the program printed.
pub(super) async fn page(desk: Desk, parts: Parts, call: Call) -> Answer {
    require_somebody(&call.caller)?;
    let mut page = new(&desk, &parts, &call);
    let code = call.query.get("code").unwrap_or_default();
    if code.is_empty() {
        return draw(page, StatusCode::OK);
    }
    page.code = code.chars().take(20).collect();
    match desk
        .identity
        .waiting_device(&call.caller, &parts, code)
        .await
    {
        Ok(device) => {
            page.scope = super::scope_text(&page.view, &device.scope.to_value());
            page.device = Some(device);
            draw(page, StatusCode::OK)
        }
        Err(error) => {
            let status = error.status;
            page.problem = Some(super::shown(error)?);
            draw(page, status)
        }
    }
}

/// `POST /device`
pub(super) async fn decide(desk: Desk, parts: Parts, call: Call) -> Answer {
    require_somebody(&call.caller)?;
    let mut page = new(&desk, &parts, &call);
    let form = call.form();
    let code = form.get("code").unwrap_or_default();
    let admit = match form.get("decision") {
        Some("admit") => true,
        Some("deny") => false,
        _ => {
            // Somebody typed the code and has not seen what it is for.
            let to = format!("/device?code={}", platform::request::encode(code));
            return Ok(axum::response::Redirect::to(&to).into_response());
        }
    };
    match desk
        .identity
        .decide_device(&call.caller, &parts, (code, admit))
        .await
    {
        Ok(()) => {
            page.decided = Some(admit);
            draw(page, StatusCode::OK)
        }
        Err(error) => {
            let status = error.status;
            page.problem = Some(super::shown(error)?);
            draw(page, status)
        }
    }
}
