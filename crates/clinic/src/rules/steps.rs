//! The clock was set forward: of every wait that has an end as much is left as was before, and nobody is given up.

use vestibule_vocab::{Millis, Timestamp, VisitId};

use super::Effects;
use super::returning::expected_until;
use crate::absence::Absent;
use crate::audit::Act;
use crate::clinic::Alarm;
use crate::{Clinic, Extension, Policy, Visit};

/// A clock that was set forward.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    /// What it would show now. Of whatever began later by the clock, or was counted anew later by another server that
    /// noticed the same step, nobody can say how much has passed: it is counted from now, and not moved by the step.
    pub(crate) before: Timestamp,
    /// What it shows now.
    pub(crate) now: Timestamp,
}

impl Step {
    pub(crate) fn by(self) -> Millis {
        self.now.since(self.before)
    }
}

impl Clinic {
    pub(crate) fn clock_set_forward(&mut self, now: Timestamp, by: Millis, effects: &mut Effects) {
        let step = Step {
            before: Timestamp(now.0.saturating_sub(by.0)),
            now,
        };
        let away = self.absences.set_forward(step);
        let moved = !away.is_empty();
        self.absences_show(away, effects);
        let expected = self.extend_appointments(step, effects);
        let asked = self.prolong_gates(step, effects);
        if moved || expected || asked {
            effects.did(Act::ClockSetForward { by: step.by() });
        }
    }

    /// Whoever is waited for from another moment than before is said to have changed: another memory of the same clinic has
    /// to hear of it.
    pub(super) fn absences_show(&self, away: Vec<Absent>, effects: &mut Effects) {
        for who in away {
            match who {
                Absent::Patient(visit) => {
                    let patient = self.visits.get(&visit).map(|visit| visit.patient);
                    patient.into_iter().for_each(|it| effects.patient(it));
                }
                Absent::Practitioner(consultation) => self.partner_shows(consultation, effects),
                Absent::Companion(who) => {
                    let visit = self.seats.get(&who).and_then(|(id, _)| self.visits.get(id));
                    visit
                        .into_iter()
                        .for_each(|it| effects.company(&it.companions));
                }
            }
        }
    }

    /// True when somebody is expected for longer than the clock alone says.
    fn extend_appointments(&mut self, step: Step, effects: &mut Effects) -> bool {
        let taken = self.appointments.all();
        let extended = taken.filter_map(|id| {
            let extension = extended(&self.policy, self.visits.get(&id)?, step)?;
            Some((id, extension))
        });
        let extended: Vec<(VisitId, Extension)> = extended.collect();
        for (id, extension) in &extended {
            self.extend_appointment(*id, *extension, effects);
        }
        !extended.is_empty()
    }

    fn extend_appointment(&mut self, id: VisitId, extension: Extension, effects: &mut Effects) {
        let Some(before) = self.visits.get(&id) else {
            return;
        };
        let mut visit = before.clone();
        visit.extension = Some(extension);
        let is_expected = self.expected.contains(&(visit.patient, id));
        if is_expected {
            self.expect_no_more(&before.clone());
            self.expect(&visit);
        }
        effects.visit(&visit);
        self.visits.insert(id, visit);
    }

    /// True when an answer to a gate is waited for until later.
    fn prolong_gates(&mut self, step: Step, effects: &mut Effects) -> bool {
        let asked = self.alarms.iter().filter_map(|(at, alarm)| match alarm {
            Alarm::GateUnanswered(visit) if *at > step.before => Some((*at, *visit)),
            Alarm::GateUnanswered(_)
            | Alarm::NotCome(_)
            | Alarm::BreakOver(_)
            | Alarm::ShiftTurns(_)
            | Alarm::InvitationExpires(_) => None,
        });
        let asked: Vec<(Timestamp, VisitId)> = asked.collect();
        let mut prolonged = false;
        for (at, id) in asked {
            let Some(visit) = self.visits.get_mut(&id) else {
                continue;
            };
            if !visit.gates.set_forward(step) {
                continue;
            }
            prolonged = true;
            effects.visit(visit);
            effects.line(visit.waiting_room);
            let visit = visit.clone();
            self.alarms.remove(&(at, Alarm::GateUnanswered(id)));
            self.set_gate_alarm(&visit);
        }
        prolonged
    }
}

/// How long the patient of an appointment is expected from now on, if that is longer than until then.
fn extended(policy: &Policy, visit: &Visit, step: Step) -> Option<Extension> {
    let until = expected_until(policy, visit)?;
    let counted_anew = visit.extension.filter(|it| it.since > step.before);
    let left = match counted_anew {
        Some(extension) => extension.left,
        None => until.since(step.before).min(policy.expected),
    };
    let extension = Extension {
        since: step.now,
        left,
    };
    let longer = left > Millis(0) && extension.until() > until;
    longer.then_some(extension)
}
