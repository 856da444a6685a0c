//! The history is what was seen on each day, on both databases.

use std::time::Duration;

use insights::campaigns::arithmetic::Tally;
use jiff::civil::{Date, date};
use platform::event::{EventFilter, EventLog};

use crate::world::{On, SPEC, World, company, on_both_databases};

const DAY: Duration = Duration::from_secs(86_400);
const LOOK: Duration = Duration::from_secs(301);
const NOON: &str = "2026-11-02T12:00:00Z";

fn tally(total: u64, done: u64, exempt: u64) -> Tally {
    Tally {
        total,
        done,
        exempt,
    }
}

fn days(memory: &insights::campaigns::store::Memory) -> Vec<(Date, Tally, u64)> {
    memory
        .days
        .iter()
        .map(|day| (day.day, day.tally, day.removed))
        .collect()
}

const THREE: &[(&str, &str, &str)] = &[
    ("a", "11", "team-orders"),
    ("b", "11", "team-orders"),
    ("c", "11", "team-pay"),
];

async fn each_day_keeps_what_was_seen_last_on_it(on: On) {
    let world = World::new(on, NOON, &company(THREE, SPEC)).await;
    // Two changes on one day, one on the next.
    let one = [THREE[0], THREE[1], ("c", "17", "team-pay")];
    world.rewrite(&company(&one, SPEC)).await;
    world.pass(LOOK).await;
    world.pass(DAY).await;
    let two = [THREE[0], ("b", "17", "team-orders"), one[2]];
    world.rewrite(&company(&two, SPEC)).await;
    world.pass(LOOK).await;
    let memory = world.memory("pg11").await;
    assert_eq!(
        days(&memory),
        [
            (date(2026, 11, 2), tally(3, 1, 0), 0),
            (date(2026, 11, 3), tally(3, 2, 0), 0),
        ]
    );
    assert_eq!(memory.members.len(), 3);
    // A number is announced when it changes, not on every look.
    let filter = EventFilter {
        type_prefix: Some("dev.portway.insights.".to_owned()),
        subject: Some("campaign:default/pg11".to_owned()),
    };
    let events = EventLog::new(&world.db)
        .after(0, &filter, 100)
        .await
        .expect("the log");
    let remaining: Vec<_> = events
        .iter()
        .map(|event| event.data["remaining"].as_u64())
        .collect();
    assert_eq!(remaining, [Some(3), Some(2), Some(1)]);
}

async fn who_joins_later_is_a_target_from_then_on(on: On) {
    let world = World::new(on, NOON, &company(THREE, SPEC)).await;
    world.pass(DAY).await;
    let mut more = THREE.to_vec();
    more.push(("d", "11", "team-pay"));
    world.rewrite(&company(&more, SPEC)).await;
    world.pass(LOOK).await;
    let memory = world.memory("pg11").await;
    assert_eq!(
        days(&memory),
        [
            (date(2026, 11, 2), tally(3, 0, 0), 0),
            (date(2026, 11, 3), tally(4, 0, 0), 0),
        ]
    );
    let joined: Vec<Date> = memory
        .members
        .values()
        .map(|member| member.joined)
        .collect();
    assert_eq!(joined, [2, 2, 2, 3].map(|day| date(2026, 11, day)));
}

async fn a_fixed_scope_is_that_of_the_first_day(on: On) {
    let spec = format!("{SPEC}scope: fixed\n");
    let world = World::new(on, NOON, &company(THREE, &spec)).await;
    let mut more = THREE.to_vec();
    more.push(("d", "11", "team-pay"));
    // Still the first day.
    world.rewrite(&company(&more, &spec)).await;
    world.pass(LOOK).await;
    world.pass(DAY).await;
    more.push(("e", "11", "team-pay"));
    world.rewrite(&company(&more, &spec)).await;
    world.pass(LOOK).await;
    let memory = world.memory("pg11").await;
    assert_eq!(
        days(&memory),
        [
            (date(2026, 11, 2), tally(4, 0, 0), 0),
            (date(2026, 11, 3), tally(4, 0, 0), 0),
        ]
    );
}

async fn what_leaves_the_catalog_is_removed_and_may_come_back(on: On) {
    let world = World::new(on, NOON, &company(THREE, SPEC)).await;
    world.pass(DAY).await;
    world.rewrite(&company(&THREE[..2], SPEC)).await;
    world.pass(LOOK).await;
    let memory = world.memory("pg11").await;
    assert_eq!(
        days(&memory).last(),
        Some(&(date(2026, 11, 3), tally(2, 0, 0), 1))
    );
    let left: Vec<Option<Date>> = memory.members.values().map(|member| member.left).collect();
    assert_eq!(left, [None, None, Some(date(2026, 11, 3))]);
    world.pass(DAY).await;
    world.rewrite(&company(THREE, SPEC)).await;
    world.pass(LOOK).await;
    let memory = world.memory("pg11").await;
    assert_eq!(
        days(&memory).last(),
        Some(&(date(2026, 11, 4), tally(3, 0, 0), 0))
    );
    assert!(memory.members.values().all(|member| member.left.is_none()));
    assert!(
        memory
            .members
            .values()
            .all(|member| member.joined == date(2026, 11, 2))
    );
}

/// The label of the old version is the filter; without `done`, what the filter
/// does not match any more is done.
async fn without_a_rule_what_matches_no_more_is_done(on: On) {
    let spec = "owner: dept-shop\nstarts: 2026-11-01\ndeadline: 2026-12-01\n\
                targets: {filter: {kind: resource, metadata.labels.example.com/version: \"11\"}}\n";
    let world = World::new(on, NOON, &company(THREE, spec)).await;
    let one = [THREE[0], THREE[1], ("c", "17", "team-pay")];
    world.rewrite(&company(&one, spec)).await;
    world.pass(LOOK).await;
    let memory = world.memory("pg11").await;
    assert_eq!(days(&memory), [(date(2026, 11, 2), tally(3, 1, 0), 0)]);
}

async fn nothing_is_written_before_the_start_nor_after_the_end(on: On) {
    let all: Vec<_> = THREE
        .iter()
        .map(|(name, _, owner)| (*name, "17", *owner))
        .collect();
    let spec = SPEC
        .replace("2026-12-01", "2026-11-04")
        .replace("2026-11-01", "2026-11-03");
    let world = World::new(on, NOON, &company(THREE, &spec)).await;
    assert_eq!(days(&world.memory("pg11").await), []);
    world.rewrite(&company(&all, &spec)).await;
    for _ in 0..5 {
        world.pass(DAY).await;
    }
    assert_eq!(
        days(&world.memory("pg11").await),
        [
            (date(2026, 11, 3), tally(3, 3, 0), 0),
            (date(2026, 11, 4), tally(3, 3, 0), 0),
        ]
    );
}

async fn days_are_those_of_the_campaign_s_zone(on: On) {
    let spec = format!("{SPEC}timeZone: \"+09:00\"\n");
    let world = World::new(on, "2026-11-02T14:59:00Z", &company(THREE, &spec)).await;
    world.pass(LOOK).await;
    let found = days(&world.memory("pg11").await);
    let found: Vec<Date> = found.into_iter().map(|(day, _, _)| day).collect();
    assert_eq!(found, [date(2026, 11, 2), date(2026, 11, 3)]);
}

async fn an_exemption_ends_with_its_last_day(on: On) {
    let spec = format!(
        "{SPEC}exemptions:\n  - {{ref: \"resource:c\", until: 2026-11-02, reason: waits for a new disk}}\n"
    );
    let world = World::new(on, NOON, &company(THREE, &spec)).await;
    world.pass(DAY).await;
    assert_eq!(
        days(&world.memory("pg11").await),
        [
            (date(2026, 11, 2), tally(3, 0, 1), 0),
            (date(2026, 11, 3), tally(3, 0, 0), 0),
        ]
    );
}

on_both_databases!(
    each_day_keeps_what_was_seen_last_on_it,
    who_joins_later_is_a_target_from_then_on,
    a_fixed_scope_is_that_of_the_first_day,
    what_leaves_the_catalog_is_removed_and_may_come_back,
    without_a_rule_what_matches_no_more_is_done,
    nothing_is_written_before_the_start_nor_after_the_end,
    days_are_those_of_the_campaign_s_zone,
    an_exemption_ends_with_its_last_day,
);
