//! Finds the peer that a datagram is for.
//!
//! A STUN check is for the peer whose fragment it names. Anything else is for the peer that its sender's address
//! was bound to, and an address is bound only after a check from there was found authentic: whoever sends
//! from elsewhere reaches no peer. As a check's source can be forged, an address that leads to one peer leads to another
//! only when that one answered a check of ours from there; the answer is for the peer that sent the check.

use std::collections::HashMap;
use std::net::SocketAddr;

use foldhash::fast::RandomState;
use vestibule_forwarding::Seat;

use super::stun::{self, Transaction};
use crate::counters::In;
use crate::limits::ADDRESSES_PER_PEER;

/// Where a peer sits: its call's place in the worker, and its seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// The call's place in the worker.
    pub call: usize,
    /// The seat in the call.
    pub seat: Seat,
}

/// What leads to the peers of a worker.
///
/// Each packet is looked up by a hash that is fast and seeded at random, not one that withstands whoever chooses the keys:
/// nobody does. An address is one that a peer proved, and a peer has few
/// (`ADDRESSES_PER_PEER`).
#[derive(Debug, Default)]
pub struct Demux {
    addresses: HashMap<SocketAddr, Place, RandomState>,
    fragments: HashMap<String, Place>,
    peers: HashMap<Place, Known>,
    asked: HashMap<Transaction, Place>,
}

/// What leads to one peer.
#[derive(Debug)]
struct Known {
    fragment: String,
    addresses: Vec<SocketAddr>,
    /// The check that the peer sent last.
    asked: Option<Transaction>,
}

impl Demux {
    /// The peer that a datagram is for, if it is for any.
    #[must_use]
    pub fn place_of(&self, from: SocketAddr, datagram: &[u8]) -> Option<Place> {
        self.route(from, datagram).ok()
    }

    /// The same, with why it is for none.
    pub(super) fn route(&self, from: SocketAddr, datagram: &[u8]) -> Result<Place, In> {
        let bound = self.addresses.get(&from).copied();
        if !stun::is_stun(datagram) {
            return bound.ok_or(In::UnknownAddress);
        }
        let place = match stun::answer(datagram) {
            Some(answered) => *self.asked.get(&answered).ok_or(In::StunUnasked)?,
            None => self.asked_for(datagram).ok_or(In::UnknownFragment)?,
        };
        let known = self.peers.get(&place).ok_or(In::UnknownFragment)?;
        if bound == Some(place) || known.addresses.len() < ADDRESSES_PER_PEER {
            return Ok(place);
        }
        Err(In::TooManyAddresses)
    }

    fn asked_for(&self, check: &[u8]) -> Option<Place> {
        let fragment = stun::requested_fragment(check)?;
        self.fragments.get(fragment).copied()
    }

    /// Whether this peer proved this address.
    pub(super) fn is_bound(&self, place: Place, address: SocketAddr) -> bool {
        self.addresses.get(&address) == Some(&place)
    }

    /// A peer can be found by this fragment, and no longer by what led to its seat before.
    pub fn add(&mut self, place: Place, fragment: String) {
        self.remove(place);
        self.fragments.insert(fragment.clone(), place);
        let addresses = Vec::new();
        self.peers.insert(
            place,
            Known {
                fragment,
                addresses,
                asked: None,
            },
        );
    }

    /// A peer's ICE was restarted: checks name another fragment. The address that its media comes from stays bound, as
    /// it flows on from there until the new checks are through; where that is not known, the one that was proved last.
    pub fn rename(&mut self, place: Place, fragment: String, way: Option<SocketAddr>) {
        let Some(known) = self.peers.get_mut(&place) else {
            return;
        };
        if known.fragment == fragment {
            return;
        }
        self.fragments.remove(&known.fragment);
        self.fragments.insert(fragment.clone(), place);
        known.fragment = fragment;
        let way = way.filter(|way| known.addresses.contains(way));
        let stays = way.or(known.addresses.last().copied());
        for address in &known.addresses {
            if Some(*address) != stays {
                self.addresses.remove(address);
            }
        }
        known.addresses = stays.into_iter().collect();
    }

    /// A check from this address was authentic: whether it leads to this peer now. If it leads to another, it stays so.
    pub(super) fn claim(&mut self, place: Place, address: SocketAddr) -> bool {
        let free = !self.addresses.contains_key(&address);
        if free {
            self.bind(place, address);
        }
        free || self.is_bound(place, address)
    }

    /// This peer sent a check: the answer to it is for it, and the answer to the one before no more.
    pub(super) fn expect(&mut self, place: Place, check: Transaction) {
        let Some(known) = self.peers.get_mut(&place) else {
            return;
        };
        if let Some(before) = known.asked.replace(check) {
            self.asked.remove(&before);
        }
        self.asked.insert(check, place);
    }

    /// This peer is at this address.
    pub fn bind(&mut self, place: Place, address: SocketAddr) {
        let before = self.addresses.insert(address, place);
        if before == Some(place) {
            return;
        }
        if let Some(loser) = before.and_then(|before| self.peers.get_mut(&before)) {
            loser.addresses.retain(|bound| *bound != address);
        }
        if let Some(known) = self.peers.get_mut(&place) {
            known.addresses.push(address);
        }
    }

    /// Nothing leads to this peer any more.
    pub fn remove(&mut self, place: Place) {
        let Some(known) = self.peers.remove(&place) else {
            return;
        };
        self.fragments.remove(&known.fragment);
        if let Some(asked) = known.asked {
            self.asked.remove(&asked);
        }
        for address in known.addresses {
            self.addresses.remove(&address);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use vestibule_forwarding::Seat;

    use super::{Demux, Place};
    use crate::counters::In;
    use crate::limits::ADDRESSES_PER_PEER;

    const MEDIA: &[u8] = &[0x80, 96];

    fn place(call: usize) -> Place {
        let seat = Seat::ALL[0];
        Place { call, seat }
    }

    fn address(port: u16) -> SocketAddr {
        ([127, 0, 0, 1], port).into()
    }

    fn check(fragment: &str) -> Vec<u8> {
        let name = format!("{fragment}:xx");
        let mut datagram = vec![
            0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6,
        ];
        datagram.extend((name.len() as u16).to_be_bytes());
        datagram.extend(name.as_bytes());
        datagram.resize(datagram.len().next_multiple_of(4), 0);
        datagram
    }

    #[test]
    fn checks_find_their_peer_by_fragment_and_media_by_bound_address() {
        let mut demux = Demux::default();
        demux.add(place(1), "aaaa".to_owned());
        assert_eq!(demux.route(address(5), &check("aaaa")), Ok(place(1)));
        assert_eq!(
            demux.route(address(5), &check("bbbb")),
            Err(In::UnknownFragment)
        );
        assert_eq!(demux.route(address(5), MEDIA), Err(In::UnknownAddress));
        demux.bind(place(1), address(5));
        assert_eq!(demux.route(address(5), MEDIA), Ok(place(1)));
        assert_eq!(demux.route(address(6), MEDIA), Err(In::UnknownAddress));
    }

    #[test]
    fn an_address_belongs_to_the_last_who_proved_it() {
        let mut demux = Demux::default();
        demux.add(place(1), "aaaa".to_owned());
        demux.add(place(2), "bbbb".to_owned());
        demux.bind(place(1), address(5));
        demux.bind(place(2), address(5));
        assert_eq!(demux.route(address(5), MEDIA), Ok(place(2)));
        demux.remove(place(1));
        assert_eq!(demux.route(address(5), MEDIA), Ok(place(2)));
        demux.remove(place(2));
        assert_eq!(demux.route(address(5), MEDIA), Err(In::UnknownAddress));
        assert!(demux.addresses.is_empty() && demux.fragments.is_empty() && demux.peers.is_empty());
    }

    #[test]
    fn an_address_that_leads_to_one_peer_is_not_taken_by_a_check_of_anothers() {
        let mut demux = Demux::default();
        demux.add(place(1), "aaaa".to_owned());
        demux.add(place(2), "bbbb".to_owned());
        assert!(demux.claim(place(1), address(5)) && demux.claim(place(1), address(5)));
        assert!(!demux.claim(place(2), address(5)));
        assert_eq!(demux.route(address(5), MEDIA), Ok(place(1)));
        demux.remove(place(1));
        assert!(demux.claim(place(2), address(5)));
        assert_eq!(demux.route(address(5), MEDIA), Ok(place(2)));
    }

    #[test]
    fn an_answer_is_for_the_peer_that_asked_wherever_it_comes_from() {
        let mut demux = Demux::default();
        demux.add(place(1), "aaaa".to_owned());
        demux.add(place(2), "bbbb".to_owned());
        demux.bind(place(1), address(5));
        let answer = |check: u8| {
            let mut datagram = vec![1, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42];
            datagram.extend([check; 12]);
            datagram
        };
        demux.expect(place(2), [7; 12]);
        assert_eq!(demux.route(address(5), &answer(7)), Ok(place(2)));
        assert_eq!(demux.route(address(5), &answer(8)), Err(In::StunUnasked));
        demux.expect(place(2), [8; 12]);
        assert_eq!(demux.route(address(5), &answer(7)), Err(In::StunUnasked));
        demux.remove(place(2));
        assert_eq!(demux.route(address(5), &answer(8)), Err(In::StunUnasked));
        assert!(demux.asked.is_empty());
    }

    #[test]
    fn after_an_ice_restart_the_old_fragment_is_dead_and_media_still_flows() {
        let mut demux = Demux::default();
        demux.add(place(1), "aaaa".to_owned());
        demux.bind(place(1), address(5));
        demux.bind(place(1), address(6));
        demux.rename(place(1), "bbbb".to_owned(), None);
        assert_eq!(
            demux.route(address(6), &check("aaaa")),
            Err(In::UnknownFragment)
        );
        assert_eq!(demux.route(address(7), &check("bbbb")), Ok(place(1)));
        assert_eq!(demux.route(address(6), MEDIA), Ok(place(1)));
        assert_eq!(demux.route(address(5), MEDIA), Err(In::UnknownAddress));
    }

    #[test]
    fn after_an_ice_restart_media_flows_from_where_it_came_also_when_another_address_was_proved_later()
     {
        let mut demux = Demux::default();
        demux.add(place(1), "aaaa".to_owned());
        demux.bind(place(1), address(5));
        demux.bind(place(1), address(6));
        demux.rename(place(1), "bbbb".to_owned(), Some(address(5)));
        assert_eq!(demux.route(address(5), MEDIA), Ok(place(1)));
        assert_eq!(demux.route(address(6), MEDIA), Err(In::UnknownAddress));
        demux.remove(place(1));
        assert!(demux.addresses.is_empty());
    }

    #[test]
    fn one_peer_cannot_have_addresses_without_end() {
        let mut demux = Demux::default();
        demux.add(place(1), "aaaa".to_owned());
        for port in 1..=ADDRESSES_PER_PEER as u16 {
            demux.bind(place(1), address(port));
        }
        assert_eq!(
            demux.route(address(9999), &check("aaaa")),
            Err(In::TooManyAddresses)
        );
        assert_eq!(demux.route(address(1), &check("aaaa")), Ok(place(1)));
        demux.rename(place(1), "bbbb".to_owned(), None);
        assert_eq!(demux.route(address(9999), &check("bbbb")), Ok(place(1)));
    }
}
