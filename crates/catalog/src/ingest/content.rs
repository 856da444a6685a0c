//! What reading a location gives, or why it gives nothing.

use jiff::Timestamp;
use model::diagnostic::Diagnostic;
use model::location_ref::LocationRef;
use model::yaml::{self, Mark};

use crate::place::shown;

/// The YAML reader's limit, for whatever is read, in bytes.
pub(crate) const MAX_FILE_BYTES: u64 = yaml::MAX_FILE_BYTES as u64;
/// The same in words.
const LIMIT: u64 = MAX_FILE_BYTES / (1024 * 1024);

/// The bytes of one file and what is known about them.
#[derive(Clone, Debug)]
pub(crate) struct Content {
    /// As they are.
    pub(crate) bytes: Vec<u8>,
    /// The commit or another name of the version, where there is one.
    pub(crate) revision: Option<String>,
    /// Links for people and tools; only places on the web have them.
    pub(crate) links: Links,
}

/// The annotations that a place on the web gives its entities.
#[derive(Clone, Debug, Default)]
pub(crate) struct Links {
    /// `backstage.io/view-url`.
    pub(crate) view: Option<String>,
    /// `backstage.io/edit-url`.
    pub(crate) edit: Option<String>,
    /// `backstage.io/source-location`.
    pub(crate) source: Option<String>,
}

/// Why a location could not be read.
#[derive(Clone, Debug)]
pub(crate) struct ReadFailure {
    /// In Backstage's words where it has some.
    pub(crate) diagnostic: Diagnostic,
    /// The place answered, and said that there is no such thing.
    pub(crate) gone: bool,
    /// The place asked to be left alone until then.
    pub(crate) retry_at: Option<Timestamp>,
    /// The place answered; what is wrong is its content, and is mended there
    /// and not where the place is named.
    pub(crate) of_content: bool,
}

impl ReadFailure {
    /// A failure that says what was read and what would help.
    pub(crate) fn new(
        code: &'static str,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            diagnostic: Diagnostic::error(code, message).fixed_by(fix),
            gone: false,
            retry_at: None,
            of_content: false,
        }
    }

    /// A file of `size` bytes is larger than the YAML reader takes, in its words.
    pub(crate) fn too_large(size: u64) -> Self {
        Self::above_limit(format!(
            "the file has {size} bytes, which is more than the limit of {LIMIT} MiB"
        ))
    }

    /// As [`ReadFailure::too_large`], where the rest was not asked for.
    pub(crate) fn too_large_to_finish() -> Self {
        Self::above_limit(format!("the file is larger than the limit of {LIMIT} MiB"))
    }

    fn above_limit(message: String) -> Self {
        let mut failure = Self::new(
            "file-too-large",
            message,
            "split the file, or move large definitions into files of their own and refer to them with `$text`",
        );
        failure.diagnostic = failure.diagnostic.accepting(format!("at most {LIMIT} MiB"));
        failure.of_content = true;
        failure
    }

    /// The place says that nothing is there.
    pub(crate) fn gone(mut self) -> Self {
        self.gone = true;
        self
    }
}

/// One more place to read.
#[derive(Clone, Debug)]
pub(crate) struct Todo {
    /// What to read.
    pub(crate) location: LocationRef,
    /// The Location entity that asks for it.
    pub(crate) parent: Option<model::entity_ref::EntityRef>,
    /// Whether its absence is an error (`presence: required`).
    pub(crate) required: bool,
    /// Found by listing a folder, so that what is not an entity is left alone.
    pub(crate) listed: bool,
    /// Names the version of what is there, where that is known without
    /// reading it. The same hint as last time means the same bytes.
    pub(crate) hint: Option<String>,
    /// What started the chain of locations, where that is not the source itself.
    pub(crate) origin: Option<String>,
    /// The file and the place in it that name this one.
    pub(crate) named_at: Option<(String, Mark)>,
}

impl Todo {
    /// A failure to read it as a problem of the file in which it can be mended:
    /// where the place is named, else itself.
    pub(crate) fn problem(&self, failure: ReadFailure) -> (String, Diagnostic) {
        let itself = || (self.location.to_string(), Mark::new(1, 1));
        let (file, mark) = self.named_at.clone().unwrap_or_else(itself);
        let problem = failure.diagnostic.in_file(shown(&file)).at(mark);
        (file, problem)
    }

    /// A place that must exist, asked for by nobody in particular.
    pub(crate) fn required(location: LocationRef) -> Self {
        Self {
            location,
            parent: None,
            required: true,
            listed: false,
            hint: None,
            origin: None,
            named_at: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use model::yaml::{Limits, parse_documents};

    use super::*;

    #[test]
    fn what_is_too_large_is_said_in_the_words_of_the_yaml_reader() {
        let bytes = vec![b'#'; yaml::MAX_FILE_BYTES + 1];
        let theirs = parse_documents("x.yaml", &bytes, &Limits::default());
        let ours = ReadFailure::too_large(MAX_FILE_BYTES + 1).diagnostic;
        assert_eq!(theirs, [Err(ours.in_file("x.yaml"))]);
    }
}
