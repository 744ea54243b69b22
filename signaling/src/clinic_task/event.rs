//! What the clinic task hears of.

use std::sync::Arc;

use tokio::sync::oneshot;
use vestibule_clinic::Consultation;
use vestibule_control::FromSfu;
use vestibule_protocol::client::{Request, RequestId};
use vestibule_protocol::intake::Closed;
use vestibule_protocol::server::{ClosingReason, Reply, ServerMessage};
use vestibule_protocol::{ErrorBody, ErrorCode};
use vestibule_vocab::{CallId, InstanceId, ParticipantId, PractitionerId, ServiceId};

use super::api::{ApiRequest, Look};
use crate::metrics::Census;
use crate::sfu::LinkId;
use crate::socket::{Outbox, Socket, SocketId};
use crate::store::{Attendance, Writing};

/// One thing that happened.
#[derive(Debug)]
pub(crate) enum Event {
    /// A session was opened on a socket.
    Opened(Box<Opening>),
    /// A socket is gone.
    Closed {
        participant: ParticipantId,
        socket: SocketId,
    },
    /// Somebody asks for something.
    Request { asker: Asker, request: Box<Request> },
    /// Another system asks for something.
    Api(Box<ApiRequest>),
    /// Another system asks how a visit stands.
    Look(Box<Look>),
    /// Another system asks whether a service takes anybody in.
    LookAtDoor {
        service: ServiceId,
        reply: oneshot::Sender<Option<Closed>>,
    },
    /// Somebody who watches the server asks for the clinic's numbers.
    Count(oneshot::Sender<Census>),
    /// An SFU answers on the control link; these calls are up there.
    SfuUp { link: LinkId, calls: Vec<CallId> },
    /// The control link is down.
    SfuDown,
    /// The SFU says something.
    Sfu(Box<FromSfu>),
    /// These people are noted as being here, and are not.
    Missing(Vec<Attendance>),
    /// Nothing more will come.
    Stop,
}

impl Event {
    /// Nothing comes of it that is stored or shown to others.
    pub(crate) fn is_idle(&self) -> bool {
        match self {
            Self::Request { request, .. } => matches!(**request, Request::Ping),
            Self::SfuDown
            | Self::Stop
            | Self::Look(_)
            | Self::LookAtDoor { .. }
            | Self::Count(_) => true,
            Self::Sfu(message) => !matches!(
                **message,
                FromSfu::Leg { .. }
                    | FromSfu::Failed { .. }
                    | FromSfu::Talk { .. }
                    | FromSfu::Flow { .. }
            ),
            Self::Api(_)
            | Self::Opened(_)
            | Self::Closed { .. }
            | Self::SfuUp { .. }
            | Self::Missing(_) => false,
        }
    }

    /// Tells whoever asks that nothing comes of it now. What nobody asked for comes back, to be taken in later.
    pub(crate) fn refuse(self) -> Option<Self> {
        match self {
            Self::Request { asker, .. } => asker.refuse(ErrorCode::Unavailable),
            Self::Api(request) => request.refuse(),
            // Whoever looks or counts hears by the silence that nobody answers.
            Self::Look(_) | Self::LookAtDoor { .. } | Self::Count(_) => {}
            Self::Opened(opening) => opening.socket.outbox.close(ClosingReason::ShuttingDown),
            Self::Closed { .. }
            | Self::SfuUp { .. }
            | Self::SfuDown
            | Self::Sfu(_)
            | Self::Missing(_)
            | Self::Stop => return Some(self),
        }
        None
    }
}

/// A session that was just opened.
#[derive(Debug)]
pub(crate) struct Opening {
    /// Where.
    pub(crate) socket: Socket,
    /// By which load of the page.
    pub(crate) instance: InstanceId,
    /// The hello that is to be answered.
    pub(crate) request: RequestId,
    /// What is known of whoever it is.
    pub(crate) known: Known,
}

/// What the store knows of somebody, beside what the clinic has in memory.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// The consultations that a patient had before.
    pub(crate) past: Vec<Consultation>,
    /// What patients told a practitioner, the latest first.
    pub(crate) told: Vec<Writing>,
}

/// Who asks, and where the answer goes. It goes to the socket that asked, never to a newer one.
#[derive(Clone, Debug)]
pub(crate) struct Asker {
    pub(crate) participant: ParticipantId,
    pub(crate) socket: SocketId,
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) request: RequestId,
    /// The practitioner who is signed in on the same device, looked for where it matters.
    pub(crate) beside: Option<PractitionerId>,
    /// The consultations that the patient had before whom a practitioner calls, looked for likewise.
    pub(crate) past: Vec<Consultation>,
}

impl Asker {
    /// The message that answers.
    pub(crate) fn reply(&self, reply: Reply) -> ServerMessage {
        ServerMessage::Reply {
            id: self.request,
            reply,
        }
    }

    /// Refuses at once: what changed nothing needs no store.
    pub(crate) fn refuse(&self, error: impl Into<ErrorBody>) {
        self.outbox.send(&ServerMessage::Refused {
            id: Some(self.request),
            error: error.into(),
        });
    }
}
