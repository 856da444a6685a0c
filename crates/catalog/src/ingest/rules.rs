//! `catalog.rules`: which kinds a location may bring.

use globset::{GlobBuilder, GlobMatcher};
use model::diagnostic::Diagnostic;
use model::entity::Entity;
use model::location_ref::LocationRef;
use serde_json::Value;

use crate::source::{Origin, Source};

/// The rules in force, in the order in which they are asked.
#[derive(Clone, Debug)]
pub struct Rules(Vec<Rule>);

#[derive(Clone, Debug)]
struct Rule {
    allow: Vec<Allowed>,
    /// `None` is any location; an empty list none.
    locations: Option<Vec<Matcher>>,
}

#[derive(Clone, Debug)]
struct Allowed {
    kind: String,
    spec_type: Option<String>,
}

#[derive(Clone, Debug)]
struct Matcher {
    kind: Option<String>,
    target: Target,
}

#[derive(Clone, Debug)]
enum Target {
    Any,
    Exact(String),
    Pattern(GlobMatcher),
}

impl Rules {
    /// What Backstage allows when nothing is configured.
    pub fn backstage_default() -> Self {
        let allow = ["Component", "API", "Location"].map(|kind| Allowed {
            kind: kind.to_lowercase(),
            spec_type: None,
        });
        Self(vec![Rule {
            allow: allow.into(),
            locations: None,
        }])
    }

    /// Every kind from everywhere: what holds when Portway runs without a
    /// configuration file.
    pub fn everything() -> Self {
        Self(Vec::new())
    }

    /// Reads `catalog.rules` and the rules that `catalog.locations[]` carry.
    ///
    /// # Errors
    /// A finding that says which rule is wrong and what it may look like; its
    /// pointer leads from the top of the configuration to the wrong part.
    pub fn from_config(
        rules: Option<&Value>,
        locations: &[(LocationRef, Value)],
    ) -> Result<Self, Diagnostic> {
        let mut all = match rules.and_then(Value::as_array) {
            None => Self::backstage_default().0,
            Some(rules) => {
                let each = rules.iter().enumerate();
                each.map(|(at, rule)| read_rule(rule, &Place::root().key("rules").item(at)))
                    .collect::<Result<_, _>>()?
            }
        };
        for (index, (location, rules)) in locations.iter().enumerate() {
            let place = Place::root().key("locations").item(index).key("rules");
            for (at, rule) in rules.as_array().into_iter().flatten().enumerate() {
                let mut rule = read_rule(rule, &place.item(at))?;
                rule.locations = Some(vec![Matcher {
                    kind: Some(location.location_type().to_owned()),
                    target: Target::Exact(location.target().to_owned()),
                }]);
                all.push(rule);
            }
        }
        Ok(Self(all))
    }

    /// Refuses an entity that its source may not bring, with Backstage's sentence.
    pub(crate) fn check(
        &self,
        entity: &Entity,
        location: &str,
        source: &Source,
    ) -> Result<(), Diagnostic> {
        // What a person put on the command line, or a provider emits, is not checked.
        if self.0.is_empty() || !matches!(source.origin, Origin::Config | Origin::Api) {
            return Ok(());
        }
        let kind = entity.kind().to_lowercase();
        let spec_type = entity.spec_type().map(str::to_lowercase);
        let allowed = self.0.iter().any(|rule| {
            rule.holds_at(&source.location)
                && rule.allow.iter().any(|allowed| {
                    allowed.kind == kind
                        && (allowed.spec_type.is_none() || allowed.spec_type == spec_type)
                })
        });
        if allowed {
            return Ok(());
        }
        Err(Diagnostic::error(
            "kind-not-allowed",
            format!(
                "Entity {} at {location}, originated at {}, is not of an allowed kind for that location",
                entity.entity_ref(),
                source.location
            ),
        )
        .accepting(format!("one of: {}", self.kinds_at(&source.location).join(", ")))
        .fixed_by(format!("add `- allow: [{}]` to catalog.rules in app-config.yaml", entity.kind())))
    }

    fn kinds_at(&self, location: &LocationRef) -> Vec<String> {
        let mut kinds: Vec<String> = self
            .0
            .iter()
            .filter(|rule| rule.holds_at(location))
            .flat_map(|rule| rule.allow.iter().map(|allowed| allowed.kind.clone()))
            .collect();
        kinds.sort();
        kinds.dedup();
        kinds
    }
}

impl Rule {
    fn holds_at(&self, location: &LocationRef) -> bool {
        self.locations.as_ref().is_none_or(|matchers| {
            matchers.iter().any(|matcher| {
                matcher
                    .kind
                    .as_deref()
                    .is_none_or(|kind| kind == location.location_type())
                    && match &matcher.target {
                        Target::Any => true,
                        Target::Exact(target) => target == location.target(),
                        Target::Pattern(glob) => glob.is_match(location.target()),
                    }
            })
        })
    }
}

/// A place in the configuration, in both spellings: for people and as a JSON
/// pointer.
#[derive(Clone)]
struct Place {
    path: String,
    pointer: String,
}

impl Place {
    fn root() -> Self {
        Self {
            path: "catalog".to_owned(),
            pointer: "/catalog".to_owned(),
        }
    }

    fn key(&self, key: &str) -> Self {
        Self {
            path: format!("{}.{key}", self.path),
            pointer: format!("{}/{key}", self.pointer),
        }
    }

    fn item(&self, index: usize) -> Self {
        Self {
            path: format!("{}[{index}]", self.path),
            pointer: format!("{}/{index}", self.pointer),
        }
    }

    fn refuse(&self, why: &str, accepted: &str) -> Diagnostic {
        let mut found =
            Diagnostic::error("config-value", format!("`{}` {why}", self.path)).accepting(accepted);
        found.pointer = Some(self.pointer.clone());
        found
    }
}

fn read_rule(rule: &Value, place: &Place) -> Result<Rule, Diagnostic> {
    let allow = rule
        .get("allow")
        .and_then(Value::as_array)
        .ok_or_else(|| place.refuse("has no list of kinds", "`allow: [Component, API]`"))?
        .iter()
        .enumerate()
        .map(|(at, allowed)| read_allowed(allowed, &place.key("allow").item(at)))
        .collect::<Result<_, _>>()?;
    let locations = rule
        .get("locations")
        .and_then(Value::as_array)
        .map(|locations| {
            let each = locations.iter().enumerate();
            each.map(|(at, one)| read_matcher(one, &place.key("locations").item(at)))
                .collect::<Result<_, _>>()
        })
        .transpose()?;
    Ok(Rule { allow, locations })
}

fn read_allowed(allowed: &Value, place: &Place) -> Result<Allowed, Diagnostic> {
    let text = |key: &str| {
        allowed
            .get(key)
            .and_then(Value::as_str)
            .map(str::to_lowercase)
    };
    match allowed.as_str() {
        Some(kind) => Ok(Allowed {
            kind: kind.to_lowercase(),
            spec_type: None,
        }),
        None => Ok(Allowed {
            kind: text("kind").ok_or_else(|| {
                place.refuse(
                    "names no kind",
                    "a kind such as Component, or an object with `kind` and `spec.type`",
                )
            })?,
            spec_type: text("spec.type").or_else(|| {
                allowed
                    .pointer("/spec/type")
                    .and_then(Value::as_str)
                    .map(str::to_lowercase)
            }),
        }),
    }
}

fn read_matcher(matcher: &Value, place: &Place) -> Result<Matcher, Diagnostic> {
    let text = |key: &str| matcher.get(key).and_then(Value::as_str);
    let target = match (text("exact"), text("pattern")) {
        (Some(_), Some(_)) => {
            return Err(place.refuse(
                "has both `exact` and `pattern`",
                "one of them: `exact` for one target, `pattern` for a glob",
            ));
        }
        (Some(exact), None) => Target::Exact(exact.to_owned()),
        (None, Some(pattern)) => Target::Pattern(
            GlobBuilder::new(pattern)
                .case_insensitive(true)
                .literal_separator(true)
                .build()
                .map_err(|error| {
                    place.key("pattern").refuse(
                        &format!("is no glob: {}", error.kind()),
                        "a glob such as `https://github.com/acme/**`",
                    )
                })?
                .compile_matcher(),
        ),
        (None, None) => Target::Any,
    };
    Ok(Matcher {
        kind: text("type").map(str::to_owned),
        target,
    })
}
