//! What the built-in actions make of a workspace, by dry runs with files.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::world::{On, World};

async fn world() -> World {
    World::new(On::Sqlite, &[("none.yaml", "")]).await
}

/// Tries steps out; answers the files that come out, or the error.
async fn tried(
    world: &World,
    files: &[(&str, &str)],
    steps: Value,
) -> Result<Vec<(String, String)>, String> {
    let contents: Vec<Value> = files
        .iter()
        .map(|(path, text)| json!({ "path": path, "base64Content": STANDARD.encode(text) }))
        .collect();
    let body = json!({
        "template": {
            "apiVersion": "scaffolder.backstage.io/v1beta3",
            "kind": "Template",
            "metadata": { "name": "dry" },
            "spec": { "type": "service", "owner": "guests", "steps": steps },
        },
        "values": { "name": "pay" },
        "secrets": { "token": "hunter2" },
        "directoryContents": contents,
    });
    let (status, answer) = world.ask("POST", "/dry-run", &body).await;
    if status != 200 {
        return Err(answer["error"]["message"]
            .as_str()
            .unwrap_or_default()
            .to_owned());
    }
    assert!(!answer.to_string().contains("hunter2"), "{answer}");
    let listed = answer["directoryContents"].as_array().expect("files");
    Ok(listed
        .iter()
        .map(|file| {
            let bytes = STANDARD
                .decode(file["base64Content"].as_str().expect("base64"))
                .expect("base64");
            (
                file["path"].as_str().expect("a path").to_owned(),
                String::from_utf8_lossy(&bytes).into_owned(),
            )
        })
        .collect())
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect()
}

fn step(action: &str, input: impl Into<Value>) -> Value {
    let input: Value = input.into();
    json!({ "action": action, "input": input })
}

const SKELETON: &[(&str, &str)] = &[
    ("skeleton/.github/ci.yml", "run: ${{ values.name }}"),
    (
        "skeleton/${{ values.name }}.md",
        "# ${{ values.name }}\n{% if values.db %}\ndb\n{% endif %}\n",
    ),
    ("skeleton/{% if values.db %}db.sql{% endif %}", "create"),
    ("skeleton/raw.txt", "${{ values.name }}"),
];

#[tokio::test]
async fn skeletons_are_rendered() {
    let world = world().await;
    let input = json!({
        "url": "./skeleton",
        "targetPath": "out",
        "values": { "name": "${{ parameters.name }}", "db": false },
        "copyWithoutTemplating": ["raw.*"],
        "trimBlocks": true,
    });
    let made = tried(&world, SKELETON, json!([step("fetch:template", input)])).await;
    let expected = pairs(&[
        ("out/.github/ci.yml", "run: pay"),
        ("out/pay.md", "# pay\n"),
        ("out/raw.txt", "${{ values.name }}"),
    ]);
    assert_eq!(made, Ok(expected));
}

#[tokio::test]
async fn what_is_there_stays_unless_it_is_replaced() {
    let world = world().await;
    let files = [
        ("a/x.txt", "one ${{ values.n }}"),
        ("b/x.txt", "two ${{ values.n }}"),
    ];
    let both = |replace: bool| {
        json!([
            step(
                "fetch:template",
                json!({ "url": "./a", "values": { "n": 1 } })
            ),
            step(
                "fetch:template",
                json!({ "url": "b", "values": { "n": 2 }, "replace": replace })
            ),
        ])
    };
    assert_eq!(
        tried(&world, &files, both(false)).await,
        Ok(pairs(&[("x.txt", "one 1")]))
    );
    assert_eq!(
        tried(&world, &files, both(true)).await,
        Ok(pairs(&[("x.txt", "two 2")]))
    );
    let by_ending = json!([step(
        "fetch:template",
        json!({ "url": "./c", "values": { "n": 1 }, "templateFileExtension": true })
    )]);
    let files = [
        ("c/x.txt.njk", "${{ values.n }}"),
        ("c/${{ values.n }}.txt", "${{ values.n }}"),
    ];
    assert_eq!(
        tried(&world, &files, by_ending).await,
        Ok(pairs(&[("1.txt", "${{ values.n }}"), ("x.txt", "1")]))
    );
    let clash = json!([step(
        "fetch:template",
        json!({ "url": "./c", "templateFileExtension": true, "cookiecutterCompat": true })
    )]);
    assert!(tried(&world, &files, clash).await.is_err());
}

#[tokio::test]
async fn single_files_plain_folders_and_cookiecutter() {
    let world = world().await;
    let files = [
        ("one.md", "# ${{ values.n }}"),
        ("plain/a.txt", "${{ values.n }}"),
        (
            "cut/cookiecutter.json",
            r#"{"name": "svc", "slug": "{{ cookiecutter.name|lower }}-x", "kind": ["a", "b"]}"#,
        ),
        (
            "cut/{{cookiecutter.slug}}/README.md",
            "{{ cookiecutter.name }} {{ cookiecutter.kind }}",
        ),
    ];
    let made = tried(
        &world,
        &files,
        json!([
            step(
                "fetch:template:file",
                json!({ "url": "./one.md", "targetPath": "docs/one.md", "values": { "n": 1 } })
            ),
            step(
                "fetch:plain:file",
                json!({ "url": "one.md", "targetPath": "raw.md" })
            ),
            step(
                "fetch:plain",
                json!({ "url": "./plain", "targetPath": "p" })
            ),
            step(
                "fetch:cookiecutter",
                json!({ "url": "./cut", "targetPath": "c", "values": { "name": "Pay" } })
            ),
        ]),
    )
    .await;
    let expected = pairs(&[
        ("c/README.md", "Pay a"),
        ("docs/one.md", "# 1"),
        ("p/a.txt", "${{ values.n }}"),
        ("raw.md", "# ${{ values.n }}"),
    ]);
    assert_eq!(made, Ok(expected));
}

#[tokio::test]
async fn files_are_moved_removed_merged_and_listed() {
    let world = world().await;
    let files = [
        ("s/a.json", "{\"a\": {\"b\": [1]}}"),
        ("s/b.yaml", "a: 1\n"),
        ("s/tmp/x.bak", "x"),
        ("s/n.txt", "NAME"),
    ];
    let made = tried(
        &world,
        &files,
        json!([
            step("fetch:plain", json!({ "url": "./s" })),
            step("fs:delete", json!({ "files": ["tmp/**/*.bak", "tmp"] })),
            step("fs:rename", json!({ "files": [{ "from": "n.txt", "to": "d/n.txt" }] })),
            step("roadiehq:utils:fs:replace", json!({ "files": [{ "file": "d/n.txt", "find": "NA", "replaceWith": "na" }] })),
            step("roadiehq:utils:json:merge", json!({ "path": "a.json", "content": { "a": { "b": [2], "c": 3 } }, "mergeArrays": true })),
            step("roadiehq:utils:merge", json!({ "path": "b.yaml", "content": "b: 2" })),
            step("roadiehq:utils:fs:append", json!({ "path": "d/n.txt", "content": "!" })),
            step("catalog:write", json!({ "entity": { "kind": "Component", "metadata": { "name": "pay" } } })),
            { "id": "ls", "action": "fs:readdir", "input": { "paths": ["."], "recursive": false } },
            step("roadiehq:utils:fs:write", json!({ "path": "ls.txt", "content": "${{ steps.ls.output.files.length }}/${{ steps.ls.output.folders[0].name }}" })),
            { "id": "yaml", "action": "roadiehq:utils:serialize:yaml", "input": { "data": { "x": [1] } } },
            step("debug:log", json!({ "message": "${{ secrets.token }}", "listWorkspace": "with-contents" })),
        ]),
    )
    .await;
    let expected = pairs(&[
        (
            "a.json",
            "{\n  \"a\": {\n    \"b\": [\n      1,\n      2\n    ],\n    \"c\": 3\n  }\n}\n",
        ),
        ("b.yaml", "a: 1\nb: 2\n"),
        (
            "catalog-info.yaml",
            "kind: Component\nmetadata:\n  name: pay\n",
        ),
        ("d/n.txt", "naME!"),
        ("ls.txt", "3/d"),
    ]);
    assert_eq!(made, Ok(expected));
}

#[tokio::test]
async fn nothing_leaves_the_workspace() {
    let world = world().await;
    let files = [("s/a.txt", "x"), ("evil/${{ values.p }}", "x")];
    for (steps, says) in [
        (
            json!([step(
                "fetch:plain",
                json!({ "url": "./s", "targetPath": "../out" })
            )]),
            "outside its parent",
        ),
        (
            json!([step("fetch:plain", json!({ "url": "../../etc" }))]),
            "outside its parent",
        ),
        (
            json!([step(
                "fetch:template",
                json!({ "url": "./evil", "values": { "p": "../../x" } })
            )]),
            "leads out",
        ),
        (
            json!([step("fs:delete", json!({ "files": ["../*"] }))]),
            "outside its parent",
        ),
        (
            json!([step(
                "fs:rename",
                json!({ "files": [{ "from": "/etc/passwd", "to": "x" }] })
            )]),
            "outside its parent",
        ),
        (
            json!([step(
                "roadiehq:utils:fs:write",
                json!({ "path": "a/../../b", "content": "x" })
            )]),
            "outside its parent",
        ),
        (
            json!([step(
                "fetch:plain:file",
                json!({ "url": "http://169.254.169.254/latest", "targetPath": "x" })
            )]),
            "cannot be read",
        ),
        (
            json!([step("fetch:template", json!({ "ulr": "./s" }))]),
            "requires property \"url\"",
        ),
        (
            json!([step("fetch:templat", json!({}))]),
            "write `fetch:template`",
        ),
        (
            json!([
                step("debug:wait", json!({ "seconds": 1 })),
                step("fs:read", json!({ "path": "none" }))
            ]),
            "cannot be read",
        ),
    ] {
        let error = tried(&world, &files, steps.clone())
            .await
            .expect_err("refused");
        assert!(error.contains(says), "{steps}: {error}");
    }
}
