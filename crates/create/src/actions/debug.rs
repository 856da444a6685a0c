//! `debug:log` and `debug:wait`.

use std::time::Duration;

use jiff::Timestamp;
use platform::clock::later;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::action::{Outcome, StepAction, StepError, input_of};
use crate::context::StepContext;
use crate::workspace::EntryKind;

/// A shorter wait is not worth giving the task back for.
const SHORT: Duration = Duration::from_secs(2);
/// The longest that may be waited for.
const LONGEST: Duration = Duration::from_secs(600);

pub(super) fn actions() -> Vec<StepAction> {
    vec![log(), wait()]
}

fn log() -> StepAction {
    StepAction::new(
        "debug:log",
        "Writes a message to the log of the task, and lists the files of the workspace on demand.",
        |context, input| async move { write_log(&context, &input) },
    )
    .takes(json!({
        "type": "object",
        "properties": {
            "message": { "type": "string", "description": "What to write" },
            "listWorkspace": {
                "description": "Lists the names of files, or writes their contents too",
                "anyOf": [
                    { "type": "boolean" },
                    { "type": "string", "enum": ["with-filenames", "with-contents"] },
                ],
            },
            "extra": { "description": "Anything more, written as JSON" },
        },
    }))
    .example(
        "Write a message",
        "steps:\n  - id: say\n    action: debug:log\n    input:\n      message: Hello ${{ parameters.name }}\n",
    )
    .example(
        "List the workspace",
        "steps:\n  - id: files\n    action: debug:log\n    input:\n      listWorkspace: true\n",
    )
    .runs_in_dry_run()
}

fn write_log(context: &StepContext, input: &Value) -> Result<Outcome, StepError> {
    let log = context.log();
    let written = serde_json::to_string_pretty(input).unwrap_or_default();
    log.info(&written);
    if let Some(message) = input.get("message").and_then(Value::as_str) {
        log.info(message);
    }
    let contents = match input.get("listWorkspace") {
        Some(Value::Bool(true)) => Some(false),
        Some(Value::String(how)) => Some(how == "with-contents"),
        _ => None,
    };
    if let Some(contents) = contents {
        let mut lines = vec!["Workspace:".to_owned()];
        for entry in context.workspace().entries()? {
            if entry.kind == EntryKind::Folder {
                continue;
            }
            lines.push(format!("  - {}", entry.path));
            if contents && entry.kind == EntryKind::File {
                let text = context.workspace().read(&entry.path)?;
                lines.push(match String::from_utf8(text) {
                    Ok(text) => format!("\n{text}"),
                    Err(_) => format!("    ({} bytes that are no text)", entry.size),
                });
            }
        }
        log.info(&lines.join("\n"));
    }
    Ok(Outcome::done())
}

#[derive(Deserialize)]
struct Wait {
    #[serde(default)]
    minutes: f64,
    #[serde(default)]
    seconds: f64,
    #[serde(default)]
    milliseconds: f64,
}

fn wait() -> StepAction {
    StepAction::new(
        "debug:wait",
        "Waits for a length of time, at most ten minutes. A restart does not make it longer.",
        |context, input| async move { wait_for(&context, input).await },
    )
    .takes(json!({
        "type": "object",
        "properties": {
            "minutes": { "type": "number", "description": "Minutes to wait" },
            "seconds": { "type": "number", "description": "Seconds to wait" },
            "milliseconds": { "type": "number", "description": "Milliseconds to wait" },
        },
    }))
    .example(
        "Wait for half a minute",
        "steps:\n  - id: pause\n    action: debug:wait\n    input:\n      seconds: 30\n",
    )
}

async fn wait_for(context: &StepContext, input: Value) -> Result<Outcome, StepError> {
    let wait: Wait = input_of(input)?;
    let seconds = wait.minutes * 60.0 + wait.seconds + wait.milliseconds / 1000.0;
    let length = Duration::try_from_secs_f64(seconds).map_err(|_| {
        StepError::new("The wait is not a length of time").accepting("a number from 0")
    })?;
    if length > LONGEST {
        return Err(StepError::new(format!(
            "Waiting duration is longer than the maximum threshold of 0 hours, {} minutes, 0 seconds",
            LONGEST.as_secs() / 60
        )));
    }
    sleep_until_over(context, length).await
}

/// Waits in a way that survives a restart: when the wait ends is remembered,
/// and a longer one holds nothing.
pub(super) async fn sleep_until_over(
    context: &StepContext,
    length: Duration,
) -> Result<Outcome, StepError> {
    let now = context.clock().now();
    let until = context
        .checkpoint("until", || async move {
            Ok(later(now, length).to_string().into())
        })
        .await?;
    let until: Timestamp = until
        .as_str()
        .and_then(|text| text.parse().ok())
        .unwrap_or(now);
    if until <= now {
        return Ok(Outcome::done());
    }
    if later(now, SHORT) < until {
        let reason = format!("the step waits until {}", until.strftime("%H:%M:%S UTC"));
        return Ok(Outcome::Wait { until, reason });
    }
    tokio::select! {
        () = context.clock().sleep_until(until) => Ok(Outcome::done()),
        () = context.cancelled().cancelled() => Err(StepError::new("The task was cancelled")),
    }
}
