//! How many instructions a call of a hot function takes, as `callgrind` counted them: where processors are shared and have
//! no counters, the only figure that is the same each time.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::budgets::InstructionBudgets;

/// A hot function: the benchmark that it is counted in, as others have it do more or less, its name as `callgrind` writes it,
/// its name in the budgets, and what it is to people where the name does not say it.
struct Hot {
    bench: &'static str,
    name: &'static str,
    short: &'static str,
    note: &'static str,
}

/// In the order of a packet's way, and then what decides.
const HOT: [Hot; 14] = [
    Hot {
        bench: "path",
        name: "vestibule_sfu::worker::relay::Relay::deliver",
        short: "Relay::deliver",
        note: ": the whole way of a picture's packet",
    },
    Hot {
        bench: "path",
        name: "vestibule_sfu::worker::relay::Relay::settle",
        short: "Relay::settle",
        note: ": what is due after it, and its leaving",
    },
    Hot {
        bench: "demux",
        name: "vestibule_sfu::worker::demux::Demux::place_of",
        short: "Demux::place_of",
        note: "",
    },
    Hot {
        bench: "open",
        name: "vestibule_sfu::peer::incoming::open::<impl vestibule_sfu::peer::incoming::Incoming>::open",
        short: "Incoming::open",
        note: "",
    },
    Hot {
        bench: "srtp",
        name: "vestibule_srtp::inbound::Inbound::open_rtp",
        short: "Inbound::open_rtp",
        note: "",
    },
    Hot {
        bench: "srtp",
        name: "vestibule_srtp::rtp::Rtp::parse",
        short: "Rtp::parse",
        note: "",
    },
    Hot {
        bench: "rtp",
        name: "vestibule_rtp::arrivals::Arrivals::note",
        short: "Arrivals::note",
        note: "",
    },
    Hot {
        bench: "rtp",
        name: "vestibule_rtp::feedback::FeedbackBuilder::note",
        short: "FeedbackBuilder::note",
        note: "",
    },
    Hot {
        bench: "rtp",
        name: "vestibule_rtp::feedback::FeedbackBuilder::build",
        short: "FeedbackBuilder::build",
        note: "",
    },
    Hot {
        bench: "forward",
        name: "vestibule_forwarding::forward::<impl vestibule_forwarding::call::Call>::forward",
        short: "Call::forward",
        note: "",
    },
    Hot {
        bench: "seal",
        name: "vestibule_sfu::peer::Peer::take",
        short: "Peer::take",
        note: "",
    },
    Hot {
        bench: "seal",
        name: "vestibule_sfu::peer::Peer::write",
        short: "Peer::write",
        note: "",
    },
    Hot {
        bench: "srtp",
        name: "vestibule_srtp::outbound::Outbound::seal_rtp",
        short: "Outbound::seal_rtp",
        note: "",
    },
    Hot {
        bench: "clinic",
        name: "vestibule_clinic::clinic::Clinic::handle",
        short: "Clinic::handle",
        note: "",
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

    /// What a call took; nothing where it was not seen.
    fn each(&self, counts: &Counts) -> Option<u64> {
        let counted = self.counted(counts);
        counted.instructions.checked_div(counted.calls)
    }

    /// What is wrong with it, if anything is.
    fn fault(&self, counts: &Counts, budgets: &InstructionBudgets) -> Option<String> {
        let name = self.short;
        let Some(each) = self.each(counts) else {
            return Some(format!(
                "`{name}` was not seen: the compiler put it into its callers, or it has another name by now; mend the list in \
                 benches/src/instructions.rs"
            ));
        };
        let Some(&budget) = budgets.calls.get(name) else {
            return Some(format!(
                "`{name}` has no budget; it takes {each} instructions"
            ));
        };
        let share = ratio(each, budget);
        let above = share > 1.0 + budgets.tolerance;
        above.then(|| {
            format!("`{name}` takes {each} instructions, {share:.2} times its budget of {budget}")
        })
    }
}

/// A budget of no instructions is exceeded by any.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts are far below 2^52, and a share is told to hundredths"
)]
fn ratio(each: u64, budget: u64) -> f64 {
    each as f64 / budget as f64
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

/// The table of the hot functions, as Markdown. One that was not seen has a row that says so.
#[must_use]
pub fn table(counts: &Counts, budgets: &InstructionBudgets) -> String {
    let mut out = String::from(
        "| Function | Instructions a call | Budget | Calls |\n| --- | ---: | ---: | ---: |\n",
    );
    for hot in HOT {
        let shown = |number: Option<u64>| number.map(|it| it.to_string());
        let each = shown(hot.each(counts)).unwrap_or_else(|| "not seen".to_owned());
        let budget = shown(budgets.calls.get(hot.short).copied()).unwrap_or_default();
        let calls = hot.counted(counts).calls;
        let _ = writeln!(
            out,
            "| `{}`{} | {each} | {budget} | {calls} |",
            hot.short, hot.note
        );
    }
    out
}

/// What is wrong: functions that were not seen, are without a budget or above theirs, and budgets of no function.
#[must_use]
pub fn faults(counts: &Counts, budgets: &InstructionBudgets) -> Vec<String> {
    let faults = HOT.iter().filter_map(|hot| hot.fault(counts, budgets));
    let known = |name: &String| HOT.iter().any(|hot| hot.short == name);
    let unknown = budgets.calls.keys().filter(|name| !known(name));
    let unknown = unknown.map(|name| format!("`{name}` has a budget and is not counted"));
    faults.chain(unknown).collect()
}

#[cfg(test)]
mod tests {
    use super::{Counted, Counts, HOT, count, faults, table};
    use crate::budgets::InstructionBudgets;

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

    fn budgets(clinic: u64) -> InstructionBudgets {
        InstructionBudgets {
            tolerance: 0.05,
            calls: [("Clinic::handle".to_owned(), clinic)].into(),
        }
    }

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
        let table = table(&counts, &budgets(260));
        assert_eq!(
            table.lines().last(),
            Some("| `Clinic::handle` | 250 | 260 | 4 |")
        );
    }

    #[test]
    fn what_another_benchmark_has_a_function_do_does_not_count() {
        let mut counts = Counts::new();
        count("path", FILE, &mut counts);
        let table = table(&counts, &budgets(260));
        let last = table.lines().last();
        assert_eq!(last, Some("| `Clinic::handle` | not seen | 260 | 0 |"));
    }

    #[test]
    fn a_function_that_was_not_seen_is_told_of() {
        let faults = faults(&Counts::new(), &budgets(260));
        assert_eq!(faults.len(), HOT.len());
        assert!(
            faults.iter().all(|it| it.contains("was not seen")),
            "{faults:?}"
        );
    }

    #[test]
    fn what_takes_more_than_its_budget_and_a_little_is_told_of() {
        let mut counts = Counts::new();
        count("clinic", FILE, &mut counts);
        let of_clinic = |budget| {
            let mut faults = faults(&counts, &budgets(budget));
            faults.retain(|it| it.contains("Clinic"));
            faults
        };
        assert_eq!(of_clinic(240), Vec::<String>::new());
        let above = "`Clinic::handle` takes 250 instructions, 1.06 times its budget of 235";
        assert_eq!(of_clinic(235), [above]);
    }

    #[test]
    fn each_function_has_a_budget_and_each_budget_a_function() {
        let mut budgets = budgets(260);
        let mut counts = Counts::new();
        count("clinic", FILE, &mut counts);
        let clinic = budgets.calls.remove("Clinic::handle");
        budgets
            .calls
            .extend(clinic.map(|it| ("Clinic::handel".to_owned(), it)));
        let faults = faults(&counts, &budgets);
        for expected in [
            "`Clinic::handle` has no budget; it takes 250 instructions",
            "`Clinic::handel` has a budget and is not counted",
        ] {
            assert!(faults.iter().any(|it| it == expected), "{faults:?}");
        }
    }
}
