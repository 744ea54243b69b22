//! The doctor shield: what it allows, what it promises, and that no clock talks it into more.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use vestibule_clinic::Cap;
use vestibule_clinic::calendar::{Interval, OpeningHours, Period, Zone};
use vestibule_clinic::limits::{CAP, SHIFT_BREAKS, SHIFTS};
use vestibule_clinic::shield::{
    Booked, Pool, QueueClosed, QueueClosedReason, Roster, RosterError, Shield, ShieldPolicy,
    ShieldReason, Shielded, Shift, Stretch, Workday,
};
use vestibule_vocab::{Millis, Timestamp};

const MINUTE: u64 = 60_000;

/// A time of the day on which most of this happens, an ordinary Thursday in Brussels.
fn at(time: &str) -> Timestamp {
    moment(&format!("2026-11-26T{time}+01"))
}

fn moment(text: &str) -> Timestamp {
    let instant: jiff::Timestamp = text.parse().unwrap();
    Timestamp(instant.as_millisecond().try_into().unwrap())
}

fn minutes(minutes: u64) -> Millis {
    Millis(minutes * MINUTE)
}

fn interval(from: &str, to: &str) -> Interval {
    Interval::new(at(from), at(to))
}

fn shift(from: &str, to: &str, breaks: &[(&str, &str)]) -> Shift {
    let breaks = breaks.iter().map(|(from, to)| interval(from, to));
    Shift {
        from: at(from),
        to: at(to),
        breaks: breaks.collect(),
    }
}

fn cap(number: u16) -> Option<Cap> {
    Some(Cap::new(number).unwrap())
}

/// One practitioner, from nine to five with a lunch break.
struct Doctor {
    policy: ShieldPolicy,
    zone: Zone,
    roster: Option<Roster>,
    workday: Workday,
}

impl Doctor {
    fn new(policy: ShieldPolicy) -> Self {
        Self::working(policy, vec![shift("09:00", "17:00", &[("12:00", "13:00")])])
    }

    fn working(policy: ShieldPolicy, shifts: Vec<Shift>) -> Self {
        Self {
            policy,
            zone: Zone::default(),
            roster: Some(Roster::new(shifts).unwrap()),
            workday: Workday::default(),
        }
    }

    fn shield(&self) -> Shield<'_> {
        Shield {
            policy: &self.policy,
            zone: &self.zone,
            roster: self.roster.as_ref(),
            workday: &self.workday,
        }
    }

    fn may_begin(&self, now: &str) -> Result<(), Shielded> {
        self.shield().may_begin(at(now))
    }

    fn begin(&mut self, now: Timestamp) {
        self.workday.begin(now, &self.policy);
    }

    fn end(&mut self, now: Timestamp) {
        self.workday.end(now, self.roster.as_ref());
    }

    fn consulted(&mut self, from: &str, to: &str) {
        self.begin(at(from));
        self.end(at(to));
    }
}

fn until(reason: ShieldReason, time: &str) -> Result<(), Shielded> {
    let until = Some(at(time));
    Err(Shielded { reason, until })
}

#[test]
fn m15_nothing_is_asked_for_unless_a_clinic_sets_it() {
    let mut doctor = Doctor::new(ShieldPolicy::default());
    doctor.roster = None;
    for _ in 0..50 {
        doctor.consulted("03:00", "03:00");
    }
    assert_eq!(doctor.may_begin("03:00"), Ok(()));
}

#[test]
fn m15_an_hour_holds_its_cap_and_opens_with_the_next() {
    let mut doctor = Doctor::new(ShieldPolicy {
        hour: cap(2),
        ..ShieldPolicy::default()
    });
    doctor.consulted("10:05", "10:10");
    assert_eq!(doctor.may_begin("10:10"), Ok(()));
    doctor.consulted("10:10", "10:15");
    let full = until(ShieldReason::HourCap, "11:00");
    assert_eq!(doctor.may_begin("10:15"), full);
    assert_eq!(doctor.may_begin("11:00"), Ok(()));
}

#[test]
fn m15_a_day_holds_its_cap_and_the_next_shift_is_the_next_chance() {
    let mut tomorrow = shift("09:00", "17:00", &[]);
    tomorrow.from = moment("2026-11-27T09:00+01");
    tomorrow.to = moment("2026-11-27T17:00+01");
    let today = shift("09:00", "17:00", &[]);
    let policy = ShieldPolicy {
        day: cap(1),
        ..ShieldPolicy::default()
    };
    let mut doctor = Doctor::working(policy, vec![tomorrow.clone(), today]);
    doctor.consulted("09:00", "09:10");
    let full = doctor.may_begin("09:10").unwrap_err();
    assert_eq!(full.reason, ShieldReason::DayCap);
    assert_eq!(full.until, Some(moment("2026-11-27T00:00+01")));
    let next = doctor.shield().next_free(at("09:10"));
    assert_eq!(next, Some(tomorrow.from));
}

#[test]
fn m15_after_each_consultation_there_is_a_pause() {
    let mut doctor = Doctor::new(ShieldPolicy {
        pause: minutes(5),
        ..ShieldPolicy::default()
    });
    doctor.begin(at("09:00"));
    let busy = Err(Shielded {
        reason: ShieldReason::InConsultation,
        until: None,
    });
    assert_eq!(doctor.may_begin("09:10"), busy);
    doctor.end(at("09:15"));
    let paused = until(ShieldReason::Pause, "09:20");
    assert_eq!(doctor.may_begin("09:15"), paused);
    assert_eq!(doctor.may_begin("09:20"), Ok(()));
}

#[test]
fn m15_a_long_stretch_of_work_is_ended_by_a_rest() {
    let stretch = Some(Stretch {
        longest: minutes(60),
        rest: minutes(15),
    });
    let mut doctor = Doctor::new(ShieldPolicy {
        stretch,
        ..ShieldPolicy::default()
    });
    doctor.consulted("09:00", "09:30");
    doctor.consulted("09:40", "10:05");
    let due = until(ShieldReason::RestDue, "10:20");
    assert_eq!(doctor.may_begin("10:05"), due);
    assert_eq!(doctor.may_begin("10:20"), Ok(()));
    doctor.consulted("10:20", "10:30");
    assert_eq!(doctor.may_begin("10:30"), Ok(()));
}

#[test]
fn m15_breaks_and_the_end_of_a_shift_are_kept_clear() {
    let doctor = Doctor::new(ShieldPolicy {
        buffer: minutes(10),
        ..ShieldPolicy::default()
    });
    let early = until(ShieldReason::OffShift, "09:00");
    assert_eq!(doctor.may_begin("08:59"), early);
    assert_eq!(doctor.may_begin("11:50"), Ok(()));
    let soon = until(ShieldReason::BreakSoon, "13:00");
    assert_eq!(doctor.may_begin("11:51"), soon);
    let lunch = until(ShieldReason::OnBreak, "13:00");
    assert_eq!(doctor.may_begin("12:00"), lunch);
    assert_eq!(doctor.may_begin("13:00"), Ok(()));
    assert_eq!(doctor.may_begin("16:50"), Ok(()));
    let ending = doctor.may_begin("16:51").unwrap_err();
    assert_eq!(ending.reason, ShieldReason::ShiftEnding);
    assert_eq!(ending.until, None);
    let over = doctor.may_begin("17:00").unwrap_err();
    assert_eq!(over.reason, ShieldReason::OffShift);
}

#[test]
fn m15_a_break_that_a_consultation_runs_into_is_taken_in_full_after_it() {
    let mut doctor = Doctor::new(ShieldPolicy::default());
    doctor.consulted("11:55", "12:20");
    let lunch = until(ShieldReason::OnBreak, "13:20");
    assert_eq!(doctor.may_begin("13:00"), lunch);
    assert_eq!(doctor.may_begin("13:20"), Ok(()));
}

#[test]
fn m15_a_consultation_that_was_on_hold_goes_on_and_counts_once() {
    let mut doctor = Doctor::new(ShieldPolicy {
        hour: cap(2),
        ..ShieldPolicy::default()
    });
    doctor.consulted("10:05", "10:10");
    doctor.workday.resume(at("10:12"), &doctor.policy);
    assert!(doctor.may_begin("10:15").is_err());
    doctor.end(at("10:20"));
    assert_eq!(doctor.may_begin("10:20"), Ok(()));
    doctor.consulted("10:20", "10:25");
    let full = until(ShieldReason::HourCap, "11:00");
    assert_eq!(doctor.may_begin("10:25"), full);
}

#[test]
fn m15_a_clinic_and_a_practitioner_are_both_heeded() {
    let clinic = ShieldPolicy {
        hour: cap(6),
        pause: minutes(2),
        stretch: Some(Stretch {
            longest: minutes(120),
            rest: minutes(10),
        }),
        ..ShieldPolicy::default()
    };
    let own = ShieldPolicy {
        hour: cap(4),
        day: cap(20),
        buffer: minutes(5),
        stretch: Some(Stretch {
            longest: minutes(90),
            rest: minutes(5),
        }),
        ..ShieldPolicy::default()
    };
    let both = ShieldPolicy {
        hour: cap(4),
        day: cap(20),
        pause: minutes(2),
        buffer: minutes(5),
        stretch: Some(Stretch {
            longest: minutes(90),
            rest: minutes(10),
        }),
    };
    assert_eq!(clinic.and(own), both);
    assert_eq!(own.and(clinic), both);
}

#[test]
fn m15_the_rest_of_a_shift_holds_what_fits_around_pauses_breaks_and_caps() {
    let plain = Doctor::new(ShieldPolicy::default());
    // Nine to twelve and one to five, twenty minutes each.
    assert_eq!(plain.shield().remaining(at("09:00"), minutes(20)), 21);
    assert_eq!(plain.shield().remaining(at("16:30"), minutes(20)), 1);
    assert_eq!(plain.shield().remaining(at("16:45"), minutes(20)), 0);
    assert_eq!(plain.shield().remaining(at("08:00"), minutes(20)), 0);
    let hourly = Doctor::new(ShieldPolicy {
        hour: cap(2),
        ..ShieldPolicy::default()
    });
    assert_eq!(hourly.shield().remaining(at("09:00"), minutes(20)), 14);
    let paused = Doctor::new(ShieldPolicy {
        pause: minutes(10),
        buffer: minutes(20),
        ..ShieldPolicy::default()
    });
    assert_eq!(paused.shield().remaining(at("09:00"), minutes(20)), 14);
    let mut busy = Doctor::new(ShieldPolicy::default());
    busy.begin(at("16:00"));
    assert_eq!(busy.shield().remaining(at("16:05"), minutes(20)), 2);
}

#[test]
fn m15_a_queue_closes_before_it_promises_more_than_the_shifts_hold() {
    let morning = Doctor::working(
        ShieldPolicy::default(),
        vec![shift("09:00", "12:00", &[]), shift("14:00", "15:00", &[])],
    );
    let evening = Doctor::working(ShieldPolicy::default(), vec![shift("18:00", "20:00", &[])]);
    let members = [morning.shield(), evening.shield()];
    let hours = OpeningHours::default();
    let pool = Pool {
        members: &members,
        hours: &hours,
        lead: minutes(30),
        booked: &[],
    };
    let typical = minutes(20);
    assert_eq!(pool.room(at("11:00"), typical, 1), 2);
    assert_eq!(pool.closes(at("11:00"), typical, 2), None);
    let full = |waiting, opens| {
        let closed = QueueClosed {
            reason: QueueClosedReason::ShiftsFull,
            opens_at: Some(at(opens)),
        };
        assert_eq!(pool.closes(at("11:00"), typical, waiting), Some(closed));
    };
    full(3, "13:30");
    full(5, "13:30");
    full(6, "17:30");
    let nobody = pool.closes(at("13:00"), typical, 0).unwrap();
    assert_eq!(nobody.reason, QueueClosedReason::NobodyOnShift);
    assert_eq!(nobody.opens_at, Some(at("13:30")));
    assert_eq!(pool.closes(at("13:30"), typical, 0), None);
    let last = pool.closes(at("20:00"), typical, 0).unwrap();
    assert_eq!(last.opens_at, None);
}

#[test]
fn m19_a_queue_outside_its_hours_opens_when_somebody_works_again() {
    let written = r#"{"regular":{"weekly":{"thursday":[{"from":"08:00","to":"09:00"},{"from":"13:00","to":"19:00"}]}}}"#;
    let hours: OpeningHours = serde_json::from_str(written).unwrap();
    let doctor = Doctor::working(ShieldPolicy::default(), vec![shift("09:00", "14:00", &[])]);
    let unplanned = Doctor {
        roster: None,
        ..Doctor::new(ShieldPolicy::default())
    };
    let closed = |shield: Shield<'_>, now: Timestamp, waiting| {
        let members = [shield];
        let pool = Pool {
            members: &members,
            hours: &hours,
            lead: minutes(0),
            booked: &[],
        };
        pool.closes(now, minutes(20), waiting)
    };
    let outside = |opens| {
        Some(QueueClosed {
            reason: QueueClosedReason::OutsideHours,
            opens_at: Some(opens),
        })
    };
    let wednesday = moment("2026-11-25T12:00+01");
    // At eight it is open, and nobody works yet.
    let opens = closed(doctor.shield(), wednesday, 0);
    assert_eq!(opens, outside(at("13:00")));
    // Those who wait already are helped in the morning.
    let opens = closed(doctor.shield(), at("10:00"), 9);
    assert_eq!(opens, outside(at("13:00")));
    let opens = closed(unplanned.shield(), wednesday, 0);
    assert_eq!(opens, outside(at("08:00")));
    assert_eq!(closed(unplanned.shield(), at("08:00"), 0), None);
}

#[test]
fn shifts_that_make_no_sense_are_refused_with_a_code_of_their_own() {
    let refused = |shifts| Roster::new(shifts).err();
    let nine_to_ten = shift("09:00", "10:00", &[]);
    assert_eq!(
        refused(vec![shift("09:00", "09:00", &[])]),
        Some(RosterError::Empty)
    );
    assert_eq!(
        refused(vec![nine_to_ten.clone(), shift("09:30", "11:00", &[])]),
        Some(RosterError::Overlapping)
    );
    let late = shift("09:00", "10:00", &[("09:30", "10:30")]);
    assert_eq!(refused(vec![late]), Some(RosterError::BreakOutsideShift));
    let breaks = [("09:30", "09:40"); SHIFT_BREAKS + 1];
    let restless = shift("09:00", "10:00", &breaks);
    assert_eq!(refused(vec![restless]), Some(RosterError::TooManyBreaks));
    let many = vec![nine_to_ten.clone(); SHIFTS + 1];
    assert_eq!(refused(many), Some(RosterError::TooManyShifts));
    let touching = vec![shift("10:00", "11:00", &[]), nine_to_ten];
    assert_eq!(refused(touching), None);
    assert!(serde_json::from_str::<Roster>(r#"[{"from":5,"to":5}]"#).is_err());
}

#[test]
fn a_workday_is_stored_and_read_as_it_was() {
    let mut doctor = Doctor::new(ShieldPolicy::default());
    doctor.consulted("11:55", "12:20");
    doctor.begin(at("13:30"));
    let stored = serde_json::to_string(&doctor.workday).unwrap();
    let read: Workday = serde_json::from_str(&stored).unwrap();
    assert_eq!(read, doctor.workday);
}

#[test]
fn a_workday_that_was_stored_in_another_order_counts_as_well() {
    let mut doctor = Doctor::new(ShieldPolicy {
        hour: cap(1),
        ..ShieldPolicy::default()
    });
    doctor.consulted("10:10", "10:15");
    doctor.consulted("10:20", "10:25");
    doctor.consulted("11:10", "11:15");
    let mut stored = serde_json::to_value(&doctor.workday).unwrap();
    stored["begun"].as_array_mut().unwrap().reverse();
    doctor.workday = serde_json::from_value(stored).unwrap();
    let full = until(ShieldReason::HourCap, "12:00");
    assert_eq!(doctor.may_begin("11:20"), full);
}

#[test]
fn an_hour_that_the_clock_repeats_is_one_hour() {
    let mut doctor = Doctor::new(ShieldPolicy {
        hour: cap(1),
        ..ShieldPolicy::default()
    });
    doctor.roster = None;
    doctor.begin(moment("2026-10-25T02:10+02"));
    doctor.end(moment("2026-10-25T02:20+02"));
    let again = doctor.shield().next_free(moment("2026-10-25T02:20+02"));
    assert_eq!(again, Some(moment("2026-10-25T03:00+01")));
}

#[test]
fn a_clock_that_steps_back_shortens_no_pause_and_hides_no_work() {
    let mut doctor = Doctor::new(ShieldPolicy {
        hour: cap(1),
        pause: minutes(5),
        ..ShieldPolicy::default()
    });
    doctor.consulted("11:10", "11:20");
    doctor.workday.observe(at("10:30"));
    // The consultation counts for both hours: nobody knows which clock was right.
    let full = until(ShieldReason::HourCap, "11:00");
    assert_eq!(doctor.may_begin("10:36"), full);
    let full = until(ShieldReason::HourCap, "12:00");
    assert_eq!(doctor.may_begin("11:00"), full);
}

#[test]
fn a_clock_that_ran_a_year_ahead_does_not_lock_a_practitioner_out() {
    let mut doctor = Doctor::new(ShieldPolicy {
        hour: cap(1),
        day: cap(5),
        pause: minutes(5),
        ..ShieldPolicy::default()
    });
    let ahead = moment("2027-11-26T10:00+01");
    doctor.begin(ahead);
    doctor.end(ahead);
    doctor.workday.observe(at("10:30"));
    let next = doctor.shield().next_free(at("10:30"));
    assert_eq!(next, Some(at("11:00")));
}

#[test]
fn no_number_is_too_large() {
    let endless = Millis(u64::MAX);
    let mut doctor = Doctor::new(ShieldPolicy {
        hour: cap(CAP),
        day: cap(CAP),
        pause: endless,
        stretch: Some(Stretch {
            longest: endless,
            rest: endless,
        }),
        buffer: endless,
    });
    for now in [Timestamp(0), at("10:00"), Timestamp(u64::MAX)] {
        assert!(doctor.shield().may_begin(now).is_err());
        assert_eq!(doctor.shield().next_free(now), None);
        assert_eq!(doctor.shield().remaining(now, endless), 0);
    }
    for _ in 0..CAP + 5 {
        doctor.consulted("10:00", "10:00");
        doctor.end(Timestamp(u64::MAX));
        doctor.end(Timestamp(0));
    }
    doctor.policy = ShieldPolicy::default();
    doctor.roster = None;
    doctor.workday = Workday::default();
    let held = doctor.shield().remaining(at("10:00"), Millis(0));
    assert_eq!(held, u32::from(CAP));
}

/// What a day may bring. All is in whole minutes, so that a test can look at each.
#[derive(Clone, Copy, Debug)]
enum Turn {
    Forward(u64),
    Back(u64),
    Begin,
    End,
}

fn turn() -> impl Strategy<Value = Turn> {
    prop_oneof![
        6 => (0..40_u64).prop_map(Turn::Forward),
        1 => (0..900_u64).prop_map(Turn::Forward),
        1 => (0..600_u64).prop_map(Turn::Back),
        8 => Just(Turn::Begin),
        8 => Just(Turn::End),
    ]
}

fn some_policy() -> impl Strategy<Value = ShieldPolicy> {
    let stretch = (0..180_u64, 0..40_u64).prop_map(|(longest, rest)| Stretch {
        longest: minutes(longest),
        rest: minutes(rest),
    });
    let number = |numbers| option::of(numbers).prop_map(|some| some.and_then(cap));
    (
        number(1..6_u16),
        number(1..20_u16),
        0..15_u64,
        option::of(stretch),
        0..25_u64,
    )
        .prop_map(|(hour, day, pause, stretch, buffer)| ShieldPolicy {
            hour,
            day,
            pause: minutes(pause),
            stretch,
            buffer: minutes(buffer),
        })
}

/// Some shifts of the days around a moment, with some breaks.
fn some_roster() -> impl Strategy<Value = Option<Roster>> {
    let pause = (0..600_u64, 1..60_u64);
    let shift = (0..400_u64, 60..700_u64, vec(pause, 0..4));
    let shifts = vec(shift, 1..5).prop_map(|shifts| {
        let mut from = at("00:00");
        let shifts = shifts.into_iter().map(|(gap, length, breaks)| {
            from = from.plus(minutes(gap));
            let whole = Interval::new(from, from.plus(minutes(length)));
            from = whole.to;
            let breaks = breaks.into_iter().map(|(after, length)| {
                let begins = whole.from.plus(minutes(after));
                Interval::new(begins, begins.plus(minutes(length))).within(whole)
            });
            Shift {
                from: whole.from,
                to: whole.to,
                breaks: breaks.filter(|pause| !pause.is_empty()).collect(),
            }
        });
        Roster::new(shifts.collect()).unwrap()
    });
    prop_oneof![1 => Just(None), 5 => shifts.prop_map(Some)]
}

fn shifts(roster: Option<&Roster>) -> Vec<Shift> {
    roster.cloned().map(Vec::from).unwrap_or_default()
}

/// A day as somebody saw it who also has a watch that never steps back.
#[derive(Default)]
struct Seen {
    /// Minutes that the watch has counted.
    watch: u64,
    begun: Vec<Timestamp>,
    ended_on_watch: Option<u64>,
    stretch_on_watch: u64,
}

/// Whether a consultation that was allowed to begin was within the policy.
fn check_begin(doctor: &Doctor, seen: &mut Seen, now: Timestamp) -> Result<(), TestCaseError> {
    let policy = doctor.policy;
    let gap = seen.ended_on_watch.map(|ended| minutes(seen.watch - ended));
    if let Some(gap) = gap {
        prop_assert!(gap >= policy.pause, "a pause was cut short");
    }
    if let Some(stretch) = policy.stretch {
        if gap.is_none_or(|gap| gap >= stretch.rest) {
            seen.stretch_on_watch = seen.watch;
        } else {
            let worked = minutes(seen.watch - seen.stretch_on_watch);
            prop_assert!(worked < stretch.longest, "a stretch went on too long");
        }
    }
    let shifts = shifts(doctor.roster.as_ref());
    if doctor.roster.is_some() {
        let shift = shifts.iter().find(|shift| shift.interval().contains(now));
        let shift = shift.expect("nobody works off shift");
        let clear = Interval::new(now, now.plus(policy.buffer).max(now.plus(Millis(1))));
        prop_assert!(clear.to <= shift.to.max(now.plus(Millis(1))));
        for pause in &shift.breaks {
            prop_assert!(pause.within(clear).is_empty(), "a break was not kept clear");
        }
    }
    seen.begun.push(now);
    Ok(())
}

fn check_caps(doctor: &Doctor, seen: &Seen) -> Result<(), TestCaseError> {
    for (period, cap) in [
        (Period::Hour, doctor.policy.hour),
        (Period::Day, doctor.policy.day),
    ] {
        let Some(cap) = cap else { continue };
        for &begun in &seen.begun {
            let around = period.around(begun, &doctor.zone);
            let held = seen.begun.iter().filter(|&&one| around.contains(one));
            prop_assert!(held.count() <= cap.get().into(), "a cap was exceeded");
        }
    }
    Ok(())
}

/// Lives through some turns, obeying the shield, and checks each beginning. Returns the clock.
fn live(doctor: &mut Doctor, turns: &[Turn]) -> Result<Timestamp, TestCaseError> {
    let mut seen = Seen::default();
    let mut now = at("08:00");
    let mut latest = now;
    for turn in turns {
        match *turn {
            Turn::Forward(some) => {
                now = now.plus(minutes(some));
                seen.watch += some;
                latest = latest.max(now);
            }
            Turn::Back(some) => {
                // A clock that was a day ahead is no longer believed.
                let day_before = latest.0 - 24 * 60 * MINUTE;
                now = Timestamp((now.0 - some * MINUTE).max(day_before));
            }
            Turn::Begin => {
                if doctor.shield().may_begin(now).is_ok() {
                    check_begin(doctor, &mut seen, now)?;
                    doctor.begin(now);
                }
            }
            Turn::End => {
                if doctor.workday.under_way().is_some() {
                    seen.ended_on_watch = Some(seen.watch);
                    doctor.end(now);
                }
            }
        }
        doctor.workday.observe(now);
    }
    check_caps(doctor, &seen)?;
    Ok(now)
}

/// How many consultations somebody has who looks at the shield each minute of a shift.
fn greedy(
    doctor: &Doctor,
    workday: &Workday,
    now: Timestamp,
    shift: Interval,
    typical: Millis,
) -> u32 {
    let mut workday = workday.clone();
    let mut ends = workday
        .under_way()
        .map(|begun| begun.plus(typical).max(now));
    let mut held = 0;
    let mut now = now;
    while now < shift.to {
        if ends.is_some_and(|ends| ends <= now) {
            ends = None;
            workday.end(now, doctor.roster.as_ref());
        }
        let shield = Shield {
            workday: &workday,
            ..doctor.shield()
        };
        if shield.may_begin(now).is_ok() && now.plus(typical) <= shift.to {
            workday.begin(now, &doctor.policy);
            ends = Some(now.plus(typical));
            held += 1;
        }
        now = now.plus(minutes(1));
    }
    held
}

fn on_shift(doctor: &Doctor, now: Timestamp) -> Option<Interval> {
    let shifts = shifts(doctor.roster.as_ref());
    let mut shifts = shifts.iter().map(Shift::interval);
    shifts.find(|shift| shift.contains(now))
}

fn some_doctor() -> impl Strategy<Value = Doctor> {
    (some_policy(), some_roster()).prop_map(|(policy, roster)| Doctor {
        policy,
        zone: Zone::default(),
        roster,
        workday: Workday::default(),
    })
}

impl std::fmt::Debug for Doctor {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:?} {:?}", self.policy, self.roster)
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 500,
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_policy_is_exceeded_by_who_obeys_whatever_the_clock_does(
        mut doctor in some_doctor(),
        turns in vec(turn(), 1..150),
    ) {
        live(&mut doctor, &turns)?;
    }

    #[test]
    fn the_next_free_moment_is_the_first_that_is_allowed(
        mut doctor in some_doctor(),
        turns in vec(turn(), 1..60),
    ) {
        let now = live(&mut doctor, &turns)?;
        let next = doctor.shield().next_free(now);
        let mut first = (0..24 * 60).map(|minute| now.plus(minutes(minute)));
        let first = first.find(|&minute| doctor.shield().may_begin(minute).is_ok());
        let within_a_day = next.filter(|&next| next < now.plus(minutes(24 * 60)));
        prop_assert_eq!(within_a_day, first);
    }

    #[test]
    fn a_shift_is_promised_no_more_than_it_holds(
        mut doctor in some_doctor(),
        turns in vec(turn(), 1..60),
        typical in 1..60_u64,
    ) {
        let now = live(&mut doctor, &turns)?;
        let promised = doctor.shield().remaining(now, minutes(typical));
        if doctor.roster.is_some() {
            let shift = on_shift(&doctor, now);
            let held = shift.map_or(0, |shift| greedy(&doctor, &doctor.workday, now, shift, minutes(typical)));
            prop_assert_eq!(promised, held.min(CAP.into()));
        }
    }

    #[test]
    fn a_pool_is_promised_no_more_than_its_shifts_hold_together(
        mut doctors in vec((some_doctor(), vec(turn(), 1..30)), 1..4),
        typical in 5..60_u64,
        waiting in 0..40_u32,
    ) {
        for (doctor, turns) in &mut doctors {
            live(doctor, turns)?;
        }
        let rostered = doctors.iter().map(|(doctor, _)| doctor).filter(|one| one.roster.is_some());
        let doctors: Vec<_> = rostered.collect();
        let members: Vec<_> = doctors.iter().map(|doctor| doctor.shield()).collect();
        let hours = OpeningHours::default();
        let pool = Pool { members: &members, hours: &hours, lead: minutes(0), booked: &[] };
        let (now, typical) = (at("12:00"), minutes(typical));
        let held = doctors.iter().filter_map(|doctor| {
            let shift = on_shift(doctor, now)?;
            let mut doctor_now = doctor.workday.clone();
            doctor_now.observe(now);
            Some(greedy(doctor, &doctor_now, now, shift, typical))
        });
        prop_assert_eq!(pool.room(now, typical, waiting), held.sum::<u32>().saturating_sub(waiting));
    }

    #[test]
    fn a_queue_that_is_closed_opens_when_it_says(
        doctors in vec(some_doctor(), 1..4),
        typical in 1..60_u64,
        waiting in 0..40_u32,
        lead in 0..60_u64,
        minute in 0..1_440_u64,
    ) {
        let members: Vec<_> = doctors.iter().map(Doctor::shield).collect();
        let hours = OpeningHours::default();
        let pool = Pool { members: &members, hours: &hours, lead: minutes(lead), booked: &[] };
        let (now, typical) = (at("00:00").plus(minutes(minute)), minutes(typical));
        let room = pool.room(now, typical, waiting);
        let closed = pool.closes(now, typical, waiting);
        prop_assert_eq!(closed.is_none(), room > 0);
        if let Some(opens) = closed.and_then(|closed| closed.opens_at) {
            prop_assert!(opens > now);
            // Were all helped who wait, there would be room then.
            prop_assert!(pool.room(opens, typical, 0) > 0);
            if waiting == 0 {
                prop_assert_eq!(pool.room(Timestamp(opens.0 - 1), typical, 0), 0);
            }
        }
    }

    #[test]
    fn a_queue_that_bookings_close_opens_when_it_says(
        doctors in vec(some_doctor(), 1..4),
        typical in 1..60_u64,
        booked in vec((0..2_000_u64, 1..5_u32), 0..30),
        minute in 0..1_440_u64,
    ) {
        let members: Vec<_> = doctors.iter().map(Doctor::shield).collect();
        let hours = OpeningHours::default();
        let by: Vec<usize> = (0..members.len()).collect();
        let booked: Vec<_> = booked.into_iter().map(|(minute, places)| {
            let at = at("00:00").plus(minutes(minute));
            Booked { at, places, by: &by }
        }).collect();
        let pool = Pool { members: &members, hours: &hours, lead: minutes(0), booked: &booked };
        let (now, typical) = (at("00:00").plus(minutes(minute)), minutes(typical));
        let (with, without) = (pool.room(now, typical, 0), Pool { booked: &[], ..pool }.room(now, typical, 0));
        prop_assert!(with <= without);
        let closed = pool.closes(now, typical, 0);
        prop_assert_eq!(closed.is_none(), with > 0);
        if let Some(opens) = closed.and_then(|closed| closed.opens_at) {
            prop_assert!(opens > now);
            // Were all helped who were to come before, there would be room then.
            let later: Vec<_> = booked.iter().copied().filter(|it| it.at > opens).collect();
            let then = Pool { booked: &later, ..pool };
            prop_assert!(then.room(opens, typical, 0) > 0);
        }
    }
}
