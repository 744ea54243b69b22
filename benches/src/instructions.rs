//! How many instructions a call of a hot function takes, as `callgrind` counted them: where processors are shared and have
//! no counters, the only figure that is the same each time.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A hot function: the benchmark that it is counted in, as others have it do more or less, its name as `callgrind` writes it,
/// and what it is to people.
struct Hot {
    bench: &'static str,
    name: &'static str,
    shown: &'static str,
}

/// In the order of a packet's way, and then what decides.
const HOT: [Hot; 14] = [
    Hot {
        bench: "path",
        name: "vestibule_sfu::worker::relay::Relay::deliver",
        shown: "`Relay::deliver`: the whole way of a picture's packet",
    },
    Hot {
        bench: "path",
        name: "vestibule_sfu::worker::relay::Relay::settle",
        shown: "`Relay::settle`: what is due after it, and its leaving",
    },
    Hot {
        bench: "demux",
        name: "vestibule_sfu::worker::demux::Demux::place_of",
        shown: "`Demux::place_of`",
    },
    Hot {
        bench: "open",
        name: "vestibule_sfu::peer::incoming::open::<impl vestibule_sfu::peer::incoming::Incoming>::open",
        shown: "`Incoming::open`",
    },
    Hot {
        bench: "srtp",
        name: "vestibule_srtp::inbound::Inbound::open_rtp",
        shown: "`Inbound::open_rtp`",
    },
    Hot {
        bench: "srtp",
        name: "vestibule_srtp::rtp::Rtp::parse",
        shown: "`Rtp::parse`",
    },
    Hot {
        bench: "rtp",
        name: "vestibule_rtp::arrivals::Arrivals::note",
        shown: "`Arrivals::note`",
    },
    Hot {
        bench: "rtp",
        name: "vestibule_rtp::feedback::FeedbackBuilder::note",
        shown: "`FeedbackBuilder::note`",
    },
    Hot {
        bench: "rtp",
        name: "vestibule_rtp::feedback::FeedbackBuilder::build",
        shown: "`FeedbackBuilder::build`",
    },
    Hot {
        bench: "forward",
        name: "vestibule_forwarding::forward::<impl vestibule_forwarding::call::Call>::forward",
        shown: "`Call::forward`",
    },
    Hot {
        bench: "seal",
        name: "vestibule_sfu::peer::Peer::take",
        shown: "`Peer::take`",
    },
    Hot {
        bench: "seal",
        name: "vestibule_sfu::peer::Peer::write",
        shown: "`Peer::write`",
    },
    Hot {
        bench: "srtp",
        name: "vestibule_srtp::outbound::Outbound::seal_rtp",
        shown: "`Outbound::seal_rtp`",
    },
    Hot {
        bench: "clinic",
        name: "vestibule_clinic::clinic::Clinic::handle",
        shown: "`Clinic::handle`",
    },
];

/// Calls, and the instructions of all of them with what they call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// How often it was called.
    pub calls: u64,
    /// What all calls took.
    pub instructions: u64,
}

/// Calls and instructions by the benchmarks and the names of functions in them.
pub type Counts = BTreeMap<(String, String), Counted>;

impl Hot {
    fn counted(&self, counts: &Counts) -> Counted {
        let place = (self.bench.to_owned(), self.name.to_owned());
        counts.get(&place).copied().unwrap_or_default()
    }
}

/// Adds what a file of `callgrind` says of a benchmark: `cfn=` names who is called, `calls=` how often, and the line after it ends with what
/// that took. A name stands once, and then its number for it. Who called stands behind a `'`.
pub fn count(bench: &str, file: &str, counts: &mut Counts) {
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
            let place = (bench.to_owned(), name.to_owned());
            let counted = counts.entry(place).or_default();
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
    for hot in HOT {
        let Counted {
            calls,
            instructions,
        } = hot.counted(counts);
        let each = instructions.checked_div(calls);
        let each = each.map_or_else(|| "not seen".to_owned(), |it| it.to_string());
        let _ = writeln!(out, "| {} | {each} | {calls} |", hot.shown);
    }
    out
}

/// The hot functions that were not seen, as the table shows them.
#[must_use]
pub fn unseen(counts: &Counts) -> Vec<&'static str> {
    let unseen = HOT.iter().filter(|hot| hot.counted(counts).calls == 0);
    unseen.map(|hot| hot.shown).collect()
}

#[cfg(test)]
mod tests {
    use super::{Counted, Counts, HOT, count, table, unseen};

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
        count("clinic", FILE, &mut counts);
        let expected = Counted {
            calls: 4,
            instructions: 1_000,
        };
        let of = |name: &str| counts[&("clinic".to_owned(), name.to_owned())];
        assert_eq!(of("vestibule_clinic::clinic::Clinic::handle"), expected);
        assert_eq!(of("helper").instructions, 300);
        let table = table(&counts);
        assert_eq!(table.lines().last(), Some("| `Clinic::handle` | 250 | 4 |"));
        assert_eq!(unseen(&counts).len(), HOT.len() - 1);
        assert!(!unseen(&counts).contains(&"`Clinic::handle`"));
    }

    #[test]
    fn what_another_benchmark_has_a_function_do_does_not_count() {
        let mut counts = Counts::new();
        count("path", FILE, &mut counts);
        let table = table(&counts);
        let last = table.lines().last();
        assert_eq!(last, Some("| `Clinic::handle` | not seen | 0 |"));
    }

    #[test]
    fn a_function_that_was_not_seen_is_told_of() {
        let table = table(&Counts::new());
        let rows = table.lines();
        let rows = rows.filter(|row| row.ends_with(" | not seen | 0 |"));
        assert_eq!(rows.count(), HOT.len());
        assert_eq!(unseen(&Counts::new()).len(), HOT.len());
    }
}
