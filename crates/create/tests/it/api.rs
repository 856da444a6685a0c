//! Backstage's API: envelopes, fields, lists, and who sees what.

use serde_json::{Value, json};

use crate::world::{On, World, kim, lee, on_both_databases, steps};

on_both_databases!(
    a_template_s_form_and_what_is_not_there,
    values_are_checked_before_anything_begins,
    tasks_are_listed_for_those_who_may_see_them,
    the_log_is_a_stream_that_can_be_resumed
);

const ECHO: &str = "- id: one\n  action: debug:log\n  input: {message: hello}";

async fn a_template_s_form_and_what_is_not_there(on: On) {
    let world = World::new(on, &[("t.yaml", &steps(ECHO))]).await;
    let form = world
        .get("/templates/default/template/t/parameter-schema")
        .await;
    assert_eq!(form["title"], "A template");
    assert_eq!(form["steps"][0]["title"], "Page");
    assert_eq!(
        form["steps"][0]["schema"]["properties"]["name"]["type"],
        "string"
    );
    let (status, answer) = world
        .ask(
            "GET",
            "/templates/default/template/nope/parameter-schema",
            &Value::Null,
        )
        .await;
    assert_eq!(status, 404);
    assert_eq!(answer["error"]["name"], "NotFoundError");
    assert_eq!(
        answer["error"]["message"]
            .as_str()
            .map(|text| text.split(". ").next().unwrap_or(text)),
        Some("Template template:default/nope not found")
    );
    let (status, _) = world
        .ask(
            "POST",
            "/tasks",
            &json!({ "templateRef": "template:default/nope", "values": {} }),
        )
        .await;
    assert_eq!(status, 404);
    let (status, answer) = world
        .ask(
            "GET",
            "/tasks/00000000-0000-0000-0000-000000000000",
            &Value::Null,
        )
        .await;
    assert_eq!(status, 404);
    assert!(
        answer["error"]["message"]
            .as_str()
            .expect("a message")
            .starts_with("No task with id '00000000-0000-0000-0000-000000000000' found")
    );
    let actions = world.get("/actions").await;
    let ids: Vec<&str> = actions
        .as_array()
        .expect("actions")
        .iter()
        .map(|one| one["id"].as_str().expect("an id"))
        .collect();
    for id in [
        "catalog:fetch",
        "catalog:register",
        "catalog:write",
        "debug:log",
        "debug:wait",
        "fetch:plain",
        "fetch:plain:file",
        "fetch:template",
        "fetch:template:file",
        "fs:delete",
        "fs:readdir",
        "fs:rename",
    ] {
        assert!(ids.contains(&id), "{id} is missing");
    }
    for action in actions
        .as_array()
        .expect("actions")
        .iter()
        .filter(|one| !one["id"].as_str().is_some_and(|id| id.starts_with("test:")))
    {
        assert!(
            action["examples"].is_array(),
            "{} has no example",
            action["id"]
        );
    }
    let extensions = world.get("/templating-extensions").await;
    for filter in ["parseRepoUrl", "parseEntityRef", "pick", "projectSlug"] {
        assert!(
            extensions["filters"][filter]["schema"].is_object(),
            "{filter}"
        );
    }
}

async fn values_are_checked_before_anything_begins(on: On) {
    let template = steps(ECHO).replace(
        "    - title: Page\n      properties:\n        name:\n          type: string\n",
        "    - title: Page\n      required: [name]\n      properties:\n        name:\n          type: string\n          pattern: ^[a-z][a-z0-9-]*$\n    - title: Two\n      properties:\n        size: {type: integer, maximum: 20}\n",
    );
    let world = World::new(on, &[("t.yaml", &template)]).await;
    let (status, answer) = world
        .ask(
            "POST",
            "/tasks",
            &json!({ "templateRef": "template:default/t", "values": {} }),
        )
        .await;
    assert_eq!(status, 400);
    let first = &answer["errors"][0];
    assert_eq!(first["message"], "requires property \"name\"");
    assert_eq!(first["stack"], "instance requires property \"name\"");
    assert_eq!(
        (&first["property"], &first["name"], &first["argument"]),
        (&json!("instance"), &json!("required"), &json!("name"))
    );
    assert_eq!(first["path"], json!([]));
    let (_, answer) = world
        .ask(
            "POST",
            "/tasks",
            &json!({ "templateRef": "template:default/t", "values": { "name": "Not Good" } }),
        )
        .await;
    let first = &answer["errors"][0];
    assert_eq!(
        first["stack"],
        "instance.name does not match pattern \"^[a-z][a-z0-9-]*$\""
    );
    assert!(
        first["words"]["ko"]
            .as_str()
            .expect("words")
            .contains("소문자"),
        "{first}"
    );
    let (status, _) = world
        .ask(
            "POST",
            "/tasks",
            &json!({ "templateRef": "template:default/t", "values": { "name": "ok", "size": 21 } }),
        )
        .await;
    assert_eq!(status, 400);
    assert_eq!(world.get("/tasks").await["totalTasks"], 0);
}

async fn tasks_are_listed_for_those_who_may_see_them(on: On) {
    let world = World::new(on, &[("t.yaml", &steps(ECHO))]).await;
    let one = world.run(json!({ "name": "one" })).await;
    world.clock.advance(std::time::Duration::from_secs(60));
    let two = world.run(json!({ "name": "two" })).await;
    let list = world.get("/tasks?order=desc:created_at&limit=1").await;
    assert_eq!(
        (&list["totalTasks"], &list["tasks"][0]["id"]),
        (&json!(2), &two["id"])
    );
    assert_eq!(list["items"][0]["status"], "completed");
    let created: jiff::Timestamp = list["items"][0]["createdAt"]
        .as_str()
        .expect("a time")
        .parse()
        .expect("a time");
    let completed: jiff::Timestamp = list["items"][0]["completedAt"]
        .as_str()
        .expect("a time")
        .parse()
        .expect("a time");
    assert!(completed >= created);
    let asc = world.get("/tasks?order=asc:created_at").await;
    assert_eq!(asc["tasks"][0]["id"], one["id"]);
    assert_eq!(world.get("/tasks?status=failed").await["totalTasks"], 0);
    assert_eq!(
        world.get("/tasks?createdBy=user:default/kim").await["totalTasks"],
        2
    );
    assert_eq!(
        world.get("/tasks?createdBy=user:default/lee").await["totalTasks"],
        0
    );
    let after = format!(
        "/tasks?createdAfter={}",
        two["createdAt"].as_str().expect("a time")
    );
    assert_eq!(world.get(&after).await["totalTasks"], 1);
    assert_eq!(
        world.get("/tasks?createdAfter=2020-01-01T00:00:00").await["totalTasks"],
        2
    );
    for wrong in [
        "order=sideways",
        "status=gone",
        "createdAfter=yesterday",
        "limit=x",
    ] {
        let (status, answer) = world
            .ask("GET", &format!("/tasks?{wrong}"), &Value::Null)
            .await;
        assert_eq!(status, 400, "{wrong}: {answer}");
    }
    // Somebody else may see it, and not cancel it.
    let path = format!("/tasks/{}", two["id"].as_str().expect("an id"));
    assert_eq!(world.ask_as(lee(), "GET", &path, &Value::Null).await.0, 200);
    assert_eq!(
        world
            .ask_as(lee(), "POST", &format!("{path}/retry"), &json!({}))
            .await
            .0,
        403
    );
    let mut nobody = lee();
    nobody.grants = platform::actor::Grants::None;
    assert_eq!(
        world.ask_as(nobody, "GET", &path, &Value::Null).await.0,
        403
    );
    // What has ended cannot be cancelled, and what runs not be retried.
    assert_eq!(
        world
            .ask("POST", &format!("{path}/cancel"), &json!({}))
            .await
            .0,
        409
    );
    let _ = kim();
}

async fn the_log_is_a_stream_that_can_be_resumed(on: On) {
    let world = World::new(on, &[("t.yaml", &steps(ECHO))]).await;
    let task = world.run(json!({})).await;
    let id = task["id"].as_str().expect("an id");
    let (status, text) = world
        .ask_as(
            kim(),
            "GET",
            &format!("/tasks/{id}/eventstream"),
            &Value::Null,
        )
        .await;
    assert_eq!(status, 200);
    assert!(text.starts_with("event: log\ndata: {\"id\":1,"), "{text}");
    assert!(text.contains("event: completion\n"), "{text}");
    let events = world.get(&format!("/tasks/{id}/events")).await;
    let count = events.as_array().expect("events").len();
    assert_eq!(text.matches("\ndata: ").count(), count);
    let last = events[count - 1]["id"].as_i64().expect("a number");
    assert_eq!(
        i64::try_from(count).expect("small"),
        last,
        "numbers without gaps"
    );
    let (_, rest) = world
        .ask_as(
            kim(),
            "GET",
            &format!("/tasks/{id}/eventstream?after={}", last - 1),
            &Value::Null,
        )
        .await;
    assert_eq!(rest.matches("\ndata: ").count(), 1, "{rest}");
    assert_eq!(
        world.get(&format!("/tasks/{id}/events?after={last}")).await,
        json!([])
    );
    assert_eq!(events[0]["taskId"], json!(id));
    assert_eq!(
        events[count - 1]["body"]["message"],
        "Run completed with status: completed"
    );
}
