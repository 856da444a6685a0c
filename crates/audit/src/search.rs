//! Finds events: filters, pages with a cursor, and counts for the facets.

use jiff::Timestamp;
use platform::args;
use platform::error::ApiError;
use platform::event::{Event, EventLog, Outcome};
use platform::request::Query;
use platform::store::{Sql, StoreError};
use serde_json::{Value, json};

use crate::condition::Condition;
use crate::store::Store;

/// Events that one answer looks through where no index helps; the cursor goes
/// on from there.
const WINDOW: i64 = 200_000;
/// Of how many events the facets count.
pub(crate) const COUNTED: i64 = 5_000;
/// Values of one name in a query that count.
const MOST_VALUES: usize = 40;
/// The longest text that is looked for, in characters.
const LONGEST_TEXT: usize = 200;

/// Which events are wanted. The default wants all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Exactly this actor, or for whom it acts.
    pub actor: Option<String>,
    /// Types, or what types begin with; any of them.
    pub kinds: Vec<String>,
    /// Exactly this subject.
    pub subject: Option<String>,
    /// How it ended; any of these.
    pub outcomes: Vec<Outcome>,
    /// Exactly this address.
    pub address: Option<String>,
    /// In the subject, the actor, the reason or the facts.
    pub text: Option<String>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub to: Option<Timestamp>,
    /// What people and programs did, not what controllers found.
    pub people: bool,
}

/// A page of events, newest first.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// The events.
    pub events: Vec<Event>,
    /// Where the next page begins; none at the end.
    pub next: Option<i64>,
}

impl Filter {
    /// Reads `actor`, `type`, `subject`, `outcome`, `address`, `q`, `from`,
    /// `to` and `people` of a query. Empty values count as absent.
    ///
    /// # Errors
    /// 400 for a time or an outcome that is none.
    pub fn from_query(query: &Query) -> Result<Self, ApiError> {
        let text = |key: &str| {
            query
                .get(key)
                .map(str::trim)
                .filter(|text| !text.is_empty())
                .map(|text| text.replace('\0', "␀"))
        };
        let filled = |key: &'static str| {
            query
                .all(key)
                .map(str::trim)
                .filter(|text| !text.is_empty())
                .take(MOST_VALUES)
        };
        let outcomes = filled("outcome").map(|name| {
            Outcome::from_name(name).ok_or_else(|| {
                ApiError::input("request/query/outcome must be equal to one of the allowed values")
                    .accepted(Outcome::NAMES.join(", "))
            })
        });
        let kinds = filled("type").map(|kind| kind.trim_end_matches('*').replace('\0', "␀"));
        Ok(Self {
            actor: text("actor"),
            kinds: kinds.collect(),
            subject: text("subject"),
            outcomes: outcomes.collect::<Result<_, _>>()?,
            address: text("address"),
            text: text("q").map(|text| text.chars().take(LONGEST_TEXT).collect()),
            from: time(query, "from")?,
            to: time(query, "to")?,
            people: text("people").is_some_and(|text| text != "false"),
        })
    }

    /// Whether nothing is left out.
    pub fn is_all(&self) -> bool {
        *self == Self::default()
    }

    /// The filter as the event of an export says it.
    pub fn to_json(&self) -> Value {
        let mut fields = serde_json::Map::new();
        let mut add = |key: &str, value: Option<String>| {
            if let Some(value) = value {
                fields.insert(key.to_owned(), value.into());
            }
        };
        add("actor", self.actor.clone());
        let list = |list: Vec<&str>| (!list.is_empty()).then(|| list.join(","));
        add(
            "type",
            list(self.kinds.iter().map(String::as_str).collect()),
        );
        add("subject", self.subject.clone());
        add(
            "outcome",
            list(self.outcomes.iter().map(|one| one.as_str()).collect()),
        );
        add("address", self.address.clone());
        add("q", self.text.clone());
        add("from", self.from.map(|at| at.to_string()));
        add("to", self.to.map(|at| at.to_string()));
        add("people", self.people.then(|| "true".to_owned()));
        Value::Object(fields)
    }

    /// Whether no index narrows this down.
    fn scans(&self) -> bool {
        let indexed = self.subject.is_some() || self.is_about_not_allowed();
        let filtered = self.text.is_some() || self.address.is_some() || self.actor.is_some();
        !indexed && filtered
    }

    fn is_about_not_allowed(&self) -> bool {
        !self.outcomes.is_empty() && !self.outcomes.contains(&Outcome::Allowed)
    }

    fn condition(&self, first: usize) -> Condition {
        let mut condition = Condition::from(first);
        if let Some(actor) = &self.actor {
            let actor_is = condition.value(actor.as_str());
            // Said so that the index over people and programs is used.
            let people = if actor.starts_with("controller:") {
                ""
            } else {
                " AND actor_kind <> 'system'"
            };
            condition.and(format!(
                "(actor = {actor_is} OR on_behalf_of = {actor_is}){people}"
            ));
        }
        if !self.kinds.is_empty() {
            let kinds: Vec<String> = self
                .kinds
                .iter()
                .map(|kind| condition.begins(kind))
                .collect();
            condition.and(format!("({})", kinds.join(" OR ")));
        }
        if !self.outcomes.is_empty() {
            let outcomes: Vec<String> = self
                .outcomes
                .iter()
                .map(|outcome| condition.value(outcome.as_str()))
                .collect();
            condition.and(format!("outcome IN ({})", outcomes.join(", ")));
            if self.is_about_not_allowed() {
                // Said so that the index over these is used.
                condition.and("outcome <> 'allowed'");
            }
        }
        for (column, value) in [("subject", &self.subject), ("address", &self.address)] {
            if let Some(value) = value {
                let value = condition.value(value.as_str());
                condition.and(format!("{column} = {value}"));
            }
        }
        if let Some(from) = self.from {
            let from = condition.value(from);
            condition.and(format!("time >= {from}"));
        }
        if let Some(to) = self.to {
            let to = condition.value(to);
            condition.and(format!("time < {to}"));
        }
        if self.people {
            condition.and("actor_kind <> 'system'");
        }
        if let Some(text) = &self.text {
            let pattern = format!("%{}%", escaped(&text.to_lowercase()));
            let like = condition.value(pattern);
            let columns = ["subject", "actor", "coalesce(reason, '')", "data", "type"];
            let any = columns.map(|column| format!("lower({column}) LIKE {like} ESCAPE '\\'"));
            condition.and(format!("({})", any.join(" OR ")));
        }
        condition
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_")
}

fn time(query: &Query, key: &str) -> Result<Option<Timestamp>, ApiError> {
    let Some(text) = query
        .get(key)
        .map(str::trim)
        .filter(|text| !text.is_empty())
    else {
        return Ok(None);
    };
    // A field of a form gives a day or a time without a zone, which is UTC.
    let day = || {
        text.parse::<jiff::civil::DateTime>()
            .ok()?
            .to_zoned(jiff::tz::TimeZone::UTC)
            .ok()
            .map(|at| at.timestamp())
    };
    match text.parse().ok().or_else(day) {
        Some(at) => Ok(Some(at)),
        None => Err(ApiError::input(format!(
            "request/query/{key} must match format \"date-time\""
        ))
        .accepted("a time such as 2026-11-21T10:00:00Z, or a day such as 2026-11-21")),
    }
}

/// A page of at most `limit` events before the number `before`.
pub(crate) async fn page(
    store: &Store,
    filter: &Filter,
    before: i64,
    limit: usize,
) -> Result<Found, StoreError> {
    let log = EventLog::new(store.db());
    let mut filter = filter.clone();
    let mut before = before;
    if let Some(to) = filter.to {
        before = before.min(seq_at(store, to).await?);
    }
    let mut least = match filter.from {
        Some(from) => seq_at(store, from).await? - 1,
        None => 0,
    };
    if filter.scans() {
        let newest = before.min(log.latest_seq().await? + 1);
        least = least.max(newest - WINDOW);
    }
    // The numbers say it, and numbers are an index.
    (filter.from, filter.to) = (None, None);
    let mut condition = filter.condition(3);
    let least_is = condition.value(least);
    condition.and(format!("seq > {least_is}"));
    let (text, values) = condition.finish();
    let events = log.select(&text, (before, limit + 1), values).await?;
    let mut events = events;
    let next = if events.len() > limit {
        events.truncate(limit);
        events.last().map(|event| event.seq)
    } else {
        // More may lie beyond the window.
        (filter.scans() && least > 0).then_some(least + 1)
    };
    Ok(Found { events, next })
}

/// Events with numbers in `(after, to]`, oldest first.
pub(crate) async fn upwards(
    store: &Store,
    filter: &Filter,
    (after, to): (i64, i64),
    limit: usize,
) -> Result<Vec<Event>, StoreError> {
    let mut condition = filter.condition(3);
    let to = condition.value(to);
    condition.and(format!("seq <= {to}"));
    let (text, values) = condition.finish();
    EventLog::new(store.db())
        .select_up(&text, (after, limit), values)
        .await
}

/// How many events up to a number fit.
pub(crate) async fn count(store: &Store, filter: &Filter, to: i64) -> Result<i64, StoreError> {
    let mut condition = filter.condition(1);
    let to = condition.value(to);
    condition.and(format!("seq <= {to}"));
    let (text, values) = condition.finish();
    let sql = format!("SELECT count(*) FROM events WHERE {text}");
    let rows = store.db().read(Sql::assembled(sql), values).await?;
    rows.first().map_or(Ok(0), |row| row.int(0))
}

/// The number of the first event that is not older than a time; one more than
/// the last for a time in the future. Numbers rise with time, as far as the
/// clocks of replicas agree.
async fn seq_at(store: &Store, at: Timestamp) -> Result<i64, StoreError> {
    let (mut low, mut high) = (1, EventLog::new(store.db()).latest_seq().await? + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let rows = store
            .db()
            .read(
                "SELECT seq, time FROM events WHERE seq >= $1 ORDER BY seq LIMIT 1",
                args![middle],
            )
            .await?;
        match rows.first() {
            // A removed event takes the time of the next that is left.
            Some(row) if row.time(1)? < at => low = row.int(0)? + 1,
            _ => high = middle,
        }
    }
    Ok(low)
}

/// How often each value occurs among the newest [`COUNTED`] events that fit.
pub(crate) async fn counts(
    store: &Store,
    filter: &Filter,
    column: &'static str,
) -> Result<Vec<(String, u64)>, StoreError> {
    let log = EventLog::new(store.db());
    let mut condition = filter.condition(1);
    if filter.scans() {
        let least = condition.value(log.latest_seq().await? - WINDOW);
        condition.and(format!("seq > {least}"));
    }
    let limit = condition.value(COUNTED);
    let (text, values) = condition.finish();
    let sql = format!(
        "SELECT {column}, count(*) FROM (SELECT {column} FROM events WHERE {text} \
         ORDER BY seq DESC LIMIT {limit}) AS newest GROUP BY {column} ORDER BY 2 DESC, 1 LIMIT 40"
    );
    let rows = store.db().read(Sql::assembled(sql), values).await?;
    rows.iter()
        .map(|row| {
            Ok((
                row.text(0)?.to_owned(),
                u64::try_from(row.int(1)?).unwrap_or(0),
            ))
        })
        .collect()
}

/// An event as the API answers it.
pub(crate) fn to_json(event: &Event) -> Value {
    json!({
        "seq": event.seq,
        "id": event.id.to_string(),
        "time": event.time.to_string(),
        "type": event.kind,
        "actor": event.actor,
        "subject": event.subject,
        "outcome": event.outcome.as_str(),
        "address": event.origin.address,
        "request": event.origin.request,
        "reason": event.origin.reason,
        "cause": event.cause,
        "data": event.data,
        "hash": event.hash.map(hex::encode),
    })
}
