//! Routes that declare who may use them.
//!
//! A [`Routes`] is an `axum::Router` that cannot hold a route without an
//! [`Access`]: deny by default is a matter of types, and [`Routes::table`]
//! lists every route for the test that calls each as everybody.

mod address;
mod body;
pub mod bounds;
mod class;
mod client;
pub mod cors;
mod credentials;
mod depth;
pub mod headers;
mod limits;
pub mod rates;

use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::extract::{OriginalUri, Request};
use axum::handler::Handler;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, on};
use serde_json::json;

use crate::actor::{Actor, Caller, Permission, Verb};
use crate::error::ApiError;
use crate::openapi::{Operation, Schemas};
use crate::origin::Origin;

pub use body::body_error;
pub use bounds::Bounds;
pub use client::{ClientAddress, TrustedProxies, client_address, network, note_client};
pub(crate) use depth::is_deeper_than;
pub use limits::Limits;

use class::RateClass;

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody, with the reason why that is safe.
    Public(&'static str),
    /// Holders of this permission.
    Needs(Permission),
}

/// Whom a route serves, which decides how errors look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface {
    /// Programs: errors are JSON.
    Api,
    /// People: errors are pages, and a missing sign-in leads to the sign-in page.
    Page,
}

/// Finds out who sends a request. Implemented by crate `identity`.
#[async_trait]
pub trait Gate: Send + Sync + 'static {
    /// The caller; [`Caller::anonymous`] without credentials; an error for
    /// credentials that are wrong.
    async fn caller(&self, parts: &Parts) -> Result<Caller, ApiError>;
}

/// One line of the route table.
#[derive(Clone, Debug)]
pub struct RouteInfo {
    /// The HTTP method.
    pub method: Method,
    /// The path pattern, as axum writes it.
    pub path: String,
    /// Who may use it.
    pub access: Access,
    /// Whom it serves.
    pub surface: Surface,
    /// What it takes and answers. Every route for programs has this.
    pub operation: Option<Operation>,
}

/// Routes with declared access.
pub struct Routes {
    router: Router,
    table: Vec<RouteInfo>,
    schemas: Schemas,
    gate: Arc<dyn Gate>,
}

impl std::fmt::Debug for Routes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Routes")
            .field("table", &self.table)
            .finish_non_exhaustive()
    }
}

impl Routes {
    /// No routes yet. `gate` recognises callers.
    pub fn new(gate: Arc<dyn Gate>) -> Self {
        Self {
            router: Router::new(),
            table: Vec::new(),
            schemas: Schemas::default(),
            gate,
        }
    }

    /// Adds a route for programs.
    #[must_use]
    pub fn api<H, T>(self, method: Method, path: &str, access: Access, handler: H) -> Self
    where
        H: Handler<T, ()>,
        T: 'static,
    {
        self.add(method, path, access, Surface::Api, handler)
    }

    /// Adds a page for people.
    #[must_use]
    pub fn page<H, T>(self, method: Method, path: &str, access: Access, handler: H) -> Self
    where
        H: Handler<T, ()>,
        T: 'static,
    {
        self.add(method, path, access, Surface::Page, handler)
    }

    fn add<H, T>(
        mut self,
        method: Method,
        path: &str,
        access: Access,
        surface: Surface,
        handler: H,
    ) -> Self
    where
        H: Handler<T, ()>,
        T: 'static,
    {
        let filter = MethodFilter::try_from(method.clone()).unwrap_or(MethodFilter::GET);
        let gate = Arc::clone(&self.gate);
        let reads = matches!(access, Access::Needs(needed) if needed.verb == Verb::Read);
        let door = Door {
            access,
            surface,
            class: RateClass::of(&method, path, reads),
        };
        let guard = from_fn(move |request: Request, next: Next| {
            let gate = Arc::clone(&gate);
            async move { door.admit(gate, request, next).await }
        });
        self.router = self.router.route(path, on(filter, handler).layer(guard));
        self.table.push(RouteInfo {
            method,
            path: path.to_owned(),
            access,
            surface,
            operation: None,
        });
        self
    }

    /// Describes the route that was added last.
    #[must_use]
    pub fn describe(mut self, operation: Operation) -> Self {
        if let Some(route) = self.table.last_mut() {
            route.operation = Some(operation);
        }
        self
    }

    /// Adds schemas that descriptions refer to by name.
    #[must_use]
    pub fn with_schemas(mut self, schemas: Schemas) -> Self {
        self.schemas.extend(schemas);
        self
    }

    /// Both sets of routes.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.table.extend(other.table);
        self.schemas.extend(other.schemas);
        self
    }

    /// The schemas that descriptions refer to by name.
    pub fn schemas(&self) -> &Schemas {
        &self.schemas
    }

    /// Every route with its access.
    pub fn table(&self) -> &[RouteInfo] {
        &self.table
    }

    /// The router, ready to be served under [`finish`].
    pub fn into_router(self) -> Router {
        self.router
    }
}

/// What stands before a route.
#[derive(Clone, Copy)]
struct Door {
    access: Access,
    surface: Surface,
    class: Option<RateClass>,
}

impl Door {
    async fn admit(self, gate: Arc<dyn Gate>, request: Request, next: Next) -> Response {
        let (mut parts, body) = request.into_parts();
        let bounds = parts.extensions.get::<Bounds>().cloned();
        let mut asked = Asked {
            origin: Origin::of(&parts),
            actor: None,
            permission: match self.access {
                Access::Needs(permission) => Some(permission.name),
                Access::Public(_) => None,
            },
            written: false,
        };
        let caller = match recognised(&*gate, bounds.as_ref(), &parts).await {
            Ok(caller) => caller,
            // A stale cookie must not lock anybody out of what is public.
            Err(_) if matches!(self.access, Access::Public(_)) => Caller::anonymous(),
            Err(response) => return self.marked(*response, asked),
        };
        asked.actor = Some(caller.actor.clone());
        let class = self.class;
        let standing = bounds.and_then(|bounds| bounds.count(class?, &caller, &parts));
        if let Some(standing) = standing.as_ref().filter(|standing| standing.is_refused()) {
            return self.marked(standing.refusal(), asked);
        }
        let allowed = match self.access {
            Access::Needs(permission) => caller.require(permission),
            Access::Public(_) => Ok(()),
        };
        let mut response = match allowed {
            Err(error) => error.into_response(),
            Ok(()) => {
                parts.extensions.insert(caller);
                let work = next.run(Request::from_parts(parts, body));
                let (response, written) = asked.origin.clone().answering(work).await;
                asked.written = written;
                response
            }
        };
        if let Some(standing) = standing {
            standing.describe(response.headers_mut());
        }
        self.marked(response, asked)
    }

    fn marked(self, response: Response, asked: Asked) -> Response {
        marked(response, self.surface, asked)
    }
}

/// Who sends the request; the answer where the credentials are wrong. Wrong
/// ones are counted, and where there were too many, others are not looked at.
async fn recognised(
    gate: &dyn Gate,
    bounds: Option<&Bounds>,
    parts: &Parts,
) -> Result<Caller, Box<Response>> {
    if let Some(standing) = bounds.and_then(|bounds| bounds.guessing(parts)) {
        return Err(Box::new(standing.refusal()));
    }
    let found = gate.caller(parts).await;
    match (&found, bounds) {
        (Ok(caller), Some(bounds)) if !caller.is_anonymous() => bounds.accept(parts),
        (Err(error), Some(bounds)) if error.status == StatusCode::UNAUTHORIZED => {
            bounds.count_refused(parts);
        }
        _ => {}
    }
    found.map_err(|error| Box::new(error.into_response()))
}

/// Who asked, from where, and what for: in the extensions of every answer, for
/// the audit trail.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Where the request came from.
    pub origin: Origin,
    /// Who asked; none where the credentials were refused.
    pub actor: Option<Actor>,
    /// The permission that the route needs.
    pub permission: Option<&'static str>,
    /// Whether the handler has written the refusal into the log itself.
    pub written: bool,
}

/// Tells [`finish`] and the portal's error pages whom the route serves.
#[derive(Clone, Copy, Debug)]
pub struct ServedBy(pub Surface);

fn marked(mut response: Response, surface: Surface, asked: Asked) -> Response {
    response.extensions_mut().insert(ServedBy(surface));
    response.extensions_mut().insert(asked);
    response
}

/// The outermost middleware: writes Backstage's error envelope for every
/// [`ApiError`] that no page layer has rendered, and logs internal causes.
pub async fn finish(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let uri = request
        .extensions()
        .get::<OriginalUri>()
        .map_or_else(|| request.uri().clone(), |original| original.0.clone());
    let request_id = request
        .headers()
        .get("x-request-id")
        .and_then(|id| id.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let mut response = next.run(request).await;
    let Some(error) = response.extensions_mut().remove::<ApiError>() else {
        // As Backstage says it; some clients compare the whole text.
        if response
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| kind == "application/json")
        {
            response.headers_mut().insert(header::CONTENT_TYPE, JSON);
        }
        return response;
    };
    let url = &*address::shown(&uri);
    // Being busy has no cause, and is said once in the figures instead of a
    // thousand times in the log.
    if error.internal.is_some() || error.status == StatusCode::INTERNAL_SERVER_ERROR {
        tracing::error!(http.url = url, request.id = request_id, cause = ?error.internal, "{method} {url} failed: {error}");
    }
    let mut answer = if class::is_git(uri.path()) {
        plain(&error)
    } else {
        envelope(&error, &method, url, &request_id)
    };
    carry_over(response.headers(), answer.headers_mut());
    answer
}

/// Takes along what a refusal says of rates to the answer that is made of it.
pub fn carry_over(refusal: &HeaderMap, answer: &mut HeaderMap) {
    for name in ["retry-after", "ratelimit", "ratelimit-policy"] {
        if let Some(value) = refusal.get(name) {
            answer.insert(name, value.clone());
        }
    }
}

const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// Backstage's `{error, request, response}`; `url` is given relative to the
/// plugin's mount, as Backstage does.
fn envelope(error: &ApiError, method: &Method, url: &str, request_id: &str) -> Response {
    let body = error.body.clone().unwrap_or_else(|| {
        let mut inner = json!({ "name": error.name, "message": error.message });
        if let Some(fields) = inner.as_object_mut() {
            for (key, value) in [("accepted", &error.accepted), ("fix", &error.fix)] {
                if let Some(value) = value {
                    fields.insert(key.to_owned(), value.clone().into());
                }
            }
            if let Some(decision) = &error.decision {
                fields.insert("decision".to_owned(), (**decision).clone());
            }
            if error.status.is_server_error() && !request_id.is_empty() {
                fields.insert("requestId".to_owned(), request_id.into());
            }
        }
        json!({
            "error": inner,
            "request": { "method": method.as_str(), "url": below_mount(url) },
            "response": { "statusCode": error.status.as_u16() },
        })
    });
    let mut response = (error.status, body.to_string()).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    if error.status == StatusCode::UNAUTHORIZED {
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

/// What Git shows to people: plain text; and asks for a password when told to.
fn plain(error: &ApiError) -> Response {
    let lines = [
        Some(&error.message),
        error.accepted.as_ref(),
        error.fix.as_ref(),
    ];
    let text: Vec<&str> = lines.into_iter().flatten().map(String::as_str).collect();
    let mut response = (error.status, text.join("\n") + "\n").into_response();
    if error.status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static("Basic realm=\"Portway\", charset=\"UTF-8\""),
        );
    }
    response
}

/// `/api/catalog/entities?x` is `/entities?x` to a Backstage client.
fn below_mount(url: &str) -> &str {
    url.strip_prefix("/api/")
        .and_then(|rest| rest.find('/').and_then(|at| rest.get(at..)))
        .unwrap_or(url)
}
