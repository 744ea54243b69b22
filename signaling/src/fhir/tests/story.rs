//! A morning at a clinic: an appointment that is to come, one that became a consultation, two walk-ins.

use serde_json::json;
use vestibule_clinic::quota::{Had, History};
use vestibule_clinic::{
    Appointment, Arriving, Booking, Choice, Clinic, Code, Conclusion, ConsentAct, Decision, Input,
    Language, Policy, Practitioner, Service, State,
};
use vestibule_control::Talk;
use vestibule_vocab::{
    CallId, ClinicId, ConsultationId, LegId, Millis, PatientId, PractitionerId, Redacted,
    ServiceId, Timestamp, VisitId,
};

use crate::store::{BatchKey, CallIds, ClinicRow, Store, Write};

/// When it begins: 2027-01-15, nine o'clock in Brussels.
pub(super) const START: Timestamp = Timestamp(1_800_000_000_000);

/// Words that only whoever may read answers sees.
pub(super) const WORDS: &str = "Depuis hier\u{a0}: 38\u{202f}°C 🤒";

/// A name that nobody sees here.
pub(super) const NAME: &str = "Zoë Lovelace";

pub(super) fn patient(number: u128) -> PatientId {
    PatientId::from_random(number)
}

pub(super) fn visit(number: u128) -> VisitId {
    VisitId::from_random(number << 16)
}

pub(super) fn doctor(number: u128) -> PractitionerId {
    PractitionerId::from_random(number << 32)
}

pub(super) fn consultation(number: u128) -> ConsultationId {
    ConsultationId::from_random(number << 48)
}

pub(super) fn clinic() -> ClinicRow {
    ClinicRow {
        id: ClinicId::from_random(1 << 100),
        name: "Cabinet du Parc".to_owned(),
        service: service().id,
    }
}

/// A service with a consent and a form.
pub(super) fn service() -> Service {
    let built_in = |gate| json!({ "requires": gate, "opened_by": { "who": "built_in" } });
    let form = json!({ "questions": [
        {
            "code": "fever",
            "texts": { "fr": "Avez-vous de la fièvre\u{a0}?", "en": "Do you have a fever?" },
            "kind": { "type": "yes_no" },
            "required": true,
        },
        {
            "code": "temperature",
            "texts": { "fr": "Température" },
            "kind": { "type": "number", "unit": { "fr": "°C" }, "decimals": 1, "min": 340, "max": 430 },
        },
        {
            "code": "days",
            "texts": { "fr": "Depuis combien de jours" },
            "kind": { "type": "number", "min": 0, "max": 30 },
        },
        {
            "code": "weight",
            "texts": { "fr": "Rapport" },
            "kind": { "type": "number", "decimals": 2, "min": 0, "max": 1000 },
        },
        {
            "code": "where",
            "texts": { "fr": "Où avez-vous mal" },
            "kind": { "type": "several_of", "options": [
                { "code": "head", "texts": { "fr": "Tête" } },
                { "code": "throat", "texts": { "fr": "Gorge" } },
            ] },
        },
        {
            "code": "since",
            "texts": { "fr": "Depuis quand" },
            "kind": { "type": "one_of", "options": [{ "code": "today", "texts": { "fr": "Aujourd'hui" } }] },
        },
        {
            "code": "more",
            "texts": { "fr": "Autre chose" },
            "kind": { "type": "short_text", "max_chars": 200 },
            "required": true,
        },
    ] });
    let gates = json!([
        built_in(json!({ "gate": "consent", "version": "2027-01" })),
        built_in(json!({ "gate": "symptom_form" })),
    ]);
    Service {
        gates: serde_json::from_value(gates).unwrap(),
        form: Some(serde_json::from_value(form).unwrap()),
        ..Service::named(ServiceId::from_random(1 << 80), "Médecine générale")
    }
}

/// The clinic with its rows.
struct World {
    clinic: Clinic,
    now: Timestamp,
    writes: Vec<Write>,
}

impl World {
    fn after(&mut self, minutes: u64, input: Input) {
        self.now = self.now.plus(Millis(minutes * 60_000));
        let outputs = self.clinic.handle(self.now, input);
        assert_eq!(outputs.answer, Ok(()));
        let records = outputs.records.into_iter().map(Write::Record);
        self.writes.extend(records);
        self.writes
            .extend(outputs.audit.into_iter().map(Write::Audit));
    }

    fn book(&mut self, number: u128, hours: u64, choice: Choice) {
        let booking = Booking {
            visit: visit(number),
            patient: patient(number),
            service: service().id,
            choice,
            language: None,
            name: Redacted::new(NAME.to_owned()),
            appointment: Appointment {
                at: START.plus(Millis(hours * 60 * 60_000)),
                length: Millis(15 * 60_000),
            },
            history: History::default(),
        };
        self.after(0, Input::Book(Box::new(booking)));
    }

    fn arrive(&mut self, number: u128) {
        let arriving = Arriving {
            patient: patient(number),
            visit: visit(number),
            service: service().id,
            choice: Choice::Next,
            language: Language::parse("fr").ok(),
            name: Redacted::new(NAME.to_owned()),
            reason: Redacted::new("a reason that nobody reads here".to_owned()),
            had: Had::default(),
        };
        self.after(1, Input::Arrive(Box::new(arriving)));
    }

    fn says(&mut self, number: u128, act: ConsentAct) {
        let input = Input::Consent {
            patient: patient(number),
            visit: visit(number),
            act,
            version: Code::new("2027-01").unwrap(),
        };
        self.after(1, input);
    }

    fn answers(&mut self, number: u128, answers: serde_json::Value) {
        let input = Input::AnswerForm {
            patient: patient(number),
            visit: visit(number),
            answers: Redacted::new(serde_json::from_value(answers).unwrap()),
        };
        self.after(1, input);
    }

    fn decides(&mut self, doctor: PractitionerId, minutes: u64, decision: Decision) {
        let input = Input::Decided {
            practitioner: doctor,
            decision,
        };
        self.after(minutes, input);
    }

    /// A doctor comes to work.
    fn works(&mut self, doctor: PractitionerId) {
        let practitioner = Box::new(Practitioner::named(doctor, "Dr Parc", [service().id]));
        self.after(0, Input::SetPractitioner { practitioner });
        let practitioner = doctor;
        self.after(0, Input::PractitionerConnected { practitioner });
    }

    fn admit(&mut self, doctor: PractitionerId, number: u128, minutes: u64) {
        let admit = Decision::Admit {
            visit: visit(number),
            consultation: consultation(number),
            overtake: None,
        };
        self.decides(doctor, minutes, admit);
    }
}

fn everything() -> serde_json::Value {
    json!({
        "fever": { "type": "yes_no", "value": true },
        "temperature": { "type": "number", "value": 384 },
        "days": { "type": "number", "value": 2 },
        "weight": { "type": "number", "value": 125 },
        "where": { "type": "several_of", "value": ["head", "throat"] },
        "since": { "type": "one_of", "value": "today" },
        "more": { "type": "short_text", "value": WORDS },
    })
}

/// Fills a new store. The morning: visit 1 is to come; visit 2 came to its appointment, consented, answered, and was
/// seen; visits 3 and 4 wait, 3 with a form that is complete and a consent that was taken back, 4 with a form that is
/// not; visit 5 was admitted in the same moment as visit 2, and is in the consultation still.
pub(super) async fn fill(store: &Store) {
    store.clinic_or(&clinic(), &service()).await.unwrap();
    let mut world = World {
        clinic: Clinic::restore(Policy::default(), State::default(), START).unwrap(),
        now: START,
        writes: Vec::new(),
    };
    let service = Box::new(service());
    world.after(0, Input::SetService { service });
    world.works(doctor(1));
    world.works(doctor(2));
    world.book(1, 3, Choice::Next);
    world.book(2, 0, Choice::Named(doctor(1)));
    world.arrive(2);
    world.says(2, ConsentAct::Given);
    world.answers(2, everything());
    world.arrive(5);
    world.says(5, ConsentAct::Given);
    world.answers(5, everything());
    world.admit(doctor(1), 2, 1);
    world.admit(doctor(2), 5, 0);
    let consultation = consultation(2);
    let call = CallId::from_random(9);
    let ids = CallIds {
        call,
        legs: [
            (patient(2).into(), LegId::from_random(1)),
            (doctor(1).into(), LegId::from_random(2)),
        ]
        .into(),
    };
    world.writes.push(Write::Call(consultation, ids));
    world.arrive(3);
    world.answers(3, everything());
    world.says(3, ConsentAct::Given);
    world.says(3, ConsentAct::Revoked);
    world.arrive(4);
    world.answers(4, json!({ "fever": { "type": "yes_no", "value": false } }));
    let talk = Talk {
        video_ms: 754_200,
        audio_ms: 61_000,
        neither_ms: 4_800,
    };
    world.writes.push(Write::Talk(call, talk));
    let conclusion = Conclusion::InPersonNeeded;
    let end = Decision::End {
        consultation,
        conclusion,
    };
    world.decides(doctor(1), 7, end);
    let turn = store.turn().await.unwrap();
    turn.commit(BatchKey::new().unwrap(), &world.writes)
        .await
        .unwrap();
}
