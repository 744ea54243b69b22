//! As much of STUN (RFC 8489) as is needed to find the peer that a check is for.

const HEADER_BYTES: usize = 20;
const TRANSACTION_AT: usize = 8;
const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
const BINDING_REQUEST: [u8; 2] = [0x00, 0x01];
const BINDING_SUCCESS: [u8; 2] = [0x01, 0x01];
const USERNAME: u16 = 0x0006;

/// Whether a datagram is STUN among what shares the port (RFC 7983).
pub(super) fn is_stun(datagram: &[u8]) -> bool {
    datagram.first().is_some_and(|first| *first < 4)
}

/// What a transaction is known by (RFC 8489 section 5).
pub(super) type Transaction = [u8; 12];

/// The transaction of a binding request.
pub(super) fn request(datagram: &[u8]) -> Option<Transaction> {
    transaction(datagram).filter(|_| datagram.starts_with(&BINDING_REQUEST))
}

/// The transaction of an answer that says that a check was found authentic.
pub(super) fn answer(datagram: &[u8]) -> Option<Transaction> {
    transaction(datagram).filter(|_| is_binding_success(datagram))
}

fn transaction(datagram: &[u8]) -> Option<Transaction> {
    let id = datagram.get(TRANSACTION_AT..)?;
    id.first_chunk().copied()
}

/// Whether a datagram that a peer sends says that it found a check authentic.
pub(super) fn is_binding_success(datagram: &[u8]) -> bool {
    datagram.starts_with(&BINDING_SUCCESS)
}

/// The fragment of ours that a binding request names: what stands before the colon of its user name.
pub(crate) fn requested_fragment(datagram: &[u8]) -> Option<&str> {
    let (header, mut attributes) = datagram.split_at_checked(HEADER_BYTES)?;
    if !header.starts_with(&BINDING_REQUEST) || header.get(4..8) != Some(&MAGIC_COOKIE) {
        return None;
    }
    loop {
        let (kind, rest) = attributes.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let length = usize::from(u16::from_be_bytes(*length));
        if u16::from_be_bytes(*kind) == USERNAME {
            let name = std::str::from_utf8(rest.get(..length)?).ok()?;
            return name.split_once(':').map(|(ours, _)| ours);
        }
        attributes = rest.get(length.next_multiple_of(4)..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::{answer, is_binding_success, is_stun, request, requested_fragment};

    /// A binding request with a PRIORITY before the USERNAME.
    fn check(name: &str) -> Vec<u8> {
        let mut datagram = vec![0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42];
        datagram.extend([7; 12]);
        datagram.extend([0, 0x24, 0, 4, 1, 2, 3, 4]);
        datagram.extend([0, 6]);
        datagram.extend((name.len() as u16).to_be_bytes());
        datagram.extend(name.as_bytes());
        datagram.extend(vec![0; name.len().next_multiple_of(4) - name.len()]);
        datagram
    }

    #[test]
    fn our_fragment_stands_before_the_colon() {
        assert_eq!(requested_fragment(&check("ours:theirs")), Some("ours"));
        assert_eq!(requested_fragment(&check("nobody")), None);
    }

    #[test]
    fn what_is_cut_short_or_something_else_names_nobody() {
        let whole = check("ours:theirs");
        for length in 0..whole.len() - 1 {
            assert_eq!(requested_fragment(&whole[..length]), None, "{length} bytes");
        }
        for (at, value) in [(0, 1), (4, 0), (30, 0xff)] {
            let mut other = whole.clone();
            other[at] = value;
            assert_eq!(requested_fragment(&other), None);
        }
    }

    #[test]
    fn requests_and_answers_are_told_apart() {
        assert!(is_stun(&check("a:b")) && !is_stun(&[0x80, 0]) && !is_stun(&[]));
        assert!(is_binding_success(&[1, 1, 0]) && !is_binding_success(&check("a:b")));
    }

    #[test]
    fn requests_and_answers_have_a_transaction() {
        let asked = check("a:b");
        let mut answered = asked.clone();
        answered[..2].copy_from_slice(&[1, 1]);
        assert_eq!((request(&asked), answer(&asked)), (Some([7; 12]), None));
        assert_eq!(
            (request(&answered), answer(&answered)),
            (None, Some([7; 12]))
        );
        assert_eq!((request(&asked[..19]), answer(&[])), (None, None));
    }
}
