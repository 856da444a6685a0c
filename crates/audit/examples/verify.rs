//! How fast the chain of the audit trail is verified, and what takes the time.
//! `cargo run --release -p audit --example verify [EVENTS]`
#![expect(clippy::print_stdout, reason = "it reports to a person")]

use std::hint::black_box;
use std::time::Instant;

use audit::{Span, Trust, verify};
use platform::Clock;
use platform::actor::{Actor, ActorKind};
use platform::event::chain::{self, Hash};
use platform::event::{EventLog, EventType, NewEvent, Outcome};
use platform::origin::Origin;
use platform::store::{DatabaseUrl, Db, StoreError};
use serde_json::json;

const KIND: EventType = EventType("dev.portway.catalog.entity.updated");
/// Events of one transaction while the log is filled.
const BATCH: usize = 2_000;
/// Records that are read at once where only reading is measured.
const PAGE: usize = 2_000;

/// A log as a busy installation has it: changes that people and controllers
/// made, most of them with an address and a request.
async fn fill(db: &Db, events: usize) -> Result<(), StoreError> {
    let origin = Origin {
        address: Some("192.0.2.7".to_owned()),
        request: Some("0f1b2c3d4e5f60718293a4b5c6d7e8f9".to_owned()),
        reason: None,
    };
    for first in (0..events).step_by(BATCH) {
        let batch = (first..events.min(first + BATCH)).map(|at| NewEvent {
            kind: KIND,
            subject: format!("component:default/service-{at}"),
            actor: Actor::new(ActorKind::User, format!("user:default/person-{}", at % 500)),
            outcome: Outcome::Allowed,
            cause: None,
            data: json!({
                "version": at % 90, "location": "url:https://git.example.com/team/repo/blob/main/catalog-info.yaml",
                "revision": "5f2c1e0b9a8d7c6b5a4f3e2d1c0b9a8f7e6d5c4b",
                "changed": ["spec.owner", "metadata.description"],
                "before": "9a8d7c6b5a4f3e2d1c0b", "after": "1c0b9a8f7e6d5c4b5f2c",
            }),
        });
        let work = async {
            let mut tx = db.begin().await?;
            tx.append_many(batch.collect()).await?;
            tx.commit().await
        };
        origin.clone().scope(work).await?;
    }
    Ok(())
}

fn say(what: &str, events: usize, since: Instant) {
    let seconds = since.elapsed().as_secs_f64();
    let rate = events as f64 / seconds;
    println!("{what}: {seconds:.2} s, {rate:.0} events/s");
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let events = match std::env::args().nth(1) {
        Some(text) => text.parse()?,
        None => 1_000_000,
    };
    let folder = tempfile::tempdir()?;
    let url = DatabaseUrl::in_directory(folder.path());
    let db = Db::open(&url, &[audit::MIGRATIONS], Clock::system()).await?;
    let start = Instant::now();
    fill(&db, events).await?;
    say("appended", events, start);

    let log = EventLog::new(&db);
    let (start, mut after) = (Instant::now(), 0);
    let mut digests: Vec<Hash> = Vec::with_capacity(events);
    let mut busy = std::time::Duration::ZERO;
    loop {
        let page = log
            .records(after, PAGE, |record, _| {
                let start = Instant::now();
                let digest = black_box(record.digest());
                busy += start.elapsed();
                (record.seq, digest)
            })
            .await?;
        let Some((last, _)) = page.last() else { break };
        after = *last;
        digests.extend(page.iter().map(|(_, digest)| *digest));
    }
    say("read page by page and digested", events, start);
    println!("  of which digests: {:.2} s", busy.as_secs_f64());
    let start = Instant::now();
    let head = digests
        .iter()
        .fold(chain::start(1), |hash, digest| chain::link(&hash, digest));
    black_box(head);
    say("the chain alone", events, start);

    let start = Instant::now();
    let report = verify::log(&db, Span::default(), &Trust::anybody(), &[]).await?;
    say("verified", events, start);
    println!("intact: {}, {} events", report.is_intact(), report.events);
    Ok(())
}
