//! What every page knows about the request that it answers.

use std::fmt;
use std::sync::Arc;

use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::request::Parts;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::assets::asset_url;
use crate::lang::Lang;
use crate::nav::Nav;
use crate::portal_state::Portal;
use crate::preferences::{Preferences, Theme};
use crate::query::Address;
use crate::texts::{Text, separated};
use crate::toast::Toast;
use crate::ui::chart::Grain;
use crate::when::{Phrase, Span, TimeTag, Unit, absolute};

/// Who is signed in, as far as the shell shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserView {
    /// The name to show, for example `Kim Minji` or `guest`.
    pub name: String,
    /// The person's own page, when the catalog has one.
    pub href: Option<String>,
    /// Whether signing out means anything; not for a guest of a demo.
    pub can_sign_out: bool,
}

/// The frame of one answer: language, preferences, place, person, time. Page
/// templates have it in a field `view`.
#[derive(Clone)]
pub struct View {
    /// What all requests share.
    pub portal: Arc<Portal>,
    /// The language of the page.
    pub lang: Lang,
    /// Theme, density, time zone.
    pub preferences: Preferences,
    /// Path and query of the page.
    pub here: Address,
    /// Who is signed in.
    pub user: Option<UserView>,
    /// The left rail.
    pub nav: Nav,
    /// The time at which the page is made.
    pub now: Timestamp,
    /// Given back on error pages.
    pub request_id: Option<String>,
    /// What the form before this page has done.
    pub toast: Option<Toast>,
    /// Through whose eyes the page is seen, when not one's own.
    pub viewing_as: Option<String>,
    /// The number of the last event that the page's data holds.
    pub since: i64,
    /// What the page is about; see [`View::following`].
    follows: Vec<String>,
}

impl fmt::Debug for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("View")
            .field("lang", &self.lang)
            .field("here", &self.here)
            .finish_non_exhaustive()
    }
}

impl View {
    /// From the head of a request. `user` is who the request acts for, `now`
    /// the platform clock's time.
    pub fn new(
        portal: &Arc<Portal>,
        parts: &Parts,
        user: Option<UserView>,
        now: Timestamp,
    ) -> Self {
        // Nested routers shorten `uri`; links need the address that the browser sees.
        let uri = parts
            .extensions
            .get::<axum::extract::OriginalUri>()
            .map_or(&parts.uri, |original| &original.0);
        let here = Address::new(uri.path(), uri.query().unwrap_or_default());
        let preferences = Preferences::from_headers(&parts.headers);
        let accept = parts
            .headers
            .get(ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok());
        let lang = Lang::negotiate(here.get("lang"), preferences.lang.map(Lang::tag), accept);
        let request_id = parts
            .headers
            .get("x-request-id")
            .and_then(|id| id.to_str().ok())
            .map(str::to_owned);
        let nav = portal.nav().marked_for(&here.without("lang"));
        Self {
            portal: Arc::clone(portal),
            lang,
            preferences,
            here,
            user,
            nav,
            now,
            request_id,
            toast: Toast::from_headers(&parts.headers),
            viewing_as: viewing_as(parts),
            since: 0,
            follows: Vec::new(),
        }
    }

    /// The message `key` in the page's language: `{{ view.t("catalog-title") }}`,
    /// `{{ view.t("catalog-shown").with("count", total) }}`.
    pub fn t<'a>(&'a self, key: &'a str) -> Text<'a> {
        self.portal.texts().get(self.lang, key)
    }

    /// The address of an asset.
    pub fn asset(&self, name: &str) -> &'static str {
        asset_url(name)
    }

    /// Marks another entry of the rail as current, for pages below it.
    #[must_use]
    pub fn at(mut self, label: &str) -> Self {
        self.nav = self.nav.marked(label);
        self
    }

    /// Keeps the open page true: when the stream `/live` names one of these
    /// topics, the page is read again and what differs is exchanged. A topic
    /// holds no space.
    #[must_use]
    pub fn following<T: Into<String>>(mut self, topics: impl IntoIterator<Item = T>) -> Self {
        self.follows.extend(topics.into_iter().map(Into::into));
        self
    }

    /// The topics as the page's script reads them; nothing for a page that stays as it is.
    pub fn topics(&self) -> Option<String> {
        (!self.follows.is_empty()).then(|| self.follows.join(" "))
    }

    /// `light` or `dark`, when it does not follow the system.
    pub fn theme_attribute(&self) -> Option<&'static str> {
        (self.preferences.theme != Theme::System).then(|| self.preferences.theme.name())
    }

    /// Whether the menu shows this theme as chosen.
    pub fn has_theme(&self, name: &str) -> bool {
        self.preferences.theme.name() == name
    }

    /// Where forms of the shell return to: this page, without a language in the address.
    pub fn back(&self) -> String {
        self.here.without("lang").to_string()
    }

    /// A number with separators: `1,204`.
    pub fn number(&self, number: impl fmt::Display) -> String {
        separated(&number.to_string())
    }

    /// `2026-11-21 17:05 KST`, in the visitor's time zone, or UTC.
    pub fn date(&self, at: &Timestamp) -> String {
        absolute(
            *at,
            self.preferences.zone.as_ref().unwrap_or(&TimeZone::UTC),
        )
    }

    /// The day in words: `21 Nov` or `the Korean form`, in the visitor's time zone.
    pub fn day(&self, at: &Timestamp) -> String {
        self.at_grain(at, Grain::Day)
    }

    /// A time as exact as the axis that it labels.
    pub(crate) fn at_grain(&self, at: &Timestamp, grain: Grain) -> String {
        let zone = self.preferences.zone.clone().unwrap_or(TimeZone::UTC);
        let wall = at.to_zoned(zone);
        match grain {
            Grain::Minute => wall.strftime("%H:%M").to_string(),
            Grain::Day => self
                .t("date-day")
                .with("month", i64::from(wall.month()))
                .with("day", i64::from(wall.day()))
                .to_string(),
            Grain::Month => self
                .t("date-month")
                .with("month", i64::from(wall.month()))
                .with("year", wall.year().to_string())
                .to_string(),
            Grain::Year => wall.year().to_string(),
        }
    }

    /// `<time>` with the absolute time.
    pub fn when(&self, at: &Timestamp) -> TimeTag {
        TimeTag::absolute(self, at)
    }

    /// `<time>` with "4 min ago".
    pub fn ago(&self, at: &Timestamp) -> TimeTag {
        TimeTag::relative(self, at, Phrase::Ago)
    }

    /// `<time>` with "42 min", for sentences such as "42 min old".
    pub fn age(&self, at: &Timestamp) -> TimeTag {
        TimeTag::relative(self, at, Phrase::Length)
    }

    /// `<time>` with "in 3 min". A time that has passed counts as now.
    pub fn until(&self, at: &Timestamp) -> TimeTag {
        TimeTag::relative(self, at, Phrase::Until)
    }

    pub(crate) fn span(&self, at: &Timestamp, phrase: Phrase) -> String {
        let seconds = match phrase {
            Phrase::Until => at.as_second() - self.now.as_second(),
            Phrase::Ago | Phrase::Length => self.now.as_second() - at.as_second(),
        };
        // Clocks of sources differ by seconds; nothing happens in the future.
        let span = Span::of(seconds.max(0));
        self.t(phrase.key(span.unit))
            .with("n", span.count)
            .to_string()
    }

    /// The relative sentences with `{n}` in place of the number, as JSON for
    /// the page's script.
    pub fn relative_patterns(&self) -> String {
        let units = [
            Unit::Moment,
            Unit::Second,
            Unit::Minute,
            Unit::Hour,
            Unit::Day,
            Unit::Month,
            Unit::Year,
        ];
        let phrases = [Phrase::Ago, Phrase::Length, Phrase::Until].map(|phrase| {
            let patterns = units
                .map(|unit| json_string(&self.t(phrase.key(unit)).with("n", "{n}").to_string()));
            format!("\"{}\":[{}]", phrase.name(), patterns.join(","))
        });
        format!("{{{}}}", phrases.join(","))
    }
}

/// The name beside the secret in the cookie of a view through other eyes; the
/// gate decides whether the view counts.
fn viewing_as(parts: &Parts) -> Option<String> {
    let pairs = parts
        .headers
        .get_all(axum::http::header::COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    let mut views =
        pairs.filter(|(name, _)| matches!(*name, "portway_view_as" | "__Host-portway_view_as"));
    let (_, subject) = views.next()?.1.split_once('~')?;
    (!subject.is_empty() && subject.len() <= 300).then(|| subject.to_owned())
}

fn json_string(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
