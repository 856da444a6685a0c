//! Documentation for programs: TechDocs' own routes under `/api/techdocs`, and
//! `/api/v1/docs`.

use std::fmt::Write as _;
use std::future::Future;
use std::sync::Arc;

use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use catalog::permission::ENTITY_READ;
use model::entity_ref::EntityRef;
use platform::actor::Caller;
use platform::error::ApiError;
use platform::http::{Access, Gate, Routes};
use platform::openapi::{Operation, schema};
use platform::request::Call;
use serde_json::{Value, json};

use crate::files::{self, Reader};
use crate::markdown::Part;
use crate::named::{Named, named};
use crate::service::{Docs, Opened};
use crate::site::{NavItem, Site};

const READ: Access = Access::Needs(ENTITY_READ);
/// Where TechDocs' files lie.
const STATIC: &str = "/api/techdocs/static/docs";

type Answer = Result<Response, ApiError>;

/// The routes.
pub(crate) fn routes(docs: &Docs, gate: Arc<dyn Gate>) -> Routes {
    Routes::new(gate)
        .api(
            Method::GET,
            "/api/techdocs/metadata/techdocs/{namespace}/{kind}/{name}",
            READ,
            with(docs, metadata),
        )
        .describe(
            of_entity("getTechDocsMetadata", "What a documentation site is")
                .json(200, "Name, description, when it was built, its files", schema::any_object()),
        )
        .api(
            Method::GET,
            "/api/techdocs/metadata/entity/{namespace}/{kind}/{name}",
            READ,
            with(docs, entity_metadata),
        )
        .describe(
            of_entity("getTechDocsEntity", "The entity of a documentation site")
                .json(200, "The entity with `locationMetadata`", schema::any_object()),
        )
        .api(
            Method::GET,
            "/api/techdocs/sync/{namespace}/{kind}/{name}",
            READ,
            with(docs, sync),
        )
        .describe(
            of_entity("syncTechDocs", "Have documentation looked for again")
                .explained("Answers with server-sent events: `log` for each step, then `finish` with `updated`, or `error`.")
                .media(200, "Events until the end", "text/event-stream"),
        )
        .api(
            Method::GET,
            "/api/techdocs/static/docs/{namespace}/{kind}/{name}/{*path}",
            READ,
            with(docs, file),
        )
        .describe(
            of_entity("getTechDocsFile", "A file of a documentation site")
                .explained("`index.html` and the like are pages, `techdocs_metadata.json` and `search/search_index.json` what TechDocs writes, everything else a file of the docs folder. HTML, SVG and XML are sent as plain text.")
                .path("path", schema::text(), "The path of the file")
                .media(200, "The file", "text/plain"),
        )
        .api(
            Method::GET,
            "/api/v1/docs",
            READ,
            with(docs, list),
        )
        .describe(
            Operation::new("listDocs", "docs", "Every entity with documentation")
                .json(200, "The entities with name, pages and age of their documentation", schema::any_object()),
        )
        .api(
            Method::GET,
            "/api/v1/docs/{namespace}/{kind}/{name}",
            READ,
            with(docs, site),
        )
        .describe(
            of_entity("readDocs", "Navigation, pages and problems of a documentation site")
                .query("page", schema::text(), "A page's path, such as guide/setup.md: its headings and text as well")
                .query("q", schema::text(), "Words that a section has to contain: `found` lists them")
                .json(200, "The site", schema::any_object()),
        )
}

fn of_entity(id: &'static str, summary: &'static str) -> Operation {
    Operation::new(id, "docs", summary)
        .path("namespace", schema::text(), "The entity's namespace")
        .path("kind", schema::text(), "The entity's kind")
        .path("name", schema::text(), "The entity's name")
        .errors(&[404])
}

fn with<F>(
    docs: &Docs,
    answer: fn(Docs, Call) -> F,
) -> impl Fn(Call) -> F + Clone + Send + Sync + 'static
where
    F: Future<Output = Answer> + Send + 'static,
{
    let docs = docs.clone();
    move |call| answer(docs.clone(), call)
}

/// The entity that an address names.
///
/// # Errors
/// 400 for what is no ref.
pub(crate) fn ref_of(call: &Call) -> Result<EntityRef, ApiError> {
    let text = format!(
        "{}:{}/{}",
        call.path("kind"),
        call.path("namespace"),
        call.path("name")
    );
    EntityRef::parse(&text, None, None)
        .map_err(|error| ApiError::input(format!("{}: {error}", model::quoted(&text))))
}

/// The entity and its documentation, where the caller may see both.
pub(crate) async fn opened(
    docs: &Docs,
    caller: &Caller,
    entity_ref: &EntityRef,
) -> Result<(Value, Arc<Opened>), ApiError> {
    let entity = docs.entity(caller, entity_ref).ok_or_else(|| {
        ApiError::not_found(format!("No entity {entity_ref}"))
            .accepted("namespace, kind and name of an entity that the catalog has")
    })?;
    let opened = docs.open(caller, entity_ref, &entity).await?;
    Ok((entity, opened))
}

/// As [`opened`], where only a readable site counts.
async fn readable(
    docs: &Docs,
    call: &Call,
) -> Result<(EntityRef, Arc<Opened>, Arc<Site>), ApiError> {
    let entity_ref = ref_of(call)?;
    let (_, opened) = opened(docs, &call.caller, &entity_ref).await?;
    let site = opened.site.clone().ok_or_else(|| {
        let why = opened.failure.first();
        let message = why.map_or_else(String::new, ToString::to_string);
        let error = ApiError::not_found(format!(
            "The documentation of {entity_ref} cannot be read: {message}"
        ));
        match why.and_then(|why| why.fix.clone()) {
            Some(fix) => error.fix(fix),
            None => error,
        }
    })?;
    Ok((entity_ref, opened, site))
}

async fn metadata(docs: Docs, call: Call) -> Answer {
    let entity_ref = ref_of(&call)?;
    let (_, opened, site) = readable(&docs, &call).await.map_err(|mut error| {
        // As TechDocs says it; why stands in `fix`.
        if error.status == StatusCode::NOT_FOUND {
            let shown = format!(
                "{}:{}/{}",
                entity_ref.kind(),
                entity_ref.namespace(),
                entity_ref.name()
            );
            let why = std::mem::replace(
                &mut error.message,
                format!("Unable to get metadata for '{shown}'"),
            );
            error.fix = Some(match error.fix.take() {
                Some(fix) => format!("{why}; {fix}"),
                None => why,
            });
        }
        error
    })?;
    Ok(json_answer(&metadata_of(&site, &opened)))
}

fn metadata_of(site: &Site, opened: &Opened) -> Value {
    let pages = site.pages.values().map(|page| html_path(&page.url));
    let own = ["techdocs_metadata.json", "search/search_index.json"];
    let files: Vec<String> = pages
        .chain(own.iter().map(|file| (*file).to_owned()))
        .chain(site.assets.keys().cloned())
        .collect();
    json!({
        "site_name": site.name,
        // mkdocs writes the word when there is none.
        "site_description": site.description.as_deref().unwrap_or("None"),
        "etag": site.identity,
        "build_timestamp": opened.built_at.as_millisecond(),
        "files": files,
    })
}

/// The file that mkdocs would write for a page.
fn html_path(url: &str) -> String {
    if url.ends_with(".html") {
        url.to_owned()
    } else {
        format!("{url}index.html")
    }
}

async fn entity_metadata(docs: Docs, call: Call) -> Answer {
    let entity_ref = ref_of(&call)?;
    let mut entity = docs
        .entity(&call.caller, &entity_ref)
        .ok_or_else(|| ApiError::not_found(format!("Unable to get metadata for '{entity_ref}'")))?;
    let location = match named(&entity) {
        Named::Ref(reference) => {
            let found = docs.catalog().folder_of(&entity_ref, &reference).await?;
            let kind = reference.split(':').next().unwrap_or_default().to_owned();
            let target = match found.map(|found| found.folder) {
                Some(Ok(folder)) => folder.shown(),
                _ => reference
                    .split_once(':')
                    .map_or("", |(_, rest)| rest)
                    .to_owned(),
            };
            Some(
                json!({ "type": if kind == "dir" && target.contains("://") { "url" } else { &kind }, "target": target }),
            )
        }
        Named::Entity(_) | Named::Nothing(_) => None,
    };
    if let (Some(fields), Some(location)) = (entity.as_object_mut(), location) {
        fields.insert("locationMetadata".to_owned(), location);
    }
    Ok(json_answer(&entity))
}

/// What is done is done at once, so the stream has an end when it begins.
async fn sync(docs: Docs, call: Call) -> Answer {
    let entity_ref = ref_of(&call)?;
    let before = docs
        .summary(&entity_ref)
        .and_then(|summary| summary.changed_at);
    let mut text = String::new();
    let mut event = |name: &str, data: Value| {
        // Writing into a string cannot fail.
        let _ = write!(text, "event: {name}\ndata: {data}\n\n");
    };
    event(
        "log",
        json!(format!("Looking at the documentation of {entity_ref}")),
    );
    match opened(&docs, &call.caller, &entity_ref).await {
        Ok((_, opened)) => {
            for problem in &opened.failure {
                event("log", json!(problem.to_string()));
            }
            match &opened.site {
                Some(site) if opened.failure.is_empty() => {
                    event(
                        "log",
                        json!(format!(
                            "{} pages, {} other files",
                            site.pages.len(),
                            site.assets.len()
                        )),
                    );
                    event("finish", json!({ "updated": before != opened.changed_at }));
                }
                _ => {
                    let why = opened.failure.first().map(ToString::to_string);
                    event("error", json!(why.unwrap_or_default()));
                }
            }
        }
        Err(error) => event("error", json!(error.message)),
    }
    let mut response = Response::new(text.into());
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/event-stream"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(response)
}

async fn file(docs: Docs, call: Call) -> Answer {
    let (entity_ref, opened, site) = readable(&docs, &call).await?;
    let path = call.path("path");
    match path {
        "techdocs_metadata.json" => return Ok(json_answer(&metadata_of(&site, &opened))),
        "search/search_index.json" => return Ok(json_answer(&search_index(&site, &opened))),
        _ => {}
    }
    if let Some(asset) = site.assets.get(path) {
        return files::send(&site, asset, Reader::Client).await;
    }
    let key = path.ends_with(".html").then(|| site.at(path)).flatten();
    let Some(key) = key else {
        return Err(no_file(&site, path));
    };
    let key = key.to_owned();
    let base = static_base(&entity_ref);
    let page = docs.page(&site, &key, &base).await?;
    let title = site.pages.get(&key).map_or("", |page| page.title.as_str());
    let mut response = Response::new(whole_page(&site, title, &page.parts).into());
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, max-age=60"),
    );
    Ok(response)
}

fn static_base(entity_ref: &EntityRef) -> String {
    format!(
        "{STATIC}/{}/{}/{}",
        platform::request::encode(entity_ref.namespace()),
        platform::request::encode(entity_ref.kind()),
        platform::request::encode(entity_ref.name())
    )
}

fn no_file(site: &Site, path: &str) -> ApiError {
    let near = site.near(path.trim_end_matches("index.html"));
    let error = ApiError::not_found(format!(
        "The documentation has no file {}",
        model::quoted(path)
    ))
    .accepted("a path that `files` of its metadata lists");
    if near.is_empty() {
        error
    } else {
        error.fix(format!("perhaps {}", near.join(" or ")))
    }
}

/// A page as a file of its own, with the class that TechDocs' reader looks for.
fn whole_page(site: &Site, title: &str, parts: &[Part]) -> String {
    let escape = |text: &str| {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
    };
    let mut body = String::new();
    for part in parts {
        match part {
            Part::Html(html) => body.push_str(html),
            Part::Code { language, text, .. } => {
                let class: String = language
                    .chars()
                    .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '+' | '#'))
                    .collect();
                // Writing into a string cannot fail.
                let _ = writeln!(
                    body,
                    "<pre><code class=\"language-{class}\">{}</code></pre>",
                    escape(text)
                );
            }
        }
    }
    format!(
        "<!doctype html>\n<html>\n<head><meta charset=\"utf-8\"><title>{} - {}</title></head>\n<body>\n<div class=\"md-content\"><article class=\"md-content__inner md-typeset\">\n{body}\n</article></div>\n</body>\n</html>\n",
        escape(title),
        escape(&site.name),
    )
}

/// mkdocs' search_index.json.
fn search_index(site: &Site, opened: &Opened) -> Value {
    let docs = opened.sections.iter().filter_map(|found| {
        let page = site.pages.get(&found.key)?;
        let section = &found.section;
        let location = if section.id.is_empty() {
            page.url.clone()
        } else {
            format!("{}#{}", page.url, section.id)
        };
        let title = if section.title.is_empty() {
            &page.title
        } else {
            &section.title
        };
        Some(json!({ "location": location, "title": title, "text": section.text }))
    });
    json!({
        "config": { "lang": ["en"], "separator": "[\\s\\-]+", "pipeline": ["stopWordFilter"] },
        "docs": docs.collect::<Vec<_>>(),
    })
}

async fn list(docs: Docs, call: Call) -> Answer {
    let rows = docs.listed(&call.caller);
    let items: Vec<Value> = rows
        .iter()
        .map(|row| {
            let summary = row.summary.as_ref();
            json!({
                "ref": row.entity_ref.as_str(),
                "title": row.title,
                "owner": row.owner.as_ref().map(EntityRef::as_str),
                "site": summary.map(|summary| &summary.name),
                "description": summary.and_then(|summary| summary.description.as_ref()),
                "pages": summary.map(|summary| summary.pages),
                "changedAt": summary.and_then(|summary| summary.changed_at),
                "problems": summary.map(|summary| summary.problems),
                "failure": summary.and_then(|summary| summary.failure.as_ref()),
                "href": row.href,
            })
        })
        .collect();
    Ok(json_answer(&json!({ "items": items, "total": rows.len() })))
}

async fn site(docs: Docs, call: Call) -> Answer {
    let (entity_ref, opened, site) = readable(&docs, &call).await?;
    let base = crate::pages::base_of(&entity_ref);
    let mut body = json!({
        "ref": entity_ref.as_str(),
        "name": site.name,
        "description": site.description,
        "revision": site.folder.revision(),
        "changedAt": opened.changed_at,
        "builtAt": opened.built_at,
        "nav": site.nav.iter().map(|item| nav_json(&site, item, &base)).collect::<Vec<_>>(),
        "pages": site.pages.iter().map(|(key, page)| json!({
            "path": key,
            "title": page.title,
            "href": format!("{base}/{}", page.url),
            "listed": page.listed,
        })).collect::<Vec<_>>(),
        "problems": opened.failure.iter().chain(&site.problems).collect::<Vec<_>>(),
    });
    let fields = body.as_object_mut();
    if let (Some(fields), Some(words)) = (fields, call.query.get("q")) {
        let found = opened.find(words).into_iter().filter_map(|found| {
            let page = site.pages.get(&found.key)?;
            Some(json!({ "path": found.key, "title": page.title, "heading": found.section.title, "text": found.section.text }))
        });
        fields.insert("found".to_owned(), found.collect());
    }
    if let Some(wanted) = call.query.get("page") {
        let key = site
            .at(wanted)
            .ok_or_else(|| no_file(&site, wanted))?
            .to_owned();
        let page = docs.page(&site, &key, &base).await?;
        let headings: Vec<Value> = page
            .headings
            .iter()
            .map(
                |heading| json!({ "level": heading.level, "id": heading.id, "text": heading.text }),
            )
            .collect();
        let sections = page.sections.iter().map(
            |section| json!({ "id": section.id, "title": section.title, "text": section.text }),
        );
        if let Some(fields) = body.as_object_mut() {
            fields.insert(
                "page".to_owned(),
                json!({ "path": key, "headings": headings, "sections": sections.collect::<Vec<_>>(), "problems": page.problems }),
            );
        }
    }
    Ok(json_answer(&body))
}

fn nav_json(site: &Site, item: &NavItem, base: &str) -> Value {
    match item {
        NavItem::Page {
            title,
            key,
            missing,
        } => {
            let url = site
                .pages
                .get(key)
                .map(|page| format!("{base}/{}", page.url));
            json!({ "title": title, "path": key, "href": url, "missing": missing })
        }
        NavItem::Link { title, href } => json!({ "title": title, "href": href }),
        NavItem::Section { title, items } => {
            let items: Vec<Value> = items
                .iter()
                .map(|item| nav_json(site, item, base))
                .collect();
            json!({ "title": title, "items": items })
        }
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
