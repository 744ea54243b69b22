//! People with numbers for names, and a clinic that is told what they do.

#![allow(dead_code, reason = "each test binary uses its own part")]
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use vestibule_clinic::quota::{Had, History};
use vestibule_clinic::{
    Accepting, Answer, Appointment, Arriving, Booking, Choice, Clinic, CompanionRole, Conclusion,
    Decision, DeclineReason, Duty, Host, Input, Inviting, Outcome, Outputs, Overtake, Policy,
    Practitioner, Refusal, Service, VisitState, WaitingRoom,
};
use vestibule_vocab::{
    ConsultationId, InvitationId, Millis, ParticipantId, PatientId, PractitionerId, Redacted,
    ServiceId, Timestamp, VisitId,
};

pub(crate) fn patient(number: u32) -> PatientId {
    PatientId::from_random(number.into())
}

pub(crate) fn practitioner(number: u32) -> PractitionerId {
    PractitionerId::from_random(number.into())
}

pub(crate) fn visit(number: u32) -> VisitId {
    VisitId::from_random(number.into())
}

pub(crate) fn consultation(number: u32) -> ConsultationId {
    ConsultationId::from_random(number.into())
}

/// An invitation, which is also the name of whoever comes by it.
pub(crate) fn invitation(number: u32) -> InvitationId {
    // No patient and no practitioner has the same bits.
    InvitationId::from_random(u128::from(number) + 0x1_0000)
}

/// Whoever comes by an invitation.
pub(crate) fn companion(number: u32) -> ParticipantId {
    invitation(number).into()
}

/// Patient `of` invites somebody, for an hour.
pub(crate) fn invites(of: u32, number: u32, role: CompanionRole) -> Input {
    let by = Host::Patient {
        patient: patient(of),
    };
    Input::Invite(inviting(of, by, number, role))
}

pub(crate) fn inviting(of: u32, by: Host, number: u32, role: CompanionRole) -> Inviting {
    Inviting {
        visit: visit(of),
        by,
        invitation: invitation(number),
        role,
        colleague: None,
        valid: minutes(60),
    }
}

/// Whoever was invited to visit `of` comes.
pub(crate) fn accepts(of: u32, number: u32) -> Input {
    accepts_as(of, number, companion(number))
}

pub(crate) fn accepts_as(of: u32, number: u32, companion: ParticipantId) -> Input {
    Input::AcceptInvitation(Box::new(Accepting {
        visit: visit(of),
        invitation: invitation(number),
        companion,
        practitioner: None,
        name: text(" Sofie "),
    }))
}

/// A visit that ended well.
pub(crate) fn done() -> Outcome {
    Outcome::Completed {
        conclusion: Conclusion::Done,
    }
}

pub(crate) fn service(number: u32) -> ServiceId {
    ServiceId::from_random(number.into())
}

/// The waiting room of a service.
pub(crate) fn pool(number: u32) -> WaitingRoom {
    WaitingRoom::Service(service(number))
}

/// The waiting room of a practitioner.
pub(crate) fn own(number: u32) -> WaitingRoom {
    WaitingRoom::Practitioner(practitioner(number))
}

pub(crate) fn minutes(minutes: u64) -> Millis {
    Millis::from_secs(minutes * 60)
}

pub(crate) fn text(text: &str) -> Redacted<String> {
    Redacted::new(text.to_owned())
}

pub(crate) fn seconds(seconds: u64) -> Timestamp {
    Timestamp(seconds * 1000)
}

pub(crate) const GRACE: Millis = Millis::from_secs(120);

/// A clinic and its clock. Patient `n` has visit `n`. Service 1 is practised by practitioners 1 to 3, service 2 by 2 and 3.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) clinic: Clinic,
    pub(crate) now: Timestamp,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(Policy {
            grace: GRACE,
            keep_place: GRACE,
            ..Policy::default()
        })
    }

    pub(crate) fn with(policy: Policy) -> Self {
        let mut world = Self {
            clinic: Clinic::new(policy),
            now: seconds(1_000_000),
        };
        for input in founding() {
            world.ok(input);
        }
        world
    }

    /// One practitioner at work, and these patients in the waiting room, in this order.
    pub(crate) fn waiting(patients: impl IntoIterator<Item = u32>) -> Self {
        let mut world = Self::new();
        world.ok(Input::PractitionerConnected {
            practitioner: practitioner(1),
        });
        for number in patients {
            world.ok(arrival(number));
        }
        world
    }

    /// Practitioner 1 with patient 1; patients 2 and 3 wait.
    pub(crate) fn consulting() -> Self {
        let mut world = Self::waiting(1..=3);
        world.ok(admission(1, 1));
        world
    }

    pub(crate) fn tell(&mut self, input: Input) -> Outputs {
        self.clinic.handle(self.now, input)
    }

    pub(crate) fn ok(&mut self, input: Input) {
        assert_eq!(self.tell(input).answer, Ok(()));
    }

    /// What follows from an input that is not refused.
    pub(crate) fn outputs(&mut self, input: Input) -> Outputs {
        let outputs = self.tell(input);
        assert_eq!(outputs.answer, Ok(()));
        outputs
    }

    /// The input is refused so, and changes nothing.
    pub(crate) fn refused(&mut self, input: Input, refusal: Refusal) {
        let before = self.clinic.clone();
        let outputs = self.tell(input);
        assert_eq!(outputs.answer, Err(refusal));
        assert!(outputs.records.is_empty() && outputs.changed.is_empty());
        assert!(self.clinic == before, "a refused input changed the clinic");
    }

    pub(crate) fn pass(&mut self, time: Millis) {
        self.now = self.now.plus(time);
        self.ok(Input::Timeout);
    }

    pub(crate) fn patient_goes(&mut self, number: u32) {
        self.ok(Input::PatientDisconnected {
            patient: patient(number),
        });
    }

    pub(crate) fn patient_comes_back(&mut self, number: u32) {
        self.ok(Input::PatientConnected {
            patient: patient(number),
        });
    }

    pub(crate) fn practitioner_goes(&mut self, number: u32) {
        self.ok(Input::PractitionerDisconnected {
            practitioner: practitioner(number),
        });
    }

    pub(crate) fn practitioner_comes(&mut self, number: u32) {
        self.ok(Input::PractitionerConnected {
            practitioner: practitioner(number),
        });
    }

    /// Whom practitioner 1 sees waiting, in order of their places.
    pub(crate) fn order(&self) -> Vec<VisitId> {
        self.order_for(1)
    }

    /// Whom a practitioner sees waiting, in order of their places.
    pub(crate) fn order_for(&self, by: u32) -> Vec<VisitId> {
        let waiting = self.clinic.waiting_for(practitioner(by));
        waiting.map(|line| line.visit.id).collect()
    }

    pub(crate) fn state(&self, number: u32) -> VisitState {
        let view = self.clinic.visit(visit(number));
        view.expect("a visit that is remembered")
            .visit
            .state
            .clone()
    }
}

/// What the clinic sets first.
pub(crate) fn founding() -> Vec<Input> {
    let services = [(1, "General practice"), (2, "Dermatology")];
    let services = services.map(|(number, name)| Input::SetService {
        service: Box::new(Service::named(service(number), name)),
    });
    let practitioners = [(1, vec![1]), (2, vec![1, 2]), (3, vec![1, 2])];
    let practitioners = practitioners.map(|(number, services)| {
        let services = services.into_iter().map(service);
        Input::SetPractitioner {
            practitioner: Box::new(Practitioner::named(
                practitioner(number),
                "Dr Martin",
                services,
            )),
        }
    });
    services.into_iter().chain(practitioners).collect()
}

/// Patient `number` with visit `number`, for service 1 and whoever is free.
pub(crate) fn arriving(number: u32) -> Arriving {
    Arriving {
        patient: patient(number),
        visit: visit(number),
        service: service(1),
        choice: Choice::Next,
        language: None,
        name: text("Ada"),
        reason: text("cough"),
        had: Had::default(),
    }
}

pub(crate) fn arrival(number: u32) -> Input {
    Input::Arrive(Box::new(arriving(number)))
}

/// For practitioner `of` and nobody else.
pub(crate) fn arrival_for(number: u32, of: u32) -> Input {
    Input::Arrive(Box::new(Arriving {
        choice: Choice::Named(practitioner(of)),
        ..arriving(number)
    }))
}

/// Patient `number` begins another visit.
pub(crate) fn another_visit(number: u32, id: u32) -> Input {
    Input::Arrive(Box::new(Arriving {
        visit: visit(id),
        ..arriving(number)
    }))
}

/// Patient `number` begins another visit, for practitioner `of` and nobody else.
pub(crate) fn another_visit_for(number: u32, id: u32, of: u32) -> Input {
    Input::Arrive(Box::new(Arriving {
        visit: visit(id),
        choice: Choice::Named(practitioner(of)),
        ..arriving(number)
    }))
}

/// An appointment of a quarter of an hour, so long from now.
pub(crate) fn booking(number: u32, at: Timestamp) -> Booking {
    Booking {
        visit: visit(number),
        patient: patient(number),
        service: service(1),
        choice: Choice::Next,
        language: None,
        name: text("Ada"),
        appointment: Appointment {
            at,
            length: minutes(15),
        },
        history: History::default(),
    }
}

pub(crate) fn duty(of: u32, duty: Duty) -> Input {
    Input::SetDuty {
        practitioner: practitioner(of),
        duty,
    }
}

pub(crate) fn decided(by: u32, decision: Decision) -> Input {
    Input::Decided {
        practitioner: practitioner(by),
        decision,
    }
}

pub(crate) fn hold(by: u32, which: u32) -> Input {
    let consultation = consultation(which);
    decided(by, Decision::Hold { consultation })
}

pub(crate) fn resume(by: u32, which: u32) -> Input {
    let consultation = consultation(which);
    decided(by, Decision::Resume { consultation })
}

pub(crate) fn transfer(by: u32, of: u32, to: WaitingRoom) -> Input {
    let visit = visit(of);
    decided(by, Decision::Transfer { visit, to })
}

pub(crate) fn call(by: u32, of: u32) -> Input {
    called_back(by, of, Had::default())
}

/// The patient had this before, and has no page open.
pub(crate) fn called_back(by: u32, of: u32, had: Had) -> Input {
    let call = Decision::Call {
        visit: visit(of),
        connected: false,
        had,
    };
    decided(by, call)
}

/// Whether the patient is asked what they want, as nobody comes whom they wait for.
pub(crate) fn is_asked(world: &World, number: u32) -> bool {
    let view = world.clinic.visit(visit(number)).expect("remembered");
    view.visit.asked
}

/// What they say to that.
pub(crate) fn answers(number: u32, answer: Answer) -> Input {
    Input::Answer {
        patient: patient(number),
        visit: visit(number),
        answer,
    }
}

pub(crate) fn leave(number: u32) -> Input {
    Input::Leave {
        patient: patient(number),
        visit: visit(number),
    }
}

/// The consultation gets the visit's number.
pub(crate) fn admission(by: u32, of: u32) -> Input {
    admission_because(by, of, None)
}

pub(crate) fn admission_because(by: u32, of: u32, overtake: Option<Overtake>) -> Input {
    let (visit, consultation) = (visit(of), consultation(of));
    decided(
        by,
        Decision::Admit {
            visit,
            consultation,
            overtake,
        },
    )
}

pub(crate) fn decline(of: u32) -> Input {
    decided(
        1,
        Decision::Decline {
            visit: visit(of),
            reason: DeclineReason::Emergency,
            message: text(" please call 112 "),
        },
    )
}

pub(crate) fn end(by: u32, which: u32) -> Input {
    let (consultation, conclusion) = (consultation(which), Conclusion::Done);
    decided(
        by,
        Decision::End {
            consultation,
            conclusion,
        },
    )
}
