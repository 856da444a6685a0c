//! Where an entity's pipelines run.

use serde_json::Value;

/// Pipelines of one entity at one provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pipeline {
    /// The provider's name.
    pub provider: &'static str,
    /// What the provider calls the project.
    pub project: String,
    /// Where they are; nothing where the annotation alone does not say.
    pub href: Option<String>,
    /// The annotation that says so.
    pub annotation: &'static str,
}

/// The pipelines that an entity's annotations name.
pub fn pipelines(entity: &Value) -> Vec<Pipeline> {
    let of = |name: &str| annotation(entity, name);
    let mut found = Vec::new();
    let mut add = |provider, annotation, project: &str, href: Option<String>| {
        found.push(Pipeline {
            provider,
            project: project.to_owned(),
            href,
            annotation,
        });
    };
    if let Some(slug) = of(GITHUB) {
        let host = host_of_source(entity, slug).unwrap_or("github.com");
        let href = is_slug(slug, 2..=2).then(|| format!("https://{host}/{slug}/actions"));
        add("GitHub Actions", GITHUB, slug, href);
    }
    if let Some(slug) = of(GITLAB) {
        let host = of("gitlab.com/instance").unwrap_or("gitlab.com");
        let known = is_slug(slug, 2..=20) && is_host(host);
        let href = known.then(|| format!("https://{host}/{slug}/-/pipelines"));
        add("GitLab CI", GITLAB, slug, href);
    }
    if let Some(slug) = of(CIRCLECI) {
        // `github/org/repo`, `gh/org/repo`, and of old `org/repo`.
        let full = match slug.split('/').count() {
            2 => format!("github/{slug}"),
            _ => slug.to_owned(),
        };
        let href =
            is_slug(&full, 3..=3).then(|| format!("https://app.circleci.com/pipelines/{full}"));
        add("CircleCI", CIRCLECI, slug, href);
    }
    if let Some(job) = of(JENKINS) {
        add("Jenkins", JENKINS, job, None);
    }
    if let Some(project) = of(AZURE) {
        let organisation = of("dev.azure.com/host-org");
        let (host, organisation) = organisation
            .and_then(|both| both.split_once('/'))
            .unwrap_or(("dev.azure.com", organisation.unwrap_or_default()));
        let name = project.split('/').next().unwrap_or(project);
        let path = format!("{organisation}/{name}");
        let href = (is_host(host) && is_slug(&path, 2..=2))
            .then(|| format!("https://{host}/{path}/_build"));
        add("Azure Pipelines", AZURE, project, href);
    }
    found
}

const GITHUB: &str = "github.com/project-slug";
const GITLAB: &str = "gitlab.com/project-slug";
const CIRCLECI: &str = "circleci.com/project-slug";
const JENKINS: &str = "jenkins.io/job-full-name";
const AZURE: &str = "dev.azure.com/project-repo";

/// The annotations that give an entity the tab.
pub(crate) const ANNOTATIONS: [&str; 5] = [GITHUB, GITLAB, CIRCLECI, JENKINS, AZURE];

/// The annotation, unless it is empty.
pub(crate) fn annotation<'a>(entity: &'a Value, name: &str) -> Option<&'a str> {
    let value = entity.pointer("/metadata/annotations")?.get(name)?;
    value
        .as_str()
        .map(str::trim)
        .filter(|text| !text.is_empty())
}

/// The host that the entity's source is at, when that is the same project: the
/// annotation's name is `github.com/…` for GitHub Enterprise, too.
fn host_of_source<'a>(entity: &'a Value, slug: &str) -> Option<&'a str> {
    let source = annotation(entity, "backstage.io/source-location")
        .or_else(|| annotation(entity, "backstage.io/managed-by-location"))?;
    let address = source.strip_prefix("url:")?.strip_prefix("https://")?;
    let (host, path) = address.split_once('/')?;
    (path.starts_with(slug) && is_host(host)).then_some(host)
}

/// Whether a text is a path of so many plain names.
fn is_slug(text: &str, parts: std::ops::RangeInclusive<usize>) -> bool {
    let plain = |part: &str| {
        !part.is_empty()
            && part != "."
            && part != ".."
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
    };
    parts.contains(&text.split('/').count()) && text.split('/').all(plain)
}

fn is_host(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b':'))
}
