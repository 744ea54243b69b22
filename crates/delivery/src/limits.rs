//! The limits of delivery, each with its reason.

/// Participants in a consultation: patient, practitioner and three companions.
pub const PARTICIPANTS: usize = 5;

/// Consultations under way at once: one for each practitioner of the largest clinic.
pub const CONSULTATIONS: usize = 1_000;

/// Pages that are known at once: everybody who waits, works or has just opened a link, in a clinic
/// with its waiting room full, and as many again.
pub const PAGES: usize = 20_000;

/// Key packages that one page may have waiting: enough for a few returns of the practitioner
/// without a round trip.
pub const KEY_PACKAGES: usize = 8;

/// Bytes of one key package; suite 1 with a basic credential takes about 300.
pub const KEY_PACKAGE_BYTES: usize = 4 * 1024;

/// Bytes of key packages on the whole shelf: three ordinary ones for each page. What all pages
/// together may publish one by one would be twenty times more.
pub const SHELF_BYTES: usize = 20 * 1024 * 1024;

/// Bytes of one commit, one Welcome or one application message.
pub const MESSAGE_BYTES: usize = 24 * 1024;

/// Entries in the log of one consultation: hours of chat, or a thousand reloads.
pub const LOG_ENTRIES: usize = 2_048;

/// Bytes of messages in the log of one consultation: 700 commits with their Welcome for two people.
/// A whole log can be sent to a page that returns without filling its socket's buffer twice.
pub const LOG_BYTES: usize = 1024 * 1024;
