//! `sonarqube` and `grafana` of the configuration, with Backstage's keys.

use forge::Secret;
use model::diagnostic::Diagnostic;
use platform::config::{Config, Section};
use url::Url;

/// Where SonarQube's cloud is, which Backstage takes when nothing is said.
const SONAR_CLOUD: &str = "https://sonarcloud.io";

/// Which tools can be asked.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Instances of SonarQube; the one named `default` first.
    pub sonarqube: Vec<SonarQube>,
    /// The Grafana, if there is one.
    pub grafana: Option<Grafana>,
}

/// One SonarQube.
#[derive(Clone, Debug)]
pub struct SonarQube {
    /// What annotations call it; `default` for the one without a name.
    pub name: String,
    /// Where Portway asks.
    pub base: Url,
    /// Where people go.
    pub external: Url,
    /// With what Portway asks.
    pub key: Option<Secret>,
}

/// A Grafana.
#[derive(Clone, Debug)]
pub struct Grafana {
    /// Where it is.
    pub domain: Url,
    /// A service account's token; without one only a link is shown.
    pub token: Option<Secret>,
}

impl Settings {
    /// Reads `sonarqube.baseUrl`, `externalBaseUrl`, `apiKey`, the list
    /// `instances` of the same with a `name`, and `grafana.domain`, `token`.
    ///
    /// # Errors
    /// An address that is none, with its place.
    pub fn from_config(config: &Config) -> Result<Self, Diagnostic> {
        let root = config.root();
        let mut sonarqube = Vec::new();
        if config.has("sonarqube.baseUrl") || config.has("sonarqube.apiKey") {
            sonarqube.push(instance(&root, "sonarqube.", "default".to_owned())?);
        }
        for section in config.list("sonarqube.instances")? {
            sonarqube.push(instance(&section, "", section.str("name")?.to_owned())?);
        }
        let grafana = match address(&root, "grafana.domain")? {
            Some(domain) => Some(Grafana {
                domain,
                token: secret(&root, "grafana.token")?,
            }),
            None => None,
        };
        Ok(Self { sonarqube, grafana })
    }

    /// Every address that may be asked.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = &Url> {
        let grafana = self.grafana.iter().map(|grafana| &grafana.domain);
        self.sonarqube
            .iter()
            .map(|sonar| &sonar.base)
            .chain(grafana)
    }
}

fn instance(section: &Section<'_>, prefix: &str, name: String) -> Result<SonarQube, Diagnostic> {
    let at = |key: &str| format!("{prefix}{key}");
    let base = match address(section, &at("baseUrl"))? {
        Some(base) => base,
        None => Url::parse(SONAR_CLOUD)
            .map_err(|why| section.refuse(&at("baseUrl"), why.to_string(), "an address"))?,
    };
    Ok(SonarQube {
        name,
        external: address(section, &at("externalBaseUrl"))?.unwrap_or_else(|| base.clone()),
        key: secret(section, &at("apiKey"))?,
        base,
    })
}

/// An address without a slash at its end, so that paths can be added.
fn address(section: &Section<'_>, path: &str) -> Result<Option<Url>, Diagnostic> {
    let Some(text) = section.opt_str(path)? else {
        return Ok(None);
    };
    let refuse = |why: String| {
        section.refuse(
            path,
            format!("`{path}` is no address: {why}"),
            "an address such as https://grafana.example.com",
        )
    };
    let url = Url::parse(text.trim_end_matches('/')).map_err(|why| refuse(why.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(refuse(format!("it begins with {}:", url.scheme())));
    }
    Ok(Some(url))
}

fn secret(section: &Section<'_>, path: &str) -> Result<Option<Secret>, Diagnostic> {
    Ok(section.opt_str(path)?.and_then(Secret::new))
}
