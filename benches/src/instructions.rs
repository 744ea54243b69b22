//! How many instructions a call of a hot function takes, as `callgrind` counted them: where processors are shared and have
//! no counters, the only figure that is the same each time.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The hot functions, as `callgrind` writes their names, and what they are to people.
const HOT: [(&str, &str); 9] = [
    (
        "vestibule_forwarding::forward::<impl vestibule_forwarding::call::Call>::forward",
        "`Call::forward`",
    ),
    (
        "vestibule_sfu::worker::demux::Demux::place_of",
        "`Demux::place_of`",
    ),
    (
        "vestibule_srtp::inbound::Inbound::open_rtp",
        "`Inbound::open_rtp`",
    ),
    (
        "vestibule_srtp::outbound::Outbound::seal_rtp",
        "`Outbound::seal_rtp`",
    ),
    ("vestibule_srtp::rtp::Rtp::parse", "`Rtp::parse`"),
    (
        "vestibule_rtp::arrivals::Arrivals::note",
        "`Arrivals::note`",
    ),
    (
        "vestibule_rtp::feedback::FeedbackBuilder::note",
        "`FeedbackBuilder::note`",
    ),
    (
        "vestibule_rtp::feedback::FeedbackBuilder::build",
        "`FeedbackBuilder::build`",
    ),
    (
        "vestibule_clinic::clinic::Clinic::handle",
        "`Clinic::handle`",
    ),
];

/// Calls, and the instructions of all of them with what they call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// How often it was called.
    pub calls: u64,
    /// What all calls took.
    pub instructions: u64,
}

/// Calls and instructions by the names of functions.
pub type Counts = BTreeMap<String, Counted>;

/// Adds what a file of `callgrind` says: `cfn=` names who is called, `calls=` how often, and the line after it ends with what
/// that took. A name stands once, and then its number for it. Who called stands behind a `'`.
pub fn count(file: &str, counts: &mut Counts) {
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    let mut called = "";
    let mut calls = None;
    for line in file.lines() {
        if let Some(name) = line.strip_prefix("cfn=").or(line.strip_prefix("fn=")) {
            called = resolve(name, &mut names);
        } else if let Some(count) = line.strip_prefix("calls=") {
            calls = first_number(count);
        } else if let Some(calls) = calls.take() {
            let cost = line.split_whitespace().last();
            let name = called.split('\'').next().unwrap_or(called);
            let counted = counts.entry(name.to_owned()).or_default();
            counted.calls += calls;
            counted.instructions += cost.and_then(|it| it.parse().ok()).unwrap_or(0);
        }
    }
}

fn resolve<'f>(name: &'f str, names: &mut BTreeMap<&'f str, &'f str>) -> &'f str {
    match name.split_once(' ') {
        Some((number, name)) => {
            names.insert(number, name);
            name
        }
        None => names.get(name).copied().unwrap_or(name),
    }
}

fn first_number(text: &str) -> Option<u64> {
    text.split_whitespace().next()?.parse().ok()
}

/// The table of the hot functions, as Markdown. One that was not seen has a row that says so: the compiler put it into its
/// callers, or it has another name by now.
#[must_use]
pub fn table(counts: &Counts) -> String {
    let mut out =
        String::from("| Function | Instructions a call | Calls |\n| --- | ---: | ---: |\n");
    for (name, shown) in HOT {
        let Counted {
            calls,
            instructions,
        } = counts.get(name).copied().unwrap_or_default();
        let each = instructions.checked_div(calls);
        let each = each.map_or_else(|| "not seen".to_owned(), |it| it.to_string());
        let _ = writeln!(out, "| {shown} | {each} | {calls} |");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Counted, Counts, HOT, count, table};

    const FILE: &str = "\
events: Ir
fl=(1) a.rs
fn=(1) main
10 5
cfn=(2) vestibule_clinic::clinic::Clinic::handle'main
calls=3 40
11 900
12 1
fn=(2)
40 600
cfn=(3) helper
calls=3 50
41 300
fn=(4) other
cfn=(5) vestibule_clinic::clinic::Clinic::handle'other
calls=1 40
60 100
";

    #[test]
    fn calls_are_added_up_wherever_they_come_from() {
        let mut counts = Counts::new();
        count(FILE, &mut counts);
        let expected = Counted {
            calls: 4,
            instructions: 1_000,
        };
        assert_eq!(counts["vestibule_clinic::clinic::Clinic::handle"], expected);
        assert_eq!(counts["helper"].instructions, 300);
        let table = table(&counts);
        assert_eq!(table.lines().last(), Some("| `Clinic::handle` | 250 | 4 |"));
    }

    #[test]
    fn a_function_that_was_not_seen_is_told_of() {
        let table = table(&Counts::new());
        let unseen = table
            .lines()
            .filter(|row| row.ends_with(" | not seen | 0 |"));
        assert_eq!(unseen.count(), HOT.len());
    }
}
