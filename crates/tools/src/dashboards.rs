//! Dashboards that show an entity: Grafana's by tag, and Datadog's by address.

use serde_json::Value;
use url::Url;

use crate::Tools;
use crate::ask::{Answer, below, json};
use crate::pipelines::annotation;

/// Grafana's dashboards of the entity: a tag.
pub(crate) const SELECTOR: &str = "grafana/dashboard-selector";
/// One dashboard to begin with, an address.
pub(crate) const OVERVIEW: &str = "grafana/overview-dashboard";
/// A dashboard of Datadog, an address.
pub(crate) const DATADOG: &str = "datadoghq.com/dashboard-url";

/// Dashboards that are asked for.
const MAX_DASHBOARDS: &str = "200";

/// A dashboard of Grafana.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dashboard {
    /// Its title.
    pub title: String,
    /// Its page.
    pub href: String,
    /// The folder it is in, or nothing.
    pub folder: String,
    /// Its tags.
    pub tags: Vec<String>,
}

/// What an entity's annotations say of dashboards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Monitoring {
    /// Addresses of single dashboards, with the tool's name.
    pub links: Vec<(&'static str, String)>,
    /// The tag that Grafana's dashboards have.
    pub tag: Option<String>,
    /// A selector that is more than a tag; it is shown as written.
    pub expression: Option<String>,
}

impl Monitoring {
    /// Reads the annotations.
    pub fn of(entity: &Value) -> Self {
        let mut found = Self::default();
        for (tool, name) in [("Grafana", OVERVIEW), ("Datadog", DATADOG)] {
            found
                .links
                .extend(annotation(entity, name).map(|address| (tool, address.to_owned())));
        }
        if let Some(selector) = annotation(entity, SELECTOR) {
            // Backstage's plugin also takes expressions such as `(tags @> 'a') && title != 'b'`.
            let plain = !selector.contains(['(', '\'', '"', '&', '|', '=', '@', '<', '>', '!']);
            let slot = if plain {
                &mut found.tag
            } else {
                &mut found.expression
            };
            *slot = Some(selector.to_owned());
        }
        found
    }
}

impl Tools {
    /// Where Grafana lists the dashboards with a tag; nothing without a Grafana.
    pub(crate) fn dashboards_href(&self, tag: &str) -> Option<Url> {
        let grafana = self.settings.grafana.as_ref()?;
        Some(below(&grafana.domain, "/dashboards", &[("tag", tag)]))
    }

    /// The dashboards with a tag. [`None`] where Grafana cannot be asked.
    pub(crate) async fn dashboards(&self, tag: &str) -> Option<Answer<Vec<Dashboard>>> {
        let grafana = self.settings.grafana.as_ref()?;
        let token = grafana.token.as_ref()?;
        let url = below(
            &grafana.domain,
            "/api/search",
            &[("type", "dash-db"), ("tag", tag), ("limit", MAX_DASHBOARDS)],
        );
        let authorization = format!("Bearer {}", token.reveal());
        let ask = async {
            let found = json(&self.client, "Grafana", url, Some(&authorization)).await?;
            Ok(read(&found, &grafana.domain, tag))
        };
        let now = self.clock.now();
        Some(self.dashboards.answer(tag, now, ask).await)
    }
}

fn read(found: &Value, domain: &Url, tag: &str) -> Vec<Dashboard> {
    let text = |value: &Value, key: &str| {
        let text = value.get(key).and_then(Value::as_str);
        text.unwrap_or_default().to_owned()
    };
    let mut dashboards: Vec<Dashboard> = found
        .as_array()
        .into_iter()
        .flatten()
        .map(|item| Dashboard {
            title: text(item, "title"),
            // Relative to the server's root, its sub path included.
            href: domain
                .join(&text(item, "url"))
                .map_or_else(|_| domain.to_string(), String::from),
            folder: text(item, "folderTitle"),
            tags: item
                .get("tags")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(|tag| tag.as_str().map(str::to_owned))
                .collect(),
        })
        .filter(|dashboard| dashboard.tags.iter().any(|own| own == tag))
        .collect();
    dashboards.sort_by(|a, b| (&a.folder, &a.title).cmp(&(&b.folder, &b.title)));
    dashboards
}
