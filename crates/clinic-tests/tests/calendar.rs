//! Opening hours, closures and calendar periods, on ordinary days and on those when clocks are set.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;

use jiff::civil::{DateTime, Time};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp as Instant};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use vestibule_clinic::calendar::{
    CalendarError, Closure, Date, Extent, Interval, LocalTime, OpeningHours, Period, Regular, Span,
    Timetable, Weekday, Zone,
};
use vestibule_clinic::limits::{CLOSURES, EXTRA_OPENINGS, SPANS_A_DAY};
use vestibule_vocab::{Millis, Redacted, Timestamp};

const MINUTE: u64 = 60_000;

/// A moment by its offset from UTC, such as `2026-11-26T09:00+01`.
fn at(text: &str) -> Timestamp {
    let instant: Instant = text.parse().unwrap();
    Timestamp(instant.as_millisecond().try_into().unwrap())
}

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn span(text: &str) -> Span {
    let (from, to) = text.split_once('-').unwrap();
    Span::new(
        LocalTime::parse(from).unwrap(),
        LocalTime::parse(to).unwrap(),
    )
    .unwrap()
}

const EVERY_DAY: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];

fn weekly(days: &[Weekday], spans: &[&str]) -> Regular {
    let spans: Vec<_> = spans.iter().map(|text| span(text)).collect();
    Regular::Weekly(days.iter().map(|&day| (day, spans.clone())).collect())
}

fn daily(spans: &[&str]) -> OpeningHours {
    hours(Timetable {
        regular: weekly(&EVERY_DAY, spans),
        ..Timetable::default()
    })
}

fn hours(timetable: Timetable) -> OpeningHours {
    OpeningHours::new(timetable).unwrap()
}

fn closed(extent: Extent, reason: &str) -> Closure {
    Closure {
        extent,
        reason: Redacted::new(reason.to_owned()),
    }
}

#[test]
fn m19_a_service_that_never_closes_is_open_day_and_night() {
    let hours = OpeningHours::default();
    let night = at("2026-11-26T03:00+01");
    assert!(hours.is_open(night));
    assert_eq!(hours.next_opening(night), Some(night));
    assert_eq!(hours.closes_at(night), None);
}

#[test]
fn m19_a_service_opens_and_closes_by_the_clock_of_its_zone() {
    let hours = hours(Timetable {
        regular: weekly(&EVERY_DAY[..5], &["09:00-12:00", "14:00-18:00"]),
        ..Timetable::default()
    });
    let thursday = at("2026-11-26T10:00+01");
    assert!(hours.is_open(thursday));
    assert_eq!(hours.closes_at(thursday), Some(at("2026-11-26T12:00+01")));
    let noon = at("2026-11-26T12:00+01");
    assert!(!hours.is_open(noon));
    assert_eq!(hours.closes_at(noon), None);
    assert_eq!(hours.next_opening(noon), Some(at("2026-11-26T14:00+01")));
    let friday_night = at("2026-11-27T18:00+01");
    let monday = at("2026-11-30T09:00+01");
    assert_eq!(hours.next_opening(friday_night), Some(monday));
}

#[test]
fn m19_a_closure_beats_the_week_and_an_extra_opening_beats_a_closure() {
    let christmas = Extent::Days {
        first: date("2026-12-24"),
        last: date("2026-12-27"),
    };
    let on_call = Extent::Hours {
        date: date("2026-12-26"),
        span: span("10:00-11:00"),
    };
    let hours = hours(Timetable {
        closures: vec![closed(christmas, " Christmas 🎄 ")],
        extra: vec![on_call],
        ..Timetable::default()
    });
    let eve = at("2026-12-24T00:00+01");
    assert_eq!(hours.closes_at(at("2026-12-01T00:00+01")), Some(eve));
    assert!(!hours.is_open(eve));
    let reason = hours.closure(eve).unwrap().reason.expose();
    assert_eq!(reason, "Christmas 🎄");
    let on_call = at("2026-12-26T10:00+01");
    assert_eq!(hours.next_opening(eve), Some(on_call));
    assert!(hours.closure(on_call).is_none());
    let over = at("2026-12-26T11:00+01");
    assert_eq!(hours.closes_at(on_call), Some(over));
    assert_eq!(hours.next_opening(over), Some(at("2026-12-28T00:00+01")));
}

#[test]
fn m19_of_two_closures_patients_read_the_one_that_lasts_longer() {
    let days = |first, last| Extent::Days {
        first: date(first),
        last: date(last),
    };
    let hours = hours(Timetable {
        closures: vec![
            closed(days("2026-12-20", "2027-01-03"), "leave"),
            closed(days("2026-12-24", "2026-12-25"), "Christmas"),
        ],
        ..Timetable::default()
    });
    let eve = at("2026-12-24T12:00+01");
    let shown = hours.closure(eve).unwrap();
    assert_eq!(shown.reason.expose(), "leave");
}

#[test]
fn m19_a_service_that_stays_closed_for_a_year_has_no_next_opening() {
    let hours = daily(&[]);
    assert_eq!(hours.next_opening(at("2026-11-26T00:00+01")), None);
    assert_eq!(hours.next_opening(Timestamp(u64::MAX)), None);
}

#[test]
fn a_night_shift_passes_midnight_and_sunday_night_ends_on_monday() {
    let hours = hours(Timetable {
        regular: weekly(&[Weekday::Sunday], &["20:00-08:00"]),
        ..Timetable::default()
    });
    let monday = at("2026-11-30T07:59+01");
    assert!(hours.is_open(monday));
    assert_eq!(hours.closes_at(monday), Some(at("2026-11-30T08:00+01")));
}

#[test]
fn in_spring_a_span_that_begins_in_the_skipped_hour_opens_at_the_skip() {
    let hours = daily(&["02:30-03:30"]);
    let skip = at("2026-03-29T03:00+02");
    let before = at("2026-03-29T01:59+01");
    assert_eq!(hours.next_opening(before), Some(skip));
    assert_eq!(hours.closes_at(skip), Some(at("2026-03-29T03:30+02")));
}

#[test]
fn in_spring_a_span_within_the_skipped_hour_is_not() {
    let hours = daily(&["02:10-02:50"]);
    let midnight = at("2026-03-29T00:00+01");
    let monday = at("2026-03-30T02:10+02");
    assert_eq!(hours.next_opening(midnight), Some(monday));
}

#[test]
fn in_autumn_a_span_never_closes_in_its_middle() {
    let hours = daily(&["02:30-03:30"]);
    let first = at("2026-10-25T02:30+02");
    let midnight = at("2026-10-25T00:00+02");
    assert_eq!(hours.next_opening(midnight), Some(first));
    assert_eq!(hours.closes_at(first), Some(at("2026-10-25T03:30+01")));
}

#[test]
fn in_autumn_a_span_within_the_repeated_hour_is_open_each_time_the_clock_shows_it() {
    let twice = [
        ("2027-10-31T02:15+02", "2027-10-31T02:45+02"),
        ("2027-10-31T02:15+01", "2027-10-31T02:45+01"),
    ];
    let hour = Extent::Hours {
        date: date("2027-10-31"),
        span: span("02:15-02:45"),
    };
    let weekly = hours(Timetable {
        regular: weekly(&[Weekday::Sunday], &["02:15-02:45"]),
        ..Timetable::default()
    });
    let extra = hours(Timetable {
        regular: Regular::Weekly(BTreeMap::new()),
        extra: vec![hour],
        ..Timetable::default()
    });
    for hours in [weekly, extra] {
        let mut now = at("2027-10-31T00:00+02");
        for (opens, closes) in twice {
            assert_eq!(hours.next_opening(now), Some(at(opens)));
            assert_eq!(hours.closes_at(at(opens)), Some(at(closes)));
            now = at(closes);
        }
        let between = at("2027-10-31T02:00+01");
        assert!(!hours.is_open(between), "the clock shows two o'clock");
    }
    let closed = hours(Timetable {
        closures: vec![closed(hour, "Clocks")],
        ..Timetable::default()
    });
    for (closes, opens) in twice {
        assert_eq!(closed.next_opening(at(closes)), Some(at(opens)));
        let reason = closed.closure(at(closes)).unwrap().reason.expose();
        assert_eq!(reason, "Clocks");
    }
    assert!(closed.is_open(at("2027-10-31T02:00+01")));
}

#[test]
fn a_night_across_the_change_keeps_its_ends_by_the_clock() {
    let hours = daily(&["22:00-06:00"]);
    for (evening, morning, length) in [
        ("2026-03-28T22:00+01", "2026-03-29T06:00+02", 7),
        ("2026-10-24T22:00+02", "2026-10-25T06:00+01", 9),
        ("2026-11-24T22:00+01", "2026-11-25T06:00+01", 8),
    ] {
        let (evening, morning) = (at(evening), at(morning));
        assert_eq!(hours.closes_at(evening), Some(morning));
        assert_eq!(morning.since(evening), Millis(length * 60 * MINUTE));
    }
}

#[test]
fn spans_that_overlap_are_refused_and_spans_that_touch_are_not() {
    let refused = |regular| {
        OpeningHours::new(Timetable {
            regular,
            ..Timetable::default()
        })
        .err()
    };
    let overlapping = Some(CalendarError::OverlappingSpans);
    let monday = weekly(&[Weekday::Monday], &["11:00-13:00", "09:00-12:00"]);
    assert_eq!(refused(monday), overlapping);
    let every_night = weekly(&EVERY_DAY, &["20:00-08:00", "07:00-09:00"]);
    assert_eq!(refused(every_night), overlapping);
    let sunday_into_monday = BTreeMap::from([
        (Weekday::Sunday, vec![span("20:00-08:00")]),
        (Weekday::Monday, vec![span("07:00-09:00")]),
    ]);
    assert_eq!(refused(Regular::Weekly(sunday_into_monday)), overlapping);
    let touching = weekly(&EVERY_DAY, &["08:00-20:00", "20:00-08:00"]);
    assert_eq!(refused(touching), None);
    let one_that_lasts_a_week = weekly(&[Weekday::Monday], &["00:00-24:00"]);
    assert_eq!(refused(one_that_lasts_a_week), None);
}

#[test]
fn bad_input_is_refused_with_a_code_of_its_own() {
    let refused = |timetable| OpeningHours::new(timetable).err();
    let backwards = Extent::Days {
        first: date("2026-12-27"),
        last: date("2026-12-24"),
    };
    let empty = Extent::Moments(Interval::new(Timestamp(7), Timestamp(7)));
    for extent in [backwards, empty] {
        let closures = vec![closed(extent, "")];
        let timetable = Timetable {
            closures,
            ..Timetable::default()
        };
        assert_eq!(refused(timetable), Some(CalendarError::EmptySpan));
        let timetable = Timetable {
            extra: vec![extent],
            ..Timetable::default()
        };
        assert_eq!(refused(timetable), Some(CalendarError::EmptySpan));
    }
    let noon = LocalTime::parse("12:00").unwrap();
    assert_eq!(Span::new(noon, noon), Err(CalendarError::EmptySpan));
}

#[test]
fn lists_and_texts_have_limits() {
    let refused = |timetable| OpeningHours::new(timetable).err();
    let day = Extent::Days {
        first: date("2026-12-24"),
        last: date("2026-12-24"),
    };
    for (reason, error) in [
        ("🎄".repeat(200), None),
        ("🎄".repeat(10_000), Some(CalendarError::InvalidReason)),
        ("\u{1b}[2J".to_owned(), Some(CalendarError::InvalidReason)),
    ] {
        let closures = vec![closed(day, &reason)];
        assert_eq!(
            refused(Timetable {
                closures,
                ..Timetable::default()
            }),
            error
        );
    }
    assert_eq!(
        refused(Timetable {
            closures: vec![closed(day, ""); CLOSURES + 1],
            ..Timetable::default()
        }),
        Some(CalendarError::TooManyClosures)
    );
    assert_eq!(
        refused(Timetable {
            extra: vec![day; EXTRA_OPENINGS + 1],
            ..Timetable::default()
        }),
        Some(CalendarError::TooManyExtraOpenings)
    );
    let spans: Vec<_> = (0..=SPANS_A_DAY)
        .map(|hour| format!("{hour:02}:00-{hour:02}:30"))
        .collect();
    let spans: Vec<_> = spans.iter().map(String::as_str).collect();
    let regular = weekly(&[Weekday::Monday], &spans);
    assert_eq!(
        refused(Timetable {
            regular,
            ..Timetable::default()
        }),
        Some(CalendarError::TooManySpans)
    );
}

#[test]
fn hours_are_stored_as_they_are_written_and_read_with_the_same_care() {
    let written = r#"{"zone":"Europe/Brussels","regular":{"weekly":{"monday":[{"from":"09:00","to":"12:00"}]}},"closures":[{"extent":{"days":{"first":"2026-12-24","last":"2026-12-27"}},"reason":"Christmas"}],"extra":[{"moments":{"from":0,"to":1}}]}"#;
    let hours: OpeningHours = serde_json::from_str(written).unwrap();
    assert_eq!(serde_json::to_string(&hours).unwrap(), written);
    assert!(!format!("{hours:?}").contains("Christmas"));
    let always: OpeningHours = serde_json::from_str("{}").unwrap();
    assert_eq!(always, OpeningHours::default());
    for wrong in [
        r#"{"zone":"Mars/Olympus"}"#,
        r#"{"regular":{"weekly":{"monday":[{"from":"09:00","to":"09:00"}]}}}"#,
        r#"{"regular":{"weekly":{"monday":[{"from":"9","to":"10:00"}]}}}"#,
        r#"{"regular":{"weekly":{"monday":[{"from":"09:00","to":"11:00"},{"from":"10:00","to":"12:00"}]}}}"#,
    ] {
        assert!(serde_json::from_str::<OpeningHours>(wrong).is_err());
    }
}

#[test]
fn periods_are_those_of_the_local_calendar() {
    let zone = Zone::default();
    let now = at("2026-11-30T23:30Z");
    let ends = |period: Period| period.ends_at(now, &zone);
    assert_eq!(ends(Period::Hour), at("2026-12-01T01:00+01"));
    assert_eq!(ends(Period::Day), at("2026-12-02T00:00+01"));
    assert_eq!(ends(Period::Month), at("2027-01-01T00:00+01"));
    assert_eq!(ends(Period::Year), at("2027-01-01T00:00+01"));
    let month = Period::Month.around(now, &zone);
    assert_eq!(month.from, at("2026-12-01T00:00+01"));
}

#[test]
fn days_and_hours_are_as_long_as_the_clock_makes_them() {
    let hours = |zone: &str, period: Period, moment: &str| {
        let zone = Zone::parse(zone).unwrap();
        period.around(at(moment), &zone).length().0 / MINUTE
    };
    let brussels = "Europe/Brussels";
    assert_eq!(hours(brussels, Period::Day, "2026-03-29T12:00Z"), 23 * 60);
    assert_eq!(hours(brussels, Period::Day, "2026-10-25T12:00Z"), 25 * 60);
    assert_eq!(hours(brussels, Period::Hour, "2026-10-25T01:30Z"), 120);
    assert_eq!(hours(brussels, Period::Hour, "2026-03-29T01:30Z"), 60);
    let lord_howe = "Australia/Lord_Howe";
    let autumn = hours(lord_howe, Period::Day, "2026-04-05T02:00Z");
    assert_eq!(autumn, 24 * 60 + 30);
    let apia = hours("Pacific/Apia", Period::Day, "2011-12-30T09:00Z");
    assert_eq!(apia, 24 * 60);
}

/// Days when clocks are set, and ordinary ones: zone and date.
const DAYS: [(&str, &str); 10] = [
    ("Europe/Brussels", "2026-03-29"),
    ("Europe/Brussels", "2026-10-25"),
    ("Australia/Lord_Howe", "2026-04-05"),
    ("Australia/Lord_Howe", "2026-10-04"),
    ("Pacific/Apia", "2011-12-31"),
    ("America/Nuuk", "2026-10-25"),
    ("Asia/Beirut", "2026-03-29"),
    ("Asia/Kolkata", "2026-03-29"),
    ("UTC", "2026-10-25"),
    // At a minute past midnight, to a minute past eleven of the day before.
    ("America/St_Johns", "2010-11-07"),
];

/// What the clock on the wall shows, minute by minute.
struct Wall {
    begins: u64,
    clock: Vec<DateTime>,
    dates: Vec<Date>,
}

impl Wall {
    /// Four days before the date until four days after it.
    fn around(zone: &TimeZone, date: Date) -> Self {
        let noon = date.to_datetime(Time::constant(12, 0, 0, 0));
        let noon = zone.to_timestamp(noon).unwrap().as_millisecond();
        let begins = u64::try_from(noon).unwrap() - 4 * 24 * 60 * MINUTE;
        let shows = |minute: u64| {
            let millis = i64::try_from(begins + minute * MINUTE).unwrap();
            zone.to_datetime(Instant::from_millisecond(millis).unwrap())
        };
        let day = |days: i64| {
            date.checked_add(SignedDuration::from_hours(24 * days))
                .unwrap()
        };
        Self {
            begins,
            clock: (0..8 * 24 * 60).map(shows).collect(),
            dates: (-4..=4).map(day).collect(),
        }
    }

    fn moment(&self, minute: usize) -> Timestamp {
        Timestamp(self.begins + u64::try_from(minute).unwrap() * MINUTE)
    }

    /// From the first minute that reaches the beginning to the last that is short of the end.
    fn mark(&self, open: &mut [bool], value: bool, from: DateTime, to: DateTime) {
        let first = self.clock.iter().position(|&shown| shown >= from);
        let last = self.clock.iter().rposition(|&shown| shown < to);
        let (Some(first), Some(last)) = (first, last) else {
            return;
        };
        if first <= last {
            let shown = self.clock[first..=last].iter();
            // It lies in time that is repeated when its first minute comes again before its end.
            let twice = shown.filter(|&&shown| shown == self.clock[first]).count() > 1
                && self
                    .clock
                    .iter()
                    .filter(|&&it| it == self.clock[last])
                    .count()
                    > 1;
            let minutes = open[first..=last].iter_mut();
            for (minute, shown) in minutes.zip(&self.clock[first..=last]) {
                if !twice || (from..to).contains(shown) {
                    *minute = value;
                }
            }
        }
    }

    fn open(&self, timetable: &Timetable) -> Vec<bool> {
        let always = timetable.regular == Regular::Always;
        let mut open = vec![always; self.clock.len()];
        if let Regular::Weekly(days) = &timetable.regular {
            for &date in &self.dates {
                for span in days.get(&Weekday::of(date)).into_iter().flatten() {
                    let (from, to) = clock(date, *span);
                    self.mark(&mut open, true, from, to);
                }
            }
        }
        for closure in &timetable.closures {
            self.mark_extent(&mut open, false, closure.extent);
        }
        for &extent in &timetable.extra {
            self.mark_extent(&mut open, true, extent);
        }
        open
    }

    fn mark_extent(&self, open: &mut [bool], value: bool, extent: Extent) {
        let (from, to) = match extent {
            Extent::Days { first, last } => {
                (clock(first, whole_day()).0, clock(last, whole_day()).1)
            }
            Extent::Hours { date, span } => clock(date, span),
            Extent::Moments(interval) => {
                for (minute, one) in open.iter_mut().enumerate() {
                    if interval.contains(self.moment(minute)) {
                        *one = value;
                    }
                }
                return;
            }
        };
        self.mark(open, value, from, to);
    }
}

fn whole_day() -> Span {
    span("00:00-24:00")
}

fn clock(date: Date, span: Span) -> (DateTime, DateTime) {
    let midnight = date.to_datetime(Time::midnight());
    let after = |minutes: u16| midnight + SignedDuration::from_mins(minutes.into());
    let (from, to) = (span.from().minutes(), span.to().minutes());
    let to = if to > from { to } else { to + 24 * 60 };
    (after(from), after(to))
}

/// Spans of each weekday that do not overlap: the day is cut at some minutes, most of them in the
/// small hours, when clocks are set; each second piece is open.
fn some_week() -> impl Strategy<Value = Regular> {
    let cut = prop_oneof![3 => 0..240_u16, 1 => 240..1_440_u16];
    let day = (vec(cut, 0..8), any::<bool>());
    vec(day, 7).prop_map(|days| {
        let mut week = BTreeMap::new();
        let opens = |day: usize, days: &[(Vec<u16>, bool)]| days[day % 7].0.iter().copied().min();
        for (number, (cuts, night)) in days.iter().enumerate() {
            let mut cuts = cuts.clone();
            cuts.sort_unstable();
            cuts.dedup();
            let mut spans: Vec<_> = cuts
                .chunks_exact(2)
                .map(|pair| (pair[0], pair[1]))
                .collect();
            if cuts.len() % 2 == 1 && *night {
                let evening = *cuts.last().unwrap();
                let morning = opens(number + 1, &days).unwrap_or(1_440).min(evening);
                spans.push((evening, morning));
            }
            let time = |minutes: u16| LocalTime::new(minutes / 60, minutes % 60).unwrap();
            let spans = spans
                .into_iter()
                .filter_map(|(from, to)| Span::new(time(from), time(to)).ok());
            week.insert(EVERY_DAY[number], spans.collect());
        }
        Regular::Weekly(week)
    })
}

/// An extent near a date, so many days after it.
fn some_extent() -> impl Strategy<Value = (u8, i64, u16, u16)> {
    (0..3_u8, -2..=2_i64, 0..300_u16, 1..600_u16)
}

fn extent((kind, days, from, length): (u8, i64, u16, u16), noon: Timestamp, date: Date) -> Extent {
    let date = date
        .checked_add(SignedDuration::from_hours(24 * days))
        .unwrap();
    let time = |minutes: u16| LocalTime::new(minutes / 60, minutes % 60).unwrap();
    match kind {
        0 => Extent::Days {
            first: date,
            last: date,
        },
        1 => Extent::Hours {
            date,
            span: Span::new(time(from), time(from + length)).unwrap(),
        },
        _ => {
            let shift = u64::from(from) * 16 * MINUTE;
            let from = Timestamp(noon.0 - 40 * 60 * MINUTE + shift);
            Extent::Moments(Interval::new(
                from,
                from.plus(Millis(u64::from(length) * MINUTE)),
            ))
        }
    }
}

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn a_service_is_open_when_somebody_who_watches_the_clock_says_so(
        (day, regular, always) in (0..DAYS.len(), some_week(), prop::bool::weighted(0.1)),
        closures in vec(some_extent(), 0..3),
        extra in vec(some_extent(), 0..3),
    ) {
        let (zone, day) = (DAYS[day].0, date(DAYS[day].1));
        let wall = Wall::around(&TimeZoneDatabase::bundled().get(zone).unwrap(), day);
        let noon = wall.moment(4 * 24 * 60);
        let timetable = Timetable {
            zone: Zone::parse(zone).unwrap(),
            regular: if always { Regular::Always } else { regular },
            closures: closures.into_iter().map(|one| closed(extent(one, noon, day), "")).collect(),
            extra: extra.into_iter().map(|one| extent(one, noon, day)).collect(),
        };
        let expected = wall.open(&timetable);
        let hours = hours(timetable);
        // Spans that begin or end out of the wall's sight are left out.
        for minute in 2 * 24 * 60..6 * 24 * 60 {
            let now = wall.moment(minute);
            prop_assert_eq!(hours.is_open(now), expected[minute], "at {:?}", wall.clock[minute]);
            if minute % 17 != 0 {
                continue;
            }
            let next = |open: bool| (minute..6 * 24 * 60).find(|&later| expected[later] == open);
            if let Some(opens) = next(true) {
                prop_assert_eq!(hours.next_opening(now), Some(wall.moment(opens)));
            }
            if expected[minute] && let Some(closes) = next(false) {
                prop_assert_eq!(hours.closes_at(now), Some(wall.moment(closes)));
            }
        }
    }

    #[test]
    fn every_minute_lies_in_its_own_hour_day_month_and_year(
        // Not the last: two of its days share a minute.
        day in 0..DAYS.len() - 1,
        minute in 24 * 60..7 * 24 * 60_usize,
    ) {
        let (zone, day) = (DAYS[day].0, date(DAYS[day].1));
        let wall = Wall::around(&TimeZoneDatabase::bundled().get(zone).unwrap(), day);
        let zone = Zone::parse(zone).unwrap();
        let now = wall.moment(minute);
        for period in [Period::Hour, Period::Day, Period::Month, Period::Year] {
            let around = period.around(now, &zone);
            prop_assert!(around.contains(now));
            prop_assert_eq!(period.ends_at(now, &zone), around.to);
            // The next one begins where this one ends, and this one knows its own first moment.
            prop_assert_eq!(period.around(around.to, &zone).from, around.to);
            prop_assert_eq!(period.around(around.from, &zone), around);
        }
        let same_day = |other: usize| wall.clock[other].date() == wall.clock[minute].date();
        let around = Period::Day.around(now, &zone);
        for other in 0..wall.clock.len() {
            prop_assert_eq!(around.contains(wall.moment(other)), same_day(other));
        }
    }
}
