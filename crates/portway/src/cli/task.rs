//! `portway template run` and `portway task`: golden paths run by a server.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::args::{Task, Template};
use super::client::Client;
use super::exit::Exit;
use super::failure::Failure;
use super::output::{Column, Output, text_at};
use super::template::given_values;

const API: [&str; 3] = ["api", "scaffolder", "v2"];
/// How often the log of a task is asked for when nothing has come.
const LOOK: Duration = Duration::from_millis(300);

/// Runs what `portway template` needs a server for.
pub(super) async fn template(
    client: &Client,
    output: &Output,
    verb: &Template,
) -> Result<(), Failure> {
    match verb {
        Template::List => list_templates(client, output).await,
        Template::Run {
            name,
            values,
            set,
            secret,
            watch,
        } => {
            let given = given_values(output, values.as_deref(), set)?;
            let values = with_defaults(client, name, given).await?;
            let secrets = pairs(output, "--secret", secret)?;
            let body =
                json!({ "templateRef": reference(name), "values": values, "secrets": secrets });
            let made = client.post(url(client, ["tasks"]), &body).await?.body;
            let id = text_at(&made, "id");
            if *watch {
                output.note(
                    &output
                        .lang
                        .pick((format!("task {id}"), format!("작업 {id}"))),
                );
                return follow(client, output, &id).await;
            }
            output.one("Task", &made, &id, |_| format!("{id}\n"))
        }
        Template::DryRun { name, values, set } => {
            let given = given_values(output, values.as_deref(), set)?;
            let values = with_defaults(client, name, given).await?;
            let body = json!({ "template": reference(name), "values": values });
            let tried = client.post(url(client, ["dry-run"]), &body).await?.body;
            for line in items(&tried, "log") {
                output.note(&plain(&text_at(&line, "body.message")));
            }
            let files = items(&tried, "directoryContents");
            let columns = [
                Column::at("PATH", "path"),
                Column::at("EXECUTABLE", "executable").wide(),
            ];
            let meta = json!({ "output": tried.get("output") });
            output.list("DryRun", &files, &columns, &meta, |file| {
                text_at(file, "path")
            })
        }
        // They need no server; `dispatch` has run them.
        Template::Lint { .. } | Template::Render { .. } => Ok(()),
    }
}

/// Runs `portway task`.
pub(super) async fn task(client: &Client, output: &Output, verb: &Task) -> Result<(), Failure> {
    match verb {
        Task::List {
            status,
            mine,
            limit,
        } => {
            let mut address = url(client, ["tasks"]);
            {
                let mut pairs = address.query_pairs_mut();
                pairs.append_pair("limit", &limit.to_string());
                for status in status {
                    pairs.append_pair("status", status);
                }
            }
            if *mine {
                let me = client
                    .get(client.url(["api", "auth", "v1", "userinfo"]))
                    .await?
                    .body;
                let me = text_at(&me, "claims.sub");
                address.query_pairs_mut().append_pair("createdBy", &me);
            }
            let found = client.get(address).await?.body;
            let columns = [
                Column::at("ID", "id"),
                Column::at("STATE", "state"),
                Column::at("TEMPLATE", "template"),
                Column::at("BY", "createdBy"),
                Column::at("CREATED", "createdAt"),
                Column::at("ENDED", "completedAt").wide(),
            ];
            let meta = json!({ "totalItems": found.get("totalItems") });
            output.list(
                "TaskList",
                &items(&found, "items"),
                &columns,
                &meta,
                |task| text_at(task, "id"),
            )
        }
        Task::Get { id } => {
            let found = client.get(url(client, ["tasks", id])).await?.body;
            output.one("Task", &found, id, |_| shown(output, &found))
        }
        Task::Logs { id, follow: live } => {
            if *live {
                return follow(client, output, id).await;
            }
            print(client, output, id, 0).await.map(|_| ())
        }
        Task::Cancel { id } => {
            let answer = client
                .post(url(client, ["tasks", id, "cancel"]), &json!({}))
                .await?
                .body;
            output.one("Task", &answer, id, |_| format!("{id} cancelled\n"))
        }
        Task::Retry {
            id,
            secret,
            from_start,
            watch,
        } => {
            let secrets = pairs(output, "--secret", secret)?;
            let from = if *from_start { "start" } else { "failed" };
            let body = json!({ "secrets": secrets, "from": from });
            let answer = client
                .post(url(client, ["tasks", id, "retry"]), &body)
                .await?
                .body;
            if *watch {
                return follow(client, output, id).await;
            }
            output.one("Task", &answer, id, |_| format!("{id}\n"))
        }
    }
}

fn url<'a>(client: &Client, more: impl IntoIterator<Item = &'a str>) -> url::Url {
    client.url(API.into_iter().chain(more))
}

/// `python-service` is `template:default/python-service`.
fn reference(name: &str) -> String {
    match name.contains(':') {
        true => name.to_owned(),
        false if name.contains('/') => format!("template:{name}"),
        false => format!("template:default/{name}"),
    }
}

async fn list_templates(client: &Client, output: &Output) -> Result<(), Failure> {
    let mut address = client.url(["api", "catalog", "entities", "by-query"]);
    address
        .query_pairs_mut()
        .append_pair("filter", "kind=template")
        .append_pair("limit", "500");
    let found = client.get(address).await?.body;
    let columns = [
        Column::new("NAME", short),
        Column::at("TYPE", "spec.type"),
        Column::at("OWNER", "spec.owner"),
        Column::at("TITLE", "metadata.title"),
        Column::at("DESCRIPTION", "metadata.description").wide(),
    ];
    let meta = json!({ "totalItems": found.get("totalItems") });
    output.list(
        "TemplateList",
        &items(&found, "items"),
        &columns,
        &meta,
        short,
    )
}

/// What `portway template run` takes.
fn short(entity: &Value) -> String {
    let (namespace, name) = (
        text_at(entity, "metadata.namespace"),
        text_at(entity, "metadata.name"),
    );
    match namespace.as_str() {
        "" | "default" => name,
        namespace => format!("{namespace}/{name}"),
    }
}

/// The answers that the form would fill in by itself, under those given.
async fn with_defaults(client: &Client, name: &str, given: Value) -> Result<Value, Failure> {
    let reference = reference(name);
    let bare = reference
        .split_once(':')
        .map_or(reference.as_str(), |(_, bare)| bare);
    let (namespace, name) = bare.split_once('/').unwrap_or(("default", bare));
    let path = ["templates", namespace, "template", name, "parameter-schema"];
    let form = client.get(url(client, path)).await?.body;
    let mut values = Map::new();
    for page in items(&form, "steps") {
        let fields = page
            .pointer("/schema/properties")
            .and_then(Value::as_object);
        for (field, schema) in fields.into_iter().flatten() {
            if let Some(default) = schema.get("default") {
                values.insert(field.clone(), default.clone());
            }
        }
    }
    if let Value::Object(given) = given {
        values.extend(given);
    }
    Ok(Value::Object(values))
}

fn pairs(output: &Output, flag: &str, list: &[String]) -> Result<Value, Failure> {
    let mut found = Map::new();
    for pair in list {
        let (name, value) = pair.split_once('=').ok_or_else(|| {
            let name = pair.chars().take(20).collect::<String>();
            Failure::new(
                Exit::Usage,
                output.lang.pick((
                    format!("{flag} {name} has no `=`"),
                    format!("{flag} {name}에 `=`가 없습니다"),
                )),
            )
        })?;
        found.insert(name.to_owned(), value.into());
    }
    Ok(Value::Object(found))
}

/// Prints what a task has said after an event; answers the last one.
async fn print(
    client: &Client,
    output: &Output,
    id: &str,
    after: i64,
) -> Result<(i64, bool), Failure> {
    let (mut last, mut over) = (after, false);
    loop {
        let mut address = url(client, ["tasks", id, "events"]);
        let task = client.get(url(client, ["tasks", id])).await?.body;
        let ended = task.get("completedAt").is_some_and(|at| !at.is_null());
        if !ended && events_of(&task) <= last {
            return Ok((last, over));
        }
        address
            .query_pairs_mut()
            .append_pair("after", &last.to_string());
        let found = client.get(address).await?.body;
        let events = found.as_array().cloned().unwrap_or_default();
        if events.is_empty() {
            return Ok((last, over || ended));
        }
        for event in &events {
            last = event.get("id").and_then(Value::as_i64).unwrap_or(last);
            over = event.get("type").and_then(Value::as_str) == Some("completion");
            output.data(&format!("{}\n", line(event)))?;
        }
    }
}

fn events_of(task: &Value) -> i64 {
    task.get("lastEvent").and_then(Value::as_i64).unwrap_or(0)
}

/// Prints the log until the task has ended; a task that failed is a failure.
async fn follow(client: &Client, output: &Output, id: &str) -> Result<(), Failure> {
    let mut last = 0;
    loop {
        let (printed, over) = print(client, output, id, last).await?;
        last = printed;
        if over {
            break;
        }
        tokio::time::sleep(LOOK).await;
    }
    let task = client.get(url(client, ["tasks", id])).await?.body;
    if text_at(&task, "status") == "completed" {
        return Ok(());
    }
    let why = text_at(&task, "error.message");
    Err(Failure::new(Exit::Failed, why).fix(output.lang.pick((
        format!("mend it, then `portway task retry {id}`"),
        format!("고친 다음 `portway task retry {id}`를 실행하세요"),
    ))))
}

fn line(event: &Value) -> String {
    let step = text_at(event, "body.stepId");
    let message = plain(&text_at(event, "body.message"));
    match step.as_str() {
        "" => message,
        step => format!("[{step}] {message}"),
    }
}

/// Without colours.
fn plain(text: &str) -> String {
    console::strip_ansi_codes(text).into_owned()
}

fn shown(output: &Output, task: &Value) -> String {
    let at = |path: &str| text_at(task, path);
    let mut text = format!(
        "{}  {}  {}\n",
        at("id"),
        at("state"),
        at("spec.templateInfo.entityRef")
    );
    for step in items(task, "steps") {
        text.push_str(&format!(
            "  {:<10} {}\n",
            text_at(&step, "status"),
            text_at(&step, "name")
        ));
        let error = text_at(&step, "error");
        if !error.is_empty() {
            text.push_str(&format!("             {error}\n"));
        }
    }
    if !at("waiting.reason").is_empty() {
        text.push_str(&format!(
            "  {}: {}\n",
            at("waiting.until"),
            at("waiting.reason")
        ));
    }
    for link in items(task.get("output").unwrap_or(&Value::Null), "links") {
        text.push_str(&format!(
            "  {}: {}{}\n",
            text_at(&link, "title"),
            text_at(&link, "url"),
            text_at(&link, "entityRef")
        ));
    }
    for left in items(task, "leftBehind") {
        text.push_str(&output.lang.pick((
            format!(
                "  left behind: {} ({})\n",
                text_at(&left, "what"),
                text_at(&left, "undo")
            ),
            format!(
                "  남은 것: {} ({})\n",
                text_at(&left, "what"),
                text_at(&left, "undo")
            ),
        )));
    }
    text
}

fn items(found: &Value, key: &str) -> Vec<Value> {
    found
        .get(key)
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default()
}
