//! What reading a location gives, or why it gives nothing.

use jiff::Timestamp;
use model::diagnostic::Diagnostic;
use model::location_ref::LocationRef;
use model::yaml::Mark;

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
        }
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
