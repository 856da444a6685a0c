//! One fact of a `<dl>`: a name, a value, maybe a link.

use super::summary::RefLine;

#[derive(Debug, Default)]
pub(super) struct Fact {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) href: Option<String>,
    /// Written in the fixed-width face: paths, commits, keys.
    pub(super) mono: bool,
    /// It refers to something that does not exist.
    pub(super) missing: bool,
}

impl Fact {
    pub(super) fn text(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
            ..Self::default()
        }
    }

    pub(super) fn link(
        name: impl Into<String>,
        value: impl Into<String>,
        href: impl Into<String>,
    ) -> Self {
        Self::text(name, value).to(Some(href.into()))
    }

    pub(super) fn reference(name: impl Into<String>, line: &RefLine) -> Self {
        Self {
            missing: !line.exists,
            ..Self::link(name, &line.text, &line.href)
        }
    }

    pub(super) fn to(mut self, href: Option<String>) -> Self {
        self.href = href;
        self
    }

    pub(super) fn mono(mut self) -> Self {
        self.mono = true;
        self
    }
}
