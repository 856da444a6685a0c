//! The socket that a capability crate fills in. The binary builds a
//! `Vec<Capability>`; menu, routes, actions, controllers, permissions and
//! doctor checks derive from it.

use std::sync::Arc;

use crate::action::Action;
use crate::actor::Permission;
use crate::controller::Controller;
use crate::doctor::Check;
use crate::http::{Access, Routes};

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

/// Something beside routes that people and programs meet, with who may: for the
/// test that asks for each as everybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Surface {
    /// What it is.
    pub sort: SurfaceSort,
    /// Its name: an address, an action, a topic.
    pub name: String,
    /// Who meets it.
    pub access: Access,
}

impl Surface {
    /// Something for the holders of a permission.
    pub fn needs(sort: SurfaceSort, name: impl Into<String>, permission: Permission) -> Self {
        Self {
            sort,
            name: name.into(),
            access: Access::Needs(permission),
        }
    }
}

/// The sorts of [`Surface`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SurfaceSort {
    /// An entry of the rail; the name is its address.
    Navigation,
    /// An action.
    Action,
    /// A card on the page of entities.
    Card,
    /// A tab on the page of entities; the name is the end of its address.
    Tab,
    /// A card on the home page.
    HomeCard,
    /// A topic of the stream that open pages follow.
    Topic,
    /// A sort of document that searches find.
    Collection,
    /// A check of the doctor.
    Check,
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
