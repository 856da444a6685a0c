//! Numbers that were worked out by hand.

use insights::campaigns::arithmetic::{
    Day, Forecast, Span, Standing, State, Tally, Unknown, days_between, forecast, share_of,
    standing,
};
use jiff::civil::{Date, date};
use proptest::prelude::*;

fn tally(total: u64, done: u64, exempt: u64) -> Tally {
    Tally {
        total,
        done,
        exempt,
    }
}

/// A day on which this many remained of 100.
fn left(day: Date, remaining: u64) -> Day {
    Day {
        day,
        tally: tally(100, 100 - remaining, 0),
        removed: 0,
    }
}

fn november() -> Span {
    Span {
        starts: date(2026, 11, 1),
        deadline: date(2026, 11, 21),
    }
}

#[test]
fn remaining_is_what_is_neither_done_nor_exempt() {
    let all = tally(12, 5, 3);
    assert_eq!(all.remaining(), 4);
    assert_eq!(all.applicable(), 9);
    // 5 of 9 are 55.6 %.
    assert_eq!(all.percent(), Some(55));
}

#[test]
fn hundred_per_cent_means_all() {
    assert_eq!(tally(1_000, 999, 0).percent(), Some(99));
    assert_eq!(tally(1_000, 1_000, 0).percent(), Some(100));
    assert_eq!(tally(3, 0, 3).percent(), None, "nothing has to move");
    assert_eq!(tally(0, 0, 0).percent(), None);
}

#[test]
fn a_target_counts_in_one_state() {
    let mut all = Tally::default();
    for state in [State::Done, State::Exempt, State::Remaining, State::Done] {
        all.add(state);
    }
    assert_eq!(all, tally(4, 2, 1));
    assert_eq!(all.remaining(), 1);
}

#[test]
fn the_ideal_line_is_full_at_the_start_and_0_at_the_deadline() {
    let span = november();
    for (day, wanted) in [
        (date(2026, 10, 20), 40.0),
        (date(2026, 11, 1), 40.0),
        (date(2026, 11, 6), 30.0),
        (date(2026, 11, 11), 20.0),
        (date(2026, 11, 20), 2.0),
        (date(2026, 11, 21), 0.0),
        (date(2026, 12, 24), 0.0),
    ] {
        assert_eq!(span.ideal(40, day), wanted, "{day}");
    }
}

#[test]
fn a_campaign_of_one_day_has_an_ideal_line() {
    let day = date(2026, 11, 21);
    let span = Span {
        starts: day,
        deadline: day,
    };
    assert_eq!(span.ideal(7, date(2026, 11, 20)), 7.0);
    assert_eq!(span.ideal(7, day), 0.0);
}

#[test]
fn a_leap_day_is_a_day() {
    assert_eq!(days_between(date(2028, 2, 28), date(2028, 3, 1)), 2);
    assert_eq!(days_between(date(2027, 2, 28), date(2027, 3, 1)), 1);
    assert_eq!(days_between(date(2028, 3, 1), date(2028, 2, 28)), -2);
    let span = Span {
        starts: date(2028, 2, 27),
        deadline: date(2028, 3, 2),
    };
    assert_eq!(span.ideal(40, date(2028, 2, 29)), 20.0);
    assert_eq!(span.ideal(40, date(2028, 3, 1)), 10.0);
}

#[test]
fn a_steady_pace_ends_where_its_line_ends() {
    // Two a day; 20 remain today, so that it takes ten days.
    let today = date(2026, 11, 15);
    let days: Vec<Day> = (0..8)
        .map(|ago| {
            let day = today
                .checked_sub(jiff::Span::new().days(7 - ago))
                .expect("a day");
            left(day, u64::try_from(20 + 2 * (7 - ago)).expect("positive"))
        })
        .collect();
    match forecast(&days, today) {
        Forecast::Expected { on, per_day } => {
            assert_eq!(on, date(2026, 11, 25));
            assert!((per_day - 2.0).abs() < 1e-9, "{per_day}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_line_is_that_of_least_squares() {
    // Points (-10, 12), (-5, 9), (0, 3): mean (-5, 8), slope
    // (-5·4 + 5·-5) / 50 = -0.9, value at 0: 8 - 0.9·5 = 3.5, zero at 3.89.
    let days = [
        left(date(2026, 11, 11), 12),
        left(date(2026, 11, 16), 9),
        left(date(2026, 11, 21), 3),
    ];
    match forecast(&days, date(2026, 11, 21)) {
        Forecast::Expected { on, per_day } => {
            assert_eq!(on, date(2026, 11, 25));
            assert!((per_day - 0.9).abs() < 1e-9, "{per_day}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_forecast_crosses_a_leap_day() {
    // One a day, 5 remain on the 27th of February of a leap year.
    let days = [
        left(date(2028, 2, 17), 15),
        left(date(2028, 2, 22), 10),
        left(date(2028, 2, 27), 5),
    ];
    let Forecast::Expected { on, .. } = forecast(&days, date(2028, 2, 27)) else {
        panic!("there is a forecast");
    };
    assert_eq!(on, date(2028, 3, 3));
}

#[test]
fn days_before_the_last_two_weeks_do_not_count() {
    // It stood still before; only the fall of the last days counts.
    let today = date(2026, 11, 21);
    let mut days = vec![left(date(2026, 10, 1), 20), left(date(2026, 11, 7), 90)];
    days.extend([
        left(date(2026, 11, 8), 18),
        left(date(2026, 11, 14), 12),
        left(today, 5),
    ]);
    let Forecast::Expected { per_day, .. } = forecast(&days, today) else {
        panic!("there is a forecast");
    };
    assert!((per_day - 1.0).abs() < 0.01, "{per_day}");
}

#[test]
fn too_little_data_says_nothing() {
    let today = date(2026, 11, 21);
    let unknown = Forecast::Unknown(Unknown::TooLittleData);
    assert_eq!(forecast(&[], today), unknown);
    assert_eq!(forecast(&[left(today, 5)], today), unknown);
    let two = [left(date(2026, 11, 10), 9), left(today, 5)];
    assert_eq!(forecast(&two, today), unknown, "two days");
    let short = [
        left(date(2026, 11, 15), 9),
        left(date(2026, 11, 18), 7),
        left(today, 5),
    ];
    assert_eq!(forecast(&short, today), unknown, "six days");
}

#[test]
fn what_does_not_fall_has_no_end() {
    let today = date(2026, 11, 21);
    let level = [
        left(date(2026, 11, 9), 5),
        left(date(2026, 11, 15), 5),
        left(today, 5),
    ];
    assert_eq!(
        forecast(&level, today),
        Forecast::Unknown(Unknown::NotFalling)
    );
    let rising = [
        left(date(2026, 11, 9), 5),
        left(date(2026, 11, 15), 7),
        left(today, 6),
    ];
    assert_eq!(
        forecast(&rising, today),
        Forecast::Unknown(Unknown::NotFalling)
    );
}

#[test]
fn ten_years_are_no_forecast() {
    let today = date(2026, 11, 21);
    let slow = |remaining: u64| Day {
        day: today,
        tally: tally(100_000, 100_000 - remaining, 0),
        removed: 0,
    };
    let days = [
        Day {
            day: date(2026, 11, 9),
            ..slow(90_001)
        },
        Day {
            day: date(2026, 11, 15),
            ..slow(90_001)
        },
        slow(90_000),
    ];
    assert_eq!(forecast(&days, today), Forecast::Unknown(Unknown::TooFar));
}

#[test]
fn what_is_finished_says_since_when() {
    let days = [
        left(date(2026, 11, 9), 0),
        left(date(2026, 11, 10), 2),
        left(date(2026, 11, 15), 0),
        left(date(2026, 11, 21), 0),
    ];
    assert_eq!(
        forecast(&days, date(2026, 11, 21)),
        Forecast::Finished(date(2026, 11, 15))
    );
}

#[test]
fn days_of_the_future_are_left_out() {
    let days = [left(date(2026, 11, 21), 5), left(date(2026, 12, 1), 0)];
    assert_eq!(
        forecast(&days, date(2026, 11, 21)),
        Forecast::Unknown(Unknown::TooLittleData)
    );
}

#[test]
fn standing_by_forecast_then_by_the_ideal_line() {
    let span = november();
    let unknown = Forecast::Unknown(Unknown::TooLittleData);
    let on = |day| Forecast::Expected {
        on: day,
        per_day: 1.0,
    };
    let half = tally(40, 20, 0);
    let middle = date(2026, 11, 11);
    let cases = [
        (middle, tally(0, 0, 0), unknown, Standing::Empty),
        (middle, tally(40, 38, 2), unknown, Standing::Finished),
        (date(2026, 10, 31), half, unknown, Standing::Planned),
        (middle, half, unknown, Standing::OnTrack),
        (middle, tally(40, 19, 0), unknown, Standing::AtRisk),
        (
            middle,
            tally(40, 1, 0),
            on(span.deadline),
            Standing::OnTrack,
        ),
        (middle, half, on(date(2026, 11, 22)), Standing::AtRisk),
        (span.deadline, half, on(span.deadline), Standing::OnTrack),
        (
            date(2026, 11, 22),
            half,
            on(date(2026, 11, 23)),
            Standing::Overdue,
        ),
        (
            date(2026, 11, 22),
            tally(40, 40, 0),
            unknown,
            Standing::Finished,
        ),
    ];
    for (today, all, outlook, wanted) in cases {
        assert_eq!(
            standing(span, today, all, 40, outlook),
            wanted,
            "{today} {all:?} {outlook:?}"
        );
    }
}

#[test]
fn a_share_is_rounded_up() {
    // 30 % of 9 are 2.7.
    assert_eq!(share_of(tally(10, 2, 1), 30), tally(3, 2, 0));
    assert_eq!(share_of(tally(10, 8, 1), 30), tally(3, 3, 0));
    assert_eq!(share_of(tally(10, 8, 1), 100), tally(9, 8, 0));
    assert_eq!(share_of(tally(0, 0, 0), 50), tally(0, 0, 0));
}

proptest! {
    #[test]
    fn any_history_gives_an_answer(
        points in proptest::collection::vec((0i32..4_000, 0u64..=u64::MAX, 0u64..=u64::MAX, 0u64..=u64::MAX), 0..40),
        today in 0i32..4_000,
    ) {
        let day = |offset: i32| date(2024, 1, 1).checked_add(jiff::Span::new().days(offset)).expect("a day");
        let mut days: Vec<Day> = points
            .into_iter()
            .map(|(offset, total, done, exempt)| Day { day: day(offset), tally: tally(total, done, exempt), removed: 0 })
            .collect();
        days.sort_by_key(|day| day.day);
        let today = day(today);
        let found = forecast(&days, today);
        if let Forecast::Expected { on, per_day } = found {
            prop_assert!(on > today);
            prop_assert!(per_day.is_finite() && per_day > 0.0);
        }
        if let Some(last) = days.last() {
            let _ = standing(november(), today, last.tally, last.tally.total, found);
            prop_assert!(last.tally.percent().is_none_or(|percent| percent <= 100));
        }
    }

    #[test]
    fn the_ideal_line_never_rises(baseline in 0u64..100_000, length in 0i32..900, from in -30i32..930) {
        let starts = date(2027, 12, 1);
        let day = |offset: i32| starts.checked_add(jiff::Span::new().days(offset)).expect("a day");
        let span = Span { starts, deadline: day(length) };
        prop_assert!(span.ideal(baseline, day(from)) >= span.ideal(baseline, day(from + 1)));
        prop_assert!(span.ideal(baseline, day(from)) <= baseline as f64);
    }
}
