//! Which entities are a campaign's targets now, and how each stands.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use catalog::index::{EntityView, Index, ListRequest};
use jiff::civil::Date;
use model::Diagnostic;
use model::entity_ref::EntityRef;
use model::query::{Fields, Predicate};
use serde_json::Value;

use super::arithmetic::{State, Tally, share_of};
use super::plan::{Part, Plan, Scope};

/// What is remembered of one target from earlier days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// The day on which it was first seen.
    pub joined: Date,
    /// The day on which it was first missing; nothing while it exists.
    pub left: Option<Date>,
}

/// The memory of a campaign: every entity that has ever been its target.
pub type Members = BTreeMap<EntityRef, Member>;

/// A campaign at one moment.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// Its targets, in order of their references.
    pub targets: Vec<Target>,
    /// Targets of earlier days that have left the catalog.
    pub removed: Vec<EntityRef>,
    /// All targets, counted.
    pub tally: Tally,
    /// Exemptions of what is no target, and filters that match nothing.
    pub problems: Vec<Diagnostic>,
}

/// One entity that belongs to a campaign.
#[derive(Clone, Debug)]
pub struct Target {
    /// Which one.
    pub entity_ref: EntityRef,
    /// Its title, or its name.
    pub title: String,
    /// Who owns it, sorted; empty when nobody does.
    pub owners: Vec<EntityRef>,
    /// How it stands.
    pub state: State,
    /// The wave whose filter it is the first to match.
    pub wave: Option<usize>,
    /// The exemption that holds today.
    pub exemption: Option<usize>,
    /// The day on which it was first seen; nothing before it was measured.
    pub joined: Option<Date>,
}

/// How a wave stands.
#[derive(Clone, Debug)]
pub struct WaveProgress {
    /// Its place in the plan; nothing for targets of no wave.
    pub wave: Option<usize>,
    /// Its targets.
    pub tally: Tally,
}

/// Measures a campaign. `members` is what earlier days remember; `closed` says
/// that the first day is over, after which a fixed scope takes in no more.
#[must_use]
pub fn measure(
    plan: &Plan,
    (index, visible): (&Index, Option<&Predicate>),
    members: &Members,
    closed: bool,
    today: Date,
) -> Measured {
    let request = ListRequest {
        query: Some(plan.targets.clone()),
        visible: visible.cloned(),
        ..ListRequest::default()
    };
    let matched: BTreeSet<&EntityRef> = index
        .list(&request)
        .items
        .iter()
        .map(EntityView::entity_ref)
        .collect();
    let takes_in = plan.scope == Scope::Open || !closed;
    let mut refs: BTreeSet<&EntityRef> = members.keys().collect();
    if takes_in {
        refs.extend(&matched);
    }
    let exempted: HashMap<&EntityRef, usize> = plan
        .exemptions
        .iter()
        .enumerate()
        .filter(|(_, exemption)| exemption.until.is_none_or(|until| until >= today))
        .map(|(at, exemption)| (&exemption.entity_ref, at))
        .collect();
    let mut measured = Measured::default();
    for entity_ref in refs {
        let Some(entity) = index.get(entity_ref) else {
            // Who sees a part only cannot be told which part this was in.
            if visible.is_none() {
                measured.removed.push(entity_ref.clone());
            }
            continue;
        };
        if visible.is_some_and(|visible| !index.matches(entity_ref, visible)) {
            continue;
        }
        let done = match &plan.done {
            Some(done) => index.matches(entity_ref, done),
            None => !matched.contains(entity_ref),
        };
        let exemption = exempted.get(entity_ref).copied();
        let state = match (done, exemption) {
            (true, _) => State::Done,
            (false, Some(_)) => State::Exempt,
            (false, None) => State::Remaining,
        };
        measured.tally.add(state);
        measured.targets.push(Target {
            title: title_of(&entity),
            owners: owners_of(&entity),
            state,
            wave: wave_of(plan, index, entity_ref),
            exemption: exemption.filter(|_| state == State::Exempt),
            joined: members.get(entity_ref).map(|member| member.joined),
            entity_ref: entity_ref.clone(),
        });
    }
    measured.problems = remarks(plan, &measured, today);
    measured
}

/// How each wave stands, in the plan's order, then the targets of no wave when
/// waves are cut out by filters.
#[must_use]
pub fn waves(plan: &Plan, measured: &Measured) -> Vec<WaveProgress> {
    let of = |wave: Option<usize>| {
        let mut tally = Tally::default();
        let mine = measured.targets.iter().filter(|target| target.wave == wave);
        mine.for_each(|target| tally.add(target.state));
        tally
    };
    let mut found: Vec<WaveProgress> = plan
        .waves
        .iter()
        .enumerate()
        .map(|(at, wave)| WaveProgress {
            wave: Some(at),
            tally: match &wave.part {
                Part::Filter(_) => of(Some(at)),
                Part::Share(share) => share_of(measured.tally, *share),
            },
        })
        .collect();
    let filtered = plan
        .waves
        .iter()
        .any(|wave| matches!(wave.part, Part::Filter(_)));
    let rest = of(None);
    if filtered && rest.total > 0 {
        found.push(WaveProgress {
            wave: None,
            tally: rest,
        });
    }
    found
}

fn wave_of(plan: &Plan, index: &Index, entity_ref: &EntityRef) -> Option<usize> {
    plan.waves.iter().position(|wave| match &wave.part {
        Part::Filter(filter) => matches(index, entity_ref, filter),
        Part::Share(_) => false,
    })
}

fn matches(index: &Index, entity_ref: &EntityRef, predicate: &Predicate) -> bool {
    index.matches(entity_ref, predicate)
}

/// What is accepted but probably not meant, as of today.
fn remarks(plan: &Plan, measured: &Measured, today: Date) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    if measured.targets.is_empty() {
        problems.push(
            Diagnostic::warning("campaign-no-targets", "the filter of the targets matches no entity")
                .pointing_to("/spec/targets/filter")
                .accepting("a filter that matches what has to move")
                .fixed_by("try the filter in the catalog: `portway get all --filter FILTER`; keys are compared without regard to case, values as a whole"),
        );
        return problems;
    }
    for (at, exemption) in plan.exemptions.iter().enumerate() {
        let found = measured
            .targets
            .binary_search_by(|target| target.entity_ref.cmp(&exemption.entity_ref));
        let place = format!("/spec/exemptions/{at}");
        if found.is_err() {
            problems.push(
                Diagnostic::warning(
                    "campaign-exemption",
                    format!(
                        "{} is exempt, but no target of this campaign",
                        exemption.entity_ref
                    ),
                )
                .pointing_to(format!("{place}/ref"))
                .accepting("a target of the campaign")
                .fixed_by("correct the reference, or remove the exemption"),
            );
        } else if let Some(until) = exemption.until.filter(|until| *until < today) {
            problems.push(
                Diagnostic::warning(
                    "campaign-exemption",
                    format!("the exemption of {} ended on {until}", exemption.entity_ref),
                )
                .pointing_to(format!("{place}/until"))
                .accepting("a later day, or none for good")
                .fixed_by("move the entity, agree on a later day, or remove the exemption"),
            );
        }
    }
    problems
}

/// What to call an entity: its title, a person's or team's display name, or
/// its name.
pub(crate) fn title_of(entity: &EntityView<'_>) -> String {
    let mut text = Vec::new();
    match Fields::parse(&["metadata.name,metadata.title,spec.profile.displayName"]) {
        Ok(Some(fields)) => entity.write_fields(&fields, &mut text),
        _ => entity.write(&mut text),
    }
    let value: Value = serde_json::from_slice(&text).unwrap_or_default();
    let at = |pointer: &str| {
        let found = value.pointer(pointer)?.as_str()?.trim();
        (!found.is_empty()).then(|| found.to_owned())
    };
    at("/metadata/title")
        .or_else(|| at("/spec/profile/displayName"))
        .or_else(|| at("/metadata/name"))
        .unwrap_or_else(|| entity.entity_ref().name().to_owned())
}

fn owners_of(entity: &EntityView<'_>) -> Vec<EntityRef> {
    entity
        .relations()
        .into_iter()
        .filter(|relation| relation.kind == "ownedBy")
        .map(|relation| relation.target.clone())
        .collect()
}
