//! CycloneDX in JSON.

use model::diagnostic::Diagnostic;
use serde::Deserialize;

use super::{Bom, Raw, assembled, decoded};

#[derive(Deserialize)]
struct Document {
    metadata: Option<Metadata>,
    components: Option<Vec<Component>>,
    dependencies: Option<Vec<Dependency>>,
}

#[derive(Deserialize)]
struct Metadata {
    component: Option<Root>,
}

/// What the SBOM is about.
#[derive(Deserialize)]
struct Root {
    #[serde(rename = "bom-ref")]
    bom_ref: Option<String>,
    /// Parts of the entity that are modules of it.
    components: Option<Vec<Component>>,
}

#[derive(Deserialize)]
struct Component {
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(rename = "bom-ref")]
    bom_ref: Option<String>,
    group: Option<String>,
    name: String,
    version: Option<String>,
    purl: Option<String>,
    licenses: Option<Vec<Licence>>,
    components: Option<Vec<Component>>,
}

/// Either an expression or one licence.
#[derive(Deserialize)]
struct Licence {
    expression: Option<String>,
    license: Option<Named>,
}

#[derive(Deserialize)]
struct Named {
    id: Option<String>,
    name: Option<String>,
}

#[derive(Deserialize)]
struct Dependency {
    #[serde(rename = "ref")]
    of: String,
    #[serde(rename = "dependsOn")]
    on: Option<Vec<String>>,
}

pub(super) fn read(file: &str, bytes: &[u8], version: &str) -> Result<Bom, Box<Diagnostic>> {
    let document: Document = decoded(file, bytes, "This CycloneDX SBOM")?;
    let root = document.metadata.and_then(|metadata| metadata.component);
    let (root, modules) = match root {
        Some(root) => (root.bom_ref, root.components.unwrap_or_default()),
        None => (None, Vec::new()),
    };
    let mut raws = Vec::new();
    for component in modules
        .into_iter()
        .chain(document.components.unwrap_or_default())
    {
        flatten(component, &mut raws);
    }
    let dependencies = document.dependencies.unwrap_or_default();
    let mut edges = super::graph::Edges::with_capacity(dependencies.len());
    for dependency in &dependencies {
        let targets = dependency.on.iter().flatten().map(String::as_str);
        edges
            .entry(dependency.of.as_str())
            .or_default()
            .extend(targets);
    }
    let format = format!("CycloneDX {version}");
    assembled(file, format, &raws, &edges, root.as_deref())
}

/// A component and those that it is made of. Files are no packages.
fn flatten(component: Component, raws: &mut Vec<Raw>) {
    let licence = licence(component.licenses.as_deref().unwrap_or_default());
    if component.kind.as_deref() != Some("file") {
        raws.push(Raw {
            // Tools that write no bom-ref refer to the purl.
            id: component.bom_ref.or_else(|| component.purl.clone()),
            group: component.group.unwrap_or_default(),
            name: component.name,
            version: component.version.unwrap_or_default(),
            licence,
            purl: component.purl,
        });
    }
    for part in component.components.into_iter().flatten() {
        flatten(part, raws);
    }
}

/// One expression, or all licences together.
fn licence(licences: &[Licence]) -> Option<String> {
    let names: Vec<&str> = licences
        .iter()
        .filter_map(|licence| {
            let named = licence.license.as_ref();
            licence
                .expression
                .as_deref()
                .or_else(|| named.and_then(|named| named.id.as_deref().or(named.name.as_deref())))
        })
        .collect();
    (!names.is_empty()).then(|| names.join(", "))
}
