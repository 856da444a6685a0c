//! From saving a file to seeing the change over HTTP.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::generate::Manifest;
use crate::options::Options;
use crate::report::{Section, seconds, spread};
use crate::server::{Server, Start};

pub(crate) fn measure(options: &Options, manifest: &Manifest) -> Result<Section> {
    let data = format!("data-{}", manifest.count);
    let start = Start {
        options,
        entities: Some(&manifest.folder),
        data: &data,
        fresh: false,
        people: false,
    };
    let mut server = start.run()?;
    server.first_answer()?;
    server.all_related(manifest)?;

    let name = manifest
        .components
        .last()
        .context("the catalog has components")?;
    let (file, text) = find(&manifest.folder, name)?;
    let mut times = Vec::new();
    // Everything that a start sets going is still at work.
    times.push(edit(
        &mut server,
        &file,
        &text,
        name,
        "Edited after a start.",
    )?);
    let mut section = Section::figures(format!("Freshness with {} entities", manifest.count));
    section.row(&[
        "edit right after a start",
        &times.first().copied().map(seconds).unwrap_or_default(),
        "1 s",
    ]);
    server.all_found()?;
    times.clear();
    for run in 0..options.runs {
        times.push(edit(
            &mut server,
            &file,
            &text,
            name,
            &format!("Edited at rest for run {run}."),
        )?);
    }
    std::fs::write(&file, &text)?;
    section.row(&[
        "edit of a watched file of 500 entities to visible by name, at rest",
        &spread(&mut times),
        "1 s",
    ]);
    Ok(section)
}

/// The file that holds the component, with its text.
fn find(folder: &Path, name: &str) -> Result<(PathBuf, String)> {
    let wanted = format!("\n  name: {name}\n");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    files.sort();
    for file in files.into_iter().rev() {
        let text = std::fs::read_to_string(&file)?;
        if text.contains(&wanted) {
            return Ok((file, text));
        }
    }
    anyhow::bail!("no file in {} has {name}", folder.display())
}

fn edit(
    server: &mut Server,
    file: &Path,
    text: &str,
    name: &str,
    description: &str,
) -> Result<Duration> {
    let changed =
        with_description(text, name, description).context("the component has a description")?;
    let path = format!("/api/catalog/entities/by-name/component/default/{name}");
    let start = Instant::now();
    std::fs::write(file, changed)?;
    server.wait("the edit is visible", |connection| {
        let entity = connection.json(&path)?;
        Ok(entity
            .pointer("/metadata/description")
            .and_then(Value::as_str)
            == Some(description))
    })?;
    Ok(start.elapsed())
}

/// The file's text with another description of one entity.
fn with_description(text: &str, name: &str, description: &str) -> Option<String> {
    let (before, rest) = text.split_once(&format!("\n  name: {name}\n"))?;
    let (between, rest) = rest.split_once("  description: \"")?;
    let (_, after) = rest.split_once("\"\n")?;
    Some(format!(
        "{before}\n  name: {name}\n{between}  description: \"{description}\"\n{after}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_named_entity_is_changed() {
        let text = "metadata:\n  name: a\n  description: \"One.\"\n---\nmetadata:\n  name: b\n  title: \"B\"\n  description: \"Two.\"\nspec: {}\n";
        assert_eq!(
            with_description(text, "b", "New.").as_deref(),
            Some(
                "metadata:\n  name: a\n  description: \"One.\"\n---\nmetadata:\n  name: b\n  title: \"B\"\n  description: \"New.\"\nspec: {}\n"
            )
        );
        assert_eq!(with_description(text, "c", "New."), None);
    }
}
