//! What is found: packages, the entities that hold them, their owners.

use model::entity_ref::EntityRef;
use model::query::Predicate;
use platform::actor::Caller;
use platform::error::ApiError;
use serde::Serialize;

use super::range::Verdict;
use super::search::Search;
use crate::engine::Catalog;
use crate::index::Index;
use crate::visibility::{is_shown, visible_to};

/// Different versions that are listed as not comparable.
const MAX_UNKNOWN: usize = 100;

/// One package in one SBOM of one entity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Matched {
    #[serde(skip)]
    pub(crate) entity_ref: String,
    /// The purl type; empty without a purl.
    pub(crate) ecosystem: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) licence: Option<String>,
    pub(crate) purl: Option<String>,
    /// `direct`, `transitive` or `unknown`.
    pub(crate) relation: String,
    /// The direct package that brought a transitive one.
    pub(crate) via: Option<String>,
    /// The SBOM's location.
    pub(crate) sbom: String,
}

/// An entity with what was found in it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Place {
    #[serde(rename = "ref")]
    pub(crate) entity_ref: EntityRef,
    /// Its title, or its name.
    pub(crate) title: String,
    pub(crate) lifecycle: Option<String>,
    pub(crate) packages: Vec<Matched>,
}

/// An owner with its affected entities; no owner for those that have none.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Affected {
    pub(crate) owner: Option<EntityRef>,
    pub(crate) title: Option<String>,
    pub(crate) email: Option<String>,
    /// Entities and packages below it.
    pub(crate) entity_count: usize,
    pub(crate) package_count: usize,
    pub(crate) entities: Vec<Place>,
}

/// A version that could not be compared with the range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NotCompared {
    #[serde(rename = "ref")]
    pub(crate) entity_ref: String,
    pub(crate) ecosystem: String,
    pub(crate) name: String,
    pub(crate) version: String,
    /// `no-version`, `distribution-version` or `no-order`.
    pub(crate) reason: &'static str,
}

/// The answer to a [`Search`].
#[derive(Clone, Debug, Default)]
pub(crate) struct Answer {
    /// Owners, the most affected first.
    pub(crate) owners: Vec<Affected>,
    pub(crate) entities: usize,
    pub(crate) packages: usize,
    /// All that could not be compared, and the first of them.
    pub(crate) not_compared: usize,
    pub(crate) unknown: Vec<NotCompared>,
    /// More matched than an answer holds.
    pub(crate) truncated: bool,
    pub(crate) coverage: Coverage,
}

/// What the search looked through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Coverage {
    /// Entities with an SBOM that has been read.
    pub(crate) entities: i64,
    /// Packages in all of them.
    pub(crate) packages: i64,
    /// Components, with and without an SBOM.
    pub(crate) components: u64,
    /// Components without an SBOM: nothing is known of them.
    pub(crate) components_without: u64,
}

impl Catalog {
    /// What a search looks through.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(crate) async fn package_coverage(&self, caller: &Caller) -> Result<Coverage, ApiError> {
        let with_sbom = self.store.package_totals().await?;
        let visible = visible_to(caller);
        Ok(coverage(&self.model.index(), visible.as_ref(), &with_sbom))
    }

    /// Finds the packages of a question with the owners of the entities that
    /// hold them, as far as the caller may see those.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(crate) async fn find_packages(
        &self,
        caller: &Caller,
        search: &Search,
    ) -> Result<Answer, ApiError> {
        let visible = visible_to(caller);
        let sees = |text: &str| {
            let index = self.model.index();
            EntityRef::parse(text, None, None).is_ok_and(|entity_ref| {
                let holds = |visible: &Predicate| index.matches(&entity_ref, visible);
                index.get(&entity_ref).is_some() && visible.as_ref().is_none_or(holds)
            })
        };
        let found = self.store.find_packages(search, &sees).await?;
        let with_sbom = self.store.package_totals().await?;
        let mut answer = Answer {
            truncated: found.truncated,
            ..Answer::default()
        };
        let index = self.model.index();
        let mut places: Vec<Place> = Vec::new();
        for (matched, verdict) in found.matches {
            let Ok(entity_ref) = EntityRef::parse(&matched.entity_ref, None, None) else {
                continue;
            };
            if let Verdict::Unknown(reason) = verdict {
                answer.not_compared += 1;
                if answer.unknown.len() < MAX_UNKNOWN {
                    answer.unknown.push(NotCompared {
                        entity_ref: matched.entity_ref,
                        ecosystem: matched.ecosystem,
                        name: matched.name,
                        version: matched.version,
                        reason: reason.as_str(),
                    });
                }
                continue;
            }
            answer.packages += 1;
            // Rows come entity by entity.
            match places.last_mut() {
                Some(last) if last.entity_ref == entity_ref => last.packages.push(matched),
                _ => places.extend(place(&index, entity_ref, matched)),
            }
        }
        answer.entities = places.len();
        answer.owners = grouped(&index, visible.as_ref(), places);
        answer.coverage = coverage(&index, visible.as_ref(), &with_sbom);
        Ok(answer)
    }
}

fn place(index: &Index, entity_ref: EntityRef, matched: Matched) -> Option<Place> {
    let entity = index.get(&entity_ref)?;
    let value = crate::pages::parts_of(&entity);
    let text = |pointer: &str| crate::pages::text_at(&value, pointer).map(str::to_owned);
    Some(Place {
        title: crate::pages::title_of(&value)
            .map(str::to_owned)
            .unwrap_or_else(|| entity_ref.name().to_owned()),
        lifecycle: text("/spec/lifecycle"),
        entity_ref,
        packages: vec![matched],
    })
}

/// By owner; those with most affected entities first, nobody's last.
fn grouped(index: &Index, visible: Option<&Predicate>, places: Vec<Place>) -> Vec<Affected> {
    let mut owners: std::collections::HashMap<Option<EntityRef>, Vec<Place>> =
        std::collections::HashMap::new();
    for place in places {
        let owner = index
            .relations(&place.entity_ref)
            .into_iter()
            .find(|relation| relation.kind == "ownedBy")
            .map(|relation| relation.target.clone());
        owners.entry(owner).or_default().push(place);
    }
    let mut affected: Vec<Affected> = owners
        .into_iter()
        .map(|(owner, entities)| {
            let shown = |owner: &&EntityRef| is_shown(index, visible, owner);
            let known = owner
                .as_ref()
                .filter(shown)
                .and_then(|owner| index.get(owner))
                .map(|entity| crate::pages::parts_of(&entity));
            let profile = owner
                .as_ref()
                .filter(shown)
                .and_then(|owner| index.get(owner))
                .and_then(|entity| serde_json::from_str::<serde_json::Value>(entity.json()).ok());
            let email = profile
                .as_ref()
                .and_then(|value| crate::pages::text_at(value, "/spec/profile/email"));
            Affected {
                title: known
                    .as_ref()
                    .and_then(crate::pages::title_of)
                    .map(str::to_owned)
                    .or_else(|| owner.as_ref().map(|owner| owner.name().to_owned())),
                email: email.map(str::to_owned),
                owner,
                entity_count: entities.len(),
                package_count: entities.iter().map(|place| place.packages.len()).sum(),
                entities,
            }
        })
        .collect();
    affected.sort_by(|a, b| {
        (
            a.owner.is_none(),
            std::cmp::Reverse(a.entity_count),
            &a.owner,
        )
            .cmp(&(
                b.owner.is_none(),
                std::cmp::Reverse(b.entity_count),
                &b.owner,
            ))
    });
    affected
}

/// What was looked through, as far as the reader may see it.
fn coverage(index: &Index, visible: Option<&Predicate>, with_sbom: &[(String, i64)]) -> Coverage {
    let seen: Vec<&(String, i64)> = with_sbom
        .iter()
        .filter(|(name, _)| match visible {
            None => true,
            Some(visible) => EntityRef::parse(name, None, None)
                .is_ok_and(|entity_ref| index.matches(&entity_ref, visible)),
        })
        .collect();
    let components = index.facets(
        &["kind"],
        Some(&Predicate::equals("kind", "component")),
        visible,
    );
    let components = components
        .iter()
        .flat_map(|facet| &facet.values)
        .map(|value| value.count)
        .sum::<usize>();
    let have = seen
        .iter()
        .filter(|(name, _)| name.starts_with("component:"))
        .count();
    let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    Coverage {
        entities: i64::try_from(seen.len()).unwrap_or(i64::MAX),
        packages: seen.iter().map(|(_, packages)| packages).sum(),
        components: number(components),
        components_without: number(components.saturating_sub(have)),
    }
}
