//! Holds the benchmarks against their budgets, and draws what they and the load tool measured.
//!
//! The benchmarks themselves are in `benches/` beside this folder. Each measures its floor in the same run, and
//! `budgets.toml` says how many times its floor each may take: a ratio means the same on a fast machine and on a slow
//! one. `make bench` runs all and compares.

mod budgets;
mod document;
mod instructions;
mod load;
mod measured;
mod queue;
mod svg;
mod table;
mod verdict;

pub use budgets::{Budget, Budgets, InstructionBudgets};
pub use document::insert;
pub use instructions::{
    Counted, Counts, count as count_instructions, faults as instruction_faults,
    table as instructions_table,
};
pub use load::plots as load_plots;
pub use measured::{Measured, read_all};
pub use queue::plots as queue_plots;
pub use svg::{plot_ratios, plot_times};
pub use table::{markdown, plain};
pub use verdict::{Compared, Judged, Mismatch, Verdict, compare};
