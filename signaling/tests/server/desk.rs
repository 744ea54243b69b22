//! What the desk can do, over real sockets: choosing, calling, messages, urgency, holding, handing on, duty.

use vestibule_protocol::client::Request;
use vestibule_protocol::desk::{
    Answer, Conclusion, Duty, OvertakeReason, Urgency, WaitingRoom, Wish,
};
use vestibule_protocol::server::{
    Outcome, PatientSnapshot, PractitionerSnapshot, Reply, ServerMessage, VisitState,
};
use vestibule_protocol::{Base64Bytes, ErrorCode};
use vestibule_vocab::{ConsultationId, Millis, PractitionerId, Redacted, ServiceId, VisitId};

use crate::support::frames::commit;
use crate::support::house::names;
use crate::support::page::{outcome, place};
use crate::support::{Device, House, Kind, Page};

crate::on_both_stores!(
    m01_a_patient_asks_for_a_practitioner_who_alone_sees_them,
    m01_a_wish_that_cannot_be_is_refused,
    m01_whoever_waits_for_a_practitioner_who_goes_off_duty_is_asked_and_not_dropped,
    m06_a_message_reaches_somebody_who_waits_and_can_be_taken_back,
    m06_whoever_is_called_while_away_comes_first_when_back_in_time,
    m06_a_no_show_is_called_back,
    m06_urgency_brings_somebody_forward_and_a_reason_for_an_overtake_is_written_down,
    m06_whoever_passes_somebody_is_asked_why_and_nothing_is_changed_before_they_say,
    m06_on_hold_the_place_is_kept_nothing_flows_and_another_is_seen_meanwhile,
    m07_transfer_keeps_place_socket_and_link_and_changes_keys,
    m07_somebody_who_waits_is_handed_on_to_another_waiting_room,
    m15_a_break_ends_by_itself,
    m20_both_read_what_was_concluded,
    the_desk_is_the_practitioners_and_the_answer_the_patients,
    a_change_of_place_alone_is_told_once_a_second_and_ones_own_at_once,
);

const DONE: Result<Reply, ErrorCode> = Ok(Reply::Done);

/// A house with two practitioners and their consoles.
async fn two(kind: Kind) -> (House, Page, Page) {
    let house = House::open_on_with(kind, |settings| {
        let named = ["Dr Martin", "Dr Peeters"].map(|name| name.parse().unwrap());
        settings.names.practitioners = named.to_vec();
    })
    .await;
    let martin = house.practitioner_at(0).await.open().await;
    let peeters = house.practitioner_at(1).await.open().await;
    (house, martin, peeters)
}

/// The practitioner of this name, as a patient is offered them.
async fn offered(page: &mut Page, name: &str) -> (ServiceId, PractitionerId) {
    let seen = page.patient(|it| !it.offered.is_empty()).await;
    let service = &seen.offered[0];
    let mut known = service.practitioners.iter();
    let known = known.find(|it| it.name.expose() == name).unwrap();
    (service.service, known.practitioner)
}

/// A patient who has arrived and waits for this practitioner alone.
async fn waiting_for(house: &House, name: &str, practitioner: &str) -> (Device, Page) {
    let device = house.patient().await;
    let mut page = device.open().await;
    let (service, practitioner) = offered(&mut page, practitioner).await;
    let wish = Wish {
        service: Some(service),
        practitioner: Some(practitioner),
        language: Some("fr".to_owned()),
        ..Wish::default()
    };
    let arrive = Request::Arrive {
        name: text(name),
        reason: text(""),
        wish: Some(wish),
    };
    assert_eq!(page.ask(arrive).await, DONE);
    (device, page)
}

fn text(text: &str) -> Redacted<String> {
    Redacted::new(text.to_owned())
}

/// The visit of the only one who waits.
async fn only(console: &mut Page) -> VisitId {
    let seen = console.practitioner(|it| it.waiting.len() == 1).await;
    seen.waiting[0].visit
}

/// Admits the only one who waits.
async fn admit(console: &mut Page) -> (VisitId, ConsultationId) {
    let visit = only(console).await;
    assert_eq!(console.admit(visit).await, DONE);
    let seen = console.practitioner(|it| it.consultation.is_some()).await;
    (visit, seen.consultation.unwrap().consultation)
}

fn state(snapshot: &PatientSnapshot) -> Option<&VisitState> {
    snapshot.visit.as_ref().map(|visit| &visit.state)
}

fn transfer_to(snapshot: &PractitionerSnapshot, name: &str) -> WaitingRoom {
    let mut targets = snapshot.transfers.iter();
    targets.find(|it| it.name.expose() == name).unwrap().to
}

async fn m01_a_patient_asks_for_a_practitioner_who_alone_sees_them(kind: Kind) {
    let (house, mut martin, mut peeters) = two(kind).await;
    let (_ada, mut page) = waiting_for(&house, "Ada", "Dr Peeters").await;
    let seen = peeters.practitioner(|it| it.waiting.len() == 1).await;
    let entry = &seen.waiting[0];
    assert!(entry.named);
    assert_eq!(entry.service.as_deref(), Some("General practice"));
    assert_eq!(entry.language.as_deref(), Some("fr"));
    let seen = page.patient(|it| place(it) == Some(1)).await;
    assert!(seen.offered.is_empty(), "what is offered is for arriving");
    let visit = seen.visit.unwrap();
    assert_eq!(visit.practitioner, Some(text("Dr Peeters")));
    assert_eq!(visit.service.as_deref(), Some("General practice"));
    martin.ask(Request::Ping).await.unwrap();
    assert!(martin.seen_by_practitioner().unwrap().waiting.is_empty());
    assert_eq!(martin.admit(entry.visit).await, Err(ErrorCode::NotFound));
}

async fn m01_a_wish_that_cannot_be_is_refused(kind: Kind) {
    let (house, ..) = two(kind).await;
    let mut page = house.patient().await.open().await;
    let (service, practitioner) = offered(&mut page, "Dr Martin").await;
    for (wish, code) in [
        (
            Wish {
                service: Some(ServiceId::from_random(7)),
                ..Wish::default()
            },
            ErrorCode::NotFound,
        ),
        (
            Wish {
                practitioner: Some(PractitionerId::from_random(7)),
                ..Wish::default()
            },
            ErrorCode::NotFound,
        ),
        (
            Wish {
                regular: true,
                ..Wish::default()
            },
            ErrorCode::NoRegular,
        ),
        (
            // That somebody is it, the clinic knows; a page does not say so.
            Wish {
                practitioner: Some(practitioner),
                regular: true,
                ..Wish::default()
            },
            ErrorCode::NoRegular,
        ),
        (
            Wish {
                language: Some("Français".to_owned()),
                ..Wish::default()
            },
            ErrorCode::Malformed,
        ),
    ] {
        let (name, reason) = (text("Ada"), text(""));
        let wish = Some(wish);
        let arrive = Request::Arrive { name, reason, wish };
        assert_eq!(page.ask(arrive).await, Err(code));
    }
    let wish = Wish {
        service: Some(service),
        practitioner: Some(practitioner),
        regular: false,
        language: None,
    };
    let (name, reason) = (text("Ada"), text(""));
    let wish = Some(wish);
    let arrive = Request::Arrive { name, reason, wish };
    assert_eq!(page.ask(arrive).await, DONE);
}

async fn m01_whoever_waits_for_a_practitioner_who_goes_off_duty_is_asked_and_not_dropped(
    kind: Kind,
) {
    let (house, mut martin, mut peeters) = two(kind).await;
    let (_ada, mut ada) = waiting_for(&house, "Ada", "Dr Peeters").await;
    let mut newcomer = house.patient().await.open().await;
    let answer = |answer| Request::Answer { answer };
    let early = ada.ask(answer(Answer::TakeNext)).await;
    assert_eq!(early, Err(ErrorCode::NothingToChoose));
    let off = Request::SetDuty { duty: Duty::Off };
    assert_eq!(peeters.ask(off).await, DONE);
    peeters.practitioner(|it| it.duty == Some(Duty::Off)).await;
    martin
        .practitioner(|it| it.transfers.iter().any(|target| !target.on_duty))
        .await;
    newcomer
        .patient(|it| it.offered[0].practitioners.iter().any(|one| !one.on_duty))
        .await;
    ada.patient(|it| it.visit.as_ref().is_some_and(|visit| visit.asked))
        .await;
    assert_eq!(ada.ask(answer(Answer::WaitOn)).await, DONE);
    ada.patient(|it| it.visit.as_ref().is_some_and(|visit| !visit.asked))
        .await;

    let (_grace, mut grace) = waiting_for(&house, "Grace", "Dr Peeters").await;
    grace
        .patient(|it| it.visit.as_ref().is_some_and(|visit| visit.asked))
        .await;
    assert_eq!(grace.ask(answer(Answer::TakeNext)).await, DONE);
    grace
        .patient(|it| it.visit.as_ref().unwrap().practitioner.is_none())
        .await;
    martin.practitioner(|it| names(it) == ["Grace"]).await;
}

async fn m06_a_message_reaches_somebody_who_waits_and_can_be_taken_back(kind: Kind) {
    let house = House::open_on(kind).await;
    let mut console = house.practitioner().await.open().await;
    let (_ada, mut ada) = house.waiting("Ada").await;
    let visit = only(&mut console).await;
    let message = |text| Request::Message { visit, text };
    assert_eq!(console.ask(message(text("Ten minutes."))).await, DONE);
    let written = |it: &PatientSnapshot| it.visit.as_ref().and_then(|it| it.message.clone());
    ada.patient(|it| written(it) == Some(text("Ten minutes.")))
        .await;
    console
        .practitioner(|it| it.waiting[0].message == Some(text("Ten minutes.")))
        .await;
    assert_eq!(console.ask(message(text(" "))).await, DONE);
    ada.patient(|it| written(it).is_none()).await;
    let long = console.ask(message(text(&"x".repeat(301)))).await;
    assert_eq!(long, Err(ErrorCode::InvalidText));
}

async fn m06_whoever_is_called_while_away_comes_first_when_back_in_time(kind: Kind) {
    let house = House::open_on(kind).await;
    let mut console = house.practitioner().await.open().await;
    let (_ada, mut ada) = house.waiting("Ada").await;
    let (grace, page) = house.waiting("Grace").await;
    let seen = console.practitioner(|it| it.waiting.len() == 2).await;
    let visit = seen.waiting[1].visit;
    let call = Request::Call { visit };
    let there = console.ask(call.clone()).await;
    assert_eq!(there, Err(ErrorCode::PatientThere));
    page.vanish().await;
    console
        .practitioner(|it| it.waiting.iter().any(|entry| !entry.connected))
        .await;
    assert_eq!(console.ask(call).await, DONE);
    let seen = console.practitioner(|it| !it.missed.is_empty()).await;
    assert_eq!((names(&seen), seen.missed[0].called), (vec!["Ada"], true));
    let mut page = grace.open().await;
    page.patient(|it| place(it) == Some(1)).await;
    ada.patient(|it| place(it) == Some(2)).await;
    let seen = console.practitioner(|it| it.waiting.len() == 2).await;
    assert_eq!(names(&seen), ["Grace", "Ada"]);
    assert!(seen.missed.is_empty());
}

async fn m06_a_no_show_is_called_back(kind: Kind) {
    let house = House::open_on(kind).await;
    let mut console = house.practitioner().await.open().await;
    let (ada, page) = house.waiting("Ada").await;
    let visit = only(&mut console).await;
    page.vanish().await;
    console.practitioner(|it| !it.waiting[0].connected).await;
    let call = Request::Call { visit };
    assert_eq!(console.ask(call.clone()).await, DONE);
    console.practitioner(|it| !it.missed.is_empty()).await;
    house.advance(Millis::from_secs(181));
    console
        .practitioner(|it| it.missed.iter().any(|missed| !missed.called))
        .await;
    let mut page = ada.open().await;
    page.patient(|it| outcome(it) == Some(&Outcome::NoShow))
        .await;
    assert_eq!(console.ask(call).await, DONE);
    page.patient(|it| place(it) == Some(1)).await;
    let seen = console.practitioner(|it| it.missed.is_empty()).await;
    assert_eq!(names(&seen), ["Ada"]);
}

async fn m06_urgency_brings_somebody_forward_and_a_reason_for_an_overtake_is_written_down(
    kind: Kind,
) {
    let house = House::open_on(kind).await;
    let mut console = house.practitioner().await.open().await;
    let (_ada, _page) = house.waiting("Ada").await;
    let (_grace, mut grace) = house.waiting("Grace").await;
    let seen = console.practitioner(|it| it.waiting.len() == 2).await;
    let (first, second) = (seen.waiting[0].visit, seen.waiting[1].visit);
    let urgent = Request::SetUrgency {
        visit: second,
        urgency: Urgency::Urgent,
    };
    assert_eq!(console.ask(urgent).await, DONE);
    grace.patient(|it| place(it) == Some(1)).await;
    let seen = console
        .practitioner(|it| names(it) == ["Grace", "Ada"])
        .await;
    assert_eq!(seen.waiting[0].urgency, Urgency::Urgent);
    let admit = Request::Admit {
        visit: first,
        overtake: Some(OvertakeReason::ClinicalNeed),
    };
    assert_eq!(console.ask(admit).await, DONE);
    console.practitioner(|it| it.consultation.is_some()).await;
    let written = house.texts("SELECT entry FROM audit").await;
    assert!(written.iter().any(|it| it.contains("clinical_need")));
}

async fn m06_whoever_passes_somebody_is_asked_why_and_nothing_is_changed_before_they_say(
    kind: Kind,
) {
    let house = House::open_on(kind).await;
    let mut console = house.practitioner().await.open().await;
    let (_ada, _page) = house.waiting("Ada").await;
    let (_grace, mut grace) = house.waiting("Grace").await;
    let seen = console.practitioner(|it| it.waiting.len() == 2).await;
    let visit = seen.waiting[1].visit;
    let stored = house.stored().await;
    let asked = console.admit(visit).await;
    assert_eq!(asked, Err(ErrorCode::OvertakeNeedsAReason));
    let there_is_one_waiting_room = console
        .ask(Request::Admit {
            visit,
            overtake: Some(OvertakeReason::WaitingRoomFirst),
        })
        .await;
    assert_eq!(there_is_one_waiting_room, Err(ErrorCode::NotAChoice));
    assert_eq!(house.stored().await, stored);
    let agreed = Request::Admit {
        visit,
        overtake: Some(OvertakeReason::ByAgreement),
    };
    assert_eq!(console.ask(agreed).await, DONE);
    grace.patient(|it| it.consultation.is_some()).await;
}

async fn m06_on_hold_the_place_is_kept_nothing_flows_and_another_is_seen_meanwhile(kind: Kind) {
    let house = House::open_on(kind).await;
    let mut console = house.practitioner().await.open().await;
    let (_ada, mut ada) = house.waiting("Ada").await;
    let (visit, consultation) = admit(&mut console).await;
    assert_eq!(console.ask(Request::Hold { consultation }).await, DONE);
    let seen = console.practitioner(|it| !it.held.is_empty()).await;
    assert_eq!(seen.consultation, None);
    assert_eq!(
        (
            seen.held[0].visit,
            seen.held[0].consultation,
            seen.held[0].connected
        ),
        (visit, consultation, true)
    );
    let seen = ada
        .patient(|it| state(it) == Some(&VisitState::OnHold { consultation }))
        .await;
    assert!(!seen.leg.unwrap().open, "nothing flows");

    let (_grace, _page) = house.waiting("Grace").await;
    let (_, other) = admit(&mut console).await;
    let busy = console.ask(Request::Resume { consultation }).await;
    assert_eq!(busy, Err(ErrorCode::PractitionerBusy));
    let end = Request::End {
        consultation: other,
        conclusion: None,
    };
    assert_eq!(console.ask(end).await, DONE);
    assert_eq!(console.ask(Request::Resume { consultation }).await, DONE);
    let seen = console
        .practitioner(|it| {
            it.consultation
                .as_ref()
                .is_some_and(|it| it.consultation == consultation)
        })
        .await;
    assert!(seen.held.is_empty());
    let seen = ada
        .patient(|it| state(it) == Some(&VisitState::InConsultation { consultation }))
        .await;
    assert!(seen.leg.unwrap().open);
}

async fn m07_transfer_keeps_place_socket_and_link_and_changes_keys(kind: Kind) {
    let (house, mut martin, mut peeters) = two(kind).await;
    let (_ada, mut ada) = house.waiting("Ada").await;
    let (visit, first) = admit(&mut martin).await;
    let begin = |consultation| Request::Commit {
        consultation,
        commit: Base64Bytes(commit(consultation, 1, 0)),
        welcome: None,
    };
    assert!(martin.ask(begin(first)).await.is_ok());
    let before = ada
        .patient(|it| {
            it.consultation
                .as_ref()
                .is_some_and(|it| it.group.is_some())
        })
        .await;
    let (_grace, mut grace) = waiting_for(&house, "Grace", "Dr Peeters").await;
    grace.patient(|it| place(it) == Some(1)).await;
    let sessions = sessions(&house).await;

    let to = transfer_to(martin.seen_by_practitioner().unwrap(), "Dr Peeters");
    assert_eq!(martin.ask(Request::Transfer { visit, to }).await, DONE);
    let seen = martin.practitioner(|it| it.ended.is_some()).await;
    assert_eq!(seen.ended.unwrap().outcome, Outcome::Transferred);
    // Ada came first, and so she is first for the other one as well.
    let seen = ada.patient(|it| place(it) == Some(1)).await;
    assert_eq!(seen.visit.as_ref().unwrap().visit, visit);
    assert_eq!(seen.visit.unwrap().practitioner, Some(text("Dr Peeters")));
    grace.patient(|it| place(it) == Some(2)).await;
    let seen = peeters.practitioner(|it| it.waiting.len() == 2).await;
    assert_eq!(names(&seen), ["Ada", "Grace"]);

    // The same socket and the same session go on; all that keys hang on is new.
    assert_eq!(peeters.admit(visit).await, DONE);
    let after = ada.patient(|it| it.consultation.is_some()).await;
    let (old, new) = (before.consultation.unwrap(), after.consultation.unwrap());
    assert_ne!(old.consultation, new.consultation);
    assert_eq!(new.group, None);
    let (old_leg, new_leg) = (before.leg.unwrap(), after.leg.unwrap());
    assert_ne!(old_leg.call, new_leg.call);
    assert_ne!(old_leg.leg, new_leg.leg);
    assert!(peeters.ask(begin(new.consultation)).await.is_ok());
    let group = |it: &PatientSnapshot| it.consultation.as_ref().and_then(|it| it.group);
    let seen = ada.patient(|it| group(it).is_some()).await;
    assert_eq!(group(&seen).unwrap().committer, peeters.instance());
    let late = martin.ask(begin(first)).await;
    assert_eq!(late, Err(ErrorCode::NotInConsultation));
    assert_eq!(self::sessions(&house).await, sessions);
}

async fn sessions(house: &House) -> Vec<String> {
    let count = "SELECT CAST(count(*) AS TEXT) FROM sessions";
    house.texts(count).await
}

async fn m07_somebody_who_waits_is_handed_on_to_another_waiting_room(kind: Kind) {
    let (house, mut martin, mut peeters) = two(kind).await;
    let (_ada, mut ada) = waiting_for(&house, "Ada", "Dr Peeters").await;
    let visit = only(&mut peeters).await;
    let seen = peeters.practitioner(|it| !it.transfers.is_empty()).await;
    let to = transfer_to(&seen, "General practice");
    assert_eq!(
        martin.ask(Request::Transfer { visit, to }).await,
        Err(ErrorCode::NotFound)
    );
    assert_eq!(peeters.ask(Request::Transfer { visit, to }).await, DONE);
    assert_eq!(only(&mut martin).await, visit);
    ada.patient(|it| place(it) == Some(1) && it.visit.as_ref().unwrap().practitioner.is_none())
        .await;
    let nowhere = WaitingRoom::Practitioner(PractitionerId::from_random(7));
    let nowhere = Request::Transfer { visit, to: nowhere };
    assert_eq!(martin.ask(nowhere).await, Err(ErrorCode::NotFound));
}

async fn m15_a_break_ends_by_itself(kind: Kind) {
    let house = House::open_on(kind).await;
    let mut console = house.practitioner().await.open().await;
    let until = Some(crate::support::house::START.plus(Millis::from_secs(600)));
    let duty = Duty::Break { until };
    assert_eq!(console.ask(Request::SetDuty { duty }).await, DONE);
    console.practitioner(|it| it.duty == Some(duty)).await;
    house.advance(Millis::from_secs(600));
    console.practitioner(|it| it.duty == Some(Duty::On)).await;
}

async fn m20_both_read_what_was_concluded(kind: Kind) {
    let house = House::open_on(kind).await;
    let mut console = house.practitioner().await.open().await;
    let (_ada, mut ada) = house.waiting("Ada").await;
    let (_, consultation) = admit(&mut console).await;
    let end = Request::End {
        consultation,
        conclusion: Some(Conclusion::InPersonNeeded),
    };
    assert_eq!(console.ask(end).await, DONE);
    let concluded = Outcome::Completed {
        conclusion: Some(Conclusion::InPersonNeeded),
    };
    ada.patient(|it| outcome(it) == Some(&concluded)).await;
    let seen = console.practitioner(|it| it.ended.is_some()).await;
    assert_eq!(seen.ended.unwrap().outcome, concluded);
}

async fn the_desk_is_the_practitioners_and_the_answer_the_patients(kind: Kind) {
    let house = House::open_on(kind).await;
    let mut console = house.practitioner().await.open().await;
    let (_ada, mut ada) = house.waiting("Ada").await;
    let (visit, consultation) = admit(&mut console).await;
    let to = transfer_to(console.seen_by_practitioner().unwrap(), "General practice");
    for request in [
        Request::Call { visit },
        Request::Message {
            visit,
            text: text("Mine"),
        },
        Request::SetUrgency {
            visit,
            urgency: Urgency::Urgent,
        },
        Request::Transfer { visit, to },
        Request::Hold { consultation },
        Request::Resume { consultation },
        Request::SetDuty { duty: Duty::Off },
    ] {
        assert_eq!(ada.ask(request).await, Err(ErrorCode::NotPermitted));
    }
    let answer = Request::Answer {
        answer: Answer::WaitOn,
    };
    assert_eq!(console.ask(answer).await, Err(ErrorCode::NotPermitted));
}

async fn a_change_of_place_alone_is_told_once_a_second_and_ones_own_at_once(kind: Kind) {
    let house = House::open_on(kind).await;
    let mut before = Vec::new();
    for name in ["Ada", "Grace", "Joan"] {
        before.push(house.waiting(name).await.1);
    }
    let (_last, mut last) = house.waiting("Last").await;
    last.patient(|it| place(it) == Some(4)).await;
    for page in &mut before {
        assert_eq!(page.ask(Request::Leave).await, DONE);
        page.patient(|it| outcome(it).is_some()).await;
        last.ask(Request::Ping).await.unwrap();
        assert_eq!(place(last.seen_by_patient().unwrap()), Some(3));
    }
    house.advance(Millis::from_secs(1));
    let next = last
        .until(|it| matches!(it, ServerMessage::Patient(_)))
        .await;
    let ServerMessage::Patient(next) = next else {
        unreachable!()
    };
    assert_eq!(place(&next), Some(1), "and nothing in between");
}
