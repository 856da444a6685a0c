//! The tabs and the card.

use std::sync::Arc;

use askama::Template;
use catalog::permission::ENTITY_READ;
use catalog::{CardPlace, EntityCard, EntityTab, Shown, TabSubject};
use platform::error::ApiError;
use portal::View;
use portal::ui::{Code, Fresh, Html, Status, Syntax, Tone};

use crate::dashboards::{DATADOG, Dashboard, Monitoring, OVERVIEW, SELECTOR};
use crate::pipelines::{ANNOTATIONS, Pipeline, pipelines};
use crate::quality::{Gate, Quality};
use crate::{Tools, ask};

/// The messages of these pages: language and Fluent source.
pub(crate) const LOCALES: [(&str, &str); 2] = [
    ("en", include_str!("../locales/en/tools.ftl")),
    ("ko", include_str!("../locales/ko/tools.ftl")),
];

/// The tab that leads to the pipelines.
pub(crate) fn pipelines_tab() -> EntityTab {
    EntityTab::new(
        ("ci-cd", "tools-ci"),
        200,
        ENTITY_READ,
        |subject| has_any(subject, &ANNOTATIONS),
        |shown| async move {
            let found = pipelines(&shown.entity);
            Ok((!found.is_empty()).then(|| {
                Html::of(&PipelinesTab {
                    pipelines: &found,
                    view: &shown.view,
                })
            }))
        },
    )
}

/// The tab that leads to the dashboards.
pub(crate) fn monitoring_tab(tools: &Arc<Tools>) -> EntityTab {
    let tools = Arc::clone(tools);
    EntityTab::new(
        ("monitoring", "tools-monitoring"),
        210,
        ENTITY_READ,
        |subject| has_any(subject, &[SELECTOR, OVERVIEW, DATADOG]),
        move |shown| {
            let tools = Arc::clone(&tools);
            async move { Ok(Some(tools.monitoring(&shown).await)) }
        },
    )
}

/// The card with the verdict on the code.
pub(crate) fn quality_card(tools: &Arc<Tools>) -> EntityCard {
    let tools = Arc::clone(tools);
    EntityCard::new(
        ("quality", "tools-quality"),
        (CardPlace::Aside, 100),
        ENTITY_READ,
        move |shown| {
            let tools = Arc::clone(&tools);
            async move { tools.quality_of(&shown).await }
        },
    )
}

fn has_any(subject: TabSubject<'_>, annotations: &[&str]) -> bool {
    annotations.iter().any(|name| {
        subject
            .annotation(name)
            .is_some_and(|value| !value.trim().is_empty())
    })
}

#[derive(Template)]
#[template(path = "tools/pipelines.html")]
struct PipelinesTab<'a> {
    pipelines: &'a [Pipeline],
    view: &'a View,
}

#[derive(Template)]
#[template(path = "tools/monitoring.html")]
struct MonitoringTab<'a> {
    links: Vec<(&'static str, String)>,
    tag: Option<String>,
    expression: Option<String>,
    /// Where Grafana lists them.
    href: Option<String>,
    /// [`None`] where Grafana is not asked.
    dashboards: Option<Vec<Dashboard>>,
    fresh: Option<Fresh>,
    failure: Option<String>,
    settings: Html,
    view: &'a View,
}

#[derive(Template)]
#[template(path = "tools/quality.html")]
struct QualityCard<'a> {
    key: String,
    href: Option<String>,
    verdict: Option<Status>,
    broken: Vec<String>,
    measures: Vec<(String, String)>,
    fresh: Option<Fresh>,
    failure: Option<String>,
    /// How to say where SonarQube is, when nobody has.
    settings: Option<Html>,
    view: &'a View,
}

impl Tools {
    async fn monitoring(&self, shown: &Shown) -> Html {
        let found = Monitoring::of(&shown.entity);
        let answer = match &found.tag {
            Some(tag) => self.dashboards(tag).await,
            None => None,
        };
        let href = found
            .tag
            .as_deref()
            .and_then(|tag| self.dashboards_href(tag))
            .map(String::from);
        let settings = Code {
            id: "grafana-settings".to_owned(),
            caption: "app-config.yaml".to_owned(),
            text: "grafana:\n  domain: https://grafana.example.com\n  token: ${GRAFANA_TOKEN}\n"
                .to_owned(),
            syntax: Syntax::Yaml,
            ..Code::default()
        };
        Html::of(&MonitoringTab {
            dashboards: answer.as_ref().map(|answer| {
                let good = answer.good.as_ref();
                good.map_or(Vec::new(), |(_, found)| found.as_ref().clone())
            }),
            fresh: answer.as_ref().and_then(|answer| fresh(answer, "Grafana")),
            failure: answer.and_then(|answer| answer.failure),
            links: found.links,
            tag: found.tag,
            expression: found.expression,
            href,
            settings: settings.html(&shown.view),
            view: &shown.view,
        })
    }

    async fn quality_of(&self, shown: &Shown) -> Result<Option<Html>, ApiError> {
        let view = &shown.view;
        let project = match self.project(&shown.entity) {
            None => return Ok(None),
            Some(Ok(project)) => project,
            Some(Err(key)) => {
                let settings = Code {
                    id: "sonar-settings".to_owned(),
                    caption: "app-config.yaml".to_owned(),
                    text: "sonarqube:\n  baseUrl: https://sonar.example.com\n  apiKey: ${SONAR_TOKEN}\n"
                        .to_owned(),
                    syntax: Syntax::Yaml,
                    ..Code::default()
                };
                return Ok(Some(Html::of(&QualityCard {
                    key,
                    href: None,
                    verdict: None,
                    broken: Vec::new(),
                    measures: Vec::new(),
                    fresh: None,
                    failure: None,
                    settings: Some(settings.html(view)),
                    view,
                })));
            }
        };
        let answer = self.quality(&project).await;
        let good = answer.good.as_ref().map(|(_, good)| good.as_ref());
        Ok(Some(Html::of(&QualityCard {
            key: project.key.to_owned(),
            href: Some(project.href.to_string()),
            verdict: good.map(|quality| verdict(view, quality.gate)),
            broken: good.map_or(Vec::new(), |quality| {
                quality
                    .broken
                    .iter()
                    .map(|metric| metric_name(view, metric))
                    .collect()
            }),
            measures: good.map_or(Vec::new(), |quality| measures(view, quality)),
            fresh: fresh(&answer, "SonarQube"),
            failure: answer.failure,
            settings: None,
            view,
        })))
    }
}

/// How old an answer is. It is stale when the tool has been silent since.
fn fresh<T>(answer: &ask::Answer<T>, source: &str) -> Option<Fresh> {
    let (at, _) = answer.good.as_ref()?;
    Some(Fresh {
        at: Some(*at),
        source: source.to_owned(),
        stale: answer.failure.is_some(),
        next: None,
    })
}

fn verdict(view: &View, gate: Gate) -> Status {
    let (tone, key) = match gate {
        Gate::Passed => (Tone::Ok, "tools-gate-passed"),
        Gate::Failed => (Tone::Bad, "tools-gate-failed"),
        Gate::Unknown => (Tone::Neutral, "tools-gate-unknown"),
    };
    Status {
        tone,
        text: view.t(key).to_string(),
    }
}

fn measures(view: &View, quality: &Quality) -> Vec<(String, String)> {
    let shown = quality.measures.iter().map(|measure| {
        let percent = matches!(
            measure.metric.as_str(),
            "coverage" | "duplicated_lines_density" | "security_hotspots_reviewed"
        );
        let value = if percent {
            format!("{} %", measure.value)
        } else {
            view.number(&measure.value)
        };
        (metric_name(view, &measure.metric), value)
    });
    shown.collect()
}

/// A metric in words; one that has none is shown as SonarQube writes it.
fn metric_name(view: &View, metric: &str) -> String {
    let key = match metric.trim_start_matches("new_") {
        "bugs" => "tools-metric-bugs",
        "vulnerabilities" => "tools-metric-vulnerabilities",
        "security_hotspots_reviewed" => "tools-metric-hotspots",
        "code_smells" => "tools-metric-smells",
        "coverage" => "tools-metric-coverage",
        "duplicated_lines_density" => "tools-metric-duplication",
        "ncloc" => "tools-metric-lines",
        _ => return metric.to_owned(),
    };
    view.t(key).to_string()
}
