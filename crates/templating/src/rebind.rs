//! Binds operators as JavaScript does.
//!
//! Nunjucks parses operators with levels of its own, then writes them out as
//! JavaScript without parentheses, so that JavaScript decides in the end:
//! `not a == b` is `!a == b`, `5 * 3 % 4` is 3 and `'a' + 3 - 1` is NaN.
//! Templates rely on what comes out, not on what the grammar says. What becomes
//! a function in JavaScript (`//`, `**`, `in`, `is`, filters) keeps its
//! arguments to itself.

use crate::ast::{Expr, Kind, Operator};
use crate::error::TemplateError;

type Made = Result<Expr, TemplateError>;
type Node<'a> = &'a dyn Fn(usize, Kind) -> Made;

/// One piece of the JavaScript that would be written.
enum Piece {
    Operand(Expr),
    Not(usize),
    Operator(usize, Sign),
}

#[derive(Clone, Copy)]
enum Sign {
    And,
    Or,
    Binary(Operator),
}

impl Sign {
    /// How tight JavaScript binds it.
    fn binding(self) -> u8 {
        match self {
            Self::Or => 1,
            Self::And => 2,
            Self::Binary(operator) => match operator {
                Operator::Equal | Operator::NotEqual | Operator::Same | Operator::NotSame => 3,
                Operator::Less
                | Operator::LessEqual
                | Operator::Greater
                | Operator::GreaterEqual => 4,
                Operator::Concat | Operator::Add | Operator::Subtract => 5,
                Operator::Multiply | Operator::Divide | Operator::Remainder | Operator::Power => 6,
            },
        }
    }
}

/// The expression with its operators bound as in JavaScript. `node` makes a
/// node and refuses one that nests too deep.
pub(crate) fn rebind(expr: Expr, node: Node<'_>) -> Made {
    let mut pieces = Vec::new();
    flatten(expr, &mut pieces);
    let mut pieces = pieces.into_iter().peekable();
    climb(&mut pieces, 0, node)
}

/// Writes `expr` out, first to last.
fn flatten(expr: Expr, pieces: &mut Vec<Piece>) {
    let at = expr.at;
    let (sign, left, right) = match expr.kind {
        Kind::Or(left, right) => (Sign::Or, left, right),
        Kind::And(left, right) => (Sign::And, left, right),
        Kind::Binary(operator, left, right) if operator != Operator::Power => {
            (Sign::Binary(operator), left, right)
        }
        Kind::Not(of) => {
            pieces.push(Piece::Not(at));
            return flatten(*of, pieces);
        }
        kind => {
            return pieces.push(Piece::Operand(Expr { kind, ..expr }));
        }
    };
    flatten(*left, pieces);
    pieces.push(Piece::Operator(at, sign));
    flatten(*right, pieces);
}

type Pieces = std::iter::Peekable<std::vec::IntoIter<Piece>>;

/// Precedence climbing: reads operators that bind tighter than `floor`.
fn climb(pieces: &mut Pieces, floor: u8, node: Node<'_>) -> Made {
    let mut left = operand(pieces, node)?;
    while let Some(Piece::Operator(at, sign)) = pieces.peek() {
        let (at, sign) = (*at, *sign);
        if sign.binding() <= floor {
            break;
        }
        pieces.next();
        let right = Box::new(climb(pieces, sign.binding(), node)?);
        let kind = match sign {
            Sign::Or => Kind::Or(Box::new(left), right),
            Sign::And => Kind::And(Box::new(left), right),
            Sign::Binary(operator) => Kind::Binary(operator, Box::new(left), right),
        };
        left = node(at, kind)?;
    }
    Ok(left)
}

fn operand(pieces: &mut Pieces, node: Node<'_>) -> Made {
    match pieces.next() {
        Some(Piece::Not(at)) => {
            let of = operand(pieces, node)?;
            node(at, Kind::Not(Box::new(of)))
        }
        Some(Piece::Operand(expr)) => Ok(expr),
        // Flattening puts an operand on both sides of each operator.
        Some(Piece::Operator(at, _)) => node(at, Kind::Null),
        None => node(0, Kind::Null),
    }
}
