//! Repositories for programs, under `/api/v1/git`.

mod describe;
mod pulls;

use std::future::Future;
use std::sync::Arc;

use axum::Json;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use platform::ApiError;
use platform::http::{Access, Gate, Routes};
use platform::request::Call;
use serde_json::{Map, Value, json};

use crate::engine::{Edit, Wanted, named};
use crate::rights::Right;
use crate::store::{Listing, Protection, Repository, Rules, Visibility};
use crate::{GitHost, permission};

/// Repositories in a page unless asked otherwise, and at most.
const PAGE: i64 = 50;
const LARGEST_PAGE: i64 = 500;

/// The answer of a handler.
pub(crate) type Answer = Result<Response, ApiError>;

/// Every route for programs.
pub(crate) fn routes(host: &GitHost, gate: Arc<dyn Gate>) -> Routes {
    const ALL: &str = "/api/v1/git/repositories";
    const ONE: &str = "/api/v1/git/repositories/{owner}/{repository}";
    const BRANCHES: &str = "/api/v1/git/repositories/{owner}/{repository}/branches";
    const RULES: &str = "/api/v1/git/repositories/{owner}/{repository}/protections";
    const MEMBERS: &str = "/api/v1/git/repositories/{owner}/{repository}/members";
    let read = Access::Needs(permission::READ);
    let write = Access::Needs(permission::UPDATE);
    let routes = Routes::new(gate)
        .api(Method::GET, ALL, read, on(host, list))
        .describe(describe::list())
        .api(
            Method::POST,
            ALL,
            Access::Needs(permission::CREATE),
            on(host, create),
        )
        .describe(describe::create())
        .api(Method::GET, ONE, read, on(host, get))
        .describe(describe::get())
        .api(Method::PATCH, ONE, write, on(host, edit))
        .describe(describe::edit())
        .api(
            Method::DELETE,
            ONE,
            Access::Needs(permission::DELETE),
            on(host, delete),
        )
        .describe(describe::delete())
        .api(Method::GET, BRANCHES, read, on(host, branches))
        .describe(describe::branches())
        .api(Method::GET, RULES, read, on(host, protections))
        .describe(describe::protections())
        .api(Method::PUT, RULES, write, on(host, protect))
        .describe(describe::protect())
        .api(Method::DELETE, RULES, write, on(host, unprotect))
        .describe(describe::unprotect())
        .api(Method::GET, MEMBERS, read, on(host, members))
        .describe(describe::members())
        .api(Method::PUT, MEMBERS, write, on(host, set_member))
        .describe(describe::set_member())
        .api(Method::DELETE, MEMBERS, write, on(host, remove_member))
        .describe(describe::remove_member())
        .with_schemas(describe::schemas());
    pulls::routes(host, routes)
}

/// A handler with the host in hand.
pub(crate) fn on<F, R>(
    host: &GitHost,
    work: F,
) -> impl Fn(Call) -> BoxFuture<'static, Answer> + Clone + Send + Sync + 'static
where
    F: Fn(GitHost, Call) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Answer> + Send + 'static,
{
    let host = host.clone();
    move |call: Call| work(host.clone(), call).boxed()
}

/// A repository for programs.
pub(crate) fn shown(host: &GitHost, repository: &Repository, right: Right) -> Value {
    let base = &host.settings().base_url;
    let name = &repository.name;
    json!({
        "id": repository.id,
        "owner": name.owner,
        "name": name.name,
        "fullName": name.to_string(),
        "description": repository.description,
        "defaultBranch": repository.default_branch,
        "visibility": repository.visibility.as_str(),
        "archived": repository.archived,
        "bytes": repository.bytes,
        "createdBy": repository.created_by,
        "createdAt": repository.created_at,
        "updatedAt": repository.updated_at,
        "pushedAt": repository.pushed_at,
        "url": format!("{base}/git/{name}"),
        "cloneUrl": format!("{base}/git/{name}.git"),
        "right": right.as_str(),
    })
}

/// The repository of the path, with this right.
pub(crate) async fn of(
    host: &GitHost,
    call: &Call,
    wanted: Right,
) -> Result<(Repository, Right), ApiError> {
    let name = (call.path("owner"), call.path("repository"));
    host.reach(&call.caller, name, wanted).await
}

fn text(fields: &Map<String, Value>, key: &str) -> Result<Option<String>, ApiError> {
    match fields.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(ApiError::input(format!(
            "request/body/{key} must be string"
        ))),
    }
}

fn required(fields: &Map<String, Value>, key: &str) -> Result<String, ApiError> {
    text(fields, key)?
        .ok_or_else(|| ApiError::input(format!("request/body must have required property '{key}'")))
}

fn visibility(fields: &Map<String, Value>) -> Result<Option<Visibility>, ApiError> {
    let Some(name) = text(fields, "visibility")? else {
        return Ok(None);
    };
    let found = Visibility::from_name(&name).ok_or_else(|| {
        ApiError::input(format!("{name:?} is not a visibility"))
            .accepted("internal (everybody who may read repositories) or private")
    })?;
    Ok(Some(found))
}

fn flag(fields: &Map<String, Value>, key: &str) -> Result<Option<bool>, ApiError> {
    match fields.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(flag)) => Ok(Some(*flag)),
        Some(_) => Err(ApiError::input(format!(
            "request/body/{key} must be boolean"
        ))),
    }
}

/// What a new repository shall be, as a body or the input of an action says.
pub(crate) fn wanted(fields: &Map<String, Value>) -> Result<Wanted, ApiError> {
    Ok(Wanted {
        name: named(&required(fields, "owner")?, &required(fields, "name")?)?,
        description: text(fields, "description")?.unwrap_or_default(),
        default_branch: text(fields, "defaultBranch")?.unwrap_or_else(|| "main".to_owned()),
        visibility: visibility(fields)?.unwrap_or_default(),
    })
}

/// Rules as a body or the input of an action gives them.
pub(crate) fn protection(fields: &Map<String, Value>) -> Result<Protection, ApiError> {
    let rules = fields.get("rules").cloned().unwrap_or_else(|| json!({}));
    let rules: Rules = serde_json::from_value(rules).map_err(|error| {
        ApiError::input(format!("request/body/rules: {error}")).accepted(
            "requirePullRequest, requiredApprovals, requireCodeOwners, dismissStaleReviews, \
             requiredChecks, allowForcePush, allowDeletion and enforceAdmins",
        )
    })?;
    Ok(Protection {
        pattern: required(fields, "pattern")?,
        rules,
    })
}

async fn list(host: GitHost, call: Call) -> Answer {
    let limit = call.query.integer("limit", 1)?.unwrap_or(PAGE);
    let limit = usize::try_from(limit.min(LARGEST_PAGE)).unwrap_or(1);
    let listing = Listing {
        owner: call.query.get("owner").map(str::to_ascii_lowercase),
        after: call.query.get("cursor").unwrap_or_default().to_owned(),
    };
    let (found, next) = host.list(&call.caller, listing, limit).await?;
    let items: Vec<Value> = found
        .iter()
        .map(|(repository, right)| shown(&host, repository, *right))
        .collect();
    let mut info = Map::new();
    if let Some(next) = next {
        info.insert("nextCursor".to_owned(), next.into());
    }
    Ok(Json(json!({ "items": items, "pageInfo": info })).into_response())
}

async fn create(host: GitHost, call: Call) -> Answer {
    let repository = host.create(&call.caller, wanted(&call.object()?)?).await?;
    let shown = shown(&host, &repository, Right::Administer);
    Ok((StatusCode::CREATED, Json(shown)).into_response())
}

async fn get(host: GitHost, call: Call) -> Answer {
    let (repository, right) = of(&host, &call, Right::Read).await?;
    Ok(Json(shown(&host, &repository, right)).into_response())
}

async fn edit(host: GitHost, call: Call) -> Answer {
    let (repository, right) = of(&host, &call, Right::Administer).await?;
    let fields = call.object()?;
    let edit = Edit {
        description: text(&fields, "description")?,
        default_branch: text(&fields, "defaultBranch")?,
        visibility: visibility(&fields)?,
        archived: flag(&fields, "archived")?,
    };
    let changed = host.edit(&call.caller, &repository, edit).await?;
    Ok(Json(shown(&host, &changed, right)).into_response())
}

async fn delete(host: GitHost, call: Call) -> Answer {
    let (repository, _) = of(&host, &call, Right::Administer).await?;
    host.delete(&call.caller, &repository).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn branches(host: GitHost, call: Call) -> Answer {
    let (repository, _) = of(&host, &call, Right::Read).await?;
    let protections = host.store().protections(&repository.id).await?;
    let refs = host.refs(&repository).await?;
    let items: Vec<Value> = refs
        .all
        .iter()
        .filter_map(|(name, id)| Some((name.strip_prefix("refs/heads/")?, id)))
        .map(|(name, id)| {
            json!({
                "name": name,
                "commit": id.to_string(),
                "default": name == repository.default_branch,
                "protected": protections.iter().any(|one| one.covers(name)),
            })
        })
        .collect();
    Ok(Json(json!({ "items": items })).into_response())
}

async fn protections(host: GitHost, call: Call) -> Answer {
    let (repository, _) = of(&host, &call, Right::Read).await?;
    let found = host.store().protections(&repository.id).await?;
    let items: Vec<Value> = found
        .iter()
        .map(|one| json!({ "pattern": one.pattern, "rules": one.rules }))
        .collect();
    Ok(Json(json!({ "items": items })).into_response())
}

async fn protect(host: GitHost, call: Call) -> Answer {
    let (repository, _) = of(&host, &call, Right::Administer).await?;
    let protection = protection(&call.object()?)?;
    let shown = json!({ "pattern": protection.pattern, "rules": protection.rules });
    host.protect(&call.caller, &repository, protection).await?;
    Ok(Json(shown).into_response())
}

async fn unprotect(host: GitHost, call: Call) -> Answer {
    let (repository, _) = of(&host, &call, Right::Administer).await?;
    let pattern = call.query.get("pattern").unwrap_or_default();
    host.unprotect(&call.caller, &repository, pattern).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn members(host: GitHost, call: Call) -> Answer {
    let (repository, _) = of(&host, &call, Right::Read).await?;
    let found = host.store().members(&repository.id).await?;
    let items: Vec<Value> = found
        .iter()
        .map(|one| json!({ "member": one.subject, "right": one.right.as_str() }))
        .collect();
    Ok(Json(json!({ "items": items })).into_response())
}

async fn set_member(host: GitHost, call: Call) -> Answer {
    let (repository, _) = of(&host, &call, Right::Administer).await?;
    let fields = call.object()?;
    let (member, right) = (required(&fields, "member")?, required(&fields, "right")?);
    let right = Right::from_name(&right).ok_or_else(|| {
        ApiError::input(format!("{right:?} is not a right")).accepted("read, write or admin")
    })?;
    host.set_member(&call.caller, &repository, (&member, Some(right)))
        .await?;
    Ok(Json(json!({ "member": member, "right": right.as_str() })).into_response())
}

async fn remove_member(host: GitHost, call: Call) -> Answer {
    let (repository, _) = of(&host, &call, Right::Administer).await?;
    let member = call.query.get("member").unwrap_or_default();
    host.set_member(&call.caller, &repository, (member, None))
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
