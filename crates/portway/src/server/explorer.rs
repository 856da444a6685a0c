//! `/api-explorer`: our own OpenAPI document for people. Operations by group,
//! each with its permission, parameters, schemas, a curl line, and a form that
//! tries it out; all of it without script.

mod described;

use std::sync::{Arc, OnceLock};

use askama::Template;
use axum::body::Bytes;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use catalog::Catalog;
use platform::Clock;
use platform::actor::{Caller, Permission};
use platform::error::ApiError;
use platform::http::{Access, Gate, Routes};
use platform::request::Call;
use portal::ui::form::{Choice, Field, FieldKind, Form, Method as Sent};
use portal::ui::{Code, Crumbs, Html, Status, Syntax, Tone};
use portal::{ErrorPage, Page, Portal, View};

use described::{Described, Operation, Parameter};

/// Who may use it.
pub(super) const OPEN: Access =
    Access::Public("it describes the program, as /api/openapi.json does, and holds no content");
/// Operations proposed for a name that does not exist.
const MAX_NEAR: usize = 5;

/// What the pages work with.
#[derive(Clone)]
pub(super) struct Desk {
    catalog: Catalog,
    portal: Arc<Portal>,
    clock: Clock,
    /// The document; set once all routes are known.
    text: Arc<OnceLock<Bytes>>,
    described: Arc<OnceLock<Described>>,
    permissions: Arc<[Permission]>,
    url: Arc<str>,
}

impl Desk {
    /// `text` will hold the document, `url` is where programs reach it.
    pub(super) fn new(
        catalog: &Catalog,
        (portal, clock): (&Arc<Portal>, &Clock),
        text: &Arc<OnceLock<Bytes>>,
        permissions: Vec<Permission>,
        url: &str,
    ) -> Self {
        Self {
            catalog: catalog.clone(),
            portal: Arc::clone(portal),
            clock: clock.clone(),
            text: Arc::clone(text),
            described: Arc::default(),
            permissions: permissions.into(),
            url: url.trim_end_matches('/').into(),
        }
    }

    fn described(&self) -> &Described {
        self.described.get_or_init(|| {
            let text = self.text.get().cloned().unwrap_or_default();
            Described::read(&text)
        })
    }

    fn view(&self, call: &Call) -> View {
        catalog::page_view(&self.portal, call, self.clock.now(), &self.catalog).at("explorer-title")
    }

    fn may(&self, caller: &Caller, operation: &Operation) -> bool {
        operation.permission.as_ref().is_none_or(|name| {
            let permission = self.permissions.iter().find(|one| one.name == name);
            permission.is_some_and(|permission| caller.may(*permission))
        })
    }

    fn callable(&self, view: &View, caller: &Caller, operation: &Operation) -> Status {
        let (tone, text) = match &operation.permission {
            _ if self.may(caller, operation) => (Tone::Ok, view.t("explorer-callable").to_string()),
            Some(name) => (
                Tone::Neutral,
                view.t("explorer-needs")
                    .with("permission", name.as_str())
                    .to_string(),
            ),
            None => (Tone::Ok, view.t("explorer-callable").to_string()),
        };
        Status { tone, text }
    }
}

/// The list, one operation, and the door that tries it out.
pub(super) fn routes(desk: &Desk, gate: Arc<dyn Gate>) -> Routes {
    let (one, two, three) = (desk.clone(), desk.clone(), desk.clone());
    Routes::new(gate)
        .page(Method::GET, "/api-explorer", OPEN, move |call: Call| {
            let page = list(&one, &call);
            async move { Page::new(page) }
        })
        .page(
            Method::GET,
            "/api-explorer/{operation}",
            OPEN,
            move |call: Call| {
                let page = detail(&two, &call);
                async move { page }
            },
        )
        .page(
            Method::GET,
            "/api-explorer/{operation}/try",
            OPEN,
            move |call: Call| {
                let answer = try_out(&three, &call);
                async move { answer }
            },
        )
}

#[derive(Template)]
#[template(path = "portway/explorer.html")]
struct ListPage {
    crumbs: Crumbs,
    groups: Vec<Group>,
    total: usize,
    query: String,
    view: View,
}

struct Group {
    id: String,
    name: String,
    rows: Vec<Row>,
}

struct Row {
    summary: String,
    href: String,
    method: String,
    path: String,
    callable: Status,
}

fn list(desk: &Desk, call: &Call) -> ListPage {
    let view = desk.view(call);
    let query = call.query.get("q").unwrap_or_default().trim().to_owned();
    let needle = query.to_lowercase();
    let mut groups: Vec<Group> = Vec::new();
    let mut total = 0;
    for operation in desk.described().operations() {
        if !needle.is_empty() && !operation.holds(&needle) {
            continue;
        }
        total += 1;
        let row = Row {
            summary: operation.summary.clone(),
            href: operation.href(),
            method: operation.method.clone(),
            path: operation.path.clone(),
            callable: desk.callable(&view, &call.caller, operation),
        };
        match groups.iter_mut().find(|group| group.name == operation.tag) {
            Some(group) => group.rows.push(row),
            None => groups.push(Group {
                id: format!("group-{}", groups.len()),
                name: operation.tag.clone(),
                rows: vec![row],
            }),
        }
    }
    ListPage {
        crumbs: Crumbs::to(view.t("explorer-title").to_string()),
        groups,
        total,
        query,
        view,
    }
}

#[derive(Template)]
#[template(path = "portway/explorer-operation.html")]
struct OperationPage<'a> {
    crumbs: Crumbs,
    operation: &'a Operation,
    callable: Status,
    curl: Code,
    attempt: Option<Html>,
    body: Option<Code>,
    schemas: Vec<Code>,
    view: View,
}

fn detail(desk: &Desk, call: &Call) -> Response {
    let view = desk.view(call);
    let described = desk.described();
    let id = call.path("operation");
    let Some(operation) = described.operation(id) else {
        return unknown(view, described, id);
    };
    let callable = desk.callable(&view, &call.caller, operation);
    let attempt = (operation.method == "GET" && desk.may(&call.caller, operation))
        .then(|| attempt(&view, operation).html(&view));
    let json = |id: String, caption: String, text: String| Code {
        id,
        caption,
        text,
        syntax: Syntax::Json,
        ..Code::default()
    };
    let body = operation.body.as_ref().map(|body| {
        json(
            "body".to_owned(),
            view.t("explorer-body")
                .with("media", body.media.as_str())
                .to_string(),
            body.schema.clone(),
        )
    });
    let schemas = described
        .schemas_of(operation)
        .into_iter()
        .map(|(name, text)| json(format!("schema-{name}"), name, text))
        .collect();
    let page = OperationPage {
        crumbs: Crumbs::to(operation.summary.as_str())
            .via(view.t("explorer-title").to_string(), "/api-explorer"),
        curl: Code::command("curl", operation.curl(&desk.url)),
        operation,
        callable,
        attempt,
        body,
        schemas,
        view,
    };
    Page::new(page).into_response()
}

fn unknown(view: View, described: &Described, id: &str) -> Response {
    let what = view.t("explorer-unknown").with("name", id).to_string();
    let next = view.t("explorer-unknown-next").to_string();
    let mut page = ErrorPage::new(view, StatusCode::NOT_FOUND).next(next);
    page.what = what;
    for near in described.near(id).into_iter().take(MAX_NEAR) {
        page = page.link(format!("{} · {}", near.id, near.summary), near.href());
    }
    page.link("/api-explorer", "/api-explorer").into_response()
}

/// A form with one field for each parameter that an address can hold.
fn attempt(view: &View, operation: &Operation) -> Form {
    let mut form = Form::new(
        "try",
        format!("{}/try", operation.href()),
        view.t("explorer-send").to_string(),
    );
    form.method = Sent::Get;
    for parameter in &operation.parameters {
        let kind = if parameter.choices.is_empty() {
            FieldKind::text()
        } else {
            let none = (!parameter.required)
                .then(|| Choice::named("", view.t("explorer-any").to_string()));
            let choices = parameter.choices.iter().map(Choice::new);
            FieldKind::Select {
                choices: none.into_iter().chain(choices).collect(),
            }
        };
        if parameter.place == "header" {
            continue;
        }
        let field = Field::new(field_name(parameter), parameter.name.clone(), kind)
            .help(parameter.description.clone());
        form = form.field(if parameter.required {
            field.required()
        } else {
            field
        });
    }
    form
}

fn field_name(parameter: &Parameter) -> String {
    format!("{}.{}", parameter.place, parameter.name)
}

/// Puts the answers of the form into the address of the operation and goes there.
fn try_out(desk: &Desk, call: &Call) -> Result<Response, ApiError> {
    let id = call.path("operation");
    let operation = desk
        .described()
        .operation(id)
        .filter(|operation| operation.method == "GET")
        .ok_or_else(|| {
            ApiError::not_found(format!("There is no operation {id} that can be tried out"))
                .accepted("an operation with GET that /api-explorer lists")
        })?;
    let given = |parameter: &Parameter| {
        call.query
            .get(&field_name(parameter))
            .filter(|value| !value.is_empty())
    };
    let address = operation.address(given).map_err(|missing| {
        ApiError::input(format!("{missing} is missing"))
            .accepted(format!("a value for each parameter of {}", operation.path))
            .fix("go back and fill it in")
    })?;
    Ok(Redirect::to(&address).into_response())
}
