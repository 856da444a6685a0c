//! `portway validate`: the server's own reading of files, without a server.

mod places;
mod references;

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::PathBuf;
use std::sync::Arc;

use catalog::Ingestion;

use model::diagnostic::{Diagnostic, Severity};
use model::entity::Entity;
use model::kinds::Kinds;
use model::yaml::{MAX_FILE_BYTES, Node};
use serde_json::{Value, json};

use super::args::{self, Format};
use super::exit::Exit;
use super::failure::Failure;
use super::output::{API_VERSION, Column, Output, counted, pretty, text_at};

use places::Places;

/// A valid entity and where it is written.
#[derive(Debug)]
struct Found {
    entity: Entity,
    file: String,
    node: Node,
}

/// What the files say.
#[derive(Debug, Default)]
struct Read {
    files: usize,
    found: Vec<Found>,
    findings: Vec<Diagnostic>,
}

/// What a run counts.
#[derive(Debug, Default)]
struct Totals {
    files: usize,
    entities: usize,
    errors: usize,
    warnings: usize,
}

/// Runs `portway validate`.
pub(super) fn validate(
    output: &Output,
    args: &args::Validate,
    variables: &BTreeMap<String, String>,
) -> Result<(), Failure> {
    let kinds = Arc::new(kinds(args, variables)?);
    let Read {
        files,
        found,
        mut findings,
    } = if is_stdin(args) {
        standard_input(output, &kinds)?
    } else {
        files(output, args, &kinds)?
    };
    references::duplicates(&found, &mut findings);
    if files > 1 && !args.no_references {
        references::dangling(&kinds, &found, &mut findings);
        references::circles(&found, &mut findings);
    }
    findings.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
    let count = |severity| {
        findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    };
    let totals = Totals {
        files,
        entities: found.len(),
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
    };
    print(output, &findings, &totals)?;
    if totals.errors > 0 {
        return Err(Failure::code_only(Exit::Failed));
    }
    if totals.warnings > 0 && output.exit_code {
        return Err(Failure::code_only(Exit::Findings));
    }
    Ok(())
}

/// The built-in kinds, and those of the configuration.
fn kinds(args: &args::Validate, variables: &BTreeMap<String, String>) -> Result<Kinds, Failure> {
    let mut kinds = Kinds::builtin();
    if args.configs.is_empty() {
        return Ok(kinds);
    }
    let config = super::configuration(&args.configs, None, variables)
        .map_err(|found| super::refused(&found))?;
    let own = config
        .list("catalog.kinds")
        .map_err(|found| super::refused(&[found]))?;
    for kind in own {
        kinds.add(&kind.to_json()).map_err(|cause| {
            Failure::new(
                Exit::Failed,
                format!("{}: {} describes no kind", kind.origin(), kind.path()),
            )
            .cause(cause.to_string())
        })?;
    }
    Ok(kinds)
}

fn is_stdin(args: &args::Validate) -> bool {
    matches!(args.paths.as_slice(), [only] if only.as_os_str() == "-")
}

fn standard_input(output: &Output, kinds: &Arc<Kinds>) -> Result<Read, Failure> {
    let mut bytes = Vec::new();
    // One byte more than is read, so that the reader names the bound.
    std::io::stdin()
        .lock()
        .take(MAX_FILE_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|cause| {
            Failure::new(
                Exit::Failed,
                output.lang.pick((
                    "standard input cannot be read",
                    "표준 입력을 읽을 수 없습니다",
                )),
            )
            .cause(cause.to_string())
        })?;
    let check = Ingestion::check_text(Arc::clone(kinds), "<stdin>", bytes);
    let check = super::block_on(output, false, check)?;
    Ok(Read {
        files: check.files,
        found: (check.entities.into_iter())
            .map(|item| Found {
                entity: item.entity,
                file: item.file,
                node: item.document,
            })
            .collect(),
        findings: check.problems,
    })
}

/// Reads each path as a server would read a source, with what its Locations
/// and substitutions lead to.
fn files(output: &Output, args: &args::Validate, kinds: &Arc<Kinds>) -> Result<Read, Failure> {
    let here = [PathBuf::from(".")];
    let paths = if args.paths.is_empty() {
        &here[..]
    } else {
        &args.paths
    };
    let mut places = Places::default();
    for path in paths {
        places.add(path).map_err(|cause| {
            let shown = path.display();
            Failure::new(
                Exit::Failed,
                output.lang.pick((
                    format!("{shown} cannot be read"),
                    format!("{shown}을(를) 읽을 수 없습니다"),
                )),
            )
            .cause(cause.to_string())
            .fix(output.lang.pick((
                "give a file, a folder, or `-` for standard input",
                "파일, 디렉터리 또는 표준 입력을 뜻하는 `-`를 지정하세요",
            )))
        })?;
    }
    let bar = super::entities::bar(0, output);
    let progress = |read: usize, known: usize| {
        bar.set_length(known as u64);
        bar.set_position(read as u64);
    };
    let check = Ingestion::check_files(Arc::clone(kinds), places.real(), progress);
    let check = super::block_on(output, false, check)?;
    bar.finish_and_clear();
    let written = |mut finding: Diagnostic| {
        finding.file = finding.file.map(|file| places.shown(&file));
        finding
    };
    Ok(Read {
        files: check.files,
        found: (check.entities.into_iter())
            .map(|item| Found {
                entity: item.entity,
                file: places.shown(&item.file),
                node: item.document,
            })
            .collect(),
        findings: check.problems.into_iter().map(written).collect(),
    })
}

fn print(output: &Output, findings: &[Diagnostic], totals: &Totals) -> Result<(), Failure> {
    let Totals {
        files,
        entities,
        errors,
        warnings,
    } = totals;
    let meta = json!({
        "files": files, "entities": entities, "errors": errors, "warnings": warnings,
    });
    listed(output, findings, &meta)?;
    output.note(&output.lang.pick((
        format!(
            "{}, {}: {}, {}",
            counted(*files, "file", "files"),
            counted(*entities, "entity", "entities"),
            counted(*errors, "error", "errors"),
            counted(*warnings, "warning", "warnings"),
        ),
        format!("파일 {files}개, 엔티티 {entities}개: 오류 {errors}개, 경고 {warnings}개"),
    )));
    Ok(())
}

/// Findings in the form that was asked for. `meta` counts them, for programs.
pub(super) fn listed(
    output: &Output,
    findings: &[Diagnostic],
    meta: &Value,
) -> Result<(), Failure> {
    let rows = || {
        findings
            .iter()
            .map(|finding| serde_json::to_value(finding).unwrap_or_default())
            .collect::<Vec<Value>>()
    };
    match output.format {
        Format::Table | Format::Wide => {
            let text: String = findings
                .iter()
                .map(|finding| format!("{finding}\n"))
                .collect();
            output.data(&text)
        }
        Format::Json => {
            let body = json!({"apiVersion": API_VERSION, "kind": "DiagnosticList", "items": rows(), "meta": meta});
            output.data(&pretty(&body))
        }
        _ => {
            let columns = [
                "severity", "code", "file", "line", "column", "message", "accepted", "fix",
            ]
            .map(Column::field);
            output.list("DiagnosticList", &rows(), &columns, &Value::Null, |row| {
                text_at(row, "code")
            })
        }
    }
}
