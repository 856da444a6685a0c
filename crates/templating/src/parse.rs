//! Statements: what the tags of a text mean.

use std::rc::Rc;

use model::nearest;

use crate::Options;
use crate::ast::{Expr, For, Kind, Macro, Node, Tree};
use crate::error::{Place, TemplateError};
use crate::expression::Parser;
use crate::limits::{DEPTH, REGEXES};
use crate::scan::{self, Inside, Piece};
use crate::token::What;

const TAGS: [&str; 10] = [
    "if", "for", "set", "macro", "call", "filter", "switch", "block", "raw", "verbatim",
];
/// Tags that load other templates, which no template of ours may.
const LOADING: [&str; 4] = ["include", "extends", "import", "from"];

/// Reads a whole text.
pub(crate) fn template(source: &str, options: Options) -> Result<Tree, TemplateError> {
    let pieces = scan::pieces(source, options)?;
    few_regexes(source, &pieces)?;
    let mut reader = Reader {
        source,
        pieces: &pieces,
        next: 0,
        depth: 0,
        python: options.cookiecutter,
    };
    let body = reader.body(&[])?;
    Ok(Tree {
        source: Rc::from(source),
        body,
    })
}

/// That the text holds no more regular expressions than are compiled.
fn few_regexes(source: &str, pieces: &[Piece]) -> Result<(), TemplateError> {
    let tags = pieces.iter().filter_map(|piece| match piece {
        Piece::Output(inside) | Piece::Tag(inside) => Some(inside),
        Piece::Text(_) => None,
    });
    let tokens = tags.flat_map(|inside| &inside.tokens);
    let mut regexes = tokens.filter(|token| matches!(token.what, What::Regex(..)));
    match regexes.nth(REGEXES) {
        None => Ok(()),
        Some(token) => Err(TemplateError::new(
            Place::of(source, token.at),
            format!("a text holds at most {REGEXES} regular expressions; use `replace` with text"),
        )),
    }
}

struct Reader<'a> {
    source: &'a str,
    pieces: &'a [Piece],
    next: usize,
    depth: usize,
    python: bool,
}

type Body = Result<Vec<Node>, TemplateError>;

impl<'a> Reader<'a> {
    /// Nodes up to a tag whose word is in `ends`, which stays to be read; with
    /// no `ends`, up to the end of the text.
    fn body(&mut self, ends: &[&str]) -> Body {
        let mut nodes = Vec::new();
        while let Some(piece) = self.pieces.get(self.next) {
            match piece {
                Piece::Text(text) => nodes.push(Node::Text(Rc::clone(text))),
                Piece::Output(inside) => {
                    let mut parser = self.parser(inside);
                    let value = parser.expression()?;
                    parser.done()?;
                    nodes.push(Node::Output(value));
                }
                Piece::Tag(inside) => {
                    let word = inside.word().map(|word| &**word).unwrap_or_default();
                    if ends.contains(&word) {
                        return Ok(nodes);
                    }
                    self.next += 1;
                    nodes.push(self.tag(inside, word)?);
                    continue;
                }
            }
            self.next += 1;
        }
        Ok(nodes)
    }

    fn tag(&mut self, inside: &'a Inside, word: &str) -> Result<Node, TemplateError> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(self.wrong(inside, format!("tags nest more than {DEPTH} deep")));
        }
        let mut parser = self.parser(inside);
        parser.skip_name(word);
        let node = match word {
            "if" => self.conditional(inside, parser),
            "for" => self.each(inside, parser),
            "set" => self.set(inside, parser),
            "macro" => self.macro_tag(inside, parser),
            "call" => self.call(inside, parser),
            "filter" => {
                let captured = Expr {
                    at: inside.open,
                    depth: 1,
                    kind: Kind::Captured,
                };
                let filter = parser.filter(captured)?;
                let filter = parser.filters(filter)?;
                parser.done()?;
                let body = self.until(inside, "filter", "endfilter")?;
                Ok(Node::Filter { filter, body })
            }
            "switch" => self.switch(inside, parser),
            "block" => self.block(inside, parser),
            _ => Err(self.unknown(inside, word)),
        };
        self.depth -= 1;
        node
    }

    fn unknown(&self, inside: &Inside, word: &str) -> TemplateError {
        if LOADING.contains(&word) {
            return self.wrong(
                inside,
                format!("`{word}` would load another template, which is not possible here"),
            );
        }
        if word.starts_with("end")
            || matches!(word, "else" | "elif" | "elseif" | "case" | "default")
        {
            return self.wrong(inside, format!("`{word}` has no tag that it belongs to"));
        }
        if word.is_empty() {
            return self.wrong(inside, "the tag has no name".to_owned());
        }
        let hint = nearest(word, TAGS).map(|near| format!("; did you mean `{near}`?"));
        self.wrong(
            inside,
            format!(
                "there is no tag `{word}`{}",
                hint.unwrap_or_else(|| format!("; there are {}", TAGS.join(", ")))
            ),
        )
    }

    /// The body up to `end`, which is read and takes nothing behind it.
    fn until(&mut self, open: &Inside, word: &str, end: &str) -> Body {
        let body = self.body(&[end])?;
        self.close(open, word, end)?;
        Ok(body)
    }

    fn close(&mut self, open: &Inside, word: &str, end: &str) -> Result<(), TemplateError> {
        let Some(Piece::Tag(inside)) = self.pieces.get(self.next) else {
            return Err(self.wrong(
                open,
                format!("`{word}` never ends; close it with `{{% {end} %}}`"),
            ));
        };
        self.next += 1;
        self.bare(inside)
    }

    /// That a tag is its word alone.
    fn bare(&self, inside: &Inside) -> Result<(), TemplateError> {
        match inside.tokens.get(1) {
            Some(token) => Err(TemplateError::new(
                Place::of(self.source, token.at),
                format!(
                    "`{}` takes nothing behind it",
                    inside.word().map(|word| &**word).unwrap_or_default()
                ),
            )),
            None => Ok(()),
        }
    }

    fn conditional(&mut self, open: &'a Inside, parser: Parser<'a>) -> Result<Node, TemplateError> {
        let mut arms = Vec::new();
        let mut parser = parser;
        loop {
            let condition = parser.expression()?;
            parser.done()?;
            arms.push((condition, self.body(&["elif", "elseif", "else", "endif"])?));
            match self.pieces.get(self.next) {
                Some(Piece::Tag(inside))
                    if inside
                        .word()
                        .is_some_and(|word| matches!(&**word, "elif" | "elseif")) =>
                {
                    self.next += 1;
                    parser = self.parser(inside);
                    let _ = parser.skip_name("elif") || parser.skip_name("elseif");
                }
                _ => break,
            }
        }
        let otherwise = self.otherwise("endif")?;
        self.close(open, "if", "endif")?;
        Ok(Node::If { arms, otherwise })
    }

    /// The body of an `else`, if one is next.
    fn otherwise(&mut self, end: &str) -> Body {
        match self.pieces.get(self.next) {
            Some(Piece::Tag(inside)) if inside.word().is_some_and(|word| &**word == "else") => {
                self.bare(inside)?;
                self.next += 1;
                self.body(&[end])
            }
            _ => Ok(Vec::new()),
        }
    }

    fn each(&mut self, open: &'a Inside, mut parser: Parser<'a>) -> Result<Node, TemplateError> {
        let mut targets = vec![parser.target("a name for the items")?];
        while parser.skip_sign(",") {
            targets.push(parser.target("a name")?);
        }
        if !parser.skip_name("in") {
            return Err(self.wrong(
                open,
                "a loop is written `for item in items` or `for key, value in object`".to_owned(),
            ));
        }
        let items = parser.expression()?;
        parser.done()?;
        let body = self.body(&["else", "endfor"])?;
        let otherwise = self.otherwise("endfor")?;
        self.close(open, "for", "endfor")?;
        Ok(Node::For(For {
            targets,
            items,
            body,
            otherwise,
        }))
    }

    fn set(&mut self, open: &'a Inside, mut parser: Parser<'a>) -> Result<Node, TemplateError> {
        let mut names = vec![parser.target("a name")?];
        while parser.skip_sign(",") {
            names.push(parser.target("a name")?);
        }
        if parser.skip_sign("=") {
            let value = parser.expression()?;
            parser.done()?;
            return Ok(Node::Set { names, value });
        }
        parser.done()?;
        let body = self.until(open, "set", "endset")?;
        Ok(Node::SetBlock { names, body })
    }

    fn macro_tag(
        &mut self,
        open: &'a Inside,
        mut parser: Parser<'a>,
    ) -> Result<Node, TemplateError> {
        let name = parser.target("the macro's name")?;
        let (plain, defaults) = parser.formals()?;
        parser.done()?;
        let body = self.until(open, "macro", "endmacro")?;
        Ok(Node::Macro(Rc::new(Macro {
            name,
            plain,
            defaults,
            body,
        })))
    }

    fn call(&mut self, open: &'a Inside, mut parser: Parser<'a>) -> Result<Node, TemplateError> {
        let (plain, defaults) = if parser.is_sign("(") {
            parser.formals()?
        } else {
            (Vec::new(), Vec::new())
        };
        let target = parser.expression()?;
        parser.done()?;
        if !matches!(target.kind, Kind::Call(..)) {
            return Err(self.wrong(open, "`call` is followed by the call of a macro".to_owned()));
        }
        let body = self.until(open, "call", "endcall")?;
        let caller = Rc::new(Macro {
            name: Rc::from("caller"),
            plain,
            defaults,
            body,
        });
        Ok(Node::Call { target, caller })
    }

    fn switch(&mut self, open: &'a Inside, mut parser: Parser<'a>) -> Result<Node, TemplateError> {
        const ARMS: [&str; 3] = ["case", "default", "endswitch"];
        let subject = parser.expression()?;
        parser.done()?;
        // What stands before the first case is never shown.
        self.body(&ARMS)?;
        let (mut cases, mut otherwise) = (Vec::new(), Vec::new());
        while let Some(Piece::Tag(inside)) = self.pieces.get(self.next) {
            match inside.word().map(|word| &**word) {
                Some("case") => {
                    self.next += 1;
                    let mut parser = self.parser(inside);
                    parser.skip_name("case");
                    let value = parser.expression()?;
                    parser.done()?;
                    cases.push((value, self.body(&ARMS)?));
                }
                Some("default") => {
                    self.bare(inside)?;
                    self.next += 1;
                    otherwise = self.body(&ARMS)?;
                }
                _ => break,
            }
        }
        self.close(open, "switch", "endswitch")?;
        if cases.is_empty() && otherwise.is_empty() {
            return Err(self.wrong(open, "`switch` needs at least one `case`".to_owned()));
        }
        Ok(Node::Switch {
            subject,
            cases,
            otherwise,
        })
    }

    fn block(&mut self, open: &'a Inside, mut parser: Parser<'a>) -> Result<Node, TemplateError> {
        let name = parser.target("the block's name")?;
        parser.done()?;
        let body = self.body(&["endblock"])?;
        let Some(Piece::Tag(inside)) = self.pieces.get(self.next) else {
            return Err(self.wrong(
                open,
                "`block` never ends; close it with `{% endblock %}`".to_owned(),
            ));
        };
        self.next += 1;
        let mut parser = self.parser(inside);
        parser.skip_name("endblock");
        if !parser.is_done() && !parser.skip_name(&name) {
            return Err(self.wrong(inside, format!("this ends another block than `{name}`")));
        }
        parser.done()?;
        Ok(Node::Block(body))
    }

    fn parser(&self, inside: &'a Inside) -> Parser<'a> {
        Parser::new(self.source, inside, self.python)
    }

    fn wrong(&self, inside: &Inside, message: String) -> TemplateError {
        TemplateError::new(Place::of(self.source, inside.open), message)
    }
}
