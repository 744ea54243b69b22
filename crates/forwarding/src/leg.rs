//! One leg of a call: its link, what it publishes and what it receives.

use crate::clock::{SenderClock, SenderReport};
use crate::forward::{Packet, Unforwarded};
use crate::layers::{Layers, TOP};
use crate::limits::{CLOSED_AFTER, INTERRUPTED_AFTER, PAIRS, SLOTS};
use crate::subscription::Subscription;
use crate::track::{Arrival, StreamId, Track};
use crate::{LegId, Moment, Seat, Slot, Source};

/// How a leg's connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// Media can flow.
    Connected,
    /// Nothing was heard for [`INTERRUPTED_AFTER`].
    Interrupted,
    /// Given up: nothing was heard for [`CLOSED_AFTER`], or the peer said goodbye.
    Closed,
}

/// A track bound to a receive slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The slot.
    pub slot: Slot,
    /// Who publishes.
    pub publisher: LegId,
    /// What.
    pub source: Source,
}

/// Slots of a pair: audio and video.
const PAIR: usize = 2;

pub(crate) const SOURCES: [Source; 3] = [Source::Microphone, Source::Camera, Source::Screen];

#[derive(Debug)]
pub(crate) struct Leg {
    pub(crate) id: LegId,
    /// Whose sound and picture come through which pair of slots.
    pairs: [Option<Seat>; PAIRS],
    /// Boxed: most legs of most calls are empty, and a link is large.
    pub(crate) link: Option<Box<Link>>,
    pub(crate) slots_changed: bool,
    /// A state that is still to be told, and of which connection.
    pub(crate) news: Option<(u32, LinkState)>,
    left: Option<Left>,
}

/// What a leg was to get of the cameras, pair by pair, on a connection that was up and ended just now: who comes back soon finds
/// the layers as they were.
#[derive(Clone, Copy, Debug)]
struct Left {
    until: Moment,
    wanted: [Option<u8>; PAIRS],
}

/// One connection of a leg. A new one starts with nothing of the last: other SSRCs, other keys.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) connection: u32,
    phase: Phase,
    heard: Moment,
    clock: SenderClock,
    tracks: [Track; SOURCES.len()],
    /// What comes through the first pair of slots: there is no other in a consultation of two.
    first: [Subscription; PAIR],
    /// What comes through the other slots, once something is to. Until then it is as if each were there and had
    /// followed nothing.
    others: Option<Box<[Subscription; SLOTS - PAIR]>>,
    /// The layers of the camera that are wanted, as told last.
    pub(crate) told: Option<Layers>,
    /// See [`crate::Call::set_redundancy`].
    pub(crate) redundancy: Option<u8>,
    /// Whether sound may come with redundancy, as told last.
    pub(crate) told_redundancy: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Connecting,
    Connected,
    Interrupted,
}

impl Leg {
    pub(crate) fn new(id: LegId) -> Self {
        Self {
            id,
            pairs: [None; PAIRS],
            link: None,
            slots_changed: false,
            news: None,
            left: None,
        }
    }

    /// Gives a newcomer the first free pair, for as long as it stays.
    pub(crate) fn make_place_for(&mut self, other: Seat) {
        if self.pairs.contains(&Some(other)) {
            return;
        }
        if let Some(free) = self.pairs.iter_mut().find(|pair| pair.is_none()) {
            *free = Some(other);
            self.slots_changed = true;
        }
    }

    /// Frees the pair of a leg that is gone.
    pub(crate) fn forget(&mut self, other: Seat) {
        for pair in self.pairs.iter_mut().filter(|pair| **pair == Some(other)) {
            *pair = None;
            self.slots_changed = true;
        }
        self.left = self.left.map(|left| self.kept_of(left));
    }

    /// What was left, but for pairs that are free.
    fn kept_of(&self, left: Left) -> Left {
        let pairs = left.wanted.iter().zip(&self.pairs);
        let mut wanted = pairs.map(|(wanted, pair)| wanted.filter(|_| pair.is_some()));
        Left {
            wanted: std::array::from_fn(|_| wanted.next().flatten()),
            ..left
        }
    }

    /// The seats that come through this leg's pairs, in the order of the pairs.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (usize, Seat)> {
        self.pairs
            .iter()
            .enumerate()
            .filter_map(|(pair, seat)| seat.map(|seat| (pair, seat)))
    }

    /// The slot through which a publisher's track comes, if it may flow.
    pub(crate) fn slot_of(&self, publisher: Seat, source: Source) -> Option<Slot> {
        let pair = self
            .pairs
            .iter()
            .position(|pair| *pair == Some(publisher))?;
        match source {
            Source::Microphone => Slot::audio(pair),
            Source::Camera => Slot::video(pair),
            Source::Screen => Some(Slot::SCREEN),
        }
    }

    /// Whose track comes through a slot, the screen left aside.
    pub(crate) fn track_of(&self, slot: Slot) -> Option<(Seat, Source)> {
        let seat = self.pairs.get(slot.index() / 2).copied().flatten()?;
        let source = if slot.index().is_multiple_of(2) {
            Source::Microphone
        } else {
            Source::Camera
        };
        Some((seat, source))
    }

    /// Whether media can be sent to this leg.
    pub(crate) fn is_up(&self) -> bool {
        self.link.as_ref().is_some_and(|link| link.is_up())
    }

    /// Whether its connection ended just now.
    pub(crate) fn just_left(&self) -> bool {
        self.left.is_some()
    }

    /// The highest layer of somebody's camera that this leg is to get, or was to get until just now.
    pub(crate) fn wants(&self, publisher: Seat) -> Option<u8> {
        let pair = self.pairs.iter().position(|it| *it == Some(publisher));
        match self.link.as_ref().filter(|link| link.is_up()) {
            Some(link) => link.wanted(pair.and_then(Slot::video)),
            None => *self.left.as_ref()?.wanted.get(pair?)?,
        }
    }

    /// A new connection takes the place of the last.
    pub(crate) fn attach(&mut self, link: Link) {
        self.leave();
        self.link = Some(Box::new(link));
        self.news = None;
    }

    /// The connection is up: where it is to go on with what the last one was to get, it does.
    pub(crate) fn arrive(&mut self, goes_on: bool) {
        let left = self.left.take().filter(|_| goes_on);
        let link = self.link.as_mut();
        let Some((link, left)) = link.zip(left) else {
            return;
        };
        for (pair, wanted) in left.wanted.into_iter().enumerate() {
            let lower = wanted.filter(|layer| *layer < TOP);
            if let Some((slot, layer)) = Slot::video(pair).zip(lower)
                && let Some(subscription) = link.subscription(slot)
            {
                subscription.set_wanted(Some(layer));
            }
        }
    }

    /// Takes note of what it was to get, if it was connected.
    fn leave(&mut self) {
        let Some(link) = self.link.as_ref().filter(|link| link.is_up()) else {
            return;
        };
        self.left = Some(Left {
            until: link.interrupts_at(),
            wanted: std::array::from_fn(|pair| link.wanted(Slot::video(pair))),
        });
    }

    pub(crate) fn next_timeout(&self) -> Option<Moment> {
        let link = self.link.as_ref().map(|link| link.next_timeout());
        link.into_iter()
            .chain(self.left.map(|left| left.until))
            .min()
    }

    /// Ends the connection, and tells it.
    pub(crate) fn close(&mut self) {
        self.leave();
        if let Some(link) = self.link.take() {
            self.news = Some((link.connection, LinkState::Closed));
        }
    }

    /// Whether what it is to get may be something else now.
    pub(crate) fn handle_timeout(&mut self, now: Moment) -> bool {
        let before = (self.is_up(), self.just_left());
        self.run_link(now);
        self.left = self.left.filter(|left| now < left.until);
        before != (self.is_up(), self.just_left())
    }

    fn run_link(&mut self, now: Moment) {
        let Some(link) = &mut self.link else { return };
        for track in &mut link.tracks {
            track.key_frames.handle_timeout(now);
        }
        if now >= link.closes_at() {
            self.close();
        } else if let Some(state) = link.interrupt(now) {
            self.news = Some((link.connection, state));
        }
    }
}

impl Link {
    pub(crate) fn new(now: Moment, connection: u32) -> Self {
        Self {
            connection,
            phase: Phase::Connecting,
            heard: now,
            clock: SenderClock::default(),
            tracks: Default::default(),
            first: Default::default(),
            others: None,
            told: None,
            redundancy: None,
            told_redundancy: false,
        }
    }

    /// Whether media can be sent to this leg.
    pub(crate) fn is_up(&self) -> bool {
        self.phase != Phase::Connecting
    }

    /// The state as it was told last; nothing is told before the link is up.
    pub(crate) fn state(&self) -> Option<LinkState> {
        match self.phase {
            Phase::Connecting => None,
            Phase::Connected => Some(LinkState::Connected),
            Phase::Interrupted => Some(LinkState::Interrupted),
        }
    }

    /// Takes note that ICE and DTLS are up; tells whether that is news.
    pub(crate) fn connected(&mut self, now: Moment) -> bool {
        self.heard = now;
        let news = self.phase != Phase::Connected;
        self.phase = Phase::Connected;
        news
    }

    /// Takes note of a sign of life; tells whether it ends an interruption.
    pub(crate) fn heard(&mut self, now: Moment) -> bool {
        self.heard = now;
        let news = self.phase == Phase::Interrupted;
        if news {
            self.phase = Phase::Connected;
        }
        news
    }

    pub(crate) fn next_timeout(&self) -> Moment {
        let silence = match self.phase {
            Phase::Connected => self.interrupts_at(),
            Phase::Connecting | Phase::Interrupted => self.closes_at(),
        };
        let requests = self
            .tracks
            .iter()
            .filter_map(|track| track.key_frames.next_timeout());
        requests.fold(silence, Moment::min)
    }

    pub(crate) fn track(&mut self, source: Source) -> &mut Track {
        track_of(&mut self.tracks, source)
    }

    pub(crate) fn published(&self, source: Source) -> &Track {
        let [microphone, camera, screen] = &self.tracks;
        match source {
            Source::Microphone => microphone,
            Source::Camera => camera,
            Source::Screen => screen,
        }
    }

    /// A picture comes from here.
    pub(crate) fn shows(&self, now: Moment) -> bool {
        let pictures = [Source::Camera, Source::Screen].into_iter();
        let mut flowing = pictures.map(|it| self.published(it).flowing(now));
        flowing.any(|layers| layers.iter().next().is_some())
    }

    /// This leg has sound. Whoever is silent sends none for a while, and is there all the same.
    pub(crate) fn speaks(&self) -> bool {
        self.phase == Phase::Connected && self.published(Source::Microphone).came()
    }

    pub(crate) fn subscription(&mut self, slot: Slot) -> Option<&mut Subscription> {
        match slot.index().checked_sub(PAIR) {
            None => self.first.get_mut(slot.index()),
            Some(other) => {
                if self.others.is_none() {
                    self.make_others();
                }
                self.others.as_mut()?.get_mut(other)
            }
        }
    }

    #[cold]
    fn make_others(&mut self) {
        self.others = Some(Box::default());
    }

    pub(crate) fn subscribed(&self, slot: Slot) -> Option<&Subscription> {
        match slot.index().checked_sub(PAIR) {
            None => self.first.get(slot.index()),
            Some(other) => self.others.as_ref()?.get(other),
        }
    }

    /// The track that has a layer on this stream now, and the stream's SSRC.
    pub(crate) fn track_of(&self, stream: StreamId) -> Option<(Source, u32)> {
        let mut tracks = SOURCES.into_iter().zip(&self.tracks);
        tracks.find_map(|(source, track)| Some((source, track.ssrc_of(stream)?)))
    }

    /// The highest layer that is wanted through a slot.
    fn wanted(&self, slot: Option<Slot>) -> Option<u8> {
        let subscription = slot.and_then(|slot| self.subscribed(slot));
        subscription.map_or(Some(TOP), Subscription::wanted)
    }

    pub(crate) fn stop_all(&mut self) {
        let others = self.others.iter_mut().flat_map(|others| others.iter_mut());
        self.first
            .iter_mut()
            .chain(others)
            .for_each(Subscription::stop);
    }

    pub(crate) fn admit(
        &mut self,
        now: Moment,
        source: Source,
        packet: &Packet<'_>,
        streams: &mut u64,
    ) -> Result<Arrival, Unforwarded> {
        let track = track_of(&mut self.tracks, source);
        track.admit(now, source, packet, &self.clock, streams)
    }

    pub(crate) fn report(&mut self, now: Moment, source: Source, report: SenderReport) {
        self.clock.learn(now, report);
        self.track(source).report(report);
    }

    fn interrupts_at(&self) -> Moment {
        self.heard.plus(INTERRUPTED_AFTER)
    }

    fn closes_at(&self) -> Moment {
        self.heard.plus(CLOSED_AFTER)
    }

    fn interrupt(&mut self, now: Moment) -> Option<LinkState> {
        if self.phase != Phase::Connected || now < self.interrupts_at() {
            return None;
        }
        self.phase = Phase::Interrupted;
        Some(LinkState::Interrupted)
    }
}

fn track_of(tracks: &mut [Track; SOURCES.len()], source: Source) -> &mut Track {
    let [microphone, camera, screen] = tracks;
    match source {
        Source::Microphone => microphone,
        Source::Camera => camera,
        Source::Screen => screen,
    }
}
