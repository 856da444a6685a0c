//! `portway campaigns`: what has to move by a day, and how far it has come.

use serde_json::{Value, json};

use super::args::Campaigns;
use super::client::Client;
use super::exit::Exit;
use super::failure::Failure;
use super::output::{Column, Output, text_at};

const API: [&str; 3] = ["api", "v1", "campaigns"];

/// Runs `portway campaigns`: all of them, or what remains of one.
pub(super) async fn campaigns(
    client: &Client,
    output: &Output,
    args: &Campaigns,
) -> Result<(), Failure> {
    match &args.name {
        None => list(client, output).await,
        Some(name) => one(client, output, name).await,
    }
}

async fn list(client: &Client, output: &Output) -> Result<(), Failure> {
    let found = client.get(client.url(API)).await?.body;
    let items = items(&found, "items");
    if items.is_empty() {
        output.note(output.lang.pick((
            "there is no campaign; an entity of kind Campaign makes one",
            "캠페인이 없습니다. kind가 Campaign인 엔티티를 등록하세요",
        )));
    }
    let columns = [
        Column::new("NAME", name),
        Column::at("STATUS", "standing"),
        Column::new("DONE", percent),
        Column::at("REMAINING", "progress.remaining"),
        Column::at("EXEMPT", "progress.exempt"),
        Column::at("DEADLINE", "deadline"),
        Column::new("FORECAST", forecast),
        Column::new("OWNER", |item| short(&text_at(item, "owner"))),
        Column::at("TITLE", "title").wide(),
    ];
    let meta = json!({"totalItems": found.get("totalItems")});
    output.list("CampaignList", &items, &columns, &meta, name)?;
    let late = items.iter().any(|item| {
        matches!(
            text_at(item, "standing").as_str(),
            "overdue" | "at-risk" | "invalid"
        )
    });
    if late && output.exit_code {
        return Err(Failure::code_only(Exit::Findings));
    }
    Ok(())
}

async fn one(client: &Client, output: &Output, text: &str) -> Result<(), Failure> {
    let text = text.strip_prefix("campaign:").unwrap_or(text);
    let (namespace, name) = text.split_once('/').unwrap_or(("default", text));
    let url = client.url(API.into_iter().chain([namespace, name]));
    let found = client.get(url).await?.body;
    for problem in items(&found, "problems") {
        output.warn(&format!(
            "{}:{}:{}: {}[{}]: {}",
            text_at(&problem, "file"),
            text_at(&problem, "line"),
            text_at(&problem, "column"),
            text_at(&problem, "severity"),
            text_at(&problem, "code"),
            text_at(&problem, "message")
        ));
    }
    let remaining = items(&found, "remaining");
    output.note(&summary(output, &found));
    let columns = [
        Column::new("REF", |item| short(&text_at(item, "ref"))),
        Column::new("OWNER", |item| short(&text_at(item, "owners"))),
        Column::at("WAVE", "wave"),
        Column::at("TITLE", "title"),
        Column::at("SINCE", "joined").wide(),
    ];
    let mut meta = found;
    if let Some(fields) = meta.as_object_mut() {
        fields.remove("remaining");
    }
    output.list("CampaignTargetList", &remaining, &columns, &meta, |item| {
        text_at(item, "ref")
    })?;
    if !remaining.is_empty() && output.exit_code {
        return Err(Failure::code_only(Exit::Findings));
    }
    Ok(())
}

fn summary(output: &Output, found: &Value) -> String {
    let at = |path: &str| text_at(found, path);
    let (title, standing) = (at("title"), at("standing"));
    if found.get("progress").is_none() {
        return output.lang.pick((
            format!("{title}: cannot be measured until its document is mended"),
            format!("{title}: 문서를 고치기 전에는 잴 수 없습니다"),
        ));
    }
    let (done, exempt, remaining, deadline) = (
        at("progress.done"),
        at("progress.exempt"),
        at("progress.remaining"),
        at("deadline"),
    );
    output.lang.pick((
        format!("{title}: {standing}; {done} done, {exempt} exempt, {remaining} remaining until {deadline}"),
        format!("{title}: {standing}. 완료 {done}개, 예외 {exempt}개, 남음 {remaining}개, 마감 {deadline}"),
    ))
}

fn items(found: &Value, key: &str) -> Vec<Value> {
    found
        .get(key)
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default()
}

/// What `portway campaigns NAME` takes.
fn name(item: &Value) -> String {
    let full = text_at(item, "ref");
    let name = full.strip_prefix("campaign:").unwrap_or(&full);
    name.strip_prefix("default/").unwrap_or(name).to_owned()
}

fn percent(item: &Value) -> String {
    let percent = text_at(item, "progress.percent");
    if percent.is_empty() {
        percent
    } else {
        format!("{percent}%")
    }
}

fn forecast(item: &Value) -> String {
    let at = |path: &str| text_at(item, path);
    [
        at("forecast.expectedOn"),
        at("forecast.finishedOn"),
        at("forecast.unknown"),
    ]
    .into_iter()
    .find(|text| !text.is_empty())
    .unwrap_or_default()
}

fn short(text: &str) -> String {
    text.replace(":default/", ":")
}
