//! Which actions there are.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::action::{StepAction, StepError};

/// The actions that templates can use, by id.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    actions: BTreeMap<&'static str, Arc<StepAction>>,
}

impl Registry {
    /// These actions. Of two with one id the later one holds.
    pub fn new(actions: impl IntoIterator<Item = StepAction>) -> Self {
        let actions = actions
            .into_iter()
            .map(|action| (action.id, Arc::new(action)))
            .collect();
        Self { actions }
    }

    /// All actions, in the order of their ids.
    pub fn all(&self) -> impl Iterator<Item = &Arc<StepAction>> {
        self.actions.values()
    }

    /// The action of an id.
    ///
    /// # Errors
    /// Names the nearest id there is.
    pub fn get(&self, id: &str) -> Result<&Arc<StepAction>, StepError> {
        self.actions.get(id).ok_or_else(|| {
            let error =
                StepError::new(format!("Template action with ID '{id}' is not registered."));
            match model::nearest(id, self.actions.keys().copied()) {
                Some(near) => error.fixed_by(format!("write `{near}`")),
                None => {
                    error.fixed_by("GET /api/scaffolder/v2/actions lists the actions there are")
                }
            }
        })
    }
}
