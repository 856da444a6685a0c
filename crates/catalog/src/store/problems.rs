//! What could not be understood, with its place.

use std::collections::HashMap;

use model::diagnostic::{Diagnostic, Severity};
use model::entity_ref::EntityRef;
use platform::args;
use platform::store::{Arg, Row, Sql, StoreError, Tx};
use serde::Serialize;

use super::entities::{BATCH, numbered};
use super::{Outcome, Store};

/// A problem as it is stored and shown.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProblemRow {
    /// The source in which it was found.
    pub source_id: String,
    /// The location that was being read (`file:` or `url:`).
    pub location: String,
    /// The same place as people write it.
    pub file: String,
    /// 1-based; 0 when no line is known.
    pub line: u32,
    /// 1-based; 0 when no column is known.
    pub column: u32,
    /// `error`, `warning` or `info`.
    pub severity: String,
    /// Stable name of the rule.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// What would be accepted.
    pub accepted: Option<String>,
    /// How to fix it.
    pub fix: Option<String>,
    /// The entity concerned, where one could be recognised.
    pub entity_ref: Option<String>,
}

/// A problem as a refresh has found it.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    /// The location that it is about.
    pub(crate) location: String,
    /// What is wrong, and where in it.
    pub(crate) problem: Diagnostic,
    /// The entity concerned, where one could be recognised.
    pub(crate) entity_ref: Option<EntityRef>,
    /// The file whose content says so, and that it stays with; empty for what
    /// each refresh looks for anew.
    pub(crate) read_in: String,
}

impl Store {
    /// Writes what a refresh has found. What was said of a file stays as long
    /// as the file is neither read nor gone.
    pub(super) async fn replace_findings(
        &self,
        tx: &mut Tx,
        id: &str,
        outcome: &Outcome,
    ) -> Result<(), StoreError> {
        tx.execute(
            "DELETE FROM catalog_problems WHERE source_id = $1 AND read_in = ''",
            args![id],
        )
        .await?;
        let replaced: Vec<&String> = outcome
            .files
            .read
            .iter()
            .chain(&outcome.files.gone)
            .collect();
        for chunk in replaced.chunks(BATCH) {
            let sql = format!(
                "DELETE FROM catalog_problems WHERE source_id = $1 AND read_in IN ({})",
                numbered(2, chunk.len())
            );
            let mut values: Vec<Arg> = args![id];
            values.extend(chunk.iter().map(|location| Arg::from(location.as_str())));
            tx.execute(Sql::assembled(sql), values).await?;
        }
        if outcome.findings.is_empty() {
            return Ok(());
        }
        let last = tx
            .query(
                "SELECT ordinal FROM catalog_problems WHERE source_id = $1 ORDER BY ordinal DESC LIMIT 1",
                args![id],
            )
            .await?;
        let next = last.first().map_or(Ok(0), |row| row.int(0))? + 1;
        let rows: Vec<_> = (next..)
            .zip(&outcome.findings)
            .map(|(ordinal, finding)| finding.row(id, ordinal))
            .collect();
        tx.insert_many("catalog_problems", &COLUMNS, rows).await?;
        Ok(())
    }

    /// What could not be understood, of one source or of all, by
    /// their places.
    pub async fn problems(&self, source_id: Option<&str>) -> Result<Vec<ProblemRow>, StoreError> {
        let sql = format!("{PROBLEMS} WHERE ($1 = '' OR source_id = $1) ORDER BY {PLACES}");
        self.db
            .read(Sql::assembled(sql), args![source_id.unwrap_or_default()])
            .await?
            .iter()
            .map(problem_from)
            .collect()
    }

    /// How many problems each source has, by its id; sources without one are
    /// absent, and notes are none. Counted by the database: there may be very many.
    pub async fn problem_counts(&self) -> Result<HashMap<String, u64>, StoreError> {
        self.counted(
            "SELECT source_id, COUNT(*) FROM catalog_problems WHERE code <> $1 GROUP BY source_id",
            crate::ingest::PASSED_OVER,
        )
        .await
    }

    /// In how many places of each source, by its id, no entity could be made of
    /// what stands there.
    pub(crate) async fn unread_counts(&self) -> Result<HashMap<String, u64>, StoreError> {
        self.counted(
            "SELECT source_id, COUNT(*) FROM catalog_problems \
             WHERE entity_ref IS NULL AND severity = $1 GROUP BY source_id",
            Severity::Error.as_str(),
        )
        .await
    }

    async fn counted(
        &self,
        sql: &'static str,
        what: &'static str,
    ) -> Result<HashMap<String, u64>, StoreError> {
        self.db
            .read(sql, args![what])
            .await?
            .iter()
            .map(|row| {
                let count = u64::try_from(row.int(1)?).unwrap_or(0);
                Ok((row.text(0)?.to_owned(), count))
            })
            .collect()
    }

    /// What could not be understood of one entity.
    pub async fn problems_of(&self, entity_ref: &EntityRef) -> Result<Vec<ProblemRow>, StoreError> {
        let sql = format!("{PROBLEMS} WHERE entity_ref = $1 ORDER BY {PLACES}");
        self.db
            .read(Sql::assembled(sql), args![entity_ref.as_str()])
            .await?
            .iter()
            .map(problem_from)
            .collect()
    }
}

impl Finding {
    fn row(&self, source_id: &str, ordinal: i64) -> Vec<Arg> {
        let problem = &self.problem;
        args![
            source_id,
            ordinal,
            self.location.as_str(),
            problem.line,
            problem.column,
            problem.severity.as_str(),
            problem.code,
            problem.message.as_str(),
            problem.accepted.clone(),
            problem.fix.clone(),
            self.entity_ref
                .as_ref()
                .map(|entity| entity.as_str().to_owned()),
            self.read_in.as_str(),
        ]
    }
}

const COLUMNS: [&str; 12] = [
    "source_id",
    "ordinal",
    "location",
    "line",
    "col",
    "severity",
    "code",
    "message",
    "accepted",
    "fix",
    "entity_ref",
    "read_in",
];

/// The order of problems: by place, and at one place as they were found.
const PLACES: &str = "source_id, location, line, col, ordinal";

const PROBLEMS: &str = "SELECT source_id, location, line, col, severity, code, message, accepted, fix, entity_ref \
    FROM catalog_problems";

fn problem_from(row: &Row) -> Result<ProblemRow, StoreError> {
    let location = row.text(1)?.to_owned();
    Ok(ProblemRow {
        source_id: row.text(0)?.to_owned(),
        file: crate::place::shown(&location).to_owned(),
        location,
        line: number(row.int(2)?),
        column: number(row.int(3)?),
        severity: row.text(4)?.to_owned(),
        code: row.text(5)?.to_owned(),
        message: row.text(6)?.to_owned(),
        accepted: row.opt_text(7)?.map(str::to_owned),
        fix: row.opt_text(8)?.map(str::to_owned),
        entity_ref: row.opt_text(9)?.map(str::to_owned),
    })
}

fn number(value: i64) -> u32 {
    u32::try_from(value).unwrap_or(0)
}
