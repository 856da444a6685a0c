//! `portway register` and `portway refresh`.

use std::path::Path;

use serde_json::{Value, json};

use super::args::{Refresh, Register};
use super::client::Client;
use super::entities::{name, resolve};
use super::exit::Exit;
use super::failure::Failure;
use super::output::{Column, Output, counted, text_at};

/// Runs `portway register`.
pub(super) async fn register(
    client: &Client,
    output: &Output,
    args: &Register,
) -> Result<(), Failure> {
    let kind = if args.target.contains("://") {
        "url"
    } else {
        "file"
    };
    let target = if kind == "url" {
        args.target.clone()
    } else {
        absolute(&args.target)
    };
    let mut url = client.url(["api", "catalog", "locations"]);
    if args.dry_run {
        url.query_pairs_mut().append_pair("dryRun", "true");
    }
    let found = client
        .post(url, &json!({"type": kind, "target": target}))
        .await?
        .body;
    let entities = found
        .get("entities")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let count = entities.len();
    let counted = counted(count, "entity", "entities");
    let exists = found
        .get("exists")
        .and_then(Value::as_bool)
        .unwrap_or_default();
    let id = text_at(&found, "location.id");
    let note = match (args.dry_run, exists) {
        (true, true) => output.lang.pick((
            format!("{target} is registered already; it has {counted}"),
            format!("{target}은(는) 이미 등록되어 있으며 엔티티 {count}개가 있습니다"),
        )),
        (true, false) => output.lang.pick((
            format!("{counted} would come from {target}; nothing was changed"),
            format!("{target}에서 엔티티 {count}개를 가져오게 됩니다. 변경된 것은 없습니다"),
        )),
        (false, _) => output.lang.pick((
            format!("registered {target} as {id} with {counted}"),
            format!("{target}을(를) {id}(으)로 등록했습니다. 엔티티 {count}개"),
        )),
    };
    output.note(&note);
    let columns = [
        Column::new("REF", name),
        Column::at("TYPE", "spec.type"),
        Column::at("OWNER", "spec.owner"),
        Column::at("DESCRIPTION", "metadata.description"),
    ];
    let problems = found
        .get("problems")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let meta = json!({
        "location": found.get("location"), "exists": exists, "dryRun": args.dry_run, "problems": problems,
    });
    output.list("EntityList", &entities, &columns, &meta, name)?;
    unread(output, &problems)
}

/// It is registered, but not all of it could be read: says why and fails, so
/// that a pipeline notices. The server tries again by itself.
fn unread(output: &Output, problems: &[Value]) -> Result<(), Failure> {
    let errors: Vec<&Value> = problems
        .iter()
        .filter(|problem| text_at(problem, "severity") == "error")
        .collect();
    let Some(first) = errors.first() else {
        return Ok(());
    };
    let count = errors.len();
    let failure = Failure::new(
        Exit::Failed,
        output.lang.pick((
            format!(
                "{} could not be read in full",
                counted(count, "document or place", "documents or places")
            ),
            format!("읽지 못한 문서나 위치가 {count}개 있습니다"),
        )),
    )
    .cause(format!(
        "{}:{}: {}",
        text_at(first, "file"),
        text_at(first, "line"),
        text_at(first, "message")
    ));
    let fix = text_at(first, "fix");
    Err(if fix.is_empty() {
        failure
    } else {
        failure.fix(fix)
    })
}

/// The server may run in another folder.
fn absolute(target: &str) -> String {
    let path = Path::new(target);
    std::path::absolute(path)
        .unwrap_or_else(|_| path.to_path_buf())
        .display()
        .to_string()
}

/// Runs `portway refresh`. Each reference is tried.
pub(super) async fn refresh(
    client: &Client,
    output: &Output,
    args: &Refresh,
) -> Result<(), Failure> {
    let mut failures = Vec::new();
    let mut done = Vec::new();
    for text in &args.entities {
        let sent = async {
            let entity = resolve(client, output, text).await?;
            let body = json!({"entityRef": entity.as_str()});
            client
                .post(client.url(["api", "catalog", "refresh"]), &body)
                .await?;
            Ok::<_, Failure>(entity)
        };
        match sent.await {
            Ok(entity) => done.push(json!({"ref": entity.as_str(), "refresh": "requested"})),
            Err(failure) => failures.push(failure),
        }
    }
    let columns = [Column::at("REF", "ref"), Column::at("REFRESH", "refresh")];
    output.list("RefreshList", &done, &columns, &Value::Null, |item| {
        text_at(item, "ref")
    })?;
    let Some(last) = failures.pop() else {
        return Ok(());
    };
    for failure in &failures {
        output.failure(failure);
    }
    let exit = if done.is_empty() {
        last.exit
    } else {
        Exit::Partial
    };
    Err(Failure { exit, ..last })
}
