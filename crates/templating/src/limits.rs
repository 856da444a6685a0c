//! How much one rendering may take.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

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

/// How many regular expressions one text may hold: each is compiled before
/// anything of the text runs.
pub(crate) const REGEXES: usize = 100;

/// Runs a step of a recursion with enough stack, whatever thread it is on.
pub(crate) fn with_stack<T>(step: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(128 * 1024, 1024 * 1024, step)
}

/// What several renderings may take together, such as those of all files of a
/// skeleton. Each of them is held to its own limits as well.
#[derive(Debug)]
pub struct Allowance {
    steps: Cell<usize>,
    bytes: Cell<usize>,
}

impl Allowance {
    /// So many steps (nodes evaluated, items made) and so many bytes of text,
    /// those included that are made on the way.
    pub fn new(steps: usize, bytes: usize) -> Self {
        Self {
            steps: Cell::new(steps),
            bytes: Cell::new(bytes),
        }
    }
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
    /// No more than is left of an allowance.
    pub(crate) fn within(allowance: &Allowance) -> Self {
        Self {
            work: Cell::new(WORK.min(allowance.steps.get())),
            output: Cell::new(OUTPUT.min(allowance.bytes.get())),
            depth: Cell::new(CALLS),
        }
    }

    /// Takes from an allowance what this budget, made within it, has lost.
    pub(crate) fn settle(&self, allowance: &Allowance) {
        let left = |whole: &Cell<usize>, most: usize, left: &Cell<usize>| {
            let used = most.min(whole.get()).saturating_sub(left.get());
            whole.set(whole.get().saturating_sub(used));
        };
        left(&allowance.steps, WORK, &self.work);
        left(&allowance.bytes, OUTPUT, &self.output);
    }

    /// Takes `steps` of the work that is left.
    pub(crate) fn work(&self, steps: usize) -> Result<(), String> {
        take(&self.work, steps)
            .ok_or_else(|| format!("this takes more steps than are left of {WORK}; loop over less"))
    }

    /// Takes `bytes` of the text that may still be made. Every text that an
    /// expression makes counts, also where it is not written out.
    pub(crate) fn output(&self, bytes: usize) -> Result<(), String> {
        self.room(bytes)?;
        self.output.set(self.output.get() - bytes);
        Ok(())
    }

    /// That a text of `bytes` may still be made: asked before one is put
    /// together whose parts are many times smaller.
    pub(crate) fn room(&self, bytes: usize) -> Result<(), String> {
        if bytes <= self.output.get() {
            return Ok(());
        }
        Err(format!(
            "this makes more text than is left of {} MiB",
            OUTPUT / 1024 / 1024
        ))
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

thread_local! {
    static METER: RefCell<Option<Rc<Budget>>> = const { RefCell::new(None) };
}

/// Does `work` on this budget, which [`charge`] then finds. Values are turned
/// into others in a hundred places deep inside of filters, comparisons and
/// methods: one that forgot to hand the budget down would have no end.
pub(crate) fn metered<T>(budget: &Rc<Budget>, work: impl FnOnce() -> T) -> T {
    struct Restore(Option<Rc<Budget>>);
    impl Drop for Restore {
        fn drop(&mut self) {
            METER.with(|meter| *meter.borrow_mut() = self.0.take());
        }
    }
    // A function that was registered may render a text of its own.
    let _before = Restore(METER.with(|meter| meter.borrow_mut().replace(Rc::clone(budget))));
    work()
}

/// Takes steps and bytes of text from the rendering of this thread.
pub(crate) fn charge(steps: usize, bytes: usize) -> Result<(), String> {
    METER.with(|meter| match &*meter.borrow() {
        Some(budget) => budget.work(steps).and_then(|()| budget.output(bytes)),
        None => Ok(()),
    })
}

/// Takes the steps that going through so many bytes of text costs.
pub(crate) fn charge_scan(bytes: usize) -> Result<(), String> {
    charge(bytes / 64, 0)
}

/// As [`Budget::room`].
pub(crate) fn charge_room(bytes: usize) -> Result<(), String> {
    METER.with(|meter| match &*meter.borrow() {
        Some(budget) => budget.room(bytes),
        None => Ok(()),
    })
}

fn take(left: &Cell<usize>, amount: usize) -> Option<()> {
    left.set(left.get().checked_sub(amount)?);
    Some(())
}
