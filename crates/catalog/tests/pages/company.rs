//! A small company in a real catalog, and a browser that looks at it.

pub(crate) use testing::words;

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::from_fn;
use axum::response::Response;
use catalog::{LOCALES, Sockets, page_routes};
use identity::Identity;
use model::entity_ref::EntityRef;
use platform::ApiError;
use platform::actor::{Actor, ActorKind, Caller, Grants};
use platform::http::Gate;
use portal::{Nav, NavEntry, Portal};
use tower::ServiceExt;

use crate::world::World;

pub(crate) const ACME: &str = r##"apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: team-commerce, title: Team Commerce}
spec: {type: team, children: [], profile: {email: commerce@acme.example}}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: kim}
spec: {memberOf: [team-commerce], profile: {displayName: Kim Minji}}
---
apiVersion: backstage.io/v1alpha1
kind: Domain
metadata: {name: shop}
spec: {owner: team-commerce}
---
apiVersion: backstage.io/v1alpha1
kind: System
metadata: {name: checkout}
spec: {owner: team-commerce, domain: shop}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: order-service
  title: Orders
  description: Takes orders and drives them to delivery
  tags: [kotlin, tier-1]
  annotations:
    portway.dev/description.ko: 주문을 받아 배송까지 이끌어요
    github.com/project-slug: acme/order-service
    sonarqube.org/project-key: acme_orders
  links:
    - {url: "https://grafana.example/d/1", title: Dashboard, icon: dashboard}
    - {url: "javascript:alert(1)", title: Bad link}
spec:
  type: service
  lifecycle: production
  owner: team-commerce
  system: checkout
  dependsOn: ["resource:orders-db", "component:ghost"]
  providesApis: [orders-api]
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: checkout-web, description: The shop}
spec: {type: website, lifecycle: experimental, owner: team-commerce, system: checkout, dependsOn: ["component:order-service"]}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: lonely}
spec: {type: library, lifecycle: production, owner: team-gone}
---
apiVersion: backstage.io/v1alpha1
kind: Resource
metadata: {name: orders-db}
spec: {type: database, owner: team-commerce, system: checkout}
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata: {name: orders-api}
spec:
  type: openapi
  lifecycle: production
  owner: team-commerce
  system: checkout
  definition: |
    openapi: 3.1.0
    info: {title: Orders, version: 1.0.0}
    paths: {}
"##;

/// Recognises everybody as the same caller.
struct Everyone(Caller);

#[async_trait]
impl Gate for Everyone {
    async fn caller(&self, _parts: &Parts) -> Result<Caller, ApiError> {
        Ok(self.0.clone())
    }
}

/// The member of Team Commerce that the tests are.
pub(crate) fn kim() -> Caller {
    Caller {
        actor: Actor::new(ActorKind::User, "user:default/kim"),
        ownership: ["user:default/kim", "group:default/team-commerce"]
            .map(|name| EntityRef::parse(name, None, None).expect("a ref"))
            .into(),
        grants: Grants::All,
    }
}

/// The company with its pages.
pub(crate) struct Company {
    pub(crate) world: World,
    pub(crate) portal: Arc<Portal>,
    pub(crate) file: PathBuf,
    pub(crate) identity: Arc<Identity>,
    /// What other capabilities put on the pages; nothing at first.
    pub(crate) sockets: Sockets,
}

/// An answer.
pub(crate) struct Seen {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Company {
    pub(crate) async fn new() -> Self {
        Self::with(ACME).await
    }

    pub(crate) async fn with(text: &str) -> Self {
        let world = World::new().await;
        let file = world.write("acme.yaml", text);
        world.declare(&[&file]).await;
        let nav = Nav::default()
            .entry(
                "nav-catalog",
                NavEntry::new("catalog-nav-components", "/catalog?kind=component"),
            )
            .entry(
                "nav-catalog",
                NavEntry::new("catalog-nav-sources", "/sources"),
            );
        let portal = Portal::new(&LOCALES, nav, "Acme").expect("the messages are Fluent");
        Self {
            identity: world.identity().await,
            world,
            portal,
            file,
            sockets: Sockets::default(),
        }
    }

    pub(crate) async fn send(&self, caller: Caller, request: Request) -> Seen {
        let response = self.answer(caller, request).await;
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 1 << 24).await.expect("a body");
        Seen {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).expect("UTF-8"),
        }
    }

    /// An answer that may never end.
    pub(crate) async fn answer(&self, caller: Caller, request: Request) -> Response {
        let routes = page_routes(
            &self.world.catalog,
            &self.portal,
            (&self.identity, Arc::new(Everyone(caller))),
            self.sockets.clone(),
        );
        let router = routes.into_router().layer(from_fn(platform::http::finish));
        router.oneshot(request).await.expect("an answer")
    }

    pub(crate) async fn get(&self, path: &str) -> Seen {
        self.send(
            kim(),
            Request::get(path).body(Body::empty()).expect("a request"),
        )
        .await
    }

    /// A page that must be there, without texts that are missing.
    pub(crate) async fn page(&self, path: &str) -> String {
        let seen = self.get(path).await;
        assert_eq!(seen.status, StatusCode::OK, "{path}: {}", seen.text);
        assert!(
            seen.headers.contains_key(header::CONTENT_SECURITY_POLICY),
            "{path}"
        );
        assert!(seen.text.starts_with("<!doctype html>"), "{path}");
        assert_eq!(
            self.portal.texts().missing(),
            Vec::<String>::new(),
            "{path}"
        );
        seen.text
    }

    /// A page in Korean, chosen as a browser would.
    pub(crate) async fn korean(&self, path: &str) -> String {
        let request = Request::get(path)
            .header(header::ACCEPT_LANGUAGE, "ko-KR,ko;q=0.9")
            .body(Body::empty())
            .expect("a request");
        let seen = self.send(kim(), request).await;
        assert_eq!(seen.status, StatusCode::OK, "{path}: {}", seen.text);
        assert!(seen.text.contains(r#"<html lang="ko""#), "{path}");
        assert_eq!(
            self.portal.texts().missing(),
            Vec::<String>::new(),
            "{path}"
        );
        seen.text
    }

    /// A page of sources after nothing is being read any more.
    pub(crate) async fn settled(&self, path: &str) -> String {
        loop {
            let page = self.page(path).await;
            if !page.contains("Reading now") {
                return page;
            }
            tokio::task::yield_now().await;
        }
    }

    pub(crate) async fn post(&self, path: &str, form: &str) -> Seen {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form.to_owned()))
            .expect("a request");
        self.send(kim(), request).await
    }
}

/// Asserts that the texts are on the page, in this order.
#[track_caller]
pub(crate) fn in_order(words: &str, wanted: &[&str]) {
    let mut rest = words;
    for text in wanted {
        match rest.split_once(text) {
            Some((_, after)) => rest = after,
            None => panic!("`{text}` is not where it should be in: {words}"),
        }
    }
}
