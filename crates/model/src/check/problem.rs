//! One reason why a document is no valid entity.

use serde_json::{Value, json};

use crate::diagnostic::Diagnostic;

/// The check that found a problem, in the order in which the checks run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// `apiVersion`, `kind`, `metadata` and `metadata.name` exist.
    Envelope,
    /// The fields that all kinds share have the right types and formats.
    Policy,
    /// The entity follows the schema of its kind.
    Kind,
    /// No known kind has this `kind` and `apiVersion`.
    Unrecognised,
    /// The references in relation fields can be read.
    Relations,
}

/// One reason why a document is no valid entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The check that found it.
    pub stage: Stage,
    /// JSON pointer to what is wrong; for a missing field, where it should be.
    pub pointer: String,
    /// Stable name of the rule.
    pub code: &'static str,
    /// What is wrong, in Backstage's words where it has some.
    pub message: String,
    /// What would be accepted.
    pub accepted: Option<String>,
    /// How to fix it.
    pub fix: Option<String>,
    /// The place to show instead of `pointer`: the mistyped field, for example.
    pub(super) shown_at: Option<String>,
    /// `kind:namespace/name` as Backstage prints it; empty in the envelope stage.
    pub(super) entity_ref: String,
    /// The part of Backstage that checks the kind.
    pub(super) processor: String,
    /// Name of the JavaScript error behind the message.
    pub(super) cause: &'static str,
}

impl Problem {
    /// The message with the prefix that Backstage's `validate-entity` and entity
    /// status show: `Policy check failed for …; caused by Error: …`.
    pub fn full_message(&self) -> String {
        match self.prefix() {
            Some(prefix) => format!("{prefix}; caused by {}: {}", self.cause, self.message),
            None => self.message.clone(),
        }
    }

    /// The error object of Backstage's `validate-entity` answer:
    /// `{name, message, cause?: {name, message}}`.
    pub fn to_backstage_json(&self) -> Value {
        match (self.stage, self.prefix()) {
            (Stage::Envelope, _) => json!({"name": self.cause, "message": self.message}),
            (_, Some(_)) => json!({
                "name": "InputError",
                "message": self.full_message(),
                "cause": {"name": self.cause, "message": self.message},
            }),
            (_, None) => json!({"name": "InputError", "message": self.message}),
        }
    }

    /// The problem as a diagnostic without a place in a file.
    pub fn into_diagnostic(self) -> Diagnostic {
        let mut diagnostic = Diagnostic::error(self.code, self.message).pointing_to(self.pointer);
        diagnostic.accepted = self.accepted;
        diagnostic.fix = self.fix;
        diagnostic
    }

    /// JSON pointer of the place to show.
    pub(super) fn place(&self) -> &str {
        self.shown_at.as_deref().unwrap_or(&self.pointer)
    }

    pub(super) fn is_at_or_below(&self, pointer: &str) -> bool {
        self.pointer
            .strip_prefix(pointer)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    pub(super) fn is_below_any(&self, pointers: &[String]) -> bool {
        pointers.iter().any(|pointer| self.is_at_or_below(pointer))
    }

    fn prefix(&self) -> Option<String> {
        match self.stage {
            Stage::Envelope | Stage::Unrecognised => None,
            Stage::Policy => Some(format!("Policy check failed for {}", self.entity_ref)),
            Stage::Kind => Some(format!(
                "Processor {} threw an error while validating the entity {}",
                self.processor, self.entity_ref
            )),
            Stage::Relations => Some(format!(
                "Processor {} threw an error while postprocessing",
                self.processor
            )),
        }
    }
}
