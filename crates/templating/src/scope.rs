//! Which names a place of the text sees.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::value::Value;

/// Names with their values, inside those of the surrounding block.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope(Rc<Frame>);

#[derive(Debug, Default)]
struct Frame {
    values: RefCell<HashMap<Rc<str>, Value>>,
    outer: Option<Scope>,
    /// Names set here can be seen by macros and blocks.
    top: bool,
}

impl Scope {
    /// The scope of the text itself.
    pub(crate) fn top() -> Self {
        Self(Rc::new(Frame {
            top: true,
            ..Frame::default()
        }))
    }

    /// A scope inside this one.
    pub(crate) fn inner(&self) -> Self {
        Self(Rc::new(Frame {
            outer: Some(self.clone()),
            ..Frame::default()
        }))
    }

    pub(crate) fn is_top(&self) -> bool {
        self.0.top
    }

    pub(crate) fn get(&self, name: &str) -> Option<Value> {
        let mut scope = Some(self);
        while let Some(Self(frame)) = scope {
            if let Some(value) = frame.values.borrow().get(name) {
                return Some(value.clone());
            }
            scope = frame.outer.as_ref();
        }
        None
    }

    /// Gives a name a value here.
    pub(crate) fn bind(&self, name: &Rc<str>, value: Value) {
        self.0.values.borrow_mut().insert(Rc::clone(name), value);
    }

    /// Gives a name a value where it has one already, or here.
    pub(crate) fn set(&self, name: &Rc<str>, value: Value) {
        let mut scope = Some(self);
        while let Some(Self(frame)) = scope {
            if let Some(slot) = frame.values.borrow_mut().get_mut(name) {
                *slot = value;
                return;
            }
            scope = frame.outer.as_ref();
        }
        self.bind(name, value);
    }
}
