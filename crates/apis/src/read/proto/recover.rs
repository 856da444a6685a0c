//! Parsing of files that are partly wrong.

use std::panic::{AssertUnwindSafe, catch_unwind};

use model::diagnostic::Diagnostic;
use model::yaml::Mark;
use prost_types::FileDescriptorProto;

use super::super::lines::Lines;
use model::quoted;

/// Braces within braces; the parser calls itself for each.
const MAX_DEPTH: usize = 60;
/// Parts that are left out before the rest is given up.
const MAX_ROUNDS: usize = 8;
/// Name of the file in the parser's messages, which is cut off again.
const FILE: &str = "f";

/// The file as far as it can be read, and what is wrong with the rest.
pub(super) fn parse(text: &str) -> (Option<FileDescriptorProto>, Vec<Diagnostic>) {
    let mut text = text.to_owned();
    let mut problems = Vec::new();
    for _ in 0..MAX_ROUNDS {
        let blocks = blocks(&text);
        if let Some(at) = blocks.too_deep {
            problems.push(
                Diagnostic::error(
                    "api-proto-syntax",
                    format!("more than {MAX_DEPTH} brackets within each other"),
                )
                .at(Lines::of(&text).mark(at)),
            );
            return (None, problems);
        }
        let (line, column, message) = match attempt(&text) {
            Ok(file) => return (Some(file), problems),
            Err(found) => found,
        };
        let lines = Lines::of(&text);
        let offset = match line {
            0 => text.trim_end().len(),
            line => lines.start(line).unwrap_or_default() + column.saturating_sub(1),
        };
        let mark = match line {
            0 => lines.mark(offset),
            line => Mark::new(as_u32(line), as_u32(column)),
        };
        problems.push(
            Diagnostic::error("api-proto-syntax", message)
                .at(mark)
                .accepting("the protocol buffers language, proto2 or proto3"),
        );
        // The line alone, or else the block around it.
        let start = lines.start(line.max(1)).unwrap_or_default();
        let end = lines.start(line + 1).unwrap_or(text.len());
        let without_line = blanked(&text, start, end);
        if line > 0
            && let Ok(file) = attempt(&without_line)
        {
            return (Some(file), problems);
        }
        let block = blocks.around(offset);
        let Some((start, end)) = block.filter(|(start, end)| start < end) else {
            return (None, problems);
        };
        text = blanked(&text, start, end);
    }
    (None, problems)
}

/// The parser's answer, or line and column (from 1; 0 at the end of the file)
/// and what is wrong.
fn attempt(text: &str) -> Result<FileDescriptorProto, (usize, usize, String)> {
    // The parser is somebody else's and promises nothing about panics.
    let parsed = catch_unwind(AssertUnwindSafe(|| protox_parse::parse(FILE, text)));
    let Ok(parsed) = parsed else {
        return Err((0, 0, "the file cannot be read".to_owned()));
    };
    parsed.map_err(|error| {
        let message = quoted(&error.to_string()).into_owned();
        // Places are public in the debug form only: `f:12:3: message`.
        let shown = format!("{error:?}");
        let mut parts = shown.strip_prefix("f:").unwrap_or_default().splitn(3, ':');
        let mut number = || parts.next().and_then(|part| part.parse().ok());
        let line: usize = number().unwrap_or_default();
        let column: usize = number().unwrap_or_default();
        (line, column, message)
    })
}

/// Statements at the top of a file.
struct Blocks {
    /// Offsets in bytes, in order.
    parts: Vec<(usize, usize)>,
    too_deep: Option<usize>,
}

impl Blocks {
    fn around(&self, offset: usize) -> Option<(usize, usize)> {
        let at = self.parts.partition_point(|(_, end)| *end <= offset);
        self.parts.get(at).or(self.parts.last()).copied()
    }
}

fn blocks(text: &str) -> Blocks {
    let mut found = Blocks {
        parts: Vec::new(),
        too_deep: None,
    };
    let (mut depth, mut begin) = (0_usize, 0);
    let mut bytes = text.bytes().enumerate().peekable();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' | b'\'' => {
                while let Some((_, next)) = bytes.next() {
                    match next {
                        b'\\' => drop(bytes.next()),
                        b'\n' => break,
                        _ if next == byte => break,
                        _ => {}
                    }
                }
            }
            b'/' if bytes.peek().is_some_and(|(_, next)| *next == b'/') => {
                while bytes.next_if(|(_, next)| *next != b'\n').is_some() {}
            }
            b'/' if bytes.peek().is_some_and(|(_, next)| *next == b'*') => {
                bytes.next();
                let mut last = 0;
                for (_, next) in bytes.by_ref() {
                    if last == b'*' && next == b'/' {
                        break;
                    }
                    last = next;
                }
            }
            b'{' | b'[' | b'<' | b'(' => {
                depth += 1;
                if depth > MAX_DEPTH && found.too_deep.is_none() {
                    found.too_deep = Some(at);
                }
            }
            b'}' | b']' | b'>' | b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 && matches!(byte, b'}' | b';') {
            found.parts.push((begin, at + 1));
            begin = at + 1;
        }
    }
    if begin < text.trim_end().len() {
        found.parts.push((begin, text.len()));
    }
    found
}

/// The text with a part made of spaces, so that everything else keeps its place.
fn blanked(text: &str, start: usize, end: usize) -> String {
    let (Some(before), Some(part), Some(after)) =
        (text.get(..start), text.get(start..end), text.get(end..))
    else {
        return String::new();
    };
    let blank: String = part
        .bytes()
        .map(|byte| if byte == b'\n' { '\n' } else { ' ' })
        .collect();
    format!("{before}{blank}{after}")
}

fn as_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
