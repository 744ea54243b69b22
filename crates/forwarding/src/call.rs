//! A call: its legs, whether it is open, and what is to be told about it.

use crate::clock::SenderReport;
use crate::forward::{Packet, Unforwarded};
use crate::layers::{Layers, TOP};
use crate::leg::{Binding, Leg, Link, LinkState, SOURCES};
use crate::limits::{LEGS, SCREEN_FREE_AFTER, SLOTS};
use crate::talk::{Flow, Flowing, Talk, Talking};
use crate::track::Arrival;
use crate::{LegId, Moment, Seat, Slot, Source};

/// The SFU's side of a consultation.
#[derive(Debug, Default)]
pub struct Call {
    open: bool,
    legs: [Option<Leg>; LEGS],
    presenter: Option<Presenter>,
    /// How many streams there were: the last one's id.
    streams: u64,
    /// Something may be to be told, or due sooner than before. A packet hardly ever changes that, and who looks for it walks
    /// through the memory of everybody.
    stirred: bool,
    /// When something is due, as of the last look. It may be too early: who is heard puts off what silence would bring.
    due: Option<Moment>,
    /// Which layers are wanted of whom may have changed, or whose sound may come with redundancy.
    wishes_changed: bool,
    talking: Talking,
}

/// Who shares a screen.
#[derive(Clone, Copy, Debug)]
struct Presenter {
    seat: Seat,
    heard: Moment,
}

/// What is to be told or done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// A leg's connection came to another state. After `Closed` the seat has none.
    Link {
        /// The leg.
        seat: Seat,
        /// The connection.
        connection: u32,
        /// The state.
        state: LinkState,
    },
    /// What flows through a leg's slots changed: see [`Call::bindings`].
    Slots {
        /// The leg.
        seat: Seat,
        /// Its connection.
        connection: u32,
    },
    /// A publisher is to be asked for a key frame.
    KeyFrame {
        /// The publisher.
        seat: Seat,
        /// The track.
        source: Source,
        /// The layer.
        layer: u8,
    },
    /// The layers of a leg's camera that are wanted changed: it is to send these and no others.
    Layers {
        /// The publisher.
        seat: Seat,
        /// Its connection.
        connection: u32,
        /// The layers.
        layers: Layers,
    },
    /// Whether a leg's sound may come with redundancy changed: see [`Call::may_send_redundancy`]. It may not until
    /// this is told.
    Redundancy {
        /// The publisher.
        seat: Seat,
        /// Its connection.
        connection: u32,
        /// Whether it may.
        allowed: bool,
    },
    /// How long people saw or heard one another: see [`Call::talk`].
    Talk(Talk),
    /// What flows between people is another thing than was told: see [`Call::flowing`].
    Flow(Flowing),
}

/// A plan with more legs than a call has seats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyLegs;

impl Call {
    /// Sets the call as it should be. `removed` is told each seat whose leg is no longer planned, before
    /// the seat is given to another.
    ///
    /// # Errors
    /// [`TooManyLegs`]; nothing is changed then.
    pub fn set_plan(
        &mut self,
        now: Moment,
        plan: &[LegId],
        open: bool,
        mut removed: impl FnMut(Seat),
    ) -> Result<(), TooManyLegs> {
        if plan.len() > LEGS {
            return Err(TooManyLegs);
        }
        for seat in Seat::ALL {
            if self.leg(seat).is_some_and(|leg| !plan.contains(&leg.id)) {
                self.vacate(seat);
                removed(seat);
            }
        }
        for id in plan {
            self.admit_leg(*id);
        }
        self.set_open(now, open);
        self.wishes_change();
        Ok(())
    }

    /// Whether media flows.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// A leg's seat.
    #[must_use]
    pub fn seat_of(&self, id: LegId) -> Option<Seat> {
        Seat::ALL
            .into_iter()
            .find(|seat| self.leg_id(*seat) == Some(id))
    }

    /// The leg on a seat.
    #[must_use]
    pub fn leg_id(&self, seat: Seat) -> Option<LegId> {
        self.leg(seat).map(|leg| leg.id)
    }

    /// A leg's connection, and its state once it was up.
    #[must_use]
    pub fn link(&self, seat: Seat) -> Option<(u32, Option<LinkState>)> {
        let link = self.leg(seat)?.link.as_ref()?;
        Some((link.connection, link.state()))
    }

    /// A new peer was made for a leg; it replaces the one before. Media flows to it from
    /// [`Self::connected`] on.
    pub fn attach(&mut self, now: Moment, seat: Seat, connection: u32) {
        let open = self.open;
        self.wishes_change();
        if let Some(leg) = self.leg_mut(seat) {
            leg.attach(Link::new(now, connection));
            leg.slots_changed = open;
        }
    }

    /// A leg's peer is up: ICE and DTLS.
    pub fn connected(&mut self, now: Moment, seat: Seat) {
        self.stirred = true;
        // With one other alone the highest was kept ready.
        let several = self.others(seat).filter(|leg| leg.is_up()).count() > 1;
        let Some(leg) = self.leg_mut(seat) else {
            return;
        };
        let Some(link) = &mut leg.link else { return };
        let first = !link.is_up();
        if link.connected(now) {
            leg.news = Some((link.connection, LinkState::Connected));
        }
        if first {
            leg.arrive(several);
            self.wishes_change();
        }
        if first && self.open {
            self.request_from_others(now, seat);
        }
    }

    /// A leg's peer said goodbye or failed.
    pub fn disconnected(&mut self, seat: Seat) {
        self.wishes_change();
        if let Some(leg) = self.leg_mut(seat) {
            leg.close();
        }
    }

    /// Something authenticated was heard of a leg.
    pub fn heard(&mut self, now: Moment, seat: Seat) {
        let Some(leg) = self.leg_mut(seat) else {
            return;
        };
        if let Some(link) = &mut leg.link
            && link.heard(now)
        {
            leg.news = Some((link.connection, LinkState::Connected));
            self.stirred = true;
        }
    }

    /// A publisher's RTCP sender report came.
    pub fn sender_report(&mut self, now: Moment, from: Seat, source: Source, report: SenderReport) {
        if let Some(link) = self.leg_mut(from).and_then(|leg| leg.link.as_mut()) {
            link.report(now, source, report);
        }
    }

    /// A receiver asks for a key frame on one of its slots.
    pub fn request_key_frame(&mut self, now: Moment, by: Seat, slot: Slot) {
        if !self.open || self.is_paused(by, slot) {
            return;
        }
        if let Some((publisher, source)) = self.track_of(by, slot) {
            let layer = self.layer(by, slot).unwrap_or(TOP);
            self.request_from(now, publisher, source, layer);
        }
    }

    /// A receiver lacks a packet that is kept no more: its pictures begin anew, unless they did after that packet.
    /// libwebrtc asks for what it lacks ten times and no more, and then waits three seconds for a picture that it can
    /// decode before it asks for a whole one.
    pub fn beyond_repair(&mut self, now: Moment, by: Seat, slot: Slot, sequence: u64) {
        let link = self.leg(by).and_then(|leg| leg.link.as_ref());
        let subscribed = link.and_then(|link| link.subscribed(slot));
        if subscribed.is_some_and(|it| it.is_needed(sequence)) {
            self.request_key_frame(now, by, slot);
        }
    }

    /// What was sent to a leg lately did not reach it: its pictures begin anew, before the receiver finds out that they
    /// must, which takes browsers more than a second.
    pub fn missed(&mut self, now: Moment, by: Seat) {
        for slot in (0..SLOTS).filter_map(Slot::from_index) {
            if self.layer(by, slot).is_some() {
                self.request_key_frame(now, by, slot);
            }
        }
    }

    /// So much of a publisher's picture is lost on its way here that only a key frame mends it.
    pub fn lost_picture(&mut self, now: Moment, from: Seat, source: Source, layer: u8) {
        if self.open {
            self.request_from(now, from, source, layer);
        }
    }

    /// What flows through a leg's slots.
    pub fn bindings(&self, seat: Seat) -> impl Iterator<Item = Binding> {
        let leg = self.leg(seat).filter(|_| self.open);
        let pairs = leg
            .into_iter()
            .flat_map(|leg| leg.pairs().flat_map(|pair| self.pair(pair)));
        let screen = leg.and_then(|_| self.screen_for(seat));
        pairs.chain(screen)
    }

    /// When [`Self::handle_timeout`] is to be called next. It may be too early, and is called again then.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Moment> {
        if self.stirred {
            self.find_timeout()
        } else {
            self.due
        }
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Moment) {
        self.stirred = true;
        if self.talking.is_due(now) {
            self.talking.count(now, self.flow(now));
        }
        for leg in self.legs.iter_mut().flatten() {
            let linked = leg.link.is_some();
            let changed = leg.handle_timeout(now);
            self.wishes_changed |= changed || (linked && leg.link.is_none());
        }
        let free = self
            .presenter
            .filter(|presenter| now >= presenter.heard.plus(SCREEN_FREE_AFTER));
        if free.is_some() {
            self.set_presenter(None);
        }
    }

    /// The next thing to tell or do.
    #[must_use]
    pub fn poll_output(&mut self) -> Option<Output> {
        if !self.stirred {
            return None;
        }
        let told = Seat::ALL.into_iter().find_map(|seat| self.poll_leg(seat));
        let told = told
            .or_else(|| self.poll_wishes())
            .or_else(|| self.talking.poll().map(Output::Talk))
            .or_else(|| self.talking.poll_flow().map(Output::Flow));
        if told.is_none() {
            self.due = self.find_timeout();
            self.stirred = false;
        }
        told
    }

    /// How long people saw or heard one another, as far as that was looked at.
    #[must_use]
    pub fn talk(&self) -> Talk {
        self.talking.talk()
    }

    /// What flows between people while the call is open, as it was told; nothing before it was the same for some seconds.
    #[must_use]
    pub fn flowing(&self) -> Option<Flowing> {
        self.talking.flowing()
    }

    /// Ends the talk for good, before the call is dropped: [`Self::poll_output`] tells the rest of it.
    pub fn hang_up(&mut self, now: Moment) {
        self.set_open(now, false);
    }

    fn find_timeout(&self) -> Option<Moment> {
        let legs = self.legs.iter().flatten().filter_map(Leg::next_timeout);
        let screen = self
            .presenter
            .map(|presenter| presenter.heard.plus(SCREEN_FREE_AFTER));
        let talking = self.talking.next_timeout();
        legs.chain(screen).chain(talking).min()
    }

    /// What flows both ways.
    fn flow(&self, now: Moment) -> Flow {
        let links = || self.legs.iter().flatten().filter_map(|it| it.link.as_ref());
        if links().filter(|link| link.shows(now)).count() >= 2 {
            return Flow::Video;
        }
        if links().filter(|link| link.speaks()).count() >= 2 {
            return Flow::Audio;
        }
        Flow::Neither
    }

    /// There may be something new to tell, or to be done.
    pub(crate) fn stir(&mut self) {
        self.stirred = true;
    }

    /// Other layers may be wanted, or redundancy.
    pub(crate) fn wishes_change(&mut self) {
        self.wishes_changed = true;
        self.stirred = true;
    }

    pub(crate) fn presenter_seat(&self) -> Option<Seat> {
        self.presenter.map(|presenter| presenter.seat)
    }

    pub(crate) fn leg_mut(&mut self, seat: Seat) -> Option<&mut Leg> {
        self.legs.get_mut(seat.index())?.as_mut()
    }

    pub(crate) fn admit(
        &mut self,
        now: Moment,
        from: Seat,
        source: Source,
        packet: &Packet<'_>,
    ) -> Result<Arrival, Unforwarded> {
        let leg = self.legs.get_mut(from.index()).and_then(Option::as_mut);
        let link = leg.and_then(|leg| leg.link.as_mut());
        link.ok_or(Unforwarded::Closed)?
            .admit(now, source, packet, &mut self.streams)
    }

    /// Whether a leg's screen is the one that is shown; the first who shares one is, while they do.
    pub(crate) fn may_present(&mut self, now: Moment, seat: Seat) -> bool {
        match &mut self.presenter {
            Some(presenter) if presenter.seat == seat => presenter.heard = now,
            Some(_) => return false,
            None => self.set_presenter(Some(Presenter { seat, heard: now })),
        }
        true
    }

    pub(crate) fn leg(&self, seat: Seat) -> Option<&Leg> {
        self.legs.get(seat.index())?.as_ref()
    }

    fn others(&mut self, seat: Seat) -> impl Iterator<Item = &mut Leg> {
        let numbered = self.legs.iter_mut().enumerate();
        numbered
            .filter(move |(index, _)| *index != seat.index())
            .filter_map(|(_, leg)| leg.as_mut())
    }

    fn vacate(&mut self, seat: Seat) {
        if let Some(leg) = self.legs.get_mut(seat.index()) {
            *leg = None;
        }
        self.others(seat).for_each(|leg| leg.forget(seat));
        if self
            .presenter
            .is_some_and(|presenter| presenter.seat == seat)
        {
            self.set_presenter(None);
        }
    }

    fn admit_leg(&mut self, id: LegId) {
        if self.seat_of(id).is_some() {
            return;
        }
        let Some(seat) = Seat::ALL.into_iter().find(|seat| self.leg(*seat).is_none()) else {
            return;
        };
        let mut newcomer = Leg::new(id);
        for other in Seat::ALL
            .into_iter()
            .filter(|other| self.leg(*other).is_some())
        {
            newcomer.make_place_for(other);
        }
        if let Some(free) = self.legs.get_mut(seat.index()) {
            *free = Some(newcomer);
        }
        self.others(seat).for_each(|leg| leg.make_place_for(seat));
    }

    fn set_open(&mut self, now: Moment, open: bool) {
        if self.open == open {
            return;
        }
        if open {
            self.talking.begin(now);
        } else {
            self.talking.end(now, self.flow(now));
        }
        self.open = open;
        self.presenter = None;
        self.stirred = true;
        for leg in self.legs.iter_mut().flatten() {
            leg.slots_changed = true;
            leg.link.iter_mut().for_each(|link| link.stop_all());
        }
        if open {
            Seat::ALL
                .into_iter()
                .for_each(|seat| self.request_from(now, seat, Source::Camera, TOP));
        }
    }

    /// A leg that comes up sees nothing before the others' next key frames.
    fn request_from_others(&mut self, now: Moment, seat: Seat) {
        for other in Seat::ALL.into_iter().filter(|other| *other != seat) {
            self.request_from(now, other, Source::Camera, TOP);
        }
        if let Some(presenter) = self.presenter {
            self.request_from(now, presenter.seat, Source::Screen, TOP);
        }
    }

    fn set_presenter(&mut self, presenter: Option<Presenter>) {
        self.presenter = presenter;
        self.stirred = true;
        self.legs
            .iter_mut()
            .flatten()
            .for_each(|leg| leg.slots_changed = true);
    }

    fn pair(&self, (pair, seat): (usize, Seat)) -> impl Iterator<Item = Binding> + use<> {
        let slots = [
            (Slot::audio(pair), Source::Microphone),
            (Slot::video(pair), Source::Camera),
        ];
        let publisher = self.leg_id(seat);
        slots.into_iter().filter_map(move |(slot, source)| {
            Some(Binding {
                slot: slot?,
                publisher: publisher?,
                source,
            })
        })
    }

    fn screen_for(&self, seat: Seat) -> Option<Binding> {
        let presenter = self.presenter.filter(|presenter| presenter.seat != seat)?;
        Some(Binding {
            slot: Slot::SCREEN,
            publisher: self.leg_id(presenter.seat)?,
            source: Source::Screen,
        })
    }

    fn poll_leg(&mut self, seat: Seat) -> Option<Output> {
        let leg = self.leg_mut(seat)?;
        if let Some((connection, state)) = leg.news.take() {
            return Some(Output::Link {
                seat,
                connection,
                state,
            });
        }
        let link = leg.link.as_mut()?;
        if std::mem::take(&mut leg.slots_changed) {
            return Some(Output::Slots {
                seat,
                connection: link.connection,
            });
        }
        let (source, layer) = SOURCES
            .into_iter()
            .find_map(|source| Some((source, link.track(source).key_frames.poll()?)))?;
        Some(Output::KeyFrame {
            seat,
            source,
            layer,
        })
    }

    /// The next publisher that is to be told of other layers, or of redundancy.
    fn poll_wishes(&mut self) -> Option<Output> {
        if !self.wishes_changed {
            return None;
        }
        let told = Seat::ALL.into_iter().find_map(|seat| {
            let layers = self.poll_layers(seat);
            layers.or_else(|| self.poll_redundancy(seat))
        });
        self.wishes_changed = told.is_some();
        told
    }

    fn poll_layers(&mut self, seat: Seat) -> Option<Output> {
        let layers = self.wanted_layers(seat);
        let link = self.leg_mut(seat)?.link.as_mut()?;
        if link.told.replace(layers) == Some(layers) {
            return None;
        }
        Some(Output::Layers {
            seat,
            connection: link.connection,
            layers,
        })
    }

    fn poll_redundancy(&mut self, seat: Seat) -> Option<Output> {
        let allowed = self.may_send_redundancy(seat);
        let link = self.leg_mut(seat)?.link.as_mut()?;
        if std::mem::replace(&mut link.told_redundancy, allowed) == allowed {
            return None;
        }
        Some(Output::Redundancy {
            seat,
            connection: link.connection,
            allowed,
        })
    }
}
