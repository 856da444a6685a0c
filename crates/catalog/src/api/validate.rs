//! `POST /validate-entity`: the whole check, nothing stored.

use axum::http::StatusCode;
use model::check::check_json;
use model::location_ref::LocationRef;
use platform::error::ApiError;
use platform::request::{Call, required, required_text};
use serde_json::{Value, json};

use super::Answer;
use super::answer::empty;
use crate::engine::Catalog;

/// Answers 200 with nothing, or 400 with Backstage's second envelope.
pub(super) async fn validate(catalog: Catalog, call: Call) -> Answer {
    let body = call.object()?;
    let entity = required(&body, "entity")?;
    let location = required_text(&body, "location")?;
    let envelope_problem = check_json(catalog.model.kinds(), entity);
    let problems = match envelope_problem {
        Ok(_) => {
            let place = LocationRef::parse(location);
            return match place {
                Ok(place) if place.location_type() == "url" => Ok(empty(StatusCode::OK)),
                _ => Err(ApiError::input(format!(
                    "Invalid location ref '{location}', only 'url:<target>' is supported, e.g. url:https://host/path"
                ))),
            };
        }
        Err(problems) => problems,
    };
    let errors: Vec<Value> = problems
        .iter()
        .take(1)
        .map(|problem| problem.to_backstage_json())
        .collect();
    Err(ApiError::input("The entity is not valid").with_body(json!({ "errors": errors })))
}
