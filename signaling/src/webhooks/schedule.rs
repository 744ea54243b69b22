//! When an event is sent again that did not arrive. Pure: time and luck are passed in.

use vestibule_vocab::{Millis, Timestamp};

use crate::limits::{WEBHOOK_ATTEMPTS, WEBHOOK_PAUSE, WEBHOOK_PAUSE_FACTOR, WEBHOOK_PAUSE_LONGEST};

/// What became of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It was taken.
    Taken,
    /// The endpoint is gone for good, as it says itself (410).
    Gone,
    /// It was not taken, and may be another time.
    NotTaken,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Nothing: it arrived.
    Delivered,
    /// Another attempt.
    Again {
        /// Not before then.
        at: Timestamp,
    },
    /// Nothing any more: it is given up.
    GivenUp,
}

/// What comes after an attempt, which was the `attempts`th. `luck` is any number.
pub(super) fn next(answer: Answer, attempts: u32, now: Timestamp, luck: u64) -> Next {
    match answer {
        Answer::Taken => Next::Delivered,
        Answer::Gone => Next::GivenUp,
        Answer::NotTaken if attempts >= WEBHOOK_ATTEMPTS => Next::GivenUp,
        Answer::NotTaken => Next::Again {
            at: now.plus(pause(attempts, luck)),
        },
    }
}

/// Longer after each attempt, up to a bound. Half of it is left to luck, so that what failed together does not come
/// back together.
fn pause(attempts: u32, luck: u64) -> Millis {
    let factor = WEBHOOK_PAUSE_FACTOR.saturating_pow(attempts.saturating_sub(1));
    let whole = WEBHOOK_PAUSE.0.saturating_mul(factor);
    let whole = whole.min(WEBHOOK_PAUSE_LONGEST.0);
    let half = whole / 2;
    let drawn = luck.checked_rem(half.saturating_add(1)).unwrap_or(0);
    Millis(whole.saturating_sub(half).saturating_add(drawn))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000);

    fn wait(attempts: u32, luck: u64) -> u64 {
        let Next::Again { at } = next(Answer::NotTaken, attempts, NOW, luck) else {
            panic!("it is given up");
        };
        at.since(NOW).0
    }

    #[test]
    fn what_was_taken_is_done_and_what_is_gone_is_given_up() {
        assert_eq!(next(Answer::Taken, 1, NOW, 7), Next::Delivered);
        assert_eq!(next(Answer::Gone, 1, NOW, 7), Next::GivenUp);
    }

    #[test]
    fn each_pause_is_longer_up_to_a_bound_and_half_of_it_is_luck() {
        let mut before = 0;
        for attempts in 1..WEBHOOK_ATTEMPTS {
            let (least, most) = (
                wait(attempts, 0),
                (0..1_000)
                    .map(|luck| wait(attempts, luck * 7_919))
                    .max()
                    .unwrap(),
            );
            assert!(least >= before, "pause {attempts}");
            assert!(most <= WEBHOOK_PAUSE_LONGEST.0 && most > least);
            before = least;
        }
        assert_eq!(wait(1, 0), WEBHOOK_PAUSE.0 / 2);
        assert_eq!(before, WEBHOOK_PAUSE_LONGEST.0 / 2);
    }

    #[test]
    fn in_the_end_it_is_given_up_within_a_few_days() {
        assert_eq!(
            next(Answer::NotTaken, WEBHOOK_ATTEMPTS, NOW, 0),
            Next::GivenUp
        );
        let longest: u64 = (1..WEBHOOK_ATTEMPTS).map(|it| wait(it, u64::MAX)).sum();
        let day = 24 * 60 * 60 * 1000;
        assert!((day..4 * day).contains(&longest), "{longest}");
    }

    #[test]
    fn no_number_is_too_large() {
        let at = next(Answer::NotTaken, 1, Timestamp(u64::MAX), u64::MAX);
        assert_eq!(
            at,
            Next::Again {
                at: Timestamp(u64::MAX)
            }
        );
        assert!(pause(u32::MAX, u64::MAX) <= WEBHOOK_PAUSE_LONGEST);
    }
}
