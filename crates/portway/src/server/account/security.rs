//! `/settings/security`: how somebody signs in to an account that Portway
//! keeps: password, passkeys, recovery codes.

use askama::Template;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::IntoResponse;
use identity::{Account, Passkey, Secret};
use platform::error::ApiError;
use platform::request::Call;
use portal::ui::{Code, Crumbs, Tabs};
use portal::{Page, Toast, View};

use super::{Answer, Desk, Problem, require_somebody, settings_crumbs};
use crate::server::user_pages::tabs;

#[derive(Template)]
#[template(path = "portway/security.html")]
struct SecurityPage {
    crumbs: Crumbs,
    tabs: Tabs,
    /// None for somebody who signs in elsewhere.
    account: Option<Account>,
    passkeys: Vec<Passkey>,
    /// Where passkeys work, when they do at all.
    passkey_origin: Option<String>,
    passwords: bool,
    codes_left: i64,
    /// Codes that have just been made, shown this once.
    codes: Option<Code>,
    problem: Option<Problem>,
    view: View,
}

/// `GET /settings/security`
pub(super) async fn page(desk: Desk, _parts: Parts, call: Call) -> Answer {
    show(&desk, &call, None, None).await
}

async fn show(desk: &Desk, call: &Call, problem: Option<Problem>, codes: Option<Code>) -> Answer {
    require_somebody(&call.caller)?;
    let view = desk.view(call);
    let identity = &desk.identity;
    let status = match &problem {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let page = SecurityPage {
        crumbs: settings_crumbs(&view, "account-security"),
        tabs: tabs(&view, "/settings/security"),
        account: identity.own_account(&call.caller).await?,
        passkeys: identity.passkeys(&call.caller).await?,
        passkey_origin: identity.passkey_origin(),
        passwords: identity.local_methods().password,
        codes_left: identity.recovery_codes_left(&call.caller).await?,
        codes,
        problem,
        view,
    };
    Ok(super::unkept(
        Page::new(page).status(status).into_response(),
    ))
}

/// Shows a refusal on the page. A password must not stand on an error page, so
/// no form of this page is kept.
async fn refused(desk: &Desk, call: &Call, error: ApiError) -> Answer {
    let problem = super::shown(error)?;
    show(desk, call, Some(problem), None).await
}

/// `POST /settings/security/password`
pub(super) async fn change_password(desk: Desk, parts: Parts, call: Call) -> Answer {
    require_somebody(&call.caller)?;
    let view = desk.view(&call);
    let form = call.form();
    let secret = |key: &str| Secret::new(form.get(key).unwrap_or_default().to_owned());
    let (old, new) = (secret("current"), secret("password"));
    match desk
        .identity
        .change_password(&call.caller, &parts, (&old, &new))
        .await
    {
        Ok(()) => Ok(Toast::new(view.t("account-password-changed").to_string())
            .redirect("/settings/security")),
        Err(error) => refused(&desk, &call, error).await,
    }
}

/// `POST /settings/security/recovery-codes`: answers with the codes, once.
pub(super) async fn make_codes(desk: Desk, parts: Parts, call: Call) -> Answer {
    require_somebody(&call.caller)?;
    match desk
        .identity
        .make_recovery_codes(&call.caller, &parts)
        .await
    {
        Ok(codes) => {
            let lines: Vec<&str> = codes.iter().map(|code| code.expose().as_str()).collect();
            let code = Code::command("codes", lines.join("\n"));
            show(&desk, &call, None, Some(code)).await
        }
        Err(error) => refused(&desk, &call, error).await,
    }
}

/// `POST /settings/security/passkeys/remove`
pub(super) async fn remove_passkey(desk: Desk, parts: Parts, call: Call) -> Answer {
    require_somebody(&call.caller)?;
    let view = desk.view(&call);
    let form = call.form();
    let id = form.get("passkey").unwrap_or_default();
    match desk.identity.remove_passkey(&call.caller, &parts, id).await {
        Ok(()) => Ok(Toast::new(view.t("account-passkey-removed").to_string())
            .redirect("/settings/security")),
        Err(error) => refused(&desk, &call, error).await,
    }
}
