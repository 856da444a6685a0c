//! The names of what happens to repositories: CDEvents where it has one, else
//! `dev.portway.git`. The subject is `git:<owner>/<name>`.

use platform::event::EventType;

/// Everything of ours that CDEvents does not name starts with this.
pub const PREFIX: &str = "dev.portway.git.";

/// A repository was made.
pub const REPOSITORY_CREATED: EventType = EventType("dev.cdevents.repository.created");
/// Its settings changed.
pub const REPOSITORY_MODIFIED: EventType = EventType("dev.cdevents.repository.modified");
/// It was removed with all that was in it.
pub const REPOSITORY_DELETED: EventType = EventType("dev.cdevents.repository.deleted");
/// A branch is new.
pub const BRANCH_CREATED: EventType = EventType("dev.cdevents.branch.created");
/// A branch is gone.
pub const BRANCH_DELETED: EventType = EventType("dev.cdevents.branch.deleted");
/// A branch names another commit.
pub const BRANCH_UPDATED: EventType = EventType("dev.portway.git.branch.updated");
/// A tag, or any other ref that is no branch, was made, moved or removed.
pub const REF_CHANGED: EventType = EventType("dev.portway.git.ref.changed");
/// A pull request was opened.
pub const CHANGE_CREATED: EventType = EventType("dev.cdevents.change.created");
/// A pull request has other commits, another title or description.
pub const CHANGE_UPDATED: EventType = EventType("dev.cdevents.change.updated");
/// Somebody reviewed a pull request, or commented on it.
pub const CHANGE_REVIEWED: EventType = EventType("dev.cdevents.change.reviewed");
/// A pull request was merged.
pub const CHANGE_MERGED: EventType = EventType("dev.cdevents.change.merged");
/// A pull request was closed without a merge.
pub const CHANGE_ABANDONED: EventType = EventType("dev.cdevents.change.abandoned");
/// A program said what it found out about a commit.
pub const CHECK_REPORTED: EventType = EventType("dev.portway.git.check.reported");
/// The rules of branches changed.
pub const PROTECTION_CHANGED: EventType = EventType("dev.portway.git.protection.changed");
/// Who works together on a repository changed.
pub const MEMBERS_CHANGED: EventType = EventType("dev.portway.git.members.changed");
