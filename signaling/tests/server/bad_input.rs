//! Input that is wrong in every way: it gets its stable code, and nothing changes.

use tokio_tungstenite::tungstenite::Message;
use vestibule_protocol::ErrorCode;
use vestibule_protocol::client::{DeclineReason, Request};
use vestibule_protocol::server::ClosingReason;
use vestibule_protocol::{Base64Bytes, limits};
use vestibule_vocab::{ConsultationId, LegId, Redacted, VisitId};

use crate::support::device::new_instance;
use crate::support::web::{self, origin};
use crate::support::{House, Kind, Page};

crate::on_both_stores!(
    a_message_that_cannot_be_read_is_malformed,
    whoever_sends_nothing_but_nonsense_loses_the_socket,
    an_oversized_message_ends_the_socket_with_its_code,
    fields_over_their_limits_are_refused,
    what_comes_before_hello_or_a_second_hello_is_out_of_order,
    a_hello_that_is_wrong_opens_nothing,
    ids_that_are_not_there_are_not_found,
    http_bodies_that_are_wrong_get_their_code,
    a_device_key_that_is_none_does_not_use_up_the_token,
);

fn text(length: usize) -> Redacted<String> {
    Redacted::new("x".repeat(length))
}

/// The house with one who waits and a console, and what is stored then.
async fn open(kind: Kind) -> (House, Page, Page, Vec<String>) {
    let house = House::open_on(kind).await;
    let console = house.practitioner().await.open().await;
    let (_, page) = house.waiting("Ada").await;
    let stored = house.stored().await;
    (house, console, page, stored)
}

async fn a_message_that_cannot_be_read_is_malformed(kind: Kind) {
    let (house, _console, mut page, stored) = open(kind).await;
    let nested = format!("{{\"id\":1,\"request\":{}", "[".repeat(20_000));
    for wrong in [
        "",
        "hello",
        "{}",
        "[]",
        "{\"id\":1}",
        "{\"id\":-1,\"request\":{\"type\":\"ping\"}}",
        "{\"id\":1,\"request\":{\"type\":\"open_sesame\"}}",
        "{\"id\":1,\"request\":{\"type\":\"arrive\",\"name\":\"Ada\"}}",
        "{\"id\":1,\"request\":{\"type\":\"arrive\",\"name\":7,\"reason\":\"\"}}",
        "{\"id\":1,\"request\":{\"type\":\"ping\"},\"more\":1}",
        &nested,
    ] {
        page.send_text(wrong).await;
        assert_eq!(page.refusal().await, ErrorCode::Malformed, "{wrong:.60}");
    }
    page.send_frame(Message::Binary(vec![1, 2, 3].into())).await;
    assert_eq!(page.refusal().await, ErrorCode::Malformed);
    assert!(page.ask(Request::Ping).await.is_ok(), "the socket goes on");
    assert_eq!(house.stored().await, stored);
}

async fn whoever_sends_nothing_but_nonsense_loses_the_socket(kind: Kind) {
    let (house, _console, mut page, stored) = open(kind).await;
    for _ in 0..40 {
        page.send_text("nonsense").await;
    }
    assert_eq!(
        page.farewell().await,
        (Some(ClosingReason::Protocol), Some(1008))
    );
    assert_eq!(house.stored().await, stored);
}

async fn an_oversized_message_ends_the_socket_with_its_code(kind: Kind) {
    let (house, _console, mut page, stored) = open(kind).await;
    page.send_text(&"x".repeat(limits::MESSAGE_BYTES + 1)).await;
    assert_eq!(page.refusal().await, ErrorCode::TooLarge);
    assert_eq!(
        page.farewell().await,
        (Some(ClosingReason::Protocol), Some(1009))
    );
    assert_eq!(house.stored().await, stored);
}

async fn fields_over_their_limits_are_refused(kind: Kind) {
    let (house, mut console, mut page, stored) = open(kind).await;
    let newcomer = house.patient().await;
    let mut arriving = newcomer.open().await;
    let with_newcomer = house.stored().await;
    let arrive = |name, reason| Request::Arrive {
        name,
        reason,
        wish: None,
    };
    for (request, code) in [
        (arrive(text(0), text(0)), ErrorCode::InvalidName),
        (
            arrive(Redacted::new("  ".to_owned()), text(0)),
            ErrorCode::InvalidName,
        ),
        (
            arrive(text(limits::NAME_CHARS + 1), text(0)),
            ErrorCode::InvalidName,
        ),
        (
            arrive(Redacted::new("\u{200b}\u{200b}".to_owned()), text(0)),
            ErrorCode::InvalidName,
        ),
        (
            arrive(text(1), Redacted::new("a\u{202e}b".to_owned())),
            ErrorCode::InvalidText,
        ),
        (
            arrive(text(1), text(limits::REASON_CHARS + 1)),
            ErrorCode::InvalidText,
        ),
    ] {
        assert_eq!(arriving.ask(request).await, Err(code));
    }
    let visit = console
        .practitioner(|it| it.waiting.len() == 1)
        .await
        .waiting[0]
        .visit;
    let decline = Request::Decline {
        visit,
        reason: DeclineReason::Other,
        message: text(limits::DECLINE_MESSAGE_CHARS + 1),
    };
    assert_eq!(console.ask(decline).await, Err(ErrorCode::InvalidText));
    let offer = Request::Offer {
        leg: LegId::from_random(1),
        connection: 1,
        sdp: text(limits::SDP_BYTES + 1),
    };
    assert_eq!(page.ask(offer).await, Err(ErrorCode::TooLarge));
    let packages = Request::PublishKeyPackages {
        packages: vec![Base64Bytes(vec![0; limits::KEY_PACKAGE_BYTES + 1])],
    };
    assert_eq!(page.ask(packages).await, Err(ErrorCode::TooLarge));
    assert_eq!(house.stored().await, with_newcomer);
    assert_eq!(
        with_newcomer.len(),
        stored.len() + 2,
        "a session and its token"
    );
}

async fn what_comes_before_hello_or_a_second_hello_is_out_of_order(kind: Kind) {
    let (house, _console, mut page, stored) = open(kind).await;
    let device = house.device();
    let mut silent = device.connect().await;
    assert_eq!(silent.arrive("Eve", "").await, Err(ErrorCode::OutOfOrder));
    assert_eq!(silent.ask(Request::Ping).await, Err(ErrorCode::OutOfOrder));
    let again = device.hello(page.nonce(), new_instance());
    assert_eq!(page.ask(again).await, Err(ErrorCode::OutOfOrder));
    for _ in 0..8 {
        silent.send(Request::Ping).await;
    }
    assert_eq!(silent.farewell().await.0, Some(ClosingReason::Protocol));
    assert_eq!(house.stored().await, stored);
}

async fn a_hello_that_is_wrong_opens_nothing(kind: Kind) {
    let (house, _console, _page, stored) = open(kind).await;
    let ada = house.patient().await;
    let with_ada = house.stored().await;
    type Spoil = fn(&mut Request);
    let spoil: [(ErrorCode, Spoil); 3] = [
        (ErrorCode::UnsupportedProtocol, |it| {
            if let Request::Hello { protocol, .. } = it {
                *protocol = vec![7, 9];
            }
        }),
        (ErrorCode::SessionUnknown, |it| {
            if let Request::Hello { session, .. } = it {
                *session = Redacted::new("guessed".to_owned());
            }
        }),
        (ErrorCode::ProofInvalid, |it| {
            if let Request::Hello { proof, .. } = it {
                proof.0[10] ^= 1;
            }
        }),
    ];
    let open = house.server().sessions();
    for (code, spoil) in spoil {
        let mut page = ada.connect().await;
        let mut hello = ada.hello(page.nonce(), new_instance());
        spoil(&mut hello);
        assert_eq!(page.ask(hello).await, Err(code));
        assert!(page.farewell().await.0.is_some());
    }
    // A proof over the nonce of another socket proves nothing.
    let other = ada.connect().await;
    let mut page = ada.connect().await;
    let replayed = ada.hello(other.nonce(), new_instance());
    assert_eq!(page.ask(replayed).await, Err(ErrorCode::ProofInvalid));
    assert_eq!(house.server().sessions(), open);
    assert_eq!(house.stored().await, with_ada);
    assert_eq!(with_ada.len(), stored.len() + 2);
}

async fn ids_that_are_not_there_are_not_found(kind: Kind) {
    let (house, mut console, mut page, stored) = open(kind).await;
    let visit = VisitId::from_random(7);
    assert_eq!(console.admit(visit).await, Err(ErrorCode::NotFound));
    let decline = Request::Decline {
        visit,
        reason: DeclineReason::Other,
        message: text(0),
    };
    assert_eq!(console.ask(decline).await, Err(ErrorCode::NotFound));
    let consultation = ConsultationId::from_random(7);
    let end = console
        .ask(Request::End {
            consultation,
            conclusion: None,
        })
        .await;
    assert_eq!(end, Err(ErrorCode::NotInConsultation));
    let sync = Request::Sync {
        consultation,
        after: 0,
    };
    assert_eq!(page.ask(sync).await, Err(ErrorCode::NotInConsultation));
    let offer = Request::Offer {
        leg: LegId::from_random(7),
        connection: 1,
        sdp: text(100),
    };
    assert_eq!(page.ask(offer).await, Err(ErrorCode::NotFound));
    assert_eq!(house.stored().await, stored);
}

async fn http_bodies_that_are_wrong_get_their_code(kind: Kind) {
    let (house, _console, _page, stored) = open(kind).await;
    let server = house.address();
    let own = origin(server);
    for what in ["/api/v1/walk-ins", "/api/v1/sessions"] {
        for (body, status, code) in [
            ("", 400, ErrorCode::Malformed),
            ("nonsense", 400, ErrorCode::Malformed),
            ("{}", 400, ErrorCode::Malformed),
            (
                &"x".repeat(limits::HTTP_BODY_BYTES + 1),
                413,
                ErrorCode::TooLarge,
            ),
        ] {
            let answer = web::post(server, what, Some(&own), body).await;
            assert_eq!(
                (answer.status, answer.code()),
                (status, code),
                "{what} {body:.20}"
            );
        }
    }
    let wrong_code = house.device().walk_in("guessed").await;
    assert_eq!(wrong_code, Err(ErrorCode::TokenInvalid));
    assert_eq!(house.stored().await, stored);
}

async fn a_device_key_that_is_none_does_not_use_up_the_token(kind: Kind) {
    let house = House::open_on(kind).await;
    let mut device = house.device();
    let token = device.walk_in(&house.code()).await.unwrap();
    for key in [vec![], vec![4; 65], vec![2; 33]] {
        let body = serde_json::json!({ "token": token, "device_key": Base64Bytes(key) });
        let answer = device.post("sessions", &body).await;
        assert_eq!((answer.status, answer.code()), (400, ErrorCode::Malformed));
    }
    assert_eq!(device.claim(&token).await, Ok(()));
}
