//! Names of what a clinic sets: patients choose by them, and the clinic's file finds by them what it sets again.

use super::{Code, Problem};

/// Nothing else has this name, which is as it is kept. What keeps the name that it has is no concern of others.
pub(super) fn is_its_own<'a>(
    name: &str,
    before: Option<&str>,
    mut others: impl Iterator<Item = &'a str>,
) -> Result<(), Problem> {
    if before != Some(name) && others.any(|other| other == name) {
        return Err(Problem::of(Code::NameTaken));
    }
    Ok(())
}
