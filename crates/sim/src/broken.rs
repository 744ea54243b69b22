//! Rules that are broken on purpose, to see that each invariant finds what it is there for. The machines themselves are
//! whole: what breaks is what is told to them and what comes out of them, here at their boundary.

mod deeds;

use vestibule_clinic::calendar::OpeningHours;
use vestibule_clinic::quota::Had;
use vestibule_clinic::shield::ShieldPolicy;
use vestibule_clinic::{
    Changed, Choice, Clinic, Decision, GateRules, Input, Order, Outputs, Policy, Practitioner,
    Refusal, Service, State,
};
use vestibule_vocab::{Millis, Redacted, Timestamp, VisitId};

use crate::people;
use crate::touched::Row;

/// So long that nobody waits for it.
const AGES: Millis = Millis::from_secs(1_000_000_000);

/// One rule that is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Broken {
    /// Somebody who is in a consultation is admitted by another practitioner.
    AdmitsTwice,
    /// A practitioner who is in a consultation admits another patient.
    AdmitsWhileBusy,
    /// An arrival is acknowledged, and the clinic is not told.
    DropsAnArrival,
    /// Whom somebody asks for when they come is not looked at.
    DropsWishes,
    /// A waiting room takes more than it may.
    OverfillsAWaitingRoom,
    /// A practitioner has more on hold than they may.
    HoldsTooMany,
    /// More practitioners are told that they are connected than there may be.
    SeatsTooMany,
    /// However long somebody has waited, they may be passed over.
    NeverAges,
    /// Whoever waits in another waiting room may be passed over, however long they have waited.
    AgesInOneWaitingRoom,
    /// Whoever is off duty, or on a break, admits all the same.
    AdmitsOffDuty,
    /// Anybody may be passed over, and nobody is asked why.
    AsksNoReason,
    /// Whoever admits somebody is asked why, whether anybody is passed over or not.
    AsksAlways,
    /// Whoever is passed in another waiting room is not written down.
    ForgetsTheOtherRooms,
    /// Urgency is worth more than the ageing bound.
    UrgentAboveAll,
    /// Practitioners are not protected by caps.
    CapsNothing,
    /// Practitioners have no pause.
    SkipsThePause,
    /// What a patient had before counts for no quota.
    ForgetsTheHistory,
    /// Closed services take people in.
    OpensClosedDoors,
    /// The queue promises more than the shifts can hold.
    PromisesTooMuch,
    /// A service's gates are asked of nobody.
    AsksNothing,
    /// An answer that means an emergency is taken for another.
    MissesAnEmergency,
    /// Whoever is called has no time to come.
    HurriesTheCalled,
    /// A step of the clock is told to nobody.
    IgnoresSteps,
    /// A node decides without reading what the other wrote.
    DecidesOnWhatWas,
    /// A commit does not note all that it touched.
    NotesTooLittle,
    /// A node forgets who was there before they entered.
    ForgetsWhoIsThere,
    /// A practitioner's row is not written.
    LosesARow,
    /// Somebody's absence changes the memory of one node alone.
    KeepsQuiet,
    /// An arrival that is repeated is taken for somebody else's.
    CountsRepeats,
    /// Who leaves is not written down.
    WritesNoLeaving,
    /// Why somebody was seen before others is written down wrongly.
    SaysNotWhy,
    /// Who could not be admitted when another was is not written down.
    ForgetsTheHindered,
    /// A node does not wait for a transaction that is under way.
    SharesTheRow,
    /// Who is connected at another node is stored once more.
    WritesWhatItSupposes,
    /// A node that begins reads a row twice.
    ReadsARowTwice,
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
            Self::DropsWishes => "no_wish_is_dropped",
            Self::OverfillsAWaitingRoom => "a_full_waiting_room_takes_no_walk_in",
            Self::HoldsTooMany => "nobody_holds_more_than_they_may",
            Self::SeatsTooMany => "no_more_practitioners_are_connected_than_may_be",
            Self::NeverAges | Self::AgesInOneWaitingRoom => {
                "nobody_is_passed_over_for_longer_than_the_bound"
            }
            Self::AdmitsOffDuty => "nobody_is_admitted_off_duty",
            Self::AsksNoReason => "nobody_is_passed_over_without_a_reason",
            Self::AsksAlways => "whoever_passes_over_nobody_is_not_asked_why",
            Self::ForgetsTheOtherRooms | Self::ForgetsTheHindered => {
                "every_overtake_is_written_down"
            }
            Self::UrgentAboveAll => "no_rank_overtakes_by_more_than_the_bound",
            Self::CapsNothing => "no_cap_is_exceeded",
            Self::SkipsThePause => "no_pause_is_cut_short",
            Self::ForgetsTheHistory => "no_quota_is_exceeded",
            Self::OpensClosedDoors => "a_closed_service_takes_no_walk_in",
            Self::PromisesTooMuch => "no_more_are_let_in_than_the_shifts_hold",
            Self::AsksNothing => "nobody_is_seen_past_a_shut_gate",
            Self::MissesAnEmergency => "an_emergency_ends_the_visit",
            Self::HurriesTheCalled => "whoever_is_called_has_the_time_to_come",
            Self::IgnoresSteps => "a_step_of_the_clock_ends_nobodys_visit",
            Self::NotesTooLittle => "whoever_catches_up_shows_the_same",
            Self::ForgetsWhoIsThere => "nobody_who_is_there_is_given_up",
            Self::DecidesOnWhatWas | Self::LosesARow => "the_store_holds_what_was_decided",
            Self::KeepsQuiet => "what_is_not_told_changed_nothing",
            Self::CountsRepeats => "a_repeated_request_changes_nothing",
            Self::WritesNoLeaving => "the_audit_log_replays_to_the_same_state",
            Self::SaysNotWhy => "the_audit_log_explains_itself",
            Self::SharesTheRow => "a_turn_is_never_lost",
            Self::WritesWhatItSupposes => "what_is_supposed_writes_nothing",
            Self::ReadsARowTwice => "what_was_stored_can_be_restored",
            Self::TakesStaleCommits => "an_epoch_has_one_commit",
            Self::LosesMessages => "what_is_carried_is_stored",
        }
    }

    pub(crate) fn policy(self, mut policy: Policy) -> Policy {
        if self == Self::OverfillsAWaitingRoom {
            policy.waiting = usize::MAX;
        }
        if self == Self::HurriesTheCalled {
            policy.called = Millis(1);
        }
        policy
    }

    /// What the clinic is told instead.
    pub(crate) fn input(self, input: Input) -> Input {
        match (self, input) {
            (_, Input::SetService { service }) => Input::SetService {
                service: Box::new(self.service(*service)),
            },
            (_, Input::SetPractitioner { practitioner }) => Input::SetPractitioner {
                practitioner: Box::new(self.practitioner(*practitioner)),
            },
            (Self::IgnoresSteps, Input::ClockSetForward { .. }) => {
                Input::ClockSetForward { by: Millis(0) }
            }
            (Self::DropsWishes, Input::Arrive(mut arriving)) => {
                arriving.choice = Choice::Next;
                Input::Arrive(arriving)
            }
            (Self::ForgetsTheHistory, Input::Arrive(mut arriving)) => {
                arriving.had = Had::default();
                Input::Arrive(arriving)
            }
            (
                Self::MissesAnEmergency,
                Input::AnswerForm {
                    patient,
                    visit,
                    answers,
                },
            ) => {
                let mut answers = answers.into_exposed();
                answers.retain(|_, answer| *answer != crate::form::YES);
                Input::AnswerForm {
                    patient,
                    visit,
                    answers: Redacted::new(answers),
                }
            }
            (_, other) => other,
        }
    }

    fn service(self, mut service: Service) -> Service {
        let bound = service.order.bound;
        let worth = |it: Millis| it.min(bound);
        if self == Self::NeverAges {
            service.order = Order {
                appointment: worth(service.order.appointment),
                soon: worth(service.order.soon),
                urgent: worth(service.order.urgent),
                bound: AGES,
                ..service.order
            };
        }
        if self == Self::UrgentAboveAll {
            (service.order.urgent, service.order.bound) = (AGES, AGES);
        }
        if self == Self::OpensClosedDoors {
            (service.open, service.hours) = (true, OpeningHours::default());
        }
        if self == Self::PromisesTooMuch {
            service.promise = None;
        }
        if self == Self::AsksNothing {
            service.gates = GateRules::default();
        }
        service
    }

    fn practitioner(self, mut card: Practitioner) -> Practitioner {
        if self == Self::CapsNothing {
            card.shield = ShieldPolicy {
                hour: None,
                day: None,
                ..card.shield
            };
        }
        if self == Self::SkipsThePause {
            card.shield.pause = Millis(0);
        }
        card
    }

    /// What is answered without asking the clinic, if anything.
    pub(crate) fn without_asking(self, input: &Input) -> Option<Outputs> {
        let answer = match (self, input) {
            (Self::DropsAnArrival, Input::Arrive(_)) => Ok(()),
            (
                Self::AsksAlways,
                Input::Decided {
                    decision: Decision::Admit { overtake: None, .. },
                    ..
                },
            ) => Err(Refusal::OvertakeNeedsAReason),
            _ => return None,
        };
        Some(Outputs {
            answer,
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
            (Self::SaysNotWhy, Input::Decided { .. }) => deeds::say_not_why(outputs),
            (Self::ForgetsTheHindered, Input::Decided { .. }) => {
                deeds::forget_the_hindered(outputs);
            }
            (
                Self::ForgetsTheOtherRooms,
                Input::Decided {
                    decision: Decision::Admit { visit, .. },
                    ..
                },
            ) if outputs.answer.is_ok() => deeds::forget_the_other_rooms(clinic, *visit, outputs),
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

    /// What comes of hearing who is at another node.
    pub(crate) fn supposed(self, clinic: &Clinic, input: &Input, outputs: &mut Outputs) {
        if let (Self::WritesWhatItSupposes, Input::PatientConnected { patient }) = (self, input) {
            outputs
                .records
                .extend(deeds::stored_again(clinic, *patient));
        }
    }

    /// What is read of the store.
    pub(crate) fn read(self, mut state: State) -> State {
        if self == Self::ReadsARowTwice {
            let first = state.visits.first().cloned();
            state.visits.extend(first);
        }
        state
    }

    /// What a commit notes of what it touched.
    pub(crate) fn touched(self, mut touched: Vec<Row>) -> Vec<Row> {
        if self == Self::NotesTooLittle {
            touched.retain(|row| !matches!(row, Row::Visit(_)));
        }
        touched
    }
}
