//! `portway owner`, `impact`, `path` and `history`: what the catalog knows
//! about one entity beyond its document.

use model::EntityRef;
use serde_json::{Value, json};

use super::args::{Direction, History, Impact, PathBetween, Reference};
use super::client::Client;
use super::entities::resolve;
use super::exit::Exit;
use super::failure::Failure;
use super::output::{Column, Output, text_at};

const API: [&str; 3] = ["api", "v1", "catalog"];

/// Runs `portway owner`.
pub(super) async fn owner(
    client: &Client,
    output: &Output,
    args: &Reference,
) -> Result<(), Failure> {
    let entity = resolve(client, output, &args.entity).await?;
    let mut url = client.url(API.into_iter().chain(["owner"]));
    url.query_pairs_mut().append_pair("ref", entity.as_str());
    let found = client.get(url).await?.body;
    let owner = text_at(&found, "owner");
    output.one("Owner", &found, &owner, |output| {
        let english = ["ENTITY", "OWNER", "CHAIN", "MEMBERS", "MAIL", "LINKS"];
        let labels = output.lang.pick((
            english,
            ["엔티티", "소유자", "소속", "구성원", "메일", "링크"],
        ));
        let nobody = output.lang.pick(("nobody", "없음"));
        let values = [
            text_at(&found, "ref"),
            if owner.is_empty() {
                nobody.to_owned()
            } else {
                owner.clone()
            },
            names(&found, "chain").join(" → "),
            names(&found, "members").join(", "),
            text_at(&found, "profile.email"),
            links(
                found
                    .get("links")
                    .or_else(|| found.pointer("/profile/links")),
            ),
        ];
        pairs(&labels, &values)
    })?;
    if owner.is_empty() && output.exit_code {
        return Err(Failure::code_only(Exit::Findings));
    }
    Ok(())
}

/// Refs that are given as texts or as objects with a `ref`.
fn names(found: &Value, key: &str) -> Vec<String> {
    let items = found
        .get(key)
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    items
        .map(|item| match item {
            Value::String(text) => text.clone(),
            other => {
                let title = text_at(other, "title");
                let name = text_at(other, "ref");
                if title.is_empty() {
                    name
                } else {
                    format!("{title} ({name})")
                }
            }
        })
        .collect()
}

fn links(found: Option<&Value>) -> String {
    let items = found.and_then(Value::as_array).into_iter().flatten();
    items
        .map(|link| {
            let (title, url) = (text_at(link, "title"), text_at(link, "url"));
            if title.is_empty() {
                url
            } else {
                format!("{title} {url}")
            }
        })
        .collect::<Vec<_>>()
        .join(", ")
}

/// `LABEL  value` lines, without those that have no value.
fn pairs(labels: &[&str], values: &[String]) -> String {
    use unicode_width::UnicodeWidthStr as _;
    let width = labels.iter().map(|label| label.width()).max().unwrap_or(0);
    let rows = labels
        .iter()
        .zip(values)
        .filter(|(_, value)| !value.is_empty());
    rows.map(|(label, value)| format!("{label}{}  {value}\n", " ".repeat(width - label.width())))
        .collect()
}

/// Runs `portway impact`.
pub(super) async fn impact(client: &Client, output: &Output, args: &Impact) -> Result<(), Failure> {
    let entity = resolve(client, output, &args.entity).await?;
    let mut url = client.url(API.into_iter().chain(["impact"]));
    let direction = match args.direction {
        Direction::Dependents => "dependents",
        Direction::Dependencies => "dependencies",
    };
    url.query_pairs_mut()
        .append_pair("ref", entity.as_str())
        .append_pair("depth", &args.depth.to_string())
        .append_pair("direction", direction);
    let found = client.get(url).await?.body;
    let items = items(&found);
    let columns = [
        Column::at("DEPTH", "depth"),
        Column::new("REF", |item| {
            text_at(item, "ref").replacen(":default/", ":", 1)
        }),
        Column::at("RELATION", "relation"),
        Column::new("VIA", |item| {
            text_at(item, "via").replacen(":default/", ":", 1)
        }),
        Column::at("TYPE", "type"),
        Column::new("OWNER", |item| {
            text_at(item, "owner").replacen(":default/", ":", 1)
        }),
        Column::at("TITLE", "title"),
    ];
    if items.is_empty() {
        output.note(&match args.direction {
            Direction::Dependents => output.lang.pick((
                format!("nothing depends on {entity}"),
                format!("{entity}에 의존하는 대상이 없습니다"),
            )),
            Direction::Dependencies => output.lang.pick((
                format!("{entity} depends on nothing"),
                format!("{entity}이(가) 의존하는 대상이 없습니다"),
            )),
        });
    }
    let meta = json!({"root": entity.as_str(), "direction": direction, "depth": args.depth});
    output.list("ImpactList", &items, &columns, &meta, |item| {
        text_at(item, "ref")
    })?;
    if !items.is_empty() && output.exit_code {
        return Err(Failure::code_only(Exit::Findings));
    }
    Ok(())
}

/// Runs `portway path`.
pub(super) async fn path(
    client: &Client,
    output: &Output,
    args: &PathBetween,
) -> Result<(), Failure> {
    let from = resolve(client, output, &args.from).await?;
    let to = resolve(client, output, &args.to).await?;
    let mut url = client.url(API.into_iter().chain(["path"]));
    url.query_pairs_mut()
        .append_pair("from", from.as_str())
        .append_pair("to", to.as_str());
    let found = client.get(url).await?.body;
    let steps = found
        .get("steps")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let columns = [Column::at("REF", "ref"), Column::at("RELATION", "relation")];
    output.list(
        "PathList",
        &steps,
        &columns,
        &json!({"from": from.as_str(), "to": to.as_str()}),
        |step| text_at(step, "ref"),
    )
}

/// Runs `portway history`.
pub(super) async fn history(
    client: &Client,
    output: &Output,
    args: &History,
) -> Result<(), Failure> {
    let entity = resolve(client, output, &args.entity).await?;
    let place = [
        "entities",
        entity.kind(),
        entity.namespace(),
        entity.name(),
        "history",
    ];
    let url = client.url(API.into_iter().chain(place));
    if let Some(range) = &args.diff {
        return diff(client, output, &entity, range).await;
    }
    let found = client.get(url).await?.body;
    let columns = [
        Column::at("VERSION", "version"),
        Column::at("TIME", "time"),
        Column::at("CHANGE", "change"),
        Column::at("ACTOR", "actor"),
        Column::new("COMMIT", |item| {
            text_at(item, "commit").chars().take(12).collect()
        }),
        Column::at("SEQ", "seq").wide(),
        Column::at("SUMMARY", "summary"),
    ];
    let items = items(&found);
    output.list(
        "VersionList",
        &items,
        &columns,
        &json!({"ref": entity.as_str()}),
        |item| text_at(item, "version"),
    )
}

async fn diff(
    client: &Client,
    output: &Output,
    entity: &EntityRef,
    range: &str,
) -> Result<(), Failure> {
    let (from, to) = versions(range).ok_or_else(|| {
        Failure::new(
            Exit::Usage,
            output.lang.pick((
                format!("`{range}` names no two versions"),
                format!("`{range}`은(는) 두 버전이 아닙니다"),
            )),
        )
        .fix(output.lang.pick((
            "write two numbers of `portway history`, for example --diff 3..5",
            "`portway history`의 번호 두 개를 쓰세요 (예: --diff 3..5)",
        )))
    })?;
    let place = [
        "entities",
        entity.kind(),
        entity.namespace(),
        entity.name(),
        "history",
        "diff",
    ];
    let mut url = client.url(API.into_iter().chain(place));
    url.query_pairs_mut()
        .append_pair("from", &from.to_string())
        .append_pair("to", &to.to_string());
    let found = client.get(url).await?.body;
    let unified = text_at(&found, "unified");
    output.one("EntityDiff", &found, entity.as_str(), |_| unified.clone())?;
    if output.exit_code && !unified.trim().is_empty() {
        return Err(Failure::code_only(Exit::Findings));
    }
    Ok(())
}

fn versions(range: &str) -> Option<(u64, u64)> {
    let (from, to) = range.split_once("..")?;
    Some((from.trim().parse().ok()?, to.trim().parse().ok()?))
}

fn items(found: &Value) -> Vec<Value> {
    found
        .get("items")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default()
}
