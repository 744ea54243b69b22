//! How many consultations a patient may have, whatever the clock does.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use vestibule_clinic::calendar::{Period, Zone};
use vestibule_clinic::limits::CAP;
use vestibule_clinic::quota::{History, Quota, QuotaReached};
use vestibule_clinic::{Cap, Conclusion, ConsultationEnd, InvalidCap};
use vestibule_vocab::{ConsultationId, Millis, Timestamp};

fn at(text: &str) -> Timestamp {
    let instant: jiff::Timestamp = text.parse().unwrap();
    Timestamp(instant.as_millisecond().try_into().unwrap())
}

fn cap(number: u16) -> Cap {
    Cap::new(number).unwrap()
}

fn consultation(number: u128) -> ConsultationId {
    ConsultationId::from_random(number)
}

fn history(begun: &[&str]) -> History {
    let mut history = History::default();
    for (number, begun) in begun.iter().enumerate() {
        history.begin(consultation(number.try_into().unwrap()), at(begun));
    }
    history
}

fn two_a_month() -> Quota {
    Quota {
        month: Some(cap(2)),
        ..Quota::default()
    }
}

fn admits(quota: &Quota, now: &str, history: &History) -> Result<(), QuotaReached> {
    quota.admits(at(now), &Zone::default(), history)
}

const NOVEMBER: &[&str] = &["2026-11-05T10:00+01", "2026-11-20T10:00+01"];

#[test]
fn m14_without_a_quota_a_patient_may_come_as_often_as_they_like() {
    let history = history(&["2026-11-26T10:00+01"; 50]);
    let passed = admits(&Quota::default(), "2026-11-26T11:00+01", &history);
    assert_eq!(passed, Ok(()));
}

#[test]
fn m14_a_full_month_opens_again_with_the_next_by_the_clinics_clock() {
    let history = history(NOVEMBER);
    let reached = QuotaReached {
        limit: cap(2),
        period: Period::Month,
        opens_at: at("2026-12-01T00:00+01"),
    };
    let last_minute = "2026-11-30T22:59Z";
    assert_eq!(admits(&two_a_month(), last_minute, &history), Err(reached));
    // In Brussels it is December already.
    let first_minute = "2026-11-30T23:00Z";
    let passed = admits(&two_a_month(), first_minute, &history);
    assert_eq!(passed, Ok(()));
}

#[test]
fn m14_of_several_full_periods_the_one_that_is_over_last_is_named() {
    let quota = Quota {
        day: Some(cap(1)),
        month: Some(cap(2)),
        year: Some(cap(2)),
        ..Quota::default()
    };
    let reached = admits(&quota, "2026-11-20T11:00+01", &history(NOVEMBER)).unwrap_err();
    assert_eq!(reached.period, Period::Year);
    assert_eq!(reached.opens_at, at("2027-01-01T00:00+01"));
}

#[test]
fn m14_what_failed_does_not_count_and_what_took_place_does() {
    let minute = Millis::from_secs(60);
    let hour = Millis::from_secs(3_600);
    for (how, lasted, counts) in [
        (
            ConsultationEnd::Completed(Conclusion::Done),
            Millis(0),
            true,
        ),
        (ConsultationEnd::Completed(Conclusion::NoShow), hour, false),
        (ConsultationEnd::PatientLeft, minute, false),
        (ConsultationEnd::PatientLeft, hour, true),
        (ConsultationEnd::PatientLost, minute, false),
        (ConsultationEnd::PatientLost, hour, true),
        (ConsultationEnd::PractitionerLost, hour, false),
        (ConsultationEnd::Transferred, hour, false),
    ] {
        let quota = two_a_month();
        let mut history = history(NOVEMBER);
        history.end(consultation(1), how, lasted, quota.counts_after);
        let refused = admits(&quota, "2026-11-26T10:00+01", &history).is_err();
        assert_eq!(refused, counts, "{how:?} after {lasted:?}");
    }
}

#[test]
fn caps_have_limits() {
    assert_eq!(Cap::new(0), Err(InvalidCap));
    assert_eq!(Cap::new(CAP + 1), Err(InvalidCap));
    assert!(serde_json::from_str::<Quota>(r#"{"month":0}"#).is_err());
}

#[test]
fn a_quota_and_a_history_are_stored_and_read() {
    let quota: Quota = serde_json::from_str(r#"{"month":5}"#).unwrap();
    assert_eq!(quota.month, Some(cap(5)));
    let history = history(NOVEMBER);
    let stored = serde_json::to_string(&history).unwrap();
    assert_eq!(serde_json::from_str::<History>(&stored).unwrap(), history);
}

#[test]
fn what_is_forgotten_of_a_long_history_is_its_beginning() {
    let month = Quota {
        month: Some(cap(CAP)),
        ..Quota::default()
    };
    let october = ["2026-10-05T10:00+02"; 5].into_iter();
    let november = ["2026-11-05T10:00+01"; CAP as usize];
    let begun: Vec<_> = october.chain(november).collect();
    let reached = admits(&month, "2026-11-26T10:00+01", &history(&begun));
    assert!(reached.is_err());
}

#[test]
fn a_clock_that_ran_a_year_ahead_does_not_shut_a_patient_out_for_a_year() {
    let mut history = history(&["2027-11-20T10:00+01", "2027-11-21T10:00+01"]);
    let now = "2026-11-26T10:00+01";
    assert!(admits(&two_a_month(), now, &history).is_err());
    history.step_back(at(now));
    assert!(admits(&two_a_month(), now, &history).is_err());
    assert!(admits(&two_a_month(), "2026-12-01T00:00+01", &history).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200,
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_day_month_or_year_ever_holds_more_than_its_cap(
        caps in (1..4_u16, 2..8_u16, 5..20_u16),
        moves in vec(-100..200_i64, 1..200),
    ) {
        let zone = Zone::default();
        let quota = Quota {
            day: Some(cap(caps.0)),
            month: Some(cap(caps.1)),
            year: Some(cap(caps.2)),
            ..Quota::default()
        };
        let mut history = History::default();
        let mut begun: Vec<Timestamp> = Vec::new();
        let mut now = at("2026-10-24T10:00+02");
        for (number, hours) in moves.into_iter().enumerate() {
            now = Timestamp(now.0.saturating_add_signed(hours * 3_600_000));
            match quota.admits(now, &zone, &history) {
                Ok(_) => {
                    history.begin(consultation(number.try_into().unwrap()), now);
                    begun.push(now);
                }
                Err(reached) => {
                    prop_assert!(reached.opens_at > now);
                }
            }
        }
        for (period, cap) in [(Period::Day, caps.0), (Period::Month, caps.1), (Period::Year, caps.2)] {
            for &one in &begun {
                let around = period.around(one, &zone);
                let held = begun.iter().filter(|&&other| around.contains(other)).count();
                prop_assert!(held <= cap.into());
            }
        }
    }
}
