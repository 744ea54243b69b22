//! Caps, pauses, quotas, hours and promises: what must not be exceeded, counted here anew.

use vestibule_clinic::calendar::Extent;
use vestibule_clinic::limits::UNPLANNED_SHIFT;
use vestibule_clinic::shield::Shift;
use vestibule_clinic::{Arriving, Clinic, Practitioner, Service, VisitState, WaitingRoom};
use vestibule_vocab::{Millis, PatientId, PractitionerId, ServiceId, Timestamp, VisitId};

use super::Violation;
use crate::told::{Begun, Told};

const HOUR: u64 = 60 * 60 * 1_000;

const DAY: u64 = 24 * HOUR;

/// A practitioner begins no more consultations in an hour of the clock than they may, nor on a day.
pub(crate) fn no_cap_is_exceeded(
    told: &Told,
    now: Timestamp,
    who: PractitionerId,
) -> Option<Violation> {
    let shield = told.practitioners.get(&who)?.shield;
    let since = |from: Timestamp| {
        let of_them = told.begun.values().filter(|one| one.practitioner == who);
        of_them.filter(|one| one.at >= from).count()
    };
    let full = |cap: Option<vestibule_clinic::Cap>, from| {
        let count = since(from);
        cap.is_some_and(|cap| count >= usize::from(cap.get()))
    };
    let exceeded = full(shield.hour, hour_of(now)) || full(shield.day, day_of(now));
    exceeded.then(|| Violation {
        invariant: "no_cap_is_exceeded",
        what: format!("{who:?} begins another consultation at {now:?}"),
    })
}

/// After a consultation there is a pause before the next begins. Asked where the clocks of the nodes go like the world's:
/// how long ago something was, another clock does not tell.
pub(crate) fn no_pause_is_cut_short(
    told: &Told,
    now: Timestamp,
    who: PractitionerId,
) -> Option<Violation> {
    let pause = told.practitioners.get(&who)?.shield.pause;
    let mut begun = told.begun.values().filter(|one| one.practitioner == who);
    let in_pause = |one: &Begun| one.left.is_some_and(|left| now < left.plus(pause));
    let last = begun.find(|one| told.steady && in_pause(one))?;
    Some(Violation {
        invariant: "no_pause_is_cut_short",
        what: format!("{who:?} begins at {now:?} after {last:?}"),
    })
}

/// A patient has no more consultations in a period than the service's quota holds. Those of one visit are one, of where it ends:
/// what was handed on is not yet known to be when the next decision is of the same commit.
pub(crate) fn no_quota_is_exceeded(
    told: &Told,
    now: Timestamp,
    (visit, patient, service): (VisitId, PatientId, ServiceId),
) -> Option<Violation> {
    let quota = told.services.get(&service)?.quota.as_ref()?;
    let of = |one: &&Begun| one.patient == patient && one.service == service && one.visit != visit;
    let counted = told.begun.values().filter(of);
    let counted = counted.filter(|one| one.counts);
    // The whole world happens within a month.
    let month = counted.clone().count();
    let day = counted.filter(|one| one.at >= day_of(now)).count();
    let full = |cap: Option<vestibule_clinic::Cap>, count| {
        cap.is_some_and(|cap| count >= usize::from(cap.get()))
    };
    (full(quota.day, day) || full(quota.month, month)).then(|| Violation {
        invariant: "no_quota_is_exceeded",
        what: format!("{visit:?} comes after {day} today, {month} this month"),
    })
}

/// A service that is closed takes no walk-in.
pub(crate) fn a_closed_service_takes_no_walk_in(
    told: &Told,
    now: Timestamp,
    arriving: &Arriving,
) -> Option<Violation> {
    let service = told.services.get(&arriving.service)?;
    let closures = service.hours.timetable().closures.iter();
    let mut extents = closures.map(|closure| closure.extent);
    let closed = extents.any(|extent| match extent {
        Extent::Moments(interval) => interval.contains(now),
        Extent::Days { .. } | Extent::Hours { .. } => false,
    });
    (closed || !service.open).then(|| Violation {
        invariant: "a_closed_service_takes_no_walk_in",
        what: format!("{:?} came at {now:?}", arriving.visit),
    })
}

/// No walk-in is let in whom the shifts of those who share the waiting room cannot hold beside those who wait and are booked,
/// however fast everything goes.
pub(crate) fn no_more_are_let_in_than_the_shifts_hold(
    clinic: &Clinic,
    told: &Told,
    now: Timestamp,
    arriving: &Arriving,
) -> Option<Violation> {
    let service: &Service = told.services.get(&arriving.service)?;
    let promise = service.promise?;
    let waiting_room = arriving.choice.waiting_room(arriving.service);
    let pool: Vec<&Practitioner> = seers(told, waiting_room).collect();
    let shared: Vec<WaitingRoom> = pool.iter().flat_map(|card| card.waiting_rooms()).collect();
    let waiting = clinic
        .visits()
        .filter(|visit| visit.state == VisitState::Waiting && shared.contains(&visit.waiting_room));
    let waiting = u64::try_from(waiting.count()).unwrap_or(u64::MAX);
    let booked: u64 = clinic
        .visits()
        .filter(|visit| visit.state == VisitState::Expected)
        .filter(|visit| pool_alone_sees(told, &pool, visit.waiting_room))
        .filter_map(|visit| Some((visit.waiting_room, visit.appointment?)))
        .filter(|(room, it)| is_counted_on(told, *room, it.at, (now, promise.lead)))
        .map(|(_, it)| it.length.0.div_ceil(promise.typical.0.max(1)).max(1))
        .sum();
    let latest = now.plus(promise.lead);
    let held = pool.iter();
    let held: u64 = held
        .map(|card| most_held(card, now, latest, promise.typical))
        .sum();
    (waiting + booked >= held).then(|| Violation {
        invariant: "no_more_are_let_in_than_the_shifts_hold",
        what: format!(
            "{:?} came to {waiting} and {booked} who are booked, and {held} can be seen",
            arriving.visit
        ),
    })
}

fn seers(told: &Told, waiting_room: WaitingRoom) -> impl Iterator<Item = &Practitioner> {
    let practitioners = told.practitioners.values();
    practitioners.filter(move |card| card.waiting_rooms().any(|it| it == waiting_room))
}

/// Whoever is booked there is seen by somebody of the pool, because nobody else could.
fn pool_alone_sees(told: &Told, pool: &[&Practitioner], waiting_room: WaitingRoom) -> bool {
    let in_pool = |card: &Practitioner| pool.iter().any(|one| one.id == card.id);
    let mut seers = seers(told, waiting_room).peekable();
    seers.peek().is_some() && seers.all(in_pool)
}

/// The time of an appointment is over, or before the end of a shift that is counted on.
fn is_counted_on(
    told: &Told,
    waiting_room: WaitingRoom,
    at: Timestamp,
    (now, lead): (Timestamp, Millis),
) -> bool {
    let latest = now.plus(lead);
    let mut seers = seers(told, waiting_room);
    at < now
        || seers.any(|card| match card.roster.clone() {
            Some(roster) => {
                let shifts: Vec<Shift> = roster.into();
                let mut near = shifts.iter().filter(|shift| shift.from <= latest);
                near.any(|shift| at < shift.to)
            }
            // Where a day has a cap, the next day may not be counted on.
            None => at < now.plus(UNPLANNED_SHIFT) && day_of(at) == day_of(now),
        })
}

/// How many consultations of this length follow one another in the shifts at the most.
fn most_held(card: &Practitioner, now: Timestamp, latest: Timestamp, typical: Millis) -> u64 {
    let Some(roster) = card.roster.clone() else {
        return UNPLANNED_SHIFT.0 / typical.0.max(1);
    };
    let shifts: Vec<Shift> = roster.into();
    let near = shifts.iter().filter(|shift| shift.from <= latest);
    near.map(|shift| shift.to.since(shift.from.max(now)).0 / typical.0.max(1))
        .sum()
}

/// Hours begin at the same moment in Brussels and in Greenwich.
fn hour_of(now: Timestamp) -> Timestamp {
    Timestamp(now.0 - now.0 % HOUR)
}

/// In winter the clock of Brussels is one hour ahead of Greenwich's.
fn day_of(now: Timestamp) -> Timestamp {
    Timestamp(now.0 - (now.0 + HOUR) % DAY)
}
