//! Those who come with a patient, over real sockets: invited, waiting, in the consultation, and gone.

use std::collections::BTreeSet;

use vestibule_control::CallPlan;
use vestibule_protocol::client::Request;
use vestibule_protocol::company::{
    CompanionEnd, CompanionRole, CompanionSnapshot, CompanionState, InvitationView,
};
use vestibule_protocol::server::{ConsultationView, PatientSnapshot, Reply, ServerMessage};
use vestibule_protocol::{Base64Bytes, ErrorCode};
use vestibule_vocab::{
    ConsultationId, InvitationId, Millis, ParticipantId, PractitionerId, Redacted, Role, VisitId,
};

use crate::support::fake_sfu::{FakeSfu, Launches, fakes};
use crate::support::frames::{commit, key_package, welcome};
use crate::support::house::names;
use crate::support::{Device, House, Kind, Page, Rest};

use CompanionRole::{Interpreter, Other, Parent, SecondPractitioner};

const DONE: Result<Reply, ErrorCode> = Ok(Reply::Done);
const HOUR: Millis = Millis::from_secs(60 * 60);

/// A device that has used an invitation's link.
async fn claimed(house: &House, token: &str) -> Device {
    let mut device = house.device();
    device.claim(token).await.unwrap();
    device
}

/// Somebody who came by this link.
async fn come(house: &House, token: &str, name: &str) -> (Device, Page) {
    let device = claimed(house, token).await;
    let mut page = device.open().await;
    assert_eq!(page.arrive(name, "").await, DONE);
    (device, page)
}

/// A practitioner, and Ada who waits.
struct Room {
    house: House,
    console: Page,
    ada: Page,
    visit: VisitId,
}

async fn room_in(house: House) -> Room {
    let mut console = house.practitioner().await.open().await;
    let (_, ada) = house.waiting("Ada").await;
    let seen = console.practitioner(|it| it.waiting.len() == 1).await;
    let visit = seen.waiting[0].visit;
    Room {
        house,
        console,
        ada,
        visit,
    }
}

async fn room() -> Room {
    room_in(House::open().await).await
}

impl Room {
    async fn admit(&mut self) -> ConsultationId {
        self.console
            .practitioner(|it| it.waiting.first().is_some_and(|it| it.connected))
            .await;
        assert_eq!(self.console.admit(self.visit).await, DONE);
        let seen = self
            .console
            .practitioner(|it| it.consultation.is_some())
            .await;
        seen.consultation.unwrap().consultation
    }

    async fn companion(&mut self, role: CompanionRole, name: &str) -> (Device, Page) {
        let (_, token) = self.ada.invite(None, role).await.unwrap();
        come(&self.house, &token, name).await
    }
}

fn named(companions: &[InvitationView]) -> Vec<Option<&str>> {
    let names = companions.iter();
    names
        .map(|it| it.name.as_ref().map(|it| it.expose().as_str()))
        .collect()
}

fn people(view: &ConsultationView) -> Vec<(Role, &str)> {
    let people = view.participants.iter();
    people
        .map(|it| (it.role, it.name.expose().as_str()))
        .collect()
}

/// How many are in a patient's consultation.
fn count(snapshot: &PatientSnapshot) -> Option<usize> {
    Some(snapshot.consultation.as_ref()?.participants.len())
}

fn is_over(snapshot: &CompanionSnapshot, why: CompanionEnd) -> bool {
    snapshot.state == CompanionState::Over { why }
}

async fn house_with_an_sfu() -> (House, Launches) {
    let (launch, launches) = fakes();
    let house = House::open_with(move |settings| settings.sfu = Some(launch.clone())).await;
    (house, launches)
}

/// The next plan that has so many legs.
async fn plan_of(sfu: &mut FakeSfu, legs: usize) -> CallPlan {
    loop {
        let plan = sfu.plan().await;
        if plan.legs.len() == legs {
            return plan;
        }
    }
}

#[tokio::test]
async fn m08_a_companion_comes_by_a_link_waits_with_the_patient_and_joins_at_the_admission() {
    let (house, mut launches) = house_with_an_sfu().await;
    let mut sfu = launches.next().await;
    let mut room = room_in(house).await;
    let (_, token) = room.ada.invite(None, Interpreter).await.unwrap();
    let device = claimed(&room.house, &token).await;
    let mut page = device.open().await;
    let seen = page
        .companion(|it| it.state == CompanionState::Invited)
        .await;
    assert_eq!((seen.role, seen.patient), (Some(Interpreter), None));
    assert_eq!(page.arrive(" Sofie ", "").await, DONE);
    assert_eq!(page.arrive("Sofie", "").await, DONE, "repeated");

    let waiting = CompanionState::Waiting { place: Some(1) };
    let seen = page.companion(|it| it.state == waiting).await;
    assert_eq!(seen.patient, Some(Redacted::new("Ada".to_owned())));
    assert_eq!((seen.leg, seen.consultation), (None, None), "no media yet");
    let seen = room
        .console
        .practitioner(|it| named(&it.waiting[0].companions) == [Some("Sofie")])
        .await;
    assert!(seen.waiting[0].companions[0].connected);
    room.ada
        .patient(|it| named(&it.visit.as_ref().unwrap().companions) == [Some("Sofie")])
        .await;

    let consultation = room.admit().await;
    let seen = page.companion(|it| it.consultation.is_some()).await;
    assert_eq!(seen.state, CompanionState::InConsultation { consultation });
    let leg = seen.leg.unwrap();
    assert!(leg.open);
    let plan = plan_of(&mut sfu, 3).await;
    assert!(plan.open && plan.call == leg.call && plan.legs.contains(&leg.leg));
    let view = seen.consultation.unwrap();
    assert_eq!(
        people(&view),
        [
            (Role::Patient, "Ada"),
            (Role::Practitioner, "Dr Martin"),
            (Role::Companion, "Sofie"),
        ]
    );
    assert_eq!(view.participants[2].companion, Some(Interpreter));
    assert!(
        view.companions.is_empty(),
        "who else is invited is not theirs to know"
    );
}

#[tokio::test]
async fn m08_one_who_comes_later_joins_then_and_one_who_goes_is_in_it_no_more() {
    let (house, mut launches) = house_with_an_sfu().await;
    let mut sfu = launches.next().await;
    let mut room = room_in(house).await;
    let consultation = room.admit().await;
    let before = plan_of(&mut sfu, 2).await;
    let (_, mut page) = room.companion(Parent, "Sofie").await;
    let joined = loop {
        let plan = sfu.plan().await;
        if plan.open && plan.legs.len() == 3 {
            break plan;
        }
    };
    assert_eq!(joined.call, before.call, "nobody else connects anew");
    let set = |plan: &CallPlan| plan.legs.iter().copied().collect::<BTreeSet<_>>();
    assert!(set(&joined).is_superset(&set(&before)));

    let publish = Request::PublishKeyPackages {
        packages: vec![Base64Bytes(key_package())],
    };
    assert_eq!(page.ask(publish).await, DONE);
    let seen = room
        .console
        .practitioner(|it| {
            let view = it.consultation.as_ref();
            let third = view.and_then(|view| view.participants.get(2));
            third.is_some_and(|it| it.key_package)
        })
        .await;
    let view = seen.consultation.unwrap();
    assert_eq!(named(&view.companions), [Some("Sofie")]);
    let claim = Request::ClaimKeyPackages {
        consultation,
        instances: vec![page.instance()],
    };
    assert!(matches!(
        room.console.ask(claim.clone()).await,
        Ok(Reply::KeyPackages { packages }) if packages.len() == 1
    ));
    assert_eq!(page.ask(claim).await, Err(ErrorCode::NotCommitter));
    let begin = Request::Commit {
        consultation,
        commit: Base64Bytes(commit(consultation, 1, 0)),
        welcome: Some(Base64Bytes(welcome())),
    };
    assert_eq!(page.ask(begin.clone()).await, Err(ErrorCode::NotCommitter));
    assert!(room.console.ask(begin).await.is_ok());
    page.until(|it| matches!(it, ServerMessage::Log { .. }))
        .await;

    assert_eq!(page.ask(Request::Leave).await, DONE);
    page.companion(|it| is_over(it, CompanionEnd::Left) && it.leg.is_none())
        .await;
    let gone = plan_of(&mut sfu, 2).await;
    assert_eq!(set(&gone), set(&before));
    let sync = Request::Sync {
        consultation,
        after: 0,
    };
    assert_eq!(page.ask(sync).await, Err(ErrorCode::NotInConsultation));
    let seen = room.ada.patient(|it| count(it) == Some(2)).await;
    assert!(seen.visit.unwrap().companions.is_empty());
    assert_eq!(
        page.arrive("Sofie", "").await,
        Err(ErrorCode::InvitationUsed)
    );
}

#[tokio::test]
async fn m08_the_practitioner_invites_too_and_shows_out() {
    let mut room = room().await;
    let (invitation, token) = room
        .console
        .invite(Some(room.visit), SecondPractitioner)
        .await
        .unwrap();
    let (_, mut page) = come(&room.house, &token, "Dr Peeters").await;
    room.admit().await;
    page.companion(|it| it.consultation.is_some()).await;
    let withdraw = Request::WithdrawInvitation {
        visit: Some(room.visit),
        invitation,
    };
    assert_eq!(room.console.ask(withdraw.clone()).await, DONE);
    assert_eq!(room.console.ask(withdraw).await, DONE);
    let seen = page
        .companion(|it| is_over(it, CompanionEnd::Withdrawn))
        .await;
    assert_eq!(
        (seen.leg, seen.consultation, seen.patient),
        (None, None, None)
    );
    room.ada.patient(|it| count(it) == Some(2)).await;
}

#[tokio::test]
async fn m08_an_invitation_that_is_used_guessed_or_anothers_lets_nobody_in() {
    let mut room = room().await;
    let (invitation, token) = room.ada.invite(None, Other).await.unwrap();
    let (_, _page) = come(&room.house, &token, "Sofie").await;
    let mut thief = room.house.device();
    assert_eq!(thief.claim(&token).await, Err(ErrorCode::TokenUsed));

    let mut guessed = token.clone();
    let last = if guessed.ends_with('A') { 'B' } else { 'A' };
    guessed.replace_range(guessed.len() - 2.., &format!("{last}{last}"));
    assert_eq!(thief.claim(&guessed).await, Err(ErrorCode::TokenInvalid));

    let other = House::open().await;
    let mut elsewhere = other.device();
    assert_eq!(elsewhere.claim(&token).await, Err(ErrorCode::TokenInvalid));

    // To those of another visit, the invitation does not exist.
    let (_, mut grace) = room.house.waiting("Grace").await;
    for visit in [None, Some(room.visit)] {
        let withdraw = Request::WithdrawInvitation { visit, invitation };
        assert_eq!(grace.ask(withdraw).await, Err(ErrorCode::NotFound));
    }
    let into = grace.invite(Some(room.visit), Other).await;
    assert_eq!(into, Err(ErrorCode::NotFound));
    let nowhere = room.console.invite(None, Other).await;
    assert_eq!(nowhere, Err(ErrorCode::Malformed));
    let unknown = room
        .console
        .invite(Some(VisitId::from_random(7)), Other)
        .await;
    assert_eq!(unknown, Err(ErrorCode::NotFound));
}

#[tokio::test]
async fn m08_an_invitation_that_was_taken_back_or_is_past_its_time_lets_nobody_in() {
    let mut room = room().await;
    let (invitation, token) = room.ada.invite(None, Other).await.unwrap();
    let (_, late) = room.ada.invite(None, Other).await.unwrap();
    let device = claimed(&room.house, &token).await;
    let mut page = device.open().await;
    page.companion(|it| it.state == CompanionState::Invited)
        .await;
    let withdraw = Request::WithdrawInvitation {
        visit: None,
        invitation,
    };
    assert_eq!(room.ada.ask(withdraw).await, DONE);
    page.companion(|it| is_over(it, CompanionEnd::Withdrawn))
        .await;
    let refused = page.arrive("Sofie", "").await;
    assert_eq!(refused, Err(ErrorCode::InvitationWithdrawn));

    let device = claimed(&room.house, &late).await;
    let mut page = device.open().await;
    room.house.advance(Millis(24 * HOUR.0));
    page.companion(|it| is_over(it, CompanionEnd::Expired))
        .await;
    let refused = page.arrive("Sofie", "").await;
    assert_eq!(refused, Err(ErrorCode::InvitationExpired));
    let mut slow = room.house.device();
    assert_eq!(slow.claim(&late).await, Err(ErrorCode::TokenExpired));
}

#[tokio::test]
async fn m08_five_people_are_in_a_consultation_and_a_sixth_is_not() {
    let mut room = room().await;
    room.admit().await;
    let mut pages = Vec::new();
    for name in ["Sofie", "Karim", "Noor"] {
        pages.push(room.companion(Other, name).await);
    }
    let seen = room.ada.patient(|it| count(it) == Some(5)).await;
    assert!(
        seen.consultation
            .unwrap()
            .participants
            .iter()
            .all(|it| it.connected)
    );
    let (_, token) = room.ada.invite(None, Other).await.unwrap();
    let device = claimed(&room.house, &token).await;
    let mut sixth = device.open().await;
    assert_eq!(
        sixth.arrive("Luc", "").await,
        Err(ErrorCode::ConsultationFull)
    );
    assert_eq!(pages[0].1.ask(Request::Leave).await, DONE);
    assert_eq!(sixth.arrive("Luc", "").await, DONE);
    sixth.companion(|it| it.consultation.is_some()).await;
}

#[tokio::test]
async fn m08_a_companion_may_do_nothing_that_is_the_patients_or_the_practitioners() {
    let mut room = room().await;
    let (_, mut page) = room.companion(Parent, "Sofie").await;
    let visit = room.visit;
    for request in [
        Request::Admit {
            visit,
            overtake: None,
        },
        Request::Invite {
            visit: Some(visit),
            role: Other,
            colleague: None,
        },
        Request::Join {
            invitation: InvitationId::from_random(7),
        },
        Request::Call { visit },
    ] {
        assert_eq!(page.ask(request).await, Err(ErrorCode::NotPermitted));
    }
    assert_eq!(page.arrive("\u{0}", "").await, Err(ErrorCode::InvalidName));
}

#[tokio::test]
async fn m08_a_short_absence_keeps_the_place_in_the_consultation_and_a_long_one_the_seat() {
    let mut room = room().await;
    let (device, page) = room.companion(Parent, "Sofie").await;
    room.admit().await;
    let instance = page.instance();
    page.vanish().await;
    let third =
        |it: &PatientSnapshot| Some(it.consultation.as_ref()?.participants.get(2)?.connected);
    room.ada.patient(|it| third(it) == Some(false)).await;
    let mut page = device.open_as(instance).await;
    page.companion(|it| it.consultation.is_some()).await;
    room.ada.patient(|it| third(it) == Some(true)).await;
    page.vanish().await;
    room.ada.patient(|it| third(it) == Some(false)).await;
    room.house.advance(room.house.settings().policy.grace);
    room.ada.patient(|it| count(it) == Some(2)).await;
    let mut page = device.open().await;
    page.companion(|it| it.consultation.is_some()).await;
    room.ada.patient(|it| third(it) == Some(true)).await;
}

#[tokio::test]
async fn m08_a_restart_keeps_the_companion_and_everybodys_leg() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let mut room = room_in(House::open_on(kind).await).await;
        let (device, mut page) = room.companion(Interpreter, "Sofie").await;
        room.admit().await;
        let before = page.companion(|it| it.leg.is_some()).await;
        let mut house = room.house;
        house.restart().await;
        let device = device.moved(house.address());
        let mut page = device.open().await;
        let after = page.companion(|it| it.leg.is_some()).await;
        assert_eq!(after.leg, before.leg);
        assert_eq!(after.state, before.state);
        let view = after.consultation.unwrap();
        assert_eq!(people(&view)[2], (Role::Companion, "Sofie"));
    }
}

#[tokio::test]
async fn m08_the_end_of_the_visit_is_the_end_for_its_companions() {
    let mut room = room().await;
    let (_, mut page) = room.companion(Parent, "Sofie").await;
    let consultation = room.admit().await;
    page.companion(|it| it.consultation.is_some()).await;
    let end = Request::End {
        consultation,
        conclusion: None,
    };
    assert_eq!(room.console.ask(end).await, DONE);
    let seen = page
        .companion(|it| is_over(it, CompanionEnd::VisitEnded))
        .await;
    assert_eq!(
        (seen.leg, seen.consultation, seen.patient),
        (None, None, None)
    );
}

#[tokio::test]
async fn m08_a_companion_at_another_server_waits_and_joins_too() {
    let change = |settings: &mut vestibule_signaling::Settings| {
        settings.names.practitioners = vec!["Dr Martin".parse().unwrap()];
    };
    let here = House::open_on_with(Kind::Postgres, change).await;
    let there = House::open_beside(&here, change).await;
    let mut room = room_in(here).await;
    let (_, token) = room.ada.invite(None, Interpreter).await.unwrap();
    let device = claimed(&room.house, &token).await;
    let device = device.moved(there.address());
    let mut page = device.open().await;
    // Heard of at the first server before the seat is.
    page.companion(|it| it.state == CompanionState::Invited)
        .await;
    assert_eq!(page.arrive("Sofie", "").await, DONE);
    let seen = room
        .console
        .practitioner(|it| {
            let companions = it.waiting.first().map(|it| &it.companions);
            companions.is_some_and(|it| it.first().is_some_and(|it| it.connected))
        })
        .await;
    assert_eq!(names(&seen), ["Ada"]);
    room.admit().await;
    let seen = page.companion(|it| it.consultation.is_some()).await;
    let participant = device.participant.unwrap();
    let roster: Vec<ParticipantId> = seen
        .consultation
        .unwrap()
        .participants
        .iter()
        .map(|it| it.participant)
        .collect();
    assert!(roster.contains(&participant) && roster.len() == 3);
    assert_eq!(page.ask(Request::Leave).await, DONE);
    room.ada.patient(|it| count(it) == Some(2)).await;
}

/// Whoever opens a link in the browser in which a practitioner is signed in is taken to be that practitioner.
#[tokio::test]
async fn m08_a_practitioner_who_comes_by_a_link_is_known_by_their_browser() {
    let house = House::open_with(|settings| {
        settings.names.practitioners = ["Dr Martin", "Dr Peeters"]
            .iter()
            .map(|it| it.parse().unwrap())
            .collect();
    });
    let mut room = room_in(house.await).await;
    let browser = room.house.practitioner_at(1).await;
    let mut peeters = browser.open().await;
    let consultation = room.admit().await;
    let (_, token) = room.ada.invite(None, Other).await.unwrap();
    let mut device = browser.beside();
    device.claim(&token).await.unwrap();
    let mut page = device.open().await;

    let (_, _grace) = room.house.waiting("Grace").await;
    let seen = peeters.practitioner(|it| names(it) == ["Grace"]).await;
    assert_eq!(peeters.admit(seen.waiting[0].visit).await, DONE);
    let busy = Err(ErrorCode::PractitionerBusy);
    assert_eq!(page.arrive("Somebody", "").await, busy);
    let seen = peeters.practitioner(|it| it.consultation.is_some()).await;
    let own = seen.consultation.unwrap().consultation;
    let hold = Request::Hold { consultation: own };
    assert_eq!(peeters.ask(hold).await, DONE);

    assert_eq!(page.arrive("Somebody", "").await, DONE);
    let state = CompanionState::InConsultation { consultation };
    let seen = page.companion(|it| it.state == state).await;
    let view = seen.consultation.unwrap();
    assert_eq!(
        people(&view)[2],
        (Role::Companion, "Somebody"),
        "called as was typed"
    );
    let resume = Request::Resume { consultation: own };
    assert_eq!(peeters.ask(resume.clone()).await, busy);
    assert_eq!(page.ask(Request::Leave).await, DONE);
    assert_eq!(peeters.ask(resume).await, DONE);

    // In any other browser somebody is a guest like all others, whatever the practitioner does.
    room.companion(Other, "Somebody else").await;
}

/// A clinic of two, with Ada who waits; the second practitioner's console and who they are.
async fn room_of_two() -> (Room, Page, PractitionerId) {
    let house = House::open_with(|settings| {
        settings.names.practitioners = ["Dr Martin", "Dr Peeters"]
            .iter()
            .map(|it| it.parse().unwrap())
            .collect();
    });
    let room = room_in(house.await).await;
    let device = room.house.practitioner_at(1).await;
    let who = PractitionerId::from_bytes(*device.participant.unwrap().as_bytes());
    (room, device.open().await, who)
}

/// The one invitation that a practitioner is shown.
async fn asked(console: &mut Page) -> InvitationId {
    let seen = console.practitioner(|it| it.asked_along.len() == 1).await;
    assert_eq!(seen.asked_along[0].by.expose(), "Dr Martin");
    seen.asked_along[0].invitation
}

#[tokio::test]
async fn m08_a_colleague_is_asked_in_the_console_and_comes_as_themselves() {
    let (mut room, mut peeters, who) = room_of_two().await;
    let consultation = room.admit().await;
    assert_eq!(room.console.ask_along(room.visit, who).await, DONE);
    let invitation = asked(&mut peeters).await;
    let seen = room.console.practitioner(|it| {
        let view = it.consultation.as_ref();
        view.is_some_and(|it| !it.companions.is_empty())
    });
    let view = seen.await.consultation.unwrap();
    let called = view.companions[0].colleague.as_ref().unwrap();
    assert_eq!(
        (called.expose().as_str(), &view.companions[0].name),
        ("Dr Peeters", &None)
    );

    let token = peeters.join(invitation).await.unwrap();
    let device = claimed(&room.house, &token).await;
    let mut page = device.open().await;
    let seen = page
        .companion(|it| it.state == CompanionState::Invited)
        .await;
    assert_eq!(seen.name.unwrap().expose(), "Dr Peeters");
    assert_eq!(page.arrive("Somebody else", "").await, DONE);
    let state = CompanionState::InConsultation { consultation };
    let seen = page.companion(|it| it.state == state).await;
    let view = seen.consultation.unwrap();
    assert_eq!(
        people(&view)[2],
        (Role::Companion, "Dr Peeters"),
        "not as was typed"
    );
    peeters.practitioner(|it| it.asked_along[0].joined).await;

    assert_eq!(page.ask(Request::Leave).await, DONE);
    peeters.practitioner(|it| it.asked_along.is_empty()).await;
}

/// Of each colleague who was asked, whether they said no.
fn refusals(seen: &[InvitationView]) -> Vec<(&str, bool)> {
    let asked = seen.iter();
    asked
        .filter_map(|it| Some((it.colleague.as_ref()?.expose().as_str(), it.declined)))
        .collect()
}

#[tokio::test]
async fn m08_a_colleague_who_cannot_come_says_so_and_can_be_asked_anew() {
    let (mut room, mut peeters, who) = room_of_two().await;
    assert_eq!(room.console.ask_along(room.visit, who).await, DONE);
    let invitation = asked(&mut peeters).await;
    let token = peeters.join(invitation).await.unwrap();
    let decline = Request::DeclineInvitation { invitation };
    assert_eq!(
        room.console.ask(decline.clone()).await,
        Err(ErrorCode::NotFound),
        "it is another's"
    );
    assert_eq!(
        room.ada.ask(decline.clone()).await,
        Err(ErrorCode::NotPermitted)
    );
    assert_eq!(peeters.ask(decline.clone()).await, DONE);
    peeters.practitioner(|it| it.asked_along.is_empty()).await;
    assert_eq!(peeters.ask(decline).await, Err(ErrorCode::NotFound));

    let no = [("Dr Peeters", true)];
    room.console
        .practitioner(|it| refusals(&it.waiting[0].companions) == no)
        .await;
    room.ada
        .patient(|it| it.visit.as_ref().unwrap().companions.is_empty())
        .await;
    room.admit().await;
    room.console
        .practitioner(|it| {
            let view = it.consultation.as_ref();
            view.is_some_and(|view| refusals(&view.companions) == no)
        })
        .await;
    let mut page = claimed(&room.house, &token).await.open().await;
    let used = page.arrive("", "").await;
    assert_eq!(used, Err(ErrorCode::InvitationUsed));

    assert_eq!(room.console.ask_along(room.visit, who).await, DONE);
    room.console
        .practitioner(|it| {
            let view = it.consultation.as_ref();
            view.is_some_and(|view| refusals(&view.companions) == [("Dr Peeters", false)])
        })
        .await;
    let anew = asked(&mut peeters).await;
    let token = peeters.join(anew).await.unwrap();
    let mut page = claimed(&room.house, &token).await.open().await;
    assert_eq!(page.arrive("", "").await, DONE);
    page.companion(|it| it.consultation.is_some()).await;
    let came = Request::DeclineInvitation { invitation: anew };
    assert_eq!(peeters.ask(came).await, Err(ErrorCode::AlreadyCompanion));
}

#[tokio::test]
async fn m08_a_practitioner_in_a_consultation_is_no_companion_and_a_companion_begins_none() {
    let (mut room, mut peeters, who) = room_of_two().await;
    room.admit().await;
    assert_eq!(room.console.ask_along(room.visit, who).await, DONE);
    let invitation = asked(&mut peeters).await;
    let token = peeters.join(invitation).await.unwrap();
    let mut page = claimed(&room.house, &token).await.open().await;

    let (_, _grace) = room.house.waiting("Grace").await;
    let seen = peeters.practitioner(|it| it.waiting.len() == 1).await;
    let grace = seen.waiting[0].visit;
    assert_eq!(peeters.admit(grace).await, DONE);
    let busy = Err(ErrorCode::PractitionerBusy);
    assert_eq!(page.arrive("", "").await, busy, "with a token from before");
    assert_eq!(
        peeters.join(invitation).await,
        Err(ErrorCode::PractitionerBusy)
    );
    let seen = peeters.practitioner(|it| it.consultation.is_some()).await;
    let consultation = seen.consultation.unwrap().consultation;
    assert_eq!(peeters.ask(Request::Hold { consultation }).await, DONE);

    assert_eq!(page.arrive("", "").await, DONE, "nobody is seen now");
    assert_eq!(peeters.ask(Request::Resume { consultation }).await, busy);
    let (_, _luc) = room.house.waiting("Luc").await;
    let seen = peeters.practitioner(|it| it.waiting.len() == 1).await;
    assert_eq!(peeters.admit(seen.waiting[0].visit).await, busy);
    assert_eq!(page.ask(Request::Leave).await, DONE);
    assert_eq!(peeters.ask(Request::Resume { consultation }).await, DONE);
}

#[tokio::test]
async fn m08_a_colleague_who_was_away_for_long_and_saw_somebody_else_comes_back_on_the_same_page() {
    let (mut room, mut peeters, who) = room_of_two().await;
    let ada = room.admit().await;
    assert_eq!(room.console.ask_along(room.visit, who).await, DONE);
    let invitation = asked(&mut peeters).await;
    let token = peeters.join(invitation).await.unwrap();
    let device = claimed(&room.house, &token).await;
    let mut page = device.open().await;
    assert_eq!(page.arrive("", "").await, DONE);
    room.ada.patient(|it| count(it) == Some(3)).await;
    page.vanish().await;
    room.ada
        .patient(|it| {
            let view = it.consultation.as_ref();
            view.is_some_and(|view| view.participants.iter().any(|it| !it.connected))
        })
        .await;
    room.house.advance(room.house.settings().policy.grace);
    room.ada.patient(|it| count(it) == Some(2)).await;

    let (_, _grace) = room.house.waiting("Grace").await;
    let seen = peeters.practitioner(|it| it.waiting.len() == 1).await;
    assert_eq!(peeters.admit(seen.waiting[0].visit).await, DONE);
    let mut page = device.open().await;
    let seen = page.companion(|it| it.state == CompanionState::Away).await;
    assert_eq!((seen.leg, seen.consultation), (None, None));
    let busy = Err(ErrorCode::PractitionerBusy);
    assert_eq!(page.arrive("", "").await, busy);

    let seen = peeters.practitioner(|it| it.consultation.is_some()).await;
    let end = Request::End {
        consultation: seen.consultation.unwrap().consultation,
        conclusion: None,
    };
    assert_eq!(peeters.ask(end).await, DONE);
    assert_eq!(page.arrive("", "").await, DONE);
    let back = CompanionState::InConsultation { consultation: ada };
    page.companion(|it| it.state == back && it.leg.is_some())
        .await;
    room.ada.patient(|it| count(it) == Some(3)).await;
}

#[tokio::test]
async fn m08_only_a_practitioner_asks_a_colleague_and_only_that_colleague_comes() {
    let (mut room, mut peeters, who) = room_of_two().await;
    let (ada, grace) = (room.visit, VisitId::from_random(7));
    let own = room.ada.ask_along(ada, who).await;
    assert_eq!(own, Err(ErrorCode::NotPermitted));
    let unknown = PractitionerId::from_random(7);
    assert_eq!(
        room.console.ask_along(ada, unknown).await,
        Err(ErrorCode::NotFound)
    );
    assert_eq!(
        room.console.ask_along(grace, who).await,
        Err(ErrorCode::NotFound)
    );
    let as_something_else = Request::Invite {
        visit: Some(ada),
        role: Interpreter,
        colleague: Some(who),
    };
    let refused = room.console.ask(as_something_else).await;
    assert_eq!(refused, Err(ErrorCode::Malformed));

    assert_eq!(room.console.ask_along(ada, who).await, DONE);
    let twice = room.console.ask_along(ada, who).await;
    assert_eq!(twice, Err(ErrorCode::AlreadyCompanion));
    let invitation = asked(&mut peeters).await;
    let rest = Rest::of(&room.house).await;
    let (of, which) = (ada.to_text(), invitation.to_text());
    let link = format!("/visits/{of}/companions/{which}/link");
    let for_a_system = rest.get(&link).await;
    assert_eq!(for_a_system.problem(), (404, "not_found".to_owned()));
    let for_another = room.console.join(invitation).await;
    assert_eq!(for_another, Err(ErrorCode::NotFound));
    let withdraw = Request::WithdrawInvitation {
        visit: Some(ada),
        invitation,
    };
    assert_eq!(room.console.ask(withdraw).await, DONE);
    peeters.practitioner(|it| it.asked_along.is_empty()).await;
    assert_eq!(peeters.join(invitation).await, Err(ErrorCode::NotFound));

    // Nothing else that their console shows changes with the end of somebody else's consultation.
    room.admit().await;
    assert_eq!(room.console.ask_along(ada, who).await, DONE);
    asked(&mut peeters).await;
    assert_eq!(room.ada.ask(Request::Leave).await, DONE);
    peeters.practitioner(|it| it.asked_along.is_empty()).await;
}
