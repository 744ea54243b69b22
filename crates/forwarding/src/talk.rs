//! How long people in a call saw one another, only heard one another, or neither: by what came from each of them, and
//! not by what it held.

use std::time::Duration;

use crate::Moment;
use crate::limits::{FLOW_SETTLED, TALK_SAMPLE, TALK_TOLD};

/// Time for which a call was open, by what flowed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Talk {
    /// Pictures came from two people at least.
    pub video: Duration,
    /// Pictures did not, and two people at least had sound.
    pub audio: Duration,
    /// Neither.
    pub neither: Duration,
}

/// What flows now, both ways, as [`Talk`] counts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Pictures come from two people at least.
    Video,
    /// Pictures do not, and two people at least have sound.
    Audio,
    /// Neither.
    Neither,
}

/// What flows, and for how long already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flowing {
    /// What.
    pub flow: Flow,
    /// Since when, before the last look.
    pub lasts: Duration,
}

/// Counts [`Talk`] while a call is open.
#[derive(Debug, Default)]
pub(crate) struct Talking {
    open: Option<Open>,
    talk: Talk,
    /// As it was told last.
    told: Talk,
}

#[derive(Debug)]
struct Open {
    sampled: Moment,
    told: Moment,
    /// What flowed at the last look, and since when it did.
    flow: Option<(Flow, Moment)>,
    /// What was told of it last.
    told_flow: Option<Flow>,
}

impl Open {
    /// What flows, if it does for long enough to be more than a hiccup.
    fn settled(&self) -> Option<Flowing> {
        let (flow, since) = self.flow?;
        let lasts = self.sampled.since(since);
        (lasts >= FLOW_SETTLED).then_some(Flowing { flow, lasts })
    }
}

impl Talking {
    /// The call is open from now on.
    pub(crate) fn begin(&mut self, now: Moment) {
        self.open.get_or_insert(Open {
            sampled: now,
            told: now,
            flow: None,
            told_flow: None,
        });
    }

    /// It is open no more; what flowed last counts until now.
    pub(crate) fn end(&mut self, now: Moment, flow: Flow) {
        self.count(now, flow);
        self.open = None;
    }

    /// A look is due.
    pub(crate) fn is_due(&self, now: Moment) -> bool {
        self.next_timeout().is_some_and(|due| due <= now)
    }

    pub(crate) fn next_timeout(&self) -> Option<Moment> {
        self.open.as_ref().map(|it| it.sampled.plus(TALK_SAMPLE))
    }

    /// What flows counts since the last look.
    pub(crate) fn count(&mut self, now: Moment, flow: Flow) {
        let Some(open) = &mut self.open else { return };
        let since = now.since(open.sampled);
        if open.flow.is_none_or(|(before, _)| before != flow) {
            open.flow = Some((flow, open.sampled));
        }
        open.sampled = now;
        let sum = match flow {
            Flow::Video => &mut self.talk.video,
            Flow::Audio => &mut self.talk.audio,
            Flow::Neither => &mut self.talk.neither,
        };
        *sum = sum.saturating_add(since);
    }

    /// All that was counted.
    pub(crate) fn talk(&self) -> Talk {
        self.talk
    }

    /// What flows, as it was told last.
    pub(crate) fn flowing(&self) -> Option<Flowing> {
        let open = self.open.as_ref()?;
        let settled = open.settled()?;
        (open.told_flow == Some(settled.flow)).then_some(settled)
    }

    /// What flows, when that is another thing than was told.
    pub(crate) fn poll_flow(&mut self) -> Option<Flowing> {
        let open = self.open.as_mut()?;
        let settled = open.settled()?;
        if open.told_flow == Some(settled.flow) {
            return None;
        }
        open.told_flow = Some(settled.flow);
        Some(settled)
    }

    /// All that was counted, when it is to be told.
    pub(crate) fn poll(&mut self) -> Option<Talk> {
        let due = match &mut self.open {
            Some(open) if open.sampled.since(open.told) < TALK_TOLD => false,
            Some(open) => {
                open.told = open.sampled;
                true
            }
            None => true,
        };
        if !due || self.talk == self.told {
            return None;
        }
        self.told = self.talk;
        Some(self.talk)
    }
}
