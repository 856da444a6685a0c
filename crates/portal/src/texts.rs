//! Messages in every language, given as Fluent sources by the crates that use them.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use askama::filters::{HtmlSafe, escape};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::josa::with_josa;
use crate::lang::Lang;

/// Why message sources cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TextsError {
    /// A source names a language that the portal does not have.
    #[error("`{0}` is no language of the portal; use `en` or `ko`")]
    Language(String),
    /// A source breaks Fluent's grammar.
    #[error("the {lang} messages cannot be read at line {line}: {problem}")]
    Syntax {
        /// The source's language.
        lang: Lang,
        /// Counted from 1 within that source.
        line: usize,
        /// What the parser says.
        problem: String,
    },
    /// Two sources define one key.
    #[error("the {lang} message `{key}` is defined twice; give every key its crate's prefix")]
    Twice {
        /// The language of both.
        lang: Lang,
        /// The key.
        key: String,
    },
}

/// All messages of the running program.
pub struct Texts {
    en: FluentBundle<FluentResource>,
    ko: FluentBundle<FluentResource>,
    /// Keys that were asked for and do not exist; tests read it.
    missing: Mutex<BTreeSet<String>>,
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Texts").finish_non_exhaustive()
    }
}

impl Texts {
    /// Reads `(language tag, Fluent source)` pairs; a language may come many times.
    pub fn new(sources: &[(&str, &str)]) -> Result<Self, TextsError> {
        let mut texts = Self {
            en: bundle(Lang::En),
            ko: bundle(Lang::Ko),
            missing: Mutex::new(BTreeSet::new()),
        };
        for (tag, source) in sources {
            let lang =
                Lang::from_tag(tag).ok_or_else(|| TextsError::Language((*tag).to_owned()))?;
            let resource =
                FluentResource::try_new((*source).to_owned()).map_err(|(_, errors)| {
                    let first = errors.first();
                    let at = first.map_or(0, |error| error.pos.start);
                    let line = source.get(..at).unwrap_or_default().matches('\n').count() + 1;
                    TextsError::Syntax {
                        lang,
                        line,
                        problem: first.map(ToString::to_string).unwrap_or_default(),
                    }
                })?;
            let into = match lang {
                Lang::En => &mut texts.en,
                Lang::Ko => &mut texts.ko,
            };
            into.add_resource(resource)
                .map_err(|errors| TextsError::Twice {
                    lang,
                    key: errors
                        .iter()
                        .find_map(|error| match error {
                            fluent_bundle::FluentError::Overriding { id, .. } => Some(id.clone()),
                            _ => None,
                        })
                        .unwrap_or_default(),
                })?;
        }
        Ok(texts)
    }

    /// The message `key`, to be given its arguments and displayed.
    pub fn get<'a>(self: &'a Arc<Self>, lang: Lang, key: &'a str) -> Text<'a> {
        Text {
            texts: self,
            lang,
            key,
            args: FluentArgs::new(),
        }
    }

    /// Whether `key` exists in `lang`.
    pub fn has(&self, lang: Lang, key: &str) -> bool {
        self.bundle(lang).has_message(key)
    }

    /// Keys that were displayed and do not exist, in the form `en:key`.
    pub fn missing(&self) -> Vec<String> {
        self.missing
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .cloned()
            .collect()
    }

    fn bundle(&self, lang: Lang) -> &FluentBundle<FluentResource> {
        match lang {
            Lang::En => &self.en,
            Lang::Ko => &self.ko,
        }
    }

    fn note_missing(&self, lang: Lang, key: &str) {
        let mut missing = self.missing.lock().unwrap_or_else(PoisonError::into_inner);
        // Bounded: a key could be made from what a user sends.
        if missing.len() < 200 && missing.insert(format!("{lang}:{key}")) {
            tracing::warn!(
                text.key = key,
                text.lang = lang.tag(),
                "No {lang} message `{key}`"
            );
        }
    }
}

/// One message on its way to a page. Displays the key when the message does
/// not exist, so that a page never fails for want of a text.
pub struct Text<'a> {
    texts: &'a Texts,
    lang: Lang,
    key: &'a str,
    args: FluentArgs<'a>,
}

impl<'a> Text<'a> {
    /// Sets the variable `$name`. Numbers get separators and choose plurals.
    #[must_use]
    pub fn with(mut self, name: &'a str, value: impl TextValue<'a>) -> Self {
        self.args.set(name, value.into_value());
        self
    }

    /// Sets the variable `$name` to markup, such as a `<time>` or a link in a
    /// sentence. Everything around it is escaped.
    pub fn html(self, name: &'a str, markup: impl HtmlSafe) -> RichText<'a> {
        RichText {
            text: self,
            slots: Vec::new(),
        }
        .html(name, markup)
    }
}

/// A message that has markup among its variables.
#[derive(Debug)]
pub struct RichText<'a> {
    text: Text<'a>,
    slots: Vec<String>,
}

/// Stands for the first slot while the message is put together; the private
/// use area has no characters that anybody writes.
const FIRST_SLOT: u32 = 0xF0000;

impl<'a> RichText<'a> {
    /// As [`Text::html`], for one more variable.
    #[must_use]
    pub fn html(mut self, name: &'a str, markup: impl HtmlSafe) -> Self {
        let slot = u32::try_from(self.slots.len())
            .ok()
            .and_then(|index| char::from_u32(FIRST_SLOT + index));
        self.text.args.set(
            name,
            FluentValue::from(slot.map(String::from).unwrap_or_default()),
        );
        self.slots.push(markup.to_string());
        self
    }

    /// As [`Text::with`].
    #[must_use]
    pub fn with(mut self, name: &'a str, value: impl TextValue<'a>) -> Self {
        self.text = self.text.with(name, value);
        self
    }
}

impl HtmlSafe for RichText<'_> {}

impl fmt::Display for RichText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(escaped) = escape(self.text.to_string(), askama::filters::Html);
        for c in escaped.to_string().chars() {
            let slot = u32::from(c)
                .checked_sub(FIRST_SLOT)
                .and_then(|index| self.slots.get(index as usize));
            match slot {
                Some(markup) => f.write_str(markup)?,
                None => fmt::Write::write_char(f, c)?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({}:{})", self.lang, self.key)
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bundle = self.texts.bundle(self.lang);
        let Some(pattern) = bundle
            .get_message(self.key)
            .and_then(|message| message.value())
        else {
            self.texts.note_missing(self.lang, self.key);
            return f.write_str(self.key);
        };
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(&self.args), &mut errors);
        if !errors.is_empty() {
            self.texts
                .note_missing(self.lang, &format!("{} needs another variable", self.key));
        }
        f.write_str(&text)
    }
}

/// What may be a variable of a message: numbers and texts, by value or by
/// reference.
pub trait TextValue<'a> {
    /// The value as Fluent takes it.
    fn into_value(self) -> FluentValue<'a>;
}

/// What may be a variable through a reference, of any depth: templates pass
/// references to references.
pub trait TextValueRef {
    /// The value as Fluent takes it.
    fn to_value(&self) -> FluentValue<'_>;
}

impl<'a, T: TextValueRef + ?Sized> TextValue<'a> for &'a T {
    fn into_value(self) -> FluentValue<'a> {
        self.to_value()
    }
}

impl<T: TextValueRef + ?Sized> TextValueRef for &T {
    fn to_value(&self) -> FluentValue<'_> {
        (**self).to_value()
    }
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl<'a> TextValue<'a> for $number {
            fn into_value(self) -> FluentValue<'a> { FluentValue::from(self) }
        }
        impl TextValueRef for $number {
            fn to_value(&self) -> FluentValue<'_> { FluentValue::from(*self) }
        }
    )*};
}
numbers!(u8, u16, u32, u64, usize, i32, i64, f64);

impl TextValueRef for str {
    fn to_value(&self) -> FluentValue<'_> {
        FluentValue::from(self)
    }
}

impl TextValueRef for String {
    fn to_value(&self) -> FluentValue<'_> {
        FluentValue::from(self.as_str())
    }
}

impl TextValueRef for Cow<'_, str> {
    fn to_value(&self) -> FluentValue<'_> {
        FluentValue::from(self.as_ref())
    }
}

impl TextValueRef for Text<'_> {
    fn to_value(&self) -> FluentValue<'_> {
        FluentValue::from(self.to_string())
    }
}

impl<'a> TextValue<'a> for String {
    fn into_value(self) -> FluentValue<'a> {
        FluentValue::from(self)
    }
}

impl<'a> TextValue<'a> for Text<'_> {
    fn into_value(self) -> FluentValue<'a> {
        FluentValue::from(self.to_string())
    }
}

fn bundle(lang: Lang) -> FluentBundle<FluentResource> {
    // The tags of `Lang` are valid; the undetermined language would only lose plurals.
    let tag: LanguageIdentifier = lang.tag().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    // Isolation marks would end up in titles, attributes and copied text.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(with_separators));
    // Registering in a fresh bundle cannot collide.
    let _ = bundle.add_function("JOSA", |args, _| match (args.first(), args.get(1)) {
        (Some(word), Some(FluentValue::String(pair))) => {
            FluentValue::from(with_josa(&plain(word), pair))
        }
        _ => FluentValue::Error,
    });
    bundle
}

fn plain<'v>(value: &'v FluentValue<'_>) -> Cow<'v, str> {
    match value {
        FluentValue::String(text) => Cow::Borrowed(text.as_ref()),
        FluentValue::Number(number) => Cow::Owned(separated(&number.as_string())),
        _ => Cow::Borrowed(""),
    }
}

fn with_separators<M>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    match value {
        FluentValue::Number(number) => Some(separated(&number.as_string())),
        _ => None,
    }
}

/// `12345.6` becomes `12,345.6`; both languages write numbers alike.
pub(crate) fn separated(number: &str) -> String {
    let (sign, rest) = number
        .strip_prefix('-')
        .map_or(("", number), |rest| ("-", rest));
    let (whole, fraction) = rest
        .split_once('.')
        .map_or((rest, None), |(whole, part)| (whole, Some(part)));
    if !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return number.to_owned();
    }
    let mut out = String::with_capacity(number.len() + whole.len() / 3);
    out.push_str(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}
