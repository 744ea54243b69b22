//! What nobody may foresee. The ICE library draws from a generator that is not meant for secrets, and whose later numbers
//! follow from those that it told.

use aws_lc_rs::rand;
use is::stun::{StunMessage, TransId};

/// The system has no randomness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system has no randomness")]
pub struct NoRandomness;

/// Those that ICE allows (RFC 8445 section 5.3, `ice-char`): 64, so that each has the same chance.
const CHARACTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// So many characters, of six random bits each.
pub(crate) fn characters<const COUNT: usize>() -> Result<String, NoRandomness> {
    let bytes: [u8; COUNT] = octets()?;
    let character = |byte: &u8| CHARACTERS.get(usize::from(byte % 64)).copied();
    Ok(bytes.iter().filter_map(character).map(char::from).collect())
}

/// The id of a check of ours (RFC 8489 section 5): whoever could foresee it could answer without having got it. The library
/// makes one of given octets only when it reads a message: here an indication, which needs no attributes.
pub(crate) fn transaction() -> Result<TransId, NoRandomness> {
    let id: [u8; 12] = octets()?;
    let head = [0, 0x11, 0, 0, 0x21, 0x12, 0xa4, 0x42];
    let mut indication = [0; 20];
    for (place, octet) in indication.iter_mut().zip(head.into_iter().chain(id)) {
        *place = octet;
    }
    let read = StunMessage::parse(&indication).map_err(|_| NoRandomness)?;
    Ok(read.trans_id())
}

fn octets<const COUNT: usize>() -> Result<[u8; COUNT], NoRandomness> {
    let mut octets = [0; COUNT];
    rand::fill(&mut octets).map_err(|_| NoRandomness)?;
    Ok(octets)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{CHARACTERS, characters, transaction};

    /// The library's generator, begun anew each time, tells the same each time.
    #[test]
    fn nothing_is_drawn_from_the_generator_of_the_library() {
        let drawn = || {
            fastrand::seed(7);
            let text = characters::<22>().unwrap();
            (text, transaction().unwrap())
        };
        let (one, other) = (drawn(), drawn());
        assert_ne!(one.0, other.0);
        assert_ne!(one.1, other.1);
    }

    #[test]
    fn all_characters_come_and_none_but_those() {
        let drawn: String = (0..100).map(|_| characters::<22>().unwrap()).collect();
        assert_eq!(drawn.len(), 2200);
        let seen: HashSet<u8> = drawn.bytes().collect();
        assert_eq!(seen, CHARACTERS.iter().copied().collect());
    }
}
