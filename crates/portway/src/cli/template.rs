//! `portway template`: golden paths on the desk of whoever writes them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use model::diagnostic::{Diagnostic, Severity};
use model::yaml::{Limits, MAX_FILE_BYTES, Node, NodeValue, parse_documents, parse_value};
use scaffolder::lint;
use scaffolder::skeleton::{self, File, Files, Rules};
use serde_json::{Map, Value, json};

use super::args::Template;
use super::exit::Exit;
use super::failure::Failure;
use super::output::{Column, Output, counted, text_at};
use super::validate::listed;

/// How much a skeleton may hold, as Backstage's own limit for dry runs is 10 MB.
const MOST_FILES: usize = 20_000;
const MOST_BYTES: u64 = 256 * 1024 * 1024;
/// How deep folders may nest below the one that is named.
const DEEPEST: usize = 64;

/// Runs `portway template`.
pub(super) fn template(output: &Output, verb: &Template) -> Result<(), Failure> {
    match verb {
        Template::Lint { paths } => lint_all(output, paths),
        Template::Render {
            skeleton,
            out,
            values,
            set,
            raw,
            only,
            cookiecutter,
            replace,
        } => {
            let rules = Rules {
                copy_without_templating: raw.clone(),
                template_file_extension: only.clone(),
                cookiecutter: *cookiecutter,
                ..Rules::default()
            };
            let values = given_values(output, values.as_deref(), set)?;
            let made = if skeleton.is_file() {
                preview(output, skeleton, &values)?
            } else {
                render(output, skeleton, &values, &rules)?
            };
            deliver(output, out.as_deref(), *replace, &made)
        }
        // They need a server; `dispatch` does not send them here.
        Template::List | Template::Run { .. } | Template::DryRun { .. } => Ok(()),
    }
}

fn lint_all(output: &Output, paths: &[PathBuf]) -> Result<(), Failure> {
    let here = [PathBuf::from(".")];
    let paths = if paths.is_empty() { &here[..] } else { paths };
    let (mut findings, mut templates) = (Vec::new(), 0);
    for path in paths {
        let mut files = Vec::new();
        if path.is_dir() {
            yaml_files(path, 0, &mut files).map_err(|cause| unreadable(output, path, &cause))?;
        } else {
            files.push(path.clone());
        }
        let only_file = path.is_file();
        for file in files {
            templates += lint_file(output, &file, only_file, &mut findings)?;
        }
    }
    if templates == 0 && findings.is_empty() {
        return Err(Failure::new(
            Exit::Failed,
            output.lang.pick(("there is no template here", "템플릿이 없습니다")),
        )
        .fix(output.lang.pick((
            "give files or folders with `kind: Template` and `apiVersion: scaffolder.backstage.io/v1beta3`",
            "`kind: Template`, `apiVersion: scaffolder.backstage.io/v1beta3`인 파일이나 디렉터리를 지정하세요",
        ))));
    }
    let count = |severity| {
        let matching = findings
            .iter()
            .filter(|found: &&Diagnostic| found.severity == severity);
        matching.count()
    };
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let meta = json!({"templates": templates, "errors": errors, "warnings": warnings});
    listed(output, &findings, &meta)?;
    output.note(&output.lang.pick((
        format!(
            "{}: {}, {}",
            counted(templates, "template", "templates"),
            counted(errors, "error", "errors"),
            counted(warnings, "warning", "warnings"),
        ),
        format!("템플릿 {templates}개: 오류 {errors}개, 경고 {warnings}개"),
    )));
    if errors > 0 {
        return Err(Failure::code_only(Exit::Failed));
    }
    if warnings > 0 && output.exit_code {
        return Err(Failure::code_only(Exit::Findings));
    }
    Ok(())
}

/// Checks the templates of one file and counts them. In a file that was found,
/// other things are passed over; in one that was named, mistakes of YAML count.
fn lint_file(
    output: &Output,
    path: &Path,
    named: bool,
    findings: &mut Vec<Diagnostic>,
) -> Result<usize, Failure> {
    let shown = path.strip_prefix(".").unwrap_or(path).display().to_string();
    let bytes = fs::read(path).map_err(|cause| unreadable(output, path, &cause))?;
    let beside = |relative: &str| beside(path, relative);
    let mut templates = 0;
    for document in parse_documents(&shown, &bytes, &Limits::default()) {
        match document {
            Ok(document) if is_template(&document.root) => {
                templates += 1;
                findings.extend(lint::check(&shown, &document.root, Some(&beside)));
            }
            Ok(_) => {}
            Err(problem) if named => findings.push(problem),
            Err(_) => {}
        }
    }
    Ok(templates)
}

fn is_template(root: &Node) -> bool {
    let is = |key: &str, wanted: &str| {
        let found = root.get(key).and_then(Node::as_str);
        found.is_some_and(|found| found.starts_with(wanted))
    };
    is("kind", "Template") && is("apiVersion", "scaffolder.backstage.io/")
}

/// The files of a folder that a template names; nothing outside its own folder.
fn beside(template: &Path, relative: &str) -> Option<Files> {
    let relative = relative.trim_start_matches("./");
    skeleton::below(relative).ok()?;
    let wanted = template.parent()?.join(relative);
    wanted.is_dir().then(|| read_folder(&wanted).ok()).flatten()
}

/// The files that a template makes of answers.
fn preview(output: &Output, path: &Path, answers: &Value) -> Result<Files, Failure> {
    let shown = path.display().to_string();
    let bytes = fs::read(path).map_err(|cause| unreadable(output, path, &cause))?;
    let mut problems = Vec::new();
    for document in parse_documents(&shown, &bytes, &Limits::default()) {
        match document {
            Ok(document) if is_template(&document.root) => {
                let answers = answers.as_object().cloned().unwrap_or_default();
                let folder = |relative: &str| beside(path, relative);
                return scaffolder::preview::preview(&shown, &document.root, &answers, &folder)
                    .map_err(|problems| Failure::from_diagnostics(Exit::Failed, &problems));
            }
            Ok(_) => {}
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() {
        problems.push(
            Diagnostic::error("template-file", "there is no template in this file")
                .in_file(&shown)
                .fixed_by("name a file with `kind: Template`, or the folder of a skeleton"),
        );
    }
    Err(Failure::from_diagnostics(Exit::Failed, &problems))
}

/// YAML files below a folder, hidden ones and those of packages left out.
fn yaml_files(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if depth > DEEPEST {
        return Ok(());
    }
    let mut entries: Vec<_> = fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let kind = entry.file_type()?;
        if kind.is_dir() && !name.starts_with('.') && name != "node_modules" && name != "target" {
            yaml_files(&entry.path(), depth + 1, found)?;
        } else if kind.is_file() && (name.ends_with(".yaml") || name.ends_with(".yml")) {
            found.push(entry.path());
        }
    }
    Ok(())
}

/// All files below a folder. Links are not followed.
fn read_folder(folder: &Path) -> Result<Files, String> {
    let (mut files, mut left) = (Files::new(), MOST_BYTES);
    let mut open = vec![(folder.to_path_buf(), String::new(), 0)];
    while let Some((folder, prefix, depth)) = open.pop() {
        let shown = |cause: std::io::Error| format!("{}: {cause}", folder.display());
        for entry in fs::read_dir(&folder).map_err(shown)? {
            let entry = entry.map_err(shown)?;
            let name = entry.file_name().into_string().map_err(|name| {
                format!(
                    "{}: the name {name:?} is not UTF-8; rename it",
                    folder.display()
                )
            })?;
            let (path, kind) = (format!("{prefix}{name}"), entry.file_type().map_err(shown)?);
            if kind.is_dir() && depth < DEEPEST {
                open.push((entry.path(), format!("{path}/"), depth + 1));
            } else if kind.is_file() {
                let meta = entry.metadata().map_err(shown)?;
                left = left.checked_sub(meta.len()).ok_or_else(|| {
                    format!(
                        "the skeleton holds more than {} MiB",
                        MOST_BYTES / 1024 / 1024
                    )
                })?;
                let bytes = fs::read(entry.path()).map_err(shown)?;
                let executable = is_executable(&meta);
                files.insert(path, File { bytes, executable });
            }
            if files.len() > MOST_FILES {
                return Err(format!("the skeleton holds more than {MOST_FILES} files"));
            }
        }
    }
    Ok(files)
}

#[cfg(unix)]
fn is_executable(meta: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    meta.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &fs::Metadata) -> bool {
    false
}

/// The values of `--values` and of each `--set`, the later over the earlier.
pub(super) fn given_values(
    output: &Output,
    file: Option<&Path>,
    set: &[String],
) -> Result<Value, Failure> {
    let mut values = Map::new();
    if let Some(path) = file {
        let bytes = fs::read(path).map_err(|cause| unreadable(output, path, &cause))?;
        let limit = bytes
            .get(..MAX_FILE_BYTES.min(bytes.len()))
            .unwrap_or_default();
        let node = parse_value(&path.display().to_string(), limit, &Limits::default())
            .map_err(|problems| Failure::from_diagnostics(Exit::Failed, &problems))?;
        match node {
            Some(node) if matches!(node.value, NodeValue::Mapping(_)) => {
                if let Value::Object(found) = node.to_json() {
                    values = found;
                }
            }
            Some(node) => {
                let problem = Diagnostic::error(
                    "not-a-mapping",
                    format!(
                        "the file is {} and not `name: value` lines",
                        node.type_name()
                    ),
                )
                .in_file(&path.display().to_string())
                .at(node.mark)
                .fixed_by("write `name: value` lines");
                return Err(Failure::from_diagnostics(Exit::Failed, &[problem]));
            }
            None => {}
        }
    }
    for pair in set {
        let Some((name, value)) = pair.split_once('=') else {
            return Err(Failure::new(
                Exit::Usage,
                output.lang.pick((
                    format!("--set {pair} has no `=`"),
                    format!("--set {pair}에 `=`가 없습니다"),
                )),
            )
            .fix(
                output
                    .lang
                    .pick(("write --set name=value", "--set 이름=값으로 쓰세요")),
            ));
        };
        let value = serde_json::from_str(value).unwrap_or_else(|_| json!(value));
        values.insert(name.to_owned(), value);
    }
    Ok(Value::Object(values))
}

fn render(output: &Output, folder: &Path, values: &Value, rules: &Rules) -> Result<Files, Failure> {
    let files = read_folder(folder).map_err(|cause| {
        Failure::new(
            Exit::Failed,
            output
                .lang
                .pick(("the skeleton cannot be read", "스켈레톤을 읽을 수 없습니다")),
        )
        .cause(cause)
    })?;
    skeleton::render(&files, values, rules).map_err(|errors| {
        let problems: Vec<Diagnostic> = errors
            .into_iter()
            .map(|error| {
                let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
                let mark = model::yaml::Mark::new(number(error.line), number(error.column));
                let file = if error.path.is_empty() {
                    folder.display().to_string()
                } else {
                    folder.join(&error.path).display().to_string()
                };
                Diagnostic::error("template-file", error.message)
                    .in_file(&file)
                    .at(mark)
            })
            .collect();
        Failure::from_diagnostics(Exit::Failed, &problems)
    })
}

/// Writes the files, or only lists them.
fn deliver(
    output: &Output,
    out: Option<&Path>,
    replace: bool,
    made: &Files,
) -> Result<(), Failure> {
    if let Some(out) = out {
        write(output, out, made, replace)?;
    }
    let rows: Vec<Value> = made
        .iter()
        .map(|(path, file)| {
            json!({"path": path, "bytes": file.bytes.len(), "executable": file.executable})
        })
        .collect();
    let columns = ["path", "bytes", "executable"].map(Column::field);
    output.list("RenderedFileList", &rows, &columns, &Value::Null, |row| {
        text_at(row, "path")
    })?;
    let count = made.len();
    output.note(&output.lang.pick((
        match out {
            Some(out) => format!("{} in {}", counted(count, "file", "files"), out.display()),
            None => format!(
                "{}; write them with --out FOLDER",
                counted(count, "file", "files")
            ),
        },
        match out {
            Some(out) => format!("{}에 파일 {count}개", out.display()),
            None => format!("파일 {count}개 (--out 디렉터리로 쓸 수 있습니다)"),
        },
    )));
    Ok(())
}

/// Writes all files, or none when one of them is there already.
fn write(output: &Output, out: &Path, made: &Files, replace: bool) -> Result<(), Failure> {
    let there: Vec<&String> = made
        .keys()
        .filter(|path| out.join(path).symlink_metadata().is_ok())
        .collect();
    if let Some(first) = there.first().filter(|_| !replace) {
        return Err(Failure::new(
            Exit::Failed,
            output.lang.pick((
                format!(
                    "{} is there already, and {} more",
                    out.join(first).display(),
                    there.len() - 1
                ),
                format!(
                    "{} 등 파일 {}개가 이미 있습니다",
                    out.join(first).display(),
                    there.len()
                ),
            )),
        )
        .fix(output.lang.pick((
            "choose an empty folder, or write over them with --replace",
            "빈 디렉터리를 고르거나 --replace로 덮어쓰세요",
        ))));
    }
    let mut folders: BTreeMap<PathBuf, ()> = BTreeMap::new();
    for (path, file) in made {
        let target = out.join(path);
        let parent = target.parent().unwrap_or(out).to_path_buf();
        let written = match folders.contains_key(&parent) {
            true => Ok(()),
            false => fs::create_dir_all(&parent).and_then(|()| inside(out, &parent)),
        };
        folders.insert(parent, ());
        written
            .and_then(|()| replace_file(&target, file))
            .map_err(|cause| {
                Failure::new(
                    Exit::Failed,
                    output.lang.pick((
                        format!("{} cannot be written", target.display()),
                        format!("{}을(를) 쓸 수 없습니다", target.display()),
                    )),
                )
                .cause(cause.to_string())
            })?;
    }
    Ok(())
}

/// That no link on the way leads out of the folder.
fn inside(out: &Path, parent: &Path) -> std::io::Result<()> {
    if parent.canonicalize()?.starts_with(out.canonicalize()?) {
        return Ok(());
    }
    Err(std::io::Error::other(
        "a link on the way leads out of the folder",
    ))
}

/// Writes a file anew, so that a link in its place is replaced and not followed.
fn replace_file(target: &Path, file: &File) -> std::io::Result<()> {
    match fs::remove_file(target) {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => return Err(cause),
        _ => {}
    }
    fs::write(target, &file.bytes)?;
    #[cfg(unix)]
    if file.executable {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(target, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

fn unreadable(output: &Output, path: &Path, cause: &std::io::Error) -> Failure {
    let shown = path.display();
    Failure::new(
        Exit::Failed,
        output.lang.pick((
            format!("{shown} cannot be read"),
            format!("{shown}을(를) 읽을 수 없습니다"),
        )),
    )
    .cause(cause.to_string())
}
