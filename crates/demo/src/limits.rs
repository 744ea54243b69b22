//! How many, how long, how often, each with its reason.

use std::time::Duration;

/// A demonstration ends by itself: after this long nobody is looking any more.
pub(crate) const WORKING_DAY: Duration = Duration::from_secs(12 * 60 * 60);

/// Visits of one patient: one every few minutes of a working day.
pub(crate) const VISITS: u32 = 200;

/// From one arrival to the next, so that the waiting room is seen to fill.
pub(crate) const APART: Duration = Duration::from_secs(4);

/// From the end of a visit to the next: the console's owner sees the queue get shorter in between.
pub(crate) const AWAY: Duration = Duration::from_secs(90);

/// From a line of the practitioner's to its answer: as long as somebody takes to write it.
pub(crate) const WRITING: Duration = Duration::from_millis(1500);

/// Lines that one patient answers in one consultation.
pub(crate) const ANSWERS: usize = 50;

/// From a failure, such as a server that restarts, to the next attempt.
pub(crate) const RETRY: Duration = Duration::from_secs(5);

/// How long the link is waited for: the server is built and started meanwhile.
pub(crate) const LINK_PATIENCE: Duration = Duration::from_secs(10 * 60);

/// Between two looks for the link.
pub(crate) const LINK_LOOK: Duration = Duration::from_millis(200);

/// For everybody to say goodbye: whoever pressed Ctrl-C waits for it, and a server that is there answers at once.
pub(crate) const GOODBYE: Duration = Duration::from_secs(3);
