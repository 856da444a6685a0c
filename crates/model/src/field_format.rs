//! Which letters the fields of an entity may have.
//!
//! The rules are those of Kubernetes object names as Backstage applies them
//! (catalog-model's field format policy). All lengths are at most what is said
//! in characters; every rule allows ASCII only, so bytes and characters agree.

use serde_json::Value;

use crate::quoted::quoted;

const NAME_RULE: &str = "a string that is sequences of [a-zA-Z0-9] separated by any of [-_.], at most 63 characters in total";
const NAMESPACE_RULE: &str =
    "a string that is sequences of [a-z0-9] separated by [-], at most 63 characters in total";
const TAG_RULE: &str =
    "a string that is sequences of [a-z0-9+#] separated by [-], at most 63 characters in total";
const KIND_RULE: &str =
    "a string that is a sequence of [a-zA-Z][a-z0-9A-Z], at most 63 characters in total";
const PREFIX_RULE: &str = "a valid prefix and/or suffix";
const TEXT_RULE: &str = "a string";
const URL_RULE: &str = "a string that is a valid url";
const FORMAT_PAGE: &str = "https://github.com/backstage/backstage/blob/master/docs/architecture-decisions/adr002-default-catalog-file-format.md";

/// The rule of one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// `apiVersion`.
    ApiVersion,
    /// `kind`.
    Kind,
    /// `metadata.name`.
    EntityName,
    /// `metadata.namespace`.
    Namespace,
    /// A key of `metadata.labels`.
    LabelKey,
    /// A value of `metadata.labels`.
    LabelValue,
    /// A key of `metadata.annotations`.
    AnnotationKey,
    /// A value of `metadata.annotations`.
    AnnotationValue,
    /// An item of `metadata.tags`.
    Tag,
    /// `url` of a link.
    Url,
}

impl Rule {
    /// Whether the value follows the rule. Anything but a text does not.
    pub fn accepts(self, value: &Value) -> bool {
        value.as_str().is_some_and(|text| self.accepts_text(text))
    }

    /// Whether the text follows the rule.
    pub fn accepts_text(self, text: &str) -> bool {
        match self {
            Self::ApiVersion => is_valid_api_version(text),
            Self::Kind => is_valid_kind(text),
            Self::EntityName => is_valid_entity_name(text),
            Self::Namespace => is_valid_namespace(text),
            Self::LabelKey | Self::AnnotationKey => is_valid_label_key(text),
            Self::LabelValue => is_valid_label_value(text),
            Self::AnnotationValue => true,
            Self::Tag => is_valid_tag(text),
            Self::Url => is_valid_url(text),
        }
    }

    /// Stable name of the rule, as in diagnostics.
    pub fn code(self) -> &'static str {
        match self {
            Self::ApiVersion => "invalid-api-version",
            Self::Kind => "invalid-kind",
            Self::EntityName => "invalid-name",
            Self::Namespace => "invalid-namespace",
            Self::LabelKey => "invalid-label-key",
            Self::LabelValue => "invalid-label-value",
            Self::AnnotationKey => "invalid-annotation-key",
            Self::AnnotationValue => "invalid-annotation-value",
            Self::Tag => "invalid-tag",
            Self::Url => "invalid-url",
        }
    }

    /// The rule in Backstage's words.
    pub fn expectation(self) -> &'static str {
        match self {
            Self::ApiVersion | Self::LabelKey | Self::AnnotationKey => PREFIX_RULE,
            Self::Kind => KIND_RULE,
            Self::EntityName | Self::LabelValue => NAME_RULE,
            Self::Namespace => NAMESPACE_RULE,
            Self::AnnotationValue => TEXT_RULE,
            Self::Tag => TAG_RULE,
            Self::Url => URL_RULE,
        }
    }

    /// The rule so that one can write a value that follows it.
    pub fn accepted(self) -> &'static str {
        match self {
            Self::ApiVersion => {
                "`v1` or `example.com/v1`: an optional lower-case DNS name and `/`, then 1 to 63 of [a-zA-Z0-9]"
            }
            Self::Kind => "1 to 63 of [a-zA-Z0-9], the first a letter, such as `Component`",
            Self::EntityName => {
                "1 to 63 of [a-zA-Z0-9-_.], the first and the last a letter or digit, such as `my-service`"
            }
            Self::Namespace => {
                "1 to 63 of [a-z0-9-], the first and the last no hyphen, such as `payments`"
            }
            Self::LabelKey | Self::AnnotationKey => {
                "`name` or `example.com/name`: an optional lower-case DNS name and `/`, then 1 to 63 of [a-zA-Z0-9-_.], the first and the last a letter or digit"
            }
            Self::LabelValue => {
                "an empty text or 1 to 63 of [a-zA-Z0-9-_.], the first and the last a letter or digit"
            }
            Self::AnnotationValue => "any text",
            Self::Tag => {
                "1 to 63 of [a-z0-9+#:-], no hyphen at an end or beside another, such as `java` or `c++`"
            }
            Self::Url => "an absolute URL such as `https://example.com/page`",
        }
    }

    /// A value close to `text` that follows the rule, if one can be derived.
    pub fn repaired(self, text: &str) -> Option<String> {
        if text.contains("{{") {
            // A template that nobody rendered; any repair would be wrong.
            return None;
        }
        if matches!(self, Self::Kind | Self::ApiVersion) {
            let trimmed = text
                .trim_end_matches([',', ';'])
                .trim_matches(['“', '”', '‘', '’']);
            return (trimmed != text && self.accepts_text(trimmed)).then(|| trimmed.to_owned());
        }
        let (lower, extra): (bool, &[char]) = match self {
            Self::EntityName | Self::LabelValue => (false, &['-', '_', '.']),
            Self::Namespace => (true, &['-']),
            Self::Tag => (true, &['-', '+', '#', ':']),
            _ => return None,
        };
        let mut repaired = String::with_capacity(text.len());
        for c in text.chars() {
            let c = if lower { c.to_ascii_lowercase() } else { c };
            if c.is_ascii_alphanumeric() || extra.contains(&c) {
                repaired.push(c);
            } else if !repaired.ends_with('-') {
                repaired.push('-');
            }
        }
        if self == Self::Tag {
            while repaired.contains("--") {
                repaired = repaired.replace("--", "-");
            }
        }
        repaired.truncate(63);
        let repaired = repaired.trim_matches(['-', '_', '.']).to_owned();
        (repaired != text && self.accepts_text(&repaired)).then_some(repaired)
    }

    /// Backstage's message for a value that breaks the rule. `field` is the
    /// dotted name (`metadata.name`, `labels.a b`, `tags.0`).
    pub fn message(self, field: &str, found: &Value) -> String {
        let expected = self.expectation();
        let found = crate::javascript::to_string(found);
        let (field, found) = (quoted(field), quoted(&found));
        format!(
            "\"{field}\" is not valid; expected {expected} but found \"{found}\". To learn more about catalog file format, visit: {FORMAT_PAGE}"
        )
    }
}

/// `v1`, `example.com/v1`.
pub fn is_valid_api_version(text: &str) -> bool {
    is_prefixed(text, |suffix| {
        (1..=63).contains(&suffix.len()) && suffix.bytes().all(|b| b.is_ascii_alphanumeric())
    })
}

/// A letter, then letters and digits; 1 to 63.
pub fn is_valid_kind(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric())
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// Letters, digits, `-`, `_` and `.`, a letter or digit at both ends; 1 to 63.
pub fn is_valid_entity_name(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.ends_with(|c: char| c.is_ascii_alphanumeric())
}

/// A DNS label in lower case; 1 to 63.
pub fn is_valid_namespace(text: &str) -> bool {
    is_dns_label(text)
}

/// Lower-case letters, digits, `:`, `+`, `#`, and single hyphens between them; 1 to 63.
pub fn is_valid_tag(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.split('-').all(|part| {
            !part.is_empty()
                && part.bytes().all(|b| {
                    b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b':' | b'+' | b'#')
                })
        })
}

/// An entity name, with an optional DNS subdomain and `/` before it.
pub fn is_valid_label_key(text: &str) -> bool {
    is_prefixed(text, is_valid_entity_name)
}

/// Empty, or an entity name.
pub fn is_valid_label_value(text: &str) -> bool {
    text.is_empty() || is_valid_entity_name(text)
}

/// The same rule as for label keys.
pub fn is_valid_annotation_key(text: &str) -> bool {
    is_valid_label_key(text)
}

/// A URL that stands alone, by the WHATWG rules.
pub fn is_valid_url(text: &str) -> bool {
    url::Url::parse(text).is_ok()
}

/// Dot-separated DNS labels; 1 to 253 in all.
pub fn is_valid_dns_subdomain(text: &str) -> bool {
    (1..=253).contains(&text.len()) && text.split('.').all(is_dns_label)
}

fn is_dns_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

fn is_prefixed(text: &str, suffix_fits: impl Fn(&str) -> bool) -> bool {
    match text.split_once('/') {
        None => suffix_fits(text),
        // A second slash stays in the suffix, which never allows one.
        Some((prefix, suffix)) => is_valid_dns_subdomain(prefix) && suffix_fits(suffix),
    }
}
