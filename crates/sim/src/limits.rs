//! The sizes of the world, each with its reason.

/// The fewest inputs of a schedule, those that set the clinic up aside: enough for a morning of a small clinic.
pub const FEWEST_INPUTS: u64 = 50;

/// The most inputs of a schedule: what goes wrong needs few people, and short schedules are more of them.
pub const MOST_INPUTS: u64 = 100;

/// Patients: more than wait at once in the smallest waiting room, and enough to fill a practitioner's holds.
pub const PATIENTS: u32 = 9;

/// Practitioners who are registered.
pub const PRACTITIONERS: u32 = 4;

/// Services, each with a waiting room.
pub const SERVICES: u32 = 2;

/// Versions of which it is noted what they touched: few, so that nodes read everything now and then.
pub const NOTED: u64 = 12;

/// Of so many decisions of which nobody is told anything, and of so many requests, one is held against the memory before: a
/// copy costs as much as a decision.
pub const LOOKED_AT: u32 = 8;

/// Of so many schedules one begins with as many practitioners connected as a clinic takes: it costs as much as fifty others.
pub const CROWDED: u64 = 500;

/// Steps after which a late message comes at the latest.
pub const LATEST: u64 = 12;
