//! What `portway doctor` asks of the trail.

use platform::doctor::{Check, Layer, Message, Outcome};

use crate::Audit;

pub(crate) fn checks(audit: &Audit) -> Vec<Check> {
    let (chain, sinks) = (audit.clone(), audit.clone());
    vec![
        Check::new(
            "audit.chain",
            "The audit trail is whole",
            Layer::SecurityAndCompliance,
            move || whole(chain.clone()),
        ),
        Check::new(
            "audit.sinks",
            "The audit trail is sent on",
            Layer::SecurityAndCompliance,
            move || sent(sinks.clone()),
        ),
    ]
}

async fn whole(audit: Audit) -> Outcome {
    let Some(standing) = audit.standing() else {
        return Outcome::skip(Message::new("doctor-audit-unknown", "not looked at yet"));
    };
    match standing.first {
        None => Outcome::ok(
            Message::new(
                "doctor-audit-whole",
                format!("{} events follow one another", standing.events),
            )
            .with("count", standing.events),
        ),
        Some(problem) => Outcome::fail(
            problem,
            Message::new(
                "doctor-audit-fix",
                "run `portway audit verify`, keep the database as it is, and compare with a backup",
            ),
        ),
    }
}

async fn sent(audit: Audit) -> Outcome {
    let sinks = match audit.0.sinks.standing().await {
        Ok(sinks) => sinks,
        Err(error) => {
            return Outcome::fail(
                error.to_string(),
                Message::new("doctor-see-log", "see the server's log"),
            );
        }
    };
    if sinks.is_empty() {
        return Outcome::skip(Message::new(
            "doctor-audit-no-sinks",
            "no sink is configured",
        ));
    }
    let late = sinks.iter().find_map(|sink| {
        let error = sink.get("lastError")?.as_str()?;
        Some((sink.get("name")?.as_str()?.to_owned(), error.to_owned()))
    });
    match late {
        None => Outcome::ok(
            Message::new("doctor-audit-sinks", format!("{} sinks", sinks.len()))
                .with("count", sinks.len()),
        ),
        Some((name, error)) => Outcome::warn(
            format!("{name}: {error}"),
            Message::new(
                "doctor-audit-sinks-fix",
                "mend the receiver; it gets everything that it has missed",
            ),
        ),
    }
}
