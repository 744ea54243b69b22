//! The table, for a terminal and for a document.

use std::fmt::Write as _;

use crate::{Compared, Judged, Verdict};

const HEAD: [&str; 7] = ["What", "Takes", "Floor", "Ratio", "Budget", "Absolute", ""];

/// The table as Markdown. What is in it stands in the order of the budgets.
#[must_use]
pub fn markdown(compared: &Compared) -> String {
    let mut out = String::new();
    row(&mut out, HEAD);
    row(
        &mut out,
        ["---", "---:", "---:", "---:", "---:", "---:", "---"],
    );
    for judged in &compared.judged {
        row(&mut out, cells(judged).each_ref().map(String::as_str));
    }
    out
}

fn row(out: &mut String, cells: [&str; 7]) {
    let _ = writeln!(out, "| {} |", cells.join(" | ").trim_end());
}

/// The table with columns that are aligned by spaces, and below it what is wrong.
#[must_use]
pub fn plain(compared: &Compared) -> String {
    let mut rows = vec![HEAD.map(str::to_owned)];
    rows.extend(compared.judged.iter().map(cells));
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: [usize; 7] = std::array::from_fn(width);
    let mut out = String::new();
    for row in &rows {
        let mut line = String::new();
        for (index, (cell, width)) in row.iter().zip(widths).enumerate() {
            let left = index == 0 || index == HEAD.len() - 1;
            let _ = if left {
                write!(line, "{cell:<width$}  ")
            } else {
                write!(line, "{cell:>width$}  ")
            };
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
    for mismatch in &compared.mismatches {
        let _ = writeln!(out, "! {mismatch}");
    }
    out
}

fn cells(judged: &Judged) -> [String; 7] {
    let verdict = match judged.verdict {
        Verdict::Within => "",
        Verdict::Tolerated => "above, tolerated",
        Verdict::Exceeded => "exceeded",
    };
    let absolute = judged.budget.nanoseconds.map(|most| {
        let mark = if judged.exceeds_absolute() { "!" } else { "" };
        format!("≤ {}{mark}", time(most))
    });
    [
        judged.budget.name.clone(),
        time(judged.time),
        time(judged.floor),
        format!("{:.2}", judged.ratio()),
        format!("{:.1}", judged.budget.ratio),
        absolute.unwrap_or_default(),
        verdict.to_owned(),
    ]
}

/// Three digits and a unit.
pub(crate) fn time(nanoseconds: f64) -> String {
    let (value, unit) = match nanoseconds {
        it if it < 1e3 => (it, "ns"),
        it if it < 1e6 => (it / 1e3, "µs"),
        it => (it / 1e6, "ms"),
    };
    let places = if value < 10.0 {
        2
    } else {
        usize::from(value < 100.0)
    };
    format!("{value:.places$} {unit}")
}

#[cfg(test)]
mod tests {
    use super::{markdown, plain, time};
    use crate::{Budget, Compared, Judged, Mismatch, Verdict};

    fn compared() -> Compared {
        let budget = Budget {
            name: "seal".to_owned(),
            floor: "floor".to_owned(),
            ratio: 2.0,
            tolerance: None,
            nanoseconds: Some(50.0),
        };
        Compared {
            judged: vec![Judged {
                budget,
                time: 300.0,
                floor: 100.0,
                verdict: Verdict::Exceeded,
            }],
            mismatches: vec![Mismatch::NoBudget("open".to_owned())],
        }
    }

    #[test]
    fn a_time_has_three_digits_and_its_unit() {
        for (nanoseconds, text) in [
            (3.148, "3.15 ns"),
            (31.4, "31.4 ns"),
            (314.2, "314 ns"),
            (3_142.0, "3.14 µs"),
            (31_420_000.0, "31.4 ms"),
        ] {
            assert_eq!(time(nanoseconds), text);
        }
    }

    #[test]
    fn both_tables_say_what_is_exceeded() {
        let table = markdown(&compared());
        assert_eq!(
            table.lines().nth(2),
            Some("| seal | 300 ns | 100 ns | 3.00 | 2.0 | ≤ 50.0 ns! | exceeded |")
        );
        let table = plain(&compared());
        assert!(table.contains("exceeded") && table.contains("! `open` has no budget"));
    }
}
