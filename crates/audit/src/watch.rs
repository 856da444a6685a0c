//! Sees every answer, and writes into the log what no handler writes: refusals,
//! refused sign-ins, the first use of a token, files that leave.
//!
//! A flood of refusals must not fill the disk. Of each actor, permission and
//! route the first refusal of a minute is written before it is answered, and
//! the others are counted and written as one event when the minute is over.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use platform::actor::{Actor, ActorKind};
use platform::error::ApiError;
use platform::event::{EventType, NewEvent, Outcome};
use platform::http::Asked;
use platform::origin::Origin;
use platform::store::{Db, StoreError, Tx};
use platform::{Clock, args};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::events::{FILE_EXPORTED, REFUSED, SIGN_IN_REFUSED, TOKEN_USED};

/// How long refusals of one sort count together.
const TOGETHER: SignedDuration = SignedDuration::from_secs(60);
/// Sorts that are told apart within a minute; what comes beyond counts as one.
const MOST_SORTS: usize = 1_000;
/// Uses of tokens that are remembered; beyond, the database is asked.
const MOST_USES: usize = 50_000;
/// How often counts that are due are written.
const EVERY: std::time::Duration = std::time::Duration::from_secs(5);
/// Characters of a message that are kept.
const LONGEST: usize = 300;

/// Sees every answer. Clones share what they remember.
#[derive(Clone, Debug)]
pub struct Watch(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    db: Db,
    refusals: Mutex<HashMap<Sort, Count>>,
    uses: Mutex<HashSet<(String, String, String)>>,
}

/// What counts together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Sort {
    kind: &'static str,
    actor: String,
    permission: Option<&'static str>,
    route: String,
    method: String,
}

#[derive(Clone, Debug)]
struct Count {
    since: Timestamp,
    /// Those that no event has told of yet.
    more: u64,
    actor: Actor,
    origin: Origin,
    data: Value,
}

impl Watch {
    /// Nothing seen yet.
    pub fn new(db: &Db) -> Self {
        Self(Arc::new(Inner {
            db: db.clone(),
            refusals: Mutex::default(),
            uses: Mutex::default(),
        }))
    }

    fn clock(&self) -> &Clock {
        self.0.db.clock()
    }

    /// Writes counts that are due until `stop`, then all of them.
    pub async fn run(self, stop: CancellationToken) {
        loop {
            let ended = tokio::select! {
                () = stop.cancelled() => true,
                () = self.clock().sleep(EVERY) => false,
            };
            if let Err(error) = self.flush(ended).await {
                tracing::error!(%error, "Refusals could not be written down: {error}");
            }
            if ended {
                return;
            }
        }
    }

    /// Writes down the counts whose minute is over, or all.
    ///
    /// # Errors
    /// When the database does not answer; the counts are kept.
    pub async fn flush(&self, all: bool) -> Result<(), StoreError> {
        let now = self.clock().now();
        let over: Vec<(Sort, Count)> = {
            let mut refusals = self.0.refusals.lock();
            let over: Vec<Sort> = refusals
                .iter()
                .filter(|(_, count)| all || now.duration_since(count.since) >= TOGETHER)
                .map(|(sort, _)| sort.clone())
                .collect();
            over.into_iter()
                .filter_map(|sort| refusals.remove(&sort).map(|count| (sort, count)))
                .collect()
        };
        let mut over = over.into_iter().filter(|(_, count)| count.more > 0);
        while let Some((sort, count)) = over.next() {
            if let Err(error) = self.write(&sort, &count, count.more).await {
                // Whatever could not be told is told later.
                self.put_back(sort, count);
                over.for_each(|(sort, count)| self.put_back(sort, count));
                return Err(error);
            }
        }
        Ok(())
    }

    /// Counts again what could not be written, with what has come since.
    fn put_back(&self, sort: Sort, count: Count) {
        let mut refusals = self.0.refusals.lock();
        match refusals.get_mut(&sort) {
            Some(known) => {
                known.more += count.more;
                known.since = known.since.min(count.since);
            }
            None => {
                refusals.insert(sort, count);
            }
        }
    }

    async fn write(&self, sort: &Sort, count: &Count, times: u64) -> Result<(), StoreError> {
        let mut data = count.data.clone();
        if let Some(fields) = data.as_object_mut() {
            fields.insert("count".to_owned(), times.into());
            if times > 1 || count.more > 0 {
                fields.insert("since".to_owned(), count.since.to_string().into());
            }
        }
        let event = NewEvent {
            kind: EventType(sort.kind),
            subject: format!("route:{} {}", sort.method, sort.route),
            actor: count.actor.clone(),
            outcome: match sort.kind == FILE_EXPORTED.0 {
                true => Outcome::Allowed,
                false => Outcome::Refused,
            },
            cause: None,
            data,
        };
        let work = async {
            let mut tx = self.0.db.begin().await?;
            tx.append(event).await?;
            tx.commit().await
        };
        count.origin.clone().scope(work).await
    }

    /// Counts one; writes it when it is the first of its sort.
    async fn refused(&self, mut sort: Sort, count: Count) -> Result<(), StoreError> {
        let last;
        {
            let mut refusals = self.0.refusals.lock();
            if refusals.len() >= MOST_SORTS && !refusals.contains_key(&sort) {
                sort.actor = "others".to_owned();
                sort.route = "*".to_owned();
                sort.method = "*".to_owned();
                sort.permission = None;
            }
            let over = refusals
                .get(&sort)
                .is_some_and(|known| count.since.duration_since(known.since) >= TOGETHER);
            if let Some(known) = refusals.get_mut(&sort)
                && !over
            {
                known.more += 1;
                return Ok(());
            }
            last = refusals.insert(sort.clone(), count.clone());
        }
        // What the last minute counted and no flush has written.
        if let Some(last) = last.filter(|last| last.more > 0)
            && let Err(error) = self.write(&sort, &last, last.more).await
        {
            let untold = Count {
                more: last.more + 1,
                ..last
            };
            self.put_back(sort, untold);
            return Err(error);
        }
        let written = self.write(&sort, &count, 1).await;
        if written.is_err() {
            self.put_back(sort, Count { more: 1, ..count });
        }
        written
    }

    /// Writes down that a token is used, once for each address and day.
    async fn used(&self, asked: &Asked, actor: &Actor) -> Result<(), StoreError> {
        let day = self.clock().now().strftime("%Y-%m-%d").to_string();
        let address = asked.origin.address.clone().unwrap_or_default();
        let key = (day, actor.name.clone(), address);
        {
            let mut uses = self.0.uses.lock();
            if uses.contains(&key) {
                return Ok(());
            }
            if uses.len() >= MOST_USES {
                uses.clear();
            }
        }
        let work = async {
            let mut tx = self.0.db.begin().await?;
            if note_use(&mut tx, &key).await? {
                tx.append(NewEvent {
                    kind: TOKEN_USED,
                    subject: actor.name.clone(),
                    actor: actor.clone(),
                    outcome: Outcome::Allowed,
                    cause: None,
                    data: json!({ "day": key.0 }),
                })
                .await?;
            }
            tx.commit().await
        };
        asked.origin.clone().scope(work).await?;
        self.0.uses.lock().insert(key);
        Ok(())
    }
}

/// Answers whether it is the first on this day. What is older than yesterday
/// is forgotten.
async fn note_use(
    tx: &mut Tx,
    (day, actor, address): &(String, String, String),
) -> Result<bool, StoreError> {
    let new = tx
        .execute(
            "INSERT INTO audit_token_uses (day, actor, address) VALUES ($1, $2, $3) \
             ON CONFLICT (day, actor, address) DO NOTHING",
            args![day, actor, address],
        )
        .await?
        > 0;
    if new {
        tx.execute("DELETE FROM audit_token_uses WHERE day < $1", args![day])
            .await?;
    }
    Ok(new)
}

/// The middleware. It stands inside of whatever turns errors into pages.
pub async fn watch(State(watch): State<Watch>, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map(|path| path.as_str().to_owned());
    let response = next.run(request).await;
    let route = route.unwrap_or_default();
    let Some(noted) = note(&watch, &response, (method.as_str(), &route)) else {
        return response;
    };
    let written = match noted {
        Noted::Counted(sort, count) => watch.refused(sort, count).await,
        Noted::Used(asked, actor) => watch.used(&asked, &actor).await,
    };
    if let Err(error) = written {
        // The answer stands: a database that is away refuses nobody less.
        tracing::error!(%error, http.route = %route, "What was asked could not be written down: {error}");
    }
    response
}

/// What an answer is worth in the log.
enum Noted {
    /// It counts together with others of its sort.
    Counted(Sort, Count),
    /// A program was let in.
    Used(Asked, Actor),
}

fn note(watch: &Watch, response: &Response, (method, route): (&str, &str)) -> Option<Noted> {
    let asked = response.extensions().get::<Asked>()?;
    let actor = asked.actor.clone();
    let actor = actor.unwrap_or_else(|| Actor::new(ActorKind::Anonymous, "anonymous"));
    let refused = matches!(
        response.status(),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN
    );
    if refused && asked.written {
        return None;
    }
    let kind: &'static str = if refused {
        let signs_in = asked.actor.is_none()
            || route.starts_with("/api/auth/")
            || route.starts_with("/sign-in");
        if signs_in {
            SIGN_IN_REFUSED.0
        } else {
            REFUSED.0
        }
    } else if is_file(response) && !route.starts_with("/api/v1/audit/") {
        FILE_EXPORTED.0
    } else if matches!(actor.kind, ActorKind::Service | ActorKind::Agent) {
        return Some(Noted::Used(asked.clone(), actor));
    } else {
        return None;
    };
    let sort = Sort {
        kind,
        actor: actor.name.clone(),
        permission: asked.permission,
        route: route.to_owned(),
        method: method.to_owned(),
    };
    let data = if refused {
        refusal(response, asked.permission, (method, route))
    } else {
        json!({ "method": method, "route": route, "format": media_type(response) })
    };
    let count = Count {
        since: watch.clock().now(),
        more: 0,
        actor,
        origin: asked.origin.clone(),
        data,
    };
    Some(Noted::Counted(sort, count))
}

fn refusal(response: &Response, permission: Option<&str>, (method, route): (&str, &str)) -> Value {
    let error = response.extensions().get::<ApiError>();
    let message: Option<String> = error.map(|error| error.message.chars().take(LONGEST).collect());
    json!({
        "method": method,
        "route": route,
        "permission": permission,
        "status": response.status().as_u16(),
        "message": message,
    })
}

fn is_file(response: &Response) -> bool {
    response.status().is_success()
        && response
            .headers()
            .get(header::CONTENT_DISPOSITION)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.starts_with("attachment"))
}

fn media_type(response: &Response) -> Option<&str> {
    let value = response
        .headers()
        .get(header::CONTENT_TYPE)?
        .to_str()
        .ok()?;
    value.split(';').next()
}
