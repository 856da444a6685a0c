//! `portway doctor`: checks that need no server, then those of the server.

mod offline;
mod online;

use std::path::PathBuf;
use std::sync::Arc;

use model::Diagnostic;
use platform::config::Config;
use platform::doctor::{Check, Layer, Outcome, Status, examine, worst};
use portal::Texts;
use serde_json::{Value, json};

use super::client::Client;
use super::exit::Exit;
use super::failure::Failure;
use super::output::{Column, Output, text_at};
use super::texts::Lang;
use crate::findings;

use offline::{
    address, folder, guest, integrations, keys, port, readable, stopped, tokens, usable, variables,
};
use online::{compare_versions, reach_database, reach_server, server_findings};

/// What the checks look at.
#[derive(Debug)]
pub(super) struct Patient {
    pub(super) config: Result<Config, Vec<Diagnostic>>,
    pub(super) data: PathBuf,
    pub(super) client: Result<Client, Failure>,
}

/// Runs `portway doctor`.
pub(super) async fn doctor(output: &Output, patient: Patient) -> Result<(), Failure> {
    let lang = match output.lang {
        Lang::En => portal::Lang::En,
        Lang::Ko => portal::Lang::Ko,
    };
    let texts = findings::texts().map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;
    let patient = Arc::new(patient);
    let findings = examine(&checks(&patient)).await;
    let mut rows: Vec<Value> = findings
        .iter()
        .map(|finding| findings::said(&texts, lang, finding).row(finding))
        .collect();
    let remote = server_findings(&patient, lang).await;
    let failed =
        |rows: &[Value], status: &str| rows.iter().any(|row| text_at(row, "status") == status);
    rows.extend(remote.iter().cloned());
    for layer in Layer::ALL {
        if !rows
            .iter()
            .any(|row| text_at(row, "layer") == layer.as_str())
        {
            rows.push(empty_layer(layer, &texts, lang));
        }
    }
    let order = |row: &Value| {
        Layer::ALL
            .iter()
            .position(|layer| layer.as_str() == text_at(row, "layer"))
    };
    rows.sort_by_key(order);
    let columns = [
        Column::new("LAYER", move |row| {
            layer_name(&text_at(row, "layer"), &texts, lang)
        }),
        Column::new("STATUS", |row| text_at(row, "status")),
        Column::at("CHECK", "title"),
        Column::at("EVIDENCE", "evidence"),
        Column::at("FIX", "fix"),
    ];
    let worst = worst(&findings);
    output.list(
        "FindingList",
        &rows,
        &columns,
        &json!({"version": env!("CARGO_PKG_VERSION")}),
        |row| text_at(row, "id"),
    )?;
    if worst == Status::Fail || failed(&remote, "fail") {
        return Err(Failure::code_only(Exit::Failed));
    }
    if output.exit_code && (worst == Status::Warn || failed(&remote, "warn")) {
        return Err(Failure::code_only(Exit::Findings));
    }
    Ok(())
}

fn layer_name(name: &str, texts: &Arc<Texts>, lang: portal::Lang) -> String {
    Layer::ALL
        .into_iter()
        .find(|layer| layer.as_str() == name)
        .map_or_else(
            || name.to_owned(),
            |layer| findings::layer(texts, lang, layer),
        )
}

fn empty_layer(layer: Layer, texts: &Arc<Texts>, lang: portal::Lang) -> Value {
    json!({
        "id": format!("{}.none", layer.as_str()),
        "title": texts.get(lang, "doctor-nothing").to_string(),
        "layer": layer,
        "status": "skip",
        "evidence": texts.get(lang, "doctor-nothing-here").to_string(),
    })
}

/// A check that only looks at files and sockets of this machine.
type Look = fn(&Patient) -> Outcome;

const OFFLINE: [(&str, &str, Layer, Look); 10] = [
    (
        "config.readable",
        "Configuration can be read",
        Layer::Portal,
        readable,
    ),
    (
        "config.values",
        "Configuration can be used",
        Layer::Portal,
        usable,
    ),
    (
        "config.keys",
        "Every configuration key is known",
        Layer::Portal,
        keys,
    ),
    (
        "config.variables",
        "Environment variables are set",
        Layer::Portal,
        variables,
    ),
    (
        "delivery.integrations",
        "Credentials for Git hosts",
        Layer::IntegrationAndDelivery,
        integrations,
    ),
    (
        "security.guest",
        "Guest sign-in stays on this machine",
        Layer::SecurityAndCompliance,
        guest,
    ),
    (
        "security.tokens",
        "Static tokens are long enough",
        Layer::SecurityAndCompliance,
        tokens,
    ),
    (
        "data.folder",
        "Data folder can be written",
        Layer::Infrastructure,
        folder,
    ),
    (
        "listen.url",
        "The public address leads to the port",
        Layer::Portal,
        address,
    ),
    (
        "listen.port",
        "Port is free or Portway's own",
        Layer::Infrastructure,
        port,
    ),
];

fn checks(patient: &Arc<Patient>) -> Vec<Check> {
    let mut checks: Vec<Check> = OFFLINE
        .iter()
        .map(|(id, title, layer, look)| {
            let patient = Arc::clone(patient);
            Check::new(id, title, *layer, move || {
                let patient = Arc::clone(&patient);
                async move {
                    let looked = tokio::task::spawn_blocking(move || look(&patient)).await;
                    looked.unwrap_or_else(|_| stopped())
                }
            })
        })
        .collect();
    let [database, server, versions] = std::array::from_fn(|_| Arc::clone(patient));
    let (infrastructure, portal) = (Layer::Infrastructure, Layer::Portal);
    checks.push(Check::new(
        "database.reachable",
        "Database can be reached",
        infrastructure,
        move || reach_database(Arc::clone(&database)),
    ));
    checks.push(Check::new(
        "server.reachable",
        "Server answers",
        portal,
        move || reach_server(Arc::clone(&server)),
    ));
    checks.push(Check::new(
        "server.version",
        "Program and server have one version",
        portal,
        move || compare_versions(Arc::clone(&versions)),
    ));
    checks
}
