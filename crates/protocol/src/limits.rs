//! The limits of the wire, each with its reason.

/// A WebSocket message, in bytes: an SDP offer with twelve media sections takes about 12 KB and an
/// MLS commit with its Welcome for five people under 16 KB once in base64.
pub const MESSAGE_BYTES: usize = 64 * 1024;

/// Characters of a patient's name: the longest names on record fit; a page of text does not.
pub const NAME_CHARS: usize = 100;

/// Characters of a reason for the visit: a few sentences that fit a console's row.
pub const REASON_CHARS: usize = 500;

/// Characters of the practitioner's own words with a declined visit.
pub const DECLINE_MESSAGE_CHARS: usize = 300;

/// Characters of what a patient tells the practitioner afterwards: some sentences, read between two patients.
pub const FEEDBACK_CHARS: usize = 1000;

/// What patients told that a practitioner is shown: the latest.
pub const FEEDBACK: usize = 20;

/// Characters of a note to the regular practitioner: a page, several times within [`MESSAGE_BYTES`].
pub const NOTE_CHARS: usize = 4000;

/// Characters of what staff write to somebody who waits.
pub const STAFF_MESSAGE_CHARS: usize = 300;

/// Bytes of an SDP offer or answer.
pub const SDP_BYTES: usize = 48 * 1024;

/// Key packages that one page instance may have waiting on the server: enough for a few returns of
/// the practitioner without a round trip.
pub const KEY_PACKAGES: usize = 8;

/// Bytes of one key package; suite 1 with a basic credential takes about 300.
pub const KEY_PACKAGE_BYTES: usize = 4 * 1024;

/// Bytes of one MLS message, Welcome included.
pub const MLS_MESSAGE_BYTES: usize = 24 * 1024;

/// Bytes of an HTTP request's body: a token and a public key.
pub const HTTP_BODY_BYTES: usize = 8 * 1024;

/// Participants in a consultation.
pub const PARTICIPANTS: usize = 5;

/// Characters of a media section's `mid`: browsers number them.
pub const MID_CHARS: usize = 16;

/// Layers of a camera: a quarter, half and whole of its width, see `docs/media.md`.
pub const CAMERA_LAYERS: usize = 3;

/// Every limit by its TypeScript name, for the generated types.
pub const ALL: &[(&str, usize)] = &[
    ("messageBytes", MESSAGE_BYTES),
    ("nameChars", NAME_CHARS),
    ("reasonChars", REASON_CHARS),
    ("declineMessageChars", DECLINE_MESSAGE_CHARS),
    ("staffMessageChars", STAFF_MESSAGE_CHARS),
    ("feedbackChars", FEEDBACK_CHARS),
    ("noteChars", NOTE_CHARS),
    ("sdpBytes", SDP_BYTES),
    ("keyPackages", KEY_PACKAGES),
    ("keyPackageBytes", KEY_PACKAGE_BYTES),
    ("mlsMessageBytes", MLS_MESSAGE_BYTES),
    ("httpBodyBytes", HTTP_BODY_BYTES),
    ("participants", PARTICIPANTS),
    ("midChars", MID_CHARS),
    ("cameraLayers", CAMERA_LAYERS),
];
