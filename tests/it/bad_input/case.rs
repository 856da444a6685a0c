//! One bad document and what is said of it.

use crate::program::component;

/// What follows the first line of a message about a name, label or tag.
const FORMAT: &str = ". To learn more about catalog file format, visit: https://github.com/backstage/backstage/blob/master/docs/architecture-decisions/adr002-default-catalog-file-format.md";

/// One bad document.
pub(super) struct Case {
    /// Also its folder and the end of its entity's name.
    pub(super) name: &'static str,
    content: Content,
    says: &'static str,
}

enum Content {
    /// The good component with one text replaced by another.
    Changed(&'static str, &'static str),
    /// A whole document.
    Whole(&'static str),
    /// A whole file, which has no neighbour in it.
    File(fn() -> Vec<u8>),
}

/// The good component, called `x`, with `from` replaced by `to`. In `says` the
/// file is called `bad.yaml`, and `[format]` stands for the link to the format.
pub(super) const fn changed(
    name: &'static str,
    from: &'static str,
    to: &'static str,
    says: &'static str,
) -> Case {
    Case {
        name,
        content: Content::Changed(from, to),
        says,
    }
}

/// A document of its own.
pub(super) const fn whole(name: &'static str, text: &'static str, says: &'static str) -> Case {
    Case {
        name,
        content: Content::Whole(text),
        says,
    }
}

/// A file of its own.
pub(super) const fn file(name: &'static str, bytes: fn() -> Vec<u8>, says: &'static str) -> Case {
    Case {
        name,
        content: Content::File(bytes),
        says,
    }
}

impl Case {
    /// The bytes of the file: the bad document, then a neighbour.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let text = match self.content {
            Content::File(bytes) => return bytes(),
            Content::Whole(text) => text.to_owned(),
            Content::Changed(from, to) => {
                let good = component("x");
                assert!(good.contains(from), "{}: nothing is changed", self.name);
                good.replace(from, to)
            }
        };
        // Documents that are accepted after all must not clash.
        let text = text.replace("name: x\n", &format!("name: x-{}\n", self.name));
        format!("{text}---\n{}", component(&format!("after-{}", self.name))).into_bytes()
    }

    /// The entity that follows the bad document.
    pub(super) fn neighbour(&self) -> Option<String> {
        (!matches!(self.content, Content::File(_)))
            .then(|| format!("component:default/after-{}", self.name))
    }

    /// The findings, as printed.
    pub(super) fn says(&self) -> String {
        self.says.replace("[format]", FORMAT)
    }
}
