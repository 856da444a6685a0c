//! Made-up charts, in every kind and with every oddity.

use jiff::{SignedDuration, Timestamp};

use crate::ui::chart::{
    Chart, ChartKind, HeatCell, HeatMap, HeatRow, MarkerAt, Share, SharePart, Unit,
};
use crate::ui::radar::{Blip, Moved, Profile, ProfileAxis, ProfileSeries, TechRadar};
use crate::ui::{Html, Stat, StatBand, Tone};
use crate::view::View;

const FAST: [f64; 12] = [
    52.0, 50.0, 47.0, 49.0, 44.0, 40.0, 38.0, 39.0, 33.0, 30.0, 29.0, 26.0,
];
const SLOW: [f64; 12] = [
    61.0, 60.0, 62.0, 58.0, 57.0, 55.0, 56.0, 52.0, 53.0, 50.0, 49.0, 47.0,
];
const PLAIN: [f64; 12] = [
    18.0, 21.0, 19.0, 24.0, 22.0, 26.0, 25.0, 29.0, 31.0, 28.0, 33.0, 36.0,
];
const GOLDEN: [f64; 12] = [
    6.0, 7.0, 9.0, 8.0, 11.0, 12.0, 14.0, 13.0, 16.0, 18.0, 19.0, 22.0,
];

fn weeks(view: &View, count: i64) -> Vec<Timestamp> {
    (0..count)
        .rev()
        .filter_map(|week| {
            let back = SignedDuration::from_hours(week * 24 * 7);
            view.now.checked_sub(back).ok()
        })
        .collect()
}

fn hours(view: &View, count: i64) -> Vec<Timestamp> {
    (0..count)
        .rev()
        .filter_map(|hour| view.now.checked_sub(SignedDuration::from_hours(hour)).ok())
        .collect()
}

/// Cards, two of which stand side by side.
pub(super) fn charts(view: &View, text: &str) -> Vec<Html> {
    let name = view.t("gallery-owner").to_string();
    let goal = view.t("gallery-goal").to_string();
    let week = view.t("gallery-week").to_string();
    let incident = view
        .now
        .checked_sub(SignedDuration::from_hours(30))
        .unwrap_or(view.now);
    let mut gaps: Vec<Option<f64>> = FAST.iter().copied().map(Some).collect();
    for (index, odd) in [(3, None), (4, None), (6, Some(f64::NAN)), (8, None)] {
        if let Some(value) = gaps.get_mut(index) {
            *value = odd;
        }
    }
    let wave = |index: i64, shift: f64| {
        let angle = index as f64 / 5.0 + shift;
        180.0 + 60.0 * angle.sin() + 25.0 * (angle * 2.7).cos()
    };
    vec![
        Chart::new(
            "chart-stacked",
            format!("{text} chart 1"),
            ChartKind::Stacked,
        )
        .times(week.clone(), weeks(view, 12))
        .series(text, PLAIN)
        .series(view.t("gallery-golden").to_string(), GOLDEN)
        .card(view),
        Chart::new("chart-line", format!("{text} chart 2"), ChartKind::Line)
            .times(week.clone(), weeks(view, 12))
            .unit(Unit::Seconds)
            .series(
                view.t("gallery-golden").to_string(),
                FAST.map(|h| h * 3_600.0),
            )
            .series(text, SLOW.map(|h| h * 3_600.0))
            .goal(goal.clone(), 86_400.0)
            .card(view),
        Chart::new("chart-area", format!("{text} chart 3"), ChartKind::Area)
            .times(week.clone(), hours(view, 96))
            .unit(Unit::Named("ms".to_owned()))
            .series(text, (0..96).map(|index| wave(index, 0.0)))
            .marker(MarkerAt::Index(20), "v3.2.4", Tone::Info)
            .marker(MarkerAt::Index(24), text, Tone::Info)
            .marker(MarkerAt::Time(incident), "INC-207", Tone::Bad)
            .card(view),
        Chart::new("chart-bar", format!("{text} chart 4"), ChartKind::Bar)
            .labels(
                name.clone(),
                ["commerce", "payments", "logistics", "data", text],
            )
            .series(text, [12_040.0, 8_210.0, 5_100.0, 260.0, 0.0])
            .status(
                view.t("gallery-bad").to_string(),
                Tone::Bad,
                [Some(900.0), Some(-2_400.0), None, Some(40.0), Some(3_100.0)],
            )
            .card(view),
        Chart::new("chart-gaps", format!("{text} chart 5"), ChartKind::Line)
            .times(week.clone(), weeks(view, 12))
            .unit(Unit::Percent)
            .free()
            .series(text, gaps.iter().map(|value| value.map(|v| 90.0 + v / 6.0)))
            .card(view),
        Chart::new("chart-empty", format!("{text} chart 6"), ChartKind::Line)
            .times(week.clone(), weeks(view, 3))
            .series(text, [None::<f64>, None, None])
            .card(view),
        Chart::new("chart-many", format!("{text} chart 7"), ChartKind::Line)
            .times(week, hours(view, 30))
            .unit(Unit::Bytes)
            .series("cart-service", (0..30).map(|i| wave(i, 0.3) * 1e6))
            .series("checkout-api", (0..30).map(|i| wave(i, 1.3) * 2e6))
            .series(text, (0..30).map(|i| wave(i, 2.3) * 5e5))
            .series("pricing-service", (0..30).map(|i| wave(i, 4.0) * 1e6))
            .series("payment-service", (0..30).map(|i| wave(i, 5.0) * 15e5))
            .goal(goal, 4e8)
            .card(view),
        Chart::new("chart-one", format!("{text} chart 8"), ChartKind::Bar)
            .labels(name, [text])
            .unit(Unit::Affix {
                before: "$".to_owned(),
                after: String::new(),
            })
            .series("", [1_204_000.0])
            .card(view),
    ]
}

pub(super) fn stats(view: &View, text: &str) -> StatBand {
    StatBand {
        id: "stats".to_owned(),
        title: text.to_owned(),
        stats: vec![
            Stat::new(text, "8.3")
                .unit(view.t("gallery-week").to_string())
                .status(Tone::Ok, view.t("gallery-ok").to_string())
                .delta("2.1×", true, true)
                .spark(text, GOLDEN.to_vec()),
            Stat::new(view.t("gallery-level").to_string(), "31")
                .unit("h")
                .status(Tone::Info, view.t("gallery-info").to_string())
                .delta("42%", false, true)
                .note(view.t("gallery-goal").to_string())
                .spark(text, FAST.to_vec()),
            Stat::new(view.t("gallery-health").to_string(), "9.4")
                .unit("%")
                .status(Tone::Bad, view.t("gallery-bad").to_string())
                .delta("1.2", true, false)
                .spark(text, PLAIN.to_vec()),
            Stat::new(view.t("gallery-owner").to_string(), "–")
                .status(Tone::Neutral, view.t("gallery-neutral").to_string()),
        ],
    }
}

pub(super) fn shares(view: &View, text: &str) -> Vec<Share> {
    let mut levels = Share {
        label: view.t("gallery-level").to_string(),
        ..Share::default()
    }
    .part("Gold", 11.0)
    .part("Silver", 16.0)
    .part(text, 9.0);
    levels.parts.push(SharePart {
        name: view.t("gallery-neutral").to_string(),
        value: 5.0,
        muted: true,
        ..SharePart::default()
    });
    vec![levels, Share::default().part(text, 0.0)]
}

pub(super) fn heats(view: &View, text: &str) -> Vec<HeatMap> {
    let cell = |text: &str, tone| HeatCell::status(text, tone);
    let row = |name: &str, cells| HeatRow {
        name: name.to_owned(),
        href: Some("/design".to_owned()),
        cells,
    };
    let days = 7;
    vec![
        HeatMap {
            caption: format!("{text} chart 9"),
            corner: view.t("gallery-owner").to_string(),
            columns: vec![
                "SLO".to_owned(),
                view.t("gallery-health").to_string(),
                view.t("gallery-level").to_string(),
            ],
            rows: vec![
                row(
                    text,
                    vec![
                        cell("12/12", Tone::Ok),
                        cell("8/12", Tone::Warn),
                        cell("4/12", Tone::Bad),
                    ],
                ),
                row(
                    "team-data",
                    vec![
                        cell("5/7", Tone::Warn),
                        cell(&view.t("gallery-neutral").to_string(), Tone::Neutral),
                        HeatCell::default(),
                    ],
                ),
            ],
            unit: Unit::Number,
        },
        HeatMap {
            caption: format!("{text} chart 10"),
            corner: view.t("gallery-week").to_string(),
            columns: (0..days)
                .map(|hour| format!("{:02}:00", hour * 3))
                .collect(),
            rows: (0..4_i32)
                .map(|line| HeatRow {
                    name: format!("W{}", line + 44),
                    href: None,
                    cells: (0..days)
                        .map(|at| HeatCell::of(f64::from((line * 7 + at * 5) % 23)))
                        .collect(),
                })
                .collect(),
            unit: Unit::Number,
        },
    ]
}

pub(super) fn profile(view: &View, text: &str) -> Profile {
    let axis = |name: String| ProfileAxis { name, most: 4.0 };
    Profile {
        id: "profile".to_owned(),
        title: format!("{text} chart 11"),
        axis_title: view.t("gallery-level").to_string(),
        axes: vec![
            axis(view.t("nav-create").to_string()),
            axis(view.t("nav-deliver").to_string()),
            axis(view.t("nav-operate").to_string()),
            axis(view.t("nav-improve").to_string()),
            axis(text.to_owned()),
            axis(view.t("nav-learn").to_string()),
        ],
        series: vec![
            ProfileSeries {
                name: text.to_owned(),
                values: [3.0, 2.0, 3.5, 1.0, 2.5, 4.0].map(Some).to_vec(),
            },
            ProfileSeries {
                name: view.t("gallery-goal").to_string(),
                values: vec![Some(4.0), Some(3.0), Some(3.0), None, Some(3.0), Some(9.0)],
            },
        ],
        unit: Unit::Number,
    }
}

pub(super) fn radar(view: &View, text: &str) -> TechRadar {
    let names = [
        "Rust",
        "Kotlin",
        "TypeScript",
        "PostgreSQL",
        "Kafka",
        "Redis",
        "Argo CD",
        "Kubernetes",
        "gRPC",
        "OpenAPI",
        "Terraform",
        "Crossplane",
        "Grafana",
        "Loki",
        "OpenTelemetry",
        "Backstage",
        "Jenkins",
        "SOAP",
        "htmx",
        "React",
        "OpenCost",
        "Kyverno",
        "Vault",
        "Renovate",
    ];
    let moves = [Moved::Not, Moved::In, Moved::Not, Moved::Out, Moved::New];
    let mut blips: Vec<Blip> = names
        .iter()
        .enumerate()
        .map(|(index, name)| Blip {
            name: (*name).to_owned(),
            ring: (index / 4) % 4,
            quadrant: index % 4,
            moved: moves.get(index % moves.len()).copied().unwrap_or_default(),
            href: Some("/design".to_owned()),
            note: String::new(),
        })
        .collect();
    blips.push(Blip {
        name: text.to_owned(),
        ring: 9,
        quadrant: 9,
        moved: Moved::New,
        href: None,
        note: text.to_owned(),
    });
    TechRadar {
        id: "radar".to_owned(),
        title: format!("{text} chart 12"),
        rings: vec![
            view.t("gallery-ok").to_string(),
            view.t("gallery-info").to_string(),
            view.t("gallery-warn").to_string(),
            view.t("gallery-bad").to_string(),
        ],
        quadrants: [
            view.t("nav-create").to_string(),
            view.t("nav-deliver").to_string(),
            view.t("nav-operate").to_string(),
            view.t("nav-learn").to_string(),
        ],
        blips,
    }
}
