//! What may be allowed here, named as Backstage names it.

use platform::actor::{Permission, Verb};

/// Run a template.
pub const TASK_CREATE: Permission = Permission {
    name: "scaffolder.task.create",
    verb: Verb::Create,
};
/// See runs of templates: those of templates that one may see by this
/// permission, and one's own.
pub const TASK_READ: Permission = Permission {
    name: "scaffolder.task.read",
    verb: Verb::Read,
};
/// Cancel and retry one's own runs; everybody's with every permission.
pub const TASK_CANCEL: Permission = Permission {
    name: "scaffolder.task.cancel",
    verb: Verb::Update,
};
/// See the form of a template.
pub const PARAMETER_READ: Permission = Permission {
    name: "scaffolder.template.parameter.read",
    verb: Verb::Read,
};
/// See the steps of a template and of its runs.
pub const STEP_READ: Permission = Permission {
    name: "scaffolder.template.step.read",
    verb: Verb::Read,
};
/// Try a template out without changing anything outside.
pub const DRY_RUN: Permission = Permission {
    name: "scaffolder.template.dry-run",
    verb: Verb::Create,
};
/// Have the steps of a template executed.
pub const ACTION_EXECUTE: Permission = Permission {
    name: "scaffolder.action.execute",
    verb: Verb::Create,
};

/// All of them.
pub const ALL: &[Permission] = &[
    TASK_CREATE,
    TASK_READ,
    TASK_CANCEL,
    PARAMETER_READ,
    STEP_READ,
    DRY_RUN,
    ACTION_EXECUTE,
];
