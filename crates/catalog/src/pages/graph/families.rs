//! Relations in pairs: what leads from who uses to what is used, and back.

use model::kinds::{Kinds, inverse_of};

/// The relations that every catalog has, in the direction in which they are drawn.
const DRAWN: [&str; 8] = [
    "dependsOn",
    "consumesApi",
    "apiProvidedBy",
    "partOf",
    "ownedBy",
    "memberOf",
    "childOf",
    "scaffoldedFrom",
];
/// What breaks when the other end breaks.
const DEPENDENCIES: [&str; 3] = ["dependsOn", "consumesApi", "apiProvidedBy"];
/// More names in an address than there are relations mean nothing.
const MAX_FAMILIES: usize = 60;

/// One pair of relations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::pages) struct Family {
    /// Drawn: from who uses to what is used.
    pub(in crate::pages) forward: String,
    pub(in crate::pages) backward: String,
}

/// The pairs that a picture follows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::pages) struct Families(Vec<Family>);

impl Families {
    /// Every pair that the kinds know, the usual ones first.
    pub(in crate::pages) fn all(kinds: &Kinds) -> Self {
        let mut found: Vec<Family> = DRAWN
            .iter()
            .map(|forward| Family {
                forward: (*forward).to_owned(),
                backward: inverse_of(forward).unwrap_or_default().to_owned(),
            })
            .collect();
        for field in kinds.iter().flat_map(|definition| &definition.relations) {
            let known = found.iter().any(|family| {
                let names = [&family.forward, &family.backward];
                names.contains(&&field.relation) || names.contains(&&field.inverse)
            });
            if !known && found.len() < MAX_FAMILIES {
                found.push(Family {
                    forward: field.relation.clone(),
                    backward: field.inverse.clone(),
                });
            }
        }
        Self(found)
    }

    /// Those through which a failure spreads.
    pub(in crate::pages) fn dependencies() -> Self {
        Self::named(&DEPENDENCIES)
    }

    /// As [`Families::dependencies`], and from a whole to its parts: the same
    /// as [`crate::index::Direction::Dependents`].
    pub(in crate::pages) fn impact() -> Self {
        Self::named(&["dependsOn", "consumesApi", "apiProvidedBy", "partOf"])
    }

    fn named(names: &[&str]) -> Self {
        let families = names.iter().filter_map(|forward| {
            Some(Family {
                forward: (*forward).to_owned(),
                backward: inverse_of(forward)?.to_owned(),
            })
        });
        Self(families.collect())
    }

    /// Those with one of these names, whichever end they were named from.
    pub(in crate::pages) fn chosen(&self, names: &[&str]) -> Self {
        let wanted = |family: &&Family| {
            names.contains(&family.forward.as_str()) || names.contains(&family.backward.as_str())
        };
        Self(self.0.iter().filter(wanted).cloned().collect())
    }

    pub(in crate::pages) fn iter(&self) -> impl Iterator<Item = &Family> {
        self.0.iter()
    }

    pub(in crate::pages) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Towards what is used.
    pub(in crate::pages) fn down(&self) -> Vec<&str> {
        self.0
            .iter()
            .map(|family| family.forward.as_str())
            .collect()
    }

    /// Towards who uses.
    pub(in crate::pages) fn up(&self) -> Vec<&str> {
        self.0
            .iter()
            .map(|family| family.backward.as_str())
            .collect()
    }

    /// Whether the relation is drawn as it is.
    pub(in crate::pages) fn draws(&self, relation: &str) -> bool {
        self.0.iter().any(|family| family.forward == relation)
    }

    pub(in crate::pages) fn holds(&self, relation: &str) -> bool {
        let mut families = self.0.iter();
        families.any(|family| family.forward == relation || family.backward == relation)
    }
}

/// Whether a cycle of such relations is worth a word.
pub(super) fn is_dependency(relation: &str) -> bool {
    DEPENDENCIES.contains(&relation)
}
