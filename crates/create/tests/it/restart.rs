//! The end of a process at every moment, and what is left of a failure.

use std::sync::atomic::Ordering;

use serde_json::json;

use crate::world::{On, World, on_both_databases, steps};

on_both_databases!(
    a_killed_task_goes_on_and_repeats_nothing,
    a_retry_begins_with_the_step_that_failed
);

async fn a_killed_task_goes_on_and_repeats_nothing(on: On) {
    let template = steps(
        "- id: files\n  action: fetch:template\n  input:\n    url: ./skeleton\n    values: {name: pay}\n\
         - id: one\n  action: test:effect\n  input: {name: one}\n\
         - id: move\n  action: fs:rename\n  input:\n    files: [{from: a.txt, to: b.txt}]\n\
         - id: many\n  action: test:effect\n  each: [x, y, z]\n  input:\n    name: ${{ each.value }}\n\
         - id: stop\n  action: test:stop\n\
         - id: read\n  action: fs:read\n  input: {path: b.txt}",
    ) + "  output:\n    content: ${{ steps.read.output.content }}\n    names: ${{ steps.many.output.name }}\n";
    let files = [
        ("t.yaml", template.as_str()),
        ("skeleton/a.txt", "name: ${{ values.name }}\n"),
    ];
    let world = World::new(on, &files).await;
    world.outside.stands.store(true, Ordering::SeqCst);
    let id = world
        .make(&json!({ "templateRef": "template:t", "values": {} }))
        .await;
    // Killed behind each effect, before it is written down.
    for effects in 1..=4 {
        let made = || async { world.outside.made.lock().len() == effects };
        world.until("an effect", made).await;
        world.kill().await;
        world.start();
        if effects == 4 {
            break;
        }
        // What was interrupted is found, not done again; the next one stands.
    }
    let reached = || async { world.outside.reached.load(Ordering::SeqCst) > 0 };
    world.until("the step behind", reached).await;
    world.kill().await;
    world.outside.stands.store(false, Ordering::SeqCst);
    world.start();
    world.quiet("the task ends").await;
    let task = world.get(&format!("/tasks/{id}")).await;
    assert_eq!(task["status"], "completed", "{task}");
    assert_eq!(
        task["output"],
        json!({ "content": "name: pay\n", "names": ["x", "y", "z"] })
    );
    let made = world.outside.made.lock().clone();
    let mut once = made.clone();
    once.sort();
    once.dedup();
    assert_eq!((made.len(), once.len()), (4, 4), "{made:?}");
    let log = world.log(&task).await;
    for step in ["files", "one", "move", "many", "stop", "read"] {
        let action = task["spec"]["steps"]
            .as_array()
            .expect("steps")
            .iter()
            .find(|one| one["id"] == step)
            .expect("a step")["name"]
            .clone();
        let begun = format!("Beginning step {}", action.as_str().expect("a name"));
        assert!(log.contains(&begun), "{begun}: {log:?}");
    }
    assert!(
        log.iter()
            .any(|line| line == "Going on after a restart of Portway")
    );
}

async fn a_retry_begins_with_the_step_that_failed(on: On) {
    let template = steps(
        "- id: files\n  action: roadiehq:utils:fs:write\n  input: {path: kept.txt, content: kept}\n\
         - id: one\n  action: test:effect\n  input: {name: one}\n\
         - id: half\n  action: roadiehq:utils:fs:write\n  input: {path: half.txt, content: x}\n\
         - id: bad\n  action: fs:read\n  input: {path: '${{ parameters.name }}'}\n\
         - id: never\n  action: test:echo",
    );
    let world = World::new(on, &[("t.yaml", &template)]).await;
    let task = world.run(json!({ "name": "absent.txt" })).await;
    assert_eq!(task["status"], "failed", "{task}");
    assert_eq!(
        task["leftBehind"],
        json!([{ "what": "thing one", "url": null, "undo": "throw it away" }])
    );
    let id = task["id"].as_str().expect("an id");
    let path = format!("/tasks/{id}/retry");
    assert_eq!(world.ask("POST", &path, &json!({})).await.0, 201);
    world.quiet("it ends again").await;
    let again = world.get(&format!("/tasks/{id}")).await;
    assert_eq!(
        (&again["status"], &again["attempt"]),
        (&json!("failed"), &json!(2))
    );
    assert_eq!(world.outside.made.lock().len(), 1, "an effect was repeated");
    let log = world.log(&again).await;
    assert_eq!(
        log.iter()
            .filter(|line| *line == "Finished step test:effect")
            .count(),
        1,
        "{log:?}"
    );
    // All of it, by wish.
    assert_eq!(
        world
            .ask("POST", &path, &json!({ "from": "start" }))
            .await
            .0,
        201
    );
    world.quiet("it ends again").await;
    assert_eq!(
        world.outside.made.lock().len(),
        2,
        "beginning anew does everything anew"
    );
    // The files are kept for a week, and then a retry begins anew.
    world
        .clock
        .advance(std::time::Duration::from_secs(8 * 24 * 3600));
    world.quiet("the files are removed").await;
    assert!(!world.data.path().join("tasks").join(id).exists());
    assert_eq!(world.ask("POST", &path, &json!({})).await.0, 201);
    world.quiet("it ends again").await;
    let last = world.get(&format!("/tasks/{id}")).await;
    assert_eq!(last["steps"][0]["status"], "completed");
}
