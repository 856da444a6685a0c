//! `portway validate`: the checks of the server on files, without a server.

mod document;
mod references;
mod scan;

use std::collections::BTreeMap;
use std::io::Read as _;

use model::diagnostic::{Diagnostic, Severity};
use model::kinds::Kinds;
use model::yaml::Mark;
use serde_json::{Value, json};

use super::args::{self, Format};
use super::exit::Exit;
use super::failure::Failure;
use super::output::{API_VERSION, Column, Output, counted, pretty, text_at};

use document::Found;

/// Same bound as the server's.
const MAX_FILE_BYTES: u64 = 10 * 1024 * 1024;

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
    let kinds = kinds(args, variables)?;
    let mut findings = Vec::new();
    let mut found = Vec::new();
    let files = if is_stdin(args) {
        let bytes = standard_input(output)?;
        document::read(
            &kinds,
            "<stdin>",
            None,
            &bytes,
            false,
            &mut found,
            &mut findings,
        );
        1
    } else {
        files(output, args, &kinds, &mut found, &mut findings)?
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

fn standard_input(output: &Output) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .take(MAX_FILE_BYTES + 1)
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
    Ok(bytes)
}

/// Reads everything below the given paths and what their Location entities
/// name. Returns how many files were read.
fn files(
    output: &Output,
    args: &args::Validate,
    kinds: &Kinds,
    found: &mut Vec<Found>,
    findings: &mut Vec<Diagnostic>,
) -> Result<usize, Failure> {
    let mut queue = scan::Queue::default();
    let here = [std::path::PathBuf::from(".")];
    for path in if args.paths.is_empty() {
        &here[..]
    } else {
        &args.paths
    } {
        queue.start(path).map_err(|cause| {
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
    let bar = super::entities::bar(queue.len() as u64, output);
    let mut files = 0;
    while let Some(file) = queue.next() {
        files += 1;
        bar.set_length(queue.total() as u64);
        bar.inc(1);
        let name = file.path.display().to_string();
        match scan::bytes(&file.path, MAX_FILE_BYTES) {
            Ok(bytes) => {
                let known = found.len();
                document::read(
                    kinds,
                    &name,
                    Some(&file.path),
                    &bytes,
                    file.listed,
                    found,
                    findings,
                );
                for item in found.iter().skip(known) {
                    for (child, mark) in item.children() {
                        queue.add(child, false, Some((item.file.clone(), mark)));
                    }
                }
            }
            Err(cause) => findings.push(unreadable(&name, &cause, file.named_at)),
        }
    }
    bar.finish_and_clear();
    Ok(files)
}

/// Told where the file is named, so that the line to correct is shown.
fn unreadable(name: &str, cause: &std::io::Error, named_at: Option<(String, Mark)>) -> Diagnostic {
    let found = Diagnostic::error("cannot-read", format!("{name} cannot be read: {cause}"));
    match named_at {
        Some((file, mark)) => found
            .in_file(&file)
            .at(mark)
            .accepting("the path of a file, relative to this one")
            .fixed_by(
                "correct the path, or create the file; `presence: optional` lets it be absent",
            ),
        None => found
            .in_file(name)
            .fixed_by("check the path and its permissions"),
    }
}

fn print(output: &Output, findings: &[Diagnostic], totals: &Totals) -> Result<(), Failure> {
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
            output.data(&text)?;
        }
        Format::Json => {
            let meta = json!({
                "files": totals.files, "entities": totals.entities,
                "errors": totals.errors, "warnings": totals.warnings,
            });
            let body = json!({"apiVersion": API_VERSION, "kind": "DiagnosticList", "items": rows(), "meta": meta});
            output.data(&pretty(&body))?;
        }
        _ => {
            let columns = [
                "severity", "code", "file", "line", "column", "message", "accepted", "fix",
            ]
            .map(Column::field);
            output.list("DiagnosticList", &rows(), &columns, &Value::Null, |row| {
                text_at(row, "code")
            })?;
        }
    }
    let Totals {
        files,
        entities,
        errors,
        warnings,
    } = totals;
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
