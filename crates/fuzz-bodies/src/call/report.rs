//! What somebody reports and asks for, of what came and of what never was: each writes a compound into a buffer, and gives its
//! length.

use std::time::Duration;

use vestibule_forwarding::Moment;
use vestibule_rtp::ntp::Ntp;
use vestibule_rtp::rtcp::{Compound, ReportBlock, SenderInfo};

use super::person::{Coming, Person};

/// What reports come from.
const REPORTER: u32 = 1;

/// Whatever it is.
pub(super) fn raw(buffer: &mut [u8], raw: &[u8]) -> Option<usize> {
    buffer.get_mut(..raw.len())?.copy_from_slice(raw);
    Some(raw.len())
}

/// One of the streams that come, or by turns one that there is not.
fn stream(person: &Person, which: u8) -> Coming {
    let known = person
        .coming
        .get(usize::from(which) % (person.coming.len() + 1));
    known.copied().unwrap_or((7, 7))
}

/// Packets are asked for again: so many from so many back.
pub(super) fn lost(
    person: &Person,
    buffer: &mut [u8],
    [one, two, three]: [u8; 3],
) -> Option<usize> {
    let (ssrc, last) = stream(person, one);
    let first = last.wrapping_sub(two.into());
    let lost = (0..u16::from(three)).map(|more| first.wrapping_add(more));
    Compound::new(buffer).nack(REPORTER, ssrc, lost).ok()
}

/// A picture is asked for.
pub(super) fn unseen(person: &Person, buffer: &mut [u8], [one, two]: [u8; 2]) -> Option<usize> {
    let (ssrc, _) = stream(person, one);
    let mut compound = Compound::new(buffer);
    if two & 1 == 0 {
        compound.picture_loss(REPORTER, ssrc).ok()
    } else {
        compound.full_intra(REPORTER, &[(ssrc, two)]).ok()
    }
}

/// What arrived when: later than it did, and from now on with losses.
pub(super) fn arrivals(
    person: &mut Person,
    now: Moment,
    buffer: &mut [u8],
    [one, two]: [u8; 2],
) -> Option<usize> {
    person.losing = two;
    let late = Duration::from_millis(one.into());
    person
        .arrivals
        .build(now.plus(late), REPORTER, REPORTER, buffer)
}

/// A report on a stream that comes.
pub(super) fn received(
    person: &Person,
    buffer: &mut [u8],
    [one, two, three]: [u8; 3],
) -> Option<usize> {
    let (ssrc, last) = stream(person, one);
    let block = ReportBlock {
        ssrc,
        fraction_lost: two,
        cumulative_lost: i32::from(two) * i32::from(three),
        highest: last.into(),
        jitter: three.into(),
        last_report: person.last_report,
        delay: u32::from(three) << 8,
    };
    Compound::new(buffer)
        .receiver_report(REPORTER, &[block])
        .ok()
}

/// A report on a stream that is sent.
pub(super) fn sent(
    person: &Person,
    now: Moment,
    buffer: &mut [u8],
    [one, two]: [u8; 2],
) -> Option<usize> {
    let streams = person.streams;
    let info = SenderInfo {
        ssrc: *streams
            .get(usize::from(one) % (streams.len() + 1))
            .unwrap_or(&7),
        ntp: Ntp::from_micros(now.as_micros().wrapping_add(u64::from(two) << 20)),
        timestamp: u32::from(two).wrapping_mul(90_000),
        packets: one.into(),
        octets: two.into(),
    };
    Compound::new(buffer).sender_report(&info, &[]).ok()
}
