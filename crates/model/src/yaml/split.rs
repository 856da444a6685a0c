//! From bytes to the pieces of text that hold one document each.

use super::Limits;
use super::node::Mark;
use crate::diagnostic::Diagnostic;

/// The text of one document, with its markers and directives.
#[derive(Debug)]
pub(super) struct Piece<'a> {
    pub text: &'a str,
    /// Line of the file on which the piece begins, counted from 1.
    pub first_line: u32,
    pub last_line: u32,
}

/// Checks size and encoding and strips a UTF-8 byte order mark.
pub(super) fn decode<'a>(bytes: &'a [u8], limits: &Limits) -> Result<&'a str, Box<Diagnostic>> {
    if let Some(problem) = no_text(bytes, limits) {
        return Err(Box::new(problem));
    }
    let bytes = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let offset = error.valid_up_to();
        let byte = bytes.get(offset).copied().unwrap_or_default();
        Box::new(
            Diagnostic::error(
                "encoding-invalid-utf8",
                format!("the file is not valid UTF-8: byte 0x{byte:02x} does not fit here"),
            )
            .at(mark_of(bytes, offset))
            .accepting("UTF-8")
            .fixed_by(
                "save the file as UTF-8 (an editor may have used Latin-1, Windows-1252 or EUC-KR)",
            ),
        )
    })
}

/// Too large, in another encoding, or binary.
fn no_text(bytes: &[u8], limits: &Limits) -> Option<Diagnostic> {
    let (size, limit) = (bytes.len(), limits.max_bytes);
    if size > limit {
        return Some(
            Diagnostic::error(
                "file-too-large",
                format!(
                    "the file has {size} bytes, which is more than the limit of {}",
                    in_words(limit)
                ),
            )
            .accepting(format!("at most {}", in_words(limit)))
            .fixed_by(
                "split the file, or move large definitions into files of their own and refer to them with `$text`",
            ),
        );
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Some(
            Diagnostic::error("encoding-utf16", "the file is encoded in UTF-16")
                .at(Mark::new(1, 1))
                .accepting("UTF-8")
                .fixed_by("save the file as UTF-8"),
        );
    }
    let offset = bytes.iter().position(|byte| *byte == 0)?;
    Some(
        Diagnostic::error(
            "binary-file",
            "the file holds a NUL byte; it is no text file",
        )
        .at(mark_of(bytes, offset))
        .accepting("YAML or JSON text in UTF-8")
        .fixed_by("point the location to a YAML file, or save the file as UTF-8"),
    )
}

/// A number of bytes: `10 MiB` when it is a whole number of these.
fn in_words(bytes: usize) -> String {
    const MIB: usize = 1024 * 1024;
    if bytes >= MIB && bytes.is_multiple_of(MIB) {
        format!("{} MiB", bytes / MIB)
    } else {
        format!("{bytes} bytes")
    }
}

fn mark_of(bytes: &[u8], offset: usize) -> Mark {
    let before = bytes.get(..offset).unwrap_or(bytes);
    let line_start = before
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    let lines = before.iter().filter(|byte| **byte == b'\n').count();
    let line = before.get(line_start..).unwrap_or_default();
    // Characters, not bytes: continuation bytes do not count.
    let column = line.iter().filter(|byte| **byte & 0xc0 != 0x80).count();
    Mark::new(to_u32(lines + 1), to_u32(column + 1))
}

/// Saturates: nobody reads line four billion.
pub(super) fn to_u32(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// Cuts the text at `---` and `...` lines. A marker at the beginning of a line
/// always ends a document, even inside quotes and block scalars (YAML 1.2.2,
/// section 9.1.2).
pub(super) fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    let mut next_line = 1u32;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (length, lines) = piece_length(rest);
        let (text, remainder) = rest.split_at_checked(length)?;
        let piece = Piece {
            text,
            first_line: next_line,
            last_line: next_line.saturating_add(lines.saturating_sub(1)),
        };
        rest = remainder;
        next_line = next_line.saturating_add(lines);
        Some(piece)
    })
}

/// Length in bytes and number of lines of the first document of `text`.
fn piece_length(text: &str) -> (usize, u32) {
    let bytes = text.as_bytes();
    let (mut at, mut lines) = (0, 0u32);
    let (mut opened, mut has_content) = (false, false);
    while at < bytes.len() {
        let line = line_at(bytes, at);
        if is_marker(line, b"---") {
            if opened || has_content {
                break;
            }
            opened = true;
        } else if is_marker(line, b"...") {
            return (at + line.len(), lines + 1);
        } else if !opened {
            has_content |= !is_prologue(line);
        }
        at += line.len();
        lines += 1;
    }
    (at, lines)
}

/// The line that begins at `at`, with its line break (`\n`, `\r\n` or `\r`).
fn line_at(bytes: &[u8], at: usize) -> &[u8] {
    let rest = bytes.get(at..).unwrap_or_default();
    let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
    let length = match end {
        None => rest.len(),
        Some(end) if rest.get(end..end + 2) == Some(b"\r\n") => end + 2,
        Some(end) => end + 1,
    };
    rest.get(..length).unwrap_or(rest)
}

fn is_marker(line: &[u8], marker: &[u8; 3]) -> bool {
    line.strip_prefix(marker)
        .is_some_and(|rest| matches!(rest.first(), None | Some(b' ' | b'\t' | b'\n' | b'\r')))
}

/// Blank lines, comments and directives may stand before `---` and belong to
/// the document that follows.
fn is_prologue(line: &[u8]) -> bool {
    line.first() == Some(&b'%')
        || matches!(
            line.iter().find(|byte| !byte.is_ascii_whitespace()),
            None | Some(b'#')
        )
}
