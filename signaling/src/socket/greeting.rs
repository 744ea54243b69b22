//! The first exchange on a socket: our challenge, their hello. It ends with a session or a closed
//! socket, and within ten seconds either way.

use tokio::time::timeout;
use vestibule_protocol::client::{ClientMessage, Request, RequestId};
use vestibule_protocol::limits::FEEDBACK;
use vestibule_protocol::server::{ClosingReason, ServerMessage};
use vestibule_protocol::{ErrorCode, PROTOCOL_VERSION};
use vestibule_vocab::InstanceId;

use super::wire::{Incoming, Lost, Wire};
use crate::clinic_task::Known;
use crate::identity::{Subject, hash_secret, proof_is_valid};
use crate::limits;
use crate::random;
use crate::shared::Shared;
use crate::store::SessionRow;

/// A hello that was accepted.
pub(super) struct Greeted {
    pub(super) session: SessionRow,
    pub(super) instance: InstanceId,
    pub(super) request: RequestId,
    pub(super) known: Known,
}

/// A hello as it came.
struct Hello {
    protocol: Vec<u16>,
    secret: String,
    proof: Vec<u8>,
    instance: InstanceId,
    request: RequestId,
}

/// Challenges whoever is there. `None`: the socket is closed.
pub(super) async fn greet(mut wire: Wire, shared: &Shared) -> Option<(Wire, Greeted)> {
    let nonce = random::bytes::<32>().ok()?;
    let challenge = ServerMessage::Challenge {
        protocol: vec![PROTOCOL_VERSION],
        nonce: nonce.to_vec().into(),
    };
    wire.send(&challenge).await.ok()?;
    let hello = match timeout(limits::HELLO, await_hello(&mut wire)).await {
        Ok(Ok(hello)) => hello,
        Ok(Err(Parting::Gone)) => return None,
        Ok(Err(Parting::Fault(fault))) => {
            wire.close_for(fault).await;
            return None;
        }
        Ok(Err(Parting::Tiresome)) | Err(_) => {
            wire.close(ClosingReason::Protocol).await;
            return None;
        }
    };
    let judged = match judge(&hello, &nonce, shared).await {
        Ok(session) => known(&session, shared).await.map(|known| (session, known)),
        Err(code) => Err(code),
    };
    match judged {
        Ok((session, known)) => Some((wire, hello.accepted(session, known))),
        Err(code) => {
            if wire.refuse(Some(hello.request), code).await.is_ok() {
                wire.close(parting_reason(code)).await;
            }
            None
        }
    }
}

/// Why there is no hello.
enum Parting {
    Gone,
    Tiresome,
    Fault(super::fault::Fault),
}

impl From<Lost> for Parting {
    fn from(_: Lost) -> Self {
        Self::Gone
    }
}

async fn await_hello(wire: &mut Wire) -> Result<Hello, Parting> {
    for _ in 0..limits::MESSAGES_BEFORE_HELLO {
        match wire.receive().await {
            Incoming::Message(message) => match hello_of(message) {
                Ok(hello) => return Ok(hello),
                Err(id) => wire.refuse(Some(id), ErrorCode::OutOfOrder).await?,
            },
            Incoming::Unreadable(code) => wire.refuse(None, code).await?,
            Incoming::Heartbeat => {}
            Incoming::Fault(fault) => return Err(Parting::Fault(fault)),
            Incoming::Gone => return Err(Parting::Gone),
        }
    }
    Err(Parting::Tiresome)
}

fn hello_of(message: ClientMessage) -> Result<Hello, RequestId> {
    let request = message.id;
    if let Request::Hello {
        protocol,
        session,
        proof,
        instance,
    } = message.request
    {
        return Ok(Hello {
            protocol,
            secret: session.into_exposed(),
            proof: proof.0,
            instance,
            request,
        });
    }
    Err(request)
}

async fn judge(hello: &Hello, nonce: &[u8], shared: &Shared) -> Result<SessionRow, ErrorCode> {
    if !hello.protocol.contains(&PROTOCOL_VERSION) {
        return Err(ErrorCode::UnsupportedProtocol);
    }
    let session = shared
        .store
        .session(&hash_secret(&hello.secret))
        .await
        .map_err(|error| {
            tracing::error!(%error, "a session could not be looked up");
            ErrorCode::Unavailable
        })?
        .filter(|session| session.expires_at > shared.clock.now())
        .ok_or(ErrorCode::SessionUnknown)?;
    if !proof_is_valid(&session.device_key, nonce, &hello.secret, &hello.proof) {
        tracing::warn!(
            session = %session.id.loggable(),
            "a session was refused: the proof is not its device's"
        );
        return Err(ErrorCode::ProofInvalid);
    }
    Ok(session)
}

/// What is to be known of somebody before they ask for anything.
async fn known(session: &SessionRow, shared: &Shared) -> Result<Known, ErrorCode> {
    let mut known = Known::default();
    let read = match session.subject {
        Subject::Patient { patient, .. } => {
            let past = shared.store.past(patient).await;
            past.map(|past| known.past = past)
        }
        Subject::Practitioner(practitioner) => {
            let told = shared.store.told(practitioner, FEEDBACK).await;
            told.map(|told| known.told = told)
        }
        Subject::Companion { .. } => Ok(()),
    };
    read.map_err(|error| {
        tracing::error!(%error, "what is known of somebody could not be looked up");
        ErrorCode::Unavailable
    })?;
    Ok(known)
}

impl Hello {
    fn accepted(self, session: SessionRow, known: Known) -> Greeted {
        Greeted {
            session,
            instance: self.instance,
            request: self.request,
            known,
        }
    }
}

/// Whether coming back by the same session can help.
fn parting_reason(code: ErrorCode) -> ClosingReason {
    if code == ErrorCode::SessionUnknown {
        ClosingReason::SessionEnded
    } else if code == ErrorCode::Unavailable {
        ClosingReason::ShuttingDown
    } else {
        ClosingReason::Protocol
    }
}
