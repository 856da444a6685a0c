//! SBOMs and the packages in them: replaced SBOM by SBOM, searched by name.

use std::collections::HashMap;

use futures_util::TryStreamExt;
use jiff::Timestamp;
use model::entity_ref::EntityRef;
use platform::actor::Actor;
use platform::args;
use platform::event::{NewEvent, Outcome};
use platform::store::{Arg, Sql, StoreError, Tx};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::Store;
use super::entities::{placeholders, texts};
use super::sources::time;
use crate::events;
use crate::packages::{Bom, MAX_MATCHES, Matched, Package, Search, Verdict};

/// How many refs one `IN (...)` asks for.
const BATCH: usize = 500;
const PACKAGE_COLUMNS: [&str; 10] = [
    "sbom", "ordinal", "type", "search", "name", "version", "licence", "purl", "relation", "via",
];

/// What became of one SBOM that an entity names.
#[derive(Clone, Debug)]
pub(crate) struct SbomReading {
    /// Where it lies, or what the annotation says where that is no place.
    pub(crate) location: String,
    pub(crate) state: SbomState,
}

/// Whether an SBOM was read.
#[derive(Clone, Debug)]
pub(crate) enum SbomState {
    /// The same bytes as last time, or unreadable now: what is stored stays.
    Kept,
    /// New content.
    Read(Box<NewSbom>),
}

impl SbomReading {
    /// Whether it says something that is not stored.
    pub(crate) fn is_new(&self) -> bool {
        matches!(self.state, SbomState::Read(_))
    }
}

/// The content of an SBOM.
#[derive(Clone, Debug)]
pub(crate) struct NewSbom {
    /// Digest of its bytes.
    pub(crate) hash: String,
    pub(crate) revision: Option<String>,
    pub(crate) bom: Bom,
}

/// An SBOM as it is stored.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SbomRow {
    /// `file:<path>` or `url:<address>`.
    pub(crate) location: String,
    /// `CycloneDX 1.5`.
    pub(crate) format: String,
    pub(crate) packages: i64,
    /// The commit it was read at.
    pub(crate) revision: Option<String>,
    pub(crate) read_at: Timestamp,
}

/// Rows that a search found, entity by entity.
#[derive(Clone, Debug, Default)]
pub(crate) struct FoundPackages {
    /// Inside the range, or not comparable with it.
    pub(crate) matches: Vec<(Matched, Verdict)>,
    pub(crate) truncated: bool,
}

impl Store {
    /// The digests of the SBOMs of a source's entities, by ref and location.
    pub(crate) async fn sbom_hashes(
        &self,
        source_id: &str,
    ) -> Result<HashMap<(String, String), String>, StoreError> {
        let rows = self
            .db
            .read(
                "SELECT s.ref, s.location, s.hash FROM catalog_sboms s \
                 JOIN catalog_entities e ON e.ref = s.ref WHERE e.source_id = $1",
                args![source_id],
            )
            .await?;
        rows.iter()
            .map(|row| {
                Ok((
                    (row.text(0)?.to_owned(), row.text(1)?.to_owned()),
                    row.text(2)?.to_owned(),
                ))
            })
            .collect()
    }

    /// The locations of the SBOMs that are stored of these refs.
    pub(crate) async fn sbom_places(
        &self,
        refs: &[EntityRef],
    ) -> Result<HashMap<String, Vec<String>>, StoreError> {
        let mut found: HashMap<String, Vec<String>> = HashMap::new();
        for chunk in refs.chunks(BATCH) {
            let sql = format!(
                "SELECT ref, location FROM catalog_sboms WHERE ref IN ({})",
                placeholders(chunk.len())
            );
            for row in self.db.read(Sql::assembled(sql), texts(chunk)).await? {
                found
                    .entry(row.text(0)?.to_owned())
                    .or_default()
                    .push(row.text(1)?.to_owned());
            }
        }
        Ok(found)
    }

    /// The SBOMs of an entity, in order of their locations.
    pub(crate) async fn sboms_of(
        &self,
        entity_ref: &EntityRef,
    ) -> Result<Vec<SbomRow>, StoreError> {
        self.db
            .read(
                "SELECT location, format, packages, revision, read_at FROM catalog_sboms \
                 WHERE ref = $1 ORDER BY location",
                args![entity_ref.as_str()],
            )
            .await?
            .iter()
            .map(|row| {
                Ok(SbomRow {
                    location: row.text(0)?.to_owned(),
                    format: row.text(1)?.to_owned(),
                    packages: row.int(2)?,
                    revision: row.opt_text(3)?.map(str::to_owned),
                    read_at: time(row.int(4)?),
                })
            })
            .collect()
    }

    /// The packages of an entity in order of their names, at most `limit`;
    /// direct ones only when asked.
    pub(crate) async fn packages_of(
        &self,
        entity_ref: &EntityRef,
        direct: bool,
        limit: i64,
    ) -> Result<Vec<Matched>, StoreError> {
        let sql = format!(
            "{MATCHES} WHERE s.ref = $1 AND ($2 = '' OR p.relation = $2) \
             ORDER BY p.search, p.version, p.sbom, p.ordinal LIMIT $3"
        );
        let relation = if direct { "direct" } else { "" };
        self.db
            .read(
                Sql::assembled(sql),
                args![entity_ref.as_str(), relation, limit],
            )
            .await?
            .iter()
            .map(matched)
            .collect()
    }

    /// How many packages of an entity came in each way.
    pub(crate) async fn package_counts(
        &self,
        entity_ref: &EntityRef,
    ) -> Result<Vec<(String, i64)>, StoreError> {
        self.db
            .read(
                "SELECT p.relation, COUNT(*) FROM catalog_packages p JOIN catalog_sboms s ON s.id = p.sbom \
                 WHERE s.ref = $1 GROUP BY p.relation ORDER BY p.relation",
                args![entity_ref.as_str()],
            )
            .await?
            .iter()
            .map(|row| Ok((row.text(0)?.to_owned(), row.int(1)?)))
            .collect()
    }

    /// The refs that have an SBOM, with how many packages each has.
    pub(crate) async fn package_totals(&self) -> Result<Vec<(String, i64)>, StoreError> {
        let rows = self
            .db
            .read(
                "SELECT ref, CAST(SUM(packages) AS BIGINT) FROM catalog_sboms GROUP BY ref ORDER BY ref",
                args![],
            )
            .await?;
        rows.iter()
            .map(|row| Ok((row.text(0)?.to_owned(), row.int(1)?)))
            .collect()
    }

    /// The packages that a search means, of the entities that `sees` names.
    /// Names are found by the database, with the index over them; versions are
    /// compared here, row by row.
    pub(crate) async fn find_packages(
        &self,
        search: &Search,
        sees: &(dyn Fn(&str) -> bool + Sync),
    ) -> Result<FoundPackages, StoreError> {
        let [first, second, third] = search.pattern.like();
        // Only Python's names are normalised.
        let third_of = if search.pattern.third_is_python() {
            "pypi"
        } else {
            ""
        };
        let sql = format!(
            "{MATCHES} WHERE p.search IN (SELECT search FROM catalog_packages \
             WHERE search LIKE $1 ESCAPE '\\' OR search LIKE $2 ESCAPE '\\' \
             OR (search LIKE $3 ESCAPE '\\' AND ($4 = '' OR type = $4))) \
             AND ($5 = '' OR p.type = $5) ORDER BY s.ref, p.search, p.version, p.sbom, p.ordinal"
        );
        let mut rows = self.db.stream(
            Sql::assembled(sql),
            args![first, second, third, third_of, search.ecosystem.as_str()],
        );
        let mut known: HashMap<(String, String), Verdict> = HashMap::new();
        let mut last: Option<(String, bool)> = None;
        let mut found = FoundPackages::default();
        while let Some(row) = rows.try_next().await? {
            let matched = matched(&row)?;
            // Rows come entity by entity.
            let known_of = match &last {
                Some((entity, sees)) if *entity == matched.entity_ref => *sees,
                _ => {
                    let sees = sees(&matched.entity_ref);
                    last = Some((matched.entity_ref.clone(), sees));
                    sees
                }
            };
            if !known_of {
                continue;
            }
            let verdict = match &search.range {
                None => Verdict::Inside,
                Some(range) => *known
                    .entry((matched.ecosystem.clone(), matched.version.clone()))
                    .or_insert_with(|| range.holds(&matched.ecosystem, &matched.version)),
            };
            if verdict == Verdict::Outside {
                continue;
            }
            if found.matches.len() >= MAX_MATCHES {
                found.truncated = true;
                break;
            }
            found.matches.push((matched, verdict));
        }
        Ok(found)
    }

    /// Makes the stored SBOMs of an entity those that it names, with an event
    /// where something changed. Answers whether it did.
    pub(crate) async fn write_sboms(
        &self,
        tx: &mut Tx,
        entity_ref: &EntityRef,
        readings: &[SbomReading],
        actor: &Actor,
        cause: &str,
    ) -> Result<bool, StoreError> {
        let mut told = Vec::new();
        let stored = tx
            .query(
                "SELECT location FROM catalog_sboms WHERE ref = $1",
                args![entity_ref.as_str()],
            )
            .await?;
        for row in &stored {
            let location = row.text(0)?;
            if !readings.iter().any(|reading| reading.location == location) {
                forget(tx, &id_of(entity_ref, location)).await?;
                told.push(json!({ "location": location, "packages": 0 }));
            }
        }
        for reading in readings {
            let SbomState::Read(new) = &reading.state else {
                continue;
            };
            self.replace(tx, entity_ref, &reading.location, new).await?;
            told.push(json!({
                "location": reading.location,
                "format": new.bom.format,
                "packages": new.bom.packages.len(),
                "revision": new.revision,
            }));
        }
        if told.is_empty() {
            return Ok(false);
        }
        tx.append(NewEvent {
            kind: events::PACKAGES_CHANGED,
            subject: entity_ref.as_str().to_owned(),
            actor: actor.clone(),
            outcome: Outcome::Allowed,
            cause: Some(cause.to_owned()),
            data: json!({ "sboms": told }),
        })
        .await?;
        Ok(true)
    }

    async fn replace(
        &self,
        tx: &mut Tx,
        entity_ref: &EntityRef,
        location: &str,
        new: &NewSbom,
    ) -> Result<(), StoreError> {
        let id = id_of(entity_ref, location);
        forget(tx, &id).await?;
        tx.execute(
            "INSERT INTO catalog_sboms (id, ref, location, hash, format, packages, revision, read_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            args![
                id.as_str(),
                entity_ref.as_str(),
                location,
                new.hash.as_str(),
                new.bom.format.as_str(),
                new.bom.packages.len(),
                new.revision.clone(),
                self.clock.now().as_microsecond()
            ],
        )
        .await?;
        let rows: Vec<_> = new
            .bom
            .packages
            .iter()
            .enumerate()
            .map(|(ordinal, package)| package_args(&id, ordinal, package))
            .collect();
        tx.insert_many("catalog_packages", &PACKAGE_COLUMNS, rows)
            .await?;
        Ok(())
    }

    /// Takes the SBOMs of an entity away that is itself taken away.
    pub(super) async fn forget_sboms(
        &self,
        tx: &mut Tx,
        entity_ref: &EntityRef,
    ) -> Result<(), StoreError> {
        tx.execute(
            "DELETE FROM catalog_packages WHERE sbom IN (SELECT id FROM catalog_sboms WHERE ref = $1)",
            args![entity_ref.as_str()],
        )
        .await?;
        tx.execute(
            "DELETE FROM catalog_sboms WHERE ref = $1",
            args![entity_ref.as_str()],
        )
        .await?;
        Ok(())
    }
}

const MATCHES: &str = "SELECT s.ref, p.type, p.name, p.version, p.licence, p.purl, p.relation, p.via, s.location \
    FROM catalog_packages p JOIN catalog_sboms s ON s.id = p.sbom";

fn matched(row: &platform::store::Row) -> Result<Matched, StoreError> {
    let text = |index| row.text(index).map(str::to_owned);
    let optional = |index| row.opt_text(index).map(|text| text.map(str::to_owned));
    Ok(Matched {
        entity_ref: text(0)?,
        ecosystem: text(1)?,
        name: text(2)?,
        version: text(3)?,
        licence: optional(4)?,
        purl: optional(5)?,
        relation: text(6)?,
        via: optional(7)?,
        sbom: text(8)?,
    })
}

fn package_args(id: &str, ordinal: usize, package: &Package) -> Vec<Arg> {
    args![
        id,
        ordinal,
        package.ecosystem.as_str(),
        package.search_key(),
        package.name.as_str(),
        package.version.as_str(),
        package.licence.clone(),
        package.purl.clone(),
        package.relation.as_str(),
        package.via.clone()
    ]
}

async fn forget(tx: &mut Tx, id: &str) -> Result<(), StoreError> {
    tx.execute("DELETE FROM catalog_packages WHERE sbom = $1", args![id])
        .await?;
    tx.execute("DELETE FROM catalog_sboms WHERE id = $1", args![id])
        .await?;
    Ok(())
}

/// A short name for an SBOM of an entity, which every one of its rows carries.
fn id_of(entity_ref: &EntityRef, location: &str) -> String {
    let mut hasher = Sha256::new();
    hasher.update(entity_ref.as_str());
    hasher.update([0]);
    hasher.update(location);
    let mut id = hex::encode(hasher.finalize());
    id.truncate(24);
    id
}
