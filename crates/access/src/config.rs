//! `permission` in the configuration.

use std::path::{Path, PathBuf};

use model::diagnostic::Diagnostic;
use platform::config::{Config, Section};

use crate::access::Settings;
use crate::csv;
use crate::policy::{Policy, PolicyProblem, Source};
use crate::spec::{BindingSpec, RoleSpec, RuleSpec};

/// What everybody who is signed in holds unless the configuration says else.
const DEFAULT_ROLE: &str = "read-only";
/// The role of people who may change the policy, as the RBAC plugin of
/// Backstage's community knows them.
const RBAC_ADMIN: &str = "rbac-admin";
/// Larger files are refused, in bytes.
const MAX_CSV: u64 = 4 * 1024 * 1024;

impl Settings {
    /// Reads `permission`.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place.
    pub fn from_config(config: &Config) -> Result<Self, Diagnostic> {
        let Some(section) = config.at("permission") else {
            return Ok(Self::default());
        };
        let enabled = section.opt_bool("enabled")?.unwrap_or(false);
        let mut policy = Policy::built_in();
        roles(&section, &mut policy)?;
        everyone(&section, &mut policy)?;
        for (at, item) in section.list("bindings")?.iter().enumerate() {
            let spec: BindingSpec = item.decode()?;
            let source = Source::Config(item.origin().to_string());
            let path = format!("bindings[{at}]");
            policy
                .add_binding(&spec, source, &path)
                .map_err(|problem| placed(&section, &problem))?;
        }
        rbac(&section, &mut policy)?;
        for (at, item) in section.list("rules")?.iter().enumerate() {
            let spec: RuleSpec = item.decode()?;
            let source = Source::Config(item.origin().to_string());
            let path = format!("rules[{at}]");
            policy
                .add_rule(&spec, source, &path)
                .map_err(|problem| placed(&section, &problem))?;
        }
        if let Some(policies) = section.at("policies") {
            return Err(section.refuse(
                "policies",
                format!(
                    "`{}` names files of a policy engine, and Portway has none",
                    policies.path()
                ),
                "rules under permission.rules",
            ));
        }
        Ok(Self { enabled, policy })
    }
}

fn roles(section: &Section<'_>, policy: &mut Policy) -> Result<(), Diagnostic> {
    let mut specs = Vec::new();
    for item in section.list("roles")? {
        let spec: RoleSpec = item.decode()?;
        specs.push((spec, Source::Config(item.origin().to_string())));
    }
    policy
        .add_roles(&specs)
        .map_err(|problem| placed(section, &problem))
}

/// `defaultRole`: what whoever is signed in holds. `none` for nothing.
fn everyone(section: &Section<'_>, policy: &mut Policy) -> Result<(), Diagnostic> {
    let (role, source) = match section.opt_str("defaultRole")? {
        Some("none") => return Ok(()),
        Some(role) => {
            let place = section.at("defaultRole");
            let place = place.map(|found| found.origin().to_string());
            (role, Source::Config(place.unwrap_or_default()))
        }
        None => (DEFAULT_ROLE, Source::BuiltIn),
    };
    let spec = BindingSpec {
        name: Some("defaultRole".to_owned()),
        role: role.to_owned(),
        subjects: vec!["everyone".to_owned()],
        ..BindingSpec::default()
    };
    policy
        .add_binding(&spec, source, "defaultRole")
        .map_err(|mut problem| {
            problem.path = "defaultRole".to_owned();
            placed(section, &problem)
        })
}

/// What the RBAC plugin of Backstage's community reads.
fn rbac(section: &Section<'_>, policy: &mut Policy) -> Result<(), Diagnostic> {
    for (key, role) in [("superUsers", "admin"), ("users", RBAC_ADMIN)] {
        let path = format!("rbac.admin.{key}");
        let people = section.list(&path)?;
        if people.is_empty() {
            continue;
        }
        if role == RBAC_ADMIN && policy.role(RBAC_ADMIN).is_none() {
            let spec = RoleSpec {
                name: RBAC_ADMIN.to_owned(),
                description: Some("Changes bindings and rules".to_owned()),
                permissions: vec!["access.*".to_owned(), "catalog.entity.read".to_owned()],
                ..RoleSpec::default()
            };
            let source = Source::Config(section.origin().to_string());
            policy
                .add_roles(&[(spec, source)])
                .map_err(|problem| placed(section, &problem))?;
        }
        for (at, one) in people.iter().enumerate() {
            let spec = BindingSpec {
                name: Some(path.clone()),
                role: role.to_owned(),
                subjects: vec![one.str("name")?.to_owned()],
                ..BindingSpec::default()
            };
            let source = Source::Config(one.origin().to_string());
            policy
                .add_binding(&spec, source, &format!("{path}[{at}]"))
                .map_err(|problem| placed(section, &problem))?;
        }
    }
    let Some(file) = section.opt_str("rbac.policies-csv-file")? else {
        return Ok(());
    };
    let refuse = |message: String, accepted: &str| {
        section.refuse("rbac.policies-csv-file", message, accepted)
    };
    let place = section.at("rbac.policies-csv-file");
    let folder = place.and_then(|found| found.origin().directory());
    let path = folder.unwrap_or_default().join(file);
    let text = read(&path).map_err(|why| {
        refuse(
            format!("{} cannot be read: {why}", path.display()),
            "a CSV file of at most 4 MiB; a relative path starts at the configuration file",
        )
    })?;
    csv::import(policy, &text, &shown(&path)).map_err(|problem| {
        refuse(
            format!("{}: {}", problem.path, problem.message),
            &problem.accepted,
        )
    })
}

fn read(path: &PathBuf) -> std::io::Result<String> {
    if std::fs::metadata(path)?.len() > MAX_CSV {
        return Err(std::io::Error::other("it is larger than 4 MiB"));
    }
    std::fs::read_to_string(path)
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// A problem with the place in the file of the nearest value that is there.
fn placed(section: &Section<'_>, problem: &PolicyProblem) -> Diagnostic {
    let mut path = problem.path.as_str();
    while section.at(path).is_none() {
        match path.rsplit_once('.') {
            Some((before, _)) => path = before,
            None => break,
        }
    }
    section.refuse(
        path,
        format!("`{}.{}`: {}", section.path(), problem.path, problem.message),
        problem.accepted.clone(),
    )
}
