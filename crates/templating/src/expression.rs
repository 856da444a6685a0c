//! Expressions, in the order of binding that Nunjucks has.

use std::rc::Rc;

use crate::ast::{Arguments, Expr, Kind, Operator};
use crate::error::{Place, TemplateError};
use crate::limits::{self, DEPTH};
use crate::rebind;
use crate::regex::Regex;
use crate::scan::Inside;
use crate::token::{Token, What};

/// Reads expressions from the tokens of one tag.
pub(crate) struct Parser<'a> {
    source: &'a str,
    tokens: &'a [Token],
    next: usize,
    end: usize,
    depth: usize,
    /// `True`, `False` and `None` are literals.
    python: bool,
}

/// Names that JavaScript gives a meaning of its own. Templates could reach the
/// runtime through them once; they stay refused.
const RESERVED: [&str; 3] = ["constructor", "prototype", "__proto__"];

/// Left-associative operators, those that bind least first: the levels of
/// Nunjucks's grammar (`//` is the one without an operator of its own). What
/// they say is bound again by [`rebind`].
const LEVELS: [&[(&str, Option<Operator>)]; 9] = [
    &[
        ("==", Some(Operator::Equal)),
        ("===", Some(Operator::Same)),
        ("!=", Some(Operator::NotEqual)),
        ("!==", Some(Operator::NotSame)),
        ("<", Some(Operator::Less)),
        (">", Some(Operator::Greater)),
        ("<=", Some(Operator::LessEqual)),
        (">=", Some(Operator::GreaterEqual)),
    ],
    &[("~", Some(Operator::Concat))],
    &[("+", Some(Operator::Add))],
    &[("-", Some(Operator::Subtract))],
    &[("*", Some(Operator::Multiply))],
    &[("/", Some(Operator::Divide))],
    &[("//", None)],
    &[("%", Some(Operator::Remainder))],
    &[("**", Some(Operator::Power))],
];

type Parsed = Result<Expr, TemplateError>;

impl<'a> Parser<'a> {
    pub(crate) fn new(source: &'a str, inside: &'a Inside, python: bool) -> Self {
        Self {
            source,
            tokens: &inside.tokens,
            next: 0,
            end: inside.end,
            depth: 0,
            python,
        }
    }

    /// A whole expression.
    pub(crate) fn expression(&mut self) -> Parsed {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(self.wrong(format!("the expression nests more than {DEPTH} deep")));
        }
        let value = limits::with_stack(|| self.inline_if())?;
        self.depth -= 1;
        Ok(value)
    }

    fn inline_if(&mut self) -> Parsed {
        let value = self.whole()?;
        if !self.skip_name("if") {
            return Ok(value);
        }
        let condition = self.whole()?;
        let otherwise = if self.skip_name("else") {
            Some(Box::new(self.whole()?))
        } else {
            None
        };
        self.node(
            value.at,
            Kind::If(Box::new(condition), Box::new(value), otherwise),
        )
    }

    fn whole(&mut self) -> Parsed {
        let value = self.or()?;
        self.bound_again(value)
    }

    /// As JavaScript binds the operators, see [`rebind`].
    fn bound_again(&self, value: Expr) -> Parsed {
        rebind::rebind(value, &|at, kind| self.node(at, kind))
    }

    fn or(&mut self) -> Parsed {
        let mut left = self.and()?;
        while self.skip_name("or") {
            let right = self.and()?;
            left = self.node(left.at, Kind::Or(Box::new(left), Box::new(right)))?;
        }
        Ok(left)
    }

    fn and(&mut self) -> Parsed {
        let mut left = self.not()?;
        while self.skip_name("and") {
            let right = self.not()?;
            left = self.node(left.at, Kind::And(Box::new(left), Box::new(right)))?;
        }
        Ok(left)
    }

    fn not(&mut self) -> Parsed {
        let mut nots = Vec::new();
        while let Some(token) = self.tokens.get(self.next)
            && token.what == What::Name(Rc::from("not"))
        {
            nots.push(token.at);
            self.next += 1;
        }
        let mut value = self.membership()?;
        for at in nots.into_iter().rev() {
            value = self.node(at, Kind::Not(Box::new(value)))?;
        }
        Ok(value)
    }

    fn membership(&mut self) -> Parsed {
        let mut left = self.test()?;
        loop {
            let inverted = self.is_name(0, "not") && self.is_name(1, "in");
            if inverted {
                self.next += 1;
            }
            if !self.skip_name("in") {
                return Ok(left);
            }
            let right = self.test()?;
            let (left_side, right) = (self.bound_again(left)?, self.bound_again(right)?);
            left = left_side;
            left = self.node(left.at, Kind::In(Box::new(left), Box::new(right)))?;
            if inverted {
                left = self.node(left.at, Kind::Not(Box::new(left)))?;
            }
        }
    }

    fn test(&mut self) -> Parsed {
        let left = self.binary(0)?;
        if !self.skip_name("is") {
            return Ok(left);
        }
        let inverted = self.skip_name("not");
        let Some(Token {
            at,
            what: What::Name(name),
        }) = self.tokens.get(self.next)
        else {
            return Err(self.unexpected("the name of a test, such as `defined`"));
        };
        self.next += 1;
        let arguments = if self.is_sign("(") {
            self.arguments()?
        } else {
            Arguments::default()
        };
        let left = self.bound_again(left)?;
        let is = self.node(*at, Kind::Is(Box::new(left), Rc::clone(name), arguments))?;
        if inverted {
            return self.node(*at, Kind::Not(Box::new(is)));
        }
        Ok(is)
    }

    fn binary(&mut self, level: usize) -> Parsed {
        let Some(operators) = LEVELS.get(level) else {
            return self.unary(true);
        };
        let mut left = self.binary(level + 1)?;
        while let Some(Token {
            at,
            what: What::Sign(sign),
        }) = self.tokens.get(self.next)
            && let Some((_, operator)) = operators.iter().find(|(text, _)| text == sign)
        {
            self.next += 1;
            let right = self.binary(level + 1)?;
            left = match operator {
                // Functions in JavaScript, whose arguments stand apart.
                Some(Operator::Power) => {
                    let (base, exponent) = (self.bound_again(left)?, self.bound_again(right)?);
                    let kind = Kind::Binary(Operator::Power, Box::new(base), Box::new(exponent));
                    self.node(*at, kind)?
                }
                None => {
                    let kind = Kind::Binary(Operator::Divide, Box::new(left), Box::new(right));
                    let quotient = self.node(*at, kind)?;
                    let quotient = Box::new(self.bound_again(quotient)?);
                    self.node(*at, Kind::Floor(quotient))?
                }
                Some(operator) => self.node(
                    *at,
                    Kind::Binary(*operator, Box::new(left), Box::new(right)),
                )?,
            };
        }
        Ok(left)
    }

    fn unary(&mut self, filtered: bool) -> Parsed {
        let at = self.place();
        let value = if self.is_sign("-") || self.is_sign("+") {
            let minus = self.is_sign("-");
            self.next += 1;
            if self.is_sign(if minus { "-" } else { "+" }) {
                return Err(self.wrong("write parentheses between two signs".to_owned()));
            }
            let value = Box::new(self.unary(false)?);
            let kind = if minus {
                Kind::Minus(value)
            } else {
                Kind::Plus(value)
            };
            self.node(at, kind)?
        } else {
            let value = self.primary()?;
            self.postfix(value)?
        };
        if filtered {
            self.filters(value)
        } else {
            Ok(value)
        }
    }

    /// `value | one | two(3)`.
    pub(crate) fn filters(&mut self, mut value: Expr) -> Parsed {
        while self.skip_sign("|") {
            value = self.filter(value)?;
        }
        Ok(value)
    }

    /// A filter's name and arguments, applied to `value`.
    pub(crate) fn filter(&mut self, value: Expr) -> Parsed {
        let at = self.place();
        let mut name = self.name("the name of a filter")?.to_string();
        while self.skip_sign(".") {
            name.push('.');
            name.push_str(&self.name("the rest of the filter's name")?);
        }
        let arguments = if self.is_sign("(") {
            self.arguments()?
        } else {
            Arguments::default()
        };
        self.node(at, Kind::Filter(Rc::from(name), Box::new(value), arguments))
    }

    fn primary(&mut self) -> Parsed {
        let Some(token) = self.tokens.get(self.next) else {
            return Err(self.unexpected("a value"));
        };
        let kind = match &token.what {
            What::Text(text) => Kind::Text(Rc::clone(text)),
            What::Number(number) => Kind::Number(*number),
            What::Regex(source, flags) => Kind::Regex(Rc::new(
                Regex::new(source, flags).map_err(|message| self.wrong(message))?,
            )),
            What::Name(name) => match &**name {
                "true" => Kind::Bool(true),
                "false" => Kind::Bool(false),
                "none" | "null" => Kind::Null,
                "True" if self.python => Kind::Bool(true),
                "False" if self.python => Kind::Bool(false),
                "None" if self.python => Kind::Null,
                "if" | "else" | "and" | "or" | "in" | "is" => {
                    return Err(self.unexpected("a value"));
                }
                _ => {
                    self.allowed(name)?;
                    Kind::Name(Rc::clone(name))
                }
            },
            What::Sign("(") => return self.group(),
            What::Sign("[") => return self.list(),
            What::Sign("{") => return self.record(),
            What::Sign(_) => return Err(self.unexpected("a value")),
        };
        self.next += 1;
        self.node(token.at, kind)
    }

    /// `(a)`; of `(a, b)` the last counts, as in JavaScript.
    fn group(&mut self) -> Parsed {
        let at = self.place();
        self.next += 1;
        let mut value = self.expression()?;
        while self.skip_sign(",") {
            value = self.expression()?;
        }
        self.require(")")?;
        self.node(at, Kind::Group(Box::new(value)))
    }

    fn list(&mut self) -> Parsed {
        let at = self.place();
        self.next += 1;
        let mut items = Vec::new();
        if !self.is_sign("]") {
            items.push(self.expression()?);
            while self.skip_sign(",") {
                items.push(self.expression()?);
            }
        }
        self.require("]")?;
        self.node(at, Kind::List(items))
    }

    fn record(&mut self) -> Parsed {
        let at = self.place();
        self.next += 1;
        let mut entries = Vec::new();
        while !self.is_sign("}") {
            if !entries.is_empty() {
                self.require(",")?;
            }
            let key = self.primary()?;
            // A bare word is the key itself, not the name of a value.
            let key = match key.kind {
                Kind::Name(name) => Expr {
                    kind: Kind::Text(name),
                    ..key
                },
                Kind::Text(_) => key,
                _ => {
                    return Err(TemplateError::new(
                        Place::of(self.source, key.at),
                        "the key of an object is a name, or text in quotes",
                    ));
                }
            };
            self.require(":")?;
            entries.push((key, self.expression()?));
        }
        self.require("}")?;
        self.node(at, Kind::Record(entries))
    }

    /// `.name`, `[key]`, `[from:to:step]` and `(…)` behind a value.
    pub(crate) fn postfix(&mut self, mut value: Expr) -> Parsed {
        loop {
            let at = self.place();
            if self.skip_sign(".") {
                let key_at = self.place();
                let name = self.name("a name")?;
                self.allowed_at(key_at, &name)?;
                let key = self.node(key_at, Kind::Text(name))?;
                value = self.node(value.at, Kind::Member(Box::new(value), Box::new(key)))?;
            } else if self.is_sign("(") {
                let arguments = self.arguments()?;
                value = self.node(value.at, Kind::Call(Box::new(value), arguments))?;
            } else if self.skip_sign("[") {
                value = self.subscript(value, at)?;
            } else {
                return Ok(value);
            }
        }
    }

    fn subscript(&mut self, value: Expr, at: usize) -> Parsed {
        let mut bounds: [Option<Box<Expr>>; 3] = [None, None, None];
        let mut colons = 0;
        loop {
            if self.is_sign("]") {
                break;
            }
            if self.skip_sign(":") {
                colons += 1;
                if colons > 2 {
                    return Err(self.unexpected("`]`"));
                }
                continue;
            }
            match bounds.get_mut(colons) {
                Some(bound @ None) => *bound = Some(Box::new(self.expression()?)),
                _ => return Err(self.unexpected("`]`")),
            }
        }
        self.require("]")?;
        if colons > 0 {
            return self.node(at, Kind::Slice(Box::new(value), bounds));
        }
        let [Some(key), ..] = bounds else {
            return Err(self.unexpected("an index or a key in `[]`"));
        };
        if let Kind::Text(name) = &key.kind {
            self.allowed_at(key.at, name)?;
        }
        self.node(value.at, Kind::Member(Box::new(value), key))
    }

    fn arguments(&mut self) -> Result<Arguments, TemplateError> {
        self.require("(")?;
        let mut arguments = Arguments::default();
        let mut first = true;
        while !self.is_sign(")") {
            if !std::mem::take(&mut first) {
                self.require(",")?;
            }
            let named = matches!(
                self.tokens.get(self.next + 1),
                Some(Token {
                    what: What::Sign("="),
                    ..
                })
            );
            match self.tokens.get(self.next) {
                Some(Token {
                    what: What::Name(name),
                    ..
                }) if named => {
                    self.allowed(name)?;
                    self.next += 2;
                    arguments.named.push((Rc::clone(name), self.expression()?));
                }
                _ => arguments.plain.push(self.expression()?),
            }
        }
        self.require(")")?;
        Ok(arguments)
    }

    /// The names and defaults of a macro: `(a, b=1)`.
    #[expect(
        clippy::type_complexity,
        reason = "names, and names with their defaults; used in one place"
    )]
    pub(crate) fn formals(
        &mut self,
    ) -> Result<(Vec<Rc<str>>, Vec<(Rc<str>, Expr)>), TemplateError> {
        let at = self.place();
        let arguments = self.arguments()?;
        let plain = arguments
            .plain
            .into_iter()
            .map(|formal| match formal.kind {
                Kind::Name(name) => Ok(name),
                _ => Err(TemplateError::new(
                    Place::of(self.source, at),
                    "a macro takes names, and names with a default such as `b=1`",
                )),
            })
            .collect::<Result<_, _>>()?;
        Ok((plain, arguments.named))
    }

    /// A node, if it does not nest too deep.
    fn node(&self, at: usize, kind: Kind) -> Parsed {
        let inner = kind.parts().into_iter().map(|part| part.depth).max();
        let depth = inner.unwrap_or_default() + 1;
        if depth > 2 * DEPTH {
            return Err(self.wrong(format!(
                "the expression has more than {} operations inside each other",
                2 * DEPTH
            )));
        }
        Ok(Expr { at, depth, kind })
    }

    fn allowed(&self, name: &str) -> Result<(), TemplateError> {
        self.allowed_at(self.place(), name)
    }

    fn allowed_at(&self, at: usize, name: &str) -> Result<(), TemplateError> {
        if RESERVED.contains(&name) {
            return Err(TemplateError::new(
                Place::of(self.source, at),
                format!("`{name}` is a reserved name"),
            ));
        }
        Ok(())
    }

    /// A name that may be given a value.
    pub(crate) fn target(&mut self, what: &str) -> Result<Rc<str>, TemplateError> {
        let at = self.place();
        let name = self.name(what)?;
        self.allowed_at(at, &name)?;
        Ok(name)
    }

    pub(crate) fn name(&mut self, what: &str) -> Result<Rc<str>, TemplateError> {
        match self.tokens.get(self.next).map(|token| &token.what) {
            Some(What::Name(name)) => {
                self.next += 1;
                Ok(Rc::clone(name))
            }
            _ => Err(self.unexpected(what)),
        }
    }

    fn is_name(&self, ahead: usize, name: &str) -> bool {
        matches!(self.tokens.get(self.next + ahead),
            Some(Token { what: What::Name(found), .. }) if **found == *name)
    }

    pub(crate) fn skip_name(&mut self, name: &str) -> bool {
        let found = self.is_name(0, name);
        self.next += usize::from(found);
        found
    }

    pub(crate) fn is_sign(&self, sign: &str) -> bool {
        matches!(self.tokens.get(self.next),
            Some(Token { what: What::Sign(found), .. }) if *found == sign)
    }

    pub(crate) fn skip_sign(&mut self, sign: &str) -> bool {
        let found = self.is_sign(sign);
        self.next += usize::from(found);
        found
    }

    pub(crate) fn require(&mut self, sign: &str) -> Result<(), TemplateError> {
        if self.skip_sign(sign) {
            return Ok(());
        }
        Err(self.unexpected(&format!("`{sign}`")))
    }

    /// That nothing is left in the tag.
    pub(crate) fn done(&self) -> Result<(), TemplateError> {
        if self.next < self.tokens.len() {
            return Err(self.unexpected("the end of the tag"));
        }
        Ok(())
    }

    pub(crate) fn is_done(&self) -> bool {
        self.next >= self.tokens.len()
    }

    fn place(&self) -> usize {
        self.tokens
            .get(self.next)
            .map_or(self.end, |token| token.at)
    }

    fn wrong(&self, message: String) -> TemplateError {
        TemplateError::new(Place::of(self.source, self.place()), message)
    }

    fn unexpected(&self, wanted: &str) -> TemplateError {
        let found = self.tokens.get(self.next).map_or_else(
            || "the tag ends".to_owned(),
            |token| format!("`{}` stands", token.what.shown()),
        );
        self.wrong(format!("{found} here where {wanted} is expected"))
    }
}
