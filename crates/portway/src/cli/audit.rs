//! `portway audit`: what was done, and whether the trail is whole.

use std::io::{BufReader, Write as _};
use std::path::Path;

use ::audit::checkpoint::Checkpoint;
use ::audit::{Trust, read_checkpoints, verify};
use serde_json::{Value, json};
use url::Url;

use super::args::{Audit, AuditExport, AuditFilter, AuditSearch, AuditVerify};
use super::client::Client;
use super::exit::Exit;
use super::failure::Failure;
use super::output::{Column, Output, text_at};

const API: [&str; 3] = ["api", "v1", "audit"];
/// Events that one request asks for.
const PAGE: usize = 500;
/// How long `tail` waits before it asks again.
const PAUSE: std::time::Duration = std::time::Duration::from_secs(1);

/// Runs `portway audit` against a server.
pub(super) async fn audit(client: &Client, output: &Output, verb: &Audit) -> Result<(), Failure> {
    match verb {
        Audit::Verify(args) => online(client, output, args).await,
        Audit::Search(args) => search(client, output, args).await,
        Audit::Tail(filter) => tail(client, output, filter).await,
        Audit::Export(args) => export(client, output, args).await,
    }
}

fn url(client: &Client, path: &str) -> Url {
    client.url(API.into_iter().chain([path]))
}

fn filtered(mut url: Url, filter: &AuditFilter) -> Url {
    for (key, value) in [
        ("actor", &filter.actor),
        ("type", &filter.kind),
        ("subject", &filter.subject),
        ("outcome", &filter.outcome),
        ("address", &filter.address),
        ("from", &filter.from),
        ("to", &filter.to),
        ("q", &filter.text),
    ] {
        if let Some(value) = value {
            url.query_pairs_mut().append_pair(key, value);
        }
    }
    if filter.people {
        url.query_pairs_mut().append_pair("people", "true");
    }
    url
}

async fn search(client: &Client, output: &Output, args: &AuditSearch) -> Result<(), Failure> {
    let mut items: Vec<Value> = Vec::new();
    let mut cursor: Option<String> = None;
    while items.len() < args.limit {
        let mut url = filtered(url(client, "events"), &args.filter);
        let limit = PAGE.min(args.limit - items.len());
        url.query_pairs_mut()
            .append_pair("limit", &limit.to_string());
        if let Some(cursor) = &cursor {
            url.query_pairs_mut().append_pair("cursor", cursor);
        }
        let body = client.get(url).await?.body;
        if let Some(page) = body.get("items").and_then(Value::as_array) {
            items.extend(page.iter().cloned());
        }
        cursor = body
            .pointer("/pageInfo/nextCursor")
            .and_then(Value::as_str)
            .map(str::to_owned);
        if cursor.is_none() {
            break;
        }
    }
    let meta = json!({ "next": cursor });
    output.list("AuditEventList", &items, &columns(), &meta, |item| {
        text_at(item, "seq")
    })
}

fn columns() -> [Column; 9] {
    [
        Column::at("SEQ", "seq"),
        Column::at("TIME", "time"),
        Column::new("TYPE", |item| {
            let kind = text_at(item, "type");
            kind.strip_prefix("dev.portway.")
                .unwrap_or(&kind)
                .to_owned()
        }),
        Column::at("ACTOR", "actor.name"),
        Column::at("OUTCOME", "outcome"),
        Column::at("SUBJECT", "subject"),
        Column::at("ADDRESS", "address"),
        Column::at("REASON", "reason").wide(),
        Column::at("FOR", "actor.onBehalfOf").wide(),
    ]
}

/// Prints events as they happen, one in a line, until it is stopped.
async fn tail(client: &Client, output: &Output, filter: &AuditFilter) -> Result<(), Failure> {
    let state = client.get(url(client, "state")).await?.body;
    let mut last = state
        .pointer("/chain/last")
        .and_then(Value::as_i64)
        .unwrap_or(0);
    loop {
        let mut url = filtered(url(client, "events"), filter);
        url.query_pairs_mut()
            .append_pair("limit", &PAGE.to_string());
        let body = client.get(url).await?.body;
        let items = body.get("items").and_then(Value::as_array);
        let mut new: Vec<&Value> = items
            .into_iter()
            .flatten()
            .filter(|item| seq(item) > last)
            .collect();
        new.reverse();
        for item in new {
            last = seq(item);
            output.data(&format!("{item}\n"))?;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn seq(item: &Value) -> i64 {
    item.get("seq").and_then(Value::as_i64).unwrap_or(0)
}

async fn export(client: &Client, output: &Output, args: &AuditExport) -> Result<(), Failure> {
    let mut url = filtered(url(client, "export"), &args.filter);
    url.query_pairs_mut().append_pair("format", &args.format);
    let Some(path) = &args.out else {
        let mut write = |bytes: &[u8]| output.data(&String::from_utf8_lossy(bytes));
        return client.download(url, &mut write).await;
    };
    let failed = |cause: std::io::Error| {
        Failure::new(
            Exit::Failed,
            output.lang.pick((
                format!("{} cannot be written", path.display()),
                format!("{}에 쓸 수 없습니다", path.display()),
            )),
        )
        .cause(cause.to_string())
    };
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(failed)?;
    let mut write = |bytes: &[u8]| file.write_all(bytes).map_err(failed);
    client.download(url, &mut write).await?;
    output.note(&output.lang.pick((
        format!("written to {}", path.display()),
        format!("{}에 저장했습니다", path.display()),
    )));
    Ok(())
}

async fn online(client: &Client, output: &Output, args: &AuditVerify) -> Result<(), Failure> {
    let mut url = url(client, "verify");
    for (key, value) in [("from", args.from), ("to", args.to)] {
        if let Some(value) = value {
            url.query_pairs_mut().append_pair(key, &value.to_string());
        }
    }
    let mut report = client.get(url).await?.body;
    if let Some(path) = &args.checkpoint {
        compare(client, output, path, &mut report).await?;
    }
    show(output, &report)
}

/// Compares checkpoints of a file with what the server has at their numbers.
async fn compare(
    client: &Client,
    output: &Output,
    path: &Path,
    report: &mut Value,
) -> Result<(), Failure> {
    let mut found = Vec::new();
    for checkpoint in checkpoints(output, path)? {
        let number = checkpoint.seq.to_string();
        let url = client.url(API.into_iter().chain(["events", number.as_str()]));
        let seq = checkpoint.seq;
        let problem = match client.get(url).await {
            Ok(answer) if text_at(&answer.body, "hash") == hex::encode(checkpoint.hash) => continue,
            Ok(_) => (
                "rewritten",
                format!(
                    "event {seq} has another hash than the checkpoint: the chain was written anew"
                ),
            ),
            Err(failure) if failure.exit == Exit::NotFound => {
                let last = report.get("to").and_then(Value::as_i64).unwrap_or(0);
                if seq <= last {
                    // Retention removed it, which the server has verified.
                    continue;
                }
                (
                    "truncated",
                    format!("the log ends before event {seq}, which a checkpoint was signed over"),
                )
            }
            Err(failure) => return Err(failure),
        };
        found.push(json!({ "fault": problem.0, "from": seq, "to": seq, "message": problem.1 }));
    }
    if found.is_empty() {
        return Ok(());
    }
    if let Some(fields) = report.as_object_mut() {
        fields.insert("intact".to_owned(), false.into());
        if let Some(problems) = fields.get_mut("problems").and_then(Value::as_array_mut) {
            problems.extend(found);
        }
    }
    Ok(())
}

fn checkpoints(output: &Output, path: &Path) -> Result<Vec<Checkpoint>, Failure> {
    read_checkpoints(path).map_err(|cause| unreadable(output, path).cause(cause.to_string()))
}

fn unreadable(output: &Output, path: &Path) -> Failure {
    Failure::new(
        Exit::Failed,
        output.lang.pick((
            format!("{} cannot be read", path.display()),
            format!("{}을(를) 읽을 수 없습니다", path.display()),
        )),
    )
}

/// Runs `portway audit verify --file`, without a server.
pub(super) fn offline(output: &Output, path: &Path, args: &AuditVerify) -> Result<(), Failure> {
    let outside = match &args.checkpoint {
        Some(path) => checkpoints(output, path)?,
        None => Vec::new(),
    };
    let trust = if args.keys.is_empty() {
        output.note(output.lang.pick((
            "without --key every signature counts that fits: this shows damage, not forgery",
            "--key가 없으면 맞는 서명을 모두 인정합니다. 손상은 찾지만 위조는 찾지 못합니다",
        )));
        Trust::anybody()
    } else {
        Trust::keys(keys(output, &args.keys)?)
    };
    let file = std::fs::File::open(path)
        .map_err(|cause| unreadable(output, path).cause(cause.to_string()))?;
    let report = verify::file(&mut BufReader::new(file), &trust, &outside).map_err(|cause| {
        Failure::new(
            Exit::Failed,
            output.lang.pick((
                format!("{} is no export of the audit trail", path.display()),
                format!(
                    "{}은(는) 감사 기록을 내보낸 파일이 아닙니다",
                    path.display()
                ),
            )),
        )
        .cause(cause.to_string())
        .fix(output.lang.pick((
            "make one with `portway audit export --format jsonl --out FILE`",
            "`portway audit export --format jsonl --out FILE`로 만드세요",
        )))
    })?;
    show(output, &report.to_json())
}

fn keys(output: &Output, texts: &[String]) -> Result<Vec<[u8; 32]>, Failure> {
    texts
        .iter()
        .map(|text| {
            let mut key = [0; 32];
            hex::decode_to_slice(text, &mut key)
                .map(|()| key)
                .map_err(|_| {
                    Failure::new(
                        Exit::Usage,
                        output.lang.pick((
                            format!("--key {text} is no Ed25519 public key"),
                            format!("--key {text}은(는) Ed25519 공개 키가 아닙니다"),
                        )),
                    )
                    .fix(output.lang.pick((
                        "give 64 hexadecimal digits, as `key` in GET /api/v1/audit/state",
                        "GET /api/v1/audit/state의 `key`처럼 16진수 64자리를 쓰세요",
                    )))
                })
        })
        .collect()
}

fn show(output: &Output, report: &Value) -> Result<(), Failure> {
    let intact = report.get("intact").and_then(Value::as_bool) == Some(true);
    output.one("AuditReport", report, &intact.to_string(), |output| {
        text(output, report, intact)
    })?;
    if intact {
        Ok(())
    } else {
        Err(Failure::code_only(Exit::Failed))
    }
}

fn text(output: &Output, report: &Value, intact: bool) -> String {
    let at = |path: &str| text_at(report, path);
    let (events, from, to, removed, checkpoints) = (
        at("events"),
        at("from"),
        at("to"),
        at("removed"),
        at("checkpoints"),
    );
    let mut lines = vec![output.lang.pick((
        format!("events {from} to {to}: {events} verified, {removed} removed by retention, {checkpoints} checkpoints compared"),
        format!("이벤트 {from}~{to}: {events}개 검증, 보존 정책으로 삭제 {removed}개, 체크포인트 {checkpoints}개 비교"),
    ))];
    let list = |key: &str| {
        let found = report.get(key).and_then(Value::as_array);
        found.cloned().unwrap_or_default()
    };
    for removal in list("removals") {
        let (count, policy, when) = (
            text_at(&removal, "count"),
            text_at(&removal, "policy"),
            text_at(&removal, "at"),
        );
        lines.push(output.lang.pick((
            format!("{count} events removed by {policy} at {when}"),
            format!("{when}에 {policy} 정책으로 이벤트 {count}개 삭제"),
        )));
    }
    for problem in list("problems") {
        lines.push(format!(
            "{}: {}",
            text_at(&problem, "fault"),
            text_at(&problem, "message")
        ));
    }
    lines.push(
        output
            .lang
            .pick(if intact {
                ("the chain is whole", "체인이 온전합니다")
            } else {
                ("the chain does not fit", "체인이 맞지 않습니다")
            })
            .to_owned(),
    );
    lines.join("\n") + "\n"
}
