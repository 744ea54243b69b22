//! What the clinic sets: services with their order, hours, gates, quotas and promises; what protects practitioners.

use std::collections::BTreeSet;

use vestibule_clinic::calendar::{Closure, Extent, Interval, OpeningHours, Timetable};
use vestibule_clinic::quota::Quota;
use vestibule_clinic::shield::{Roster, ShieldPolicy, Shift, Stretch};
use vestibule_clinic::{
    AfterWait, Cap, GateException, GateRule, GateRules, IdentityLevel, Input, OpenedBy, Order,
    Relation, Requirement, Service, ShiftPromise,
};
use vestibule_vocab::{Millis, Redacted, Timestamp};

use crate::dice::Dice;
use crate::theme::{Theme, seconds};
use crate::{form, people};

pub(crate) fn some_service(theme: Theme, number: u32, dice: &mut Dice, now: Timestamp) -> Input {
    let (appointment, late) = (seconds(dice, 0, 600), seconds(dice, 0, 600));
    let soon = seconds(dice, 60, 600);
    let order = Order {
        appointment,
        late,
        soon,
        urgent: seconds(dice, 300, 1_800).max(soon),
        bound: seconds(dice, 240, 1_500),
    };
    let mut service = Service {
        order,
        ..Service::named(people::service(number), "General practice")
    };
    if !theme.holding {
        particulars(&mut service, theme, dice, now);
    }
    Input::SetService {
        service: Box::new(service),
    }
}

fn particulars(service: &mut Service, theme: Theme, dice: &mut Dice, now: Timestamp) {
    service.open = !dice.percent(3);
    if dice.percent(15) {
        service.hours = closed_for_a_while(dice, now);
    }
    if dice.percent(45) {
        service.gates = GateRules::new(some_gates(dice)).unwrap_or_default();
    }
    if dice.percent(60) {
        service.form = form::form();
    }
    if dice.percent(25) {
        service.quota = Some(some_quota(dice));
    }
    if dice.percent(if theme.planned { 80 } else { 10 }) {
        service.promise = Some(ShiftPromise {
            typical: seconds(dice, 300, 1_200),
            lead: seconds(dice, 0, 600),
        });
    }
}

fn closed_for_a_while(dice: &mut Dice, now: Timestamp) -> OpeningHours {
    let from = now.plus(seconds(dice, 0, 1_200));
    let to = from.plus(seconds(dice, 60, 1_200));
    let closure = Closure {
        extent: Extent::Moments(Interval { from, to }),
        reason: Redacted::default(),
    };
    let timetable = Timetable {
        closures: vec![closure],
        ..Timetable::default()
    };
    OpeningHours::new(timetable).unwrap_or_default()
}

fn some_quota(dice: &mut Dice) -> Quota {
    let mut cap = || Cap::new(1 + u16::try_from(dice.below(3)).unwrap_or(0)).ok();
    let (day, month) = (cap(), cap());
    let by_day = dice.percent(50);
    Quota {
        day: day.filter(|_| by_day),
        month: month.filter(|_| !by_day),
        counts_after: seconds(dice, 1, 120),
        ..Quota::default()
    }
}

/// One gate of those that a machine, an outside system, the patient and a person open, or two that go together.
fn some_gates(dice: &mut Dice) -> Vec<GateRule> {
    let by_hand = |requires| rule(requires, OpenedBy::Hand, None);
    match dice.below(6) {
        0 | 1 => payment(dice).into_iter().collect(),
        2 => {
            let consent = people::version().map(|version| Requirement::Consent { version });
            consent.map(built_in).into_iter().collect()
        }
        3 => vec![
            built_in(Requirement::SymptomForm),
            rule(
                Requirement::EmergencyScreen,
                OpenedBy::BuiltIn,
                Some(GateException::AskedByVoice),
            ),
        ],
        4 => vec![
            built_in(Requirement::Identity {
                level: IdentityLevel::Substantial,
            }),
            built_in(Requirement::DeviceCheck),
        ],
        _ => vec![by_hand(Requirement::Eligibility {
            any_of: BTreeSet::from([Relation::Referred, Relation::SeenInPerson]),
            all_of: BTreeSet::new(),
        })],
    }
}

fn payment(dice: &mut Dice) -> Option<GateRule> {
    let then = if dice.percent(50) {
        AfterWait::AskAgain
    } else {
        AfterWait::Refuse
    };
    let opened_by = OpenedBy::System {
        system: people::bank()?,
        wait: seconds(dice, 30, 600),
        then,
    };
    let waived = Some(GateException::PaymentWaived);
    Some(rule(Requirement::Payment, opened_by, waived))
}

fn built_in(requires: Requirement) -> GateRule {
    rule(requires, OpenedBy::BuiltIn, None)
}

fn rule(requires: Requirement, opened_by: OpenedBy, exception: Option<GateException>) -> GateRule {
    GateRule {
        requires,
        opened_by,
        exceptions: exception.into_iter().collect(),
    }
}

pub(crate) fn some_shield(dice: &mut Dice) -> ShieldPolicy {
    let mut cap = |least: u16, width: u64| {
        Cap::new(least + u16::try_from(dice.below(width)).unwrap_or(0)).ok()
    };
    let (hour, day) = (cap(1, 4), cap(2, 5));
    let (hourly, daily) = (dice.percent(60), dice.percent(40));
    ShieldPolicy {
        hour: hour.filter(|_| hourly),
        day: day.filter(|_| daily),
        pause: if dice.percent(50) {
            seconds(dice, 0, 120)
        } else {
            Millis(0)
        },
        stretch: dice.percent(15).then(|| Stretch {
            longest: seconds(dice, 600, 3_600),
            rest: seconds(dice, 30, 300),
        }),
        buffer: if dice.percent(20) {
            seconds(dice, 0, 120)
        } else {
            Millis(0)
        },
    }
}

/// A shift that began some time ago, with a break in it now and then.
pub(crate) fn some_shift(dice: &mut Dice, now: Timestamp) -> Option<Roster> {
    let from = Timestamp(now.0.saturating_sub(600_000));
    let to = now.plus(seconds(dice, 900, 5_400));
    let pause = now.plus(seconds(dice, 60, 600));
    let breaks = if dice.percent(25) {
        vec![Interval::new(pause, pause.plus(Millis::from_secs(120)))]
    } else {
        Vec::new()
    };
    Roster::new(vec![Shift { from, to, breaks }]).ok()
}
