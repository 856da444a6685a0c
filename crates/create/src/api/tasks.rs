//! Tasks.

use axum::Json;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use model::entity_ref::EntityRef;
use platform::ApiError;
use platform::actor::Caller;
use platform::request::{Body, Call};
use serde_json::{Value, json};

use super::Answer;
use crate::engine::{Create, Wanted, secrets_of, time_of};
use crate::permission::STEP_READ;
use crate::store::TaskFilter;
use crate::task::{Status, Task, millis};

/// `POST /v2/tasks`
pub(super) async fn create(create: Create, call: Call) -> Answer {
    let object = call.object()?;
    let body = Body::new(&object);
    let text = body.required_text("templateRef")?;
    let template = EntityRef::parse(text, Some("template"), None).map_err(|error| {
        ApiError::input(error.to_string())
            .accepted("a reference such as template:default/python-service")
    })?;
    let values = match body.get("values") {
        None | Some(Value::Null) => serde_json::Map::new(),
        Some(Value::Object(values)) => values.clone(),
        Some(_) => return Err(ApiError::input("\"values\" must be an object")),
    };
    let secrets = secrets_of(body.get("secrets"))?;
    let wanted = Wanted {
        template,
        values,
        secrets,
    };
    let id = create.create(&call.caller, wanted).await?;
    Ok((StatusCode::CREATED, Json(json!({ "id": id.to_string() }))).into_response())
}

/// `GET /v2/tasks`
pub(super) async fn list(create: Create, call: Call) -> Answer {
    let filter = filter(&call)?;
    let (tasks, total) = create.tasks(&call.caller, filter).await?;
    let items: Vec<Value> = tasks.iter().map(summary).collect();
    let tasks: Vec<Value> = tasks
        .iter()
        .map(|task| task_json(&call.caller, task))
        .collect();
    Ok(Json(json!({
        "tasks": tasks,
        "totalTasks": total,
        "items": items,
        "totalItems": total,
    }))
    .into_response())
}

fn filter(call: &Call) -> Result<TaskFilter, ApiError> {
    let query = &call.query;
    let mut filter = TaskFilter {
        created_by: query.all("createdBy").map(str::to_owned).collect(),
        template: query.get("template").map(str::to_owned),
        limit: size(query.integer("limit", 0)?),
        offset: size(query.integer("offset", 0)?).unwrap_or(0),
        ..TaskFilter::default()
    };
    for text in query.all("status") {
        let known = Status::from_name(text).filter(|_| text != "waiting");
        if known.is_none() && text != "waiting" && text != "skipped" {
            return Err(
                ApiError::input(format!("There is no status {text:?} of tasks"))
                    .accepted("open, processing, waiting, completed, failed, cancelled"),
            );
        }
        filter.status.push(text.to_owned());
        if text == "processing" {
            filter.status.push(Status::Waiting.as_str().to_owned());
        }
    }
    if let Some(text) = query.get("createdAfter") {
        let time = time_of(text).ok_or_else(|| {
            ApiError::input(format!("`createdAfter` is no time: {text:?}"))
                .accepted("a time such as 2026-08-23T10:00:00Z; without a zone it is UTC")
        })?;
        filter.created_after = Some(time);
    }
    for text in query.all("order") {
        let (direction, field) = text.split_once(':').unwrap_or(("", text));
        let column = ["created_at", "status", "created_by"]
            .into_iter()
            .find(|one| *one == field);
        match (direction, column) {
            ("asc" | "desc", Some(column)) => filter.order.push((column, direction == "desc")),
            _ => {
                return Err(ApiError::input(format!(
                    "Invalid order parameter \"{text}\", expected \"<asc or desc>:<field name>\""
                ))
                .accepted("created_at, status or created_by, such as desc:created_at"));
            }
        }
    }
    Ok(filter)
}

fn size(number: Option<i64>) -> Option<usize> {
    number.and_then(|number| usize::try_from(number).ok())
}

/// `GET /v2/tasks/{taskId}`
pub(super) async fn get(create: Create, call: Call) -> Answer {
    let task = create.task(&call.caller, call.path("taskId")).await?;
    let mut body = task_json(&call.caller, &task);
    let details = create.details(&task).await?;
    if let (Some(fields), Value::Object(details)) = (body.as_object_mut(), details) {
        for (key, value) in details {
            // `steps` of the task itself are its progress.
            fields.insert(key, value);
        }
        if let Some(output) = &task.output {
            fields.insert("output".to_owned(), output.clone());
        }
        if let Some(error) = &task.error {
            fields.insert("error".to_owned(), error.clone());
        }
    }
    Ok(Json(body).into_response())
}

/// `POST /v2/tasks/{taskId}/cancel`
pub(super) async fn cancel(create: Create, call: Call) -> Answer {
    create.cancel(&call.caller, call.path("taskId")).await?;
    Ok(Json(json!({ "status": "cancelled" })).into_response())
}

/// `POST /v2/tasks/{taskId}/retry`
pub(super) async fn retry(create: Create, call: Call) -> Answer {
    let object = match call.body.is_empty() {
        true => serde_json::Map::new(),
        false => call.object()?,
    };
    let body = Body::new(&object);
    let secrets = secrets_of(body.get("secrets"))?;
    let from = body.choice("from", &["failed", "start"])?;
    let id = create
        .retry(
            &call.caller,
            call.path("taskId"),
            secrets,
            from == Some("start"),
        )
        .await?;
    Ok((StatusCode::CREATED, Json(json!({ "id": id.to_string() }))).into_response())
}

/// A task as Backstage's API answers it, with what Portway knows beside it.
fn task_json(caller: &Caller, task: &Task) -> Value {
    let mut spec = serde_json::to_value(&task.spec).unwrap_or_default();
    if let (false, Some(fields)) = (caller.may(STEP_READ), spec.as_object_mut()) {
        fields.insert("steps".to_owned(), json!([]));
    }
    let mut body = json!({
        "id": task.id.to_string(),
        "spec": spec,
        "status": task.status.for_backstage(),
        "createdAt": millis(task.created_at),
        "lastHeartbeatAt": task.heartbeat_at.map(millis),
        "createdBy": task.created_by,
    });
    add_progress(&mut body, task);
    body
}

/// A task in a list that does not need its steps.
fn summary(task: &Task) -> Value {
    let mut body = json!({
        "id": task.id.to_string(),
        "template": task.template,
        "status": task.status.for_backstage(),
        "createdAt": millis(task.created_at),
        "createdBy": task.created_by,
    });
    add_progress(&mut body, task);
    body
}

fn add_progress(body: &mut Value, task: &Task) {
    let Some(fields) = body.as_object_mut() else {
        return;
    };
    fields.insert("state".to_owned(), task.status.as_str().into());
    fields.insert("startedAt".to_owned(), task.started_at.map(millis).into());
    fields.insert("completedAt".to_owned(), task.ended_at.map(millis).into());
    fields.insert("attempt".to_owned(), task.attempt.into());
    fields.insert("lastEvent".to_owned(), task.events.into());
    if let Some((until, reason)) = &task.waiting {
        let waiting = json!({ "until": millis(*until), "reason": reason });
        fields.insert("waiting".to_owned(), waiting);
    }
}
