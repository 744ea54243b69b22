//! The lite side of ICE (RFC 8445 section 2.5): it is checked and answers, and keeps nothing of who checked. It checks
//! itself only to find out whether somebody is where their checks seem to come from ([`crate::reach`]). The library's
//! agent is for both sides, and remembers candidates and pairs of them, in five kilobytes for each connection.

use std::net::SocketAddr;

use is::stun::{StunMessage, TransId};

use crate::Credentials;
use crate::handshake::{Transmit, Unheard};
use crate::ice::{Way, signature};
use crate::limits::{ANSWER_BYTES, CHECK_BYTES};

/// That of a host's address (RFC 8445 section 5.1.2.1): type 126, the only component. Nobody chooses by it.
const PRIORITY: u32 = (126 << 24) | (65_535 << 8) | 255;

#[derive(Debug)]
pub(crate) struct Lite {
    ours: Credentials,
    theirs: Credentials,
    /// Where checks may come to.
    local: Vec<SocketAddr>,
    /// What the last check is answered.
    answer: Option<Transmit>,
}

impl Lite {
    pub(crate) fn new(ours: Credentials, theirs: Credentials) -> Self {
        Self {
            ours,
            theirs,
            local: Vec::new(),
            answer: None,
        }
    }

    pub(crate) fn add_local(&mut self, address: SocketAddr) {
        self.local.reserve_exact(1);
        self.local.push(address);
    }

    /// Whether checks may come to this address.
    pub(crate) fn is_local(&self, address: SocketAddr) -> bool {
        self.local.contains(&address)
    }

    /// Other credentials count from now on.
    pub(crate) fn restart(&mut self, ours: Credentials, theirs: Credentials) {
        self.ours = ours;
        self.theirs = theirs;
    }

    /// Answers a check that is authentic; whether it chooses the way that it came.
    pub(crate) fn answer(&mut self, way: Way, message: &StunMessage<'_>) -> Result<bool, Unheard> {
        if !self.is_authentic(message) || !self.is_local(way.local) {
            return Err(Unheard::Unauthentic);
        }
        // Whoever claims our role is told so: a lite side has no other (RFC 8445 section 7.3.1.1).
        let conflict = message.ice_controlled().is_some();
        let check = message.trans_id();
        let answer = if conflict {
            StunMessage::binding_role_conflict_reply(check)
        } else {
            StunMessage::binding_reply(check, way.remote)
        };
        let mut buffer = [0; ANSWER_BYTES];
        let password = Some(self.ours.password.as_bytes());
        let length = answer.to_bytes(password, &mut buffer, signature);
        let bytes = length.ok().and_then(|length| buffer.get(..length));
        self.answer = bytes.map(|bytes| Transmit {
            from: way.local,
            to: way.remote,
            bytes: bytes.to_vec(),
        });
        Ok(!conflict && message.use_candidate())
    }

    /// A check of ours (RFC 8445 section 7.2.2): only who is where it goes can answer it.
    pub(crate) fn check(&self, way: Way, check: TransId) -> Option<Transmit> {
        let name = format!("{}:{}", self.theirs.ufrag, self.ours.ufrag);
        // The tie is never broken, as the lite side has the lesser role always.
        let message = StunMessage::binding_request(&name, check, false, 0, PRIORITY, false);
        let password = Some(self.theirs.password.as_bytes());
        let mut buffer = [0; CHECK_BYTES];
        let length = message.to_bytes(password, &mut buffer, signature).ok()?;
        let bytes = buffer.get(..length)?.to_vec();
        let (from, to) = (way.local, way.remote);
        Some(Transmit { from, to, bytes })
    }

    /// Whether this is the other side's answer to a check of ours.
    pub(crate) fn is_answer_to(&self, check: TransId, message: &StunMessage<'_>) -> bool {
        message.is_successful_binding_response()
            && message.trans_id() == check
            && message.verify(self.theirs.password.as_bytes(), signature)
    }

    /// How long the answer is that is to be sent.
    pub(crate) fn answer_bytes(&self) -> usize {
        self.answer.as_ref().map_or(0, |answer| answer.bytes.len())
    }

    /// The answer that is to be sent.
    pub(crate) fn poll(&mut self) -> Option<Transmit> {
        self.answer.take()
    }

    /// Whether a check is meant for us, by whom we expect, and signed with our password (RFC 8445 section 7.3).
    fn is_authentic(&self, message: &StunMessage<'_>) -> bool {
        let named = message.split_username();
        message.is_binding_request()
            && named == Some((&*self.ours.ufrag, &*self.theirs.ufrag))
            && message.verify(self.ours.password.as_bytes(), signature)
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use is::stun::{StunMessage, TransId};

    use super::Lite;
    use crate::Credentials;
    use crate::handshake::{Transmit, Unheard};
    use crate::ice::{Way, signature};

    const PASSWORD: &str = "0123456789012345678901";

    fn address(last: u8) -> SocketAddr {
        ([192, 0, 2, last], 4000).into()
    }

    const OURS: u8 = 1;
    const THEIRS: u8 = 2;

    fn credentials(ufrag: &str) -> Credentials {
        Credentials {
            ufrag: ufrag.to_owned(),
            password: PASSWORD.to_owned(),
        }
    }

    /// What becomes of a check that came to this address of ours.
    fn check(
        (name, password): (&str, &str),
        controlling: bool,
        to: u8,
    ) -> (Result<bool, Unheard>, Option<Transmit>) {
        let mut lite = Lite::new(credentials("ours"), credentials("theirs"));
        lite.add_local(address(OURS));
        let sent = StunMessage::binding_request(name, TransId::new(), controlling, 7, 1, true);
        let mut bytes = [0; 256];
        let length = sent.to_bytes(Some(password.as_bytes()), &mut bytes, signature);
        let message = StunMessage::parse(&bytes[..length.unwrap()]).unwrap();
        let way = Way {
            local: address(to),
            remote: address(THEIRS),
        };
        (lite.answer(way, &message), lite.poll())
    }

    #[test]
    fn a_check_is_answered_where_it_came_from_and_with_where_that_is() {
        let (heard, answer) = check(("ours:theirs", PASSWORD), true, OURS);
        assert_eq!(heard, Ok(true), "it chooses the way");
        let answer = answer.unwrap();
        assert_eq!((answer.from, answer.to), (address(OURS), address(THEIRS)));
        let read = StunMessage::parse(&answer.bytes).unwrap();
        assert!(read.is_successful_binding_response());
        assert!(read.verify(PASSWORD.as_bytes(), signature));
        assert_eq!(read.mapped_address(), Some(address(THEIRS)));
    }

    #[test]
    fn whoever_claims_to_be_checked_is_told_of_the_conflict_and_chooses_nothing() {
        let (heard, answer) = check(("ours:theirs", PASSWORD), false, OURS);
        assert_eq!(heard, Ok(false));
        let answer = answer.unwrap();
        let read = StunMessage::parse(&answer.bytes).unwrap();
        assert!(read.is_failed_binding_response());
        assert_eq!(read.error_code().map(|(code, _)| code), Some(487));
        assert!(read.verify(PASSWORD.as_bytes(), signature));
    }

    #[test]
    fn what_is_not_meant_for_us_is_not_answered() {
        for (name, password, to) in [
            ("others:theirs", PASSWORD, OURS),
            ("ours:others", PASSWORD, OURS),
            ("ours:theirs", "1234567890123456789012", OURS),
            ("ours:theirs", PASSWORD, 9),
        ] {
            let (heard, answer) = check((name, password), true, to);
            assert_eq!(heard, Err(Unheard::Unauthentic), "{name} {to}");
            assert_eq!(answer, None, "{name} {to}");
        }
    }

    #[test]
    fn after_a_restart_the_credentials_before_count_no_more() {
        let mut lite = Lite::new(credentials("ours"), credentials("theirs"));
        lite.add_local(address(OURS));
        lite.restart(credentials("other"), credentials("theirs"));
        let way = Way {
            local: address(OURS),
            remote: address(THEIRS),
        };
        for (name, heard) in [
            ("ours:theirs", Err(Unheard::Unauthentic)),
            ("other:theirs", Ok(true)),
        ] {
            let sent = StunMessage::binding_request(name, TransId::new(), true, 7, 1, true);
            let mut bytes = [0; 256];
            let length = sent.to_bytes(Some(PASSWORD.as_bytes()), &mut bytes, signature);
            let message = StunMessage::parse(&bytes[..length.unwrap()]).unwrap();
            assert_eq!(lite.answer(way, &message), heard, "{name}");
        }
    }
}
