//! APIs for programs: `/api/v1/apis`.

use std::future::Future;
use std::sync::Arc;

use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use catalog::permission::ENTITY_READ;
use model::entity_ref::EntityRef;
use platform::error::ApiError;
use platform::http::{Access, Gate, Routes};
use platform::openapi::{Operation, schema};
use platform::request::Call;
use serde_json::{Value, json};

use crate::compare::{Comparison, compare};
use crate::doc::ApiDoc;
use crate::lint::lint;
use crate::service::{Apis, Written};

const READ: Access = Access::Needs(ENTITY_READ);

type Answer = Result<Response, ApiError>;

/// The routes.
pub(crate) fn routes(apis: &Apis, gate: Arc<dyn Gate>) -> Routes {
    Routes::new(gate)
        .api(
            Method::GET,
            "/api/v1/apis/{namespace}/{name}",
            READ,
            with(apis, definition),
        )
        .describe(
            described("readApiDefinition", "Read an API's definition")
                .explained("One shape for OpenAPI, AsyncAPI, GraphQL and protocol buffers: operations, types and what is wrong with the definition. `readable` is false where nothing could be read; `problems` says why.")
                .json(200, "What the definition says", schema::any_object()),
        )
        .api(
            Method::GET,
            "/api/v1/apis/{namespace}/{name}/changes",
            READ,
            with(apis, changes),
        )
        .describe(
            described("compareApiVersions", "Compare two versions of an API")
                .explained("What has changed between two versions of the entity's definition, and whom that breaks. The changes that break come first.")
                .query("from", schema::at_least(1), "The earlier version; without it the newest one with another definition")
                .query("to", schema::at_least(1), "The later version; without it the newest")
                .json(200, "The differences", schema::any_object()),
        )
        .api(
            Method::GET,
            "/api/v1/apis/{namespace}/{name}/lint",
            READ,
            with(apis, findings),
        )
        .describe(
            described("lintApiDefinition", "What makes an API hard to use")
                .explained("A score from 0 to 100 and the findings of every rule that is for the definition's format.")
                .json(200, "Score and findings", schema::any_object()),
        )
}

fn described(id: &'static str, summary: &'static str) -> Operation {
    Operation::new(id, "apis", summary)
        .path("namespace", schema::text(), "The entity's namespace")
        .path("name", schema::text(), "The entity's name")
        .errors(&[404])
}

fn with<F>(
    apis: &Apis,
    answer: fn(Apis, Call) -> F,
) -> impl Fn(Call) -> F + Clone + Send + Sync + 'static
where
    F: Future<Output = Answer> + Send + 'static,
{
    let apis = apis.clone();
    move |call| answer(apis.clone(), call)
}

fn ref_of(call: &Call) -> Result<EntityRef, ApiError> {
    let text = format!("api:{}/{}", call.path("namespace"), call.path("name"));
    EntityRef::parse(&text, None, None)
        .map_err(|error| ApiError::input(format!("{}: {error}", model::quoted(&text))))
}

async fn definition(apis: Apis, call: Call) -> Answer {
    let entity_ref = ref_of(&call)?;
    let written = Written::of(&apis.entity(&call.caller, &entity_ref)?);
    let read = apis.read(written).await;
    Ok(json_answer(&match read.as_ref() {
        Ok(doc) => {
            let mut body = json!({ "ref": entity_ref.as_str(), "readable": true });
            merge(&mut body, json!(doc));
            body
        }
        Err(problems) => json!({
            "ref": entity_ref.as_str(),
            "readable": false,
            "problems": problems,
        }),
    }))
}

async fn changes(apis: Apis, call: Call) -> Answer {
    let entity_ref = ref_of(&call)?;
    apis.entity(&call.caller, &entity_ref)?;
    let versions = apis.versions(&entity_ref).await?;
    let newest = versions.first().map_or(1, |entry| entry.version);
    let to = call.query.integer("to", 1)?.unwrap_or(newest);
    let from = match call.query.integer("from", 1)? {
        Some(from) => from,
        None => apis.earlier(&entity_ref, to, &versions).await?,
    };
    let compared = compared(&apis, &entity_ref, from, to).await?;
    let mut body = json!({ "ref": entity_ref.as_str(), "from": from, "to": to });
    merge(&mut body, json!(compared));
    Ok(json_answer(&body))
}

/// Compares two versions.
///
/// # Errors
/// When there is no such version, or one of them cannot be read.
pub(crate) async fn compared(
    apis: &Apis,
    entity_ref: &EntityRef,
    from: i64,
    to: i64,
) -> Result<Comparison, ApiError> {
    let before = apis.read(apis.version(entity_ref, from).await?).await;
    let after = apis.read(apis.version(entity_ref, to).await?).await;
    let work = move || {
        let before = readable(before.as_ref(), from)?;
        Ok(compare(before, readable(after.as_ref(), to)?))
    };
    tokio::task::spawn_blocking(work)
        .await
        .map_err(ApiError::internal)?
}

fn readable(read: &crate::service::Read, version: i64) -> Result<&ApiDoc, ApiError> {
    read.as_ref().map_err(|problems| {
        let first = problems
            .first()
            .map(ToString::to_string)
            .unwrap_or_default();
        unprocessable(format!(
            "The definition of version {version} cannot be read: {first}"
        ))
        .accepted("versions whose definition can be read")
    })
}

async fn findings(apis: Apis, call: Call) -> Answer {
    let entity_ref = ref_of(&call)?;
    let written = Written::of(&apis.entity(&call.caller, &entity_ref)?);
    let read = apis.read(written).await;
    let doc = read.as_ref().as_ref().map_err(|problems| {
        let first = problems
            .first()
            .map(ToString::to_string)
            .unwrap_or_default();
        unprocessable(format!("The definition cannot be read: {first}"))
    })?;
    let mut body = json!({ "ref": entity_ref.as_str() });
    merge(&mut body, json!(lint(doc)));
    Ok(json_answer(&body))
}

fn merge(body: &mut Value, more: Value) {
    if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more);
    }
}

fn json_answer(body: &Value) -> Response {
    let mut response = Response::new(body.to_string().into());
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json; charset=utf-8"),
    );
    response
}

fn unprocessable(message: String) -> ApiError {
    ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "InputError", message)
}
