//! What `fetch:template` makes of a folder.

use std::collections::BTreeMap;

use globset::{Glob, GlobSet, GlobSetBuilder};
use serde_json::{Value, json};
use templating::{Allowance, Options, TemplateError};

use crate::language;

/// Steps that all files of a skeleton take together: that of twenty files that
/// each take as many as one text may.
const STEPS: usize = 200_000_000;
/// Bytes of text that all files of a skeleton make together.
const BYTES: usize = 256 * 1024 * 1024;
/// Files that cannot be made and are named.
const MAX_ERRORS: usize = 100;

/// One file of a folder. A folder without files is a path that ends in `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// What it holds.
    pub bytes: Vec<u8>,
    /// Whether it may be run.
    pub executable: bool,
}

/// Files by their path below the folder, with `/` between names.
pub type Files = BTreeMap<String, File>;

/// The input of `fetch:template` that decides what is rendered.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// Globs of files whose content stays as it is; their names are rendered.
    pub copy_without_templating: Vec<String>,
    /// Only files that end in this are rendered, and lose the ending.
    pub template_file_extension: Option<String>,
    /// `{{ cookiecutter.… }}` instead of `${{ values.… }}`.
    pub cookiecutter: bool,
    /// One newline behind each `{% … %}` goes.
    pub trim_blocks: bool,
    /// Indentation in front of each `{% … %}` goes.
    pub lstrip_blocks: bool,
}

/// A file that cannot be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkeletonError {
    /// The file in the skeleton; empty when no one file is to blame.
    pub path: String,
    /// Line and column within it, 0 when the name of the file is to blame.
    pub line: usize,
    /// See `line`.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

impl std::fmt::Display for SkeletonError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.path.as_str(), self.line) {
            ("", _) => f.write_str(&self.message),
            (path, 0) => write!(f, "{path}: {}", self.message),
            (path, line) => write!(f, "{path}:{line}:{}: {}", self.column, self.message),
        }
    }
}

impl std::error::Error for SkeletonError {}

impl SkeletonError {
    fn plain(message: impl Into<String>) -> Self {
        Self {
            path: String::new(),
            line: 0,
            column: 0,
            message: message.into(),
        }
    }

    fn content(path: &str, error: &TemplateError) -> Self {
        Self {
            path: path.to_owned(),
            line: error.line,
            column: error.column,
            message: error.message.clone(),
        }
    }

    fn name(path: &str, message: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            ..Self::plain(message)
        }
    }
}

/// Renders names and contents of `files`. A file whose name becomes empty (its
/// own or that of a folder above it) is left out: that is how skeletons make
/// files only sometimes.
///
/// # Errors
/// The files that cannot be made, in the order of their paths, at most 100;
/// then nothing is made at all. All files together have a limit on the steps
/// that they take and on the text that they make.
pub fn render(files: &Files, values: &Value, rules: &Rules) -> Result<Files, Vec<SkeletonError>> {
    let raw = raw_set(rules).map_err(|error| vec![error])?;
    let engine = language::engine(Options {
        cookiecutter: rules.cookiecutter,
        trim_blocks: rules.trim_blocks,
        lstrip_blocks: rules.lstrip_blocks,
    });
    let context = if rules.cookiecutter {
        json!({ "cookiecutter": values })
    } else {
        json!({ "values": values })
    };
    let allowance = Allowance::new(STEPS, BYTES);
    let (mut made, mut errors) = (Files::new(), Vec::new());
    for (path, file) in files {
        let rendered = one(path, file, &raw, rules, |text| {
            engine.render_within(text, &context, &allowance)
        });
        match rendered {
            Ok(Some((name, file))) => {
                if made.insert(name.clone(), file).is_some() {
                    errors.push(SkeletonError::name(
                        path,
                        format!("another file of the skeleton becomes `{name}` too"),
                    ));
                }
            }
            Ok(None) => {}
            Err(error) => errors.push(error),
        }
        if errors.len() >= MAX_ERRORS {
            break;
        }
    }
    if errors.is_empty() {
        Ok(made)
    } else {
        Err(errors)
    }
}

fn raw_set(rules: &Rules) -> Result<GlobSet, SkeletonError> {
    if rules.template_file_extension.is_some()
        && (rules.cookiecutter || !rules.copy_without_templating.is_empty())
    {
        return Err(SkeletonError::plain(
            "templateFileExtension goes neither with copyWithoutTemplating nor with \
             cookiecutterCompat; leave one of them out",
        ));
    }
    let mut set = GlobSetBuilder::new();
    for pattern in &rules.copy_without_templating {
        let glob = Glob::new(pattern).map_err(|error| {
            SkeletonError::plain(format!("copyWithoutTemplating: `{pattern}`: {error}"))
        })?;
        set.add(glob);
    }
    set.build()
        .map_err(|error| SkeletonError::plain(format!("copyWithoutTemplating: {error}")))
}

fn one(
    path: &str,
    file: &File,
    raw: &GlobSet,
    rules: &Rules,
    render: impl Fn(&str) -> Result<String, TemplateError>,
) -> Result<Option<(String, File)>, SkeletonError> {
    let extension = rules.template_file_extension.as_deref();
    let ending = extension.and_then(|ending| path.strip_suffix(ending));
    let name = render(ending.unwrap_or(path))
        .map_err(|error| SkeletonError::name(path, format!("its name: {}", error.message)))?;
    // The name of a file within a folder that became empty leaves the folder's.
    let unnamed = name.ends_with('/') && !path.ends_with('/');
    if name.is_empty() || name.starts_with('/') || name.contains("//") || unnamed {
        return Ok(None);
    }
    below(&name).map_err(|message| SkeletonError::name(path, message))?;
    let rendered = (extension.is_none() || ending.is_some()) && !raw.is_match(path);
    let bytes = match std::str::from_utf8(&file.bytes) {
        Ok(text) if rendered && !file.bytes.contains(&0) => render(text)
            .map_err(|error| SkeletonError::content(path, &error))?
            .into_bytes(),
        // What is no text is copied byte for byte.
        _ => file.bytes.clone(),
    };
    let executable = file.executable;
    Ok(Some((name, File { bytes, executable })))
}

/// That a path stays below the folder that it is for.
///
/// # Errors
/// In words.
pub fn below(path: &str) -> Result<(), String> {
    let outside = path.starts_with('/')
        || path.contains('\\')
        || path.contains('\0')
        || path.split('/').any(|part| part == "..")
        || path.as_bytes().get(1) == Some(&b':');
    if outside {
        return Err(format!(
            "`{path}` leads out of the folder; use names below it, with `/` between them"
        ));
    }
    Ok(())
}
