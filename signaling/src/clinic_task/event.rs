//! What the clinic task hears of.

use std::sync::Arc;

use vestibule_control::FromSfu;
use vestibule_protocol::client::{Request, RequestId};
use vestibule_protocol::server::{Reply, ServerMessage};
use vestibule_protocol::{ErrorBody, ErrorCode};
use vestibule_vocab::{CallId, InstanceId, ParticipantId};

use crate::sfu::LinkId;
use crate::socket::{Outbox, Socket, SocketId};

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
    /// An SFU answers on the control link; these calls are up there.
    SfuUp { link: LinkId, calls: Vec<CallId> },
    /// The control link is down.
    SfuDown,
    /// The SFU says something.
    Sfu(Box<FromSfu>),
    /// Nothing more will come.
    Stop,
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
}

/// Who asks, and where the answer goes. It goes to the socket that asked, never to a newer one.
#[derive(Clone, Debug)]
pub(crate) struct Asker {
    pub(crate) participant: ParticipantId,
    pub(crate) socket: SocketId,
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) request: RequestId,
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
    pub(crate) fn refuse(&self, code: ErrorCode) {
        self.outbox.send(&ServerMessage::Refused {
            id: Some(self.request),
            error: ErrorBody::from(code),
        });
    }
}
