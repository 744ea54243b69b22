//! What a visit passes before it can be admitted, over real sockets: the wait, the form, consent, gates, opening hours.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use vestibule_protocol::client::Request;
use vestibule_protocol::intake::{
    ClosedReason, ConsentAct, FormAnswer, GateException, GateKind, GateReason, PatientIntake,
    ShutGate, VisitIntake, WhyShut,
};
use vestibule_protocol::server::{
    Outcome, PatientSnapshot, PractitionerSnapshot, Reply, VisitState,
};
use vestibule_protocol::{ErrorCode, ErrorReason};
use vestibule_signaling::{ClinicFile, Rate, Settings, Subject, TokenKey};
use vestibule_vocab::{Millis, PatientId, Redacted, Timestamp, VisitId};

use crate::support::device::random_bits;
use crate::support::house::START;
use crate::support::page::{outcome, place};
use crate::support::{Device, House, Kind, Page};

crate::on_both_stores!(
    m03_a_practitioner_reads_in_the_queue_what_the_patient_answered,
    m04_a_red_flag_stops_the_visit_although_another_answer_is_wrong,
    m04_a_refused_answer_says_which_question_it_is_of_and_not_what_was_answered,
    m04_answers_outlive_a_restart_and_nobody_else_reads_them,
    m05_the_wait_is_an_interval_and_there_is_none_when_data_are_thin,
    m12_consent_is_given_refused_and_revoked_with_times_and_the_practitioner_sees_it,
    m14_a_reached_quota_is_said_when_somebody_comes_again,
    m15_a_queue_that_the_shift_cannot_hold_says_so_at_once_and_when_it_opens,
    m15_a_queue_opens_at_the_moment_that_it_named,
    m15_a_practitioner_is_told_what_holds_them_back_and_until_when,
    m15_whoever_is_turned_away_because_time_passed_is_shown_what_they_were_told,
    m15_the_clinic_of_a_first_start_takes_strangers_in_at_any_hour_of_the_week,
    m18_a_payment_gate_shows_the_price_and_says_so_when_the_bank_does_not_answer,
    m18_a_practitioner_opens_a_gate_with_a_reason_that_the_service_allows,
    m18_a_practitioner_opens_no_gate_of_somebody_whom_they_do_not_see,
    m17_a_link_alone_does_not_say_who_somebody_is_and_a_claimed_reason_is_taken,
    m19_a_closed_service_says_so_and_when_it_opens_and_opens_by_itself,
    m19_a_closure_is_told_in_the_clinics_words,
    m19_a_file_is_set_anew_at_each_start_and_ids_stay,
);

const DONE: Result<Reply, ErrorCode> = Ok(Reply::Done);
const MINUTE: Millis = Millis::from_secs(60);
const HOUR: Millis = Millis::from_secs(60 * 60);

/// All patients of a test have one address.
fn with_many_exchanges(settings: &mut Settings) {
    settings.rates.exchanges = Rate {
        burst: 1_000,
        ..settings.rates.exchanges
    };
}

/// A house whose only service is so.
async fn house_with(kind: Kind, service: Value) -> House {
    let mut written = json!({ "name": "General practice" });
    let fields = service.as_object().unwrap().clone();
    written.as_object_mut().unwrap().extend(fields);
    let file = json!({ "services": [written], "practitioners": [{ "name": "Dr Martin" }] });
    let file = ClinicFile::parse(&file.to_string()).unwrap();
    House::open_on_with(kind, move |settings| {
        settings.clinic = Some(file.clone());
        with_many_exchanges(settings);
    })
    .await
}

fn form() -> Value {
    let asked = |english: &str| json!({ "en": english, "fr": format!("{english} (fr)") });
    json!({ "questions": [
        { "code": "chest-pain", "texts": asked("Does your chest hurt?"), "kind": { "type": "yes_no" },
          "required": true, "red_flags": [{ "is": "yes" }] },
        { "code": "since", "texts": asked("Since when?"), "kind": { "type": "short_text", "max_chars": 20 } },
    ]})
}

fn answers(given: &[(&str, FormAnswer)]) -> Request {
    let answers = given
        .iter()
        .map(|(code, it)| ((*code).to_owned(), it.clone()));
    Request::AnswerForm {
        answers: Redacted::new(answers.collect()),
    }
}

fn words(text: &str) -> FormAnswer {
    FormAnswer::ShortText(Redacted::new(text.to_owned()))
}

fn intake(snapshot: &PatientSnapshot) -> Option<&PatientIntake> {
    snapshot.visit.as_ref()?.intake.as_ref()
}

fn shut(snapshot: &PatientSnapshot) -> &[ShutGate] {
    intake(snapshot).map_or(&[], |intake| &intake.shut)
}

fn entry(snapshot: &PractitionerSnapshot) -> Option<&VisitIntake> {
    snapshot.waiting.first()?.intake.as_ref()
}

/// The visit of the only one who waits.
pub(super) async fn only(console: &mut Page) -> VisitId {
    let seen = console.practitioner(|it| it.waiting.len() == 1).await;
    seen.waiting[0].visit
}

fn gate(requires: Value, opened_by: Value) -> Value {
    json!({ "requires": requires, "opened_by": opened_by })
}

fn built_in(requires: Value) -> Value {
    gate(requires, json!({ "who": "built_in" }))
}

fn by_system(requires: Value, then: &str) -> Value {
    gate(
        requires,
        json!({ "who": "system", "system": "bank", "wait": 60_000, "then": then }),
    )
}

async fn m03_a_practitioner_reads_in_the_queue_what_the_patient_answered(kind: Kind) {
    let gates = json!([built_in(json!({ "gate": "symptom_form" }))]);
    let house = house_with(kind, json!({ "form": form(), "gates": gates })).await;
    let mut console = house.practitioner().await.open().await;
    let (_ada, mut ada) = house.waiting("Ada").await;
    let seen = ada.patient(|it| intake(it).is_some()).await;
    let asked = intake(&seen).unwrap();
    assert_eq!(asked.form.as_ref().unwrap().len(), 2);
    assert!(!asked.answered);
    assert_eq!(shut(&seen)[0].gate, GateKind::SymptomForm);

    let visit = only(&mut console).await;
    assert_eq!(console.admit(visit).await, Err(ErrorCode::GatesShut));
    let seen = console.practitioner(|it| entry(it).is_some()).await;
    assert_eq!(entry(&seen).unwrap().shut[0].gate, GateKind::SymptomForm);

    let long = answers(&[("since", words(&"x".repeat(21)))]);
    assert_eq!(ada.ask(long).await, Err(ErrorCode::AnswerInvalid));
    let no = ("chest-pain", FormAnswer::YesNo(false));
    let handed_in = answers(&[no, ("since", words(" yesterday "))]);
    assert_eq!(ada.ask(handed_in).await, DONE);
    let seen = ada
        .patient(|it| intake(it).is_some_and(|it| it.answered))
        .await;
    assert_eq!(
        (intake(&seen).unwrap().form.as_ref(), shut(&seen)),
        (None, &[][..])
    );

    let seen = console
        .practitioner(|it| entry(it).is_some_and(|it| it.shut.is_empty()))
        .await;
    let read = entry(&seen).unwrap();
    let expected = BTreeMap::from([
        ("chest-pain".to_owned(), FormAnswer::YesNo(false)),
        ("since".to_owned(), words("yesterday")),
    ]);
    assert_eq!(*read.answers.expose(), expected);
    assert_eq!(Some(seen.forms[0].service), read.form);
    assert_eq!(seen.forms[0].questions.len(), 2);

    assert_eq!(console.admit(visit).await, DONE);
    let seen = console.practitioner(|it| it.consultation.is_some()).await;
    assert_eq!(seen.intake.unwrap().answers.expose(), &expected);
    assert_eq!(seen.forms.len(), 1, "the form goes with the answers");
}

async fn m04_a_red_flag_stops_the_visit_although_another_answer_is_wrong(kind: Kind) {
    let house = house_with(kind, json!({ "form": form() })).await;
    let mut console = house.practitioner().await.open().await;
    let (ada, mut page) = house.waiting("Ada").await;
    only(&mut console).await;
    let yes = ("chest-pain", FormAnswer::YesNo(true));
    let handed_in = answers(&[yes.clone(), ("since", words(&"x".repeat(300)))]);
    assert_eq!(page.ask(handed_in).await, DONE);
    let stopped = |it: &PatientSnapshot| outcome(it) == Some(&Outcome::Emergency);
    page.patient(stopped).await;
    console.practitioner(|it| it.waiting.is_empty()).await;
    assert_eq!(page.ask(answers(&[yes])).await, Err(ErrorCode::VisitEnded));
    page.vanish().await;
    ada.open().await.patient(stopped).await;
}

async fn m04_a_refused_answer_says_which_question_it_is_of_and_not_what_was_answered(kind: Kind) {
    let house = house_with(kind, json!({ "form": form() })).await;
    let (_ada, mut page) = house.waiting("Ada").await;
    let pain = ("chest-pain", FormAnswer::YesNo(false));
    let long = "x".repeat(21);
    for (wrong, question, what) in [
        (
            ("since", words(&long)),
            Some("since"),
            "the text is too long",
        ),
        (
            ("since", words("a\u{202e}b")),
            Some("since"),
            "the text has characters that nobody sees",
        ),
        (
            ("since", FormAnswer::YesNo(true)),
            Some("since"),
            "the question is answered otherwise",
        ),
        (
            ("since", FormAnswer::OneOf("Not a code".to_owned())),
            Some("since"),
            "the question has no such option",
        ),
        (
            ("fever", FormAnswer::YesNo(true)),
            Some("fever"),
            "the form has no such question",
        ),
        (
            ("Not a code", FormAnswer::YesNo(true)),
            None,
            "the form has no such question",
        ),
    ] {
        let refused = page.refused(answers(&[pain.clone(), wrong])).await;
        assert_eq!(refused.code, ErrorCode::AnswerInvalid);
        assert_eq!(refused.question.as_deref(), question);
        let told = refused.message;
        assert!(told.contains(question.unwrap_or("one of them")), "{told}");
        assert!(told.contains(what) && !told.contains("xxx"), "{told}");
        assert!(!told.contains("Not a code"), "{told}");
    }
}

async fn m04_answers_outlive_a_restart_and_nobody_else_reads_them(kind: Kind) {
    let mut house = house_with(kind, json!({ "form": form() })).await;
    let (_ada, mut ada) = house.waiting("Ada").await;
    let no = ("chest-pain", FormAnswer::YesNo(false));
    assert_eq!(ada.ask(answers(&[no])).await, DONE);
    house.restart().await;
    let mut console = house.practitioner().await.open().await;
    let seen = console.practitioner(|it| entry(it).is_some()).await;
    assert_eq!(entry(&seen).unwrap().answers.expose().len(), 1);
    let (_grace, mut grace) = house.waiting("Grace").await;
    let seen = grace.patient(|it| place(it) == Some(2)).await;
    assert!(!intake(&seen).unwrap().answered);
}

/// One patient after another is seen, each for so long and after such a pause, until enough is known.
pub(super) async fn see_many(house: &House, console: &mut Page) {
    for number in 0..24 {
        let mut device = Device::at_own_address(house.address(), number);
        let token = device.walk_in(&house.code()).await.unwrap();
        device.claim(&token).await.unwrap();
        let mut page = device.open().await;
        page.arrive("Ada", "").await.unwrap();
        let visit = only(console).await;
        house.advance(MINUTE);
        assert_eq!(console.admit(visit).await, DONE);
        let seen = console.practitioner(|it| it.consultation.is_some()).await;
        let consultation = seen.consultation.unwrap().consultation;
        house.advance(Millis(MINUTE.0 * (8 + u64::from(number % 5))));
        let end = Request::End {
            consultation,
            conclusion: None,
        };
        assert_eq!(console.ask(end).await, DONE);
        console.practitioner(|it| it.consultation.is_none()).await;
    }
}

async fn m05_the_wait_is_an_interval_and_there_is_none_when_data_are_thin(kind: Kind) {
    let house = house_with(kind, json!({})).await;
    let mut console = house.practitioner().await.open().await;
    let (_early, mut early) = house.waiting("Early").await;
    let wait = |it: &PatientSnapshot| it.visit.as_ref().and_then(|visit| visit.wait);
    let seen = early.patient(|it| place(it) == Some(1)).await;
    assert_eq!(wait(&seen), None, "nothing is known yet");
    only(&mut console).await;
    assert_eq!(early.ask(Request::Leave).await, DONE);
    console.practitioner(|it| it.waiting.is_empty()).await;

    see_many(&house, &mut console).await;
    let mut pages = Vec::new();
    for name in ["Ada", "Grace", "Edith"] {
        pages.push(house.waiting(name).await);
    }
    let (_, third) = pages.last_mut().unwrap();
    let seen = third.patient(|it| place(it) == Some(3)).await;
    let before = wait(&seen).expect("enough is known");
    assert!(before.low <= before.high && before.high >= 1);
    assert!(
        (8..=60).contains(&before.high),
        "two consultations of about ten minutes are before: {before:?}"
    );

    let off = Request::SetDuty {
        duty: vestibule_protocol::desk::Duty::Off,
    };
    assert_eq!(console.ask(off).await, DONE);
    house.advance(Millis::from_secs(2));
    third.patient(|it| wait(it).is_none()).await;
}

async fn m12_consent_is_given_refused_and_revoked_with_times_and_the_practitioner_sees_it(
    kind: Kind,
) {
    let consent = json!({ "gate": "consent", "version": "2026-01" });
    let house = house_with(kind, json!({ "gates": [built_in(consent)] })).await;
    let mut console = house.practitioner().await.open().await;
    let (_ada, mut ada) = house.waiting("Ada").await;
    let seen = ada.patient(|it| intake(it).is_some()).await;
    let asked = intake(&seen).unwrap().consent.clone().unwrap();
    assert_eq!((asked.version.as_str(), asked.said.len()), ("2026-01", 0));
    let say = |act| Request::Consent {
        act,
        version: "2026-01".to_owned(),
    };
    let early = ada.ask(say(ConsentAct::Revoked)).await;
    assert_eq!(early, Err(ErrorCode::ConsentRefused));
    assert_eq!(ada.ask(say(ConsentAct::Refused)).await, DONE);
    let seen = ada
        .patient(|it| {
            shut(it)
                .iter()
                .any(|gate| matches!(gate.why, WhyShut::Refused { .. }))
        })
        .await;
    let WhyShut::Refused { reason, .. } = shut(&seen)[0].why else {
        panic!("it was refused");
    };
    assert_eq!(reason, GateReason::ConsentRefused);
    let visit = only(&mut console).await;
    assert_eq!(console.admit(visit).await, Err(ErrorCode::GatesShut));

    house.advance(MINUTE);
    assert_eq!(ada.ask(say(ConsentAct::Given)).await, DONE);
    ada.patient(|it| shut(it).is_empty()).await;
    console
        .practitioner(|it| entry(it).is_some_and(|it| it.shut.is_empty()))
        .await;
    assert_eq!(console.admit(visit).await, DONE);
    ada.patient(|it| it.consultation.is_some()).await;

    house.advance(MINUTE);
    assert_eq!(ada.ask(say(ConsentAct::Revoked)).await, DONE);
    let said = |it: &PractitionerSnapshot| {
        let consent = it.intake.as_ref()?.consent.as_ref()?;
        Some(
            consent
                .said
                .iter()
                .map(|it| (it.act, it.at))
                .collect::<Vec<_>>(),
        )
    };
    let seen = console
        .practitioner(|it| said(it).is_some_and(|said| said.len() == 3))
        .await;
    assert_eq!(
        said(&seen).unwrap(),
        [
            (ConsentAct::Refused, START),
            (ConsentAct::Given, START.plus(MINUTE)),
            (ConsentAct::Revoked, START.plus(Millis(2 * MINUTE.0))),
        ]
    );
    assert!(
        seen.consultation.is_some(),
        "the practitioner decides what follows"
    );
}

async fn m14_a_reached_quota_is_said_when_somebody_comes_again(kind: Kind) {
    let house = house_with(kind, json!({ "quota": { "month": 1 } })).await;
    let mut console = house.practitioner().await.open().await;
    let patient = PatientId::from_random(random_bits());
    let (_ada, mut page) = known(&house, patient).await;
    assert_eq!(page.arrive("Ada", "").await, DONE);
    let visit = only(&mut console).await;
    assert_eq!(console.admit(visit).await, DONE);
    let seen = console.practitioner(|it| it.consultation.is_some()).await;
    let consultation = seen.consultation.unwrap().consultation;
    house.advance(Millis(10 * MINUTE.0));
    let end = Request::End {
        consultation,
        conclusion: None,
    };
    assert_eq!(console.ask(end).await, DONE);
    let (_again, mut page) = known(&house, patient).await;
    let refused = page.refused(arrive("Ada")).await;
    let said = (refused.code, refused.reason);
    assert_eq!(said, (ErrorCode::QuotaReached, Some(ErrorReason::Month)));
    assert!(refused.message.contains("as a month holds"));
    assert!(refused.opens_at.is_some_and(|at| at > START.plus(HOUR)));
    let other = PatientId::from_random(random_bits());
    let (_grace, mut page) = known(&house, other).await;
    assert_eq!(page.arrive("Grace", "").await, DONE);
}

fn arrive(name: &str) -> Request {
    Request::Arrive {
        name: Redacted::new(name.to_owned()),
        reason: Redacted::default(),
        wish: None,
    }
}

/// A new visit of a patient whom the clinic knows, as its portal opens it.
pub(super) async fn known(house: &House, patient: PatientId) -> (Device, Page) {
    let clinic = house.clinic().await;
    let key = std::fs::read(house.data.path().join("data/token-key.p8")).unwrap();
    let visit = VisitId::from_random(random_bits());
    let subject = Subject::Patient { patient, visit };
    let key = TokenKey::from_pkcs8(clinic, &key).unwrap();
    let token = key.issue(subject, START, START.plus(HOUR)).unwrap();
    let mut device = house.device();
    device.claim(token.expose()).await.unwrap();
    let page = device.open().await;
    (device, page)
}

/// The founding service is held to what the shifts hold: two in this hour, two in the sixth.
async fn house_held_to_shifts(kind: Kind) -> House {
    let shift =
        |from: u64| json!({ "from": START.0 + from * HOUR.0, "to": START.0 + (from + 1) * HOUR.0 });
    let file = json!({
        "services": [{ "name": "General practice", "promise": { "typical": 25 * MINUTE.0, "lead": 0 } }],
        "practitioners": [{ "name": "Dr Martin", "roster": [shift(0), shift(5)] }],
    });
    let file = ClinicFile::parse(&file.to_string()).unwrap();
    House::open_on_with(kind, move |settings| settings.clinic = Some(file.clone())).await
}

async fn m15_a_queue_that_the_shift_cannot_hold_says_so_at_once_and_when_it_opens(kind: Kind) {
    let house = house_held_to_shifts(kind).await;
    let mut newcomer = house.patient().await.open().await;
    let seen = newcomer.patient(|it| !it.offered.is_empty()).await;
    assert_eq!(seen.offered[0].closed, None);
    let (_ada, _page) = house.waiting("Ada").await;
    let (_grace, mut grace) = house.waiting("Grace").await;
    // No time passes: whoever looks is told by what Grace did.
    let seen = newcomer.patient(|it| it.offered[0].closed.is_some()).await;
    let closed = seen.offered[0].closed.clone().unwrap();
    let opens_at = Some(START.plus(Millis(5 * HOUR.0)));
    assert_eq!(
        (closed.reason, closed.opens_at),
        (ClosedReason::ShiftsFull, opens_at)
    );
    let arrive = arrive("Edith");
    let refused = newcomer.refused(arrive.clone()).await;
    assert_eq!(
        (refused.code, refused.opens_at),
        (ErrorCode::QueueClosed, opens_at)
    );
    // Nobody waits in vain: whoever leaves makes room, which shows within a second.
    assert_eq!(grace.ask(Request::Leave).await, DONE);
    house.advance(Millis::from_secs(1));
    newcomer.patient(|it| it.offered[0].closed.is_none()).await;
    assert_eq!(newcomer.ask(arrive).await, DONE);
}

async fn m15_a_practitioner_is_told_what_holds_them_back_and_until_when(kind: Kind) {
    let shift = json!({ "from": START.0, "to": START.0 + 40 * MINUTE.0 });
    let later = json!({ "from": START.0 + 5 * HOUR.0, "to": START.0 + 6 * HOUR.0 });
    let file = json!({
        "services": [{ "name": "General practice" }],
        "practitioners": [{ "name": "Dr Martin", "roster": [shift, later], "shield": { "pause": 10 * MINUTE.0 } }],
    });
    let file = ClinicFile::parse(&file.to_string()).unwrap();
    let house = House::open_on_with(kind, move |settings| settings.clinic = Some(file.clone()));
    let house = house.await;
    let mut console = house.practitioner().await.open().await;
    let (_ada, _page) = house.waiting("Ada").await;
    let visit = only(&mut console).await;
    assert_eq!(console.admit(visit).await, DONE);
    let seen = console.practitioner(|it| it.consultation.is_some()).await;
    let consultation = seen.consultation.unwrap().consultation;
    let (_grace, _page) = house.waiting("Grace").await;
    let end = Request::End {
        consultation,
        conclusion: None,
    };
    assert_eq!(console.ask(end).await, DONE);
    let seen = console.practitioner(|it| it.waiting.iter().any(|one| one.visit != visit));
    let next = seen.await.waiting[0].visit;
    let admit = || Request::Admit {
        visit: next,
        overtake: None,
    };
    let pause = console.refused(admit()).await;
    assert_eq!(
        (pause.code, pause.reason, pause.opens_at),
        (
            ErrorCode::Shielded,
            Some(ErrorReason::Pause),
            Some(START.plus(Millis(10 * MINUTE.0)))
        )
    );
    assert_eq!(pause.retry_after_ms, Some(600_000));
    assert!(pause.message.contains("pause"), "{}", pause.message);
    house.advance(HOUR);
    let between = console.refused(admit()).await;
    assert_eq!(
        (between.code, between.reason, between.opens_at),
        (
            ErrorCode::Shielded,
            Some(ErrorReason::OutsideShifts),
            Some(START.plus(Millis(5 * HOUR.0)))
        )
    );
    assert!(between.message.contains("No shift"), "{}", between.message);
}

async fn m15_a_queue_opens_at_the_moment_that_it_named(kind: Kind) {
    let house = house_held_to_shifts(kind).await;
    house.advance(Millis(2 * HOUR.0));
    let mut newcomer = house.patient().await.open().await;
    let seen = newcomer
        .patient(|it| it.offered.first().is_some_and(|it| it.closed.is_some()))
        .await;
    let closed = seen.offered[0].closed.clone().unwrap();
    assert_eq!(closed.reason, ClosedReason::NobodyOnShift);
    assert_eq!(closed.opens_at, Some(START.plus(Millis(5 * HOUR.0))));
    // Somebody else looks two seconds before, and so it is looked again then and not in three more.
    house.advance(Millis(3 * HOUR.0 - 2_000));
    let mut other = house.patient().await.open().await;
    let seen = other.patient(|it| !it.offered.is_empty()).await;
    assert!(seen.offered[0].closed.is_some());
    house.advance(Millis(2_000));
    newcomer.patient(|it| it.offered[0].closed.is_none()).await;
    assert_eq!(newcomer.arrive("Edith", "").await, DONE);
}

async fn m15_whoever_is_turned_away_because_time_passed_is_shown_what_they_were_told(kind: Kind) {
    let house = house_held_to_shifts(kind).await;
    // The hour holds one more for another two seconds.
    house.advance(Millis(35 * MINUTE.0 - 2_000));
    let mut newcomer = house.patient().await.open().await;
    let seen = newcomer.patient(|it| !it.offered.is_empty()).await;
    assert_eq!(seen.offered[0].closed, None);
    house.advance(Millis(4_000));
    let refused = newcomer.arrive("Edith", "").await;
    assert_eq!(refused, Err(ErrorCode::QueueClosed));
    newcomer.patient(|it| it.offered[0].closed.is_some()).await;
}

/// As `make run` begins: nobody wrote a file, and nobody plans shifts.
async fn m15_the_clinic_of_a_first_start_takes_strangers_in_at_any_hour_of_the_week(kind: Kind) {
    let house = House::open_on_with(kind, with_many_exchanges).await;
    let mut chooses = house.patient().await.open().await;
    // In steps of five hours each hour of the day has its turn.
    for hour in (0..24 * 7).step_by(5) {
        let seen = chooses.patient(|it| !it.offered.is_empty()).await;
        assert_eq!(seen.offered[0].closed, None, "hour {hour}");
        let mut stranger = house.patient().await.open().await;
        assert_eq!(stranger.arrive("Ada", "").await, DONE, "hour {hour}");
        assert_eq!(stranger.ask(Request::Leave).await, DONE, "hour {hour}");
        house.advance(Millis(5 * HOUR.0));
    }
}

async fn m18_a_payment_gate_shows_the_price_and_says_so_when_the_bank_does_not_answer(kind: Kind) {
    let payment = by_system(json!({ "gate": "payment" }), "ask_again");
    let insurer = json!({ "gate": "entitlement", "insurer": "mutual-100" });
    let gates = json!([payment, by_system(insurer, "refuse")]);
    let costs = json!({ "gates": gates, "price": "30 euros", "reimbursement": "26 euros" });
    let house = house_with(kind, costs).await;
    let (_ada, mut ada) = house.waiting("Ada").await;
    let seen = ada.patient(|it| shut(it).len() == 2).await;
    let shown = intake(&seen).unwrap();
    assert_eq!(
        (shown.price.as_str(), shown.reimbursement.as_str()),
        ("30 euros", "26 euros")
    );
    let expires_at = Some(START.plus(MINUTE));
    assert_eq!(shut(&seen)[0].why, WhyShut::Pending { expires_at });

    house.advance(MINUTE);
    let expired = |may_ask_again| WhyShut::Expired { may_ask_again };
    let seen = ada.patient(|it| shut(it)[0].why == expired(true)).await;
    assert_eq!(shut(&seen)[1].why, expired(false));
    let ask_again = |gate| Request::AskAgain { gate, visit: None };
    assert_eq!(ada.ask(ask_again(GateKind::Payment)).await, DONE);
    let expires_at = Some(START.plus(Millis(2 * MINUTE.0)));
    ada.patient(|it| shut(it)[0].why == WhyShut::Pending { expires_at })
        .await;
    let insurer = GateKind::Entitlement {
        insurer: "mutual-100".to_owned(),
    };
    let refused = ada.refused(ask_again(insurer)).await;
    assert_eq!(
        (refused.code, refused.reason),
        (ErrorCode::GateRefused, Some(ErrorReason::GateExpired))
    );
}

async fn m18_a_practitioner_opens_a_gate_with_a_reason_that_the_service_allows(kind: Kind) {
    let mut payment = by_system(json!({ "gate": "payment" }), "refuse");
    payment["exceptions"] = json!(["payment_waived"]);
    let house = house_with(kind, json!({ "gates": [payment] })).await;
    let mut console = house.practitioner().await.open().await;
    let (_ada, mut ada) = house.waiting("Ada").await;
    let visit = only(&mut console).await;
    let open = |exception| Request::OpenGate {
        visit,
        gate: GateKind::Payment,
        exception,
    };
    let no_such = Request::OpenGate {
        visit,
        gate: GateKind::Consent,
        exception: None,
    };
    for (answer, reason) in [
        (open(None), ErrorReason::ExceptionNeeded),
        (
            open(Some(GateException::PaidOtherwise)),
            ErrorReason::ExceptionNotAllowed,
        ),
        (no_such, ErrorReason::GateNotRequired),
    ] {
        let refused = console.refused(answer).await;
        let said = (refused.code, refused.reason);
        assert_eq!(said, (ErrorCode::GateRefused, Some(reason)));
        assert_eq!(refused.message, reason.sentence());
    }
    let by_the_patient = ada.ask(open(Some(GateException::PaymentWaived))).await;
    assert_eq!(by_the_patient, Err(ErrorCode::NotPermitted));
    assert_eq!(
        console.ask(open(Some(GateException::PaymentWaived))).await,
        DONE
    );
    ada.patient(|it| place(it) == Some(1) && shut(it).is_empty())
        .await;
    assert_eq!(console.admit(visit).await, DONE);
}

async fn m18_a_practitioner_opens_no_gate_of_somebody_whom_they_do_not_see(kind: Kind) {
    let by_hand = gate(json!({ "gate": "payment" }), json!({ "who": "hand" }));
    let file = json!({
        "services": [
            { "name": "General practice", "gates": [by_hand] },
            { "name": "Psychology" },
        ],
        "practitioners": [
            { "name": "Dr Martin", "services": ["General practice"] },
            { "name": "Dr Peeters", "services": ["Psychology"] },
        ],
    });
    let file = ClinicFile::parse(&file.to_string()).unwrap();
    let house =
        House::open_on_with(kind, move |settings| settings.clinic = Some(file.clone())).await;
    let mut martin = house.practitioner_at(0).await.open().await;
    let mut peeters = house.practitioner_at(1).await.open().await;
    let (_ada, _page) = house.waiting("Ada").await;
    let visit = only(&mut martin).await;
    let open = Request::OpenGate {
        visit,
        gate: GateKind::Payment,
        exception: None,
    };
    assert_eq!(peeters.ask(open.clone()).await, Err(ErrorCode::NotFound));
    assert_eq!(martin.ask(open).await, DONE);
    assert_eq!(martin.admit(visit).await, DONE);
}

async fn m17_a_link_alone_does_not_say_who_somebody_is_and_a_claimed_reason_is_taken(kind: Kind) {
    let identity = built_in(json!({ "gate": "identity", "level": "substantial" }));
    let mut eligibility =
        built_in(json!({ "gate": "eligibility", "any_of": ["known_to_practitioner"] }));
    eligibility["exceptions"] = json!(["own_doctor_not_available"]);
    let devices = built_in(json!({ "gate": "device_check" }));
    let gates = json!([identity, eligibility, devices]);
    let house = house_with(kind, json!({ "gates": gates })).await;
    let (_ada, mut ada) = house.waiting("Ada").await;
    let seen = ada.patient(|it| shut(it).len() == 3).await;
    let reasons: Vec<_> = shut(&seen)
        .iter()
        .filter_map(|gate| match gate.why {
            WhyShut::Refused { reason, .. } => Some(reason),
            _ => None,
        })
        .collect();
    assert_eq!(reasons, [GateReason::LevelTooLow, GateReason::NotEligible]);
    let exception = GateException::OwnDoctorNotAvailable;
    assert_eq!(ada.ask(Request::ClaimException { exception }).await, DONE);
    assert_eq!(ada.arrive("Ada", "").await, DONE);
    let check = |suitable| Request::CheckDevices { suitable };
    assert_eq!(ada.ask(check(false)).await, DONE);
    assert_eq!(ada.ask(check(true)).await, DONE);
    let seen = ada.patient(|it| shut(it).len() == 1).await;
    assert_eq!(shut(&seen)[0].gate, GateKind::Identity);
}

async fn m19_a_closed_service_says_so_and_when_it_opens_and_opens_by_itself(kind: Kind) {
    // The tests' clock begins on a Friday at 9:00 in Brussels.
    let friday = json!([{ "from": "11:00", "to": "18:00" }]);
    let hours = json!({ "regular": { "weekly": { "friday": friday } } });
    let house = house_with(kind, json!({ "hours": hours })).await;
    let mut ada = house.patient().await.open().await;
    let seen = ada.patient(|it| !it.offered.is_empty()).await;
    let closed = seen.offered[0].closed.clone().expect("it is too early");
    assert_eq!(closed.reason, ClosedReason::OutsideHours);
    let eleven: Timestamp = START.plus(Millis(2 * HOUR.0));
    assert_eq!(closed.opens_at, Some(eleven));
    assert_eq!(ada.arrive("Ada", "").await, Err(ErrorCode::ServiceClosed));
    house.advance(Millis(2 * HOUR.0));
    ada.patient(|it| it.offered.first().is_some_and(|it| it.closed.is_none()))
        .await;
    assert_eq!(ada.arrive("Ada", "").await, DONE);
    let seen = ada.patient(|it| place(it) == Some(1)).await;
    assert_eq!(seen.visit.unwrap().state, VisitState::Waiting { place: 1 });
}

async fn m19_a_closure_is_told_in_the_clinics_words(kind: Kind) {
    let holiday = json!({ "first": "2027-01-15", "last": "2027-01-15" });
    let closure = json!({ "extent": { "days": holiday }, "reason": "Holiday" });
    let house = house_with(kind, json!({ "hours": { "closures": [closure] } })).await;
    let mut ada = house.patient().await.open().await;
    let seen = ada.patient(|it| !it.offered.is_empty()).await;
    let closed = seen.offered[0].closed.clone().unwrap();
    assert_eq!(closed.words.expose(), "Holiday");
}

#[test]
fn m19_a_file_that_is_wrong_says_in_which_field() {
    let wrong = |file: Value| {
        ClinicFile::parse(&file.to_string())
            .unwrap_err()
            .to_string()
    };
    let service = |fields: Value| {
        let mut service = json!({ "name": "General practice" });
        let fields = fields.as_object().unwrap().clone();
        service.as_object_mut().unwrap().extend(fields);
        json!({ "services": [service] })
    };
    let named = |error: String, field: &str| assert!(error.starts_with(field), "{error}");
    named(wrong(json!({ "servces": [] })), "servces");
    named(wrong(service(json!({ "name": " " }))), "services[0].name");
    named(
        wrong(service(json!({ "hours": { "zone": "Atlantis" } }))),
        "services[0].hours",
    );
    let unasked =
        json!({ "questions": [{ "code": "x", "texts": {}, "kind": { "type": "yes_no" } }] });
    let error = wrong(service(json!({ "form": unasked })));
    assert!(
        error.starts_with("services[0].form") && error.contains("x:"),
        "{error}"
    );
    let cut = ClinicFile::parse(r#"{ "services": [{"#).unwrap_err();
    named(cut.to_string(), "services[0]: EOF");
    let error = wrong(json!({ "services": [] }));
    assert!(error.starts_with("services: the list is empty"), "{error}");
    let error = wrong(json!({ "practitioners": [] }));
    assert!(
        error.starts_with("practitioners: the list is empty"),
        "{error}"
    );
    let idle = json!({ "practitioners": [{ "name": "Dr Martin", "services": [] }] });
    named(wrong(idle), "practitioners[0].services: the list is empty");
    for unseen in ["\u{200b}\u{200b}", "a\u{202e}b"] {
        named(
            wrong(service(json!({ "name": unseen }))),
            "services[0].name",
        );
    }
    let twice = json!({ "name": "Psychology" });
    named(
        wrong(json!({ "services": [twice, twice] })),
        "services[1].name",
    );
}

async fn m19_a_file_is_set_anew_at_each_start_and_ids_stay(kind: Kind) {
    let mut house = house_with(kind, json!({ "price": "30 euros" })).await;
    let mut ada = house.patient().await.open().await;
    let before = ada.patient(|it| !it.offered.is_empty()).await;
    assert_eq!(
        before.offered.len(),
        1,
        "the file's first service is the clinic's own"
    );
    assert_eq!(before.offered[0].price, "30 euros");
    house.restart().await;
    let mut ada = house.patient().await.open().await;
    let after = ada.patient(|it| !it.offered.is_empty()).await;
    assert_eq!(after.offered, before.offered);
    let ids: BTreeSet<_> = after.offered.iter().map(|it| it.service).collect();
    assert_eq!(ids.len(), 1);
}
