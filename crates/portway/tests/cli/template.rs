//! `portway template`.

use crate::program::Program;

const TEMPLATE: &str = "apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata:
  name: shop
spec:
  type: service
  parameters:
    properties:
      name: {type: string}
  steps:
    - id: fetch
      action: fetch:template
      input:
        url: ./skeleton
        values:
          name: ${{ parameters.nmae }}
    - id: publish
      action: publish:github
      input:
        repoUrl: github.com?owner=acme&repo=${{ parameters.name }}
";

const MAIN: &str = "print('${{ values.name | upper }}')\n";

#[test]
fn a_wrong_template_is_named_with_its_places() {
    let program = Program::new(&[
        ("paths/shop/template.yaml", TEMPLATE),
        ("paths/shop/skeleton/main.py", "a\n${{ values.owner }}"),
        ("paths/other.yaml", "kind: [\n"),
    ]);
    let ran = program.run(&["template", "lint"]);
    assert_eq!(ran.code, 1);
    let first = "paths/shop/template.yaml:16:21: error[template-unknown-parameter]: no page of the form asks for `nmae`\n  fix: write `name`\n";
    assert!(ran.out.starts_with(first), "{}", ran.out);
    assert!(
        ran.out
            .contains("paths/shop/skeleton/main.py:2:5: error[template-value-unset]"),
        "{}",
        ran.out
    );
    assert_eq!(ran.err, "1 template: 2 errors, 1 warning\n");
    let json = program.run(&["template", "lint", "-o", "json"]).json();
    assert_eq!(json["meta"]["errors"], 2);
    assert_eq!(json["items"][0]["code"], "template-unknown-parameter");
}

#[test]
fn a_good_template_passes() {
    let good = TEMPLATE.replace("nmae", "name");
    let program = Program::new(&[("t.yaml", &good), ("skeleton/main.py", MAIN)]);
    let ran = program.run(&["template", "lint", "t.yaml"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{}", ran.err);
    let none = Program::new(&[]).run(&["template", "lint"]);
    assert_eq!(none.code, 1);
    assert!(
        none.err.contains("there is no template here"),
        "{}",
        none.err
    );
}

#[test]
fn a_skeleton_is_rendered_into_a_folder() {
    let program = Program::new(&[
        ("skeleton/${{ values.name }}/main.py", MAIN),
        ("skeleton/{% if values.db %}db.sql{% endif %}", "create"),
        ("skeleton/chart.yaml", "{{ .Values.x }} ${{ values.name }}"),
        ("answers.yaml", "name: cart\ndb: false\n"),
    ]);
    let arguments = [
        "template",
        "render",
        "skeleton",
        "--values",
        "answers.yaml",
        "--set",
        "name=shop",
        "--raw",
        "chart.yaml",
        "--out",
        "made",
    ];
    let ran = program.run(&arguments);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let made =
        |path: &str| std::fs::read_to_string(program.path().join("made").join(path)).unwrap();
    assert_eq!(made("shop/main.py"), "print('SHOP')\n");
    assert_eq!(made("chart.yaml"), "{{ .Values.x }} ${{ values.name }}");
    assert!(!program.path().join("made/db.sql").exists());

    let again = program.run(&arguments);
    assert_eq!(again.code, 1);
    assert!(again.err.contains("is there already"), "{}", again.err);
    let replaced = program.run(&[&arguments[..], &["--replace", "--set", "name=store"]].concat());
    assert_eq!(replaced.code, 0, "{}", replaced.err);
    assert_eq!(made("store/main.py"), "print('STORE')\n");
}

#[test]
fn nothing_is_written_when_one_file_is_wrong() {
    let program = Program::new(&[
        ("skeleton/a.txt", "fine"),
        ("skeleton/b.txt", "one\n${{ values.x | nope }}"),
        ("skeleton/${{ values.up }}", "x"),
    ]);
    let ran = program.run(&[
        "template",
        "render",
        "skeleton",
        "--set",
        "up=../out.txt",
        "--out",
        "made",
    ]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("skeleton/b.txt:2:16"), "{}", ran.err);
    assert!(ran.err.contains("leads out of the folder"), "{}", ran.err);
    assert!(!program.path().join("made").exists());
    assert!(!program.path().join("out.txt").exists());
}
