//! One synthetic entity of each kind, as YAML text.
//!
//! Kinds, fields and sizes follow what is usual in catalogs of companies: a
//! component has annotations of three tools, tags, two links, an owner, a
//! system, and about two dependencies.

use std::fmt::Write as _;

use crate::random::Random;
use crate::words::{QUALITIES, SENTENCE, TAGS, THINGS};

const COMPONENT_TYPES: &[(&str, usize)] = &[
    ("service", 60),
    ("website", 15),
    ("library", 15),
    ("pipeline", 5),
    ("job", 5),
];
const LIFECYCLES: &[(&str, usize)] =
    &[("production", 75), ("experimental", 15), ("deprecated", 10)];
const API_TYPES: &[(&str, usize)] = &[
    ("openapi", 70),
    ("asyncapi", 10),
    ("graphql", 10),
    ("grpc", 10),
];
const RESOURCE_TYPES: &[&str] = &["database", "bucket", "topic", "cache"];

/// The names that entities refer to.
pub(crate) struct Names {
    pub(crate) groups: Vec<String>,
    pub(crate) users: Vec<String>,
    pub(crate) domains: Vec<String>,
    pub(crate) systems: Vec<String>,
    pub(crate) apis: Vec<String>,
    pub(crate) resources: Vec<String>,
    pub(crate) components: Vec<String>,
}

impl Names {
    fn owner(&self, random: &mut Random) -> String {
        if random.chance(5) {
            return format!("user:default/{}", random.one(&self.users));
        }
        random.one(&self.groups).to_owned()
    }
}

pub(crate) fn component_type(random: &mut Random) -> &'static str {
    random.weighted(COMPONENT_TYPES)
}

/// `kind`, `metadata.name`, then whatever the kind adds.
fn head(kind: &str, name: &str) -> String {
    format!("apiVersion: backstage.io/v1alpha1\nkind: {kind}\nmetadata:\n  name: {name}\n")
}

fn description(random: &mut Random) -> String {
    let count = random.between(6, 22);
    let mut text = String::from("  description: \"It");
    for _ in 0..count {
        text.push(' ');
        text.push_str(random.one(SENTENCE));
    }
    text.push_str(".\"\n");
    text
}

fn tags(random: &mut Random) -> String {
    let count = random.between(1, 5);
    list("  ", "tags", &random.some(TAGS, count))
}

fn list(indent: &str, key: &str, values: &[impl AsRef<str>]) -> String {
    if values.is_empty() {
        return String::new();
    }
    let mut text = format!("{indent}{key}:\n");
    for value in values {
        let _ = writeln!(text, "{indent}  - {}", value.as_ref());
    }
    text
}

/// `a-quality thing`, with the words that a title shows.
pub(crate) fn title(name: &str) -> String {
    name.split(['-', '.'])
        .map(|word| {
            let mut letters = word.chars();
            letters
                .next()
                .map(|first| first.to_uppercase().chain(letters).collect::<String>())
                .unwrap_or_default()
        })
        .collect::<Vec<_>>()
        .join(" ")
}

pub(crate) fn name(random: &mut Random, suffix: &str, number: usize) -> String {
    format!(
        "{}-{}-{suffix}-{number}",
        random.one(QUALITIES),
        random.one(THINGS)
    )
}

pub(crate) fn domain(name: &str, names: &Names, random: &mut Random) -> String {
    let mut text = head("Domain", name) + &description(random) + &tags(random);
    let _ = write!(text, "spec:\n  owner: {}\n", random.one(&names.groups));
    text
}

pub(crate) fn system(name: &str, names: &Names, random: &mut Random) -> String {
    let mut text = head("System", name) + &description(random) + &tags(random);
    let _ = write!(
        text,
        "spec:\n  owner: {}\n  domain: {}\n",
        names.owner(random),
        random.one(&names.domains)
    );
    text
}

/// A tenth of the groups are departments; the others have one as parent.
pub(crate) fn group(number: usize, names: &Names, random: &mut Random) -> String {
    let name = names.groups.get(number).map_or("", String::as_str);
    let departments = (names.groups.len() / 10).max(1);
    let kind = if number < departments {
        "department"
    } else {
        "team"
    };
    let mut text = head("Group", name) + &description(random);
    let _ = write!(
        text,
        "spec:\n  type: {kind}\n  profile:\n    displayName: \"{}\"\n    email: \"{name}@example.com\"\n",
        title(name)
    );
    if number > 0 {
        let parents = names
            .groups
            .get(..departments.min(number))
            .unwrap_or_default();
        let _ = writeln!(text, "  parent: {}", random.one(parents));
    }
    text.push_str("  children: []\n");
    text
}

pub(crate) fn user(name: &str, names: &Names, random: &mut Random) -> String {
    let mut text = head("User", name);
    let _ = write!(
        text,
        "spec:\n  profile:\n    displayName: \"{}\"\n    email: \"{name}@example.com\"\n",
        title(name)
    );
    let teams = if random.chance(25) { 2 } else { 1 };
    text.push_str(&list("  ", "memberOf", &random.some(&names.groups, teams)));
    text
}

pub(crate) fn api(name: &str, names: &Names, random: &mut Random) -> String {
    let mut text = head("API", name) + &description(random) + &tags(random);
    let _ = write!(
        text,
        "  annotations:\n    example.com/made-by: generator\nspec:\n  type: {}\n  lifecycle: {}\n  owner: {}\n  system: {}\n",
        random.weighted(API_TYPES),
        random.weighted(LIFECYCLES),
        names.owner(random),
        random.one(&names.systems),
    );
    let _ = write!(
        text,
        "  definition: |\n    openapi: 3.0.3\n    info:\n      title: {name}\n      version: 1.0.{}\n    paths:\n      \
         /v1/{}/{{id}}:\n        get:\n          responses:\n            '200':\n              description: ok\n",
        random.below(40),
        random.one(THINGS),
    );
    text
}

pub(crate) fn resource(name: &str, names: &Names, random: &mut Random) -> String {
    let mut text = head("Resource", name) + &description(random) + &tags(random);
    let _ = write!(
        text,
        "spec:\n  type: {}\n  owner: {}\n  system: {}\n",
        random.one(RESOURCE_TYPES),
        names.owner(random),
        random.one(&names.systems),
    );
    text
}

pub(crate) fn component(number: usize, kind: &str, names: &Names, random: &mut Random) -> String {
    let name = names.components.get(number).map_or("", String::as_str);
    let mut text = head("Component", name);
    let _ = writeln!(text, "  title: \"{}\"", title(name));
    text.push_str(&description(random));
    let _ = write!(
        text,
        "  labels:\n    example.com/tier: t{}\n  annotations:\n    github.com/project-slug: example/{name}\n    \
         pagerduty.com/integration-key: k{:016x}\n    sonarqube.org/project-key: {name}\n    \
         backstage.io/kubernetes-id: {name}\n",
        random.between(1, 3),
        random.bits(),
    );
    text.push_str(&tags(random));
    let _ = write!(
        text,
        "  links:\n    - url: \"https://dash.example.com/{name}\"\n      title: \"Dashboard\"\n      icon: dashboard\n    \
         - url: \"https://runbook.example.com/{name}\"\n      title: \"Runbook\"\n\
         spec:\n  type: {kind}\n  lifecycle: {}\n  owner: {}\n  system: {}\n",
        random.weighted(LIFECYCLES),
        names.owner(random),
        random.one(&names.systems),
    );
    text.push_str(&uses(number, kind, names, random));
    text
}

fn uses(number: usize, kind: &str, names: &Names, random: &mut Random) -> String {
    let mut text = String::new();
    if kind == "service" && random.chance(40) {
        text.push_str(&list("  ", "providesApis", &random.some(&names.apis, 1)));
    }
    if random.chance(60) {
        let count = random.between(1, 3);
        text.push_str(&list(
            "  ",
            "consumesApis",
            &random.some(&names.apis, count),
        ));
    }
    let mut needs: Vec<String> = Vec::new();
    if number > 0 && random.chance(50) {
        let count = random.between(1, 3);
        let earlier = names.components.get(..number).unwrap_or_default();
        needs.extend(
            random
                .some(earlier, count)
                .iter()
                .map(|name| format!("component:default/{name}")),
        );
    }
    if random.chance(50) {
        let count = random.between(1, 2);
        needs.extend(
            random
                .some(&names.resources, count)
                .iter()
                .map(|name| format!("resource:default/{name}")),
        );
    }
    text.push_str(&list("  ", "dependsOn", &needs));
    text
}
