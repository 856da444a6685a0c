//! Forms: what is sent comes back, lists grow without script, errors lead to
//! their fields.

use portal::ui::form::{Choice, Field, FieldKind, Form, FormAction, Method, Stepper, Wizard};
use proptest::prelude::*;

use crate::request::view;

fn pairs(sent: &[(&str, &str)]) -> Vec<(String, String)> {
    sent.iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn form() -> Form {
    let port = Field::new(
        "",
        "Port",
        FieldKind::group(vec![
            Field::new("name", "Name", FieldKind::text()).required(),
            Field::new("number", "Number", FieldKind::integer()),
        ]),
    );
    Form::new("create", "/create", "Create")
        .field(
            Field::new("name", "Name", FieldKind::text())
                .required()
                .help("Lower case."),
        )
        .field(Field::new(
            "size",
            "Size",
            FieldKind::one_of(vec![Choice::new("s"), Choice::new("m")]),
        ))
        .field(Field::new(
            "envs",
            "Places",
            FieldKind::Checkboxes {
                choices: vec![Choice::new("dev"), Choice::new("prod")],
            },
        ))
        .field(Field::new("on", "Preview", FieldKind::Switch).value("true"))
        .field(Field::new("secret", "Token", FieldKind::Secret))
        .field(Field::new(
            "tags",
            "Tags",
            FieldKind::list(Field::new("", "Tag", FieldKind::text())),
        ))
        .field(Field::new("ports", "Ports", FieldKind::list(port)))
        .field(Field::new(
            "db",
            "Database",
            FieldKind::group(vec![Field::new("size", "Size", FieldKind::integer())]),
        ))
        .field(Field::new("kind", "Kind", FieldKind::Fixed).value("Component"))
}

const SENT: [(&str, &str); 12] = [
    ("name", "<order>"),
    ("size", "m"),
    ("envs", "dev"),
    ("envs", "prod"),
    ("secret", "hunter2"),
    ("tags.0", "a"),
    ("tags.7", "b"),
    ("ports.0._", ""),
    ("ports.0.name", "http"),
    ("ports.0.number", "8080"),
    ("db.size", "20"),
    ("kind", "Hacked"),
];

#[test]
fn what_was_sent_comes_back_but_secrets() {
    let mut form = form();
    form.fill(&pairs(&SENT));
    for (name, value) in [
        ("name", "<order>"),
        ("size", "m"),
        ("tags.0", "a"),
        ("tags.1", "b"),
        ("ports.0.number", "8080"),
        ("/db/size", "20"),
        ("kind", "Component"),
        ("on", ""),
    ] {
        assert_eq!(form.value(name), value, "{name}");
    }
    let html = form.html(&view("/")).to_string();
    assert!(!html.contains("hunter2") && !html.contains("Hacked"));
    assert!(html.contains(r#"value="&#60;order&#62;""#), "{html}");
    assert_eq!(html.matches(" checked").count(), 3, "{html}");
    assert!(html.contains(r#"name="ports.0.number""#));
}

#[test]
fn lists_grow_shrink_and_turn_by_buttons_that_submit() {
    let after = |action: &str| {
        let mut sent = pairs(&[("tags.0", "a"), ("tags.1", "b"), ("tags.2", "c")]);
        sent.push(("_do".to_owned(), action.to_owned()));
        let mut form = form();
        form.fill(&sent);
        let values: Vec<_> = (0..5)
            .map(|index| form.value(&format!("tags.{index}")).to_owned())
            .collect();
        values.join(",")
    };
    assert_eq!(after("add:tags"), "a,b,c,,");
    assert_eq!(after("remove:tags.1"), "a,c,,,");
    assert_eq!(after("up:tags.2"), "a,c,b,,");
    for nonsense in [
        "remove:tags.9",
        "up:tags.0",
        "add:nothing",
        "add:",
        "remove:tags",
        "remove:tags.-1",
    ] {
        assert_eq!(after(nonsense), "a,b,c,,", "{nonsense}");
    }
    let mut form = form();
    form.fill(&pairs(&[("_do", "add:ports")]));
    let html = form.html(&view("/")).to_string();
    assert!(html.contains(r#"name="ports.0.name""#), "{html}");
    assert!(html.contains(r#"value="remove:ports.0" formnovalidate"#));
    assert!(html.contains("Remove Port 1"));
}

#[test]
fn enter_submits_instead_of_removing() {
    let html = form().html(&view("/")).to_string();
    let first = html.split("<button").nth(1).unwrap();
    assert!(
        first.starts_with(r#" class="vh" tabindex="-1" aria-hidden="true"></button>"#),
        "{first}"
    );
}

#[test]
fn actions_are_told_from_answers() {
    for (sent, action) in [
        ("", FormAction::Submit),
        ("back", FormAction::Back),
        ("refresh", FormAction::Refresh),
        ("add:a.0.b", FormAction::Add("a.0.b".to_owned())),
        ("remove:a.0.b.3", FormAction::Remove("a.0.b".to_owned(), 3)),
        ("up:a.1", FormAction::Up("a".to_owned(), 1)),
        ("plan", FormAction::Other("plan".to_owned())),
    ] {
        assert_eq!(
            FormAction::of(&pairs(&[("name", "x"), ("_do", sent)])),
            action
        );
    }
    assert!(FormAction::Add(String::new()).only_changes_form());
    assert!(!FormAction::Back.only_changes_form());
}

#[test]
fn problems_lead_to_their_fields() {
    let mut form = form();
    form.fill(&pairs(&SENT));
    form.fail("/ports/0/number", "Use a number above 1024.");
    form.fail("tags.1", "Twice.");
    form.fail("nothing", "The quota is used up.");
    assert!(form.has_errors());
    let html = form.html(&view("/")).to_string();
    assert!(html.contains("Mend 3 things to go on"), "{html}");
    assert!(
        html.contains(r##"<a href="#create-ports-0-number">Number: Use a number above 1024.</a>"##),
        "{html}"
    );
    assert!(
        html.contains(r##"<a href="#create-tags-1">Tags 2: Twice.</a>"##),
        "{html}"
    );
    assert!(html.contains("<li>The quota is used up.</li>"));
    assert!(html.contains(r#"id="create-ports-0-number" name="ports.0.number" aria-describedby="create-ports-0-number-e" aria-invalid="true""#), "{html}");
    assert!(html.contains(r#"id="create-ports-0-number-e""#));
    assert!(html.contains(" autofocus"));
}

#[test]
fn locked_fields_keep_the_servers_value() {
    let mut form = Form::new("f", "/f", "Go").field(
        Field::new("tier", "Tier", FieldKind::text())
            .value("1")
            .locked("Only team-platform may change it."),
    );
    form.fill(&pairs(&[("tier", "3")]));
    assert_eq!(form.value("tier"), "1");
    let html = form.html(&view("/")).to_string();
    assert!(html.contains("disabled") && html.contains("Only team-platform may change it."));
}

#[test]
fn wizards_carry_the_other_steps_along() {
    let sent = pairs(&[
        ("name", "refund"),
        ("port", "8080"),
        ("_do", "back"),
        ("tags.0", "x"),
    ]);
    let view = view("/create");
    let form = Form::new("w", "/create?step=2", "Next")
        .field(Field::new("port", "Port", FieldKind::integer()))
        .carrying(&sent)
        .back(&view);
    assert_eq!(form.hidden, pairs(&[("name", "refund"), ("tags.0", "x")]));
    let html = Wizard {
        stepper: Stepper::at(1, ["Name", "Runtime", "Check"]),
        form,
        ..Wizard::default()
    }
    .html(&view)
    .to_string();
    assert!(
        html.contains(r#"<li data-state="done"><span>Name"#),
        "{html}"
    );
    assert!(html.contains(r#"<li aria-current="step"><span>Runtime"#));
    assert!(html.contains(r#"name="_do" value="back" formnovalidate"#));
    assert!(html.contains(r#"<input type="hidden" name="name" value="refund">"#));
}

#[test]
fn forms_that_change_nothing_are_not_kept() {
    let post = form().html(&view("/")).to_string();
    assert!(post.contains(r#"method="post" data-draft"#));
    let get = Form {
        method: Method::Get,
        ..form()
    };
    let get = get.html(&view("/")).to_string();
    assert!(get.contains(r#"method="get""#) && !get.contains("data-draft"));
}

#[test]
fn nobody_makes_a_million_items() {
    let mut form = form();
    form.fill(&pairs(&[
        ("tags.4294967295", "x"),
        ("tags.99999999999999999999999", "y"),
    ]));
    let html = form.html(&view("/")).to_string();
    assert_eq!(html.matches(r#"class="form-item""#).count(), 1);
    let many: Vec<_> = (0..5_000)
        .map(|index| (format!("tags.{index}"), String::new()))
        .collect();
    let mut form = self::form();
    form.fill(&many);
    assert_eq!(
        form.html(&view("/"))
            .to_string()
            .matches(r#"class="form-item""#)
            .count(),
        100
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_answers_are_shown(sent in proptest::collection::vec(
        ("(name|size|tags|ports|db|_do)?[.:]?[0-9]{0,3}[.a-z]{0,6}", r#"(add:|remove:|up:)?[a-z0-9.<>"'&]{0,12}"#), 0..12)) {
        let sent: Vec<(String, String)> = sent;
        let mut form = form();
        form.fill(&sent);
        let html = form.html(&view("/")).to_string();
        prop_assert!(html.ends_with("</form>"));
        prop_assert_eq!(html.matches("<fieldset").count(), html.matches("</fieldset>").count());
    }
}
