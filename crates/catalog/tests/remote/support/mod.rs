//! What the tests stand on.

#[path = "../../setup/database.rs"]
mod database;
pub(crate) mod forge_json;
mod repo;
mod server;
mod world;

pub(crate) use database::{On, on_both_databases};
pub(crate) use repo::{Repo, many};
pub(crate) use server::{Fault, Server};
pub(crate) use world::{Data, Plan, World, body};

/// The catalog file of one component.
pub(crate) fn component(name: &str) -> String {
    format!(
        "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: {name}\nspec:\n  type: service\n  \
         lifecycle: production\n  owner: team-a\n"
    )
}

/// A Location file with these targets.
pub(crate) fn location(name: &str, targets: &[&str]) -> String {
    format!(
        "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata:\n  name: {name}\nspec:\n  targets: [{}]\n",
        targets
            .iter()
            .map(|target| format!("'{target}'"))
            .collect::<Vec<_>>()
            .join(", ")
    )
}

/// An API whose definition is a substitution.
pub(crate) fn api(name: &str, definition: &str) -> String {
    format!(
        "apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata:\n  name: {name}\nspec:\n  type: openapi\n  \
         lifecycle: production\n  owner: team-a\n  definition:\n    $text: {definition}\n"
    )
}
