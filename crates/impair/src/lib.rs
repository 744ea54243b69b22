//! A seeded bad line between network namespaces, for kernels with and without `netem`.
//!
//! [`Line`] is the machine: delay, jitter, loss, reordering, duplication, a rate with a queue, blackouts, each
//! direction by itself, changed by hand or by a [`Schedule`]. It does no input or output; time is the
//! [`Moment`] that is passed in, chance comes from a seed.
//!
//! Around it is the program `vestibule-impair`, which makes a network namespace whose every packet goes
//! through such a line. `docs/bad-lines.md` says how to use it.

mod bottleneck;
mod change;
mod counters;
mod dice;
mod flight;
pub mod limits;
mod line;
mod moment;
mod presets;
mod schedule;
mod settings;
mod shell;
mod way;
mod words;

pub use change::{Adjustment, BadChange, Change};
pub use counters::Counters;
pub use line::{Departure, Direction, Line};
pub use moment::Moment;
pub use presets::{PRESETS, Preset};
pub use schedule::{BadSchedule, Schedule};
pub use settings::{Blackout, Chain, Jitter, Loss, Queue, Rate, Reorder, Share};
pub use shell::main;
pub use words::BadWord;
