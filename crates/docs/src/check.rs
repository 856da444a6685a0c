//! Everything that is wrong with a site, for those who write it.

use std::collections::{HashMap, HashSet};

use catalog::EntityFolder;
use model::diagnostic::Diagnostic;
use model::yaml::Mark;

use crate::load::load;
use crate::markdown::outline;

/// What a check has found.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// The name of the site; empty where there is none.
    pub name: String,
    /// Its pages.
    pub pages: usize,
    /// What is wrong, in the order of files and lines.
    pub problems: Vec<Diagnostic>,
}

/// Reads a site as the portal does and looks at every page: mkdocs.yml, pages
/// that it names and that are not there, pages that nothing leads to, links
/// and places on other pages.
pub async fn check(folder: &EntityFolder, name: &str) -> Checked {
    let site = match load(folder, name).await {
        Ok(site) => site,
        Err(problems) => {
            return Checked {
                problems,
                ..Checked::default()
            };
        }
    };
    let mut problems = site.problems.clone();
    let mut anchors: HashMap<&str, HashSet<String>> = HashMap::new();
    let mut links: Vec<(String, String, String, Mark)> = Vec::new();
    for (key, page) in &site.pages {
        let outline = outline(&site, key, "");
        problems.extend(outline.problems);
        let file = site.folder.shown_file(&page.file);
        for link in outline.links {
            links.push((file.clone(), link.key, link.anchor, link.mark));
        }
        anchors.insert(key.as_str(), outline.anchors.into_iter().collect());
    }
    for (file, key, anchor, mark) in links {
        let Some(known) = anchors.get(key.as_str()) else {
            continue;
        };
        if known.contains(&anchor) {
            continue;
        }
        let mut names: Vec<&str> = known.iter().map(String::as_str).collect();
        names.sort_unstable();
        let near = model::nearest(&anchor, names);
        let problem = Diagnostic::warning(
            "docs-anchor",
            format!("#{} is no heading of {key}", model::quoted(&anchor)),
        )
        .in_file(&file)
        .at(mark)
        .accepting("the name of a heading of that page")
        .fixed_by(match near {
            Some(near) => format!("perhaps it is #{near}"),
            None => "correct the name, or name a heading with `{#name}`".to_owned(),
        });
        problems.push(problem);
    }
    problems.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
    Checked {
        name: site.name.clone(),
        pages: site.pages.len(),
        problems,
    }
}
