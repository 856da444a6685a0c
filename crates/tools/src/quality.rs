//! What SonarQube says of the code.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use url::Url;

use crate::Tools;
use crate::ask::{Answer, below, json};
use crate::pipelines::annotation;
use crate::settings::SonarQube;

/// The annotation that names the project, as `key` or `instance/key`.
pub(crate) const ANNOTATION: &str = "sonarqube.org/project-key";

/// What is shown, in this order.
const METRICS: [&str; 7] = [
    "bugs",
    "vulnerabilities",
    "security_hotspots_reviewed",
    "code_smells",
    "coverage",
    "duplicated_lines_density",
    "ncloc",
];

/// The verdict on a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// All conditions hold.
    Passed,
    /// Some condition does not hold.
    Failed,
    /// Not analysed yet, or without conditions.
    Unknown,
}

/// One figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measure {
    /// SonarQube's name of it.
    pub metric: String,
    /// As SonarQube writes it.
    pub value: String,
}

/// What an analysis found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quality {
    /// The verdict.
    pub gate: Gate,
    /// The conditions that do not hold, by metric.
    pub broken: Vec<String>,
    /// The figures.
    pub measures: Vec<Measure>,
}

/// Which project an entity is, and where.
pub(crate) struct Project<'a> {
    pub(crate) sonar: &'a SonarQube,
    pub(crate) key: &'a str,
    /// Its page.
    pub(crate) href: Url,
}

impl Tools {
    /// The project that an entity's annotation names. [`None`] without an
    /// annotation; an error in words where no such instance is configured.
    pub(crate) fn project<'a>(&'a self, entity: &'a Value) -> Option<Result<Project<'a>, String>> {
        let written = annotation(entity, ANNOTATION)?;
        let named = |name: &str| {
            self.settings
                .sonarqube
                .iter()
                .find(|sonar| sonar.name == name)
        };
        // A key may hold a slash itself; only a known name makes an instance of it.
        let by_instance = written
            .split_once('/')
            .and_then(|(name, key)| Some((named(name)?, key)));
        let found = by_instance.or_else(|| {
            let first = named("default").or_else(|| self.settings.sonarqube.first());
            Some((first?, written))
        });
        Some(match found {
            Some((sonar, key)) => Ok(Project {
                href: below(&sonar.external, "/dashboard", &[("id", key)]),
                sonar,
                key,
            }),
            None => Err(written.to_owned()),
        })
    }

    /// What SonarQube says of a project.
    pub(crate) async fn quality(&self, project: &Project<'_>) -> Answer<Quality> {
        let question = format!("{}/{}", project.sonar.name, project.key);
        let now = self.clock.now();
        self.quality
            .answer(&question, now, self.analysis(project))
            .await
    }

    async fn analysis(&self, project: &Project<'_>) -> Result<Quality, String> {
        let (base, key) = (&project.sonar.base, project.key);
        let secret = project.sonar.key.as_ref();
        // A token is the user name of basic authentication, with no password.
        let authorization = secret
            .map(|secret| format!("Basic {}", STANDARD.encode(format!("{}:", secret.reveal()))));
        let ask = |url| json(&self.client, "SonarQube", url, authorization.as_deref());
        let gate = ask(below(
            base,
            "/api/qualitygates/project_status",
            &[("projectKey", key)],
        ))
        .await?;
        let metrics = METRICS.join(",");
        let measures = ask(below(
            base,
            "/api/measures/component",
            &[("component", key), ("metricKeys", &metrics)],
        ))
        .await?;
        Ok(read(&gate, &measures))
    }
}

fn read(gate: &Value, measures: &Value) -> Quality {
    let text = |value: &Value, pointer: &str| {
        value
            .pointer(pointer)
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let list = |value: &Value, pointer: &str| {
        value
            .pointer(pointer)
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default()
    };
    let verdict = text(gate, "/projectStatus/status");
    let mut found: Vec<Measure> = list(measures, "/component/measures")
        .iter()
        .filter_map(|measure| {
            Some(Measure {
                metric: text(measure, "/metric")?,
                value: text(measure, "/value")?,
            })
        })
        .collect();
    let place = |measure: &Measure| METRICS.iter().position(|metric| *metric == measure.metric);
    found.retain(|measure| place(measure).is_some());
    found.sort_by_key(place);
    Quality {
        gate: match verdict.as_deref() {
            Some("OK") => Gate::Passed,
            Some("ERROR" | "WARN") => Gate::Failed,
            _ => Gate::Unknown,
        },
        broken: list(gate, "/projectStatus/conditions")
            .iter()
            .filter(|condition| text(condition, "/status").as_deref() == Some("ERROR"))
            .filter_map(|condition| text(condition, "/metricKey"))
            .collect(),
        measures: found,
    }
}
