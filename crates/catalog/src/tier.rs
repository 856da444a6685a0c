//! How important an entity is, and what that asks of it: a tier, from it a
//! service level objective (SLO), from that an error budget.
//!
//! Derived from the document each time, never stored: the annotation
//! `portway.dev/tier`, else the label of that name, else a tag `tier-1`. The
//! annotation `portway.dev/slo` gives an objective of its own.

use std::fmt;

use model::diagnostic::Diagnostic;
use model::query::Predicate;
use serde::Serialize;
use serde_json::{Value, json};

/// The annotation or label that names the tier.
pub const TIER: &str = "portway.dev/tier";
/// The annotation that gives an objective of its own, in percent.
pub const SLO: &str = "portway.dev/slo";
/// A tag that names a tier begins with this.
const TAG: &str = "tier-";
/// What the portal's users know: the playbook's three tiers.
const DEFAULT: [(&str, &str); 3] = [("1", "99.99"), ("2", "99.9"), ("3", "99")];
/// Millionths of a percent in 100 %.
const WHOLE: u32 = 100_000_000;
/// The window of an error budget.
const BUDGET_DAYS: u64 = 30;
const MAX_TIERS: usize = 20;

/// A service level objective: more than 0 and less than 100 percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slo {
    /// Millionths of a percent.
    millionths: u32,
}

impl Slo {
    /// What is accepted.
    pub const ACCEPTED: &'static str =
        "a number above 0 and below 100 with at most six decimals, such as 99.95";

    /// Reads `99.95` or `99.95%`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_suffix('%').unwrap_or(text).trim_end();
        let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |text: &str| {
            !text.is_empty() && text.len() <= 6 && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !digits(whole) || !digits(decimals) {
            return None;
        }
        let whole: u32 = whole.parse().ok()?;
        let decimals: u32 = format!("{decimals:0<6}").parse().ok()?;
        let millionths = whole.checked_mul(1_000_000)?.checked_add(decimals)?;
        (millionths > 0 && millionths < WHOLE).then_some(Self { millionths })
    }

    /// Seconds of unavailability that 30 days allow, rounded.
    pub fn budget_seconds(self) -> u64 {
        let window = BUDGET_DAYS * 24 * 60 * 60;
        let allowed = window * u64::from(WHOLE - self.millionths);
        (allowed + u64::from(WHOLE) / 2) / u64::from(WHOLE)
    }

    /// Days, hours, minutes and seconds of the budget.
    pub fn budget_parts(self) -> [u64; 4] {
        let all = self.budget_seconds();
        [all / 86_400, all / 3_600 % 24, all / 60 % 60, all % 60]
    }
}

impl fmt::Display for Slo {
    /// Without zeros that say nothing: `99.95`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, decimals) = (self.millionths / 1_000_000, self.millionths % 1_000_000);
        if decimals == 0 {
            return write!(f, "{whole}");
        }
        let decimals = format!("{decimals:06}");
        write!(f, "{whole}.{}", decimals.trim_end_matches('0'))
    }
}

/// One tier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tier {
    /// Lower case: `1`, `gold`.
    pub name: String,
    /// The objective of those in it.
    pub slo: Slo,
}

/// All tiers, the strictest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tiers(Vec<Tier>);

impl Default for Tiers {
    /// `tier-1` 99.99 %, `tier-2` 99.9 %, `tier-3` 99 %.
    fn default() -> Self {
        let tiers = DEFAULT.iter().filter_map(|(name, slo)| {
            Some(Tier {
                name: (*name).to_owned(),
                slo: Slo::parse(slo)?,
            })
        });
        Self(tiers.collect())
    }
}

/// Where a fact comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "kind", content = "name")]
pub enum Origin {
    /// An annotation.
    Annotation(String),
    /// A label.
    Label(String),
    /// A tag.
    Tag(String),
}

impl fmt::Display for Origin {
    /// `tag tier-1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, name) = match self {
            Self::Annotation(name) => ("annotation", name),
            Self::Label(name) => ("label", name),
            Self::Tag(name) => ("tag", name),
        };
        write!(f, "{kind} {name}")
    }
}

/// What is known of an entity's importance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Its tier and what says so.
    pub tier: Option<(String, Origin)>,
    /// Its objective and what says so: of its own, or of its tier.
    pub slo: Option<(Slo, Origin)>,
}

impl Standing {
    /// As data; `null` where nothing is known.
    pub fn to_json(&self) -> Value {
        json!({
            "tier": self.tier.as_ref().map(|(tier, from)| json!({ "value": tier, "source": from.to_string() })),
            "slo": self.slo.as_ref().map(|(slo, from)| json!({
                "percent": slo.to_string(),
                "errorBudgetSecondsPer30Days": slo.budget_seconds(),
                "source": from.to_string(),
            })),
        })
    }
}

impl Tiers {
    /// `catalog.tiers`: names with objects that hold `slo`, in percent. Nothing
    /// configured is [`Tiers::default`].
    ///
    /// # Errors
    /// The key below `catalog.tiers` that cannot be used, and why.
    pub fn from_config(value: &Value) -> Result<Self, (String, String)> {
        if value.is_null() {
            return Ok(Self::default());
        }
        let Some(fields) = value.as_object().filter(|fields| !fields.is_empty()) else {
            return Err((String::new(), "must be an object of tiers".to_owned()));
        };
        if fields.len() > MAX_TIERS {
            return Err((String::new(), format!("may have up to {MAX_TIERS} tiers")));
        }
        let mut tiers = Vec::with_capacity(fields.len());
        for (name, value) in fields {
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
            if name.is_empty() || name.len() > 30 || !name.chars().all(plain) {
                let why = "must be named with letters, digits and dashes, up to 30";
                return Err((name.clone(), why.to_owned()));
            }
            let written = match value.get("slo") {
                Some(Value::Number(number)) => number.to_string(),
                Some(Value::String(text)) => text.clone(),
                _ => String::new(),
            };
            let slo = Slo::parse(&written)
                .ok_or_else(|| (format!("{name}.slo"), format!("must be {}", Slo::ACCEPTED)))?;
            tiers.push(Tier {
                name: name.to_ascii_lowercase(),
                slo,
            });
        }
        tiers.sort_by(|a, b| b.slo.cmp(&a.slo).then_with(|| a.name.cmp(&b.name)));
        Ok(Self(tiers))
    }

    /// All, the strictest first.
    pub fn all(&self) -> &[Tier] {
        &self.0
    }

    /// The tier that a text means: `1` or `tier-1`.
    fn find(&self, text: &str) -> Option<&Tier> {
        let lower = text.trim().to_ascii_lowercase();
        let name = lower.strip_prefix(TAG).unwrap_or(&lower);
        self.0.iter().find(|tier| tier.name == name)
    }

    /// What is known of an entity, given as its document.
    pub fn of(&self, entity: &Value) -> Standing {
        let tier = match written(entity) {
            Some((text, origin)) => self.find(text).map(|tier| (tier, origin)),
            // Of several, the strictest.
            None => self.0.iter().find_map(|tier| {
                let tag = tags(entity).find(|tag| is_tag_of(tag, tier))?;
                Some((tier, Origin::Tag(tag.to_owned())))
            }),
        };
        let own = text_of(entity, "annotations", SLO)
            .and_then(Slo::parse)
            .map(|slo| (slo, Origin::Annotation(SLO.to_owned())));
        Standing {
            slo: own.or_else(|| tier.as_ref().map(|(tier, from)| (tier.slo, from.clone()))),
            tier: tier.map(|(tier, from)| (tier.name.clone(), from)),
        }
    }

    /// The condition that an entity is of this tier; the same as [`Tiers::of`].
    pub(crate) fn condition(&self, tier: &Tier) -> Predicate {
        let annotation = format!("metadata.annotations.{TIER}");
        let label = format!("metadata.labels.{TIER}");
        let tag = |tier: &Tier| format!("{TAG}{}", tier.name);
        let names = [tier.name.clone(), tag(tier)];
        let is = |key: &str| Predicate::is_in(key, names.iter().map(String::as_str));
        let absent = |key: &str| Predicate::exists(key).negated();
        let stricter = self.0.iter().take_while(|other| *other != tier).map(tag);
        let mut by_tag = vec![
            absent(&annotation),
            absent(&label),
            Predicate::equals("metadata.tags", &tag(tier)),
        ];
        by_tag.extend(stricter.map(|tag| Predicate::equals("metadata.tags", &tag).negated()));
        Predicate::Any(vec![
            is(&annotation),
            Predicate::All(vec![absent(&annotation), is(&label)]),
            Predicate::All(by_tag),
        ])
    }

    /// What is wrong with the tier or the objective that an entity names. Each
    /// points to its place in the document.
    pub(crate) fn remarks(&self, entity: &Value) -> Vec<Diagnostic> {
        let known = || {
            let names: Vec<_> = self.0.iter().map(|tier| tier.name.as_str()).collect();
            names.join(", ")
        };
        let mut remarks = Vec::new();
        let unknown = |what: &str, text: &str, pointer: String| {
            Diagnostic::warning(
                "unknown-tier",
                format!("The {what} names no tier: {text:?}"),
            )
            .accepting(known())
            .fixed_by("name one of these, or add the tier to `catalog.tiers` in app-config.yaml")
            .pointing_to(pointer)
        };
        for (part, what) in [("annotations", "annotation"), ("labels", "label")] {
            if let Some(text) = text_of(entity, part, TIER).filter(|text| self.find(text).is_none())
            {
                let pointer = format!("/metadata/{part}/portway.dev~1tier");
                remarks.push(unknown(&format!("{what} {TIER}"), text, pointer));
            }
        }
        let mut found: Vec<&str> = Vec::new();
        for (at, tag) in tags(entity).enumerate() {
            let Some(name) = tag.strip_prefix(TAG) else {
                continue;
            };
            match self.find(tag) {
                Some(_) => found.push(tag),
                None => {
                    let pointer = format!("/metadata/tags/{at}");
                    remarks.push(unknown(&format!("tag {tag}"), name, pointer));
                }
            }
        }
        if found.len() > 1 && written(entity).is_none() {
            let problem = Diagnostic::warning(
                "several-tiers",
                format!(
                    "The tags name several tiers ({}); the strictest counts",
                    found.join(", ")
                ),
            )
            .accepting("one tag that names a tier")
            .fixed_by(format!("keep one of them, or set the annotation {TIER}"))
            .pointing_to("/metadata/tags");
            remarks.push(problem);
        }
        if let Some(text) =
            text_of(entity, "annotations", SLO).filter(|text| Slo::parse(text).is_none())
        {
            let problem = Diagnostic::warning(
                "invalid-slo",
                format!("The annotation {SLO} is no objective: {text:?}"),
            )
            .accepting(Slo::ACCEPTED)
            .fixed_by("write the objective in percent, or remove the annotation to use the tier's")
            .pointing_to("/metadata/annotations/portway.dev~1slo");
            remarks.push(problem);
        }
        remarks
    }
}

/// The tier that an entity's annotation or label names, known or not.
fn written(entity: &Value) -> Option<(&str, Origin)> {
    let annotation = text_of(entity, "annotations", TIER)
        .map(|text| (text, Origin::Annotation(TIER.to_owned())));
    annotation.or_else(|| {
        text_of(entity, "labels", TIER).map(|text| (text, Origin::Label(TIER.to_owned())))
    })
}

/// The tier that an entity names, whatever tiers a catalog has: of the
/// annotation, the label, or the first tag `tier-…` in order of names. For
/// programs that see documents but not the catalog's configuration.
pub fn named(entity: &Value) -> Option<String> {
    let bare = |text: &str| {
        let lower = text.trim().to_ascii_lowercase();
        lower.strip_prefix(TAG).unwrap_or(&lower).to_owned()
    };
    written(entity)
        .map(|(text, _)| bare(text))
        .or_else(|| {
            let tags = tags(entity).filter(|tag| tag.starts_with(TAG));
            tags.map(bare).min()
        })
        .filter(|name| !name.is_empty())
}

fn is_tag_of(tag: &str, tier: &Tier) -> bool {
    tag.to_ascii_lowercase()
        .strip_prefix(TAG)
        .is_some_and(|name| name == tier.name)
}

fn text_of<'v>(entity: &'v Value, part: &str, key: &str) -> Option<&'v str> {
    entity.get("metadata")?.get(part)?.get(key)?.as_str()
}

fn tags(entity: &Value) -> impl Iterator<Item = &str> {
    let tags = entity.pointer("/metadata/tags").and_then(Value::as_array);
    tags.into_iter().flatten().filter_map(Value::as_str)
}
