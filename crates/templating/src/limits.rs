//! How much one rendering may take.

use std::cell::Cell;

/// The longest text that is read, in bytes.
pub(crate) const SOURCE: usize = 10 * 1024 * 1024;
/// How deep expressions, tags, values and calls may nest.
pub(crate) const DEPTH: usize = 100;
/// How deep the evaluation itself may go: every statement and every expression
/// inside another counts, over all macros that are being called.
const CALLS: usize = 400;
/// How many items one list may get.
pub(crate) const ITEMS: usize = 1_000_000;
/// The most text that one rendering may make, in bytes.
const OUTPUT: usize = 64 * 1024 * 1024;
/// How many steps one rendering may take: nodes evaluated, items made.
const WORK: usize = 10_000_000;

/// Runs a step of a recursion with enough stack, whatever thread it is on.
pub(crate) fn with_stack<T>(step: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(128 * 1024, 1024 * 1024, step)
}

/// What is left for this rendering.
#[derive(Debug)]
pub(crate) struct Budget {
    work: Cell<usize>,
    output: Cell<usize>,
    depth: Cell<usize>,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            work: Cell::new(WORK),
            output: Cell::new(OUTPUT),
            depth: Cell::new(CALLS),
        }
    }
}

impl Budget {
    /// Takes `steps` of the work that is left.
    pub(crate) fn work(&self, steps: usize) -> Result<(), String> {
        take(&self.work, steps)
            .ok_or_else(|| format!("this takes more than {WORK} steps; loop over less"))
    }

    /// Takes `bytes` of the text that may still be made. Every text that an
    /// expression makes counts, also where it is not written out.
    pub(crate) fn output(&self, bytes: usize) -> Result<(), String> {
        take(&self.output, bytes)
            .ok_or_else(|| format!("this makes more than {} MiB of text", OUTPUT / 1024 / 1024))
    }

    /// Goes one level deeper; [`Budget::up`] comes back.
    pub(crate) fn down(&self) -> Result<(), String> {
        take(&self.depth, 1)
            .ok_or_else(|| "macros call each other, or statements nest, too deep".to_owned())
    }

    /// Comes back from a level.
    pub(crate) fn up(&self) {
        self.depth.set(self.depth.get() + 1);
    }
}

fn take(left: &Cell<usize>, amount: usize) -> Option<()> {
    left.set(left.get().checked_sub(amount)?);
    Some(())
}
