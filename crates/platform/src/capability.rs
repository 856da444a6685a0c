//! The socket that a capability crate fills in. The binary builds a
//! `Vec<Capability>`; menu, routes, actions, controllers, permissions and
//! doctor checks derive from it.

use std::sync::Arc;

use crate::action::Action;
use crate::actor::Permission;
use crate::controller::Controller;
use crate::doctor::Check;
use crate::http::Routes;

/// One vertical slice of Portway, as plain data.
#[derive(Debug)]
pub struct Capability {
    /// Short name, the crate's.
    pub name: &'static str,
    /// HTTP routes, API and pages.
    pub routes: Routes,
    /// Entries of the left rail.
    pub navigation: Vec<NavigationEntry>,
    /// What can be done.
    pub actions: Vec<Action>,
    /// What stays true.
    pub controllers: Vec<Arc<dyn Controller>>,
    /// Permissions that routes and actions use.
    pub permissions: &'static [Permission],
    /// What `portway doctor` asks.
    pub checks: Vec<Check>,
}

/// One line of the left rail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NavigationEntry {
    /// The group's message key, for example `nav-catalog`.
    pub group: &'static str,
    /// The entry's message key.
    pub label: &'static str,
    /// Where it leads.
    pub href: &'static str,
    /// Order within the rail, smallest first.
    pub order: u16,
    /// Shown to holders of this permission.
    pub permission: Permission,
}
