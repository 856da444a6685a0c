//! The permissions of this crate. On a repository they are not enough by
//! themselves: see [`crate::Right`].

use platform::actor::{Permission, Verb};

/// Look at repositories, clone and fetch.
pub const READ: Permission = Permission {
    name: "git.repository.read",
    verb: Verb::Read,
};

/// Make a repository.
pub const CREATE: Permission = Permission {
    name: "git.repository.create",
    verb: Verb::Create,
};

/// Push, and work with pull requests.
pub const UPDATE: Permission = Permission {
    name: "git.repository.update",
    verb: Verb::Update,
};

/// Remove a repository.
pub const DELETE: Permission = Permission {
    name: "git.repository.delete",
    verb: Verb::Delete,
};

/// Do everything with every repository, whoever owns it.
pub const ADMINISTER: Permission = Permission {
    name: "git.repository.administer",
    verb: Verb::Update,
};

/// All of them.
pub const ALL: &[Permission] = &[READ, CREATE, UPDATE, DELETE, ADMINISTER];
