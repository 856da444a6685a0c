//! `cargo xtask test`: everything that must hold before a change lands.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::postgres::Postgres;
use crate::process;
use crate::steps::{self, Done, Step};
use crate::{arrows, e2e, fuzz, licences, tidy};

/// Takes along what runs as long as one lets it.
const FUZZ: &str = "--fuzz";

/// Runs all steps, or those named in `arguments`, in the order below: what is
/// cheap first, and what needs the same build next to each other. The step
/// `fuzz` runs when it is named, or with [`FUZZ`].
///
/// # Errors
/// The failure of the first step that fails, or a step name that does not exist.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<()> {
    let all = all(root);
    if arguments.iter().any(|argument| argument == "--list") {
        for step in all {
            println!("{:<10} {}", step.name, step.what);
        }
        return Ok(());
    }
    let names: Vec<&str> = all.iter().map(|step| step.name).collect();
    let fuzzed = arguments.iter().any(|argument| argument == FUZZ);
    let arguments: Vec<&String> = arguments.iter().filter(|name| *name != FUZZ).collect();
    if let Some(unknown) = arguments
        .iter()
        .find(|argument| !names.contains(&argument.as_str()))
    {
        bail!(
            "there is no step `{unknown}`; the steps are {}",
            names.join(", ")
        );
    }
    let wanted = |step: &Step<'_>| match step.name {
        "fuzz" if fuzzed => true,
        "fuzz" => arguments.iter().any(|name| *name == "fuzz"),
        name => arguments.is_empty() || arguments.iter().any(|wanted| *wanted == name),
    };
    steps::run(all.into_iter().filter(wanted).collect())
}

fn all(root: &Path) -> Vec<Step<'_>> {
    let step = |name, what, run: fn(&Path) -> Result<Done>| Step {
        name,
        what,
        run: Box::new(move || run(root)),
    };
    vec![
        step("fmt", "the sources are formatted", fmt),
        step("tidy", "sizes, names and texts keep to the rules", |root| {
            passed(tidy::check(root))
        }),
        step(
            "arrows",
            "crates depend on each other as ARCHITECTURE.md says",
            |root| passed(arrows::check(root)),
        ),
        step(
            "licences",
            "licences, banned packages, number of packages",
            |root| passed(licences::check(root)),
        ),
        step("clippy", "no warning of the compiler or of clippy", clippy),
        step("build", "everything compiles", build),
        step("tests", "behaviour, on SQLite and PostgreSQL", tests),
        step(
            "e2e",
            "journeys in a browser and with clients of others",
            |root| {
                // Nothing to do after the step `build`, but this step may run alone.
                build(root)?;
                e2e::run(root)
            },
        ),
        step(
            "fuzz",
            "parsers of other people's bytes, 20 s each (only with --fuzz)",
            |root| passed(fuzz::briefly(root)),
        ),
        step(
            "advisories",
            "no known weakness in a dependency",
            advisories,
        ),
    ]
}

fn passed(result: Result<()>) -> Result<Done> {
    result.map(|()| Done::Passed)
}

fn fmt(root: &Path) -> Result<Done> {
    passed(process::run(
        process::cargo(root).args(["fmt", "--all", "--check"]),
    ))
}

fn clippy(root: &Path) -> Result<Done> {
    passed(process::run(process::cargo(root).args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "-D",
        "warnings",
    ])))
}

/// Builds what `tests` and `e2e` use in one graph. `--all-targets` matters: it
/// takes part in deciding the features of shared dependencies, so a plain
/// `cargo build` here would compile many of them twice.
fn build(root: &Path) -> Result<Done> {
    passed(process::run(process::cargo(root).args([
        "build",
        "--workspace",
        "--all-targets",
        "--locked",
    ])))
}

fn tests(root: &Path) -> Result<Done> {
    let postgres = Postgres::start(root)?;
    if let Some(why) = &postgres.absent {
        println!("PostgreSQL is left out, SQLite alone is tested: {why}");
    }
    process::run(with_url(
        nextest(root).args(["--workspace", "--locked"]),
        &postgres,
    ))?;
    if has_nextest(root) {
        // nextest does not run the examples in doc comments.
        process::run(with_url(
            process::cargo(root).args(["test", "--workspace", "--doc", "--locked"]),
            &postgres,
        ))?;
    }
    Ok(Done::Passed)
}

fn with_url<'a>(command: &'a mut Command, postgres: &Postgres) -> &'a mut Command {
    if let Some(url) = &postgres.url {
        command.env("PORTWAY_TEST_POSTGRES", url);
    }
    command
}

fn has_nextest(root: &Path) -> bool {
    process::works(process::cargo(root).args(["nextest", "--version"]))
}

fn nextest(root: &Path) -> Command {
    let mut command = process::cargo(root);
    if has_nextest(root) {
        command.args(["nextest", "run"]);
    } else {
        command.arg("test");
    }
    command
}

fn advisories(root: &Path) -> Result<Done> {
    if !process::works(process::cargo(root).args(["deny", "--version"])) {
        return Ok(Done::LeftOut(
            "cargo-deny is not installed (`cargo install --locked cargo-deny`)".to_owned(),
        ));
    }
    process::run(process::cargo(root).args([
        "deny",
        "--workspace",
        "check",
        "bans",
        "licenses",
        "sources",
    ]))
    .context("deny.toml")?;
    if !process::works(process::cargo(root).args(["deny", "fetch", "db"])) {
        return Ok(Done::LeftOut(
            "the advisory database cannot be reached from here".to_owned(),
        ));
    }
    passed(process::run(process::cargo(root).args([
        "deny",
        "--workspace",
        "check",
        "--disable-fetch",
        "advisories",
    ])))
}
