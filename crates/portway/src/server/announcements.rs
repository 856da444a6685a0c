//! `portal.announcements`: what everybody should know, on the home page until
//! its day has passed.

use std::sync::Arc;

use askama::Template;
use catalog::{CardPlace, HomeCard, HomeShown, PortalParts};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use model::diagnostic::Diagnostic;
use platform::config::{Config, Section};
use portal::ui::{Html, Tone};
use portal::{Lang, View};

/// Announcements that are shown at once; more would not be read.
const MAX_SHOWN: usize = 5;
const TONES: [(&str, Tone); 4] = [
    ("info", Tone::Info),
    ("ok", Tone::Ok),
    ("warn", Tone::Warn),
    ("bad", Tone::Bad),
];

/// One thing that everybody should know.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Announcement {
    english: String,
    korean: String,
    tone: Tone,
    /// Not shown from this moment on.
    until: Option<Timestamp>,
}

impl Announcement {
    fn read(section: &Section<'_>) -> Result<Self, Diagnostic> {
        let both = section
            .at("text")
            .is_some_and(|text| !text.fields().is_empty());
        let (english, korean) = if both {
            let (en, ko) = (section.opt_str("text.en")?, section.opt_str("text.ko")?);
            match en.or(ko) {
                // Somebody who wrote one language only meant all readers.
                Some(one) => (en.unwrap_or(one), ko.unwrap_or(one)),
                None => return Err(section.absent("text.en")),
            }
        } else {
            let text = section.str("text")?;
            (text, text)
        };
        let tone = match section.opt_str("tone")? {
            None => Tone::Info,
            Some(name) => {
                let known = TONES.iter().find(|(known, _)| *known == name);
                known.map(|(_, tone)| *tone).ok_or_else(|| {
                    let what = format!("`{}.tone` is {name:?}", section.path());
                    section.refuse("tone", what, "info, ok, warn or bad")
                })?
            }
        };
        let until = match section.opt_str("until")? {
            None => None,
            Some(text) => Some(end_of(text).ok_or_else(|| {
                let what = format!("`{}.until` is no time: {text:?}", section.path());
                let accepted =
                    "the last day such as 2026-12-24, or a moment such as 2026-12-24T18:00:00Z";
                section.refuse("until", what, accepted)
            })?),
        };
        Ok(Self {
            english: english.to_owned(),
            korean: korean.to_owned(),
            tone,
            until,
        })
    }
}

/// The moment itself, or the end of the day in UTC.
fn end_of(text: &str) -> Option<Timestamp> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment);
    }
    let day: Date = text.parse().ok()?;
    let next = day.tomorrow().ok()?.to_zoned(TimeZone::UTC).ok()?;
    Some(next.timestamp())
}

fn read(config: &Config) -> Result<Vec<Announcement>, Diagnostic> {
    let sections = config.list("portal.announcements")?;
    sections.iter().map(Announcement::read).collect()
}

/// The first thing that is wrong with them.
pub(super) fn check(config: &Config) -> Result<(), Diagnostic> {
    read(config).map(|_| ())
}

/// The card on the home page, if anything is announced.
///
/// # Errors
/// What [`check`] says.
pub(super) fn portal_parts(config: &Config) -> Result<PortalParts, Diagnostic> {
    let announced: Arc<[Announcement]> = read(config)?.into();
    let mut parts = PortalParts::default();
    if !announced.is_empty() {
        parts.home.push(HomeCard::new(
            ("announcements", "announcements-title"),
            (CardPlace::Aside, 10),
            catalog::permission::ENTITY_READ,
            move |shown| {
                let card = card(&announced, &shown);
                async move { Ok(card) }
            },
        ));
    }
    Ok(parts)
}

#[derive(Template)]
#[template(path = "portway/announcements.html")]
struct Card<'a> {
    view: &'a View,
    lines: Vec<(Tone, &'a str)>,
}

fn card(announced: &[Announcement], shown: &HomeShown) -> Option<Html> {
    let view = &shown.view;
    let current = announced
        .iter()
        .filter(|one| one.until.is_none_or(|until| view.now < until));
    let lines: Vec<(Tone, &str)> = current
        .map(|one| match view.lang {
            Lang::Ko => (one.tone, one.korean.as_str()),
            Lang::En => (one.tone, one.english.as_str()),
        })
        .take(MAX_SHOWN)
        .collect();
    (!lines.is_empty()).then(|| Html::of(&Card { view, lines }))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn announced(value: &Value) -> Result<Vec<Announcement>, String> {
        let config = Config::from_json(json!({ "portal": { "announcements": value } }));
        read(&config).map_err(|problem| problem.to_string())
    }

    #[test]
    fn one_text_serves_both_languages_and_a_day_counts_to_its_end() {
        let found = announced(&json!([
            { "text": "Freeze", "tone": "warn", "until": "2026-12-24" },
            { "text": { "en": "Hello", "ko": "안녕" } },
        ]))
        .expect("announcements");
        let [freeze, hello] = found.as_slice() else {
            panic!("{found:?}");
        };
        assert_eq!(
            (freeze.english.as_str(), freeze.korean.as_str()),
            ("Freeze", "Freeze")
        );
        assert_eq!(freeze.tone, Tone::Warn);
        let until = freeze.until.map(|until| until.to_string());
        assert_eq!(until.as_deref(), Some("2026-12-25T00:00:00Z"));
        assert_eq!((hello.korean.as_str(), hello.tone), ("안녕", Tone::Info));
    }

    #[test]
    fn what_cannot_be_shown_is_refused_with_what_would_be_accepted() {
        for (value, accepted) in [
            (
                json!([{ "text": "x", "tone": "pink" }]),
                "info, ok, warn or bad",
            ),
            (json!([{ "text": "x", "until": "soon" }]), "2026-12-24"),
            (json!([{ "tone": "ok" }]), "text"),
        ] {
            let problem = announced(&value).expect_err("a problem");
            assert!(problem.contains(accepted), "{problem}");
        }
    }
}
