//! What a visitor chose to see: kept in cookies, so that the server writes the
//! right page at once.

use axum::Form;
use axum::http::header::{COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::tz::TimeZone;
use serde::Deserialize;

use crate::lang::Lang;
use crate::query::is_local;

const ONE_YEAR_SECONDS: u32 = 31_536_000;

/// Colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// What the operating system says.
    #[default]
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// The value in forms, cookies and `<html data-theme>`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::System, Self::Light, Self::Dark]
            .into_iter()
            .find(|theme| theme.name() == name)
    }
}

/// All preferences of a visitor.
#[derive(Clone, Debug, Default)]
pub struct Preferences {
    /// Colours.
    pub theme: Theme,
    /// Stronger contrast than the theme has.
    pub more_contrast: bool,
    /// Narrower rows.
    pub compact: bool,
    /// Single keys do nothing (WCAG 2.1.4).
    pub keys_off: bool,
    /// Chosen language, if any.
    pub lang: Option<Lang>,
    /// Chosen or detected time zone; [`None`] means UTC.
    pub zone: Option<TimeZone>,
}

impl Preferences {
    /// Reads the cookies of a request. What cannot be read is as if absent.
    pub fn from_headers(headers: &HeaderMap) -> Self {
        let cookie = |name: &str| cookie(headers, name);
        Self {
            theme: cookie("portway_theme")
                .and_then(Theme::from_name)
                .unwrap_or_default(),
            more_contrast: cookie("portway_contrast") == Some("more"),
            compact: cookie("portway_density") == Some("compact"),
            keys_off: cookie("portway_keys") == Some("off"),
            lang: cookie("portway_lang").and_then(Lang::from_tag),
            zone: cookie("portway_zone").and_then(zone),
        }
    }
}

/// The time zone of an IANA name; the `/` of the name may be written `%2F`.
fn zone(name: &str) -> Option<TimeZone> {
    let name = name.replace("%2F", "/");
    let known = name.len() <= 64
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"/_+-".contains(&b));
    known.then(|| TimeZone::get(&name).ok()).flatten()
}

pub(crate) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// The form of `POST /preferences`; what is absent stays as it is.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct PreferencesForm {
    theme: Option<String>,
    contrast: Option<String>,
    density: Option<String>,
    keys: Option<String>,
    lang: Option<String>,
    zone: Option<String>,
    back: Option<String>,
}

/// Handler of `POST /preferences`: keeps the choice in cookies and returns to
/// the page it came from. Needs no permission: it changes only the visitor's
/// own cookies. Values outside the known ones are ignored.
pub async fn preferences(Form(form): Form<PreferencesForm>) -> Response {
    let choices = [
        (
            "portway_theme",
            form.theme.filter(|name| Theme::from_name(name).is_some()),
        ),
        (
            "portway_contrast",
            form.contrast
                .filter(|name| ["more", "normal"].contains(&name.as_str())),
        ),
        (
            "portway_density",
            form.density
                .filter(|name| ["compact", "comfortable"].contains(&name.as_str())),
        ),
        (
            "portway_keys",
            form.keys
                .filter(|name| ["on", "off"].contains(&name.as_str())),
        ),
        (
            "portway_lang",
            form.lang
                .and_then(|tag| Lang::from_tag(&tag))
                .map(|lang| lang.tag().to_owned()),
        ),
        (
            "portway_zone",
            form.zone.filter(|name| zone(name).is_some()),
        ),
    ];
    let back = form
        .back
        .filter(|target| is_local(target))
        .unwrap_or_else(|| "/".to_owned());
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    for (name, value) in choices {
        let Some(value) = value else { continue };
        let cookie = format!("{name}={value}; Path=/; Max-Age={ONE_YEAR_SECONDS}; SameSite=Lax");
        if let Ok(cookie) = HeaderValue::try_from(cookie) {
            headers.append(SET_COOKIE, cookie);
        }
    }
    if let Ok(target) = HeaderValue::try_from(back) {
        headers.insert(LOCATION, target);
    }
    response
}
