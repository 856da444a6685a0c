//! Random work on the queue, compared with a model of its rules that is simple
//! enough to be read.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use platform::queue::{Claimed, Job, JobState, Next, Queue};
use platform::store::{Db, StoreError, args};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::databases::on_both;

const QUEUE: &str = "model";
const LEASE: Duration = Duration::from_secs(10);

/// One thing that somebody does. Holders are chosen among all that ever were.
#[derive(Clone, Debug)]
enum Act {
    Enqueue {
        key: u8,
        seconds: i64,
        hint: Option<u8>,
    },
    Advance {
        seconds: u64,
    },
    Claim {
        limit: usize,
    },
    Done {
        holder: usize,
    },
    After {
        holder: usize,
        seconds: u64,
    },
    Fail {
        holder: usize,
        seconds: i64,
    },
    Renew {
        holder: usize,
    },
    Release {
        holder: usize,
    },
    Guarded {
        holder: usize,
    },
    Kick {
        key: u8,
    },
}

fn act() -> impl Strategy<Value = Act> {
    let holder = 0..12_usize;
    prop_oneof![
        4 => (0..4_u8, -5..15_i64, proptest::option::of(any::<u8>()))
            .prop_map(|(key, seconds, hint)| Act::Enqueue { key, seconds, hint }),
        2 => (0..12_u64).prop_map(|seconds| Act::Advance { seconds }),
        4 => (1..4_usize).prop_map(|limit| Act::Claim { limit }),
        2 => holder.clone().prop_map(|holder| Act::Done { holder }),
        1 => (holder.clone(), 0..15_u64).prop_map(|(holder, seconds)| Act::After { holder, seconds }),
        1 => (holder.clone(), 0..15_i64).prop_map(|(holder, seconds)| Act::Fail { holder, seconds }),
        1 => holder.clone().prop_map(|holder| Act::Renew { holder }),
        1 => holder.clone().prop_map(|holder| Act::Release { holder }),
        1 => holder.prop_map(|holder| Act::Guarded { holder }),
        1 => (0..4_u8).prop_map(|key| Act::Kick { key }),
    ]
}

/// What the queue should hold.
#[derive(Clone, Debug, PartialEq)]
struct Entry {
    /// When it is to run; nothing while it runs and nobody has asked again.
    run_at: Option<Timestamp>,
    hint: Value,
    attempts: u32,
    failed: bool,
    /// The number of the claim and the end of its lease.
    held: Option<(usize, Timestamp)>,
}

impl Entry {
    fn due(&self) -> Timestamp {
        self.held.map(|(_, until)| until).or(self.run_at).unwrap()
    }

    fn ask(&mut self, at: Timestamp) {
        self.run_at = Some(self.run_at.map_or(at, |old| old.min(at)));
    }
}

struct World<'a> {
    db: &'a Db,
    queue: Queue,
    model: BTreeMap<String, Entry>,
    /// Every claim that was ever answered.
    claims: Vec<Claimed>,
    last_fence: i64,
}

impl World<'_> {
    fn now(&self) -> Timestamp {
        self.db.clock().now()
    }

    fn at(&self, seconds: i64) -> Timestamp {
        self.now() + SignedDuration::from_secs(seconds)
    }

    /// A past claim, and whether the model says that it still holds.
    fn holder(&self, number: usize) -> Option<(usize, Claimed, bool)> {
        let number = self.claims.len().checked_sub(1 + number)?;
        let claimed = self.claims[number].clone();
        let holds = self
            .model
            .get(&claimed.key)
            .is_some_and(|entry| entry.held.is_some_and(|(held_by, _)| held_by == number));
        Some((number, claimed, holds))
    }

    /// Ends a run in the model.
    fn let_go(&mut self, key: &str, at: Option<Timestamp>, failed: bool, attempts: u32) {
        let entry = self.model.get_mut(key).unwrap();
        (entry.held, entry.failed, entry.attempts) = (None, failed, attempts);
        if let Some(at) = at {
            entry.ask(at);
        }
        if entry.run_at.is_none() {
            self.model.remove(key);
        }
    }

    async fn act(&mut self, act: Act) -> Result<(), TestCaseError> {
        match act {
            Act::Enqueue { key, seconds, hint } => self.enqueue(key, seconds, hint).await,
            Act::Advance { seconds } => self.db.clock().advance(Duration::from_secs(seconds)),
            Act::Claim { limit } => self.claim(limit).await?,
            Act::Kick { key } => {
                let key = key.to_string();
                let found = self.queue.kick(QUEUE, &key, "kick").await.unwrap();
                prop_assert_eq!(found, self.model.contains_key(&key));
                let now = self.now();
                self.model.entry(key).and_modify(|entry| entry.ask(now));
            }
            Act::Done { holder }
            | Act::After { holder, .. }
            | Act::Fail { holder, .. }
            | Act::Renew { holder }
            | Act::Release { holder }
            | Act::Guarded { holder } => self.by_holder(holder, &act).await?,
        }
        self.compare().await
    }

    async fn enqueue(&mut self, key: u8, seconds: i64, hint: Option<u8>) {
        let (key, run_at) = (key.to_string(), self.at(seconds));
        let payload = hint.map_or(Value::Null, |hint| json!(hint));
        let job = Job {
            queue: QUEUE,
            key: key.clone(),
            payload: payload.clone(),
            run_at,
            reason: "r".into(),
        };
        self.queue.enqueue(job).await.unwrap();
        let entry = self.model.entry(key).or_insert(Entry {
            run_at: None,
            hint: Value::Null,
            attempts: 0,
            failed: false,
            held: None,
        });
        entry.ask(run_at);
        if !payload.is_null() {
            entry.hint = payload;
        }
    }

    async fn claim(&mut self, limit: usize) -> Result<(), TestCaseError> {
        let now = self.now();
        let mut due: Vec<_> = self
            .model
            .iter()
            .filter(|(_, entry)| entry.due() <= now)
            .map(|(key, entry)| (entry.due(), key.clone()))
            .collect();
        due.sort();
        let mut expected: Vec<_> = due.into_iter().take(limit).map(|(_, key)| key).collect();
        expected.sort();
        let mut claimed = self
            .queue
            .claim(QUEUE, "owner", LEASE, limit)
            .await
            .unwrap();
        claimed.sort_by(|a, b| a.key.cmp(&b.key));
        let keys: Vec<_> = claimed.iter().map(|claimed| claimed.key.clone()).collect();
        prop_assert_eq!(keys, expected);
        for claimed in claimed {
            prop_assert!(claimed.fence > self.last_fence, "a number was used again");
            let entry = self.model.get_mut(&claimed.key).unwrap();
            entry.attempts += 1;
            entry.run_at = None;
            entry.held = Some((self.claims.len(), claimed.lease_until));
            prop_assert_eq!(claimed.attempts, entry.attempts);
            prop_assert_eq!(&claimed.payload, &entry.hint);
            self.claims.push(claimed);
        }
        self.last_fence = self
            .claims
            .last()
            .map_or(self.last_fence, |claimed| claimed.fence);
        Ok(())
    }

    async fn by_holder(&mut self, holder: usize, act: &Act) -> Result<(), TestCaseError> {
        let Some((number, claimed, holds)) = self.holder(holder) else {
            return Ok(());
        };
        let key = claimed.key.clone();
        let result = match *act {
            Act::Done { .. } => self.queue.finish(&claimed, Next::Done).await,
            Act::After { seconds, .. } => {
                self.queue
                    .finish(
                        &claimed,
                        Next::After(Duration::from_secs(seconds), "r".into()),
                    )
                    .await
            }
            Act::Fail { seconds, .. } => {
                self.queue.fail(&claimed, self.at(seconds), "r", "e").await
            }
            Act::Release { .. } => self.queue.release(&claimed, "r").await,
            Act::Renew { .. } => {
                let gone = self
                    .queue
                    .renew(std::slice::from_ref(&claimed), LEASE)
                    .await
                    .unwrap();
                prop_assert_eq!(gone.is_empty(), holds);
                Ok(())
            }
            _ => {
                let mut tx = self.db.begin().await.unwrap();
                tx.guard(&claimed);
                tx.commit().await
            }
        };
        if !holds {
            let refused = matches!(result, Err(StoreError::LeaseLost { .. }));
            prop_assert!(refused || matches!(act, Act::Renew { .. }), "{:?}", result);
            return Ok(());
        }
        prop_assert!(result.is_ok(), "{:?}", result);
        match *act {
            Act::Done { .. } => self.let_go(&key, None, false, 0),
            Act::After { seconds, .. } => {
                let at = self.at(i64::try_from(seconds).unwrap());
                self.let_go(&key, Some(at), false, 0);
            }
            Act::Fail { seconds, .. } => {
                self.let_go(&key, Some(self.at(seconds)), true, claimed.attempts);
            }
            Act::Release { .. } => {
                let failed = claimed.last_error.is_some();
                self.let_go(&key, Some(self.now()), failed, claimed.attempts - 1);
            }
            Act::Renew { .. } => {
                let until = self.now() + SignedDuration::try_from(LEASE).unwrap();
                self.model.get_mut(&key).unwrap().held = Some((number, until));
            }
            _ => {}
        }
        Ok(())
    }

    async fn compare(&self) -> Result<(), TestCaseError> {
        let mut listed = self.queue.list(QUEUE, 100).await.unwrap();
        listed.sort_by(|a, b| a.key.cmp(&b.key));
        let found: BTreeMap<_, _> = listed
            .into_iter()
            .map(|job| {
                let (run_at, until) = match job.state {
                    JobState::Waiting { run_at } => (Some(run_at), None),
                    JobState::Running {
                        lease_until,
                        again_at,
                        ..
                    } => (again_at, Some(lease_until)),
                };
                (
                    job.key,
                    (
                        run_at,
                        until,
                        job.payload,
                        job.attempts,
                        job.last_error.is_some(),
                    ),
                )
            })
            .collect();
        let expected: BTreeMap<_, _> = self
            .model
            .iter()
            .map(|(key, entry)| {
                let until = entry.held.map(|(_, until)| until);
                (
                    key.clone(),
                    (
                        entry.run_at,
                        until,
                        entry.hint.clone(),
                        entry.attempts,
                        entry.failed,
                    ),
                )
            })
            .collect();
        prop_assert_eq!(found, expected);
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_queue_keeps_its_rules_whatever_happens_in_whatever_order() {
    on_both(|place| async move {
        let db = place.open().await;
        let runtime = tokio::runtime::Handle::current();
        tokio::task::block_in_place(|| {
            let config = Config {
                cases: 40,
                failure_persistence: None,
                ..Config::default()
            };
            let acts = proptest::collection::vec(act(), 1..40);
            TestRunner::new(config).run(&acts, |acts| {
                runtime.block_on(async {
                    let mut tx = db.begin().await.unwrap();
                    tx.execute("DELETE FROM jobs", args![]).await.unwrap();
                    tx.commit().await.unwrap();
                    let mut world = World {
                        db: &db,
                        queue: Queue::new(&db),
                        model: BTreeMap::new(),
                        claims: Vec::new(),
                        last_fence: 0,
                    };
                    for act in acts {
                        world.act(act).await?;
                    }
                    Ok(())
                })
            })
        })
        .unwrap();
    })
    .await;
}
