//! Pull requests, checks, files and commits for programs.

use axum::Json;
use axum::http::{Method as Http, StatusCode};
use axum::response::IntoResponse;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use forge::host::{CommitInfo, FileChange, FileEdit, FileStatus, Method, Oid, Sort, parse_oid};
use platform::ApiError;
use platform::http::{Access, Routes};
use platform::request::Call;
use serde_json::{Map, Value, json};

use super::{Answer, describe, flag, of, on, required, text};
use crate::pulls::{Merging, NewPull, Standing, signed, writable};
use crate::push::{blocking, explained, move_refs};
use crate::rights::Right;
use crate::store::{CheckRow, Pull, PullState, RefChange, Repository, Review, Verdict, rules_of};
use crate::{GitHost, branch_ref, permission};

/// Bytes of a file that the API gives or takes.
const LARGEST_FILE: usize = 5 << 20;
/// Files of one commit over the API.
const MOST_FILES: usize = 2_000;
/// Commits and pull requests in a page.
const PAGE: i64 = 50;

pub(super) fn routes(host: &GitHost, routes: Routes) -> Routes {
    const PULLS: &str = "/api/v1/git/repositories/{owner}/{repository}/pulls";
    const PULL: &str = "/api/v1/git/repositories/{owner}/{repository}/pulls/{number}";
    const FILES: &str = "/api/v1/git/repositories/{owner}/{repository}/pulls/{number}/files";
    const REVIEWS: &str = "/api/v1/git/repositories/{owner}/{repository}/pulls/{number}/reviews";
    const MERGE: &str = "/api/v1/git/repositories/{owner}/{repository}/pulls/{number}/merge";
    const CHECKS: &str = "/api/v1/git/repositories/{owner}/{repository}/commits/{commit}/checks";
    const COMMITS: &str = "/api/v1/git/repositories/{owner}/{repository}/commits";
    const CONTENTS: &str = "/api/v1/git/repositories/{owner}/{repository}/contents";
    let read = Access::Needs(permission::READ);
    let write = Access::Needs(permission::UPDATE);
    routes
        .api(Http::GET, PULLS, read, on(host, list))
        .describe(describe::pulls())
        .api(Http::POST, PULLS, write, on(host, open))
        .describe(describe::open_pull())
        .api(Http::GET, PULL, read, on(host, get))
        .describe(describe::pull())
        .api(Http::PATCH, PULL, write, on(host, edit))
        .describe(describe::edit_pull())
        .api(Http::GET, FILES, read, on(host, files))
        .describe(describe::pull_files())
        .api(Http::GET, REVIEWS, read, on(host, reviews))
        .describe(describe::reviews())
        .api(Http::POST, REVIEWS, write, on(host, review))
        .describe(describe::review())
        .api(Http::POST, MERGE, write, on(host, merge))
        .describe(describe::merge())
        .api(Http::GET, CHECKS, read, on(host, checks))
        .describe(describe::checks())
        .api(Http::POST, CHECKS, write, on(host, check))
        .describe(describe::check())
        .api(Http::GET, COMMITS, read, on(host, commits))
        .describe(describe::commits())
        .api(Http::POST, COMMITS, write, on(host, commit))
        .describe(describe::commit())
        .api(Http::GET, CONTENTS, read, on(host, contents))
        .describe(describe::contents())
}

fn shown(host: &GitHost, repository: &Repository, pull: &Pull) -> Value {
    let base = &host.settings().base_url;
    json!({
        "number": pull.number,
        "title": pull.title,
        "body": pull.body,
        "author": pull.author,
        "head": pull.head.0,
        "headCommit": pull.head.1.to_string(),
        "base": pull.base,
        "state": pull.state.as_str(),
        "createdAt": pull.created_at,
        "updatedAt": pull.updated_at,
        "mergedBy": pull.merged_by,
        "mergeCommit": pull.merged_as,
        "url": format!("{base}/api/v1/git/repositories/{}/pulls/{}", repository.name, pull.number),
    })
}

fn standing(standing: &Standing) -> Value {
    json!({
        "mergeable": standing.against.is_empty(),
        "against": standing.against,
        "conflicts": standing.conflicts,
        "approvedBy": standing.approved_by,
        "refusedBy": standing.refused_by,
        "missingOwners": standing.owners,
        "checks": standing.checks.iter().map(check_json).collect::<Vec<_>>(),
    })
}

fn check_json(check: &CheckRow) -> Value {
    json!({
        "name": check.name,
        "state": check.state,
        "description": check.description,
        "url": check.url,
        "updatedAt": check.updated_at,
    })
}

fn review_json(review: &Review) -> Value {
    json!({
        "author": review.author,
        "verdict": review.verdict.as_str(),
        "body": review.body,
        "commit": review.commit.to_string(),
        "path": review.place.as_ref().map(|place| &place.0),
        "line": review.place.as_ref().map(|place| place.1),
        "createdAt": review.created_at,
    })
}

fn commit_json(commit: &CommitInfo) -> Value {
    let person = |who: &forge::host::Person| json!({ "name": who.name, "email": who.email, "time": who.time });
    json!({
        "commit": commit.id.to_string(),
        "parents": commit.parents.iter().map(Oid::to_string).collect::<Vec<_>>(),
        "author": person(&commit.author),
        "committer": person(&commit.committer),
        "message": commit.message,
    })
}

fn change_json(change: &FileChange) -> Value {
    let status = match change.status {
        FileStatus::Added => "added",
        FileStatus::Modified => "modified",
        FileStatus::Removed => "removed",
        FileStatus::Renamed => "renamed",
    };
    json!({
        "path": change.path,
        "previousPath": change.from,
        "status": status,
        "before": change.old.map(|id| id.to_string()),
        "after": change.new.map(|id| id.to_string()),
    })
}

async fn pull_of(
    host: &GitHost,
    call: &Call,
    wanted: Right,
) -> Result<(Repository, Right, Pull), ApiError> {
    let (repository, right) = of(host, call, wanted).await?;
    let number = call.path("number").parse().unwrap_or(0);
    let pull = host.pull(&repository, number).await?;
    Ok((repository, right, pull))
}

fn commit_id(text: &str) -> Result<Oid, ApiError> {
    parse_oid(text).ok_or_else(|| {
        ApiError::input(format!("{text:?} is not the id of a commit"))
            .accepted("40 hexadecimal digits")
    })
}

async fn list(host: GitHost, call: Call) -> Answer {
    let (repository, _) = of(&host, &call, Right::Read).await?;
    let state = call.query.choice("state", &["open", "closed", "merged"])?;
    let state = state.and_then(PullState::from_name);
    let before = call.query.integer("before", 1)?.unwrap_or(i64::MAX);
    let limit = call.query.integer("limit", 1)?.unwrap_or(PAGE).min(200);
    let limit = usize::try_from(limit).unwrap_or(1);
    let found = host
        .store()
        .pulls(&repository.id, state, (before, limit))
        .await?;
    let items: Vec<Value> = found
        .iter()
        .map(|pull| shown(&host, &repository, pull))
        .collect();
    Ok(Json(json!({ "items": items })).into_response())
}

async fn open(host: GitHost, call: Call) -> Answer {
    let (repository, _) = of(&host, &call, Right::Write).await?;
    let fields = call.object()?;
    let new = NewPull {
        title: required(&fields, "title")?,
        body: text(&fields, "body")?.unwrap_or_default(),
        head: required(&fields, "head")?,
        base: text(&fields, "base")?.unwrap_or_else(|| repository.default_branch.clone()),
    };
    let pull = host.open_pull((&repository, &call.caller), new).await?;
    Ok((StatusCode::CREATED, Json(shown(&host, &repository, &pull))).into_response())
}

async fn get(host: GitHost, call: Call) -> Answer {
    let (repository, _, pull) = pull_of(&host, &call, Right::Read).await?;
    let found = host.standing(&repository, &pull).await?;
    let mut body = shown(&host, &repository, &pull);
    if let Value::Object(fields) = &mut body {
        fields.insert("standing".to_owned(), standing(&found));
    }
    Ok(Json(body).into_response())
}

async fn edit(host: GitHost, call: Call) -> Answer {
    let (repository, right, pull) = pull_of(&host, &call, Right::Read).await?;
    let fields = call.object()?;
    let open = match text(&fields, "state")?.as_deref() {
        None => None,
        Some("open") => Some(true),
        Some("closed") => Some(false),
        Some(other) => {
            return Err(
                ApiError::input(format!("{other:?} is not a state")).accepted("open or closed")
            );
        }
    };
    let edit = (text(&fields, "title")?, text(&fields, "body")?, open);
    let changed = host
        .edit_pull((&repository, right, &call.caller), &pull, edit)
        .await?;
    Ok(Json(shown(&host, &repository, &changed)).into_response())
}

async fn files(host: GitHost, call: Call) -> Answer {
    let (repository, _, pull) = pull_of(&host, &call, Right::Read).await?;
    let changes = host.pull_changes(&repository, &pull).await?;
    let items: Vec<Value> = changes.iter().map(change_json).collect();
    Ok(Json(json!({ "items": items })).into_response())
}

async fn reviews(host: GitHost, call: Call) -> Answer {
    let (repository, _, pull) = pull_of(&host, &call, Right::Read).await?;
    let found = host.store().reviews(&repository.id, pull.number).await?;
    let items: Vec<Value> = found.iter().map(review_json).collect();
    Ok(Json(json!({ "items": items })).into_response())
}

async fn review(host: GitHost, call: Call) -> Answer {
    let (repository, right, pull) = pull_of(&host, &call, Right::Read).await?;
    let fields = call.object()?;
    let name = text(&fields, "verdict")?.unwrap_or_else(|| "comment".to_owned());
    let verdict = Verdict::from_name(&name).ok_or_else(|| {
        ApiError::input(format!("{name:?} is not a verdict"))
            .accepted("approve, request-changes or comment")
    })?;
    let place = text(&fields, "path")?.zip(fields.get("line").and_then(Value::as_i64));
    let body = text(&fields, "body")?.unwrap_or_default();
    let made = host
        .review(
            (&repository, right, &call.caller),
            &pull,
            (verdict, body, place),
        )
        .await?;
    Ok((StatusCode::CREATED, Json(review_json(&made))).into_response())
}

async fn merge(host: GitHost, call: Call) -> Answer {
    let (repository, _, pull) = pull_of(&host, &call, Right::Write).await?;
    let fields = if call.body.is_empty() {
        Map::new()
    } else {
        call.object()?
    };
    let name = text(&fields, "method")?.unwrap_or_else(|| "merge".to_owned());
    let method = Method::from_name(&name).ok_or_else(|| {
        ApiError::input(format!("{name:?} is not a way to merge"))
            .accepted("merge, squash or rebase")
    })?;
    let expected = text(&fields, "headCommit")?;
    let merging = Merging {
        method,
        expected: expected.as_deref().map(commit_id).transpose()?,
        message: text(&fields, "message")?,
        delete_branch: flag(&fields, "deleteBranch")?.unwrap_or(false),
    };
    let merged = host
        .merge((&repository, &call.caller), &pull, merging)
        .await?;
    Ok(Json(shown(&host, &repository, &merged)).into_response())
}

async fn checks(host: GitHost, call: Call) -> Answer {
    let (repository, _) = of(&host, &call, Right::Read).await?;
    let commit = commit_id(call.path("commit"))?;
    let found = host.store().checks(&repository.id, commit).await?;
    let items: Vec<Value> = found.iter().map(check_json).collect();
    Ok(Json(json!({ "items": items })).into_response())
}

async fn check(host: GitHost, call: Call) -> Answer {
    let (repository, _) = of(&host, &call, Right::Write).await?;
    let commit = commit_id(call.path("commit"))?;
    let fields = call.object()?;
    let state = required(&fields, "state")?;
    if !["pending", "success", "failure", "error"].contains(&state.as_str()) {
        return Err(
            ApiError::input(format!("{state:?} is not the state of a check"))
                .accepted("pending, success, failure or error"),
        );
    }
    let check = CheckRow {
        name: required(&fields, "name")?,
        state,
        description: text(&fields, "description")?.unwrap_or_default(),
        url: text(&fields, "url")?.unwrap_or_default(),
        updated_at: host.clock().now(),
    };
    let body = check_json(&check);
    host.check((&repository, &call.caller), (commit, check))
        .await?;
    Ok((StatusCode::CREATED, Json(body)).into_response())
}

/// The commit that `?ref=` names: a branch, a tag or an id; else the tip of
/// the default branch.
async fn named_commit(
    host: &GitHost,
    repository: &Repository,
    name: Option<&str>,
) -> Result<Oid, ApiError> {
    let refs = host.refs(repository).await?;
    let name = name.unwrap_or(&repository.default_branch);
    let found = [
        name.to_owned(),
        branch_ref(name),
        format!("refs/tags/{name}"),
    ]
    .iter()
    .find_map(|full| refs.get(full));
    let Some(id) = found.or_else(|| parse_oid(name)) else {
        return Err(ApiError::not_found(format!(
            "{} has no branch, tag or commit {name:?}",
            repository.name
        )));
    };
    let bare = host.bare(repository);
    blocking(move || bare.peel(id)).await?.map_err(explained)
}

async fn commits(host: GitHost, call: Call) -> Answer {
    let (repository, _) = of(&host, &call, Right::Read).await?;
    let tip = named_commit(&host, &repository, call.query.get("ref")).await?;
    let number = |value: Option<i64>, or: i64, most: i64| {
        usize::try_from(value.unwrap_or(or).min(most)).unwrap_or(0)
    };
    let skip = number(call.query.integer("skip", 0)?, 0, 1_000_000);
    let limit = number(call.query.integer("limit", 1)?, PAGE, 500);
    let bare = host.bare(&repository);
    let found = blocking(move || bare.log(tip, skip, limit)).await?;
    let items: Vec<Value> = found.map_err(explained)?.iter().map(commit_json).collect();
    Ok(Json(json!({ "items": items })).into_response())
}

fn edit_of(value: &Value) -> Result<FileEdit, ApiError> {
    let wrong = |what: &str| {
        ApiError::input(format!("request/body/files: {what}")).accepted(
            "files with `path` and `content` (text), `contentBase64` (bytes) or `remove: true`",
        )
    };
    let path = value.get("path").and_then(Value::as_str);
    let path = path.ok_or_else(|| wrong("a file has no path"))?;
    let good = path.len() <= 4_096
        && path.split('/').all(|part| {
            !part.is_empty() && !matches!(part, "." | "..") && !part.eq_ignore_ascii_case(".git")
        })
        && !path.contains(['\0', '\\']);
    if !good {
        return Err(wrong(&format!(
            "{path:?} is not a path inside a repository"
        )));
    }
    let content = if value.get("remove") == Some(&Value::Bool(true)) {
        None
    } else if let Some(text) = value.get("content").and_then(Value::as_str) {
        Some(text.as_bytes().to_vec())
    } else if let Some(text) = value.get("contentBase64").and_then(Value::as_str) {
        let bytes = STANDARD.decode(text.replace(['\n', '\r'], ""));
        Some(bytes.map_err(|_| wrong(&format!("{path}: contentBase64 is not base64")))?)
    } else {
        return Err(wrong(&format!("{path} has no content")));
    };
    if content
        .as_ref()
        .is_some_and(|content| content.len() > LARGEST_FILE)
    {
        return Err(ApiError::too_large(format!(
            "{path} is larger than {LARGEST_FILE} bytes"
        )));
    }
    Ok(FileEdit {
        path: path.to_owned(),
        content,
        executable: value.get("executable") == Some(&Value::Bool(true)),
    })
}

/// `POST …/commits`: one commit of some files, on a branch that is there or
/// new.
async fn commit(host: GitHost, call: Call) -> Answer {
    let (repository, right) = of(&host, &call, Right::Write).await?;
    writable(&repository)?;
    let fields = call.object()?;
    let branch = text(&fields, "branch")?.unwrap_or_else(|| repository.default_branch.clone());
    let command = forge::host::Command {
        name: branch_ref(&branch),
        old: None,
        new: None,
    };
    command.check_name().map_err(ApiError::input)?;
    let files = fields.get("files").and_then(Value::as_array);
    let files = files.map(Vec::as_slice).unwrap_or_default();
    if files.is_empty() || files.len() > MOST_FILES {
        return Err(ApiError::input(format!(
            "request/body/files must hold 1 to {MOST_FILES} files"
        )));
    }
    let edits = files.iter().map(edit_of).collect::<Result<Vec<_>, _>>()?;
    let refs = host.refs(&repository).await?;
    let old = refs.get(&branch_ref(&branch));
    let protections = host.store().protections(&repository.id).await?;
    if let (Some(_), Some(protection)) = (old, rules_of(&protections, &branch))
        && protection.rules.require_pull_request
        && (right < Right::Administer || protection.rules.enforce_admins)
    {
        return Err(ApiError::not_allowed(format!(
            "the protection of {} takes changes through pull requests only",
            protection.pattern
        ))
        .fix("commit to another branch and open a pull request"));
    }
    let parent = match text(&fields, "from")? {
        Some(from) if old.is_none() => Some(named_commit(&host, &repository, Some(&from)).await?),
        _ => old.or(refs.head_id()),
    };
    let message = required(&fields, "message")? + "\n";
    let making = signed(&call.caller, message, host.clock().now());
    let bare = host.bare(&repository);
    let tip = blocking(move || {
        let (tip, objects) = bare.commit_files(parent, &edits, &making)?;
        objects.keep(&bare, &[tip])?;
        Ok::<_, forge::host::Error>(tip)
    });
    let tip = tip.await?.map_err(explained)?;
    let change = RefChange {
        name: branch_ref(&branch),
        old,
        new: Some(tip),
    };
    let moved = move_refs(&host, (&repository, &call.caller), &[change], true).await?;
    for outcome in moved {
        outcome.map_err(|reason| ApiError::conflict(format!("{branch}: {reason}")))?;
    }
    let body = json!({ "commit": tip.to_string(), "branch": branch });
    Ok((StatusCode::CREATED, Json(body)).into_response())
}

/// `GET …/contents?path=&ref=`: a file, or what stands in a directory.
async fn contents(host: GitHost, call: Call) -> Answer {
    let (repository, _) = of(&host, &call, Right::Read).await?;
    let commit = named_commit(&host, &repository, call.query.get("ref")).await?;
    let path = call.query.get("path").unwrap_or_default();
    let path = path.trim_matches('/').to_owned();
    let bare = host.bare(&repository);
    let found = blocking(move || {
        let file = match path.as_str() {
            "" => None,
            _ => match bare.file(commit, &path, LARGEST_FILE) {
                Ok(found) => Some(found),
                Err(forge::host::Error::Missing(_)) => None,
                Err(error) => return Err(error),
            },
        };
        match file {
            Some((id, bytes)) => Ok(json!({
                "path": path,
                "commit": commit.to_string(),
                "type": "file",
                "id": id.to_string(),
                "size": bytes.len(),
                "contentBase64": STANDARD.encode(bytes),
            })),
            None => {
                let entries = bare.list(commit, &path)?;
                let entries: Vec<Value> = entries.iter().map(entry_json).collect();
                Ok(json!({
                    "path": path,
                    "commit": commit.to_string(),
                    "type": "directory",
                    "entries": entries,
                }))
            }
        }
    });
    Ok(Json(found.await?.map_err(explained)?).into_response())
}

fn entry_json(entry: &forge::host::Entry) -> Value {
    let sort = match entry.sort {
        Sort::Directory => "directory",
        Sort::Submodule => "submodule",
        Sort::File => "file",
        Sort::Executable => "executable",
        Sort::Link => "link",
    };
    json!({ "name": entry.name, "type": sort, "id": entry.id.to_string(), "size": entry.size })
}
