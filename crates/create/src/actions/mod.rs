//! The actions that come with Portway. `README.md` of this crate says how to
//! add one.

mod catalog;
mod debug;
mod fetch;
mod files;
mod roadie;

use ::catalog::Catalog;

use crate::action::StepAction;

/// All of them.
pub fn built_in(catalog: &Catalog) -> Vec<StepAction> {
    [
        fetch::actions(catalog),
        files::actions(),
        self::catalog::actions(catalog),
        debug::actions(),
        roadie::actions(),
    ]
    .concat()
}
