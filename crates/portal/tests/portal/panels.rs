//! Dialogs, logs, steps, the palette, messages.

use axum::http::{StatusCode, header};
use portal::Toast;
use portal::ui::{
    Dialog, Log, LogLine, PaletteGroup, PaletteItem, PaletteResults, Step, StepProgress, Steps,
    found,
};

use crate::request::{now, view, view_with};

#[test]
fn dialogs_open_without_script_and_ask_for_the_name() {
    let dialog = Dialog {
        danger: true,
        typed: Some("order-service".to_owned()),
        ..Dialog::new("rb", "Roll back?", "/apps/x/rollback", "Roll back")
    };
    let opener = dialog.opener("Roll back", "undo", "danger").to_string();
    assert!(opener.contains(r#"popovertarget="rb""#), "{opener}");
    let html = dialog.html(&view("/")).to_string();
    assert!(
        html.contains(r#"<dialog class="dialog" id="rb" popover aria-labelledby="rb-title">"#),
        "{html}"
    );
    assert!(html.contains("Type order-service to go on") && html.contains(r#"name="confirm""#));
    assert!(html.contains(r#"data-look="danger">Roll back"#));
}

#[test]
fn logs_have_numbers_colours_groups_and_levels() {
    let mut log = Log::of_text(
        "l",
        "build",
        "one\n::group::Setup\n\u{1b}[31mred\u{1b}[0m <b>\n::endgroup::\n::error file=a.rs,line=1::broken\n::group::Open",
    );
    log.first = 213;
    let html = log.html(&view("/")).to_string();
    assert!(html.contains(r#"<li id="l-213" data-n="213">"#), "{html}");
    assert!(html.contains("<summary>Setup</summary>"));
    assert!(
        html.contains(r#"<span data-tone="bad">red</span> &#60;b&#62;"#),
        "{html}"
    );
    assert!(
        html.contains(r#"<li id="l-217" data-n="217" data-tone="bad"><span>broken"#),
        "{html}"
    );
    assert_eq!(
        html.matches("<details").count(),
        html.matches("</details>").count()
    );
    assert!(html.contains(r#"data-look="untimed""#));
}

#[test]
fn logs_are_searched_without_script() {
    let log = Log {
        query: "Probe".to_owned(),
        ..Log::of_text("l", "build", "start\nthe probe failed\nprobe probe")
    };
    let html = log.html(&view("/runs/1?l-q=Probe&tab=log")).to_string();
    assert!(html.contains("2 lines found"), "{html}");
    assert_eq!(html.matches("<mark>probe</mark>").count(), 3);
    assert!(!html.contains("start"));
    assert!(html.contains(r#"<input type="hidden" name="tab" value="log">"#));
    assert!(html.contains(r##"href="/runs/1?tab=log#l""##), "{html}");
}

#[test]
fn long_logs_keep_their_end() {
    let log = Log {
        lines: (0..10_500)
            .map(|line| LogLine::new(format!("line-{line}.")))
            .collect(),
        ..Log::of_text("l", "build", "")
    };
    let html = log.html(&view("/")).to_string();
    assert!(html.contains("500 earlier lines are left out."));
    assert!(!html.contains("line-499.") && html.contains("line-10499."));
    assert!(html.contains(r#"data-n="10500""#));
}

#[test]
fn steps_say_their_state_in_words() {
    let step = |text: &str, progress| Step {
        text: text.to_owned(),
        progress,
        ..Step::default()
    };
    let steps = Steps {
        steps: vec![
            step("Render", StepProgress::Done),
            step("Publish", StepProgress::Failed),
            step("Tell", StepProgress::Waiting),
        ],
    };
    let html = steps.html(&view("/")).to_string();
    assert!(
        html.contains(r#"<span class="vh">Failed: </span>Publish"#),
        "{html}"
    );
    assert!(
        steps
            .progress(&view("/"))
            .to_string()
            .contains("2 of 3 steps done")
    );
}

#[test]
fn palette_rows_are_options_with_what_was_found() {
    let results = PaletteResults {
        query: "pay".to_owned(),
        groups: vec![
            PaletteGroup::default(),
            PaletteGroup {
                title: "Entities".to_owned(),
                items: vec![
                    PaletteItem::new("Payment", "service", "/catalog/x").secondary("/catalog/team"),
                    PaletteItem::new("<pay>", "service", "javascript:alert(1)"),
                ],
            },
        ],
        took: Some(9),
    };
    let html = results.html(&view("/")).to_string();
    assert!(html.contains(r#"data-status="2 results, 9 ms""#), "{html}");
    assert!(html.contains("<mark>Pay</mark>ment"));
    assert!(html.contains(r##"href="#""##) && html.contains("&#60;<mark>pay</mark>&#62;"));
    assert!(html.contains(r#"data-secondary="/catalog/team""#));
    assert_eq!(html.matches(r#"role="group""#).count(), 1);
    let none = PaletteResults {
        query: "zzz".to_owned(),
        ..PaletteResults::default()
    };
    assert!(
        none.html(&view("/"))
            .to_string()
            .contains("Nothing matches “zzz”")
    );
}

#[test]
fn what_is_found_is_marked_in_any_case() {
    assert_eq!(
        found("Payment pay", "PAY"),
        [("Pay", true), ("ment ", false), ("pay", true)]
    );
    assert_eq!(
        found("결제 서비스", "제"),
        [("결", false), ("제", true), (" 서비스", false)]
    );
    assert_eq!(found("İstanbul", "i"), [("İstanbul", false)]);
    assert_eq!(found("x", " "), [("x", false)]);
}

#[test]
fn messages_survive_one_redirect_and_nothing_else() {
    let response = Toast::new("운영을 v3.2.4로 되돌렸어요; <b>")
        .link("diff", "/apps/x")
        .redirect("/apps/x?tab=1");
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(response.headers()[header::LOCATION], "/apps/x?tab=1");
    let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap();
    let sent = cookie.split(';').next().unwrap();
    let view = view_with("/design", &[("cookie", sent)]);
    assert_eq!(view.now, now());
    let html = askama::Template::render(&portal::gallery::GalleryPage::new(view)).unwrap();
    assert!(
        html.contains("운영을 v3.2.4로 되돌렸어요; &#60;b&#62;</span><a href=\"/apps/x\">diff</a>")
    );
    for target in ["https://evil.example/", "//evil.example", "/a\r\nb"] {
        assert_eq!(
            Toast::new("x").redirect(target).headers()[header::LOCATION],
            "/"
        );
    }
    for odd in [
        "portway_toast=",
        "portway_toast=t%3D",
        "portway_toast=t=x&l=y&h=https://evil.example",
    ] {
        let view = view_with("/", &[("cookie", odd)]);
        assert!(view.toast.is_none_or(|toast| toast.link.is_none()), "{odd}");
    }
}
