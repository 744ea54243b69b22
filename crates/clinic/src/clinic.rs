//! The clinic: one state machine, one `handle`.

use std::collections::{BTreeMap, BTreeSet};

use vestibule_vocab::{
    ApiKeyId, ConsultationId, InvitationId, Millis, ParticipantId, PatientId, PractitionerId,
    ServiceId, Timestamp, VisitId,
};

use crate::WaitingRoom;
use crate::absence::Absences;
use crate::absentees::Absentees;
use crate::appointments::Appointments;
use crate::estimate::Estimator;
use crate::patients::Patients;
use crate::practitioners::Practitioners;
use crate::queue::Queues;
use crate::rules::Effects;
use crate::visits::Visits;
use crate::warm::WarmCalls;
use crate::{Consultation, Decision, Input, Outputs, Policy, Refusal, Service};

/// One tenant: its services, practitioners, waiting rooms and visits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clinic {
    pub(crate) policy: Policy,
    pub(crate) services: BTreeMap<ServiceId, Service>,
    pub(crate) practitioners: Practitioners,
    /// What is kept of patients beyond their visits.
    pub(crate) patients: Patients,
    pub(crate) visits: Visits,
    /// The visit of each patient that is active, or that they came to last.
    pub(crate) latest: BTreeMap<PatientId, VisitId>,
    /// The visits of each patient that are expected.
    pub(crate) expected: BTreeSet<(PatientId, VisitId)>,
    pub(crate) appointments: Appointments,
    pub(crate) waiting: Queues,
    pub(crate) absentees: Absentees,
    /// Ended visits, the first to be forgotten first.
    pub(crate) ended: BTreeSet<(Timestamp, VisitId)>,
    /// Consultations under way.
    pub(crate) consultations: BTreeMap<ConsultationId, Consultation>,
    pub(crate) absences: Absences,
    /// Where each companion has a seat, and by which invitation.
    pub(crate) seats: BTreeMap<ParticipantId, (VisitId, InvitationId)>,
    /// The invitations that stand for each practitioner of the clinic.
    pub(crate) asked_along: BTreeSet<(PractitionerId, VisitId, InvitationId)>,
    /// What is known of the pace of each waiting room.
    pub(crate) estimators: BTreeMap<WaitingRoom, Estimator>,
    /// Since when practitioners are free who were in a consultation before.
    pub(crate) free_since: BTreeMap<PractitionerId, Timestamp>,
    /// What comes by itself at a moment.
    pub(crate) alarms: BTreeSet<(Timestamp, Alarm)>,
    pub(crate) warm: WarmCalls,
    pub(crate) arrivals: u64,
    /// The latest moment at which somebody arrived: one that comes later counts from no earlier, whatever the clock says.
    pub(crate) latest_arrival: Timestamp,
    pub(crate) admissions: u64,
    pub(crate) endings: u64,
}

/// What comes by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Alarm {
    /// A visit is expected no more.
    NotCome(VisitId),
    /// A practitioner's break is over.
    BreakOver(PractitionerId),
    /// A practitioner's shift is over, or comes near.
    ShiftTurns(PractitionerId),
    /// Nobody answered a gate of this visit in time.
    GateUnanswered(VisitId),
    /// Nobody accepted an invitation to this visit in time.
    InvitationExpires(VisitId),
}

impl Clinic {
    /// A clinic that nobody has visited.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self {
            policy,
            services: BTreeMap::new(),
            practitioners: Practitioners::default(),
            patients: Patients::default(),
            visits: Visits::default(),
            latest: BTreeMap::new(),
            expected: BTreeSet::new(),
            appointments: Appointments::default(),
            waiting: Queues::default(),
            absentees: Absentees::default(),
            ended: BTreeSet::new(),
            consultations: BTreeMap::new(),
            absences: Absences::default(),
            seats: BTreeMap::new(),
            asked_along: BTreeSet::new(),
            estimators: BTreeMap::new(),
            free_since: BTreeMap::new(),
            alarms: BTreeSet::new(),
            warm: WarmCalls::default(),
            arrivals: 0,
            latest_arrival: Timestamp(0),
            admissions: 0,
            endings: 0,
        }
    }

    /// Decides. `now` may step back: a grace that began later than `now` is then counted from `now`.
    pub fn handle(&mut self, now: Timestamp, input: Input) -> Outputs {
        self.handle_for(now, input, None)
    }

    /// The same, asked for by another system with this key: the log names it, whomever it acts upon.
    pub fn handle_for(
        &mut self,
        now: Timestamp,
        input: Input,
        system: Option<ApiKeyId>,
    ) -> Outputs {
        let mut effects = Effects::new(now, &input, system);
        let is_presence = input.is_presence();
        let answer = self.decide(now, input, &mut effects);
        if answer.is_ok() {
            if !is_presence {
                self.work_steps_back(now, &mut effects);
            }
            self.step_back(now, &mut effects);
            self.keep_warm(&mut effects);
        }
        effects.into_outputs(answer)
    }

    /// When to hand in [`Input::Timeout`]; `None` when nothing is due by itself.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Timestamp> {
        let lost = self.absences.first().map(|(at, _)| at);
        let forgotten = self
            .ended
            .first()
            .map(|&(at, _)| at.plus(self.policy.remember));
        let alarm = self.alarms.first().map(|&(at, _)| at);
        lost.into_iter().chain(forgotten).chain(alarm).min()
    }

    fn decide(
        &mut self,
        now: Timestamp,
        input: Input,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        match input {
            Input::SetService { service } => self.set_service(*service, effects),
            Input::SetPractitioner { practitioner } => self.set_card(now, *practitioner, effects),
            Input::SetDuty { practitioner, duty } => self.set_duty(practitioner, duty, effects),
            Input::SetRegular { patient, regular } => self.set_regular(patient, regular, effects),
            Input::PatientConnected { patient } => {
                self.patient_connected(now, patient, effects);
                Ok(())
            }
            Input::PatientDisconnected { patient } => {
                self.patient_disconnected(now, patient, effects);
                Ok(())
            }
            Input::PractitionerConnected { practitioner } => {
                self.practitioner_connected(practitioner, effects)
            }
            Input::PractitionerDisconnected { practitioner } => {
                self.practitioner_disconnected(now, practitioner, effects);
                Ok(())
            }
            Input::Book(booking) => self.book(now, *booking, effects),
            Input::Cancel { visit } => self.cancel(now, visit, effects),
            Input::Arrive(arriving) => self.arrive(now, &arriving, effects),
            Input::Leave { patient, visit } => self.leave(now, patient, visit, effects),
            Input::Answer {
                patient,
                visit,
                answer,
            } => self.answered(patient, visit, answer, effects),
            Input::AnswerForm {
                patient,
                visit,
                answers,
            } => self.answer_form(now, (patient, visit), &answers, effects),
            Input::Consent {
                patient,
                visit,
                act,
                version,
            } => self.consent(now, (patient, visit), act, &version, effects),
            Input::Learn(learning) => self.learn(now, &learning, effects),
            Input::Gate {
                visit,
                gate,
                by,
                answer,
            } => self.answer_gate(now, visit, (&gate, &by), answer, effects),
            Input::Invite(inviting) => self.invite(now, inviting, effects),
            Input::WithdrawInvitation(withdrawing) => self.withdraw(now, withdrawing, effects),
            Input::DeclineInvitation(declining) => self.decline_invitation(now, declining, effects),
            Input::AcceptInvitation(accepting) => self.accept_invitation(now, &accepting, effects),
            Input::CompanionLeaves { companion } => self.companion_leaves(now, companion, effects),
            Input::CompanionConnected { companion } => {
                self.companion_connected(now, companion, effects);
                Ok(())
            }
            Input::CompanionDisconnected { companion } => {
                self.companion_disconnected(now, companion, effects);
                Ok(())
            }
            Input::ClockSetForward { by } => self.time_told(now, Some(by), effects),
            Input::Timeout => self.time_told(now, None, effects),
            Input::Decided {
                practitioner,
                decision,
            } => self.decided(now, practitioner, decision, effects),
        }
    }

    /// What nobody asks for is never refused.
    fn time_told(
        &mut self,
        now: Timestamp,
        step: Option<Millis>,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        match step {
            Some(by) => self.clock_set_forward(now, by, effects),
            None => self.expire(now, effects),
        }
        Ok(())
    }

    fn decided(
        &mut self,
        now: Timestamp,
        practitioner: PractitionerId,
        decision: Decision,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        match decision {
            Decision::Admit {
                visit,
                consultation,
                overtake,
            } => self.admit(now, practitioner, (visit, consultation), overtake, effects),
            Decision::Call {
                visit,
                connected,
                had,
            } => self.call(now, practitioner, visit, (connected, had), effects),
            Decision::Decline {
                visit,
                reason,
                message,
            } => self.decline(now, practitioner, visit, (reason, &message), effects),
            Decision::Message { visit, text } => self.message(practitioner, visit, &text, effects),
            Decision::SetUrgency { visit, urgency } => {
                self.set_urgency(practitioner, visit, urgency, effects)
            }
            Decision::Hold { consultation } => self.hold(now, practitioner, consultation, effects),
            Decision::Resume { consultation } => {
                self.resume(now, practitioner, consultation, effects)
            }
            Decision::Transfer { visit, to } => {
                self.transfer(now, practitioner, visit, to, effects)
            }
            Decision::TakeOn {
                consultation,
                regular,
            } => self.take_on(practitioner, consultation, regular, effects),
            Decision::End {
                consultation,
                conclusion,
            } => self.end(now, practitioner, consultation, conclusion, effects),
        }
    }
}
