//! Rules that are broken on purpose, to see that each invariant finds what it is there for. The machines themselves are
//! whole: what breaks is what is told to them and what comes out of them, here at their boundary.

use vestibule_clinic::audit::Act;
use vestibule_clinic::{
    Changed, Clinic, Consultation, Decision, Input, Order, Outputs, Policy, Record, Refusal,
    VisitState,
};
use vestibule_vocab::{ConsultationId, Millis, PractitionerId, Timestamp, VisitId};

use crate::people;
use crate::store::Deed;

/// One rule that is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Broken {
    /// Somebody who is in a consultation is admitted by another practitioner.
    AdmitsTwice,
    /// A practitioner who is in a consultation admits another patient.
    AdmitsWhileBusy,
    /// An arrival is acknowledged, and the clinic is not told.
    DropsAnArrival,
    /// A waiting room takes more than it may.
    OverfillsAWaitingRoom,
    /// A practitioner has more on hold than they may.
    HoldsTooMany,
    /// More practitioners are told that they are connected than there may be.
    SeatsTooMany,
    /// However long somebody has waited, they may be passed over.
    NeverAges,
    /// Urgency is worth more than the ageing bound.
    UrgentAboveAll,
    /// What was decided at an old version is committed all the same.
    SkipsTheFence,
    /// A node that is behind is not told all.
    LosesADelta,
    /// A practitioner's row is not written.
    LosesARow,
    /// Somebody's absence changes the memory of one node alone.
    KeepsQuiet,
    /// An arrival that is repeated is taken for somebody else's.
    CountsRepeats,
    /// Who leaves is not written down.
    WritesNoLeaving,
    /// Why somebody was seen before others is not written down.
    SaysNotWhy,
    /// A second commit of an epoch is taken.
    TakesStaleCommits,
    /// An MLS message is acknowledged and not stored.
    LosesMessages,
}

impl Broken {
    /// The name of the invariant that is to find it.
    #[must_use]
    pub fn found_by(self) -> &'static str {
        match self {
            Self::AdmitsTwice => "nobody_is_in_two_consultations",
            Self::AdmitsWhileBusy => "nobody_is_assigned_twice",
            Self::DropsAnArrival => "no_visit_is_lost",
            Self::OverfillsAWaitingRoom => "a_full_waiting_room_takes_no_walk_in",
            Self::HoldsTooMany => "nobody_holds_more_than_they_may",
            Self::SeatsTooMany => "no_more_practitioners_are_connected_than_may_be",
            Self::NeverAges => "nobody_is_passed_over_for_longer_than_the_bound",
            Self::UrgentAboveAll => "no_rank_overtakes_by_more_than_the_bound",
            Self::LosesADelta => "deltas_lead_to_the_same_memory",
            Self::SkipsTheFence | Self::LosesARow => "the_store_holds_what_was_decided",
            Self::KeepsQuiet => "what_is_not_told_changed_nothing",
            Self::CountsRepeats => "a_repeated_request_changes_nothing",
            Self::WritesNoLeaving => "the_audit_log_replays_to_the_same_state",
            Self::SaysNotWhy => "the_audit_log_explains_itself",
            Self::TakesStaleCommits => "an_epoch_has_one_commit",
            Self::LosesMessages => "what_is_carried_is_stored",
        }
    }

    pub(crate) fn policy(self, mut policy: Policy) -> Policy {
        if self == Self::OverfillsAWaitingRoom {
            policy.waiting = usize::MAX;
        }
        policy
    }

    pub(crate) fn input(self, input: Input) -> Input {
        const AGES: Millis = Millis::from_secs(1_000_000_000);
        match (self, input) {
            (Self::NeverAges, Input::SetService { mut service }) => {
                let worth = |it: Millis| it.min(service.order.bound);
                service.order = Order {
                    appointment: worth(service.order.appointment),
                    soon: worth(service.order.soon),
                    urgent: worth(service.order.urgent),
                    bound: AGES,
                    ..service.order
                };
                Input::SetService { service }
            }
            (Self::UrgentAboveAll, Input::SetService { mut service }) => {
                (service.order.urgent, service.order.bound) = (AGES, AGES);
                Input::SetService { service }
            }
            (_, input) => input,
        }
    }

    /// What is answered without asking the clinic, if anything.
    pub(crate) fn without_asking(self, input: &Input) -> Option<Outputs> {
        let dropped = self == Self::DropsAnArrival && matches!(input, Input::Arrive(_));
        dropped.then(|| Outputs {
            answer: Ok(()),
            records: Vec::new(),
            audit: Vec::new(),
            changed: Changed::default(),
        })
    }

    /// An input that is handed in a second time.
    pub(crate) fn repeated(self, input: Input) -> Input {
        match (self, input) {
            (Self::CountsRepeats, Input::Arrive(mut arriving)) => {
                arriving.patient = people::patient(999);
                arriving.visit = VisitId::from_bytes([9; 16]);
                Input::Arrive(arriving)
            }
            (_, input) => input,
        }
    }

    pub(crate) fn outputs(
        self,
        clinic: &Clinic,
        now: Timestamp,
        input: &Input,
        outputs: &mut Outputs,
    ) {
        match (self, input) {
            (Self::LosesARow, Input::SetDuty { .. }) => outputs.records.clear(),
            (Self::KeepsQuiet, Input::PatientDisconnected { .. }) => {
                outputs.changed = Changed::default();
            }
            (Self::WritesNoLeaving, Input::Leave { .. }) => outputs.audit.clear(),
            (Self::SaysNotWhy, Input::Decided { .. }) => say_not_why(outputs),
            (
                _,
                Input::Decided {
                    practitioner,
                    decision,
                },
            ) => {
                if let Err(refusal) = outputs.answer
                    && let Some(records) =
                        self.in_spite_of(clinic, now, (*practitioner, decision), refusal)
                {
                    (outputs.answer, outputs.records) = (Ok(()), records);
                }
            }
            _ => {}
        }
    }

    /// What is written although the clinic refuses.
    fn in_spite_of(
        self,
        clinic: &Clinic,
        now: Timestamp,
        (practitioner, decision): (PractitionerId, &Decision),
        refusal: Refusal,
    ) -> Option<Vec<Record>> {
        match (self, decision, refusal) {
            (
                Self::AdmitsTwice,
                Decision::Admit {
                    visit,
                    consultation,
                    ..
                },
                Refusal::VisitNotWaiting,
            ) => {
                clinic.visit(*visit)?.visit.state.consultation()?;
                admitted(clinic, now, practitioner, (*visit, *consultation))
            }
            (
                Self::AdmitsWhileBusy,
                Decision::Admit {
                    visit,
                    consultation,
                    ..
                },
                Refusal::PractitionerBusy,
            ) => admitted(clinic, now, practitioner, (*visit, *consultation)),
            (Self::HoldsTooMany, Decision::Hold { consultation }, Refusal::TooMany) => {
                held(clinic, now, *consultation)
            }
            _ => None,
        }
    }

    pub(crate) fn delta(self, mut delta: Vec<(Timestamp, Deed)>) -> Vec<(Timestamp, Deed)> {
        if self == Self::LosesADelta {
            delta
                .retain(|(_, deed)| !matches!(deed, Deed::Told(Input::PatientDisconnected { .. })));
        }
        delta
    }
}

fn say_not_why(outputs: &mut Outputs) {
    for entry in &mut outputs.audit {
        if let Act::Moved { overtook, .. } = &mut entry.act {
            *overtook = None;
        }
    }
}

fn admitted(
    clinic: &Clinic,
    now: Timestamp,
    practitioner: PractitionerId,
    (visit, id): (VisitId, ConsultationId),
) -> Option<Vec<Record>> {
    let mut visit = clinic.visit(visit)?.visit.clone();
    visit.state = VisitState::InConsultation { consultation: id };
    let consultation = Consultation {
        id,
        number: u64::MAX,
        visit: visit.id,
        patient: visit.patient,
        name: visit.name.clone(),
        service: visit.service,
        practitioner,
        started_at: now,
        held_since: None,
        ended: None,
    };
    Some(vec![
        Record::Visit(visit),
        Record::Consultation(consultation),
    ])
}

fn held(clinic: &Clinic, now: Timestamp, id: ConsultationId) -> Option<Vec<Record>> {
    let mut consultation = clinic.consultation(id)?.clone();
    consultation.held_since = Some(now);
    Some(vec![Record::Consultation(consultation)])
}
