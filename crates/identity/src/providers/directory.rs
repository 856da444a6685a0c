//! What sign-in asks about people. Whoever keeps the catalog answers.

use async_trait::async_trait;
use model::entity_ref::EntityRef;
use platform::ApiError;

/// A user of the catalog, as far as sign-in compares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownUser {
    /// Its reference.
    pub user: EntityRef,
    /// `spec.profile.displayName`.
    pub display_name: Option<String>,
    /// `spec.profile.email`.
    pub email: Option<String>,
    /// `spec.profile.picture`.
    pub picture: Option<String>,
}

/// The users and groups of the catalog.
#[async_trait]
pub trait Directory: Send + Sync + 'static {
    /// The user with this reference.
    fn user(&self, user: &EntityRef) -> Option<KnownUser>;

    /// Every user with this email address, in any casing.
    fn users_with_email(&self, email: &str) -> Vec<EntityRef>;

    /// Every user whose annotation has this value, in any casing.
    fn users_with_annotation(&self, key: &str, value: &str) -> Vec<EntityRef>;

    /// Users to look for near names in, as many as are bearable.
    fn users(&self) -> Vec<KnownUser>;

    /// Whether there is a group with this reference.
    fn has_group(&self, group: &EntityRef) -> bool;

    /// Takes over the users that were made just in time and waits until they
    /// can be found.
    ///
    /// # Errors
    /// When the catalog could not do it.
    async fn take_over_newcomers(&self) -> Result<(), ApiError>;
}
