//! Golden paths run by the program: killed at any moment, and asked by the
//! script of others.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use crate::program::{component, folder};
use crate::server::Server;
use crate::website::Website;

const TEMPLATE: &str = "\
apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: {name: t, title: T}
spec:
  type: service
  owner: guests
  parameters:
    properties:
      name: {type: string}
      url: {type: string}
  steps:
    - {id: files, name: files, action: 'fetch:template', input: {url: ./skeleton, values: {name: '${{ parameters.name }}'}}}
    - {id: move, name: move, action: 'fs:rename', input: {files: [{from: a.txt, to: b.txt}]}}
    - {id: append, name: append, action: 'roadiehq:utils:fs:append', input: {path: b.txt, content: '+'}}
    - {id: register, name: register, action: 'catalog:register', input: {catalogInfoUrl: '${{ parameters.url }}'}}
    - {id: again, name: again, each: [1, 2], action: 'roadiehq:utils:fs:append', input: {path: b.txt, content: '${{ each.value }}'}}
    - {id: read, name: read, action: 'fs:read', input: {path: b.txt}}
  output:
    content: ${{ steps.read.output.content }}
    ref: ${{ steps.register.output.entityRef }}
";
/// How often the process is killed.
const ROUNDS: usize = 6;
/// Tasks that are made in each round.
const TASKS: usize = 6;

#[test]
fn killed_at_any_moment_no_step_is_repeated_or_lost() {
    let site = Website::start();
    let config = format!(
        "backend:\n  reading:\n    allow:\n      - host: '{}'\n",
        site.host()
    );
    let files = folder(&[
        ("app-config.yaml", config.as_str()),
        ("catalog/t.yaml", TEMPLATE),
        ("catalog/skeleton/a.txt", "${{ values.name }}"),
    ]);
    let mut made = Vec::new();
    for round in 0..ROUNDS {
        let mut server = Server::start(files.path(), &["catalog"]);
        server.settled();
        for at in 0..TASKS {
            let name = format!("r{round}-{at}");
            let path = format!("/{name}.yaml");
            site.yaml(&path, &component(&name));
            let values = json!({ "name": name, "url": site.url(&path) });
            let body = json!({ "templateRef": "template:default/t", "values": values });
            let answer = server.ask(
                "POST",
                "/api/scaffolder/v2/tasks",
                body.to_string().as_bytes(),
            );
            assert_eq!(answer.status, 201, "{}", answer.text());
            made.push((answer.json()["id"].as_str().unwrap().to_owned(), name));
        }
        // Later in every round.
        let wanted = round * 12;
        while events(&server, &made) < wanted {
            std::thread::yield_now();
        }
        server.kill();
    }
    let server = Server::start(files.path(), &["catalog"]);
    for (id, name) in &made {
        let task = ended(&server, id);
        assert_eq!(task["status"], "completed", "{name}: {task}");
        assert_eq!(
            task["output"],
            json!({ "content": format!("{name}+12"), "ref": format!("component:default/{name}") }),
        );
        let log = server.json(&format!("/api/scaffolder/v2/tasks/{id}/events?after=0"));
        for step in ["files", "move", "append", "register", "again", "read"] {
            let line = format!("Finished step {step}");
            let said = log
                .as_array()
                .unwrap()
                .iter()
                .filter(|event| event["body"]["message"] == line.as_str());
            assert_eq!(said.count(), 1, "{name}: {line}");
        }
        let numbers: Vec<i64> = log
            .as_array()
            .unwrap()
            .iter()
            .map(|event| event["id"].as_i64().unwrap())
            .collect();
        assert_eq!(
            numbers,
            (1..=numbers.len() as i64).collect::<Vec<_>>(),
            "{name}"
        );
    }
    let left = std::fs::read_dir(files.path().join("data/tasks"))
        .unwrap()
        .count();
    assert_eq!(left, 0, "files of tasks that have completed stay");
}

/// Events of the newest tasks.
fn events(server: &Server, made: &[(String, String)]) -> usize {
    made.iter()
        .rev()
        .take(TASKS)
        .map(|(id, _)| {
            let task = server.json(&format!("/api/scaffolder/v2/tasks/{id}"));
            usize::try_from(task["lastEvent"].as_i64().unwrap()).unwrap()
        })
        .sum()
}

fn ended(server: &Server, id: &str) -> Value {
    for _ in 0..2_000 {
        let task = server.json(&format!("/api/scaffolder/v2/tasks/{id}"));
        if !task["completedAt"].is_null() {
            return task;
        }
        std::thread::park_timeout(Duration::from_millis(30));
    }
    panic!("the task {id} does not end:\n{}", server.log());
}

#[test]
fn the_script_of_the_seeds_measures_our_tasks_unmodified() {
    let script = Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../shared/seed-cases/insights"
    ));
    let ready = Command::new("python3")
        .args(["-c", "import requests"])
        .output();
    if !script.join("platform_metrics_playbook.py").exists()
        || !ready.is_ok_and(|done| done.status.success())
    {
        println!("skipped: platform_metrics_playbook.py, python3 or its module requests is absent");
        return;
    }
    let template = "apiVersion: scaffolder.backstage.io/v1beta3\nkind: Template\nmetadata: {name: quick}\nspec:\n  type: service\n  owner: guests\n  steps:\n    - action: debug:log\n      input: {message: hi}\n";
    let files = folder(&[("catalog/t.yaml", template)]);
    let server = Server::start(files.path(), &["catalog", "--demo"]);
    server.settled();
    let body = json!({ "templateRef": "template:default/quick", "values": {} }).to_string();
    let answer = server.ask("POST", "/api/scaffolder/v2/tasks", body.as_bytes());
    assert_eq!(answer.status, 201, "{}", answer.text());
    ended(&server, answer.json()["id"].as_str().unwrap());
    let program = format!(
        "import json, platform_metrics_playbook as p\nprint(json.dumps(p.PlatformMetrics('', 'http://{}').service_creation_lead_time()))",
        server.address
    );
    let done = Command::new("python3")
        .args(["-B", "-c", &program])
        .env("PYTHONPATH", script)
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{error}");
    let measured: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(measured["total_services_created"], 1, "{measured}");
    assert!(
        measured["median_minutes"].as_f64().unwrap() < 1.0,
        "{measured}"
    );
}
