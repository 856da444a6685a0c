//! `portway doctor`: questions that find out whether a part of Portway works,
//! each with its evidence and what to do. They run side by side, each within
//! its own time limit, so that one that hangs hides nothing.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;

/// How long a check may take unless it says otherwise.
const DEFAULT_LIMIT: Duration = Duration::from_secs(4);

/// The five layers of an internal developer platform, in which both
/// `portway doctor` and the health page sort their findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layer {
    /// What people see: portal, catalog, documentation, search.
    Portal,
    /// How software gets from a commit to its place.
    IntegrationAndDelivery,
    /// Sign-in, permissions, policies, secrets.
    SecurityAndCompliance,
    /// What teams may use: environments, quotas, costs.
    ResourceManagement,
    /// What everything runs on: database, disk, clusters.
    Infrastructure,
}

impl Layer {
    /// All five, from what people see to what carries it.
    pub const ALL: [Self; 5] = [
        Self::Portal,
        Self::IntegrationAndDelivery,
        Self::SecurityAndCompliance,
        Self::ResourceManagement,
        Self::Infrastructure,
    ];

    /// The name that stands in machine-readable output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Portal => "portal",
            Self::IntegrationAndDelivery => "integration-and-delivery",
            Self::SecurityAndCompliance => "security-and-compliance",
            Self::ResourceManagement => "resource-management",
            Self::Infrastructure => "infrastructure",
        }
    }
}

/// How a check went; the worst one of several is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Nothing to ask: the thing is not configured.
    Skip,
    /// It works.
    Ok,
    /// It works, but not as it should.
    Warn,
    /// It does not work.
    Fail,
}

impl Status {
    /// `ok`, `warn`, `fail` or `skip`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// The name of a message in other languages, and its variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageKey {
    /// The key of a Fluent message, for example `doctor-sources`.
    pub name: &'static str,
    /// The message's variables by name.
    pub args: Vec<(&'static str, Arg)>,
}

/// A variable of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arg {
    /// A figure, which may choose a plural.
    Count(u64),
    /// A path, a list, a name.
    Text(String),
}

impl From<u64> for Arg {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}

impl From<usize> for Arg {
    fn from(count: usize) -> Self {
        Self::Count(count as u64)
    }
}

impl From<String> for Arg {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Arg {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// What a check says: in English, and how to say it in other languages. A text
/// without a key, such as a path or the words of another program, stays as it
/// is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    english: String,
    key: Option<MessageKey>,
}

impl Message {
    /// A sentence that has translations under `name`.
    pub fn new(name: &'static str, english: impl Into<String>) -> Self {
        Self {
            english: english.into(),
            key: Some(MessageKey {
                name,
                args: Vec::new(),
            }),
        }
    }

    /// Sets the variable `name` of the translations; the English sentence has
    /// it already.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Arg>) -> Self {
        if let Some(key) = &mut self.key {
            key.args.push((name, value.into()));
        }
        self
    }
}

impl From<String> for Message {
    fn from(english: String) -> Self {
        Self { english, key: None }
    }
}

impl From<&str> for Message {
    fn from(english: &str) -> Self {
        english.to_owned().into()
    }
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How it went.
    pub status: Status,
    /// What was seen: a path, a figure, an answer. Never a secret.
    pub evidence: Message,
    /// What to do about it, at best a command.
    pub fix: Option<Message>,
}

impl Outcome {
    /// It works.
    pub fn ok(evidence: impl Into<Message>) -> Self {
        Self {
            status: Status::Ok,
            evidence: evidence.into(),
            fix: None,
        }
    }

    /// It works, but not as it should.
    pub fn warn(evidence: impl Into<Message>, fix: impl Into<Message>) -> Self {
        Self {
            status: Status::Warn,
            evidence: evidence.into(),
            fix: Some(fix.into()),
        }
    }

    /// It does not work.
    pub fn fail(evidence: impl Into<Message>, fix: impl Into<Message>) -> Self {
        Self {
            status: Status::Fail,
            evidence: evidence.into(),
            fix: Some(fix.into()),
        }
    }

    /// There is nothing to check, for this reason.
    pub fn skip(evidence: impl Into<Message>) -> Self {
        Self {
            status: Status::Skip,
            evidence: evidence.into(),
            fix: None,
        }
    }
}

type Answer = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// One question.
#[derive(Clone)]
pub struct Check {
    /// Stable and dotted: `platform.database`.
    pub id: &'static str,
    /// What is asked, in a few English words; also the key of its translation.
    pub title: &'static str,
    /// Where it belongs.
    pub layer: Layer,
    /// How long it may take.
    pub limit: Duration,
    run: Arc<dyn Fn() -> Answer + Send + Sync>,
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Check")
            .field("id", &self.id)
            .field("layer", &self.layer)
            .finish_non_exhaustive()
    }
}

impl Check {
    /// A check with the usual time limit of 4 seconds.
    pub fn new<F, O>(id: &'static str, title: &'static str, layer: Layer, run: F) -> Self
    where
        F: Fn() -> O + Send + Sync + 'static,
        O: Future<Output = Outcome> + Send + 'static,
    {
        Self {
            id,
            title,
            layer,
            limit: DEFAULT_LIMIT,
            run: Arc::new(move || Box::pin(run())),
        }
    }

    /// The same check with another time limit.
    #[must_use]
    pub fn within(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }
}

/// A check and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The check's id.
    pub id: &'static str,
    /// The check's title in English.
    pub title: &'static str,
    /// Where it belongs.
    pub layer: Layer,
    /// How it went.
    pub status: Status,
    /// What was seen.
    pub evidence: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
    /// How long it took.
    pub milliseconds: u64,
    /// How to say the evidence in other languages.
    #[serde(skip)]
    pub evidence_key: Option<MessageKey>,
    /// How to say the fix in other languages.
    #[serde(skip)]
    pub fix_key: Option<MessageKey>,
}

/// Runs all checks at once. The findings come by layer, then in the order of
/// the checks. A check that takes too long or panics has failed.
pub async fn examine(checks: &[Check]) -> Vec<Finding> {
    let started: Vec<_> = checks
        .iter()
        .map(|check| (check, tokio::spawn(limited(check.clone()))))
        .collect();
    let mut findings = Vec::with_capacity(started.len());
    for (check, task) in started {
        let (outcome, took) = task.await.unwrap_or_else(|_| {
            let outcome = Outcome::fail(
                Message::new("doctor-stopped", "the check itself stopped with an error"),
                Message::new(
                    "doctor-stopped-fix",
                    "report this as a bug; the log says where it stopped",
                ),
            );
            (outcome, Duration::ZERO)
        });
        let (fix, fix_key) = outcome.fix.map(|fix| (fix.english, fix.key)).unzip();
        findings.push(Finding {
            id: check.id,
            title: check.title,
            layer: check.layer,
            status: outcome.status,
            evidence: outcome.evidence.english,
            fix,
            milliseconds: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            evidence_key: outcome.evidence.key,
            fix_key: fix_key.flatten(),
        });
    }
    findings.sort_by_key(|finding| finding.layer);
    findings
}

async fn limited(check: Check) -> (Outcome, Duration) {
    let started = Instant::now();
    let outcome = tokio::time::timeout(check.limit, (check.run)())
        .await
        .unwrap_or_else(|_| {
            let limit = check.limit.as_secs_f64().to_string();
            Outcome::fail(
                Message::new("doctor-no-answer", format!("no answer within {limit} s"))
                    .with("seconds", limit),
                Message::new(
                    "doctor-no-answer-fix",
                    "see whether the machine or the service behind it is overloaded or unreachable",
                ),
            )
        });
    (outcome, started.elapsed())
}

/// The worst status among findings; [`Status::Ok`] when there are none.
pub fn worst(findings: &[Finding]) -> Status {
    findings
        .iter()
        .map(|finding| finding.status)
        .max()
        .unwrap_or(Status::Ok)
        .max(Status::Ok)
}
