//! One sample of every message, shared by the golden vectors and the documentation.

use vestibule_protocol::client::{ClientMessage, DeclineReason, Request, Watched};
use vestibule_protocol::company::{
    AskedAlong, CompanionEnd, CompanionRole, CompanionSnapshot, CompanionState, InvitationView,
};
use vestibule_protocol::desk::{
    Answer, Conclusion, Duty, OvertakeReason, RegularPractitioner, Urgency, WaitingRoom, Wish,
};
use vestibule_protocol::http::{
    HeldSession, HttpError, SessionGrant, SessionRequest, SignInOffer, SignInRequest, SignInStart,
    WalkInGrant, WalkInRequest,
};
use vestibule_protocol::server::{
    ClaimedKeyPackage, ClinicCard, ClosingReason, ConsultationView, EndedConsultation, Feedback,
    GroupView, HeldConsultation, Leg, LogEntry, LogKind, MissedVisit, OfferedPractitioner,
    OfferedService, Outcome, ParticipantView, PatientSnapshot, PatientVisit, PractitionerSnapshot,
    Reply, ServerMessage, Slot, TransferTarget, VisitState, WaitingEntry,
};
use vestibule_protocol::{Base64Bytes, ErrorBody, ErrorCode, ErrorReason};
use vestibule_vocab::{
    CallId, ConsultationId, InstanceId, InvitationId, LegId, ParticipantId, PractitionerId,
    Redacted, Role, ServiceId, Source, Timestamp, VisitId,
};

mod intake;

const T0: Timestamp = Timestamp(1_700_000_000_000);

fn visit() -> VisitId {
    VisitId::from_random(1)
}
fn consultation() -> ConsultationId {
    ConsultationId::from_random(2)
}
fn patient() -> ParticipantId {
    ParticipantId::from_random(3)
}
fn practitioner() -> ParticipantId {
    ParticipantId::from_random(4)
}
fn invitation() -> InvitationId {
    InvitationId::from_random(11)
}
fn patient_page() -> InstanceId {
    InstanceId::from_random(5)
}
fn practitioner_page() -> InstanceId {
    InstanceId::from_random(6)
}
fn leg() -> LegId {
    LegId::from_random(7)
}
fn service() -> ServiceId {
    ServiceId::from_random(9)
}
fn colleague() -> PractitionerId {
    PractitionerId::from_random(10)
}
fn text(value: &str) -> Redacted<String> {
    Redacted::new(value.to_owned())
}
fn bytes(value: &[u8]) -> Base64Bytes {
    Base64Bytes(value.to_vec())
}

/// Every request, named.
pub(crate) fn requests() -> Vec<(&'static str, ClientMessage)> {
    let of_session = [
        (
            "hello",
            Request::Hello {
                protocol: vec![1],
                session: text("c2VjcmV0"),
                proof: bytes(&[7; 64]),
                instance: patient_page(),
            },
        ),
        ("ping", Request::Ping),
        (
            "arrive",
            Request::Arrive {
                name: text("Ada Peeters"),
                reason: text("Une toux depuis trois jours 🤧"),
                wish: None,
            },
        ),
        ("leave", Request::Leave),
        ("move", Request::Move),
        (
            "feedback",
            Request::Feedback {
                text: Redacted::new("You took your time for me.".to_owned()),
            },
        ),
        (
            "note",
            Request::Note {
                consultation: ConsultationId::from_random(8),
                text: Redacted::new("Please look at the blood pressure in a week.".to_owned()),
            },
        ),
        (
            "admit",
            Request::Admit {
                visit: visit(),
                overtake: None,
            },
        ),
        (
            "decline",
            Request::Decline {
                visit: visit(),
                reason: DeclineReason::InPersonNeeded,
                message: text("Please come to the practice this afternoon."),
            },
        ),
        (
            "end",
            Request::End {
                consultation: consultation(),
                conclusion: None,
            },
        ),
    ];
    numbered(
        of_session
            .into_iter()
            .chain(desk_requests())
            .chain(regular_requests())
            .chain(intake::requests())
            .chain(company_requests())
            .chain(media_requests())
            .chain(mls_requests()),
    )
}

fn desk_requests() -> Vec<(&'static str, Request)> {
    let (visit, consultation) = (visit(), consultation());
    vec![
        (
            "arrive_with_a_wish",
            Request::Arrive {
                name: text("Ada Peeters"),
                reason: text(""),
                wish: Some(Wish {
                    service: Some(service()),
                    practitioner: Some(colleague()),
                    regular: true,
                    language: Some("fr".to_owned()),
                }),
            },
        ),
        (
            "answer",
            Request::Answer {
                answer: Answer::TakeNext,
            },
        ),
        (
            "admit_before_others",
            Request::Admit {
                visit,
                overtake: Some(OvertakeReason::ClinicalNeed),
            },
        ),
        ("call", Request::Call { visit }),
        (
            "message",
            Request::Message {
                visit,
                text: text("I am ten minutes late."),
            },
        ),
        (
            "set_urgency",
            Request::SetUrgency {
                visit,
                urgency: Urgency::Soon,
            },
        ),
        (
            "transfer",
            Request::Transfer {
                visit,
                to: WaitingRoom::Practitioner(colleague()),
            },
        ),
        ("hold", Request::Hold { consultation }),
        ("resume", Request::Resume { consultation }),
        (
            "set_duty",
            Request::SetDuty {
                duty: Duty::Break { until: Some(T0) },
            },
        ),
        (
            "end_with_a_conclusion",
            Request::End {
                consultation,
                conclusion: Some(Conclusion::InPersonNeeded),
            },
        ),
    ]
}

fn regular_requests() -> Vec<(&'static str, Request)> {
    let consultation = consultation();
    vec![
        (
            "arrive_for_the_regular_practitioner",
            Request::Arrive {
                name: text("Ada Peeters"),
                reason: text(""),
                wish: Some(Wish {
                    regular: true,
                    ..Wish::default()
                }),
            },
        ),
        (
            "take_on",
            Request::TakeOn {
                consultation,
                regular: true,
            },
        ),
    ]
}

fn company_requests() -> Vec<(&'static str, Request)> {
    vec![
        (
            "invite",
            Request::Invite {
                visit: None,
                role: CompanionRole::Parent,
                colleague: None,
            },
        ),
        (
            "invite_to_a_visit",
            Request::Invite {
                visit: Some(visit()),
                role: CompanionRole::SecondPractitioner,
                colleague: None,
            },
        ),
        (
            "invite_a_colleague",
            Request::Invite {
                visit: Some(visit()),
                role: CompanionRole::SecondPractitioner,
                colleague: Some(PractitionerId::from_random(2)),
            },
        ),
        (
            "join",
            Request::Join {
                invitation: invitation(),
            },
        ),
        (
            "decline_invitation",
            Request::DeclineInvitation {
                invitation: invitation(),
            },
        ),
        (
            "withdraw_invitation",
            Request::WithdrawInvitation {
                visit: Some(visit()),
                invitation: invitation(),
            },
        ),
    ]
}

fn media_requests() -> Vec<(&'static str, Request)> {
    vec![
        (
            "offer",
            Request::Offer {
                leg: leg(),
                connection: 3,
                sdp: text("v=0\r\n"),
            },
        ),
        (
            "set_media",
            Request::SetMedia {
                microphone: true,
                camera: false,
            },
        ),
        (
            "watch",
            Request::Watch {
                leg: leg(),
                connection: 3,
                pictures: vec![Watched {
                    mid: "4".to_owned(),
                    layers: 0,
                }],
            },
        ),
    ]
}

fn mls_requests() -> Vec<(&'static str, Request)> {
    vec![
        (
            "publish_key_packages",
            Request::PublishKeyPackages {
                packages: vec![bytes(&[0, 1, 0, 5])],
            },
        ),
        (
            "claim_key_packages",
            Request::ClaimKeyPackages {
                consultation: consultation(),
                instances: vec![patient_page()],
            },
        ),
        (
            "commit",
            Request::Commit {
                consultation: consultation(),
                commit: bytes(&[0, 1, 0, 2]),
                welcome: Some(bytes(&[0, 1, 0, 3])),
            },
        ),
        (
            "commit_without_welcome",
            Request::Commit {
                consultation: consultation(),
                commit: bytes(&[0, 1, 0, 2]),
                welcome: None,
            },
        ),
        (
            "send",
            Request::Send {
                consultation: consultation(),
                message: bytes(&[0, 1, 0, 2]),
            },
        ),
        (
            "acknowledge",
            Request::Acknowledge {
                consultation: consultation(),
                generation: 1,
                epoch: 2,
            },
        ),
        (
            "sync",
            Request::Sync {
                consultation: consultation(),
                after: 9,
            },
        ),
    ]
}

fn numbered(
    requests: impl Iterator<Item = (&'static str, Request)>,
) -> Vec<(&'static str, ClientMessage)> {
    (1..)
        .zip(requests)
        .map(|(id, (name, request))| (name, ClientMessage { id, request }))
        .collect()
}

/// Every message of the server, named.
pub(crate) fn server_messages() -> Vec<(&'static str, ServerMessage)> {
    let mut messages = vec![
        (
            "challenge",
            ServerMessage::Challenge {
                protocol: vec![1],
                nonce: bytes(&[9; 32]),
            },
        ),
        ("log", log()),
        (
            "acknowledged",
            ServerMessage::Acknowledged {
                consultation: consultation(),
                instance: patient_page(),
                generation: 1,
                epoch: 2,
            },
        ),
        (
            "closing",
            ServerMessage::Closing {
                reason: ClosingReason::Replaced,
            },
        ),
    ];
    messages.extend(refusals());
    messages.extend(steering());
    messages.extend(replies());
    messages.extend(patient_snapshots());
    messages.extend(practitioner_snapshots());
    messages.extend(intake::messages());
    messages.extend(companion_snapshots());
    messages
}

/// Requests that are refused, in each of the ways that a refusal says more.
fn refusals() -> Vec<(&'static str, ServerMessage)> {
    vec![
        (
            "refused",
            ServerMessage::Refused {
                id: Some(4),
                error: ErrorCode::PatientAway.into(),
            },
        ),
        (
            "refused_closed",
            ServerMessage::Refused {
                id: Some(5),
                error: ErrorBody {
                    opens_at: Some(Timestamp(1_800_000_600_000)),
                    ..ErrorCode::QueueClosed.into()
                },
            },
        ),
        (
            "refused_shielded",
            ServerMessage::Refused {
                id: Some(6),
                error: ErrorBody {
                    retry_after_ms: Some(600_000),
                    opens_at: Some(Timestamp(1_800_000_600_000)),
                    ..ErrorBody::from(ErrorCode::Shielded).because(ErrorReason::HourCap)
                },
            },
        ),
        (
            "refused_answer",
            ServerMessage::Refused {
                id: Some(6),
                error: ErrorBody {
                    question: Some("fever".to_owned()),
                    ..ErrorCode::AnswerInvalid.into()
                },
            },
        ),
        (
            "refused_unread",
            ServerMessage::Refused {
                id: None,
                error: ErrorCode::Malformed.into(),
            },
        ),
    ]
}

/// What a page is told of its media.
fn steering() -> Vec<(&'static str, ServerMessage)> {
    vec![
        (
            "slots",
            ServerMessage::Slots {
                leg: leg(),
                connection: 3,
                slots: vec![Slot {
                    mid: "4".to_owned(),
                    participant: practitioner(),
                    source: Source::Camera,
                }],
            },
        ),
        (
            "layers",
            ServerMessage::Layers {
                leg: leg(),
                connection: 3,
                layers: vec![0, 2],
            },
        ),
        (
            "redundancy",
            ServerMessage::Redundancy {
                leg: leg(),
                connection: 3,
                allowed: true,
            },
        ),
    ]
}

fn log() -> ServerMessage {
    let entry = |sequence, kind| LogEntry {
        sequence,
        sender: practitioner_page(),
        kind,
        message: bytes(&[0, 1, 0, 2]),
    };
    ServerMessage::Log {
        consultation: consultation(),
        entries: vec![
            entry(1, LogKind::Commit),
            entry(2, LogKind::Welcome),
            entry(3, LogKind::Application),
        ],
    }
}

fn replies() -> Vec<(&'static str, ServerMessage)> {
    let replies = [
        ("reply_done", Reply::Done),
        (
            "reply_welcome",
            Reply::Welcome {
                protocol: 1,
                role: Role::Patient,
                participant: patient(),
                server_time: T0,
            },
        ),
        (
            "reply_answer",
            Reply::Answer {
                sdp: text("v=0\r\n"),
            },
        ),
        (
            "reply_key_packages",
            Reply::KeyPackages {
                packages: vec![ClaimedKeyPackage {
                    instance: patient_page(),
                    package: bytes(&[0, 1, 0, 5]),
                }],
            },
        ),
        (
            "reply_moving",
            Reply::Moving {
                token: Redacted::new("eyJ.moves.once".to_owned()),
                expires_at: Timestamp(1_800_000_300_000),
            },
        ),
        ("reply_accepted", Reply::Accepted { sequence: 12 }),
        (
            "reply_invitation",
            Reply::Invitation {
                invitation: invitation(),
                token: text("header.claims.signature"),
                expires_at: T0,
            },
        ),
    ];
    replies
        .into_iter()
        .map(|(name, reply)| (name, ServerMessage::Reply { id: 4, reply }))
        .collect()
}

fn card() -> ClinicCard {
    ClinicCard {
        clinic: "Demonstration clinic".to_owned(),
        service: "General practice".to_owned(),
    }
}

fn patient_snapshot(state: Option<VisitState>) -> PatientSnapshot {
    PatientSnapshot {
        revision: 41,
        card: card(),
        visit: state.map(|state| PatientVisit {
            visit: visit(),
            arrived_at: (state != VisitState::Expected).then_some(T0),
            service: None,
            wait: None,
            intake: None,
            practitioner: None,
            message: None,
            language: None,
            asked: false,
            nobody_practises: false,
            appointment: None,
            companions: vec![],
            state,
        }),
        offered: vec![],
        regular: None,
        leg: None,
        consultation: None,
    }
}

fn regular(own: bool) -> RegularPractitioner {
    RegularPractitioner {
        practitioner: colleague(),
        name: text("Dr Peeters"),
        own,
    }
}

fn patient_snapshots() -> Vec<(&'static str, ServerMessage)> {
    let ended = |outcome| Some(VisitState::Ended { outcome, at: T0 });
    let mut waiting = patient_snapshot(Some(VisitState::Waiting { place: 1 }));
    waiting.leg = Some(a_leg(false));
    let mut asked = patient_snapshot(Some(VisitState::Waiting { place: 2 }));
    if let Some(visit) = &mut asked.visit {
        visit.service = Some("General practice".to_owned());
        visit.practitioner = Some(text("Dr Martin"));
        visit.message = Some(text("I am ten minutes late."));
        visit.asked = true;
        visit.appointment = Some(T0);
        visit.companions = company();
    }
    let mut choosing = patient_snapshot(None);
    choosing.offered = vec![offered()];
    choosing.regular = Some(regular(false));
    let mut consulting = patient_snapshot(Some(VisitState::InConsultation {
        consultation: consultation(),
    }));
    consulting.leg = Some(a_leg(true));
    consulting.consultation = Some(view(None));
    let declined = Outcome::Declined {
        reason: DeclineReason::Other,
        message: text("Bel ons even."),
    };
    [
        ("patient_not_arrived", patient_snapshot(None)),
        ("patient_choosing", choosing),
        ("patient_asked", asked),
        ("patient_waiting", waiting),
        ("patient_in_consultation", consulting),
        (
            "patient_completed",
            patient_snapshot(ended(Outcome::Completed {
                conclusion: Some(Conclusion::Done),
            })),
        ),
        ("patient_left", patient_snapshot(ended(Outcome::Left))),
        ("patient_declined", patient_snapshot(ended(declined))),
        (
            "patient_connection_lost",
            patient_snapshot(ended(Outcome::ConnectionLost)),
        ),
    ]
    .map(|(name, snapshot)| (name, ServerMessage::Patient(snapshot)))
    .into()
}

fn offered() -> OfferedService {
    OfferedService {
        service: service(),
        name: "General practice".to_owned(),
        price: "30 euros".to_owned(),
        reimbursement: "26 euros are paid back.".to_owned(),
        languages: vec!["fr".to_owned(), "nl".to_owned()],
        practitioners: vec![OfferedPractitioner {
            practitioner: colleague(),
            name: text("Dr Martin"),
            on_duty: true,
        }],
        closed: None,
    }
}

fn a_leg(open: bool) -> Leg {
    Leg {
        call: CallId::from_random(8),
        leg: leg(),
        open,
    }
}

fn view(group: Option<GroupView>) -> ConsultationView {
    let participant = |participant, role, name, instance| ParticipantView {
        participant,
        role,
        companion: (role == Role::Companion).then_some(CompanionRole::Interpreter),
        name: text(name),
        instance,
        connected: instance.is_some(),
        key_package: instance.is_some(),
        microphone: true,
        camera: true,
    };
    ConsultationView {
        consultation: consultation(),
        visit: Some(visit()),
        started_at: T0,
        participants: vec![
            participant(
                practitioner(),
                Role::Practitioner,
                "Dr Martin",
                Some(practitioner_page()),
            ),
            participant(patient(), Role::Patient, "Ada Peeters", None),
            participant(invitation().into(), Role::Companion, "Sofie Claes", None),
        ],
        companions: vec![],
        sound_only_since: None,
        group,
    }
}

fn practitioner_snapshots() -> Vec<(&'static str, ServerMessage)> {
    let empty = PractitionerSnapshot {
        revision: 42,
        card: card(),
        name: text("Dr Martin"),
        duty: None,
        held: vec![],
        missed: vec![],
        transfers: vec![],
        asked_along: vec![],
        feedback: vec![],
        waiting: vec![],
        forms: vec![],
        intake: None,
        leg: None,
        consultation: None,
        regular: None,
        ended: None,
    };
    let mut waiting = empty.clone();
    waiting.waiting = vec![WaitingEntry {
        visit: visit(),
        place: 1,
        name: text("Ada Peeters"),
        reason: text(""),
        arrived_at: T0,
        service: None,
        intake: None,
        urgency: Urgency::Routine,
        appointment: None,
        message: None,
        language: None,
        named: false,
        regular: false,
        companions: vec![],
        connected: false,
    }];
    let desk = at_the_desk(waiting.clone());
    let mut consulting = empty.clone();
    consulting.leg = Some(a_leg(true));
    consulting.consultation = Some(view(Some(GroupView {
        generation: 1,
        committer: practitioner_page(),
        epoch: 1,
    })));
    if let Some(view) = &mut consulting.consultation {
        view.companions = company();
        view.sound_only_since = Some(T0);
    }
    consulting.regular = Some(regular(false));
    let mut ended = empty.clone();
    ended.regular = Some(regular(true));
    ended.ended = Some(EndedConsultation {
        consultation: consultation(),
        name: text("Ada Peeters"),
        outcome: Outcome::Left,
        started_at: T0,
        ended_at: Timestamp(T0.0 + 60_000),
    });
    [
        ("practitioner_empty", empty),
        ("practitioner_waiting", waiting),
        ("practitioner_desk", desk),
        ("practitioner_in_consultation", consulting),
        ("practitioner_ended", ended),
    ]
    .map(|(name, snapshot)| (name, ServerMessage::Practitioner(snapshot)))
    .into()
}

fn company() -> Vec<InvitationView> {
    vec![
        InvitationView {
            invitation: invitation(),
            role: CompanionRole::Interpreter,
            colleague: None,
            name: Some(text("Sofie Claes")),
            connected: true,
            declined: false,
        },
        InvitationView {
            invitation: InvitationId::from_random(12),
            role: CompanionRole::Other,
            colleague: None,
            name: None,
            connected: false,
            declined: false,
        },
        InvitationView {
            invitation: InvitationId::from_random(13),
            role: CompanionRole::SecondPractitioner,
            colleague: Some(text("Dr Peeters")),
            name: None,
            connected: false,
            declined: false,
        },
        InvitationView {
            invitation: InvitationId::from_random(14),
            role: CompanionRole::SecondPractitioner,
            colleague: Some(text("Dr Janssens")),
            name: None,
            connected: false,
            declined: true,
        },
    ]
}

fn companion_snapshots() -> Vec<(&'static str, ServerMessage)> {
    let snapshot = |state| CompanionSnapshot {
        revision: 43,
        card: card(),
        role: Some(CompanionRole::Interpreter),
        name: None,
        patient: Some(text("Ada Peeters")),
        state,
        leg: None,
        consultation: None,
    };
    let (role, patient) = (None, None);
    let consultation = consultation();
    let mut consulting = snapshot(CompanionState::InConsultation { consultation });
    consulting.leg = Some(a_leg(true));
    consulting.consultation = Some(view(None));
    let over = |why| CompanionSnapshot {
        role,
        patient: patient.clone(),
        ..snapshot(CompanionState::Over { why })
    };
    [
        (
            "companion_invited",
            CompanionSnapshot {
                patient: None,
                ..snapshot(CompanionState::Invited)
            },
        ),
        (
            "companion_asked_along",
            CompanionSnapshot {
                role: Some(CompanionRole::SecondPractitioner),
                name: Some(text("Dr Peeters")),
                patient: None,
                ..snapshot(CompanionState::Invited)
            },
        ),
        (
            "companion_waiting",
            snapshot(CompanionState::Waiting { place: Some(2) }),
        ),
        (
            "companion_waiting_for_the_patient",
            snapshot(CompanionState::Waiting { place: None }),
        ),
        ("companion_in_consultation", consulting),
        (
            "companion_on_hold",
            snapshot(CompanionState::OnHold { consultation }),
        ),
        ("companion_away", snapshot(CompanionState::Away)),
        ("companion_left", over(CompanionEnd::Left)),
        ("companion_withdrawn", over(CompanionEnd::Withdrawn)),
        ("companion_expired", over(CompanionEnd::Expired)),
        ("companion_visit_ended", over(CompanionEnd::VisitEnded)),
    ]
    .map(|(name, snapshot)| (name, ServerMessage::Companion(snapshot)))
    .into()
}

/// With everything that a desk can show.
fn at_the_desk(mut snapshot: PractitionerSnapshot) -> PractitionerSnapshot {
    if let Some(entry) = snapshot.waiting.first_mut() {
        entry.service = Some("General practice".to_owned());
        entry.urgency = Urgency::Urgent;
        entry.appointment = Some(T0);
        entry.message = Some(text("I am ten minutes late."));
        entry.language = Some("fr".to_owned());
        entry.named = true;
        entry.regular = true;
        entry.companions = company();
    }
    PractitionerSnapshot {
        duty: Some(Duty::On),
        held: vec![HeldConsultation {
            consultation: consultation(),
            visit: visit(),
            name: text("Ada Peeters"),
            since: T0,
            connected: true,
        }],
        missed: vec![MissedVisit {
            visit: visit(),
            name: text("Ada Peeters"),
            called: false,
        }],
        transfers: vec![TransferTarget {
            to: WaitingRoom::Service(service()),
            name: text("General practice"),
            on_duty: true,
        }],
        asked_along: vec![AskedAlong {
            invitation: invitation(),
            by: text("Dr Claes"),
            joined: false,
        }],
        feedback: vec![Feedback {
            at: T0,
            text: text("You took your time for me."),
        }],
        ..snapshot
    }
}

/// The bodies of the HTTP API, as JSON values, named.
pub(crate) fn http_bodies() -> Vec<(&'static str, serde_json::Value)> {
    let json = |value: Result<serde_json::Value, _>| value.unwrap();
    let mut bodies = vec![
        (
            "walk_in_request",
            json(serde_json::to_value(WalkInRequest {
                link: text("q1w2e3r4t5y6u7i8o9p0aa"),
            })),
        ),
        (
            "walk_in_grant",
            json(serde_json::to_value(WalkInGrant {
                token: text("header.claims.signature"),
            })),
        ),
        (
            "session_request",
            json(serde_json::to_value(SessionRequest {
                token: text("header.claims.signature"),
                device_key: bytes(&[4; 65]),
            })),
        ),
        (
            "session_grant",
            json(serde_json::to_value(SessionGrant {
                session: text("c2VjcmV0"),
                role: Role::Patient,
                participant: patient(),
                expires_at: T0,
                signed_in: false,
            })),
        ),
        (
            "http_error",
            json(serde_json::to_value(HttpError {
                error: ErrorCode::TokenUsed.into(),
            })),
        ),
    ];
    bodies.extend(sign_in_bodies());
    bodies
}

/// Those of signing in.
fn sign_in_bodies() -> Vec<(&'static str, serde_json::Value)> {
    let json = |value: Result<serde_json::Value, _>| value.unwrap();
    vec![
        (
            "session_grant_of_a_sign_in",
            json(serde_json::to_value(SessionGrant {
                session: text("c2VjcmV0"),
                role: Role::Patient,
                participant: patient(),
                expires_at: T0,
                signed_in: true,
            })),
        ),
        (
            "sign_in_request_with_a_session",
            json(serde_json::to_value(SignInRequest {
                link: None,
                session: Some(HeldSession {
                    session: text("c2VjcmV0"),
                    proof: bytes(&[7; 64]),
                }),
                device_key: bytes(&[4; 65]),
            })),
        ),
        (
            "sign_in_request",
            json(serde_json::to_value(SignInRequest {
                link: Some(text("q1w2e3r4t5y6u7i8o9p0aa")),
                session: None,
                device_key: bytes(&[4; 65]),
            })),
        ),
        (
            "sign_in_start",
            json(serde_json::to_value(SignInStart {
                url: text("https://id.example/authorize?client_id=vestibule&state=c3RhdGU"),
            })),
        ),
        (
            "sign_in_offer",
            json(serde_json::to_value(SignInOffer { offered: true })),
        ),
    ]
}
