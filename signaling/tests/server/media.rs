//! Calls and legs: warmed, opened, moved and closed, with an SFU that does what the test says.

use std::collections::BTreeSet;

use crate::support::fake_sfu::{FakeSfu, Launches, fakes};
use crate::support::house::names;
use crate::support::web;
use crate::support::{Device, House, Page};
use tokio::net::UnixListener;
use vestibule_control::{Binding, CallPlan, Flow, FromSfu, LegState, OfferRefusal, ToSfu};
use vestibule_protocol::ErrorCode;
use vestibule_protocol::client::{Request, Watched};
use vestibule_protocol::server::{Leg, PractitionerSnapshot, Reply, ServerMessage, Slot};
use vestibule_signaling::clock::Clock as _;
use vestibule_vocab::{CallId, ConsultationId, LegId, Millis, Redacted, Source, Timestamp};

async fn house() -> (House, Launches) {
    let (launch, launches) = fakes();
    let house = House::open_with(move |settings| settings.sfu = Some(launch.clone())).await;
    (house, launches)
}

fn offer(leg: LegId, connection: u32) -> Request {
    Request::Offer {
        leg,
        connection,
        sdp: Redacted::new("v=0 offer".to_owned()),
    }
}

/// A patient and a practitioner with a warm leg each.
struct Warm {
    house: House,
    launches: Launches,
    sfu: FakeSfu,
    doctor: Device,
    ada: Device,
    console: Page,
    page: Page,
    mine: Leg,
    theirs: Leg,
}

async fn warm() -> Warm {
    let (house, mut launches) = house().await;
    let mut sfu = launches.next().await;
    let doctor = house.practitioner().await;
    let mut console = doctor.open().await;
    let (ada, mut page) = house.waiting("Ada").await;
    let mine = console
        .practitioner(|it| it.leg.is_some())
        .await
        .leg
        .unwrap();
    let theirs = page.patient(|it| it.leg.is_some()).await.leg.unwrap();
    let plan = sfu.plan().await;
    assert_eq!((plan.call, plan.open), (mine.call, false));
    assert_eq!(set(&plan.legs), set(&[mine.leg, theirs.leg]));
    Warm {
        house,
        launches,
        sfu,
        doctor,
        ada,
        console,
        page,
        mine,
        theirs,
    }
}

fn set(legs: &[LegId]) -> BTreeSet<LegId> {
    legs.iter().copied().collect()
}

impl Warm {
    /// A call fails; both are shown the legs of the one in its place, which the SFU is told of.
    async fn fails(&mut self, call: CallId) -> CallPlan {
        self.sfu.say(FromSfu::Failed { call }).await;
        let other = |leg: &Option<Leg>| leg.as_ref().is_some_and(|leg| leg.call != call);
        let mine = self.console.practitioner(|it| other(&it.leg)).await.leg;
        let theirs = self.page.patient(|it| other(&it.leg)).await.leg;
        (self.mine, self.theirs) = (mine.unwrap(), theirs.unwrap());
        assert_eq!(self.sfu.next().await, Some(ToSfu::CloseCall { call }));
        let plan = self.sfu.plan().await;
        assert_eq!((plan.call, plan.call), (self.mine.call, self.theirs.call));
        assert_eq!(set(&plan.legs), set(&[self.mine.leg, self.theirs.leg]));
        plan
    }

    /// Admits, and waits until both see it.
    async fn admit(&mut self) -> ConsultationId {
        let seen = self.console.practitioner(|it| it.waiting.len() == 1).await;
        self.console.admit(seen.waiting[0].visit).await.unwrap();
        let seen = self.page.patient(|it| it.consultation.is_some()).await;
        self.console
            .practitioner(|it| it.consultation.is_some())
            .await;
        seen.consultation.unwrap().consultation
    }
}

#[tokio::test]
async fn the_next_two_are_warmed_and_admission_only_opens() {
    let mut warm = warm().await;
    assert_eq!((warm.mine.open, warm.theirs.open), (false, false));
    assert_eq!(warm.mine.call, warm.theirs.call);
    let consultation = warm.admit().await;
    let opened = warm
        .page
        .patient(|it| it.consultation.is_some())
        .await
        .leg
        .unwrap();
    assert_eq!(
        opened,
        Leg {
            open: true,
            ..warm.theirs.clone()
        }
    );
    let plan = warm.sfu.plan().await;
    assert_eq!((plan.call, plan.open), (warm.mine.call, true));

    warm.console
        .ask(Request::End {
            consultation,
            conclusion: None,
        })
        .await
        .unwrap();
    let closed = warm.sfu.next().await;
    assert_eq!(
        closed,
        Some(ToSfu::CloseCall {
            call: warm.mine.call
        })
    );
}

#[tokio::test]
async fn whose_media_is_interrupted_is_away_until_it_is_back_on_any_connection() {
    let mut warm = warm().await;
    warm.admit().await;
    let (call, leg) = (warm.theirs.call, warm.theirs.leg);
    let states = [
        (1, LegState::Connected, true),
        (1, LegState::Interrupted, false),
        (1, LegState::Closed, false),
        (2, LegState::Connected, true),
    ];
    for (connection, state, connected) in states {
        let changed = FromSfu::Leg {
            call,
            leg,
            connection,
            state,
        };
        warm.sfu.say(changed).await;
        warm.console
            .practitioner(|it| {
                let people = &it.consultation.as_ref().unwrap().participants;
                people.iter().map(|it| it.connected).eq([connected, true])
            })
            .await;
    }
}

#[tokio::test]
async fn a_call_that_failed_at_the_sfu_is_followed_by_another_to_which_its_people_connect_anew() {
    let mut warm = warm().await;
    let before = warm.fails(warm.mine.call).await;
    assert!(!before.open);
    warm.admit().await;
    assert_eq!(warm.sfu.plan().await.call, before.call);
    let after = warm.fails(before.call).await;
    assert!(after.open);
    // What was said of one that is no more changes nothing.
    let call = before.call;
    warm.sfu.say(FromSfu::Failed { call }).await;
    warm.page.send(offer(warm.theirs.leg, 1)).await;
    assert!(matches!(warm.sfu.next().await, Some(ToSfu::Offer { call, .. }) if call == after.call));
}

#[tokio::test]
async fn a_reload_keeps_the_warm_leg_of_both() {
    let mut warm = warm().await;
    warm.page.vanish().await;
    warm.console
        .practitioner(|it| !it.waiting[0].connected)
        .await;
    let mut page = warm.ada.open().await;
    let again = page.patient(|it| it.leg.is_some()).await.leg.unwrap();
    assert_eq!(again, warm.theirs);
    let still = warm
        .console
        .practitioner(|it| it.waiting[0].connected)
        .await;
    assert_eq!(still.leg, Some(warm.mine));
}

#[tokio::test]
async fn whoever_is_admitted_out_of_order_gets_a_call_of_their_own() {
    let mut warm = warm().await;
    let (_, mut grace) = warm.house.waiting("Grace").await;
    let seen = warm.console.practitioner(|it| it.waiting.len() == 2).await;
    warm.console
        .admit_first(seen.waiting[1].visit)
        .await
        .unwrap();
    let leg = grace.patient(|it| it.leg.is_some()).await.leg.unwrap();
    assert_ne!(leg.call, warm.mine.call);
    let mut told = [warm.sfu.next().await, warm.sfu.next().await];
    told.sort_by_key(|it| matches!(it, Some(ToSfu::SetCall(_))));
    assert_eq!(
        told[0],
        Some(ToSfu::CloseCall {
            call: warm.mine.call
        })
    );
    assert!(matches!(&told[1], Some(ToSfu::SetCall(plan)) if plan.call == leg.call && plan.open));
    warm.page.patient(|it| it.leg.is_none()).await;
}

#[tokio::test]
async fn offers_and_answers_pass_between_the_leg_and_the_sfu() {
    let mut warm = warm().await;
    let id = warm.page.send(offer(warm.theirs.leg, 3)).await;
    let Some(ToSfu::Offer {
        request,
        call,
        leg,
        connection,
        sdp,
    }) = warm.sfu.next().await
    else {
        panic!("no offer")
    };
    assert_eq!(
        (call, leg, connection),
        (warm.theirs.call, warm.theirs.leg, 3)
    );
    assert_eq!(sdp, "v=0 offer");
    let answer = FromSfu::Answer {
        request,
        sdp: "v=0 answer".to_owned(),
    };
    warm.sfu.say(answer).await;
    let sdp = Redacted::new("v=0 answer".to_owned());
    assert_eq!(warm.page.answer(id).await, Ok(Reply::Answer { sdp }));

    let id = warm.page.send(offer(warm.theirs.leg, 3)).await;
    let Some(ToSfu::Offer { request, .. }) = warm.sfu.next().await else {
        panic!("no offer")
    };
    let reason = OfferRefusal::InvalidOffer;
    warm.sfu.say(FromSfu::Refused { request, reason }).await;
    assert_eq!(warm.page.answer(id).await, Err(ErrorCode::SdpInvalid));

    let others = warm.page.ask(offer(warm.mine.leg, 1)).await;
    assert_eq!(
        others,
        Err(ErrorCode::NotFound),
        "the other one's leg is not theirs"
    );
}

#[tokio::test]
async fn an_offer_that_is_never_answered_may_be_tried_again() {
    let mut warm = warm().await;
    let refused = warm.page.ask(offer(warm.theirs.leg, 1)).await;
    assert_eq!(refused, Err(ErrorCode::SfuUnavailable));
}

#[tokio::test]
async fn slots_name_participants_and_are_repeated_to_a_socket_that_comes_back() {
    let mut warm = warm().await;
    warm.admit().await;
    let slots = FromSfu::Slots {
        call: warm.theirs.call,
        leg: warm.theirs.leg,
        connection: 1,
        bindings: vec![Binding {
            mid: "4".to_owned(),
            publisher: warm.mine.leg,
            source: Source::Camera,
        }],
    };
    warm.sfu.say(slots).await;
    let expected = ServerMessage::Slots {
        leg: warm.theirs.leg,
        connection: 1,
        slots: vec![Slot {
            mid: "4".to_owned(),
            participant: warm.doctor.participant.unwrap(),
            source: Source::Camera,
        }],
    };
    warm.page.until(|it| *it == expected).await;
    let instance = warm.page.instance();
    warm.page.vanish().await;
    let mut page = warm.ada.open_as(instance).await;
    page.until(|it| *it == expected).await;
}

#[tokio::test]
async fn the_sfu_hears_what_a_page_shows_and_from_nobody_else() {
    let mut warm = warm().await;
    warm.admit().await;
    let watch = |leg, pictures| Request::Watch {
        leg,
        connection: 1,
        pictures,
    };
    let unseen = |mid: &str| Watched {
        mid: mid.to_owned(),
        layers: 0,
    };
    let strange = warm.page.ask(watch(warm.mine.leg, vec![unseen("4")])).await;
    assert_eq!(strange, Err(ErrorCode::NotFound));
    for pictures in [vec![unseen("4"); 6], vec![unseen("12345678901234567")]] {
        let too_large = warm.page.ask(watch(warm.theirs.leg, pictures)).await;
        assert_eq!(too_large, Err(ErrorCode::TooLarge));
    }
    let beyond = Watched {
        layers: 4,
        ..unseen("4")
    };
    for picture in [unseen(""), beyond] {
        let malformed = warm.page.ask(watch(warm.theirs.leg, vec![picture])).await;
        assert_eq!(malformed, Err(ErrorCode::Malformed));
    }
    let told = warm
        .page
        .ask(watch(warm.theirs.leg, vec![unseen("4")]))
        .await;
    assert_eq!(told, Ok(Reply::Done));
    let expected = ToSfu::Watch {
        call: warm.theirs.call,
        leg: warm.theirs.leg,
        connection: 1,
        pictures: vec![vestibule_control::Watched {
            mid: "4".to_owned(),
            layers: 0,
        }],
    };
    while warm.sfu.next().await.expect("the link is there") != expected {}
}

/// What the SFU says of a leg reaches its page as this, and its next socket too; what it says of a strange leg does not.
async fn is_told_and_repeated(
    said: impl Fn(CallId, LegId) -> FromSfu,
    expected: fn(LegId) -> ServerMessage,
) {
    let mut warm = warm().await;
    warm.admit().await;
    let Leg { call, leg, .. } = warm.theirs;
    let expected = expected(leg);
    warm.sfu.say(said(call, LegId::from_random(77))).await;
    warm.sfu.say(said(call, leg)).await;
    warm.page.until(|it| *it == expected).await;
    let instance = warm.page.instance();
    warm.page.vanish().await;
    let mut page = warm.ada.open_as(instance).await;
    page.until(|it| *it == expected).await;
}

#[tokio::test]
async fn the_layers_that_are_wanted_of_a_page_are_told_and_repeated() {
    let said = |call, leg| FromSfu::Layers {
        call,
        leg,
        connection: 1,
        layers: vec![1],
    };
    let expected = |leg| ServerMessage::Layers {
        leg,
        connection: 1,
        layers: vec![1],
    };
    is_told_and_repeated(said, expected).await;
}

#[tokio::test]
async fn whether_a_page_may_send_redundancy_is_told_and_repeated() {
    let said = |call, leg| FromSfu::Redundancy {
        call,
        leg,
        connection: 1,
        allowed: true,
    };
    let expected = |leg| ServerMessage::Redundancy {
        leg,
        connection: 1,
        allowed: true,
    };
    is_told_and_repeated(said, expected).await;
}

#[tokio::test]
async fn an_sfu_that_dies_is_replaced_and_both_get_new_legs_without_asking() {
    let mut warm = warm().await;
    warm.admit().await;
    let waiting = warm.page.send(offer(warm.theirs.leg, 1)).await;
    drop(warm.sfu);
    assert_eq!(
        warm.page.answer(waiting).await,
        Err(ErrorCode::SfuUnavailable)
    );

    let mut successor = warm.launches.next().await;
    let old = warm.mine.call;
    let mine = warm
        .console
        .practitioner(|it| it.leg.as_ref().unwrap().call != old)
        .await;
    let theirs = warm
        .page
        .patient(|it| it.leg.as_ref().unwrap().call != old)
        .await;
    let (mine, theirs) = (mine.leg.unwrap(), theirs.leg.unwrap());
    assert_eq!(
        (mine.call, mine.open, theirs.open),
        (theirs.call, true, true)
    );
    assert_ne!(theirs.leg, warm.theirs.leg);
    let plan = successor.plan().await;
    assert_eq!((plan.call, plan.open), (mine.call, true));
    assert_eq!(set(&plan.legs), set(&[mine.leg, theirs.leg]));
    let gone = warm.page.ask(offer(warm.theirs.leg, 1)).await;
    assert_eq!(gone, Err(ErrorCode::NotFound), "the old leg is no more");
}

#[tokio::test]
async fn a_link_that_breaks_moves_nobody_while_the_sfu_lives() {
    let mut warm = warm().await;
    warm.admit().await;
    assert!(warm.sfu.plan().await.open);
    let before = warm.page.patient(|it| it.consultation.is_some()).await.leg;
    let mut sfu = warm.sfu.relink(vec![warm.mine.call]).await;
    let plan = sfu.plan().await;
    assert_eq!((plan.call, plan.open), (warm.mine.call, true));
    assert!(warm.page.ask(Request::Ping).await.is_ok());
    assert_eq!(warm.page.patient(|_| true).await.leg, before);
}

#[tokio::test]
async fn an_sfu_that_outlived_signaling_is_adopted_with_its_calls() {
    let (mut house, mut launches) = house().await;
    let first = launches.next().await;
    let mut console = house.practitioner().await.open().await;
    let (ada, mut page) = house.waiting("Ada").await;
    let seen = console.practitioner(|it| names(it) == ["Ada"]).await;
    console.admit(seen.waiting[0].visit).await.unwrap();
    let before = page
        .patient(|it| it.consultation.is_some())
        .await
        .leg
        .unwrap();
    drop(first);
    let mut second = launches.next().await;
    let kept = page
        .patient(|it| it.leg.as_ref().unwrap().call != before.call)
        .await
        .leg
        .unwrap();
    assert_eq!(second.plan().await.call, kept.call);

    house.server.take().unwrap().stop().await;
    let stranger = CallId::from_random(9);
    let (started, mut sfu) = tokio::join!(house.start(), second.relink(vec![kept.call, stranger]));
    let () = started;
    let mut told = [sfu.next().await, sfu.next().await];
    told.sort_by_key(|it| matches!(it, Some(ToSfu::SetCall(_))));
    assert_eq!(told[0], Some(ToSfu::CloseCall { call: stranger }));
    assert!(matches!(&told[1], Some(ToSfu::SetCall(plan)) if plan.call == kept.call && plan.open));
    let mut page = ada.moved(house.address()).open().await;
    assert_eq!(page.patient(|_| true).await.leg, Some(kept));
}

#[tokio::test]
async fn an_sfu_of_another_version_is_sent_home() {
    let (launch, mut launches) = fakes();
    let data = tempfile::tempdir().unwrap();
    std::fs::create_dir(data.path().join("data")).unwrap();
    let listener = UnixListener::bind(data.path().join("data/sfu.sock")).unwrap();
    let old = tokio::spawn(async move {
        let mut sfu = FakeSfu::accept(listener, 999, Vec::new()).await;
        sfu.next().await
    });
    let path = data.path().join("data");
    let house = House::open_with(move |settings| {
        settings.sfu = Some(launch.clone());
        settings.data.clone_from(&path);
    })
    .await;
    assert_eq!(old.await.unwrap(), Some(ToSfu::Shutdown));
    let _sfu = launches.next().await;
    let mut up = house.server().sfu();
    up.wait_for(|status| *status != vestibule_signaling::SfuStatus::Down)
        .await
        .unwrap();
    let ready = web::get(house.address(), "/readyz").await;
    assert_eq!(
        (ready.status, ready.body.as_str()),
        (200, "{\"store\":true,\"sfu\":true}")
    );
}

#[tokio::test]
async fn a_shutdown_stops_the_sfu_too() {
    let (mut house, mut launches) = house().await;
    let mut sfu = launches.next().await;
    let stopping = tokio::spawn(house.server.take().unwrap().stop());
    assert_eq!(sfu.next().await, Some(ToSfu::Shutdown));
    drop(sfu);
    stopping.await.unwrap();
}

#[tokio::test]
async fn the_practitioner_is_told_while_there_is_sound_and_no_picture() {
    let mut warm = warm().await;
    let consultation = warm.admit().await;
    warm.sfu.plan().await;
    let call = warm.mine.call;
    let say = |flow, lasts_ms| FromSfu::Flow {
        call,
        flow,
        lasts_ms,
    };
    let since = |it: &PractitionerSnapshot| it.consultation.as_ref()?.sound_only_since;
    let seen = warm.console.practitioner(|it| since(it).is_none()).await;
    assert!(seen.consultation.is_some());

    warm.sfu.say(say(Flow::Audio, 3_000)).await;
    let seen = warm.console.practitioner(|it| since(it).is_some()).await;
    let fell = Timestamp(warm.house.clock.now().0 - 3_000);
    assert_eq!(since(&seen), Some(fell));
    warm.house.advance(Millis::from_secs(60));
    // An SFU repeats to a signaling process whose link was gone what it said before.
    warm.sfu.say(say(Flow::Audio, 4_000)).await;
    let speaks = Request::SetMedia {
        microphone: true,
        camera: false,
    };
    warm.page.ask(speaks).await.unwrap();
    let seen = warm
        .console
        .practitioner(|it| {
            let people = it.consultation.iter().flat_map(|it| &it.participants);
            people.into_iter().any(|it| it.microphone)
        })
        .await;
    assert_eq!(since(&seen), Some(fell), "it began no later");
    let seen = warm.page.patient(|it| it.consultation.is_some()).await;
    let told = seen.consultation.unwrap().sound_only_since;
    assert_eq!(told, None, "what is billed is the practitioner's business");

    warm.sfu.say(say(Flow::Video, 3_000)).await;
    warm.console.practitioner(|it| since(it).is_none()).await;
    warm.sfu.say(say(Flow::Audio, 3_000)).await;
    warm.console.practitioner(|it| since(it).is_some()).await;
    for request in [
        Request::Hold { consultation },
        Request::Resume { consultation },
    ] {
        assert_eq!(warm.console.ask(request).await, Ok(Reply::Done));
    }
    let seen = warm
        .console
        .practitioner(|it| it.consultation.is_some() && it.held.is_empty());
    assert_eq!(since(&seen.await), None, "that was before the hold");
}
