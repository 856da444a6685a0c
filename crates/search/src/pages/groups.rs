//! Results put together by what they are, the group with the best hit first.

/// What sort of thing a result is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    Entities,
    Apis,
    People,
    Other,
}

impl Group {
    /// The group of an entity's kind; nothing for what is no entity.
    pub(super) fn of(kind: Option<&str>) -> Self {
        match kind.map(str::to_ascii_lowercase).as_deref() {
            None => Self::Other,
            Some("api") => Self::Apis,
            Some("user" | "group") => Self::People,
            Some(_) => Self::Entities,
        }
    }

    /// The message key of its heading.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Entities => "search-group-entities",
            Self::Apis => "search-group-apis",
            Self::People => "search-group-people",
            Self::Other => "search-group-other",
        }
    }
}

/// Things by group, in the order of their first.
pub(super) fn grouped<T>(things: Vec<T>, group: impl Fn(&T) -> Group) -> Vec<(Group, Vec<T>)> {
    let mut groups: Vec<(Group, Vec<T>)> = Vec::new();
    for thing in things {
        let own = group(&thing);
        match groups.iter_mut().find(|(group, _)| *group == own) {
            Some((_, things)) => things.push(thing),
            None => groups.push((own, vec![thing])),
        }
    }
    groups
}
