//! The servers that are put under load: how they are started, and how people join them.

mod http;
mod janus;
mod link;
mod metrics;
mod process;
mod product;
mod sfu;

use std::time::Duration;

use crate::cores::Cores;
use crate::media::{Spec, Streams};
pub(crate) use janus::Janus;
pub(crate) use metrics::Metrics;
pub(crate) use process::Process;
pub(crate) use product::{Product, ProductSettings};
pub(crate) use sfu::{Sfu, SfuSettings};

/// A server that runs.
pub(crate) trait Server: Send {
    /// Its name in reports.
    fn name(&self) -> &'static str;

    /// The process that forwards.
    fn pid(&self) -> u32;

    /// The process that people speak with until they are admitted, where there is one.
    fn signaling(&self) -> Option<u32> {
        None
    }

    /// Where it counts what it drops, if it does.
    fn metrics(&self) -> Option<Metrics> {
        None
    }

    /// How long a room may take until the next one's turn, where one joins after the other.
    fn room_time(&self) -> Duration {
        Duration::ZERO
    }

    /// Has all people of a room join, and hands over each of their connections as soon as it can begin.
    fn join(&mut self, room: u32, people: u32, connect: &mut dyn FnMut(Spec))
    -> anyhow::Result<()>;

    /// Takes what the server tells while nobody joins; waits for it no longer than a moment.
    fn listen(&mut self) -> anyhow::Result<()>;
}

/// What is put under load, and how it is started.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    /// The SFU alone.
    Sfu(SfuSettings),
    /// The whole product.
    Product(ProductSettings),
}

impl Target {
    /// Starts it for so many rooms.
    pub(crate) fn start(&self, rooms: u32, cores: &Cores) -> anyhow::Result<Box<dyn Server>> {
        Ok(match self {
            Self::Sfu(settings) => Box::new(Sfu::start(settings, cores)?),
            Self::Product(settings) => Box::new(Product::start(settings, rooms, cores)?),
        })
    }
}

/// The streams of a person, none of which is another's; the first two sections of all our offers are theirs.
fn streams(person: u32) -> Streams {
    let first = 1000 + 4 * person;
    Streams {
        audio: first,
        video: first + 1,
        repair: first + 2,
        audio_mid: "0".to_owned(),
        video_mid: "1".to_owned(),
    }
}
