//! What is wrong with a template, before anybody fills in its form.

mod actions;
mod expressions;
mod files;
mod form;
mod steps;

use std::collections::BTreeSet;

use model::diagnostic::Diagnostic;
use model::yaml::{Mark, Node};

use crate::reading::{self, Field, Step};
use crate::skeleton::Files;

/// Reads the files below a folder that a template names, such as `./skeleton`.
/// `None` when there is no such folder.
pub type Folder<'a> = dyn Fn(&str) -> Option<Files> + 'a;

/// Checks one `Template`. `file` is its name in the findings; `folder` reads
/// what stands beside it, `None` when that cannot be looked at.
///
/// Findings come in the order of the file; those of skeletons name the files of
/// the skeleton and come last.
pub fn check(file: &str, root: &Node, folder: Option<&Folder<'_>>) -> Vec<Diagnostic> {
    let pages = reading::pages(root);
    let mut fields = Vec::new();
    for page in &pages {
        reading::fields(page, &mut fields);
    }
    let subject = Subject {
        root,
        steps: reading::steps(root),
        fields,
    };
    let mut findings = Vec::new();
    let mut used = BTreeSet::new();
    form::check(&subject, &pages, &mut findings);
    steps::check(&subject, &mut findings);
    expressions::check(&subject, &mut used, &mut findings);
    form::unused(&subject, &used, &mut findings);
    findings.sort_by_key(|finding| (finding.line, finding.column));
    let mut findings: Vec<_> = findings
        .into_iter()
        .map(|finding| finding.in_file(file))
        .collect();
    if let Some(folder) = folder {
        files::check(file, &subject, folder, &mut findings);
    }
    findings
}

/// The template under check.
struct Subject<'a> {
    root: &'a Node,
    steps: Vec<Step<'a>>,
    fields: Vec<Field<'a>>,
}

impl Subject<'_> {
    fn field_names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|field| field.name)
    }
}

/// `error[code]` at a place.
fn error(code: &'static str, mark: Mark, message: String) -> Diagnostic {
    Diagnostic::error(code, message).at(mark)
}

fn warning(code: &'static str, mark: Mark, message: String) -> Diagnostic {
    Diagnostic::warning(code, message).at(mark)
}

/// `did you mean` as a fix, or what there is.
fn fix<'a>(
    finding: Diagnostic,
    wrong: &str,
    known: impl IntoIterator<Item = &'a str> + Clone,
) -> Diagnostic {
    match model::nearest(wrong, known.clone()) {
        Some(near) => finding.fixed_by(format!("write `{near}`")),
        None => {
            let known: Vec<&str> = known.into_iter().take(20).collect();
            if known.is_empty() {
                finding
            } else {
                finding.accepting(known.join(", "))
            }
        }
    }
}
