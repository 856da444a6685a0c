//! Charts through their markup: places, gaps, words, tables.

use jiff::{SignedDuration, Timestamp};
use portal::Lang;
use portal::ui::chart::{Chart, ChartKind, HeatCell, HeatMap, HeatRow, MarkerAt, Share, Unit};
use portal::ui::radar::{Blip, Moved, Profile, ProfileAxis, ProfileSeries, TechRadar};
use portal::ui::{Stat, StatBand, Tone};
use proptest::prelude::*;

use crate::request::{now, view, view_in};

fn days(count: i64) -> Vec<Timestamp> {
    (0..count)
        .map(|day| now() + SignedDuration::from_hours(24 * day))
        .collect()
}

/// Values of one attribute, in order.
fn all<'h>(html: &'h str, tag: &str, attribute: &str) -> Vec<&'h str> {
    html.split(&format!("<{tag} "))
        .skip(1)
        .filter_map(|rest| {
            let head = rest.split('>').next()?;
            head.split(&format!("{attribute}=\""))
                .nth(1)?
                .split('"')
                .next()
        })
        .collect()
}

#[test]
fn lines_break_where_values_are_missing_and_lonely_points_stay() {
    let html = Chart::new("c", "Latency", ChartKind::Line)
        .labels("Day", ["a", "b", "c", "d", "e"])
        .series(
            "p95",
            [Some(0.0), Some(10.0), None, Some(f64::NAN), Some(5.0)],
        )
        .html(&view("/"))
        .to_string();
    assert!(html.contains(r#"d="M0 100 25 0""#), "{html}");
    assert!(html.contains(r#"d="M100 50h0M100 50h0""#), "{html}");
    // The table says what the drawing cannot.
    assert_eq!(html.matches(r#"<td class="num">–</td>"#).count(), 2);
    assert!(!html.contains("NaN"));
}

#[test]
fn a_chart_says_in_words_what_it_shows() {
    let chart = Chart::new("c", "Deployments", ChartKind::Bar)
        .times("Week", days(3))
        .series("", [24.0, 61.0, 58.0])
        .goal("Goal", 40.0);
    let html = chart.html(&view("/")).to_string();
    assert!(
        html.contains("Deployments: first 24, last 58, lowest 24, highest 61. Goal: 40"),
        "{html}"
    );
    assert!(html.contains(r#"aria-labelledby="c-title c-desc""#));
    let html = chart.html(&view_in(Lang::Ko, "/")).to_string();
    assert!(
        html.contains("Deployments: 처음 24, 마지막 58, 최저 24, 최고 61."),
        "{html}"
    );
    assert!(html.contains("11월 21일"), "{html}");
    let told = chart.describe("It rose.").html(&view("/")).to_string();
    assert!(told.contains("<desc id=\"c-desc\">It rose.</desc>"));
}

#[test]
fn bars_begin_at_zero_whatever_their_sign() {
    let html = Chart::new("c", "Balance", ChartKind::Bar)
        .labels("Team", ["a", "b"])
        .series("x", [50.0, -50.0])
        .free()
        .html(&view("/"))
        .to_string();
    assert_eq!(all(&html, "rect", " y"), ["0", "50"], "{html}");
    assert_eq!(all(&html, "rect", "height"), ["50", "50"]);
    assert!(
        html.contains(r#"<path class="chart-axis" d="M0 50H100"/>"#),
        "{html}"
    );
}

#[test]
fn stacks_add_up_and_gather_what_is_too_much() {
    let mut chart = Chart::new("c", "Cost", ChartKind::Stacked).labels("Month", ["Nov"]);
    for number in 1..=11 {
        chart = chart.series(format!("team-{number}"), [f64::from(number)]);
    }
    let html = chart.html(&view("/")).to_string();
    assert_eq!(html.matches("<rect").count(), 8, "{html}");
    assert!(
        html.contains("<span>Other</span>") && html.contains("Other: 38"),
        "{html}"
    );
    // The table has every team.
    assert!(html.contains(">team-11</th>"));
}

#[test]
fn many_lines_become_small_charts_of_one_scale() {
    let mut chart = Chart::new("c", "Traffic", ChartKind::Line).times("Day", days(4));
    for number in 1..=5 {
        chart = chart.series(
            format!("s{number}"),
            [1.0, 2.0, 3.0, f64::from(number * 20)],
        );
    }
    let html = chart.html(&view("/")).to_string();
    assert_eq!(html.matches("<svg class=\"chart-plot\"").count(), 5);
    assert_eq!(html.matches("<span>100</span>").count(), 5, "{html}");
    assert_eq!(html.matches("<table").count(), 1);
}

#[test]
fn markers_stand_at_their_time_and_in_the_list() {
    let html = Chart::new("c", "Errors", ChartKind::Area)
        .times("Day", days(3))
        .series("", [1.0, 2.0, 3.0])
        .marker(
            MarkerAt::Time(now() + SignedDuration::from_hours(12)),
            "v3.3.0",
            Tone::Info,
        )
        .marker(MarkerAt::Index(2), "INC-207", Tone::Bad)
        .marker(MarkerAt::Index(99), "nowhere", Tone::Bad)
        .html(&view("/"))
        .to_string();
    assert!(html.contains(r#"data-tone="info" d="M25 0V100""#), "{html}");
    assert!(html.contains(r#"data-tone="bad" d="M100 0V100""#));
    assert!(html.contains(r#"text-anchor="end">INC-207</text>"#));
    assert!(!html.contains("nowhere"));
    assert!(
        html.contains(r#"<span class="muted">2026-11-21 20:05 UTC</span> v3.3.0"#),
        "{html}"
    );
}

#[test]
fn axes_that_do_not_begin_at_zero_say_so() {
    let chart = Chart::new("c", "Availability", ChartKind::Line)
        .times("Day", days(2))
        .unit(Unit::Percent)
        .series("", [99.1, 99.9]);
    let whole = chart.clone().html(&view("/")).to_string();
    assert!(!whole.contains("The axis starts"));
    let free = chart.free().html(&view("/")).to_string();
    assert!(free.contains("The axis starts at 99%."), "{free}");
}

#[test]
fn charts_without_values_say_so_and_keep_their_place() {
    for chart in [
        Chart::new("c", "x", ChartKind::Line),
        Chart::new("c", "x", ChartKind::Stacked).labels("y", ["a"]),
        Chart::new("c", "x", ChartKind::Bar)
            .labels("y", ["a"])
            .series("z", [f64::INFINITY]),
    ] {
        let html = chart.html(&view("/")).to_string();
        assert!(html.contains("No values in this range"), "{html}");
        assert!(!html.contains("<svg class=\"chart-plot\""));
    }
}

#[test]
fn units_are_written_as_people_say_them() {
    let (en, ko) = (view("/"), view_in(Lang::Ko, "/"));
    for (unit, value, in_en, in_ko) in [
        (Unit::Number, 1_204.0, "1,204", "1,204"),
        (Unit::Number, 0.123_4, "0.123", "0.123"),
        (Unit::Named("ms".to_owned()), 412.0, "412 ms", "412 ms"),
        (Unit::Percent, 9.4, "9.4%", "9.4%"),
        (Unit::Seconds, 2_280.0, "38 min", "38분"),
        (Unit::Seconds, 111_600.0, "31 h", "31시간"),
        (Unit::Seconds, 0.25, "250 ms", "250ms"),
        (Unit::Seconds, -90.0, "-1.5 min", "-1.5분"),
        (Unit::Bytes, 536_870_912.0, "512 MiB", "512 MiB"),
        (
            Unit::Affix {
                before: "$".to_owned(),
                after: String::new(),
            },
            -1_204.5,
            "-$1,204",
            "-$1,204",
        ),
    ] {
        assert_eq!(unit.text(&en, value), in_en);
        assert_eq!(unit.text(&ko, value), in_ko);
    }
    let large = |view| {
        Chart::new("c", "x", ChartKind::Bar)
            .labels("y", ["a"])
            .series("z", [1_204_000.0])
            .html(view)
            .to_string()
    };
    assert!(large(&en).contains("<span>1.5M</span>"), "{}", large(&en));
    assert!(large(&ko).contains("<span>150만</span>"), "{}", large(&ko));
}

#[test]
fn heat_follows_the_value_unless_it_is_a_status() {
    let html = HeatMap {
        caption: "Rules".to_owned(),
        corner: "Team".to_owned(),
        columns: vec!["a".to_owned(), "b".to_owned(), "c".to_owned()],
        rows: vec![HeatRow {
            name: "commerce".to_owned(),
            href: None,
            cells: vec![
                HeatCell::of(10.0),
                HeatCell::of(0.0),
                HeatCell::status("8/12", Tone::Warn),
            ],
        }],
        unit: Unit::Number,
    }
    .html(&view("/"))
    .to_string();
    assert!(html.contains(r#"data-level="5">10<"#), "{html}");
    assert!(html.contains(r#"data-level="0">0<"#));
    assert!(html.contains(r#"data-tone="warn">8/12<"#));
}

#[test]
fn shares_name_their_parts() {
    let html = Share::default()
        .part("Gold", 30.0)
        .part("None", 10.0)
        .part("odd", f64::NAN)
        .html(&view("/"))
        .to_string();
    assert!(
        html.contains(r#"aria-label="Gold 30, None 10, odd 0""#),
        "{html}"
    );
    assert_eq!(all(&html, "rect", "x"), ["0", "75", "100"]);
}

#[test]
fn profiles_need_three_qualities_to_be_drawn() {
    let profile = |count: usize| {
        Profile {
            id: "p".to_owned(),
            title: "Maturity".to_owned(),
            axis_title: "Aspect".to_owned(),
            axes: (0..count)
                .map(|index| ProfileAxis {
                    name: format!("aspect {index}"),
                    most: 4.0,
                })
                .collect(),
            series: vec![ProfileSeries {
                name: "now".to_owned(),
                values: vec![Some(4.0), Some(2.0), None, Some(1.0)],
            }],
            unit: Unit::Number,
        }
        .html(&view("/"))
        .to_string()
    };
    let drawn = profile(4);
    assert!(
        drawn.contains(r#"points="180,40 230,140 130,140"#)
            || drawn.contains(r#"points="180,40 230,140 155,140"#),
        "{drawn}"
    );
    assert!(drawn.contains(r#"<th scope="row">aspect 2</th><td class="num">–</td>"#));
    let table = profile(2);
    assert!(!table.contains("<svg class=\"profile\"") && table.contains("aspect 1"));
}

#[test]
fn blips_keep_their_places_and_are_all_listed() {
    let radar = |extra: bool| {
        let blip = |name: &str, ring, quadrant| Blip {
            name: name.to_owned(),
            ring,
            quadrant,
            moved: Moved::In,
            href: Some("/radar/x".to_owned()),
            note: String::new(),
        };
        let mut blips = vec![blip("Rust", 0, 0), blip("Kafka", 1, 2), blip("SOAP", 9, 9)];
        if extra {
            blips.push(blip("Zig", 2, 3));
        }
        TechRadar {
            id: "r".to_owned(),
            title: "Radar".to_owned(),
            rings: ["Adopt", "Trial", "Hold"].map(str::to_owned).to_vec(),
            quadrants: ["Languages", "Tools", "Platforms", "Methods"].map(str::to_owned),
            blips,
        }
        .html(&view("/"))
        .to_string()
    };
    let places = |html: &str| -> Vec<String> {
        html.split("<path d=\"M")
            .skip(1)
            .filter_map(|rest| rest.split('l').next().map(str::to_owned))
            .collect()
    };
    let (before, after) = (radar(false), radar(true));
    assert_eq!(places(&before)[..2], places(&after)[..2]);
    assert!(before.contains("Adopt") && before.contains("SOAP") && before.contains("Moved in"));
    assert!(before.contains(r#"id="r-3""#) && before.contains("No entries"));
}

#[test]
fn stats_say_their_direction_in_words() {
    let html = StatBand {
        id: "dora".to_owned(),
        title: "DORA".to_owned(),
        stats: vec![
            Stat::new("Lead time", "31")
                .unit("h")
                .delta("42%", false, true),
        ],
    }
    .card(&view("/"))
    .to_string();
    assert!(
        html.contains(r#"data-tone="ok""#) && html.contains(r#"<span class="vh">Down</span>42%"#),
        "{html}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_values_stay_in_the_box(
        values in proptest::collection::vec(proptest::option::of(proptest::num::f64::ANY), 0..40),
        kind in 0..4_usize,
    ) {
        let kind = [ChartKind::Line, ChartKind::Area, ChartKind::Bar, ChartKind::Stacked][kind];
        let labels: Vec<String> = (0..values.len()).map(|index| index.to_string()).collect();
        let html = Chart::new("c", "x", kind)
            .labels("y", labels)
            .series("a", values.clone())
            .series("b", values)
            .html(&view("/"))
            .to_string();
        let plot = html.split("</svg>").next().unwrap_or_default();
        for attribute in ["x", "y", "width", "height"] {
            for text in all(plot, "rect", &format!(" {attribute}")) {
                let value: f64 = text.parse().unwrap();
                prop_assert!((0.0..=100.0).contains(&value), "{} {}", attribute, text);
            }
        }
        for d in all(plot, "path", " d") {
            for number in d.split(|c: char| !c.is_ascii_digit() && c != '.' && c != '-').filter(|part| !part.is_empty()) {
                let value: f64 = number.parse().unwrap();
                prop_assert!((0.0..=100.0).contains(&value), "{}", d);
            }
        }
    }
}
