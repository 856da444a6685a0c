//! Made-up panels, logs, steps and rows of the palette.

use jiff::SignedDuration;

use crate::ui::{
    Code, Empty, Failed, Fresh, Log, LogLine, PaletteGroup, PaletteItem, PaletteResults, Stale,
    Step, StepProgress, Steps, Tone,
};
use crate::view::View;

fn said(view: &View, key: &str) -> String {
    view.t(key).to_string()
}

pub(super) fn empties(view: &View, text: &str) -> Vec<Empty> {
    vec![
        Empty {
            icon: "catalog".to_owned(),
            command: Some(Code::command(
                "empty-command",
                format!("portway create {text}"),
            )),
            ..Empty::new(text, said(view, "gallery-text"))
                .action(said(view, "gallery-edit"), "/design")
        },
        Empty {
            small: true,
            ..Empty::new(said(view, "gallery-empty"), String::new())
        },
    ]
}

pub(super) fn failed(view: &View, text: &str) -> Failed {
    Failed {
        what: text.to_owned(),
        why: format!("OpenCost: 403, {text}"),
        next: said(view, "gallery-off"),
        retry: "/design".to_owned(),
        links: vec![(text.to_owned(), "/design".to_owned())],
        fresh: None,
    }
}

pub(super) fn stale(view: &View, text: &str) -> Stale {
    let ago = SignedDuration::from_hours(6);
    let soon = SignedDuration::from_mins(4);
    Stale {
        what: text.to_owned(),
        why: said(view, "gallery-text"),
        fresh: Fresh {
            at: view.now.checked_sub(ago).ok(),
            source: "PagerDuty".to_owned(),
            stale: true,
            next: view.now.checked_add(soon).ok(),
        },
        retry: "/design".to_owned(),
    }
}

pub(super) fn steps(view: &View, text: &str) -> Steps {
    let step = |text: &str, progress, time: &str| Step {
        text: text.to_owned(),
        progress,
        time: time.to_owned(),
        href: Some("/design".to_owned()),
        current: false,
    };
    let mut running = step(text, StepProgress::Running, "17 s");
    running.current = true;
    Steps {
        steps: vec![
            step(&said(view, "gallery-name"), StepProgress::Done, "0.4 s"),
            step(&said(view, "gallery-owner"), StepProgress::Skipped, ""),
            step(&said(view, "gallery-health"), StepProgress::Failed, "2.8 s"),
            running,
            Step {
                href: None,
                ..step(&said(view, "gallery-level"), StepProgress::Waiting, text)
            },
        ],
    }
}

pub(super) fn logs(view: &View, text: &str) -> Vec<Log> {
    let lines = [
        "argocd:create-resources refund-worker-dev",
        "::group::Resources",
        "plan: 1 Application, 1 AppProject binding, 0 deletions",
        "POST /argocd/api/v1/applications",
        "::endgroup::",
        "\u{1b}[33mwarn\u{1b}[0m  project commerce allows 40 apps, this is number 39",
        "\u{1b}[1;32mcreated\u{1b}[0m argocd/refund-worker-dev",
        "\u{1b}[36mGET\u{1b}[0m refund-worker-7c9d-4xkzq /healthz \u{1b}[31m503\u{1b}[0m",
        "::error::the probe failed three times",
        text,
    ];
    let timed = lines
        .iter()
        .enumerate()
        .map(|(index, line)| LogLine {
            at: i64::try_from(index)
                .ok()
                .and_then(|second| view.now.checked_add(SignedDuration::from_secs(second)).ok()),
            text: (*line).to_owned(),
            tone: (index == 5).then_some(Tone::Warn),
        })
        .collect();
    vec![
        Log {
            id: "log-live".to_owned(),
            label: text.to_owned(),
            lines: timed,
            first: 213,
            query: view.here.get("log-live-q").unwrap_or_default().to_owned(),
            download: Some("/design".to_owned()),
            live: true,
        },
        Log {
            query: "probe".to_owned(),
            ..Log::of_text("log-found", said(view, "gallery-name"), &lines.join("\n"))
        },
        Log::of_text("log-empty", said(view, "gallery-empty"), ""),
    ]
}

pub(super) fn palette(view: &View, text: &str, query: &str) -> PaletteResults {
    let entity = PaletteItem {
        tag: "tier 1".to_owned(),
        preview: failed(view, text).html(view),
        ..PaletteItem::new(text, "service", "/design")
            .note("team-commerce")
            .secondary("/design?owner=1")
    };
    let matches = |item: &PaletteItem| {
        query.is_empty() || item.text.to_lowercase().contains(&query.to_lowercase())
    };
    let group = |title: &str, items: Vec<PaletteItem>| PaletteGroup {
        title: said(view, title),
        items: items.into_iter().filter(matches).collect(),
    };
    PaletteResults {
        query: query.to_owned(),
        groups: vec![
            group(
                "nav-catalog",
                vec![
                    entity,
                    PaletteItem::new("orders-db", "database", "/design?db=1").note("PostgreSQL"),
                    PaletteItem::new("order-events", "queue", "/design?queue=1"),
                ],
            ),
            group(
                "gallery-actions",
                vec![PaletteItem::new(
                    said(view, "gallery-act"),
                    "undo",
                    "/design?act=1",
                )],
            ),
            group(
                "nav-operate",
                vec![PaletteItem {
                    copies: format!("portway owner {text}"),
                    is_code: true,
                    ..PaletteItem::new(format!("portway owner {text}"), "term", "")
                }],
            ),
        ],
        took: Some(9),
    }
}
