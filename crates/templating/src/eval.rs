//! Renders a tree.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::rc::Rc;

use serde_json::Value as Json;

use crate::ast::{Arguments, Expr, For, Kind, Macro, Node, Operator, Tree};
use crate::error::{Place, TemplateError};
use crate::limits::{self, Allowance, Budget, ITEMS};
use crate::scope::Scope;
use crate::value::{Callable, Value};
use crate::{Engine, checks, coerce, filters, globals, methods};

/// What went wrong, with the byte where.
#[derive(Debug)]
pub(crate) struct Fault {
    at: usize,
    message: String,
}

/// Gives an error of a value the place of its expression.
pub(crate) fn at<T>(expr: &Expr, result: Result<T, String>) -> Result<T, Fault> {
    result.map_err(|message| Fault {
        at: expr.at,
        message,
    })
}

/// The arguments of a call, evaluated.
#[derive(Clone, Debug, Default)]
pub(crate) struct Given {
    pub(crate) plain: Vec<Value>,
    pub(crate) named: Vec<(Rc<str>, Value)>,
}

impl Given {
    /// The argument at `index`, `undefined` when it is not there.
    pub(crate) fn get(&self, index: usize) -> Value {
        self.plain.get(index).cloned().unwrap_or(Value::Undefined)
    }
}

/// One rendering.
pub(crate) struct Run<'a> {
    pub(crate) engine: &'a Engine,
    /// What the caller gave, and what of it has been asked for.
    context: &'a Json,
    known: RefCell<HashMap<Rc<str>, Value>>,
    /// What the text has set at its top, which macros and blocks see too.
    exports: RefCell<HashMap<Rc<str>, Value>>,
    captured: RefCell<Vec<Value>>,
    pub(crate) budget: Rc<Budget>,
}

impl<'a> Run<'a> {
    pub(crate) fn new(engine: &'a Engine, context: &'a Json) -> Self {
        Self::on(engine, context, Budget::default())
    }

    /// Renders, and takes what that took from `allowance`.
    pub(crate) fn text_within(
        engine: &'a Engine,
        context: &'a Json,
        tree: &Tree,
        allowance: &Allowance,
    ) -> Result<String, TemplateError> {
        let run = Self::on(engine, context, Budget::within(allowance));
        let made = run.text(tree);
        run.budget.settle(allowance);
        made
    }

    fn on(engine: &'a Engine, context: &'a Json, budget: Budget) -> Self {
        Self {
            engine,
            context,
            known: RefCell::default(),
            exports: RefCell::default(),
            captured: RefCell::default(),
            budget: Rc::new(budget),
        }
    }

    pub(crate) fn text(&self, tree: &Tree) -> Result<String, TemplateError> {
        let mut out = String::new();
        let made = limits::metered(&self.budget, || {
            self.body(&tree.body, &Scope::top(), &mut out)
        });
        made.map(|()| out).map_err(|fault| located(tree, &fault))
    }

    pub(crate) fn value(&self, tree: &Tree) -> Result<Option<Json>, TemplateError> {
        let [Node::Output(expr)] = tree.body.as_slice() else {
            return self.text(tree).map(|text| Some(Json::String(text)));
        };
        // Without `else` an inline `if` is empty text, not nothing.
        let value = limits::metered(&self.budget, || {
            self.expr(expr, &Scope::top())
                .and_then(|value| at(expr, value.to_json()))
        });
        value.map_err(|fault| located(tree, &fault))
    }

    /// What the caller gave under this name.
    fn given_name(&self, name: &str) -> Option<Value> {
        if let Some(known) = self.known.borrow().get(name) {
            return Some(known.clone());
        }
        let value = Value::from_json(self.context.as_object()?.get(name)?);
        let mut known = self.known.borrow_mut();
        known.insert(Rc::from(name), value.clone());
        Some(value)
    }

    fn body(&self, nodes: &[Node], scope: &Scope, out: &mut String) -> Result<(), Fault> {
        for node in nodes {
            let deeper = self.budget.down();
            deeper.map_err(|message| Fault { at: 0, message })?;
            limits::with_stack(|| self.node(node, scope, out))?;
            self.budget.up();
        }
        Ok(())
    }

    /// What `nodes` make, as text of its own.
    fn capture(&self, nodes: &[Node], scope: &Scope) -> Result<Value, Fault> {
        let mut out = String::new();
        self.body(nodes, scope, &mut out)?;
        Ok(Value::Text(Rc::from(out)))
    }

    fn node(&self, node: &Node, scope: &Scope, out: &mut String) -> Result<(), Fault> {
        match node {
            Node::Text(text) => self.write(0, text, out),
            Node::Output(expr) => {
                let value = self.expr(expr, scope)?;
                let text = at(expr, coerce::output(&value))?;
                self.write(expr.at, &text, out)
            }
            Node::If { arms, otherwise } => {
                for (condition, body) in arms {
                    if coerce::truth(&self.expr(condition, scope)?) {
                        return self.body(body, scope, out);
                    }
                }
                self.body(otherwise, scope, out)
            }
            Node::For(each) => self.each(each, scope, out),
            Node::Set { names, value } => {
                let value = self.expr(value, scope)?;
                names.iter().for_each(|name| self.set(name, &value, scope));
                Ok(())
            }
            Node::SetBlock { names, body } => {
                let value = self.capture(body, &scope.inner())?;
                names.iter().for_each(|name| self.set(name, &value, scope));
                Ok(())
            }
            Node::Macro(made) => {
                let value = Value::Callable(Rc::new(Callable::Macro(Rc::clone(made))));
                self.set(&made.name, &value, scope);
                Ok(())
            }
            Node::Call { target, caller } => {
                let value = self.call_block(target, caller, scope)?;
                let text = at(target, coerce::output(&value))?;
                self.write(target.at, &text, out)
            }
            Node::Filter { filter, body } => {
                let caught = self.capture(body, scope)?;
                self.captured.borrow_mut().push(caught);
                let value = self.expr(filter, scope);
                self.captured.borrow_mut().pop();
                let text = at(filter, coerce::output(&value?))?;
                self.write(filter.at, &text, out)
            }
            Node::Switch {
                subject,
                cases,
                otherwise,
            } => {
                let subject = self.expr(subject, scope)?;
                for (index, (value, _)) in cases.iter().enumerate() {
                    if coerce::strictly_equal(&subject, &self.expr(value, scope)?) {
                        // An empty case falls through to the next.
                        let body = cases
                            .iter()
                            .skip(index)
                            .map(|(_, body)| body)
                            .find(|body| !body.is_empty());
                        return self.body(body.unwrap_or(otherwise), scope, out);
                    }
                }
                self.body(otherwise, scope, out)
            }
            Node::Block(body) => self.body(body, &Scope::default(), out),
        }
    }

    fn write(&self, place: usize, text: &str, out: &mut String) -> Result<(), Fault> {
        self.budget
            .work(1)
            .and_then(|()| self.budget.output(text.len()))
            .map_err(|message| Fault { at: place, message })?;
        out.push_str(text);
        Ok(())
    }

    fn set(&self, name: &Rc<str>, value: &Value, scope: &Scope) {
        scope.set(name, value.clone());
        if scope.is_top() {
            self.exports
                .borrow_mut()
                .insert(Rc::clone(name), value.clone());
        }
    }

    fn each(&self, each: &For, scope: &Scope, out: &mut String) -> Result<(), Fault> {
        let items = self.expr(&each.items, scope)?;
        let rounds = at(&each.items, rounds(&items, each.targets.len()))?;
        if rounds.is_empty() {
            return self.body(&each.otherwise, scope, out);
        }
        let inner = scope.inner();
        let count = rounds.len();
        let counter = Rc::from("loop");
        for (index, values) in rounds.into_iter().enumerate() {
            at(&each.items, self.budget.work(8))?;
            let mut values = values.into_iter();
            for target in &each.targets {
                inner.bind(target, values.next().unwrap_or(Value::Undefined));
            }
            inner.bind(&counter, loop_record(index, count));
            self.body(&each.body, &inner, out)?;
        }
        Ok(())
    }

    fn call_block(&self, target: &Expr, caller: &Rc<Macro>, scope: &Scope) -> Result<Value, Fault> {
        let Kind::Call(callee, arguments) = &target.kind else {
            return Ok(Value::Undefined);
        };
        let callable = self.expr(callee, scope)?;
        let mut given = self.given(arguments, scope)?;
        match &callable {
            Value::Callable(found) if matches!(**found, Callable::Macro(_)) => {}
            _ => {
                return at(callee, Err("`call` can only call a macro".to_owned()));
            }
        }
        let body = Callable::Caller(Rc::clone(caller), scope.clone());
        given
            .named
            .push((Rc::from("caller"), Value::Callable(Rc::new(body))));
        self.call(callee, &callable, given)
    }

    fn expr(&self, expr: &Expr, scope: &Scope) -> Result<Value, Fault> {
        at(expr, self.budget.work(1).and_then(|()| self.budget.down()))?;
        let value = limits::with_stack(|| self.shallow(expr, scope));
        self.budget.up();
        value
    }

    fn shallow(&self, expr: &Expr, scope: &Scope) -> Result<Value, Fault> {
        Ok(match &expr.kind {
            Kind::Null => Value::Null,
            Kind::Bool(truth) => Value::Bool(*truth),
            Kind::Number(number) => Value::Number(*number),
            Kind::Text(text) => Value::Text(Rc::clone(text)),
            Kind::Regex(regex) => Value::Regex(Rc::clone(regex)),
            Kind::Name(name) => self.lookup(name, scope),
            Kind::Captured => self
                .captured
                .borrow()
                .last()
                .cloned()
                .unwrap_or(Value::Undefined),
            Kind::List(items) => {
                let mut made = Vec::with_capacity(items.len());
                for item in items {
                    let value = self.expr(item, scope)?;
                    at(item, methods::keepable(&value))?;
                    made.push(value);
                }
                Value::list(made)
            }
            Kind::Record(entries) => self.record(entries, scope)?,
            Kind::Member(of, key) => {
                let (of, key_value) = (self.expr(of, scope)?, self.expr(key, scope)?);
                at(
                    key,
                    methods::member(&of, &key_value, self.engine.options.cookiecutter),
                )?
            }
            Kind::Slice(of, bounds) => self.slice(of, bounds, scope)?,
            Kind::Call(callee, arguments) => {
                let callable = self.expr(callee, scope)?;
                let given = self.given(arguments, scope)?;
                self.call(callee, &callable, given)?
            }
            Kind::Filter(name, of, arguments) => {
                at(expr, filters::exists(self.engine, name))?;
                let input = self.expr(of, scope)?;
                let given = self.given(arguments, scope)?;
                at(expr, filters::apply(self, name, input, &given))?
            }
            Kind::Is(of, name, arguments) => {
                let value = self.expr(of, scope)?;
                let given = self.given(arguments, scope)?;
                Value::Bool(at(expr, checks::holds(name, &value, &given))?)
            }
            Kind::Floor(of) => {
                let value = self.expr(of, scope)?;
                Value::Number(at(of, coerce::number(&value))?.floor())
            }
            Kind::Group(of) => self.expr(of, scope)?,
            Kind::Not(of) => Value::Bool(!coerce::truth(&self.expr(of, scope)?)),
            Kind::Minus(of) => {
                let value = self.expr(of, scope)?;
                Value::Number(-at(of, coerce::number(&value))?)
            }
            Kind::Plus(of) => {
                let value = self.expr(of, scope)?;
                Value::Number(at(of, coerce::number(&value))?)
            }
            Kind::And(left, right) => {
                let left = self.expr(left, scope)?;
                if coerce::truth(&left) {
                    self.expr(right, scope)?
                } else {
                    left
                }
            }
            Kind::Or(left, right) => {
                let left = self.expr(left, scope)?;
                if coerce::truth(&left) {
                    left
                } else {
                    self.expr(right, scope)?
                }
            }
            Kind::In(left, right) => {
                let (part, whole) = (self.expr(left, scope)?, self.expr(right, scope)?);
                Value::Bool(at(expr, contains(&whole, &part))?)
            }
            Kind::Binary(operator, left, right) => {
                let (left, right) = (self.expr(left, scope)?, self.expr(right, scope)?);
                at(expr, binary(*operator, &left, &right))?
            }
            Kind::If(condition, yes, no) => {
                if coerce::truth(&self.expr(condition, scope)?) {
                    self.expr(yes, scope)?
                } else {
                    match no {
                        Some(no) => self.expr(no, scope)?,
                        None => Value::text(""),
                    }
                }
            }
        })
    }

    /// What a name stands for: what the text has set, then what the caller
    /// gave, then the language's functions.
    fn lookup(&self, name: &str, scope: &Scope) -> Value {
        scope
            .get(name)
            .or_else(|| self.exports.borrow().get(name).cloned())
            .or_else(|| self.given_name(name))
            .or_else(|| globals::named(self.engine, name))
            .unwrap_or(Value::Undefined)
    }

    fn record(&self, entries: &[(Expr, Expr)], scope: &Scope) -> Result<Value, Fault> {
        let mut made = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let key_value = self.expr(key, scope)?;
            let kept = self.expr(value, scope)?;
            at(value, methods::keepable(&kept))?;
            made.push((at(key, coerce::text(&key_value))?, kept));
        }
        Ok(Value::record(made))
    }

    fn slice(
        &self,
        of: &Expr,
        bounds: &[Option<Box<Expr>>; 3],
        scope: &Scope,
    ) -> Result<Value, Fault> {
        let value = self.expr(of, scope)?;
        let mut numbers = [None; 3];
        for (number, bound) in numbers.iter_mut().zip(bounds) {
            if let Some(bound) = bound {
                let value = self.expr(bound, scope)?;
                if !value.is_missing() {
                    *number = Some(coerce::whole(at(bound, coerce::number(&value))?));
                }
            }
        }
        at(of, methods::slice(&value, numbers))
    }

    fn given(&self, arguments: &Arguments, scope: &Scope) -> Result<Given, Fault> {
        let plain: Result<Vec<_>, _> = arguments
            .plain
            .iter()
            .map(|argument| self.expr(argument, scope))
            .collect();
        let named: Result<Vec<_>, Fault> = arguments
            .named
            .iter()
            .map(|(name, value)| Ok((Rc::clone(name), self.expr(value, scope)?)))
            .collect();
        Ok(Given {
            plain: plain?,
            named: named?,
        })
    }

    fn call(&self, callee: &Expr, callable: &Value, given: Given) -> Result<Value, Fault> {
        let Value::Callable(callable) = callable else {
            let name = path(callee).map_or_else(|| "this".to_owned(), |name| format!("`{name}`"));
            return at(
                callee,
                Err(format!(
                    "{name} is {} and cannot be called",
                    callable.kind()
                )),
            );
        };
        if !matches!(**callable, Callable::Macro(_) | Callable::Caller(..))
            && !given.named.is_empty()
        {
            return at(
                callee,
                Err("only macros take named arguments; give them in order".to_owned()),
            );
        }
        match &**callable {
            Callable::Macro(made) => self.macro_call(made, given, &Scope::default()),
            Callable::Caller(made, scope) => self.macro_call(made, given, &scope.inner()),
            Callable::Method(of, name) => at(callee, methods::call(self, of, name, &given.plain)),
            Callable::Global(name) => at(callee, globals::call(self, name, &given.plain)),
            Callable::Registered(run) => {
                let arguments: Result<Vec<_>, String> =
                    given.plain.iter().map(Value::to_json).collect();
                let answer = at(callee, arguments.and_then(|arguments| run(&arguments)))?;
                Ok(answer.map_or(Value::Undefined, |value| Value::from_json(&value)))
            }
            Callable::Joiner(between, started) => {
                if started.replace(true) {
                    Ok(Value::Text(Rc::clone(between)))
                } else {
                    Ok(Value::text(""))
                }
            }
        }
    }

    /// Binds the arguments as Nunjucks does: names in order; what is missing
    /// from named arguments; what is left over to the names with defaults.
    fn macro_call(&self, made: &Macro, mut given: Given, scope: &Scope) -> Result<Value, Fault> {
        let mut plain = std::mem::take(&mut given.plain).into_iter();
        let mut named = |name: &str| {
            let found = given.named.iter().position(|(known, _)| **known == *name)?;
            Some(given.named.swap_remove(found).1)
        };
        for name in &made.plain {
            let value = plain.next().or_else(|| named(name));
            scope.bind(name, value.unwrap_or(Value::Undefined));
        }
        for (name, default) in &made.defaults {
            let value = match plain.next().or_else(|| named(name)) {
                Some(value) => value,
                None => self.expr(default, scope)?,
            };
            scope.bind(name, value);
        }
        if let Some(caller) = named("caller") {
            scope.bind(&Rc::from("caller"), caller);
        }
        let made = self.capture(&made.body, scope)?;
        Ok(made.as_text().cloned().map_or(made, Value::Safe))
    }
}

fn located(tree: &Tree, fault: &Fault) -> TemplateError {
    TemplateError::new(Place::of(&tree.source, fault.at), fault.message.clone())
}

/// `a.b.c` of an expression, for errors.
fn path(expr: &Expr) -> Option<String> {
    match &expr.kind {
        Kind::Name(name) => Some(name.to_string()),
        Kind::Member(of, key) => match &key.kind {
            Kind::Text(key) => Some(format!("{}.{key}", path(of)?)),
            _ => None,
        },
        _ => None,
    }
}

/// What each round of a loop binds.
fn rounds(items: &Value, targets: usize) -> Result<Vec<Vec<Value>>, String> {
    let count = match items {
        Value::List(items) => items.borrow().len(),
        Value::Record(record) => record.borrow().len(),
        Value::Text(text) | Value::Safe(text) => text.len(),
        _ => 0,
    };
    if count > ITEMS {
        return Err(format!("a loop over more than {ITEMS} items"));
    }
    let rounds: Vec<Vec<Value>> = match items {
        Value::List(items) => items
            .borrow()
            .iter()
            .map(|item| match item {
                Value::List(parts) if targets > 1 => {
                    parts.borrow().iter().take(targets).cloned().collect()
                }
                other => vec![other.clone()],
            })
            .collect(),
        Value::Record(record) if targets > 1 => record
            .borrow()
            .entries()
            .into_iter()
            .map(|(key, value)| vec![Value::Text(key), value])
            .collect(),
        Value::Text(text) | Value::Safe(text) => {
            let units: Vec<u16> = text.encode_utf16().collect();
            units
                .chunks(1)
                .enumerate()
                .map(|(index, unit)| {
                    let unit = Value::Text(coerce::utf16_part(unit, 0, 1));
                    #[expect(
                        clippy::cast_precision_loss,
                        reason = "texts are far shorter than 2^53"
                    )]
                    let index = Value::Number(index as f64);
                    if targets > 1 {
                        vec![index, unit]
                    } else {
                        vec![unit]
                    }
                })
                .collect()
        }
        _ => Vec::new(),
    };
    Ok(rounds)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "loops have at most a million rounds"
)]
fn loop_record(index: usize, count: usize) -> Value {
    let number = |number: usize| Value::Number(number as f64);
    let left = count - index;
    Value::record(
        [
            ("index", number(index + 1)),
            ("index0", number(index)),
            ("revindex", number(left)),
            ("revindex0", number(left - 1)),
            ("first", Value::Bool(index == 0)),
            ("last", Value::Bool(left == 1)),
            ("length", number(count)),
        ]
        .map(|(key, value)| (Rc::from(key), value)),
    )
}

/// `part in whole`.
fn contains(whole: &Value, part: &Value) -> Result<bool, String> {
    Ok(match whole {
        Value::List(items) => {
            limits::charge(items.borrow().len() / 8, 0)?;
            let items = items.borrow();
            items.iter().any(|item| coerce::strictly_equal(item, part))
        }
        Value::Record(record) => record.borrow().get(&coerce::text(part)?).is_some(),
        Value::Text(text) | Value::Safe(text) => {
            limits::charge_scan(text.len())?;
            text.contains(&*coerce::text(part)?)
        }
        other => {
            return Err(format!(
                "`in` looks into a list, an object or text, and this is {}",
                other.kind()
            ));
        }
    })
}

fn binary(operator: Operator, left: &Value, right: &Value) -> Result<Value, String> {
    let numbers = || Ok::<_, String>((coerce::number(left)?, coerce::number(right)?));
    let ordered = |wanted: &[Ordering]| {
        Ok::<_, String>(Value::Bool(
            coerce::compare(left, right)?.is_some_and(|order| wanted.contains(&order)),
        ))
    };
    Ok(match operator {
        Operator::Concat => coerce::joined(left, right)?,
        Operator::Add => coerce::add(left, right)?,
        Operator::Subtract => numbers().map(|(a, b)| Value::Number(a - b))?,
        Operator::Multiply => numbers().map(|(a, b)| Value::Number(a * b))?,
        Operator::Divide => numbers().map(|(a, b)| Value::Number(a / b))?,
        Operator::Remainder => numbers().map(|(a, b)| Value::Number(a % b))?,
        Operator::Power => numbers().map(|(a, b)| Value::Number(a.powf(b)))?,
        Operator::Equal => Value::Bool(coerce::loosely_equal(left, right)?),
        Operator::NotEqual => Value::Bool(!coerce::loosely_equal(left, right)?),
        Operator::Same => Value::Bool(coerce::strictly_equal(left, right)),
        Operator::NotSame => Value::Bool(!coerce::strictly_equal(left, right)),
        Operator::Less => ordered(&[Ordering::Less])?,
        Operator::LessEqual => ordered(&[Ordering::Less, Ordering::Equal])?,
        Operator::Greater => ordered(&[Ordering::Greater])?,
        Operator::GreaterEqual => ordered(&[Ordering::Greater, Ordering::Equal])?,
    })
}
