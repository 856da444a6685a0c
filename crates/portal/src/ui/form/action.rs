//! What the button that was pressed asks for.

/// The name that every submit button but the primary one sends.
pub const ACTION: &str = "_do";

/// What a form was sent for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum FormAction {
    /// The primary button, or the enter key.
    #[default]
    Submit,
    /// One more item of the list with this name.
    Add(String),
    /// One item less: name of the list, and index.
    Remove(String, usize),
    /// An item one place up: name of the list, and index.
    Up(String, usize),
    /// Back to the step before; nothing is checked.
    Back,
    /// The fields depend on each other: show the form anew.
    Refresh,
    /// A button of the page's own.
    Other(String),
}

impl FormAction {
    /// From what was sent. Without [`ACTION`] it is [`Self::Submit`].
    pub fn of(pairs: &[(String, String)]) -> Self {
        let sent = pairs
            .iter()
            .rev()
            .find(|(name, value)| name == ACTION && !value.is_empty());
        let Some((_, action)) = sent else {
            return Self::Submit;
        };
        let (verb, rest) = action.split_once(':').unwrap_or((action, ""));
        let item = || {
            let (list, index) = rest.rsplit_once('.')?;
            Some((list.to_owned(), index.parse().ok()?))
        };
        match (verb, item()) {
            ("back", _) => Self::Back,
            ("refresh", _) => Self::Refresh,
            ("add", _) if !rest.is_empty() => Self::Add(rest.to_owned()),
            ("remove", Some((list, index))) => Self::Remove(list, index),
            ("up", Some((list, index))) => Self::Up(list, index),
            _ => Self::Other(action.clone()),
        }
    }

    /// Whether the form is to be shown again without being checked.
    pub fn only_changes_form(&self) -> bool {
        matches!(
            self,
            Self::Add(_) | Self::Remove(..) | Self::Up(..) | Self::Refresh
        )
    }
}
