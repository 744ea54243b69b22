//! What a batch tells other systems: events of codes and ids, derived from what is stored and written down anyway.
//!
//! Pure: the events of a batch follow from its rows alone.

mod kind;
mod moment;
mod payload;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

pub use kind::EventKind;
use vestibule_clinic::audit::{Act, Entry, GateOutcome, Overtaking, Standing};
use vestibule_clinic::{
    ConsentAct, Consultation, Ended, Event, Gate, GateException, GateKind, GateState, OpenedBy,
    Outcome, Record, Visit, VisitState,
};
use vestibule_vocab::{ConsultationId, Timestamp, VisitId};

pub(crate) use moment::Moment;
use payload::{Data, Details, Doer, Payload, Receipt};

use crate::store::{Write, Writing, WritingKind};

/// One event.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing {
    /// What it is about. Events of one visit are sent in order.
    pub(crate) visit: VisitId,
    /// When it happened.
    pub(crate) at: Timestamp,
    /// Its kind.
    pub(crate) kind: EventKind,
    payload: Payload,
}

impl Outgoing {
    /// As it is sent (JSON).
    ///
    /// # Errors
    /// None that can be expected.
    pub(crate) fn body(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(&self.payload)
    }
}

/// The events of a batch, in order.
pub(crate) fn events(writes: &[Write]) -> Vec<Outgoing> {
    let mut teller = Teller::default();
    for write in writes {
        match write {
            Write::Record(Record::Visit(visit)) => _ = teller.visits.insert(visit.id, visit),
            Write::Record(Record::Consultation(it)) => teller.consultation(it),
            Write::Audit(entry) => teller.entry(entry),
            Write::Writing(writing) => teller.events.extend(note(writing)),
            Write::Record(
                Record::Service(_)
                | Record::Practitioner(_)
                | Record::Estimator(..)
                | Record::Regular(..)
                | Record::Forget(_),
            )
            | Write::Call(..)
            | Write::Talk(..)
            | Write::Unchosen(_)
            | Write::Answer(_)
            | Write::Log(_)
            | Write::DropLog(..)
            | Write::CloseLog(_)
            | Write::Present(_)
            | Write::Gone(..)
            | Write::Bury(_) => {}
        }
    }
    teller.events
}

/// Goes through a batch. A decision's rows come before what is written down of it.
#[derive(Default)]
struct Teller<'w> {
    visits: HashMap<VisitId, &'w Visit>,
    consultations: HashMap<ConsultationId, &'w Consultation>,
    /// Ends that are not told yet: who did it stands with the visit's next move.
    ended: HashMap<VisitId, (&'w Consultation, Ended)>,
    events: Vec<Outgoing>,
}

impl<'w> Teller<'w> {
    fn consultation(&mut self, consultation: &'w Consultation) {
        self.consultations.insert(consultation.id, consultation);
        if let Some(ended) = consultation.ended {
            self.ended.insert(consultation.visit, (consultation, ended));
        }
    }

    fn entry(&mut self, entry: &Entry) {
        let visit = entry.act.visit().and_then(|id| self.visits.get(&id));
        let Some(visit) = visit.copied() else {
            return;
        };
        if let Some((consultation, ended)) = self.ended.remove(&visit.id) {
            self.consultation_ended(entry, visit, consultation, ended);
        }
        match &entry.act {
            Act::ServiceSet { .. }
            | Act::PractitionerSet { .. }
            | Act::DutySet { .. }
            | Act::Accompanied { .. }
            | Act::WaitedOn { .. }
            | Act::RegularSet { .. }
            | Act::Forgotten { .. }
            | Act::ClockSetForward { .. }
            | Act::Erased { .. } => {}
            Act::Booked { .. } => self.say(
                entry,
                visit,
                EventKind::AppointmentBooked,
                appointment(visit),
            ),
            Act::WalkedIn { standing, .. } => self.arrived(entry, visit, standing),
            Act::Moved {
                event,
                standing,
                overtook,
                ..
            } => self.moved(entry, visit, event, (standing.as_ref(), overtook.as_ref())),
            Act::Ranked { urgency, .. } => {
                let urgency = *urgency;
                self.say(
                    entry,
                    visit,
                    EventKind::VisitRanked,
                    Details::Ranked { urgency },
                );
            }
            Act::Redirected { standing, .. } => {
                let waiting_room = standing.waiting_room;
                let details = Details::Waiting { waiting_room };
                self.say(entry, visit, EventKind::VisitTransferred, details);
            }
            Act::Gated {
                gate,
                outcome,
                exception,
                ..
            } => self.gated(entry, visit, gate, (*outcome, *exception)),
            Act::Consented {
                consent, version, ..
            } => {
                let kind = match consent {
                    ConsentAct::Given => EventKind::ConsentGiven,
                    ConsentAct::Refused => EventKind::ConsentRefused,
                    ConsentAct::Revoked => EventKind::ConsentRevoked,
                };
                let version = version.to_string();
                self.say(entry, visit, kind, Details::Consent { version });
            }
        }
    }

    /// A patient came, and outside systems are asked what they are to answer.
    fn arrived(&mut self, entry: &Entry, visit: &Visit, standing: &Standing) {
        let details = Details::Arrived {
            waiting_room: standing.waiting_room,
            appointment: visit.appointment.is_some(),
        };
        self.say(entry, visit, EventKind::VisitArrived, details);
        for gate in visit.gates.gates() {
            self.asked(entry, visit, gate);
        }
    }

    fn asked(&mut self, entry: &Entry, visit: &Visit, gate: &Gate) {
        let pending = matches!(gate.state, GateState::Pending { .. });
        let system = matches!(gate.rule.opened_by, OpenedBy::System { .. });
        if pending && system {
            self.say(entry, visit, EventKind::GateAsked, details_of(gate, None));
        }
    }

    fn gated(
        &mut self,
        entry: &Entry,
        visit: &Visit,
        kind: &GateKind,
        (outcome, exception): (GateOutcome, Option<GateException>),
    ) {
        let Some(gate) = visit.gates.gates().iter().find(|it| it.kind() == *kind) else {
            return;
        };
        let event = match outcome {
            GateOutcome::Asked | GateOutcome::Pending => return self.asked(entry, visit, gate),
            // Of what is not asked any more nothing is said: the visit is another service's.
            GateOutcome::Dropped => return,
            GateOutcome::Open => EventKind::GateOpened,
            GateOutcome::Refused => EventKind::GateRefused,
            GateOutcome::Expired => EventKind::GateExpired,
        };
        self.say(entry, visit, event, details_of(gate, exception));
    }

    fn moved(
        &mut self,
        entry: &Entry,
        visit: &Visit,
        event: &Event,
        (standing, overtook): (Option<&Standing>, Option<&Overtaking>),
    ) {
        let waiting = || Details::Waiting {
            waiting_room: standing.map_or(visit.waiting_room, |it| it.waiting_room),
        };
        let nothing = Details::Nothing {};
        let (kind, details) = match event {
            Event::Arrived => {
                if let Some(standing) = standing {
                    self.arrived(entry, visit, standing);
                }
                return;
            }
            Event::Admitted { consultation } => {
                let overtook = overtook.map(|it| it.reason);
                return self.started(entry, visit, *consultation, overtook);
            }
            Event::Held => return self.goes_on(entry, visit, EventKind::ConsultationHeld),
            Event::Resumed => return self.goes_on(entry, visit, EventKind::ConsultationResumed),
            Event::Called { practitioner } => {
                let practitioner = *practitioner;
                (EventKind::VisitCalled, Details::Called { practitioner })
            }
            Event::CameBack => (EventKind::VisitReturned, waiting()),
            Event::Declined { reason, .. } => {
                let reason = *reason;
                (EventKind::VisitDeclined, Details::Declined { reason })
            }
            Event::Left => (EventKind::VisitLeft, nothing),
            Event::Stopped => (EventKind::VisitEmergency, nothing),
            Event::Cancelled => (EventKind::AppointmentCancelled, appointment(visit)),
            Event::Transferred { .. } => (EventKind::VisitTransferred, waiting()),
            Event::Completed { conclusion } => {
                let conclusion = *conclusion;
                (EventKind::VisitCompleted, Details::Completed { conclusion })
            }
            Event::PatientLost if did_not_come(visit) => (EventKind::VisitNoShow, nothing),
            Event::PatientLost => (EventKind::VisitConnectionLost, nothing),
            Event::PractitionerLost => (EventKind::VisitWaitsAgain, waiting()),
            Event::NotCome => (EventKind::VisitNoShow, nothing),
            Event::ExpectedAgain => (EventKind::VisitExpectedAgain, appointment(visit)),
        };
        self.say(entry, visit, kind, details);
    }

    fn started(
        &mut self,
        entry: &Entry,
        visit: &Visit,
        consultation: ConsultationId,
        overtook: Option<vestibule_clinic::Overtake>,
    ) {
        if let Some(consultation) = self.consultations.get(&consultation) {
            let consultation = receipt(consultation);
            let details = Details::Started {
                consultation,
                overtook,
            };
            self.say(entry, visit, EventKind::ConsultationStarted, details);
        }
    }

    fn goes_on(&mut self, entry: &Entry, visit: &Visit, kind: EventKind) {
        let consultation = visit.state.consultation();
        let consultation = consultation.and_then(|id| self.consultations.get(&id));
        if let Some(consultation) = consultation {
            let details = Details::Consultation(receipt(consultation));
            self.say(entry, visit, kind, details);
        }
    }

    fn consultation_ended(
        &mut self,
        entry: &Entry,
        visit: &Visit,
        consultation: &Consultation,
        ended: Ended,
    ) {
        let details = Details::Ended {
            consultation: receipt(consultation),
            ended_at: Moment(ended.at),
            seconds: ended.at.since(consultation.started_at).0 / 1000,
            how: ended.how.into(),
        };
        self.say(entry, visit, EventKind::ConsultationEnded, details);
    }

    fn say(&mut self, entry: &Entry, visit: &Visit, kind: EventKind, details: Details) {
        self.events.push(outgoing(entry, visit, kind, details));
    }
}

fn outgoing(
    &Entry { at, actor, .. }: &Entry,
    visit: &Visit,
    kind: EventKind,
    details: Details,
) -> Outgoing {
    let data = Data {
        visit: visit.id,
        patient: visit.patient,
        service: visit.service,
        by: actor.into(),
        details,
    };
    Outgoing {
        visit: visit.id,
        at,
        kind,
        payload: Payload {
            kind,
            timestamp: Moment(at),
            data,
        },
    }
}

/// What patients tell practitioners is nobody else's business.
fn note(writing: &Writing) -> Option<Outgoing> {
    let kind = match writing.kind {
        WritingKind::Feedback => return None,
        WritingKind::Note => EventKind::NoteWritten,
    };
    let data = Data {
        visit: writing.visit,
        patient: writing.patient,
        service: writing.service,
        by: Doer::Practitioner(writing.practitioner),
        details: Details::Note {
            consultation: writing.consultation,
        },
    };
    Some(Outgoing {
        visit: writing.visit,
        at: writing.at,
        kind,
        payload: Payload {
            kind,
            timestamp: Moment(writing.at),
            data,
        },
    })
}

fn appointment(visit: &Visit) -> Details {
    match visit.appointment {
        Some(appointment) => Details::Appointment {
            starts_at: Moment(appointment.at),
            ends_at: Moment(appointment.ends_at()),
            practitioner: visit.choice.practitioner(),
        },
        None => Details::Nothing {},
    }
}

fn receipt(consultation: &Consultation) -> Receipt {
    Receipt {
        consultation: consultation.id,
        practitioner: consultation.practitioner,
        started_at: Moment(consultation.started_at),
    }
}

/// How a gate stands, without the words of whoever answered it.
fn details_of(gate: &Gate, exception: Option<GateException>) -> Details {
    let system = match &gate.rule.opened_by {
        OpenedBy::System { system, .. } => Some(system.to_string()),
        OpenedBy::BuiltIn | OpenedBy::Hand => None,
    };
    let (expires_at, reason) = match &gate.state {
        GateState::Pending { expires_at, .. } => (expires_at.map(Moment), None),
        GateState::Refused { reason, .. } => (None, Some(*reason)),
        GateState::Open { .. } | GateState::Expired { .. } => (None, None),
    };
    Details::Gate {
        gate: gate.kind(),
        system,
        expires_at,
        exception,
        reason,
    }
}

/// It was called, and did not come.
fn did_not_come(visit: &Visit) -> bool {
    matches!(&visit.state, VisitState::Ended { outcome, .. } if *outcome == Outcome::NoShow)
}
