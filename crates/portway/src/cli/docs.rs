//! `portway docs check`: the portal's own reading of a documentation folder,
//! without a server.

use std::path::{Path, PathBuf};

use catalog::EntityFolder;
use model::diagnostic::{Diagnostic, Severity};
use serde_json::{Value, json};

use super::args::{self, Format};
use super::exit::Exit;
use super::failure::Failure;
use super::output::{API_VERSION, Column, Output, counted, pretty, text_at};

/// Runs `portway docs …`.
pub(super) fn docs(output: &Output, verb: &args::Docs) -> Result<(), Failure> {
    let args::Docs::Check { folder } = verb;
    let here = PathBuf::from(".");
    check(output, folder.as_deref().unwrap_or(&here))
}

fn check(output: &Output, path: &Path) -> Result<(), Failure> {
    let folder = EntityFolder::local(path).map_err(|problem| {
        Failure::new(Exit::Failed, problem.message).fix(problem.fix.unwrap_or_default())
    })?;
    let real = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let name = real
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_default();
    let checked = super::block_on(output, false, ::docs::check(&folder, &name))?;
    let findings: Vec<Diagnostic> = checked
        .problems
        .into_iter()
        .map(|finding| as_written(finding, &real, path))
        .collect();
    let count = |severity| {
        let of = findings
            .iter()
            .filter(|finding| finding.severity == severity);
        of.count()
    };
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    print(output, &findings, (checked.pages, errors, warnings))?;
    if errors > 0 {
        return Err(Failure::code_only(Exit::Failed));
    }
    if warnings > 0 && output.exit_code {
        return Err(Failure::code_only(Exit::Findings));
    }
    Ok(())
}

/// The file as it was named on the command line.
fn as_written(mut finding: Diagnostic, real: &Path, path: &Path) -> Diagnostic {
    finding.file = finding.file.map(|file| {
        let below = Path::new(&file).strip_prefix(real).map(Path::to_path_buf);
        match below {
            Ok(below) if path == Path::new(".") => below.display().to_string(),
            Ok(below) => path.join(below).display().to_string(),
            Err(_) => file,
        }
    });
    finding
}

fn print(
    output: &Output,
    findings: &[Diagnostic],
    (pages, errors, warnings): (usize, usize, usize),
) -> Result<(), Failure> {
    let rows: Vec<Value> = findings
        .iter()
        .map(|finding| serde_json::to_value(finding).unwrap_or_default())
        .collect();
    match output.format {
        Format::Table | Format::Wide => {
            let text: String = findings
                .iter()
                .map(|finding| format!("{finding}\n"))
                .collect();
            output.data(&text)?;
        }
        Format::Json => {
            let meta = json!({ "pages": pages, "errors": errors, "warnings": warnings });
            let body = json!({"apiVersion": API_VERSION, "kind": "DiagnosticList", "items": rows, "meta": meta});
            output.data(&pretty(&body))?;
        }
        _ => {
            let columns = [
                "severity", "code", "file", "line", "column", "message", "accepted", "fix",
            ]
            .map(Column::field);
            output.list("DiagnosticList", &rows, &columns, &Value::Null, |row| {
                text_at(row, "code")
            })?;
        }
    }
    output.note(&output.lang.pick((
        format!(
            "{}: {}, {}",
            counted(pages, "page", "pages"),
            counted(errors, "error", "errors"),
            counted(warnings, "warning", "warnings"),
        ),
        format!("페이지 {pages}개: 오류 {errors}개, 경고 {warnings}개"),
    )));
    Ok(())
}
