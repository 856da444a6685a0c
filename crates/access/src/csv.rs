//! The CSV of the RBAC plugin of Backstage's community: `p` lines give a role
//! a permission, `g` lines give a person or group a role.
//!
//! ```text
//! p, role:default/guests, catalog-entity, read, allow
//! p, role:default/team_a, catalog.entity.create, create, allow
//! g, user:default/guest, role:default/guests
//! ```

use std::collections::BTreeMap;

use crate::pattern::{Pattern, verb_of};
use crate::policy::{Policy, PolicyProblem, Source};
use crate::spec::{BindingSpec, RuleEffect, RuleSpec};

/// More lines are refused.
const MOST_LINES: usize = 100_000;

struct Line<'a> {
    place: String,
    fields: Vec<&'a str>,
}

/// Takes the lines of `text` into `policy`. `file` is what places name.
pub(crate) fn import(policy: &mut Policy, text: &str, file: &str) -> Result<(), PolicyProblem> {
    let lines = lines(text, file)?;
    let mut names: BTreeMap<&str, String> = BTreeMap::new();
    let mut allowed: BTreeMap<&str, (Vec<Pattern>, String)> = BTreeMap::new();
    for line in &lines {
        let role = match line.fields.as_slice() {
            ["p", role, ..] | ["g", _, role] => *role,
            _ => return Err(line.refuse("this is neither a `p` nor a `g` line")),
        };
        if !names.contains_key(role) {
            let name = free_name(policy, role, line)?;
            names.insert(role, name);
            allowed.insert(role, (Vec::new(), line.place.clone()));
        }
        if let ["p", role, permission, action, "allow"] = line.fields.as_slice() {
            let pattern = pattern(permission, action, line)?;
            if let Some((patterns, _)) = allowed.get_mut(role) {
                patterns.push(pattern);
            }
        }
    }
    for (role, (patterns, place)) in allowed {
        if let Some(name) = names.get(role) {
            policy.import_role(name, role, patterns, Source::Config(place));
        }
    }
    for line in &lines {
        bind(policy, line, &names)?;
    }
    Ok(())
}

/// `g` lines, and `p` lines that deny.
fn bind(
    policy: &mut Policy,
    line: &Line<'_>,
    names: &BTreeMap<&str, String>,
) -> Result<(), PolicyProblem> {
    let source = Source::Config(line.place.clone());
    let moved = |mut problem: PolicyProblem| {
        problem.path.clone_from(&line.place);
        problem
    };
    match line.fields.as_slice() {
        ["g", subject, role] => {
            let spec = BindingSpec {
                name: Some(line.place.clone()),
                role: names.get(role).cloned().unwrap_or_default(),
                subjects: vec![(*subject).to_owned()],
                ..BindingSpec::default()
            };
            policy
                .add_binding(&spec, source, &line.place)
                .map_err(moved)
        }
        ["p", role, permission, action, "deny"] => {
            let pattern = pattern(permission, action, line)?;
            // A permission of a plugin that is not here needs no refusal.
            if !pattern.is_known() {
                return Ok(());
            }
            let name = names.get(role).map(String::as_str).unwrap_or_default();
            let spec = RuleSpec {
                name: Some(line.place.clone()),
                effect: RuleEffect::Deny,
                permissions: vec![pattern.to_string()],
                subjects: vec![format!("role:{name}")],
                except: Vec::new(),
                scope: crate::spec::ScopeSpec::default(),
                reason: format!("{role} is denied it"),
            };
            policy.add_rule(&spec, source, &line.place).map_err(moved)
        }
        ["p", _, _, _, "allow"] => Ok(()),
        _ => Err(line.refuse(
            "the line has another number of fields, or its effect is neither allow nor deny",
        )),
    }
}

fn pattern(permission: &str, action: &str, line: &Line<'_>) -> Result<Pattern, PolicyProblem> {
    let verb = match action {
        "use" => None,
        _ => match verb_of(action) {
            Some(verb) => Some(verb),
            None => return Err(line.refuse(&format!("{action:?} is no action"))),
        },
    };
    let text = match (permission.contains('.'), verb) {
        (false, Some(_)) => format!("{permission}/{action}"),
        _ => permission.to_owned(),
    };
    Pattern::parse(&text)
        .filter(|_| permission != "*")
        .ok_or_else(|| line.refuse(&format!("{permission:?} is no permission")))
}

/// The role's name here. A role of ours that is called the same stays what it is.
fn free_name(policy: &Policy, role: &str, line: &Line<'_>) -> Result<String, PolicyProblem> {
    let own = role
        .strip_prefix("role:")
        .and_then(|rest| rest.split_once('/'))
        .filter(|(namespace, name)| !namespace.is_empty() && !name.is_empty());
    let Some((namespace, own)) = own else {
        return Err(line.refuse(&format!("{role:?} is no role")));
    };
    let mut name = match namespace {
        "default" => own.to_owned(),
        _ => format!("{namespace}-{own}"),
    };
    if policy.role(&name).is_some() {
        name = format!("rbac-{name}");
    }
    Ok(name)
}

fn lines<'a>(text: &'a str, file: &str) -> Result<Vec<Line<'a>>, PolicyProblem> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let fields = trimmed
            .split(',')
            .map(|field| field.trim().trim_matches('"'));
        lines.push(Line {
            place: format!("{file}:{}:1", at + 1),
            fields: fields.collect(),
        });
    }
    if lines.len() > MOST_LINES {
        return Err(PolicyProblem {
            path: file.to_owned(),
            message: format!("{} lines are too many", lines.len()),
            accepted: format!("at most {MOST_LINES}"),
        });
    }
    Ok(lines)
}

impl Line<'_> {
    fn refuse(&self, why: &str) -> PolicyProblem {
        PolicyProblem {
            path: self.place.clone(),
            message: why.to_owned(),
            accepted: "`p, role:default/x, catalog-entity, read, allow` (create, read, update, delete or use; allow or deny) or `g, user:default/kim, role:default/x`".to_owned(),
        }
    }
}
