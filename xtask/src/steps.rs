//! Running steps one after another, with times, up to the first that fails.

use std::time::{Duration, Instant};

use anyhow::Result;

/// What became of a step that did not fail.
pub(crate) enum Done {
    Passed,
    /// Left out, with the reason and what to install.
    LeftOut(String),
}

/// A named piece of the whole test run.
pub(crate) struct Step<'a> {
    pub(crate) name: &'static str,
    /// What it shows when it passes.
    pub(crate) what: &'static str,
    pub(crate) run: Box<dyn FnOnce() -> Result<Done> + 'a>,
}

enum Outcome {
    Passed(Duration),
    LeftOut(String),
    Failed(Duration),
    NotRun,
}

struct Row {
    name: &'static str,
    what: &'static str,
    outcome: Outcome,
}

/// Runs the steps in order and stops at the first failure. Prints a table of
/// all steps at the end, so that it is plain what was not run.
///
/// # Errors
/// The error of the step that failed.
pub(crate) fn run(steps: Vec<Step<'_>>) -> Result<()> {
    let start = Instant::now();
    let mut rows = Vec::with_capacity(steps.len());
    let mut failure = None;
    for step in steps {
        let outcome = if failure.is_some() {
            Outcome::NotRun
        } else {
            one(step.name, step.run, &mut failure)
        };
        rows.push(Row {
            name: step.name,
            what: step.what,
            outcome,
        });
    }
    print!("\n{}", table(&rows, start.elapsed()));
    match failure {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

fn one(
    name: &'static str,
    run: Box<dyn FnOnce() -> Result<Done> + '_>,
    failure: &mut Option<anyhow::Error>,
) -> Outcome {
    println!("\n==> {name}");
    let start = Instant::now();
    match run() {
        Ok(Done::Passed) => Outcome::Passed(start.elapsed()),
        Ok(Done::LeftOut(why)) => {
            println!("left out: {why}");
            Outcome::LeftOut(why)
        }
        Err(error) => {
            let after = start.elapsed();
            *failure = Some(error.context(format!(
                "step `{name}` failed; `cargo xtask test {name}` runs it alone"
            )));
            Outcome::Failed(after)
        }
    }
}

fn table(rows: &[Row], total: Duration) -> String {
    let mut text = String::new();
    for row in rows {
        let (sign, time, note) = match &row.outcome {
            Outcome::Passed(time) => ("ok", seconds(*time), row.what.to_owned()),
            Outcome::LeftOut(why) => ("LEFT OUT", String::new(), why.clone()),
            Outcome::Failed(time) => ("FAILED", seconds(*time), row.what.to_owned()),
            Outcome::NotRun => (
                "NOT RUN",
                String::new(),
                "an earlier step failed".to_owned(),
            ),
        };
        text.push_str(&format!("{sign:<9} {time:>9}  {:<10} {note}\n", row.name));
    }
    text.push_str(&format!("{:<9} {:>9}\n", "total", seconds(total)));
    text
}

fn seconds(time: Duration) -> String {
    let all = time.as_secs();
    if all < 60 {
        return format!("{:.1} s", time.as_secs_f64());
    }
    format!("{} min {:02}", all / 60, all % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::bail;
    use std::cell::RefCell;

    fn step<'a>(name: &'static str, run: impl FnOnce() -> Result<Done> + 'a) -> Step<'a> {
        Step {
            name,
            what: "something holds",
            run: Box::new(run),
        }
    }

    #[test]
    fn the_first_failure_stops_the_run_and_is_returned() {
        let ran = RefCell::new(Vec::new());
        let error = run(vec![
            step("one", || {
                ran.borrow_mut().push("one");
                Ok(Done::Passed)
            }),
            step("two", || bail!("a reason")),
            step("three", || {
                ran.borrow_mut().push("three");
                Ok(Done::Passed)
            }),
        ])
        .unwrap_err();
        assert_eq!(*ran.borrow(), ["one"]);
        assert_eq!(
            format!("{error:#}"),
            "step `two` failed; `cargo xtask test two` runs it alone: a reason"
        );
    }

    #[test]
    fn the_table_says_what_was_left_out_and_what_was_not_run() {
        let rows = [
            Row {
                name: "fmt",
                what: "formatted",
                outcome: Outcome::Passed(Duration::from_millis(1240)),
            },
            Row {
                name: "advisories",
                what: "none",
                outcome: Outcome::LeftOut("no cargo-deny".to_owned()),
            },
            Row {
                name: "tests",
                what: "behaviour",
                outcome: Outcome::Failed(Duration::from_secs(75)),
            },
            Row {
                name: "e2e",
                what: "journeys",
                outcome: Outcome::NotRun,
            },
        ];
        let expected = "\
ok            1.2 s  fmt        formatted
LEFT OUT             advisories no cargo-deny
FAILED     1 min 15  tests      behaviour
NOT RUN              e2e        an earlier step failed
total      1 min 16
";
        assert_eq!(table(&rows, Duration::from_secs(76)), expected);
    }
}
