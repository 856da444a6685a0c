//! What the checks of `portway doctor` and of the health page say, in every
//! language. Titles, evidence and fixes of all crates stand in
//! `locales/*/doctor.ftl`, so that the command line and the page say the same.

use std::sync::Arc;

use platform::doctor::{Arg, Finding, Layer, MessageKey};
use portal::{Lang, Texts, TextsError};
use serde_json::Value;

/// The messages; [`said`] finds them.
pub(crate) const LOCALES: [(&str, &str); 2] = [
    ("en", include_str!("../locales/en/doctor.ftl")),
    ("ko", include_str!("../locales/ko/doctor.ftl")),
];

/// The messages alone, for a program that serves no pages.
///
/// # Errors
/// They break Fluent's grammar, which a test excludes.
pub(crate) fn texts() -> Result<Arc<Texts>, TextsError> {
    Texts::new(&LOCALES).map(Arc::new)
}

/// A finding in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    /// What was asked.
    pub(crate) title: String,
    /// What was seen.
    pub(crate) evidence: String,
    /// What to do about it.
    pub(crate) fix: Option<String>,
}

impl Said {
    /// The finding as programs see it, with these words.
    pub(crate) fn row(self, finding: &Finding) -> Value {
        let mut row = serde_json::to_value(finding).unwrap_or_default();
        if let Some(fields) = row.as_object_mut() {
            fields.insert("title".to_owned(), self.title.into());
            fields.insert("evidence".to_owned(), self.evidence.into());
            if let Some(fix) = self.fix {
                fields.insert("fix".to_owned(), fix.into());
            }
        }
        row
    }
}

/// A finding in a language; what has no translation stays English.
pub(crate) fn said(texts: &Arc<Texts>, lang: Lang, finding: &Finding) -> Said {
    Said {
        title: title(texts, lang, finding.id, finding.title),
        evidence: sentence(
            texts,
            lang,
            finding.evidence_key.as_ref(),
            &finding.evidence,
        ),
        fix: finding
            .fix
            .as_deref()
            .map(|fix| sentence(texts, lang, finding.fix_key.as_ref(), fix)),
    }
}

/// The title of the check `id`.
pub(crate) fn title(texts: &Arc<Texts>, lang: Lang, id: &str, english: &str) -> String {
    let key = format!("health-check-{}", id.replace('.', "-"));
    if texts.has(lang, &key) {
        texts.get(lang, &key).to_string()
    } else {
        english.to_owned()
    }
}

/// The name of a layer.
pub(crate) fn layer(texts: &Arc<Texts>, lang: Lang, layer: Layer) -> String {
    let key = format!("health-layer-{}", layer.as_str());
    texts.get(lang, &key).to_string()
}

fn sentence(texts: &Arc<Texts>, lang: Lang, key: Option<&MessageKey>, english: &str) -> String {
    let Some(key) = key.filter(|key| texts.has(lang, key.name)) else {
        return english.to_owned();
    };
    let mut text = texts.get(lang, key.name);
    for (name, value) in &key.args {
        text = match value {
            Arg::Count(count) => text.with(name, *count),
            Arg::Text(words) => text.with(name, words),
        };
    }
    text.to_string()
}
