//! `portway doctor`: checks that need no server, then those of the server.

mod offline;
mod online;

use std::path::PathBuf;
use std::sync::Arc;

use model::Diagnostic;
use platform::config::Config;
use platform::doctor::{Check, Finding, Layer, Outcome, Status, examine, worst};
use serde_json::{Value, json};

use super::client::Client;
use super::exit::Exit;
use super::failure::Failure;
use super::output::{Column, Output, text_at};
use super::texts::Lang;

use offline::{folder, guest, integrations, keys, port, readable, stopped, tokens, variables};
use online::{compare_versions, look_at_sources, reach_database, reach_server, server_findings};

/// What the checks look at.
#[derive(Debug)]
pub(super) struct Patient {
    pub(super) config: Result<Config, Vec<Diagnostic>>,
    pub(super) data: PathBuf,
    pub(super) client: Result<Client, Failure>,
}

/// Runs `portway doctor`.
pub(super) async fn doctor(output: &Output, patient: Patient) -> Result<(), Failure> {
    let lang = output.lang;
    let patient = Arc::new(patient);
    let findings = examine(&checks(&patient)).await;
    let mut rows: Vec<Value> = findings.iter().map(|finding| row(finding, lang)).collect();
    let remote = server_findings(&patient).await;
    let failed =
        |rows: &[Value], status: &str| rows.iter().any(|row| text_at(row, "status") == status);
    rows.extend(remote.iter().cloned());
    for layer in Layer::ALL {
        if !rows
            .iter()
            .any(|row| text_at(row, "layer") == layer.as_str())
        {
            rows.push(empty_layer(layer, lang));
        }
    }
    let order = |row: &Value| {
        Layer::ALL
            .iter()
            .position(|layer| layer.as_str() == text_at(row, "layer"))
    };
    rows.sort_by_key(order);
    let columns = [
        Column::new("LAYER", move |row| layer_name(&text_at(row, "layer"), lang)),
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

fn row(finding: &Finding, lang: Lang) -> Value {
    let mut row = serde_json::to_value(finding).unwrap_or_default();
    if let Some(fields) = row.as_object_mut() {
        fields.insert(
            "title".to_owned(),
            title(finding.id, finding.title, lang).into(),
        );
    }
    row
}

/// Korean titles by id; the English one is the check's own.
fn title(id: &str, english: &'static str, lang: Lang) -> &'static str {
    let korean = match id {
        "config.readable" => "설정을 읽을 수 있음",
        "config.keys" => "설정 키를 모두 알고 있음",
        "config.variables" => "환경 변수가 설정됨",
        "data.folder" => "데이터 디렉터리에 쓸 수 있음",
        "listen.port" => "수신 포트를 사용할 수 있음",
        "database.reachable" => "데이터베이스에 연결할 수 있음",
        "security.guest" => "게스트 로그인이 이 컴퓨터로 제한됨",
        "security.tokens" => "정적 토큰이 충분히 김",
        "delivery.integrations" => "Git 호스팅 자격 증명",
        "server.reachable" => "서버가 응답함",
        "server.version" => "프로그램과 서버의 버전이 같음",
        "catalog.sources" => "카탈로그 원본이 최신임",
        _ => return english,
    };
    lang.pick((english, korean))
}

fn layer_name(layer: &str, lang: Lang) -> String {
    let korean = match layer {
        "portal" => "포털",
        "integration-and-delivery" => "통합 및 배포",
        "security-and-compliance" => "보안 및 규정 준수",
        "resource-management" => "리소스 관리",
        "infrastructure" => "인프라",
        other => other,
    };
    lang.pick((layer, korean)).to_owned()
}

fn empty_layer(layer: Layer, lang: Lang) -> Value {
    json!({
        "id": format!("{}.none", layer.as_str()),
        "title": lang.pick(("Nothing to check", "점검할 항목 없음")),
        "layer": layer,
        "status": "skip",
        "evidence": lang.pick(("no capability of this version belongs to this layer", "이 버전에는 이 계층의 기능이 없습니다")),
    })
}

/// A check that only looks at files and sockets of this machine.
type Look = fn(&Patient) -> Outcome;

const OFFLINE: [(&str, &str, Layer, Look); 8] = [
    (
        "config.readable",
        "Configuration can be read",
        Layer::Portal,
        readable,
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
    let [database, server, versions, sources] = std::array::from_fn(|_| Arc::clone(patient));
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
    checks.push(Check::new(
        "catalog.sources",
        "Sources of the catalog are fresh",
        portal,
        move || look_at_sources(Arc::clone(&sources)),
    ));
    checks
}
