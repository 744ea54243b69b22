//! A relay by itself: nothing here has a socket.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::mpsc::channel;
use vestibule_control::CallPlan;
use vestibule_forwarding::Seat;
use vestibule_vocab::{CallId, LegId};

use super::{Relay, Wake};
use crate::SfuConfig;
use crate::addresses::Addresses;
use crate::parts::Kept;
use crate::peer::{Engine, tests as peers};
use crate::tap::NoTap;
use crate::time::Timeline;
use crate::worker::{Asked, Command, Datagram, Place, Reports, Shared};

/// The relay of an open call of two who are connected, and both halves of each client.
fn relay(wake: Wake<'_>) -> (Relay, [peers::Keys; 2]) {
    let timeline = Timeline::starting(wake.now);
    let (sender, _) = channel(1);
    let shared = Shared {
        engine: Engine::new(timeline).unwrap(),
        reports: Reports::new(sender, Arc::default()),
        timeline,
        tap: Arc::new(NoTap),
    };
    let addresses = Addresses::of_worker(&SfuConfig::default(), peers::address(1), 0);
    let mut relay = Relay::new(addresses.unwrap(), Arc::default(), shared);
    let call = CallId::from_random(1);
    let legs = [1, 2].map(LegId::from_random);
    let plan = CallPlan {
        call,
        legs: legs.to_vec(),
        open: true,
    };
    relay.obey(wake, Command::SetCall(plan));
    let clients = [0, 1].map(|index| {
        let asked = Asked {
            link: 1,
            request: 1,
        };
        let offer = Command::Offer {
            asked,
            call,
            leg: legs[index],
            connection: 1,
            sdp: peers::OFFER.to_owned(),
        };
        relay.obey(wake, offer);
        let client = peers::connect(relay.peer(place(index)).unwrap(), wake.now);
        relay.settle(wake);
        client
    });
    (relay, clients)
}

fn place(index: usize) -> Place {
    Place {
        call: 0,
        seat: Seat::ALL[index],
    }
}

#[test]
fn what_somebody_sends_leaves_for_the_other_before_the_worker_sleeps() {
    let left = Kept::default();
    let wake = Wake {
        now: Instant::now(),
        exit: &left,
    };
    let (mut relay, [(_, mut sends), (mut receives, _)]) = relay(wake);
    left.take();
    relay.demux.bind(place(0), peers::address(2));
    let mut packet = peers::sound(&mut sends, 1, 0);
    let datagram = Datagram {
        from: peers::address(2),
        local: None,
        contents: &mut packet,
    };
    relay.deliver(wake, datagram);
    assert!(left.take().is_empty(), "it waits for more");
    relay.settle(wake);
    let mut left = left.take();
    let [(to, sealed)] = &mut left[..] else {
        panic!("{} datagrams left", left.len());
    };
    assert_eq!(*to, peers::address(2));
    assert!(receives.open_rtp(sealed).is_ok());
}
