//! A task: one run of a template.

use jiff::Timestamp;
use platform::actor::Actor;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::source::Place;

/// How far a task is. The names are Backstage's but for `waiting`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It has not begun.
    Open,
    /// A replica works on it.
    Processing,
    /// It waits for something outside, until a time and for a reason.
    Waiting,
    /// It has ended as it should.
    Completed,
    /// A step has failed.
    Failed,
    /// Somebody has cancelled it.
    Cancelled,
}

impl Status {
    const ALL: [Self; 6] = [
        Self::Open,
        Self::Processing,
        Self::Waiting,
        Self::Completed,
        Self::Failed,
        Self::Cancelled,
    ];

    /// The name in the database and in Portway's own fields.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Processing => "processing",
            Self::Waiting => "waiting",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The name for Backstage's clients, which know no waiting.
    pub fn for_backstage(self) -> &'static str {
        match self {
            Self::Waiting => "processing",
            other => other.as_str(),
        }
    }

    /// The status with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == name)
    }

    /// Whether nothing happens any more unless somebody asks.
    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }
}

/// How far a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepStatus {
    /// It has not begun.
    Open,
    /// It has begun and not ended.
    Processing,
    /// It has ended as it should.
    Completed,
    /// It has failed.
    Failed,
    /// Its condition was false, or a step before it has failed.
    Skipped,
    /// Somebody has cancelled the task while it ran.
    Cancelled,
}

impl StepStatus {
    /// The name in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Processing => "processing",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::Cancelled => "cancelled",
        }
    }

    /// The status with this name; `Open` for any other.
    pub fn from_name(name: &str) -> Self {
        [
            Self::Processing,
            Self::Completed,
            Self::Failed,
            Self::Skipped,
            Self::Cancelled,
        ]
        .into_iter()
        .find(|one| one.as_str() == name)
        .unwrap_or(Self::Open)
    }
}

/// What a task does: the template as it was when the task was made, with the
/// answers of the form. This is what Backstage's API shows as `spec`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Spec {
    /// Of the template.
    pub api_version: String,
    /// The steps, each with `id`, `name` and `action`.
    pub steps: Vec<Map<String, Value>>,
    /// How a task goes on after its process has ended; kept for clients.
    #[serde(
        rename = "EXPERIMENTAL_recovery",
        default,
        skip_serializing_if = "Value::is_null"
    )]
    pub recovery: Value,
    /// What the task answers.
    #[serde(default)]
    pub output: Value,
    /// The answers of the form.
    #[serde(default)]
    pub parameters: Value,
    /// `{ref, entity}` of whoever asked.
    #[serde(default)]
    pub user: Value,
    /// `{entityRef, baseUrl, entity: {metadata}}`.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub template_info: Value,
}

impl Spec {
    /// The text of a field of a step.
    pub(crate) fn text<'a>(step: &'a Map<String, Value>, field: &str) -> &'a str {
        step.get(field).and_then(Value::as_str).unwrap_or_default()
    }
}

/// A task as it is stored, without its secrets.
#[derive(Clone, Debug)]
pub struct Task {
    /// Its id.
    pub id: Uuid,
    /// `template:default/python-service`.
    pub template: String,
    /// Who asked for it, by name.
    pub created_by: String,
    /// How far it is.
    pub status: Status,
    /// What it does.
    pub spec: Spec,
    /// Who asked for it.
    pub actor: Actor,
    /// What the credential that asked could do: `null` for everything, else
    /// the names of permissions.
    pub granted: Option<Vec<String>>,
    /// Where the template stands.
    pub place: Option<Place>,
    /// Names of the secrets that it was given.
    pub secret_names: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it first began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// When its replica last said that it works on it.
    pub heartbeat_at: Option<Timestamp>,
    /// Until when it waits, and for what.
    pub waiting: Option<(Timestamp, String)>,
    /// Whether somebody wants it to end.
    pub cancel_asked: bool,
    /// How often it was begun, from 1.
    pub attempt: i64,
    /// The number of the workspace that was kept last; 0 for none.
    pub pack: i64,
    /// The number of its last event.
    pub events: i64,
    /// What it answered.
    pub output: Option<Value>,
    /// Why it failed.
    pub error: Option<Value>,
}

/// One step of a task as it is stored.
#[derive(Clone, Debug)]
pub struct StepRow {
    /// Its id.
    pub id: String,
    /// How far it is.
    pub status: StepStatus,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// What it answered.
    pub output: Option<Map<String, Value>>,
    /// Why it failed.
    pub error: Option<String>,
}

/// One event of a task.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskEvent {
    /// Its number within the task, from 1.
    pub id: i64,
    /// `log`, `completion`, `cancelled` or `recovered`.
    pub kind: String,
    /// What it says.
    pub body: Value,
    /// When.
    pub at: Timestamp,
}

impl TaskEvent {
    /// As Backstage's API answers it.
    pub fn to_json(&self, task: Uuid) -> Value {
        json!({
            "id": self.id,
            "isTaskRecoverable": true,
            "taskId": task.to_string(),
            "body": self.body,
            "type": self.kind,
            "createdAt": millis(self.at),
        })
    }
}

/// A time as JavaScript writes it: milliseconds, `Z`.
pub fn millis(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}
