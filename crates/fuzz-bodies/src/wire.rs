//! JSON of the WebSocket and of the control link: what can be read can be written, and reads the same.

use serde::Serialize;
use serde::de::DeserializeOwned;
use vestibule_control::{FromSfu, ToSfu};
use vestibule_protocol::client::ClientMessage;
use vestibule_protocol::server::ServerMessage;

/// A WebSocket message, of either side.
pub fn protocol(bytes: &[u8]) {
    survives_the_wire::<ClientMessage>(bytes);
    survives_the_wire::<ServerMessage>(bytes);
}

/// The body of a frame on the control link, of either side.
pub fn control(bytes: &[u8]) {
    survives_the_wire::<ToSfu>(bytes);
    survives_the_wire::<FromSfu>(bytes);
}

fn survives_the_wire<T: DeserializeOwned + Serialize>(bytes: &[u8]) {
    let Ok(message) = serde_json::from_slice::<T>(bytes) else {
        return;
    };
    let once = serde_json::to_vec(&message).expect("what was read can be written");
    let again = serde_json::from_slice::<T>(&once).expect("what was written can be read");
    let twice = serde_json::to_vec(&again).expect("what was read can be written");
    assert_eq!(once, twice, "writing and reading changes nothing");
}
