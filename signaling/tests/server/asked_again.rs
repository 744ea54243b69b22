//! Gates that nobody answered in time, and who has them asked again.

use serde_json::{Value, json};
use vestibule_protocol::client::{DeclineReason, Request};
use vestibule_protocol::intake::{GateKind, WhyShut};
use vestibule_protocol::server::{PatientSnapshot, Reply};
use vestibule_protocol::{ErrorCode, ErrorReason};
use vestibule_signaling::{ClinicFile, Scope};
use vestibule_vocab::{Millis, Redacted, VisitId};

use crate::support::house::START;
use crate::support::{Device, House, Kind, Page, Rest};

crate::on_both_stores!(
    m18_a_gate_that_only_staff_may_have_asked_again_is_asked_by_the_practitioner,
    m18_a_gate_that_only_staff_may_have_asked_again_is_asked_by_their_own_system,
    m18_a_gate_that_its_system_refused_is_asked_again_by_the_practitioner,
    m18_a_gate_that_its_system_refused_is_asked_again_by_a_system_of_staff_while_the_visit_lasts,
);

const DONE: Result<Reply, ErrorCode> = Ok(Reply::Done);
const MINUTE: Millis = Millis::from_secs(60);

pub(super) async fn house_with(kind: Kind, file: Value) -> House {
    let file = ClinicFile::parse(&file.to_string()).unwrap();
    House::open_on_with(kind, move |settings| settings.clinic = Some(file.clone())).await
}

/// A house whose service asks a bank, which staff alone may have asked again.
async fn house_with_a_bank(kind: Kind) -> House {
    let gate = json!({
        "requires": { "gate": "payment" },
        "opened_by": { "who": "system", "system": "bank", "wait": MINUTE.0, "then": "refuse" },
    });
    let file = json!({
        "services": [{ "name": "General practice", "gates": [gate] }, { "name": "Psychology" }],
        "practitioners": [
            { "name": "Dr Martin", "services": ["General practice"] },
            { "name": "Dr Peeters", "services": ["Psychology"] },
        ],
    });
    house_with(kind, file).await
}

pub(super) fn why(snapshot: &PatientSnapshot) -> Option<&WhyShut> {
    let visit = snapshot.visit.as_ref()?;
    Some(&visit.intake.as_ref()?.shut.first()?.why)
}

/// Ada waits, and the bank has not answered in time.
async fn unanswered(house: &House) -> (Page, Page, VisitId) {
    let mut console = house.practitioner_at(0).await.open().await;
    let (_, mut ada) = house.waiting("Ada").await;
    let seen = console.practitioner(|it| it.waiting.len() == 1).await;
    house.advance(MINUTE);
    let expired = WhyShut::Expired {
        may_ask_again: false,
    };
    ada.patient(|it| why(it) == Some(&expired)).await;
    (console, ada, seen.waiting[0].visit)
}

/// The bank is asked, answers, and Ada can be admitted.
async fn answered(house: &House, console: &mut Page, ada: &mut Page, visit: VisitId) {
    let expires_at = Some(START.plus(Millis(2 * MINUTE.0)));
    let asked = WhyShut::Pending { expires_at };
    ada.patient(|it| why(it) == Some(&asked)).await;
    let bank = Rest::named(house, Some("bank"), &[Scope::GatesWrite]).await;
    let path = format!("/visits/{}/gates", visit.to_text());
    let paid = json!({ "gate": { "gate": "payment" }, "answer": { "type": "open" } });
    assert_eq!(bank.post(&path, &paid).await.good()["ready"], true);
    assert_eq!(console.admit(visit).await, DONE);
}

/// Who had the gate asked again, as the log has it.
async fn who_asked(house: &House) -> Value {
    let rest = Rest::of(house).await;
    let log = rest.get("/audit?limit=200").await.good();
    let lines = log["items"].as_array().unwrap().iter();
    let entries = lines.map(|it| serde_json::from_str(it["entry"].as_str().unwrap()).unwrap());
    let mut asked = entries
        .filter(|it: &Value| it["act"]["type"] == "gated" && it["act"]["outcome"] == "pending");
    asked.next_back().map(|it| it["actor"].clone()).unwrap()
}

/// Dr Martin, as the log names them.
async fn martin(house: &House) -> Value {
    let practitioners = Rest::of(house).await.get("/practitioners").await.good();
    let items = practitioners["items"].as_array().unwrap();
    let martin = items.iter().find(|it| it["name"] == "Dr Martin").unwrap();
    json!({ "type": "practitioner", "id": martin["id"] })
}

async fn m18_a_gate_that_only_staff_may_have_asked_again_is_asked_by_the_practitioner(kind: Kind) {
    let house = house_with_a_bank(kind).await;
    let (mut console, mut ada, visit) = unanswered(&house).await;
    let ask = |visit| Request::AskAgain {
        gate: GateKind::Payment,
        visit,
    };
    let refused = ada.refused(ask(None)).await;
    let said = (refused.code, refused.reason);
    assert_eq!(
        said,
        (ErrorCode::GateRefused, Some(ErrorReason::GateExpired))
    );
    let named = ada.ask(ask(Some(visit))).await;
    assert_eq!(named, Err(ErrorCode::NotPermitted), "that is staff's");
    let mut colleague = house.practitioner_at(1).await.open().await;
    let elsewhere = colleague.ask(ask(Some(visit))).await;
    assert_eq!(elsewhere, Err(ErrorCode::NotFound));
    let of_nobody = console.ask(ask(None)).await;
    assert_eq!(of_nobody, Err(ErrorCode::NotFound));

    assert_eq!(console.ask(ask(Some(visit))).await, DONE);
    assert_eq!(who_asked(&house).await, martin(&house).await);
    answered(&house, &mut console, &mut ada, visit).await;
}

async fn m18_a_gate_that_only_staff_may_have_asked_again_is_asked_by_their_own_system(kind: Kind) {
    let house = house_with_a_bank(kind).await;
    let (mut console, mut ada, visit) = unanswered(&house).await;
    let path = format!("/visits/{}/gates/ask", visit.to_text());
    let payment = json!({ "gate": { "gate": "payment" } });
    let bank = Rest::named(&house, Some("bank"), &[Scope::GatesWrite]).await;
    let refused = bank.post(&path, &payment).await.problem();
    assert_eq!(
        refused,
        (403, "forbidden".to_owned()),
        "it would never be late"
    );

    let desk = Rest::of(&house).await;
    let none = json!({ "gate": { "gate": "quota" } });
    let refused = desk.post(&path, &none).await.problem();
    assert_eq!(refused, (409, "gate_not_required".to_owned()));
    let asked = desk.post_as("once", &path, &payment).await.good();
    assert_eq!(asked["gates"][0]["state"], "pending");
    let again = desk.post_as("once", &path, &payment).await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    let actor = json!({ "type": "system", "id": desk.id });
    assert_eq!(who_asked(&house).await, actor);
    answered(&house, &mut console, &mut ada, visit).await;
}

/// Ada waits, and the bank has refused.
async fn refused(house: &House) -> (Page, Device, Page, VisitId) {
    let mut console = house.practitioner_at(0).await.open().await;
    let (device, mut ada) = house.waiting("Ada").await;
    let seen = console.practitioner(|it| it.waiting.len() == 1).await;
    let visit = seen.waiting[0].visit;
    let bank = Rest::named(house, Some("bank"), &[Scope::GatesWrite]).await;
    let path = format!("/visits/{}/gates", visit.to_text());
    let no = json!({ "type": "refuse", "reason": "not_paid", "message": "The card is blocked." });
    let answer = json!({ "gate": { "gate": "payment" }, "answer": no });
    bank.post(&path, &answer).await.good();
    ada.patient(is_refused).await;
    (console, device, ada, visit)
}

fn is_refused(snapshot: &PatientSnapshot) -> bool {
    matches!(why(snapshot), Some(WhyShut::Refused { .. }))
}

async fn m18_a_gate_that_its_system_refused_is_asked_again_by_the_practitioner(kind: Kind) {
    let house = house_with_a_bank(kind).await;
    let (mut console, device, ada, visit) = refused(&house).await;
    ada.vanish().await;
    let mut ada = device.open().await;
    ada.patient(is_refused).await;
    let ask = |visit| Request::AskAgain {
        gate: GateKind::Payment,
        visit,
    };
    assert_eq!(ada.ask(ask(None)).await, Err(ErrorCode::GateRefused));
    let mut colleague = house.practitioner_at(1).await.open().await;
    let elsewhere = colleague.ask(ask(Some(visit))).await;
    assert_eq!(elsewhere, Err(ErrorCode::NotFound));

    house.advance(MINUTE);
    assert_eq!(console.ask(ask(Some(visit))).await, DONE);
    assert_eq!(who_asked(&house).await, martin(&house).await);
    answered(&house, &mut console, &mut ada, visit).await;
}

async fn m18_a_gate_that_its_system_refused_is_asked_again_by_a_system_of_staff_while_the_visit_lasts(
    kind: Kind,
) {
    let house = house_with_a_bank(kind).await;
    let (mut console, _device, mut ada, visit) = refused(&house).await;
    let path = format!("/visits/{}/gates/ask", visit.to_text());
    let payment = json!({ "gate": { "gate": "payment" } });
    let bank = Rest::named(&house, Some("bank"), &[Scope::GatesWrite]).await;
    let itself = bank.post(&path, &payment).await.problem();
    assert_eq!(itself, (403, "forbidden".to_owned()));
    let desk = Rest::of(&house).await;
    house.advance(MINUTE);
    let asked = desk.post(&path, &payment).await.good();
    assert_eq!(asked["gates"][0]["state"], "pending");
    let actor = json!({ "type": "system", "id": desk.id });
    assert_eq!(who_asked(&house).await, actor);
    let expires_at = Some(START.plus(Millis(2 * MINUTE.0)));
    ada.patient(|it| why(it) == Some(&WhyShut::Pending { expires_at }))
        .await;

    let gates = format!("/visits/{}/gates", visit.to_text());
    let paid = json!({ "gate": { "gate": "payment" }, "answer": { "type": "open" } });
    bank.post(&gates, &paid).await.good();
    let open = desk.post(&path, &payment).await;
    assert_eq!(open.problem(), (409, "gate_answered".to_owned()));
    let detail = open.json()["detail"].to_string();
    let asked = "only what its system refused or did not answer";
    assert!(detail.contains(asked), "{detail}");

    let no = json!({ "gate": { "gate": "payment" }, "answer": { "type": "refuse", "reason": "not_paid" } });
    bank.post(&gates, &no).await.good();
    let decline = Request::Decline {
        visit,
        reason: DeclineReason::Other,
        message: Redacted::default(),
    };
    assert_eq!(console.ask(decline).await, DONE);
    let over = desk.post(&path, &payment).await;
    assert_eq!(over.problem(), (409, "visit_ended".to_owned()));
    let detail = over.json()["detail"].to_string();
    let ended = "no answer to its gates opens it again";
    assert!(detail.contains(ended), "{detail}");
}
