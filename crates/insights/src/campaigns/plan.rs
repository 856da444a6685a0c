//! What a Campaign says: its `spec`, read with every mistake named.
//!
//! The kind's JSON Schema has refused wrong types, missing fields and dates
//! that do not exist before a campaign comes here, with the line of each. What
//! a schema cannot say is said here: dates in the wrong order, filters that do
//! not parse, time zones that nobody knows.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use model::entity_ref::EntityRef;
use model::query::{Predicate, parse_filters};
use model::{Diagnostic, Severity};
use serde_json::Value;

/// Waves and exemptions beyond these are not read, and said to be too many.
const MAX_WAVES: usize = 50;
const MAX_EXEMPTIONS: usize = 5_000;

/// A campaign, ready to be measured.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The campaign's own reference.
    pub entity_ref: EntityRef,
    /// Its title, or its name.
    pub title: String,
    /// What it is about, where it says so.
    pub description: Option<String>,
    /// Who drives it.
    pub owner: Option<EntityRef>,
    /// Why it is needed.
    pub reason: Option<String>,
    /// What ends, and when.
    pub end_of_life: Option<EndOfLife>,
    /// The first day.
    pub starts: Date,
    /// The last day, which still belongs to the campaign.
    pub deadline: Date,
    /// The zone in which days begin and end.
    pub zone: TimeZone,
    /// Its name as written.
    pub zone_name: String,
    /// Which entities have to move.
    pub targets: Predicate,
    /// Which of them have moved; without it, those that `targets` does not
    /// match any more.
    pub done: Option<Predicate>,
    /// Whether entities may join later.
    pub scope: Scope,
    /// Parts with deadlines of their own.
    pub waves: Vec<Wave>,
    /// Who need not move.
    pub exemptions: Vec<Exemption>,
}

/// What ends, and when, and where that is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndOfLife {
    /// The product with its version, for example `PostgreSQL 11`.
    pub product: String,
    /// The day on which its support ends.
    pub date: Option<Date>,
    /// Where that is written.
    pub url: Option<String>,
}

/// Whether entities may join after the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// What the targets match on any day belongs to it from then on.
    Open,
    /// What the targets match on the first day that was measured.
    Fixed,
}

/// A part of the targets with a deadline of its own.
#[derive(Clone, Debug)]
pub struct Wave {
    /// What it is called.
    pub name: String,
    /// Its last day.
    pub deadline: Date,
    /// Which targets belong to it.
    pub part: Part,
}

/// How a wave is cut out.
#[derive(Clone, Debug)]
pub enum Part {
    /// The targets that match and belong to no earlier wave.
    Filter(Predicate),
    /// This percentage of all applicable targets, whichever they are.
    Share(u8),
}

/// A target that need not move, for a time or for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exemption {
    /// Which one.
    pub entity_ref: EntityRef,
    /// The last day on which it holds; for good without.
    pub until: Option<Date>,
    /// Why.
    pub reason: String,
    /// Who agreed.
    pub approved_by: Option<String>,
}

/// A plan, or nothing when it has an error, and what is wrong with it.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The plan, unless something in it cannot be used.
    pub plan: Option<Plan>,
    /// Errors and warnings with JSON pointers.
    pub problems: Vec<Diagnostic>,
}

impl Plan {
    /// The campaign's day at a moment.
    #[must_use]
    pub fn day_of(&self, at: Timestamp) -> Date {
        at.to_zoned(self.zone.clone()).date()
    }

    /// Reads the document of a Campaign.
    #[must_use]
    pub fn read(entity_ref: &EntityRef, document: &Value) -> Reading {
        let mut reader = Reader {
            document,
            problems: Vec::new(),
        };
        let plan = reader.plan(entity_ref);
        let broken = reader
            .problems
            .iter()
            .any(|problem| problem.severity == Severity::Error);
        Reading {
            plan: plan.filter(|_| !broken),
            problems: reader.problems,
        }
    }
}

struct Reader<'a> {
    document: &'a Value,
    problems: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn plan(&mut self, entity_ref: &EntityRef) -> Option<Plan> {
        let text = |pointer: &str| self.text(pointer);
        let title = text("/metadata/title").unwrap_or_else(|| {
            text("/metadata/name").unwrap_or_else(|| entity_ref.name().to_owned())
        });
        let description = text("/metadata/description");
        let reason = text("/spec/reason");
        let owner = text("/spec/owner").and_then(|owner| {
            EntityRef::parse(&owner, Some("group"), Some(entity_ref.namespace())).ok()
        });
        let scope = match text("/spec/scope").as_deref() {
            Some("fixed") => Scope::Fixed,
            _ => Scope::Open,
        };
        let end_of_life = self.end_of_life();
        let starts = self.date("/spec/starts");
        let deadline = self.date("/spec/deadline");
        let (zone, zone_name) = self.zone();
        let targets = self.filter("/spec/targets/filter");
        let done = match self.document.pointer("/spec/done") {
            None => None,
            Some(_) => self.filter("/spec/done/filter"),
        };
        let waves = self.waves();
        let exemptions = self.exemptions(entity_ref);
        let (starts, deadline) = (starts?, deadline?);
        self.order(starts, deadline, &waves);
        Some(Plan {
            entity_ref: entity_ref.clone(),
            title,
            description,
            owner,
            reason,
            end_of_life,
            starts,
            deadline,
            zone,
            zone_name,
            targets: targets?,
            done,
            scope,
            waves,
            exemptions,
        })
    }

    fn text(&self, pointer: &str) -> Option<String> {
        let found = self.document.pointer(pointer)?.as_str()?.trim();
        (!found.is_empty()).then(|| found.to_owned())
    }

    fn date(&mut self, pointer: &str) -> Option<Date> {
        let found = self.document.pointer(pointer);
        let text = found.and_then(Value::as_str).unwrap_or_default();
        if let Ok(date) = text.parse::<Date>() {
            return Some(date);
        }
        let shown = found.map_or_else(|| "nothing".to_owned(), ToString::to_string);
        self.problems.push(
            Diagnostic::error("campaign-date", format!("{shown} is no date"))
                .pointing_to(pointer)
                .accepting("a day such as 2026-11-21")
                .fixed_by("write year, month and day, with two digits for month and day"),
        );
        None
    }

    fn end_of_life(&mut self) -> Option<EndOfLife> {
        let product = self.text("/spec/endOfLife/product")?;
        let date = match self.document.pointer("/spec/endOfLife/date") {
            None => None,
            Some(_) => self.date("/spec/endOfLife/date"),
        };
        Some(EndOfLife {
            product,
            date,
            url: self.text("/spec/endOfLife/url"),
        })
    }

    fn zone(&mut self) -> (TimeZone, String) {
        let name = self
            .text("/spec/timeZone")
            .unwrap_or_else(|| "UTC".to_owned());
        if let Some(zone) = zone_of(&name) {
            return (zone, name);
        }
        self.problems.push(
            Diagnostic::error(
                "campaign-time-zone",
                format!("`{name}` is no time zone that this machine knows"),
            )
            .pointing_to("/spec/timeZone")
            .accepting(
                "UTC, an offset such as +09:00, or a name of the IANA database such as Asia/Seoul",
            )
            .fixed_by("correct the name; days begin and end in UTC when the field is left out"),
        );
        (TimeZone::UTC, name)
    }

    /// A filter: the catalog's JSON form, or its `key=value,…` text, or a list
    /// of such texts of which one has to match.
    fn filter(&mut self, pointer: &str) -> Option<Predicate> {
        let read = match self.document.pointer(pointer) {
            Some(Value::String(text)) => parse_filters(&[text.as_str()])
                .map_err(|error| error.to_string())
                .and_then(non_empty),
            Some(Value::Array(texts)) => {
                let texts: Vec<&str> = texts.iter().filter_map(Value::as_str).collect();
                parse_filters(&texts)
                    .map_err(|error| error.to_string())
                    .and_then(non_empty)
            }
            Some(value) => Predicate::from_json(value).map_err(|error| error.to_string()),
            None => Err("there is no filter".to_owned()),
        };
        match read {
            Ok(predicate) => Some(predicate),
            Err(problem) => {
                self.problems.push(
                    Diagnostic::error("campaign-filter", problem)
                        .pointing_to(pointer)
                        .accepting("the catalog's filter: `kind=resource,spec.type=database`, or {kind: resource, spec.type: database}")
                        .fixed_by("try it in the catalog first: `portway get all --filter FILTER`"),
                );
                None
            }
        }
    }

    fn waves(&mut self) -> Vec<Wave> {
        let count = self.list("/spec/waves", MAX_WAVES);
        (0..count).filter_map(|at| self.wave(at)).collect()
    }

    fn wave(&mut self, at: usize) -> Option<Wave> {
        let base = format!("/spec/waves/{at}");
        let deadline = self.date(&format!("{base}/deadline"));
        let share = self.document.pointer(&format!("{base}/share"));
        let part = match share.and_then(Value::as_u64) {
            Some(share) => Some(Part::Share(u8::try_from(share.min(100)).unwrap_or(100))),
            None => self.filter(&format!("{base}/filter")).map(Part::Filter),
        };
        Some(Wave {
            name: self
                .text(&format!("{base}/name"))
                .unwrap_or_else(|| (at + 1).to_string()),
            deadline: deadline?,
            part: part?,
        })
    }

    fn exemptions(&mut self, campaign: &EntityRef) -> Vec<Exemption> {
        let count = self.list("/spec/exemptions", MAX_EXEMPTIONS);
        (0..count)
            .filter_map(|at| self.exemption(at, campaign))
            .collect()
    }

    fn exemption(&mut self, at: usize, campaign: &EntityRef) -> Option<Exemption> {
        let base = format!("/spec/exemptions/{at}");
        let name = self.text(&format!("{base}/ref")).unwrap_or_default();
        let entity_ref = match EntityRef::parse(&name, None, Some(campaign.namespace())) {
            Ok(entity_ref) => entity_ref,
            Err(error) => {
                self.problems.push(
                    Diagnostic::error("campaign-exemption", error.to_string())
                        .pointing_to(format!("{base}/ref"))
                        .accepting(
                            "the kind and the name of an entity, such as `resource:orders-db`",
                        )
                        .fixed_by("write the kind before the name"),
                );
                return None;
            }
        };
        let Some(reason) = self.text(&format!("{base}/reason")) else {
            self.problems.push(
                Diagnostic::error(
                    "campaign-exemption",
                    format!("the exemption of {entity_ref} gives no reason"),
                )
                .pointing_to(format!("{base}/reason"))
                .accepting("why it need not move, in a sentence")
                .fixed_by("add `reason: …`, or remove the exemption"),
            );
            return None;
        };
        let until = match self.document.pointer(&format!("{base}/until")) {
            None => None,
            Some(_) => Some(self.date(&format!("{base}/until"))?),
        };
        Some(Exemption {
            entity_ref,
            until,
            reason,
            approved_by: self.text(&format!("{base}/approvedBy")),
        })
    }

    /// How many items of a list are read.
    fn list(&mut self, pointer: &str, most: usize) -> usize {
        let items = self.document.pointer(pointer).and_then(Value::as_array);
        let count = items.map_or(0, Vec::len);
        if count > most {
            self.problems.push(
                Diagnostic::warning(
                    "campaign-too-many",
                    format!("there are {count} entries; those after the first {most} are not read"),
                )
                .pointing_to(pointer)
                .accepting(format!("at most {most}"))
                .fixed_by("split the campaign, or narrow its targets"),
            );
        }
        count.min(most)
    }

    fn order(&mut self, starts: Date, deadline: Date, waves: &[Wave]) {
        if deadline < starts {
            self.problems.push(
                Diagnostic::error(
                    "campaign-dates",
                    format!("the deadline {deadline} is before the start {starts}"),
                )
                .pointing_to("/spec/deadline")
                .accepting(format!("{starts} or a later day"))
                .fixed_by("correct `deadline` or `starts`"),
            );
        }
        for (at, wave) in waves.iter().enumerate() {
            if wave.deadline < starts || (wave.deadline > deadline && deadline >= starts) {
                self.problems.push(
                    Diagnostic::warning(
                        "campaign-dates",
                        format!(
                            "the wave {} ends on {}, which is outside of the campaign",
                            wave.name, wave.deadline
                        ),
                    )
                    .pointing_to(format!("/spec/waves/{at}/deadline"))
                    .accepting(format!("a day from {starts} to {deadline}"))
                    .fixed_by("correct the wave's deadline, or the campaign's"),
                );
            }
        }
    }
}

/// A filter that asks for nothing would have everything moved.
fn non_empty(predicate: Option<Predicate>) -> Result<Predicate, String> {
    predicate.ok_or_else(|| "the filter is empty".to_owned())
}

/// `UTC`, `+09:00`, or a name of the IANA database.
fn zone_of(name: &str) -> Option<TimeZone> {
    if name.eq_ignore_ascii_case("utc") {
        return Some(TimeZone::UTC);
    }
    if let Some(offset) = offset_of(name) {
        return Some(TimeZone::fixed(offset));
    }
    TimeZone::get(name).ok()
}

fn offset_of(name: &str) -> Option<Offset> {
    let (sign, rest) = match name.strip_prefix('+') {
        Some(rest) => (1, rest),
        None => (-1, name.strip_prefix('-')?),
    };
    let (hours, minutes) = rest.split_once(':')?;
    if hours.len() != 2 || minutes.len() != 2 {
        return None;
    }
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    if hours > 14 || minutes > 59 {
        return None;
    }
    Offset::from_seconds(sign * (hours * 3_600 + minutes * 60)).ok()
}
