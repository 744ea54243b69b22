//! WebSockets: the greeting, the session, and the bounded queue in front of each socket.

mod fault;
mod greeting;
mod outbox;
mod registry;
mod session;
mod wire;

use std::sync::Arc;

use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::response::Response;
use vestibule_protocol::limits as wire_limits;

pub(crate) use outbox::{Outbox, Outgoing};
pub(crate) use registry::{Registry, Socket, SocketId};

use crate::limits;
use crate::shared::Shared;
use wire::Wire;

/// Answers an upgrade whose origin was checked.
pub(crate) fn accept(upgrade: WebSocketUpgrade, shared: Arc<Shared>) -> Response {
    upgrade
        .read_buffer_size(limits::SOCKET_READ_BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(limits::SOCKET_WRITE_BUFFER)
        .max_message_size(wire_limits::MESSAGE_BYTES)
        .max_frame_size(wire_limits::MESSAGE_BYTES)
        .on_upgrade(|socket| serve(socket, shared))
}

async fn serve(socket: WebSocket, shared: Arc<Shared>) {
    let Some((wire, greeted)) = greeting::greet(Wire::new(socket), &shared).await else {
        return;
    };
    session::run(wire, greeted, shared).await;
}
