//! `portway get`: entities as tables, JSON or YAML.

use std::collections::BTreeMap;

use indicatif::{ProgressBar, ProgressDrawTarget};
use model::EntityRef;
use serde_json::{Value, json};
use url::Url;

use super::args::{Format, Get};
use super::client::Client;
use super::exit::Exit;
use super::failure::Failure;
use super::output::{Column, Output, text_at};

/// How many entities one request asks for.
const PAGE: usize = 500;
/// How many similar names a failed look-up offers.
const SUGGESTIONS: usize = 3;

/// What people call the kinds.
const ALIASES: &[(&str, &str)] = &[
    ("component", "component"),
    ("components", "component"),
    ("comp", "component"),
    ("service", "component"),
    ("services", "component"),
    ("api", "api"),
    ("apis", "api"),
    ("resource", "resource"),
    ("resources", "resource"),
    ("res", "resource"),
    ("system", "system"),
    ("systems", "system"),
    ("sys", "system"),
    ("domain", "domain"),
    ("domains", "domain"),
    ("group", "group"),
    ("groups", "group"),
    ("team", "group"),
    ("teams", "group"),
    ("user", "user"),
    ("users", "user"),
    ("location", "location"),
    ("locations", "location"),
    ("loc", "location"),
    ("template", "template"),
    ("templates", "template"),
    ("tpl", "template"),
    ("airesource", "airesource"),
    ("airesources", "airesource"),
];

/// The kind that a word means; other words are kinds themselves.
pub(super) fn kind(word: &str) -> String {
    let word = word.to_lowercase();
    ALIASES
        .iter()
        .find(|(alias, _)| *alias == word)
        .map_or(word, |(_, kind)| (*kind).to_owned())
}

fn is_known(word: &str) -> bool {
    let word = word.to_lowercase();
    ALIASES.iter().any(|(alias, _)| *alias == word)
}

/// Runs `portway get`.
pub(super) async fn get(client: &Client, output: &Output, args: &Get) -> Result<(), Failure> {
    if let Some(name) = &args.name {
        let text = format!("{}:{name}", kind(&args.noun));
        return one(
            client,
            output,
            args,
            &parse(&text, args.namespace.as_deref(), output)?,
        )
        .await;
    }
    if args.noun.contains([':', '/']) {
        let entity = resolve(client, output, &args.noun).await?;
        return one(client, output, args, &entity).await;
    }
    let filters = filters(args, output)?;
    let Listed {
        items,
        total,
        request_id,
    } = query(client, output, args, &filters).await?;
    if items.is_empty() && !is_known(&args.noun) && args.noun != "all" && args.filter.is_empty() {
        // `portway get pay-api`: perhaps a name was meant.
        let entity = resolve(client, output, &args.noun).await?;
        return one(client, output, args, &entity).await;
    }
    if items.is_empty() {
        output.note(
            output
                .lang
                .pick(("nothing matches", "일치하는 항목이 없습니다")),
        );
    }
    let shown = items.len();
    let meta = json!({"total": total, "source": client.base().as_str(), "requestId": request_id});
    output.list("EntityList", &items, &columns(&args.columns), &meta, name)?;
    if total.is_some_and(|total| total > shown as u64) {
        let total = total.unwrap_or_default();
        output.note(&output.lang.pick((
            format!("{shown} of {total} shown; --limit 0 shows all"),
            format!("{total}개 중 {shown}개 표시. --limit 0으로 전체를 볼 수 있습니다"),
        )));
    }
    Ok(())
}

/// The filters of the flags. Several `--filter` are alternatives, so every
/// other condition is added to each.
fn filters(args: &Get, output: &Output) -> Result<Vec<String>, Failure> {
    let mut common = Vec::new();
    if args.noun != "all" {
        common.push(format!("kind={}", kind(&args.noun)));
    }
    if let Some(namespace) = &args.namespace {
        common.push(format!("metadata.namespace={namespace}"));
    }
    if let Some(owner) = &args.owner {
        let owner = EntityRef::parse(owner, Some("group"), None)
            .map_err(|cause| bad_reference(owner, &cause.to_string(), output))?;
        common.push(format!("relations.ownedBy={owner}"));
    }
    for selector in args
        .selector
        .iter()
        .flat_map(|selector| selector.split(','))
    {
        common.push(format!("metadata.labels.{}", selector.trim()));
    }
    let alternatives = if args.filter.is_empty() {
        vec![String::new()]
    } else {
        args.filter.clone()
    };
    Ok(alternatives
        .into_iter()
        .map(|filter| {
            common
                .iter()
                .cloned()
                .chain([filter])
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(",")
        })
        .filter(|filter| !filter.is_empty())
        .collect())
}

/// All entities that the flags select, without printing them.
pub(super) async fn all(
    client: &Client,
    output: &Output,
    args: &Get,
) -> Result<Vec<Value>, Failure> {
    let filters = filters(args, output)?;
    Ok(query(client, output, args, &filters).await?.items)
}

fn query_url(client: &Client, args: &Get, filters: &[String], wanted: usize) -> Url {
    let mut url = client.url(["api", "catalog", "entities", "by-query"]);
    {
        let mut pairs = url.query_pairs_mut();
        for filter in filters {
            pairs.append_pair("filter", filter);
        }
        if let Some(text) = &args.query {
            pairs.append_pair("fullTextFilterTerm", text);
            pairs.append_pair(
                "fullTextFilterFields",
                "metadata.name,metadata.title,metadata.description",
            );
        }
        pairs.append_pair(
            "orderField",
            &format!("{},asc", args.sort.as_deref().unwrap_or("metadata.name")),
        );
        if let Some(time) = &args.at {
            pairs.append_pair("at", time);
        }
        pairs.append_pair("limit", &wanted.to_string());
    }
    url
}

/// Several pages put together.
struct Listed {
    items: Vec<Value>,
    /// All that match, also those behind the limit.
    total: Option<u64>,
    /// Of the last page.
    request_id: Option<String>,
}

/// Follows the pages until the limit.
async fn query(
    client: &Client,
    output: &Output,
    args: &Get,
    filters: &[String],
) -> Result<Listed, Failure> {
    let limit = if args.limit == 0 {
        usize::MAX
    } else {
        args.limit
    };
    let mut items: Vec<Value> = Vec::new();
    let mut url = query_url(client, args, filters, limit.min(PAGE));
    let mut total = None;
    let mut progress: Option<ProgressBar> = None;
    loop {
        let answer = client.get(url).await?;
        let (mut answer, request_id) = (answer.body, answer.request_id);
        total = total.or_else(|| answer.get("totalItems").and_then(Value::as_u64));
        if let Some(Value::Array(page)) = answer.get_mut("items").map(Value::take) {
            items.extend(page);
        }
        let cursor = answer
            .pointer("/pageInfo/nextCursor")
            .and_then(Value::as_str);
        let Some(cursor) = cursor.filter(|_| items.len() < limit) else {
            if let Some(bar) = progress {
                bar.finish_and_clear();
            }
            return Ok(Listed {
                items,
                total,
                request_id,
            });
        };
        let bar = progress
            .get_or_insert_with(|| bar(total.unwrap_or_default().min(limit as u64), output));
        bar.set_position(items.len() as u64);
        url = client.url(["api", "catalog", "entities", "by-query"]);
        let wanted = (limit - items.len()).min(PAGE).to_string();
        url.query_pairs_mut()
            .append_pair("cursor", cursor)
            .append_pair("limit", &wanted);
        if let Some(time) = &args.at {
            url.query_pairs_mut().append_pair("at", time);
        }
    }
}

/// A bar on standard error, invisible when that is no terminal.
pub(super) fn bar(length: u64, output: &Output) -> ProgressBar {
    let target = if output.quiet {
        ProgressDrawTarget::hidden()
    } else {
        ProgressDrawTarget::stderr()
    };
    ProgressBar::with_draw_target(Some(length), target)
}

async fn one(
    client: &Client,
    output: &Output,
    args: &Get,
    entity: &EntityRef,
) -> Result<(), Failure> {
    let mut url = client.url([
        "api",
        "catalog",
        "entities",
        "by-name",
        entity.kind(),
        entity.namespace(),
        entity.name(),
    ]);
    if let Some(time) = &args.at {
        url.query_pairs_mut().append_pair("at", time);
    }
    let answer = match client.get(url).await {
        Err(failure) if failure.exit == Exit::NotFound => {
            return Err(not_found(client, output, entity, failure).await);
        }
        other => other?,
    };
    let columns = columns(&args.columns);
    match output.format {
        Format::Json => output.one("Entity", &answer.body, entity.as_str(), |_| String::new()),
        Format::Yaml => output.one("Entity", &answer.body, entity.as_str(), |_| String::new()),
        _ => output.list(
            "EntityList",
            std::slice::from_ref(&answer.body),
            &columns,
            &Value::Null,
            name,
        ),
    }
}

/// Adds names that are alike to a failed look-up.
async fn not_found(
    client: &Client,
    output: &Output,
    entity: &EntityRef,
    failure: Failure,
) -> Failure {
    let mut alike = similar(client, entity.name()).await;
    if alike.is_empty() {
        // Half a name finds what a typing mistake at its end hides.
        let half: String = entity
            .name()
            .chars()
            .take(entity.name().chars().count().div_ceil(2))
            .collect();
        alike = similar(client, &half).await;
    }
    if alike.is_empty() {
        return failure.fix(output.lang.pick((
            format!("list what there is with `portway get {}`", entity.kind()),
            format!("`portway get {}`로 목록을 확인하세요", entity.kind()),
        )));
    }
    let names = alike.join(", ");
    failure.fix(output.lang.pick((
        format!("did you mean {names}?"),
        format!("혹시 {names}인가요?"),
    )))
}

async fn similar(client: &Client, text: &str) -> Vec<String> {
    // One or two letters are in every other name.
    if text.chars().count() < 3 {
        return Vec::new();
    }
    let mut url = client.url(["api", "catalog", "entities", "by-query"]);
    url.query_pairs_mut()
        .append_pair("fullTextFilterTerm", text)
        .append_pair("fullTextFilterFields", "metadata.name")
        .append_pair("limit", &SUGGESTIONS.to_string());
    let found = client
        .get(url)
        .await
        .map(|answer| answer.body)
        .unwrap_or_default();
    found
        .get("items")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(name)
        .collect()
}

/// Reads a reference. Without a kind, the catalog is asked which entity has
/// the name.
pub(super) async fn resolve(
    client: &Client,
    output: &Output,
    text: &str,
) -> Result<EntityRef, Failure> {
    if text.contains(':') {
        return parse(text, None, output);
    }
    let guess = parse(&format!("component:{text}"), None, output)?;
    let mut url = client.url(["api", "catalog", "entities", "by-query"]);
    let mut filter = format!("metadata.name={}", guess.name());
    if text.contains('/') {
        filter.push_str(&format!(",metadata.namespace={}", guess.namespace()));
    }
    url.query_pairs_mut()
        .append_pair("filter", &filter)
        .append_pair("limit", "20");
    let found = client.get(url).await?.body;
    let names: Vec<String> = found
        .get("items")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(name)
        .collect();
    match names.as_slice() {
        [only] => parse(only, None, output),
        [] => {
            let failure = Failure::new(
                Exit::NotFound,
                output.lang.pick((
                    format!("nothing in the catalog is called `{text}`"),
                    format!("카탈로그에 `{text}`이(가) 없습니다"),
                )),
            );
            Err(not_found(client, output, &guess, failure).await)
        }
        several => Err(Failure::new(
            Exit::Usage,
            output.lang.pick((
                format!("`{text}` may be any of {} entities", several.len()),
                format!("`{text}`에 해당하는 엔티티가 {}개입니다", several.len()),
            )),
        )
        .cause(several.join(", "))
        .fix(
            output
                .lang
                .pick(("write the kind as well", "종류도 함께 쓰세요")),
        )),
    }
}

fn parse(text: &str, namespace: Option<&str>, output: &Output) -> Result<EntityRef, Failure> {
    EntityRef::parse(text, None, namespace)
        .map_err(|cause| bad_reference(text, &cause.to_string(), output))
}

fn bad_reference(text: &str, cause: &str, output: &Output) -> Failure {
    Failure::new(
        Exit::Usage,
        output.lang.pick((
            format!("`{text}` is no entity reference"),
            format!("`{text}`은(는) 엔티티 참조가 아닙니다"),
        )),
    )
    .cause(cause)
    .fix(output.lang.pick((
        "write kind:namespace/name, for example component:default/pay-api",
        "kind:namespace/name 형식으로 쓰세요 (예: component:default/pay-api)",
    )))
}

/// The reference of an entity.
pub(super) fn name(entity: &Value) -> String {
    let text = |pointer: &str| entity.pointer(pointer).and_then(Value::as_str);
    EntityRef::new(
        text("/kind").unwrap_or_default(),
        text("/metadata/namespace").unwrap_or(model::entity_ref::DEFAULT_NAMESPACE),
        text("/metadata/name").unwrap_or_default(),
    )
    .to_string()
}

fn columns(fields: &[String]) -> Vec<Column> {
    if !fields.is_empty() {
        return fields.iter().map(|field| Column::field(field)).collect();
    }
    vec![
        Column::new("REF", short_name),
        Column::at("TYPE", "spec.type"),
        Column::new("OWNER", |entity| {
            related(entity, "ownedBy")
                .into_iter()
                .next()
                .unwrap_or_else(|| text_at(entity, "spec.owner"))
        }),
        Column::at("LIFECYCLE", "spec.lifecycle"),
        Column::at("TITLE", "metadata.title").wide(),
        Column::new("SYSTEM", |entity| related(entity, "partOf").join(", ")).wide(),
        Column::new("TIER", |entity| {
            catalog::tier::named(entity).unwrap_or_default()
        })
        .wide(),
        Column::at("TAGS", "metadata.tags").wide(),
        Column::at(
            "SOURCE",
            "metadata.annotations.backstage.io/managed-by-location",
        )
        .wide(),
        Column::at("DESCRIPTION", "metadata.description"),
    ]
}

/// Without the default namespace, as people write references.
fn short_name(entity: &Value) -> String {
    name(entity).replacen(":default/", ":", 1)
}

fn related(entity: &Value, relation: &str) -> Vec<String> {
    let relations = entity
        .get("relations")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let found: BTreeMap<&str, ()> = relations
        .filter(|found| found.get("type").and_then(Value::as_str) == Some(relation))
        .filter_map(|found| found.get("targetRef").and_then(Value::as_str))
        .map(|target| (target, ()))
        .collect();
    found
        .into_keys()
        .map(|target| target.replacen(":default/", ":", 1))
        .collect()
}
