//! Which layer of each track a receiver gets.
//!
//! Sound is paid for first. Then each track, in order of priority, gets its lowest layer, then tracks are
//! raised: the first priority as far as it goes, then the next; tracks of one priority step by step
//! together. Down is at once. Up is when the higher layers were affordable with a margin for a while.

use std::time::Duration;

use crate::limits::{
    LAYERS, LEFT_SOON, TRACKS, UP_AFTER, UP_AFTER_FACTOR, UP_AFTER_MOST, UP_GENEROUS, UP_MARGIN,
};
use crate::{Bitrate, Moment};

/// A track that a receiver watches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// Lower is served first: a screen before cameras.
    pub priority: u8,
    /// What each layer takes, the smallest first, as measured; or as expected, for one that its publisher
    /// does not send just now. `None` is a layer that there never is.
    pub layers: [Option<Bitrate>; LAYERS],
    /// How many layers are of use to the receiver, the smallest first: a small tile needs no large picture.
    pub useful: u8,
}

impl Wish {
    /// What a layer takes; nothing for none.
    #[must_use]
    pub fn bitrate(&self, layer: Option<u8>) -> Bitrate {
        let layer = layer.and_then(|layer| self.layers.get(usize::from(layer)));
        layer.copied().flatten().unwrap_or_default()
    }

    /// The next layer above another that there is and that is of use.
    fn above(&self, layer: Option<u8>) -> Option<u8> {
        let from = layer.map_or(0, |layer| layer + 1);
        (from..self.useful.min(LAYERS as u8)).find(|next| {
            self.layers
                .get(usize::from(*next))
                .is_some_and(Option::is_some)
        })
    }

    fn highest(&self) -> Option<u8> {
        std::iter::successors(self.above(None), |layer| self.above(Some(*layer))).last()
    }
}

/// What each track of a receiver gets: the layer's index, or `None` while it pauses.
pub type Layers = [Option<u8>; TRACKS];

/// What a receiver watches; a place without a track is `None`.
pub type Wishes = [Option<Wish>; TRACKS];

/// What one receiver gets.
#[derive(Debug, Default)]
pub struct Allocation {
    layers: Layers,
    desired: Layers,
    affordable_since: Option<Moment>,
    /// Since when there is room in plenty for it.
    plenty_since: Option<Moment>,
    raised: Option<Moment>,
    /// What there was room for when what was raised was too much.
    edge: Bitrate,
    patience: Patience,
    /// Tracks that are looked at and have had their first decision.
    known: [bool; TRACKS],
    /// What each got when it was looked at last.
    had: Layers,
}

/// For how long more must have been affordable.
#[derive(Debug)]
struct Patience(Duration);

impl Default for Patience {
    fn default() -> Self {
        Self(UP_AFTER)
    }
}

impl Allocation {
    /// What each track gets.
    #[must_use]
    pub fn layers(&self) -> &Layers {
        &self.layers
    }

    /// What each track would get if the line stays as it is: the layers that publishers are to send.
    #[must_use]
    pub fn desired(&self) -> &Layers {
        &self.desired
    }

    /// Decides anew; to be called after each feedback and when wishes change. Whether anything changed.
    pub fn update(
        &mut self,
        now: Moment,
        target: Bitrate,
        audio: Bitrate,
        wishes: &Wishes,
    ) -> bool {
        let room = target.minus(audio);
        let before = self.layers;
        self.note_unseen(wishes);
        self.keep_within(now, room, wishes);
        self.begin(room, wishes);
        let sure = room.times(1.0 / UP_MARGIN);
        self.desired = raised(floor(sure, wishes), sure, wishes);
        if self.is_more(wishes) {
            if self.waited(now, room, wishes) {
                self.layers = self.desired;
                self.raised = Some(now);
                self.wait_anew();
            }
        } else {
            self.desired = self.layers;
            self.wait_anew();
        }
        self.layers != before
    }

    /// Nothing is to be decided while there is one picture alone: who is there no more is new when they come back, and the rest is
    /// as it was then.
    pub fn rest(&mut self, wishes: &Wishes) {
        self.wait_anew();
        self.note_unseen(wishes);
        let tracks = wishes.iter().zip(&mut self.layers).zip(&mut self.known);
        for ((_, layer), known) in tracks.filter(|((wish, _), _)| wish.is_none()) {
            (*layer, *known) = (None, false);
        }
    }

    /// Keeps in mind what there was of a track that nobody looks at any more.
    fn note_unseen(&mut self, wishes: &Wishes) {
        for ((wish, layer), had) in wishes.iter().zip(self.layers).zip(&mut self.had) {
            match wish {
                None => *had = None,
                Some(wish) if wish.above(None).is_none() => *had = layer.or(*had),
                Some(_) => {}
            }
        }
    }

    /// At once below what the line takes.
    fn keep_within(&mut self, now: Moment, room: Bitrate, wishes: &Wishes) {
        let held = bounded(&self.layers, wishes);
        self.layers = held;
        if total(&held, wishes) <= room {
            return;
        }
        self.layers = lowered(&held, room, wishes);
        self.wait_anew();
        let raised = self.raised.take();
        // Another step down from the same edge says nothing new.
        if raised.is_none() && room.times(UP_GENEROUS) >= self.edge {
            return;
        }
        self.edge = room;
        self.patience.0 = if raised.is_some_and(|raised| now.since(raised) < LEFT_SOON) {
            (self.patience.0 * UP_AFTER_FACTOR).min(UP_AFTER_MOST)
        } else {
            UP_AFTER
        };
    }

    /// Who comes is seen at once, and so is who is looked at again, when there is room: nobody waits for a picture that was never
    /// too much. What it had is there again if it fits with its margin.
    fn begin(&mut self, room: Bitrate, wishes: &Wishes) {
        let sure = room.times(1.0 / UP_MARGIN);
        for index in by_priority(wishes) {
            let wish = wishes.get(index).copied().flatten().unwrap_or_default();
            let lowest = wish.above(None);
            let places = self.known.get_mut(index).zip(self.had.get_mut(index));
            let Some((known, had)) = places else { continue };
            let first = !std::mem::replace(known, lowest.is_some());
            if !first || lowest.is_none() {
                continue;
            }
            let had = had.take().min(wish.highest());
            let as_it_was = with(&self.layers, index, had);
            let as_it_was = as_it_was.filter(|all| had.is_some() && total(all, wishes) <= sure);
            let smallest = || {
                let all = with(&self.layers, index, lowest)?;
                let fits = lowered(&all, room, wishes);
                // The others come down for it as far as they can, and pause not.
                let goes_on =
                    |(all, fits): (&Option<u8>, &Option<u8>)| all.is_some() == fits.is_some();
                all.iter().zip(&fits).all(goes_on).then_some(fits)
            };
            if let Some(layers) = as_it_was.or_else(smallest) {
                self.layers = layers;
            }
        }
    }

    /// Whether more was affordable for long enough: a picture from nothing is waited for less, the first time, and what was left
    /// again soon more, unless there was room in plenty all the while.
    fn waited(&mut self, now: Moment, room: Bitrate, wishes: &Wishes) -> bool {
        let since = *self.affordable_since.get_or_insert(now);
        let plenty = total(&self.desired, wishes).times(UP_GENEROUS) <= room;
        self.plenty_since = plenty.then(|| self.plenty_since.unwrap_or(now));
        let from_nothing = self.layers.iter().all(Option::is_none) && self.patience.0 == UP_AFTER;
        let soon = if from_nothing { UP_AFTER / 3 } else { UP_AFTER };
        now.since(since) >= self.patience.0
            || self.plenty_since.is_some_and(|it| now.since(it) >= soon)
    }

    fn wait_anew(&mut self) {
        (self.affordable_since, self.plenty_since) = (None, None);
    }

    /// Whether the desired layers are more than the present ones: someone gets a better picture, and if
    /// someone else a worse one, then because the first comes first.
    fn is_more(&self, wishes: &Wishes) -> bool {
        let first_change = by_priority(wishes).find_map(|index| {
            let (now, then) = (self.layers.get(index)?, self.desired.get(index)?);
            (now != then).then_some(then > now)
        });
        first_change == Some(true)
    }
}

/// The layers with another one of one track.
fn with(layers: &Layers, index: usize, layer: Option<u8>) -> Option<Layers> {
    let mut all = *layers;
    *all.get_mut(index)? = layer;
    Some(all)
}

/// What a receiver would like most: for [`crate::Line::set_wanted`].
#[must_use]
pub fn wanted(audio: Bitrate, wishes: &Wishes) -> Bitrate {
    let most = wishes.iter().flatten();
    most.map(|wish| wish.bitrate(wish.highest()))
        .fold(Bitrate::ZERO, Bitrate::plus)
        .times(UP_MARGIN)
        .plus(audio)
}

/// Where raising begins: the lowest layers, in order of priority.
fn floor(room: Bitrate, wishes: &Wishes) -> Layers {
    let mut layers = Layers::default();
    let mut left = room;
    for index in by_priority(wishes) {
        let Some((layer, wish)) = slot(&mut layers, wishes, index) else {
            continue;
        };
        let lowest = wish.above(None);
        let cost = wish.bitrate(lowest);
        if cost <= left {
            *layer = lowest;
            left = left.minus(cost);
        }
    }
    layers
}

/// Raises tracks while there is room.
fn raised(mut layers: Layers, room: Bitrate, wishes: &Wishes) -> Layers {
    let mut any = true;
    while any {
        any = false;
        let mut step = None;
        for index in by_priority(wishes) {
            let used = total(&layers, wishes);
            let Some((layer, wish)) = slot(&mut layers, wishes, index) else {
                continue;
            };
            // Another step for the first priority comes before the first step for the next.
            if step.is_some_and(|priority| priority != wish.priority) {
                break;
            }
            let Some(next) = wish.above(*layer).filter(|_| layer.is_some()) else {
                continue;
            };
            let more = wish.bitrate(Some(next)).minus(wish.bitrate(*layer));
            if used.plus(more) <= room {
                *layer = Some(next);
                step = Some(wish.priority);
                any = true;
            }
        }
    }
    layers
}

/// Lowers the last first, until all fits.
fn lowered(layers: &Layers, room: Bitrate, wishes: &Wishes) -> Layers {
    let mut lower = *layers;
    while total(&lower, wishes) > room {
        let Some(index) = to_lower(&lower, wishes) else {
            break;
        };
        if let Some((layer, wish)) = slot(&mut lower, wishes, index) {
            *layer = layer.and_then(|layer| {
                (0..layer).rev().find(|below| {
                    wish.layers
                        .get(usize::from(*below))
                        .is_some_and(Option::is_some)
                })
            });
        }
    }
    lower
}

/// The track that loses a layer next: all come down to their lowest before one pauses, the last
/// priority first, of one priority the one that is highest.
fn to_lower(layers: &Layers, wishes: &Wishes) -> Option<usize> {
    zipped(layers, wishes)
        .enumerate()
        .filter(|(_, (layer, _))| layer.is_some())
        .max_by_key(|(index, (layer, wish))| {
            (*layer > wish.above(None), wish.priority, *layer, *index)
        })
        .map(|(index, _)| index)
}

/// Layers that there still are and that are still of use.
fn bounded(layers: &Layers, wishes: &Wishes) -> Layers {
    let mut held = *layers;
    for (layer, wish) in held.iter_mut().zip(wishes) {
        let highest = wish.and_then(|wish| wish.highest());
        *layer = (*layer).min(highest);
    }
    held
}

fn total(layers: &Layers, wishes: &Wishes) -> Bitrate {
    zipped(layers, wishes)
        .map(|(layer, wish)| wish.bitrate(layer))
        .fold(Bitrate::ZERO, Bitrate::plus)
}

fn zipped<'a>(
    layers: &'a Layers,
    wishes: &'a Wishes,
) -> impl Iterator<Item = (Option<u8>, Wish)> + 'a {
    let wishes = wishes.iter().map(|wish| wish.unwrap_or_default());
    layers.iter().copied().zip(wishes)
}

fn slot<'a>(
    layers: &'a mut Layers,
    wishes: &'a Wishes,
    index: usize,
) -> Option<(&'a mut Option<u8>, &'a Wish)> {
    Some((layers.get_mut(index)?, wishes.get(index)?.as_ref()?))
}

/// The places of the tracks, first priority first.
fn by_priority(wishes: &Wishes) -> impl Iterator<Item = usize> + use<> {
    let mut order = [0, 1, 2, 3, 4];
    order.sort_by_key(|index| {
        wishes
            .get(*index)
            .copied()
            .flatten()
            .map_or(u8::MAX, |wish| wish.priority)
    });
    order.into_iter()
}
