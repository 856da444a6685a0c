//! The tables of campaigns.
//!
//! ```text
//! insights_campaign_days      what was seen last on each day
//! insights_campaign_targets   every entity that has ever been a target
//! ```
//! Days are texts such as `2026-11-21`, which sort as days do.

use jiff::Timestamp;
use jiff::civil::Date;
use model::entity_ref::EntityRef;
use platform::args;
use platform::store::{Db, Migration, MigrationSet, Row, StoreError, Tx};

use super::arithmetic::{Day, Tally};
use super::measure::{Member, Members};

/// Days that are read of one campaign: ten years.
const MAX_DAYS: i64 = 3_660;

macro_rules! v1 {
    ($key:literal) => {
        concat!(
            "\n",
            "CREATE TABLE insights_campaign_days (\n",
            "    campaign ",
            $key,
            " NOT NULL,\n",
            "    day ",
            $key,
            " NOT NULL,\n",
            "    total BIGINT NOT NULL,\n",
            "    done BIGINT NOT NULL,\n",
            "    exempt BIGINT NOT NULL,\n",
            "    removed BIGINT NOT NULL,\n",
            "    measured_at BIGINT NOT NULL,\n",
            "    PRIMARY KEY (campaign, day)\n",
            ");\n",
            "CREATE TABLE insights_campaign_targets (\n",
            "    campaign ",
            $key,
            " NOT NULL,\n",
            "    target ",
            $key,
            " NOT NULL,\n",
            "    joined_day TEXT NOT NULL,\n",
            "    left_day TEXT,\n",
            "    PRIMARY KEY (campaign, target)\n",
            ");\n",
        )
    };
}

/// The tables of this crate, for both databases.
pub const MIGRATIONS: MigrationSet = MigrationSet {
    name: "insights",
    steps: &[Migration {
        version: 1,
        name: "campaigns",
        sqlite: v1!("TEXT"),
        postgres: v1!("TEXT COLLATE \"C\""),
    }],
};

/// Reads and writes the progress of campaigns.
#[derive(Clone, Debug)]
pub struct Store {
    db: Db,
}

/// What the tables know of one campaign.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// Every day that was measured, in order.
    pub days: Vec<Day>,
    /// When it was measured last.
    pub measured_at: Option<Timestamp>,
    /// Every entity that has ever been a target.
    pub members: Members,
}

impl Store {
    /// A store over an opened and migrated database.
    #[must_use]
    pub fn new(db: &Db) -> Self {
        Self { db: db.clone() }
    }

    /// Everything that is known of a campaign.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn memory(&self, campaign: &EntityRef) -> Result<Memory, StoreError> {
        let rows = self
            .db
            .read(
                "SELECT day, total, done, exempt, removed, measured_at FROM insights_campaign_days \
                 WHERE campaign = $1 ORDER BY day DESC LIMIT $2",
                args![campaign.as_str(), MAX_DAYS],
            )
            .await?;
        let measured_at = rows.first().map(|row| row.time(5)).transpose()?;
        let mut days = rows.iter().map(day_from).collect::<Result<Vec<_>, _>>()?;
        days.reverse();
        let rows = self
            .db
            .read(
                "SELECT target, joined_day, left_day FROM insights_campaign_targets WHERE campaign = $1",
                args![campaign.as_str()],
            )
            .await?;
        let members = rows
            .iter()
            .map(member_from)
            .collect::<Result<Members, _>>()?;
        Ok(Memory {
            days,
            measured_at,
            members,
        })
    }

    /// Writes what was seen on a day, in place of what was seen earlier on it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn write_day(
        &self,
        tx: &mut Tx,
        campaign: &EntityRef,
        day: &Day,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        tx.execute(
            "INSERT INTO insights_campaign_days (campaign, day, total, done, exempt, removed, measured_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (campaign, day) DO UPDATE SET \
             total = excluded.total, done = excluded.done, exempt = excluded.exempt, \
             removed = excluded.removed, measured_at = excluded.measured_at",
            args![
                campaign.as_str(),
                day.day.to_string(),
                signed(day.tally.total),
                signed(day.tally.done),
                signed(day.tally.exempt),
                signed(day.removed),
                at,
            ],
        )
        .await?;
        Ok(())
    }

    /// Remembers targets: new ones, and those that have gone or come back.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn write_members(
        &self,
        tx: &mut Tx,
        campaign: &EntityRef,
        members: &Members,
    ) -> Result<(), StoreError> {
        let mut rows = Vec::with_capacity(members.len());
        for (target, member) in members {
            rows.push(args![
                campaign.as_str(),
                target.as_str(),
                member.joined.to_string(),
                member.left.map(|day| day.to_string()),
            ]);
        }
        tx.upsert_many(
            "insights_campaign_targets",
            &["campaign", "target", "joined_day", "left_day"],
            "ON CONFLICT (campaign, target) DO UPDATE SET left_day = excluded.left_day",
            rows,
        )
        .await?;
        Ok(())
    }
}

fn day_from(row: &Row) -> Result<Day, StoreError> {
    let number = |index| Ok::<_, StoreError>(u64::try_from(row.int(index)?).unwrap_or(0));
    Ok(Day {
        day: date(0, row.text(0)?)?,
        tally: Tally {
            total: number(1)?,
            done: number(2)?,
            exempt: number(3)?,
        },
        removed: number(4)?,
    })
}

fn member_from(row: &Row) -> Result<(EntityRef, Member), StoreError> {
    let name = row.text(0)?;
    let target = EntityRef::parse(name, None, None).map_err(|error| StoreError::Column {
        index: 0,
        expected: "an entity's reference",
        problem: error.to_string(),
    })?;
    let member = Member {
        joined: date(1, row.text(1)?)?,
        left: row.opt_text(2)?.map(|day| date(2, day)).transpose()?,
    };
    Ok((target, member))
}

fn date(index: usize, text: &str) -> Result<Date, StoreError> {
    text.parse()
        .map_err(|error: jiff::Error| StoreError::Column {
            index,
            expected: "a day",
            problem: error.to_string(),
        })
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
