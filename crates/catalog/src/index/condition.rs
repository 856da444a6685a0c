//! Conditions that mix predicates with text anywhere in them: what a written
//! query means. A [`ListRequest`](super::ListRequest) has at most one text;
//! here `or` and `not` may stand around several.

use model::query::{Predicate, fold_case};

use super::slots::SlotSet;
use super::{FullText, Index};

/// A condition on entities.
#[derive(Debug, Clone)]
pub enum Condition {
    /// Every one holds; true when there is none.
    All(Vec<Condition>),
    /// At least one holds; false when there is none.
    Any(Vec<Condition>),
    /// The inner one does not hold.
    Not(Box<Condition>),
    /// The predicate holds.
    Holds(Predicate),
    /// One of the fields contains the text; without fields, the uid.
    Contains(FullText),
}

impl Index {
    /// The entities that fulfil a condition.
    pub(super) fn meeting(&self, condition: &Condition) -> SlotSet {
        match condition {
            Condition::Holds(predicate) => self.matching(predicate),
            Condition::Contains(text) => self.with_text(text),
            Condition::Not(inner) => {
                let mut found = self.nodes.live.clone();
                found.subtract(&self.meeting(inner));
                found
            }
            Condition::All(list) => {
                let mut found = self.nodes.live.clone();
                for inner in list {
                    if found.is_empty() {
                        break;
                    }
                    match inner {
                        Condition::Not(inner) => found.subtract(&self.meeting(inner)),
                        _ => found.keep(&self.meeting(inner)),
                    }
                }
                found
            }
            Condition::Any(list) => {
                let mut found = SlotSet::with_room(self.nodes.room());
                for inner in list {
                    found.add(&self.meeting(inner));
                }
                found
            }
        }
    }

    fn with_text(&self, text: &FullText) -> SlotSet {
        let term = fold_case(text.term.trim());
        if term.is_empty() {
            return self.nodes.live.clone();
        }
        let fields: Vec<&str> = match &text.fields {
            Some(fields) => fields.iter().map(String::as_str).collect(),
            None => vec!["metadata.uid"],
        };
        let mut found = self.containing(&term, &fields);
        found.keep(&self.nodes.live);
        found
    }
}
