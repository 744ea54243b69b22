//! What a visit passes before it can be admitted: what is asked of the clinic about it, and how it is shown.

mod answers;
mod asked;
mod known;
mod shown;
mod words;

pub(super) use asked::of_the_patient;
