//! People with numbers for names, and a clinic that is told what they do.

#![allow(dead_code, reason = "each test binary uses its own part")]

use vestibule_clinic::{Clinic, DeclineReason, Input, Outputs, Policy, Refusal};
use vestibule_vocab::{
    ConsultationId, Millis, PatientId, PractitionerId, Redacted, Timestamp, VisitId,
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

pub(crate) fn text(text: &str) -> Redacted<String> {
    Redacted::new(text.to_owned())
}

pub(crate) fn seconds(seconds: u64) -> Timestamp {
    Timestamp(seconds * 1000)
}

pub(crate) const GRACE: Millis = Millis::from_secs(120);

/// A clinic and its clock. Patient `n` has visit `n`.
pub(crate) struct World {
    pub(crate) clinic: Clinic,
    pub(crate) now: Timestamp,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(Policy {
            grace: GRACE,
            ..Policy::default()
        })
    }

    pub(crate) fn with(policy: Policy) -> Self {
        Self {
            clinic: Clinic::new(policy),
            now: seconds(1_000_000),
        }
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

    /// Who waits, in order of their places.
    pub(crate) fn order(&self) -> Vec<VisitId> {
        self.clinic.waiting().map(|line| line.visit.id).collect()
    }
}

pub(crate) fn arrival(number: u32) -> Input {
    Input::Arrive {
        patient: patient(number),
        visit: visit(number),
        name: text("Ada"),
        reason: text("cough"),
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
    Input::Admit {
        practitioner: practitioner(by),
        visit: visit(of),
        consultation: consultation(of),
    }
}

pub(crate) fn decline(of: u32) -> Input {
    Input::Decline {
        practitioner: practitioner(1),
        visit: visit(of),
        reason: DeclineReason::Emergency,
        message: text(" please call 112 "),
    }
}

pub(crate) fn end(by: u32, which: u32) -> Input {
    Input::End {
        practitioner: practitioner(by),
        consultation: consultation(which),
    }
}
