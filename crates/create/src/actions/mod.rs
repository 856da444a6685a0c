//! The actions that come with Portway. `README.md` of this crate says how to
//! add one.

mod debug;

use catalog::Catalog;

use crate::action::StepAction;

/// All of them.
pub fn built_in(_catalog: &Catalog) -> Vec<StepAction> {
    debug::actions()
}
