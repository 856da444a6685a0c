//! `/api/user-settings`, as Backstage's `UserSettingsApi` calls it.

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use platform::ApiError;
use platform::http::{Access, Routes};
use platform::openapi::Operation;
use platform::openapi::schema::{list, object, open, text};
use platform::request::Call;
use serde_json::{Value, json};

use super::json_answer;
use crate::identity::Identity;

const TAG: &str = "User settings";
const OWN: Access = Access::Public("answers only about whoever asks, and refuses nobody's");
const BUCKET: &str = "/api/user-settings/buckets/{bucket}";
const SETTING: &str = "/api/user-settings/buckets/{bucket}/keys/{key}";

/// Adds the routes.
pub(super) fn add(routes: Routes, identity: &Arc<Identity>) -> Routes {
    let with = || Arc::clone(identity);
    let (all, get, put, delete) = (with(), with(), with(), with());
    routes
        .api(Method::GET, BUCKET, OWN, move |call: Call| {
            bucket(Arc::clone(&all), call)
        })
        .describe(
            addressed(Operation::new(
                "getUserSettings",
                TAG,
                "Answers all settings of a bucket of the caller's own",
            ))
            .json(200, "The settings", object([("items", list(setting()))]))
            .errors(&[400, 401]),
        )
        .api(Method::GET, SETTING, OWN, move |call: Call| {
            one(Arc::clone(&get), call)
        })
        .describe(
            keyed(Operation::new(
                "getUserSetting",
                TAG,
                "Answers a setting of the caller's own",
            ))
            .json(200, "The setting", setting())
            .errors(&[400, 401, 404]),
        )
        .api(Method::PUT, SETTING, OWN, move |call: Call| {
            set(Arc::clone(&put), call)
        })
        .describe(
            keyed(Operation::new("setUserSetting", TAG, "Keeps a setting"))
                .body(object([("value", json!({}))]))
                .json(200, "The setting", setting())
                .errors(&[400, 401, 409]),
        )
        .api(Method::DELETE, SETTING, OWN, move |call: Call| {
            remove(Arc::clone(&delete), call)
        })
        .describe(
            keyed(Operation::new(
                "deleteUserSetting",
                TAG,
                "Forgets a setting",
            ))
            .empty(204, "It is gone")
            .errors(&[400, 401]),
        )
}

fn addressed(operation: Operation) -> Operation {
    operation.path("bucket", text(), "What the settings are for")
}

fn keyed(operation: Operation) -> Operation {
    addressed(operation).path("key", text(), "The setting's name")
}

fn setting() -> Value {
    open(object([
        ("bucket", text()),
        ("key", text()),
        ("value", json!({})),
    ]))
}

fn shown(bucket: &str, key: &str, value: &Value) -> Value {
    json!({ "bucket": bucket, "key": key, "value": value })
}

async fn bucket(identity: Arc<Identity>, call: Call) -> Result<Response, ApiError> {
    let bucket = call.path("bucket");
    let settings = identity.user_settings(&call.caller, bucket).await?;
    let items: Vec<Value> = settings
        .iter()
        .map(|(key, value)| shown(bucket, key, value))
        .collect();
    Ok(json_answer(&json!({ "items": items })))
}

async fn one(identity: Arc<Identity>, call: Call) -> Result<Response, ApiError> {
    let (bucket, key) = (call.path("bucket"), call.path("key"));
    let found = identity.user_setting(&call.caller, bucket, key).await?;
    let value = found.ok_or_else(|| {
        ApiError::not_found(format!("Unable to find '{key}' in bucket '{bucket}'"))
    })?;
    Ok(json_answer(&shown(bucket, key, &value)))
}

async fn set(identity: Arc<Identity>, call: Call) -> Result<Response, ApiError> {
    let (bucket, key) = (call.path("bucket"), call.path("key"));
    let body = call.object()?;
    let value = body.get("value").ok_or_else(|| {
        ApiError::input("The body has no field value").accepted(r#"{"value": <any JSON>}"#)
    })?;
    identity
        .set_user_setting(&call.caller, (bucket, key), value)
        .await?;
    Ok(json_answer(&shown(bucket, key, value)))
}

async fn remove(identity: Arc<Identity>, call: Call) -> Result<Response, ApiError> {
    identity
        .remove_user_setting(&call.caller, call.path("bucket"), call.path("key"))
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
