//! The tree of a text, and what it uses.

use std::rc::Rc;

use crate::error::Place;
use crate::regex::Regex;
use crate::{Use, Uses};

/// A whole text.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) source: Rc<str>,
    pub(crate) body: Vec<Node>,
}

/// A statement or a piece of text.
#[derive(Debug)]
pub(crate) enum Node {
    Text(Rc<str>),
    Output(Expr),
    If {
        arms: Vec<(Expr, Vec<Node>)>,
        otherwise: Vec<Node>,
    },
    For(For),
    Set {
        names: Vec<Rc<str>>,
        value: Expr,
    },
    SetBlock {
        names: Vec<Rc<str>>,
        body: Vec<Node>,
    },
    Macro(Rc<Macro>),
    Call {
        target: Expr,
        caller: Rc<Macro>,
    },
    Filter {
        filter: Expr,
        body: Vec<Node>,
    },
    Switch {
        subject: Expr,
        cases: Vec<(Expr, Vec<Node>)>,
        otherwise: Vec<Node>,
    },
    Block(Vec<Node>),
}

/// `{% for … %}`.
#[derive(Debug)]
pub(crate) struct For {
    pub(crate) targets: Vec<Rc<str>>,
    pub(crate) items: Expr,
    pub(crate) body: Vec<Node>,
    pub(crate) otherwise: Vec<Node>,
}

/// `{% macro … %}`, and the body of `{% call … %}`.
#[derive(Debug)]
pub(crate) struct Macro {
    pub(crate) name: Rc<str>,
    pub(crate) plain: Vec<Rc<str>>,
    pub(crate) defaults: Vec<(Rc<str>, Expr)>,
    pub(crate) body: Vec<Node>,
}

/// An expression with the byte where it stands, or where its operator stands.
#[derive(Debug)]
pub(crate) struct Expr {
    pub(crate) at: usize,
    /// How deep it nests, itself counted.
    pub(crate) depth: usize,
    pub(crate) kind: Kind,
}

#[derive(Debug)]
pub(crate) enum Kind {
    Null,
    Bool(bool),
    Number(f64),
    Text(Rc<str>),
    Regex(Rc<Regex>),
    Name(Rc<str>),
    /// What a filter block has caught.
    Captured,
    List(Vec<Expr>),
    Record(Vec<(Expr, Expr)>),
    Member(Box<Expr>, Box<Expr>),
    Slice(Box<Expr>, [Option<Box<Expr>>; 3]),
    Call(Box<Expr>, Arguments),
    Filter(Rc<str>, Box<Expr>, Arguments),
    Is(Box<Expr>, Rc<str>, Arguments),
    /// What stood in parentheses.
    Group(Box<Expr>),
    Not(Box<Expr>),
    Minus(Box<Expr>),
    Plus(Box<Expr>),
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    In(Box<Expr>, Box<Expr>),
    Binary(Operator, Box<Expr>, Box<Expr>),
    /// The whole number below.
    Floor(Box<Expr>),
    If(Box<Expr>, Box<Expr>, Option<Box<Expr>>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Concat,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Power,
    Equal,
    NotEqual,
    Same,
    NotSame,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

/// What stands in the parentheses of a call.
#[derive(Debug, Default)]
pub(crate) struct Arguments {
    pub(crate) plain: Vec<Expr>,
    pub(crate) named: Vec<(Rc<str>, Expr)>,
}

impl Arguments {
    fn each(&self) -> impl Iterator<Item = &Expr> {
        self.plain
            .iter()
            .chain(self.named.iter().map(|(_, value)| value))
    }
}

impl Kind {
    /// The expressions directly inside.
    pub(crate) fn parts(&self) -> Vec<&Expr> {
        match self {
            Self::Null
            | Self::Bool(_)
            | Self::Number(_)
            | Self::Text(_)
            | Self::Regex(_)
            | Self::Name(_)
            | Self::Captured => Vec::new(),
            Self::List(items) => items.iter().collect(),
            Self::Record(entries) => entries.iter().flat_map(|(k, v)| [k, v]).collect(),
            Self::Slice(of, bounds) => {
                let bounds = bounds.iter().flatten().map(|bound| &**bound);
                std::iter::once(&**of).chain(bounds).collect()
            }
            Self::Call(of, arguments)
            | Self::Filter(_, of, arguments)
            | Self::Is(of, _, arguments) => {
                std::iter::once(&**of).chain(arguments.each()).collect()
            }
            Self::Group(of)
            | Self::Not(of)
            | Self::Minus(of)
            | Self::Plus(of)
            | Self::Floor(of) => vec![of],
            Self::Member(a, b)
            | Self::And(a, b)
            | Self::Or(a, b)
            | Self::In(a, b)
            | Self::Binary(_, a, b) => vec![a, b],
            Self::If(condition, yes, no) => {
                let mut parts: Vec<&Expr> = vec![condition, yes];
                parts.extend(no.as_deref());
                parts
            }
        }
    }
}

/// Lists what the text uses.
pub(crate) fn uses(tree: &Tree) -> Uses {
    let mut walk = Walk {
        source: &tree.source,
        bound: Vec::new(),
        found: Uses::default(),
    };
    walk.nodes(&tree.body);
    walk.found
}

struct Walk<'a> {
    source: &'a str,
    /// Names that the text itself gives a value.
    bound: Vec<Rc<str>>,
    found: Uses,
}

impl Walk<'_> {
    fn nodes(&mut self, nodes: &[Node]) {
        for node in nodes {
            self.node(node);
        }
    }

    fn node(&mut self, node: &Node) {
        match node {
            Node::Text(_) => {}
            Node::Output(value) => self.expr(value),
            Node::If { arms, otherwise } => {
                for (condition, body) in arms {
                    self.expr(condition);
                    self.nodes(body);
                }
                self.nodes(otherwise);
            }
            Node::For(each) => {
                self.expr(&each.items);
                let outer = self.bound.len();
                self.bound.extend(each.targets.iter().cloned());
                self.bound.push(Rc::from("loop"));
                self.nodes(&each.body);
                self.bound.truncate(outer);
                self.nodes(&each.otherwise);
            }
            Node::Set { names, value } => {
                self.expr(value);
                self.bound.extend(names.iter().cloned());
            }
            Node::SetBlock { names, body } => {
                self.nodes(body);
                self.bound.extend(names.iter().cloned());
            }
            Node::Macro(made) => {
                self.bound.push(Rc::clone(&made.name));
                self.macro_body(made);
            }
            Node::Call { target, caller } => {
                self.expr(target);
                self.macro_body(caller);
            }
            Node::Filter { filter, body } => {
                self.nodes(body);
                self.expr(filter);
            }
            Node::Switch {
                subject,
                cases,
                otherwise,
            } => {
                self.expr(subject);
                for (value, body) in cases {
                    self.expr(value);
                    self.nodes(body);
                }
                self.nodes(otherwise);
            }
            Node::Block(body) => self.nodes(body),
        }
    }

    fn macro_body(&mut self, made: &Macro) {
        let outer = self.bound.len();
        self.bound.extend(made.plain.iter().cloned());
        for (name, value) in &made.defaults {
            self.expr(value);
            self.bound.push(Rc::clone(name));
        }
        self.bound.push(Rc::from("caller"));
        self.nodes(&made.body);
        self.bound.truncate(outer);
    }

    fn expr(&mut self, expr: &Expr) {
        if let Some(path) = constant_path(expr) {
            let known = path
                .first()
                .is_some_and(|first| self.bound.iter().any(|name| **name == **first));
            if !known {
                let place = self.used(expr, path);
                self.found.paths.push(place);
            }
            return;
        }
        match &expr.kind {
            Kind::Filter(name, of, arguments) => {
                self.expr(of);
                let place = self.used(expr, name.to_string());
                self.found.filters.push(place);
                arguments.each().for_each(|argument| self.expr(argument));
            }
            Kind::Call(of, arguments) => {
                match &of.kind {
                    Kind::Name(name) if self.bound.contains(name) => {}
                    Kind::Name(name) => {
                        let place = self.used(of, name.to_string());
                        self.found.calls.push(place);
                    }
                    // The last part of `a.b.trim()` is a method of `a.b`.
                    Kind::Member(owner, _) => self.expr(owner),
                    _ => self.expr(of),
                }
                arguments.each().for_each(|argument| self.expr(argument));
            }
            kind => kind.parts().into_iter().for_each(|part| self.expr(part)),
        }
    }

    fn used<T>(&self, expr: &Expr, what: T) -> Use<T> {
        let place = Place::of(self.source, expr.at);
        Use {
            what,
            line: place.line,
            column: place.column,
        }
    }
}

/// `a.b['c']` as `["a", "b", "c"]`.
fn constant_path(expr: &Expr) -> Option<Vec<String>> {
    match &expr.kind {
        Kind::Name(name) => Some(vec![name.to_string()]),
        Kind::Member(of, key) => {
            let mut path = constant_path(of)?;
            match &key.kind {
                Kind::Text(key) => path.push(key.to_string()),
                Kind::Number(index) => path.push(crate::coerce::number_text(*index)),
                _ => return None,
            }
            Some(path)
        }
        _ => None,
    }
}
