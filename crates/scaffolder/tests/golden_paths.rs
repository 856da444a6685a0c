//! Templates checked and skeletons rendered, as the people who write them see it.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

use model::diagnostic::Severity;
use model::yaml::{Limits, parse_documents};
use proptest::prelude::*;
use scaffolder::skeleton::{File, Files, Rules, below, render};
use scaffolder::{language, lint};
use serde_json::{Value, json};
use templating::Options;

fn files(list: &[(&str, &str)]) -> Files {
    list.iter()
        .map(|(path, text)| {
            let bytes = text.as_bytes().to_vec();
            let executable = path.ends_with(".sh");
            ((*path).to_owned(), File { bytes, executable })
        })
        .collect()
}

/// Findings as `line:column severity code fix`.
fn findings(text: &str, skeleton: Option<&[(&str, &str)]>) -> Vec<String> {
    let documents = parse_documents("template.yaml", text.as_bytes(), &Limits::default());
    let document = documents[0].as_ref().expect("YAML");
    let folder = |_: &str| skeleton.map(files);
    lint::check("template.yaml", &document.root, Some(&folder))
        .into_iter()
        .map(|found| {
            assert!(
                found.fix.is_some() || found.accepted.is_some(),
                "{found} helps nobody"
            );
            format!(
                "{}:{}:{} {} {}",
                found.file.unwrap_or_default(),
                found.line,
                found.column,
                found.code,
                found.fix.or(found.accepted).unwrap_or_default()
            )
        })
        .collect()
}

const WRONG: &str = "\
apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: {name: t}
spec:
  parameters:
    - required: [name, owner]
      properties:
        name: {type: string, pattern: '[a-'}
        size: {type: string, default: xl, enum: [s, m]}
        spare: {type: string}
  steps:
    - id: publish
      action: publish:github
      input:
        repoUrl: github.com?owner=acme&repo=${{ parameters.nmae }}
    - id: fetch-base
      action: fetch:tempalte
      if: ${{ parameters.size | uper }}
      input:
        url: ${{ steps.publish.output.remoteUrl }}
        other: ${{ steps.later.output.x }}
        third: ${{ steps.fetch-base.output.x }}
        fourth: ${{ naem ~ secrets.token }}
    - id: later
      action: fetch:template
      input: {url: ./skeleton, values: {name: '${{ parameters.name }}', unused: 1}}
  output:
    text: ${{ secrets.token }} ${{ 1 + }}
";

#[test]
fn each_mistake_is_named_with_its_place_and_what_to_do() {
    let skeleton: &[(&str, &str)] = &[
        (
            "a-${{ values.name }}.txt",
            "hello ${{ values.nam }}\n${{ values.owner | nope }}",
        ),
        ("broken.txt", "x\n  {% if %}"),
    ];
    assert_eq!(
        findings(WRONG, Some(skeleton)),
        [
            "template.yaml:6:24 template-required-unknown name, size, spare",
            "template.yaml:8:39 template-pattern correct the expression; no answer can match it now",
            "template.yaml:9:39 template-default \"s\", \"m\"",
            "template.yaml:10:9 template-unused-parameter use `${{ parameters.spare }}` in a step, or do not ask",
            "template.yaml:13:15 template-publish-before-fetch move the step `fetch-base` before it",
            "template.yaml:15:49 template-unknown-parameter write `name`",
            "template.yaml:17:15 template-unknown-action write `fetch:template`",
            "template.yaml:18:33 template-unknown-filter write `upper`",
            "template.yaml:21:20 template-later-step move the step `later` up, or this one down",
            "template.yaml:22:20 template-unknown-step write `steps['fetch-base']`",
            "template.yaml:23:21 template-unknown-name parameters, steps, secrets, user, each, context, environment, formData",
            "template.yaml:28:40 template-expression correct it; at run time it would be left as text",
            "skeleton/a-${{ values.name }}.txt:2:20 template-unknown-filter abs, batch, capitalize, center, d, default, dictsort, dump, e, escape, first, float, forceescape, groupby, indent, int, join, last, length, list",
            "skeleton/broken.txt:2:9 template-file correct it; or list the file in copyWithoutTemplating, if it is meant to stay as it is",
            "skeleton/a-${{ values.name }}.txt:1:11 template-value-unset write `values.name`",
            "skeleton/a-${{ values.name }}.txt:2:5 template-value-unset add `owner:` below `input.values` of the step",
            "template.yaml:26:73 template-value-unused use `${{ values.unused }}` in a file, or leave it out",
        ]
        .map(str::to_owned)
        .to_vec(),
    );
}

#[test]
fn the_templates_of_the_seeds_have_the_errors_that_they_have() {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/seed-cases/templates"
    );
    let Ok(entries) = std::fs::read_dir(folder) else {
        println!("skipped: the seed cases at {folder} are absent");
        return;
    };
    for entry in entries {
        let path = entry.expect("an entry").path().join("template.yaml");
        let text = std::fs::read(&path).expect("a template");
        let documents = parse_documents("template.yaml", &text, &Limits::default());
        let document = documents[0].as_ref().expect("YAML");
        let errors: Vec<String> = lint::check("template.yaml", &document.root, None)
            .into_iter()
            .filter(|found| found.severity == Severity::Error)
            .map(|found| {
                format!(
                    "{}:{} {}",
                    found.line,
                    found.code,
                    found.fix.unwrap_or_default()
                )
            })
            .collect();
        // One of them reads the output of `create-repo` with a point.
        let torn =
            |line: u32, step: &str| format!("{line}:template-unknown-step write `steps['{step}']`");
        let known = if path
            .parent()
            .is_some_and(|folder| folder.ends_with("python-service"))
        {
            vec![torn(78, "create-repo"), torn(80, "create-pipeline")]
        } else {
            Vec::new()
        };
        assert_eq!(errors, known, "{}", path.display());
    }
}

fn rendered(list: &[(&str, &str)], values: &Value, rules: &Rules) -> Vec<(String, String)> {
    let made = render(&files(list), values, rules).expect("files");
    made.into_iter()
        .map(|(path, file)| (path, String::from_utf8(file.bytes).expect("text")))
        .collect()
}

#[test]
fn names_and_contents_are_rendered_and_conditional_files_left_out() {
    let made = rendered(
        &[
            (
                "${{ values.name }}/main.py",
                "print('${{ values.name | upper }}')",
            ),
            ("{% if values.db %}db.sql{% endif %}", "create"),
            ("{% if values.web %}web/{% endif %}/index.html", "x"),
            ("raw/chart.yaml", "{{ .Values.x }} ${{ values.name }}"),
        ],
        &json!({"name": "shop", "db": false}),
        &Rules {
            copy_without_templating: vec!["raw/**".to_owned()],
            ..Rules::default()
        },
    );
    assert_eq!(
        made,
        [
            (
                "raw/chart.yaml".to_owned(),
                "{{ .Values.x }} ${{ values.name }}".to_owned()
            ),
            ("shop/main.py".to_owned(), "print('SHOP')".to_owned()),
        ]
    );
}

#[test]
fn with_an_ending_only_those_files_are_rendered() {
    let rules = Rules {
        template_file_extension: Some(".njk".to_owned()),
        ..Rules::default()
    };
    let made = rendered(
        &[
            ("a-${{ values.n }}.txt.njk", "${{ values.n }}"),
            ("b.txt", "${{ values.n }}"),
        ],
        &json!({"n": 1}),
        &rules,
    );
    assert_eq!(
        made,
        [
            ("a-1.txt".to_owned(), "1".to_owned()),
            ("b.txt".to_owned(), "${{ values.n }}".to_owned()),
        ]
    );
    let both = Rules {
        cookiecutter: true,
        ..rules
    };
    assert!(render(&Files::new(), &json!({}), &both).is_err());
}

#[test]
fn bytes_that_are_no_text_and_modes_stay() {
    let mut list = files(&[("run.sh", "#!/bin/sh")]);
    let image = vec![0x89, b'P', 0, 0xff, b'$', b'{', b'{'];
    list.insert(
        "logo.png".to_owned(),
        File {
            bytes: image.clone(),
            executable: false,
        },
    );
    let made = render(&list, &json!({}), &Rules::default()).expect("files");
    assert_eq!(made["logo.png"].bytes, image);
    assert!(made["run.sh"].executable);
}

#[test]
fn all_wrong_files_are_named_and_none_is_made() {
    let list = files(&[
        ("a.txt", "one\n${{ values.x | nope }}"),
        ("${{ values.up }}", "x"),
        ("same", "1"),
        ("${{ 'same' }}", "2"),
    ]);
    let errors =
        render(&list, &json!({"up": "../../etc/passwd"}), &Rules::default()).expect_err("errors");
    let shown: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "${{ values.up }}: `../../etc/passwd` leads out of the folder; use names below it, with `/` between them",
            "a.txt:2:16: there is no filter `nope`",
            "same: another file of the skeleton becomes `same` too",
        ]
    );
}

#[test]
fn addresses_and_references_come_apart() {
    let engine = language::engine(Options::default());
    let context = json!({"url": "github.com?owner=acme&repo=%2Fshop%2F", "ref": "Group:teams/a"});
    let value = |text: &str| engine.value(text, &context);
    assert_eq!(
        value("${{ url | parseRepoUrl }}"),
        Ok(Some(
            json!({"host": "github.com", "owner": "acme", "repo": "shop"})
        ))
    );
    assert_eq!(
        value("${{ url | projectSlug }}"),
        Ok(Some(json!("acme/shop")))
    );
    assert_eq!(
        value("${{ url | parseRepoUrl | pick('owner') }}"),
        Ok(Some(json!("acme")))
    );
    assert_eq!(
        value("${{ ref | parseEntityRef | pick('namespace') }}"),
        Ok(Some(json!("teams")))
    );
    assert_eq!(
        value("${{ 'shop' | parseEntityRef({defaultKind: 'component'}) }}"),
        Ok(Some(
            json!({"kind": "component", "namespace": "default", "name": "shop"})
        ))
    );
    assert!(value("${{ 'shop' | parseEntityRef }}").is_err());
    assert!(value("${{ 'github.com' | parseRepoUrl }}").is_err());
}

proptest! {
    #[test]
    fn nothing_is_made_outside_of_the_folder(name in "[a-z./\\\\: ${}%|-]{0,40}", value in ".{0,20}") {
        let list = files(&[(name.as_str(), "x"), ("${{ values.v }}", "y")]);
        if let Ok(made) = render(&list, &json!({"v": value}), &Rules::default()) {
            for path in made.keys() {
                prop_assert!(below(path).is_ok(), "{path}");
                prop_assert!(!path.starts_with('/') && !path.split('/').any(|part| part == ".."));
            }
        }
    }

    #[test]
    fn no_template_breaks_the_checks(text in "(spec:|  steps:|    - |id: |action: |input: |\\$\\{\\{ parameters\\.a \\}\\}|\n|a|\\[|\\]|\\{|\\}|parameters: ){0,30}") {
        for document in parse_documents("t.yaml", text.as_bytes(), &Limits::default()).into_iter().flatten() {
            let _ = lint::check("t.yaml", &document.root, None);
        }
    }
}

#[test]
fn a_file_without_a_name_is_left_out_with_or_without_a_folder() {
    let skeleton = files(&[
        ("a/{% if values.on %}one{% endif %}", "1"),
        ("a/{% if values.on %}two{% endif %}", "2"),
        ("{% if values.on %}b{% endif %}/three", "3"),
        ("a/four", "4"),
    ]);
    let made = |on: bool| {
        let made = render(&skeleton, &json!({ "on": on }), &Rules::default()).expect("files");
        made.into_keys().collect::<Vec<_>>()
    };
    assert_eq!(made(false), ["a/four"]);
    assert_eq!(made(true), ["a/four", "a/one", "a/two", "b/three"]);
}
