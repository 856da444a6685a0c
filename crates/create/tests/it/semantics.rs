//! What steps are given, which run, and how a task ends.

use serde_json::{Value, json};

use crate::world::{On, World, on_both_databases, steps};

on_both_databases!(
    outputs_flow_with_their_types,
    conditions_and_failures_decide_what_runs,
    each_runs_once_for_every_item,
    secrets_are_in_no_log_and_no_table,
    an_expression_that_cannot_be_rendered_fails_with_its_place,
    a_wait_holds_nothing,
    cancelling_ends_a_step_that_stands_still
);

async fn outputs_flow_with_their_types(on: On) {
    let template = steps(
        "- id: first\n  action: test:echo\n  input:\n    n: 3\n    name: ${{ parameters.name }}\n    missing: ${{ parameters.nothing }}\n\
         - action: test:echo\n  name: Second\n  input:\n    n: ${{ steps.first.output.n }}\n    text: n=${{ steps.first.output.n }}\n    who: ${{ user.ref }}\n    task: ${{ context.task.id }}",
    ) + "  output:\n    links:\n      - title: One\n        url: https://x/${{ steps.first.output.name }}\n      - title: Two\n        if: ${{ parameters.nothing }}\n        url: https://y\n    text:\n      - title: Done\n        content: ${{ steps['step-2'].output.text }}\n    n: ${{ steps.first.output.n }}\n";
    let world = World::new(on, &[("t.yaml", &template)]).await;
    let task = world.run(json!({ "name": "pay" })).await;
    assert_eq!(task["status"], "completed", "{task}");
    assert_eq!(
        task["output"],
        json!({
            "links": [{ "title": "One", "url": "https://x/pay" }],
            "text": [{ "title": "Done", "content": "n=3" }],
            "n": 3,
        })
    );
    assert_eq!(task["createdBy"], "user:default/kim");
    let names: Vec<&str> = task["spec"]["steps"]
        .as_array()
        .expect("steps")
        .iter()
        .map(|step| step["id"].as_str().expect("an id"))
        .collect();
    assert_eq!(names, ["first", "step-2"]);
    let log = world.log(&task).await;
    assert_eq!(
        log.first().map(String::as_str),
        Some("Starting up task with 2 steps")
    );
    assert_eq!(
        log.last().map(String::as_str),
        Some("Run completed with status: completed")
    );
    assert!(log.contains(&"Beginning step Second".to_owned()), "{log:?}");
    // Nothing stays on the disk of a task that has completed.
    let left = std::fs::read_dir(world.data.path().join("tasks"))
        .expect("a folder")
        .count();
    assert_eq!(left, 0);
}

async fn conditions_and_failures_decide_what_runs(on: On) {
    let template = steps(
        "- id: no\n  action: test:echo\n  if: ${{ parameters.name == 'other' }}\n\
         - id: text\n  action: test:echo\n  if: 'false'\n\
         - id: empty\n  action: test:echo\n  if: ${{ [] }}\n\
         - id: bad\n  action: test:fail\n  input: {message: it broke}\n\
         - id: after\n  action: test:echo\n\
         - id: cleanup\n  action: test:echo\n  if: ${{ always() }}\n\
         - id: report\n  action: test:echo\n  if: ${{ failure() }}\n\
         - id: panics\n  action: test:panic\n  if: ${{ always() }}",
    );
    let world = World::new(on, &[("t.yaml", &template)]).await;
    let task = world.run(json!({ "name": "pay" })).await;
    assert_eq!(task["status"], "failed");
    assert_eq!(task["error"]["message"], "it broke");
    assert_eq!(task["error"]["stepId"], "bad");
    let states: Vec<(&str, &str)> = task["steps"]
        .as_array()
        .expect("steps")
        .iter()
        .map(|step| {
            (
                step["id"].as_str().unwrap_or_default(),
                step["status"].as_str().unwrap_or_default(),
            )
        })
        .collect();
    assert_eq!(
        states,
        [
            ("no", "skipped"),
            ("text", "completed"),
            ("empty", "skipped"),
            ("bad", "failed"),
            ("after", "skipped"),
            ("cleanup", "completed"),
            ("report", "completed"),
            ("panics", "failed"),
        ]
    );
    let log = world.log(&task).await;
    assert!(
        log.iter()
            .any(|line| line.contains("test:panic") && line.contains("panicked")),
        "{log:?}"
    );
}

async fn each_runs_once_for_every_item(on: On) {
    let template = steps(
        "- id: many\n  action: test:echo\n  each: ${{ [1, 2, 3] }}\n  if: ${{ each.value != 2 }}\n  input:\n    key: ${{ each.key }}\n    twice: ${{ each.value * 2 }}\n\
         - id: fields\n  action: test:echo\n  each: {a: x, b: y}\n  input:\n    pair: ${{ each.key }}=${{ each.value }}\n\
         - id: not\n  action: test:echo\n  each: ${{ parameters.name }}",
    ) + "  output:\n    all: ${{ steps.many.output }}\n";
    let world = World::new(on, &[("t.yaml", &template)]).await;
    let task = world.run(json!({ "name": "pay" })).await;
    assert_eq!(task["status"], "failed");
    let message = task["error"]["message"].as_str().expect("a message");
    assert!(
        message.contains("cannot be resolved to a value")
            && message.contains("a list or an object"),
        "{message}"
    );
    let log = world.log(&task).await;
    assert_eq!(
        log.iter()
            .filter(|line| line.starts_with("Running step each:"))
            .count(),
        4,
        "{log:?}"
    );
}

async fn secrets_are_in_no_log_and_no_table(on: On) {
    let template = steps(
        "- id: say\n  action: debug:log\n  input:\n    message: token is ${{ secrets.token }} and ${{ secrets.token | upper }}\n\
         - id: keep\n  action: test:echo\n  input:\n    token: ${{ secrets.token }}\n\
         - id: stop\n  action: test:stop\n\
         - id: bad\n  action: test:fail\n  input:\n    message: refused ${{ secrets.token }}",
    );
    let world = World::new(on, &[("t.yaml", &template)]).await;
    world
        .outside
        .stands
        .store(true, std::sync::atomic::Ordering::SeqCst);
    let id = world
        .make(&json!({
            "templateRef": "template:t",
            "values": {},
            "secrets": { "token": "hunter2-of-kim" },
        }))
        .await;
    let reached = || async {
        world
            .outside
            .reached
            .load(std::sync::atomic::Ordering::SeqCst)
            > 0
    };
    world.until("the third step is reached", reached).await;
    assert!(!world.tables().await.contains("hunter2-of-kim"));
    world
        .outside
        .stands
        .store(false, std::sync::atomic::Ordering::SeqCst);
    world.quiet("the task ends").await;
    let task = world.get(&format!("/tasks/{id}")).await;
    // Whatever a secret has changed is hidden as a whole.
    assert_eq!(task["error"]["message"], "***");
    let log = world.log(&task).await.join("\n");
    assert!(log.contains("\"message\": \"***\""), "{log}");
    assert!(
        !log.contains("hunter2") && !log.contains("HUNTER2"),
        "{log}"
    );
    assert!(!world.tables().await.contains("hunter2-of-kim"));
    let (status, answer) = world
        .ask("POST", &format!("/tasks/{id}/retry"), &json!({}))
        .await;
    assert_eq!(status, 400);
    assert!(
        answer["error"]["message"]
            .as_str()
            .expect("a message")
            .contains("token"),
        "{answer}"
    );
}

async fn an_expression_that_cannot_be_rendered_fails_with_its_place(on: On) {
    let template = steps(
        "- id: bad\n  action: test:echo\n  input:\n    fine: 1\n    wrong: ${{ parameters.name | nofilter }}",
    );
    let world = World::new(on, &[("t.yaml", &template)]).await;
    let task = world.run(json!({ "name": "pay" })).await;
    let message = task["error"]["message"].as_str().expect("a message");
    let line = template
        .lines()
        .position(|line| line.contains("nofilter"))
        .expect("a line")
        + 1;
    assert!(message.contains(&format!("t.yaml:{line}:")), "{message}");
    assert!(message.contains("nofilter"), "{message}");

    let lenient = World::with(on, &[("t.yaml", &template)], |settings| {
        settings.lenient = true
    })
    .await;
    let task = lenient.run(json!({ "name": "pay" })).await;
    assert_eq!(task["status"], "completed", "{task}");
}

async fn a_wait_holds_nothing(on: On) {
    let template = steps(
        "- id: pause\n  action: debug:wait\n  input: {minutes: 5}\n- id: after\n  action: test:echo",
    );
    let world = World::new(on, &[("t.yaml", &template)]).await;
    let task = world.run(json!({})).await;
    assert_eq!(
        (&task["status"], &task["state"]),
        (&json!("processing"), &json!("waiting"))
    );
    assert!(
        task["waiting"]["reason"]
            .as_str()
            .expect("a reason")
            .contains("waits until")
    );
    // Looking earlier does not make it shorter, nor longer.
    let id = task["id"].as_str().expect("an id").parse().expect("a UUID");
    world.clock.advance(std::time::Duration::from_secs(120));
    assert!(
        world
            .create
            .wake(id, "a test asks")
            .await
            .expect("the queue")
    );
    world.quiet("it looks").await;
    assert_eq!(world.get(&format!("/tasks/{id}")).await["state"], "waiting");
    world.clock.advance(std::time::Duration::from_secs(181));
    world.quiet("it goes on").await;
    assert_eq!(
        world.get(&format!("/tasks/{id}")).await["status"],
        "completed"
    );
}

async fn cancelling_ends_a_step_that_stands_still(on: On) {
    let template = steps(
        "- id: stop\n  action: test:stop\n- id: after\n  action: test:effect\n  input: {name: x}",
    );
    let world = World::new(on, &[("t.yaml", &template)]).await;
    world
        .outside
        .stands
        .store(true, std::sync::atomic::Ordering::SeqCst);
    let id = world
        .make(&json!({ "templateRef": "t", "values": {} }))
        .await;
    let reached = || async {
        world
            .outside
            .reached
            .load(std::sync::atomic::Ordering::SeqCst)
            > 0
    };
    world.until("the step is reached", reached).await;
    let (status, answer) = world
        .ask("POST", &format!("/tasks/{id}/cancel"), &json!({}))
        .await;
    assert_eq!((status, answer), (200, json!({ "status": "cancelled" })));
    world.quiet("the task ends").await;
    let task = world.get(&format!("/tasks/{id}")).await;
    assert_eq!(task["status"], "cancelled");
    assert_eq!(*world.outside.made.lock(), Vec::<String>::new());
    let kinds: Vec<Value> = world
        .get(&format!("/tasks/{id}/events"))
        .await
        .as_array()
        .expect("events")
        .iter()
        .map(|event| event["type"].clone())
        .collect();
    assert!(
        kinds.contains(&json!("cancelled")) && kinds.last() == Some(&json!("completion")),
        "{kinds:?}"
    );
    // Again, now to its end.
    world
        .outside
        .stands
        .store(false, std::sync::atomic::Ordering::SeqCst);
    let (status, answer) = world
        .ask("POST", &format!("/tasks/{id}/retry"), &json!({}))
        .await;
    assert_eq!((status, answer), (201, json!({ "id": id })));
    world.quiet("the task ends").await;
    assert_eq!(
        world.get(&format!("/tasks/{id}")).await["status"],
        "completed"
    );
    assert_eq!(world.outside.made.lock().len(), 1);
}
