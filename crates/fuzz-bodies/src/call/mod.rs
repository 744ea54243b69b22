//! A call of two or three and whatever they send under their keys: packets, reports and requests, right ones and others, in any order
//! and at any time.

mod person;
mod report;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use vestibule_control::Watched;
use vestibule_forwarding::Moment;
use vestibule_sfu::parts::{Datagram, Kept, Wake};
use vestibule_sfu::trial::Call;
use vestibule_vocab::LegId;

use person::{Numbers, Person};

/// What one run may do: more finds nothing new, and takes longer.
const STEPS: usize = 64;

/// Datagrams that one step may have leave: what is asked for, what waited, and what probes the line.
const LEFT: usize = 4_096;

/// Two are there from the beginning.
const PEOPLE: usize = 3;

/// How often a worker may wake without having waited.
const WAKES: usize = 64;

/// A wait is so many times what a byte says.
const SHORT: Duration = Duration::from_millis(2);
const LONG: Duration = Duration::from_millis(100);

/// Steps one after the other: a byte says who does what, three more how, and some take the bytes behind.
pub fn call(bytes: &[u8]) {
    let mut stage = Stage::new();
    let mut rest = bytes;
    for _ in 0..STEPS {
        let Some((&[step, one, two, three], after)) = rest.split_first_chunk::<4>() else {
            break;
        };
        rest = stage.act(step, [one, two, three], after);
        stage.settle();
        stage.check();
    }
}

struct Stage {
    start: Instant,
    now: Instant,
    call: Call,
    left: Kept,
    people: [Person; PEOPLE],
    planned: [bool; PEOPLE],
    present: [bool; PEOPLE],
    /// Of the next that joins.
    connection: u32,
}

impl Stage {
    /// Two are there.
    fn new() -> Self {
        let start = Instant::now();
        let call = Call::at(start, server()).expect("a call");
        let mut stage = Self {
            start,
            now: start,
            call,
            left: Kept::default(),
            people: [0, 1, 2].map(Person::new),
            planned: [true, true, false],
            present: [false; PEOPLE],
            connection: 1,
        };
        stage.plan(true);
        for who in [0, 1] {
            stage.join(who);
        }
        stage
    }

    /// Does one step: the bytes that it left.
    fn act<'b>(&mut self, step: u8, [one, two, three]: [u8; 3], rest: &'b [u8]) -> &'b [u8] {
        let (who, what) = (usize::from(step & 3) % PEOPLE, step >> 2 & 15);
        let (raw, after) = rest.split_at(rest.len().min(one.into()));
        let numbers = Numbers::from_bytes(two, three);
        match what {
            0 => self.send(who, |it| it.picture(numbers, raw)),
            1 => self.send(who, |it| it.voice(numbers, raw)),
            2 => self.film(who, one, two),
            3 => self.send(who, |it| it.any_rtp(raw)),
            4 => self.send(who, |it| it.rtcp(|part| report::raw(part, raw))),
            5 => self.report(who, |it, _, part| report::lost(it, part, [one, two, three])),
            6 => self.report(who, |it, _, part| report::unseen(it, part, [one, two])),
            7 => self.report(who, |it, now, part| {
                report::arrivals(it, now, part, [one, two])
            }),
            8 => self.report(who, |it, _, part| {
                report::received(it, part, [one, two, three])
            }),
            9 => self.report(who, |it, now, part| report::sent(it, now, part, [one, two])),
            10 => self.wait(SHORT * u32::from(one)),
            11 => self.wait(LONG * u32::from(one)),
            12 => self.send(who, |_| Some(raw.to_vec())),
            13 => self.watch(who, [one, two]),
            14 => self.come_and_go(who, one),
            _ => self.now += SHORT * u32::from(one),
        }
        // Only these take bytes from behind.
        if matches!(what, 0 | 1 | 3 | 4 | 12) {
            after
        } else {
            rest
        }
    }

    fn send(&mut self, who: usize, write: impl FnOnce(&mut Person) -> Option<Vec<u8>>) {
        let Some(person) = self.people.get_mut(who) else {
            return;
        };
        if let Some(mut datagram) = write(person) {
            let datagram = Datagram {
                from: person.address(),
                local: None,
                contents: &mut datagram,
            };
            let wake = wake(self.now, &self.left);
            self.call.deliver(wake, datagram);
        }
    }

    fn report(
        &mut self,
        who: usize,
        write: impl FnOnce(&mut Person, Moment, &mut [u8]) -> Option<usize>,
    ) {
        let now = self.moment();
        self.send(who, |person| person.report(|it, part| write(it, now, part)));
    }

    /// Pictures in order, some milliseconds apart.
    fn film(&mut self, who: usize, packets: u8, how: u8) {
        for _ in 0..packets % 64 {
            self.send(who, |it| it.picture(Numbers::next(how), &[]));
            self.now += Duration::from_millis((how & 15).into());
            self.settle();
        }
    }

    fn watch(&mut self, who: usize, [one, two]: [u8; 2]) {
        let Some(person) = self.people.get(who) else {
            return;
        };
        let mids = person.mids().iter().cycle().skip(one.into());
        let pictures = mids.take(usize::from(two >> 4 & 7));
        let pictures = pictures.map(|mid| Watched {
            mid: mid.clone(),
            layers: two & 3,
        });
        let (place, pictures) = ((leg(who), person.connection()), pictures.collect());
        self.call.watch(wake(self.now, &self.left), place, pictures);
    }

    fn come_and_go(&mut self, who: usize, how: u8) {
        match how & 3 {
            0 => self.join(who),
            1 => {
                self.set_planned(who, false);
                self.plan(true);
            }
            2 => self.plan(false),
            _ => {
                self.set_planned(who, true);
                self.plan(true);
                self.join(who);
            }
        }
    }

    fn set_planned(&mut self, who: usize, planned: bool) {
        let place = self.planned.iter_mut().skip(who);
        place.take(1).for_each(|it| *it = planned);
    }

    fn plan(&mut self, open: bool) {
        let legs = self.planned.iter().enumerate();
        let legs: Vec<LegId> = legs.filter(|it| *it.1).map(|it| leg(it.0)).collect();
        self.call.plan(wake(self.now, &self.left), &legs, open);
        for (present, planned) in self.present.iter_mut().zip(self.planned) {
            *present &= planned;
        }
    }

    fn join(&mut self, who: usize) {
        let connection = self.connection;
        self.connection += 1;
        // What was sealed for the connection before leaves first.
        self.settle();
        self.check();
        let Some(person) = self.people.get_mut(who) else {
            return;
        };
        let (offer, up) = person.offer(connection, server());
        let place = (leg(who), connection);
        let wake = wake(self.now, &self.left);
        let answer = self.call.join(wake, place, offer, &up);
        let planned = answer.is_some();
        if let Some(answer) = answer {
            person.take_answer(&answer);
        }
        if let Some(present) = self.present.get_mut(who) {
            *present = planned;
        }
    }

    /// Time passes, and the worker wakes as often as it wants to.
    fn wait(&mut self, time: Duration) {
        let end = self.now + time;
        for _ in 0..WAKES {
            let next = self.settle();
            match next.filter(|next| *next <= end) {
                Some(next) => self.now = self.now.max(next),
                None => break,
            }
            self.check();
        }
        self.now = end;
    }

    /// The worker does what is due: when it is to wake.
    fn settle(&mut self) -> Option<Instant> {
        for _ in 0..WAKES {
            let next = self.call.settle(wake(self.now, &self.left));
            if next.is_none_or(|next| next > self.now) {
                return next;
            }
        }
        panic!("a worker without anything to do sleeps");
    }

    /// What left is authentic, each once, and can be read; and nothing panicked.
    fn check(&mut self) {
        let left = self.left.take();
        self.look_at(left);
    }

    fn look_at(&mut self, left: Vec<(SocketAddr, Vec<u8>)>) {
        assert!(left.len() <= LEFT, "{} datagrams for one step", left.len());
        let now = self.moment();
        for (to, mut datagram) in left {
            let present = self.people.iter_mut().zip(self.present);
            let mut people = present.filter(|(person, present)| *present && person.address() == to);
            if let Some((person, _)) = people.next() {
                person.take(now, &mut datagram);
            }
        }
        assert_eq!(self.call.panicked(), None);
    }

    fn moment(&self) -> Moment {
        Moment::default().plus(self.now - self.start)
    }
}

fn wake(now: Instant, exit: &Kept) -> Wake<'_> {
    Wake { now, exit }
}

fn server() -> SocketAddr {
    ([192, 0, 2, 1], 4_000).into()
}

fn leg(who: usize) -> LegId {
    LegId::from_random(who as u128 + 1)
}

#[cfg(test)]
mod tests;
