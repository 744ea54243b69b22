//! The rules, one file for each kind: what the clinic sets, who comes and goes, what patients ask for, what
//! practitioners ask for, what time brings. Each rule refuses before it changes anything.

mod admission;
mod as_booked;
mod attendance;
mod booking;
mod catalogue;
mod company;
mod desk;
mod effects;
mod gates;
mod hold;
mod intake;
mod moving;
mod overtaking;
mod patient;
mod regular;
mod returning;
mod shifts;
mod speaking;
mod standing;
mod steps;
mod time;
mod waits;
mod work;

pub(crate) use effects::Effects;
pub(crate) use returning::borne_since;
pub(crate) use steps::Step;
