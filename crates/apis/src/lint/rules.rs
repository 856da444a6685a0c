//! The rules. Each row of `docs/catalog/apis.md` is one of them.

use std::collections::{HashMap, HashSet};

use model::diagnostic::Severity;

use super::{Looked, Rule, Subject};
use crate::doc::{ApiDoc, Field, Format, Operation, Shape};

macro_rules! rules {
    ($($code:literal $severity:ident $applies:ident $look:ident;)*) => {
        /// Every rule, in the order of the documentation.
        pub const RULES: &[Rule] = &[$(Rule {
            code: $code,
            severity: Severity::$severity,
            message: concat!("apis-lint-", $code),
            applies: $applies,
            look: $look,
        }),*];
    };
}

rules! {
    "duplicate-operation" Error all duplicate_operation;
    "duplicate-operation-id" Error http duplicate_operation_id;
    "path-parameter-undeclared" Error http path_parameter_undeclared;
    "path-parameter-unused" Error http path_parameter_unused;
    "no-package" Error proto no_package;
    "no-title" Warning described no_title;
    "no-server" Warning described no_server;
    "no-security" Warning described no_security;
    "plain-http" Warning http plain_http;
    "no-operation-id" Warning http no_operation_id;
    "no-summary" Warning all no_summary;
    "no-success-answer" Warning http no_success_answer;
    "no-error-answer" Warning http no_error_answer;
    "get-with-body" Warning http get_with_body;
    "no-description" Info all no_description;
    "deprecated-without-hint" Info all deprecated_without_hint;
    "trailing-slash" Info http trailing_slash;
    "mixed-path-case" Info http mixed_path_case;
    "no-example" Info described no_example;
    "parameter-undescribed" Info http parameter_undescribed;
    "type-undescribed" Info all type_undescribed;
    "unused-type" Info all unused_type;
    "nullable-items" Info graphql nullable_items;
}

fn all(_: Format) -> bool {
    true
}

fn http(format: Format) -> bool {
    format.is_http()
}

fn proto(format: Format) -> bool {
    format == Format::Proto
}

fn graphql(format: Format) -> bool {
    format == Format::GraphQl
}

/// Formats that have room for a title, servers, security and examples.
fn described(format: Format) -> bool {
    !matches!(format, Format::GraphQl | Format::Proto)
}

/// Looks at each operation.
fn each(subject: &Subject<'_>, looked: &mut Looked, is_fine: impl Fn(&Operation) -> bool) {
    for operation in &subject.doc.operations {
        looked.at(is_fine(operation), &operation.key, operation.line);
    }
}

fn filled(text: Option<&String>) -> bool {
    text.is_some_and(|text| !text.trim().is_empty())
}

fn duplicate_operation(subject: &Subject<'_>, looked: &mut Looked) {
    let mut seen = HashSet::new();
    for operation in &subject.doc.operations {
        let fresh = seen.insert(&operation.key);
        looked.at(fresh, &operation.key, operation.line);
    }
}

fn duplicate_operation_id(subject: &Subject<'_>, looked: &mut Looked) {
    let mut seen = HashSet::new();
    for operation in &subject.doc.operations {
        if let Some(name) = &operation.name {
            let fresh = seen.insert(name);
            looked.at(fresh, &operation.key, operation.line);
        }
    }
}

/// Names in braces.
fn in_path(path: &str) -> HashSet<&str> {
    path.split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}'))
        .map(|(name, _)| name)
        .collect()
}

fn declared(operation: &Operation) -> HashSet<&str> {
    operation
        .parameters
        .iter()
        .filter(|field| field.place == "path")
        .map(|field| field.name.as_str())
        .collect()
}

fn path_parameter_undeclared(subject: &Subject<'_>, looked: &mut Looked) {
    each(subject, looked, |operation| {
        in_path(&operation.target).is_subset(&declared(operation))
    });
}

fn path_parameter_unused(subject: &Subject<'_>, looked: &mut Looked) {
    each(subject, looked, |operation| {
        declared(operation).is_subset(&in_path(&operation.target))
    });
}

fn no_package(subject: &Subject<'_>, looked: &mut Looked) {
    looked.at(filled(subject.doc.title.as_ref()), "", 1);
}

fn no_title(subject: &Subject<'_>, looked: &mut Looked) {
    looked.at(filled(subject.doc.title.as_ref()), "", 1);
}

fn no_server(subject: &Subject<'_>, looked: &mut Looked) {
    looked.at(!subject.doc.servers.is_empty(), "", 1);
}

fn no_security(subject: &Subject<'_>, looked: &mut Looked) {
    let doc = subject.doc;
    let used = doc
        .operations
        .iter()
        .any(|operation| !operation.security.is_empty());
    looked.at(!doc.security.is_empty() || used, "", 1);
}

fn plain_http(subject: &Subject<'_>, looked: &mut Looked) {
    for server in &subject.doc.servers {
        let host = server.url.strip_prefix("http://");
        let local = |host: &str| host.starts_with("localhost") || host.starts_with("127.");
        looked.at(host.is_none_or(local), &server.url, 1);
    }
}

fn no_operation_id(subject: &Subject<'_>, looked: &mut Looked) {
    each(subject, looked, |operation| filled(operation.name.as_ref()));
}

fn no_summary(subject: &Subject<'_>, looked: &mut Looked) {
    each(subject, looked, |operation| {
        filled(operation.summary.as_ref()) || filled(operation.description.as_ref())
    });
}

fn no_success_answer(subject: &Subject<'_>, looked: &mut Looked) {
    each(subject, looked, |operation| {
        let good = |status: &str| status.starts_with(['1', '2', '3']) || status == "default";
        operation.outputs.iter().any(|answer| good(&answer.status))
    });
}

fn no_error_answer(subject: &Subject<'_>, looked: &mut Looked) {
    each(subject, looked, |operation| {
        let bad = |status: &str| status.starts_with(['4', '5']) || status == "default";
        operation.outputs.iter().any(|answer| bad(&answer.status))
    });
}

fn get_with_body(subject: &Subject<'_>, looked: &mut Looked) {
    for operation in &subject.doc.operations {
        if matches!(operation.verb.as_str(), "GET" | "HEAD") {
            looked.at(operation.inputs.is_empty(), &operation.key, operation.line);
        }
    }
}

fn no_description(subject: &Subject<'_>, looked: &mut Looked) {
    looked.at(filled(subject.doc.description.as_ref()), "", 1);
}

fn deprecated_without_hint(subject: &Subject<'_>, looked: &mut Looked) {
    for operation in subject
        .doc
        .operations
        .iter()
        .filter(|found| found.deprecated)
    {
        let hint = filled(operation.description.as_ref());
        looked.at(hint, &operation.key, operation.line);
    }
}

fn trailing_slash(subject: &Subject<'_>, looked: &mut Looked) {
    each(subject, looked, |operation| {
        operation.target.len() < 2 || !operation.target.ends_with('/')
    });
}

/// `kebab`, `snake` and `camel` parts in one definition; the fewer ones are
/// the odd ones.
fn mixed_path_case(subject: &Subject<'_>, looked: &mut Looked) {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for operation in &subject.doc.operations {
        for style in styles(&operation.target) {
            *counts.entry(style).or_default() += 1;
        }
    }
    let most = counts
        .into_iter()
        .max_by_key(|(style, count)| (*count, *style))
        .map(|(style, _)| style);
    each(subject, looked, |operation| {
        styles(&operation.target)
            .iter()
            .all(|style| Some(*style) == most)
    });
}

fn styles(path: &str) -> HashSet<&'static str> {
    let parts = path.split('/').filter(|part| !part.starts_with('{'));
    parts
        .filter_map(|part| {
            if part.contains('-') {
                Some("kebab")
            } else if part.contains('_') {
                Some("snake")
            } else if part.chars().any(char::is_uppercase) {
                Some("camel")
            } else {
                None
            }
        })
        .collect()
}

fn no_example(subject: &Subject<'_>, looked: &mut Looked) {
    for operation in &subject.doc.operations {
        let payloads = operation.inputs.iter().chain(&operation.outputs);
        let mut shaped = payloads
            .filter(|payload| payload.shape.is_some())
            .peekable();
        if shaped.peek().is_some() {
            let has = shaped.any(|payload| !payload.examples.is_empty());
            looked.at(has, &operation.key, operation.line);
        }
    }
}

fn parameter_undescribed(subject: &Subject<'_>, looked: &mut Looked) {
    for operation in &subject.doc.operations {
        for parameter in &operation.parameters {
            let name = format!("{} {} {}", operation.key, parameter.place, parameter.name);
            looked.at(!parameter.description.is_empty(), &name, operation.line);
        }
    }
}

fn type_undescribed(subject: &Subject<'_>, looked: &mut Looked) {
    for def in &subject.doc.types {
        looked.at(!def.description.is_empty(), &def.name, def.line);
    }
}

fn unused_type(subject: &Subject<'_>, looked: &mut Looked) {
    for def in &subject.doc.types {
        let implements = def
            .shape
            .limits
            .iter()
            .any(|limit| limit.starts_with("implements "));
        // Nested messages belong to the one around them.
        let nested = subject.doc.format == Format::Proto && def.name.contains('.');
        let used = subject.used.contains(def.name.as_str()) || implements || nested;
        looked.at(used, &def.name, def.line);
    }
}

fn nullable_items(subject: &Subject<'_>, looked: &mut Looked) {
    let is_fine = |shape: &Shape| shape.items.as_ref().is_none_or(|items| !items.nullable);
    for operation in &subject.doc.operations {
        for shape in operation
            .outputs
            .iter()
            .filter_map(|answer| answer.shape.as_ref())
        {
            looked.at(is_fine(shape), &operation.key, operation.line);
        }
    }
    for def in subject.doc.types.iter().filter(|def| def.kind != "input") {
        for field in &def.shape.fields {
            let name = format!("{}.{}", def.name, field.name);
            looked.at(is_fine(&field.shape), &name, def.line);
        }
    }
}

/// Names of types that something refers to, types among them.
pub(super) fn used(doc: &ApiDoc) -> HashSet<&str> {
    let mut names = HashSet::new();
    let mut open: Vec<&Shape> = doc.types.iter().map(|def| &def.shape).collect();
    for operation in &doc.operations {
        let payloads = operation.inputs.iter().chain(&operation.outputs);
        open.extend(payloads.filter_map(|payload| payload.shape.as_ref()));
        open.extend(
            operation
                .parameters
                .iter()
                .map(|field: &Field| &field.shape),
        );
    }
    while let Some(shape) = open.pop() {
        names.extend(shape.named.as_deref());
        for limit in &shape.limits {
            names.extend(limit.strip_prefix("implements "));
            // `(filter: OrderFilter)`: what a field is called with.
            if let Some(argument) = limit.strip_prefix('(') {
                let of = argument.split_once(": ").map(|(_, of)| of);
                let word = |of: &'_ str| of.find(|c: char| !c.is_alphanumeric() && c != '_');
                names.extend(of.map(|of| {
                    let of = of.trim_start_matches('(');
                    word(of).and_then(|end| of.get(..end)).unwrap_or(of)
                }));
            }
        }
        open.extend(shape.fields.iter().map(|field| &field.shape));
        open.extend(shape.items.as_deref());
        open.extend(&shape.one_of);
    }
    names
}
