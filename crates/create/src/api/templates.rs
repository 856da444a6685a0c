//! Templates, actions, and trying things out.

use axum::Json;
use axum::response::IntoResponse as _;
use model::entity_ref::EntityRef;
use platform::ApiError;
use platform::request::{Body, Call};
use serde_json::{Value, json};

use super::Answer;
use crate::dry_run::{Trial, uploaded};
use crate::engine::{Create, secrets_of};
use crate::template::not_found;

/// `GET /v2/templates/{namespace}/{kind}/{name}/parameter-schema`
pub(super) async fn form(create: Create, call: Call) -> Answer {
    let (kind, namespace, name) = (call.path("kind"), call.path("namespace"), call.path("name"));
    let text = format!("{kind}:{namespace}/{name}");
    let entity_ref = EntityRef::parse(&text, None, None).map_err(|_| {
        ApiError::not_found(format!("Template {text} not found"))
            .accepted("/v2/templates/NAMESPACE/template/NAME/parameter-schema")
    })?;
    if entity_ref.kind() != "template" {
        return Err(not_found(&entity_ref));
    }
    let template = create.template(&call.caller, &entity_ref)?;
    Ok(Json(template.form()).into_response())
}

/// `GET /v2/actions`
pub(super) async fn actions(create: Create, _call: Call) -> Answer {
    let listed: Vec<Value> = create
        .registry()
        .all()
        .map(|action| action.to_json())
        .collect();
    Ok(Json(listed).into_response())
}

/// `POST /v2/dry-run`. `template` is a document, or the reference of one in
/// the catalog.
pub(super) async fn dry_run(create: Create, call: Call) -> Answer {
    let object = call.object()?;
    let body = Body::new(&object);
    let given = body.required("template")?;
    let (template, place) = match given {
        Value::String(text) => {
            let entity_ref = EntityRef::parse(text, Some("template"), None)
                .map_err(|error| ApiError::input(error.to_string()))?;
            let template = create.template(&call.caller, &entity_ref)?;
            let place = create.0.sources.place_of(&entity_ref).await?;
            (template.entity().clone(), place)
        }
        document => (document.clone(), None),
    };
    let values = body.get("values").and_then(Value::as_object);
    let tried = create
        .dry_run(
            &call.caller,
            Trial {
                template,
                values: values.cloned().unwrap_or_default(),
                secrets: secrets_of(body.get("secrets"))?,
                files: uploaded(body.get("directoryContents"))?,
                place,
            },
        )
        .await?;
    if let Some(error) = &tried.error {
        let mut answer = ApiError::input(error.clone());
        answer.fix = Some("the log of the dry run says how far it came".to_owned());
        answer.body = Some(json!({
            "error": { "name": answer.name, "message": error },
            "log": tried.to_json().get("log"),
            "response": { "statusCode": 400 },
        }));
        return Err(answer);
    }
    Ok(Json(tried.to_json()).into_response())
}

/// `POST /v2/autocomplete/{provider}/{resource}`: what a host suggests for a
/// field. Providers come with the actions of their hosts.
pub(super) async fn autocomplete(create: Create, call: Call) -> Answer {
    let object = call.object()?;
    let body = Body::new(&object);
    let (provider, resource) = (call.path("provider"), call.path("resource"));
    let context = body.get("context").cloned().unwrap_or_else(|| json!({}));
    let results = create
        .suggest(
            &call.caller,
            (provider, resource),
            &context,
            body.text("token")?,
        )
        .await?;
    Ok(Json(json!({ "results": results })).into_response())
}
