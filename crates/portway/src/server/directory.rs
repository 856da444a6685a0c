//! What sign-in asks of the catalog: users, groups, and to take over those
//! who were made just in time.

use std::sync::Arc;

use async_trait::async_trait;
use catalog::index::{EntityView, PageRequest, Start};
use catalog::{Catalog, Origin, ROSTER_LOCATION, Roster};
use identity::{Directory, Identity, KnownUser};
use model::entity_ref::EntityRef;
use model::location_ref::LocationRef;
use model::query::Predicate;
use platform::ApiError;
use serde_json::Value;

/// Users that near names are looked for in: comparing more takes longer than
/// somebody waits.
const COMPARED: usize = 20_000;
/// More users with one address are several, whoever they are.
const SEVERAL: usize = 10;

/// The catalog as sign-in sees it.
#[derive(Debug)]
pub(super) struct People(pub(super) Catalog);

impl People {
    fn list(&self, condition: Option<Predicate>, limit: usize) -> Vec<KnownUser> {
        let users = Predicate::equals("kind", "user");
        let index = self.0.model().index();
        let request = PageRequest {
            start: Start::all(Predicate::and(Some(users), condition)),
            visible: None,
            limit,
        };
        index
            .page(&request)
            .map(|page| page.items.into_iter().map(known).collect())
            .unwrap_or_default()
    }

    fn with(&self, key: &str, value: &str) -> Vec<EntityRef> {
        self.list(Some(Predicate::equals(key, value)), SEVERAL)
            .into_iter()
            .map(|user| user.user)
            .collect()
    }
}

fn known(view: EntityView<'_>) -> KnownUser {
    let entity: Value = serde_json::from_str(view.json()).unwrap_or_default();
    let text = |pointer: &str| {
        entity
            .pointer(pointer)
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    KnownUser {
        user: view.entity_ref().clone(),
        display_name: text("/spec/profile/displayName").or_else(|| text("/metadata/title")),
        email: text("/spec/profile/email"),
        picture: text("/spec/profile/picture"),
    }
}

#[async_trait]
impl Directory for People {
    fn user(&self, user: &EntityRef) -> Option<KnownUser> {
        (user.kind() == "user")
            .then(|| self.0.model().index().get(user).map(known))
            .flatten()
    }

    fn users_with_email(&self, email: &str) -> Vec<EntityRef> {
        self.with("spec.profile.email", email)
    }

    fn users_with_annotation(&self, key: &str, value: &str) -> Vec<EntityRef> {
        self.with(&format!("metadata.annotations.{key}"), value)
    }

    fn users(&self) -> Vec<KnownUser> {
        self.list(None, COMPARED)
    }

    fn has_group(&self, group: &EntityRef) -> bool {
        self.0.model().index().get(group).is_some()
    }

    async fn take_over_newcomers(&self) -> Result<(), ApiError> {
        self.0.read_roster().await.map(|_| ())
    }
}

/// The users that identity has made, for the catalog to read.
#[derive(Debug)]
pub(super) struct Newcomers(pub(super) Arc<Identity>);

#[async_trait]
impl Roster for Newcomers {
    async fn people(&self) -> Result<Vec<Value>, String> {
        self.0.newcomers().await.map_err(|error| error.to_string())
    }
}

/// The source that stands for users made just in time.
pub(super) fn roster_source() -> Option<(Origin, LocationRef)> {
    let (kind, target) = ROSTER_LOCATION;
    let location = LocationRef::new(kind, target).ok()?;
    Some((Origin::Provider(format!("{kind}:{target}")), location))
}
