//! What each benchmark may take.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

/// All budgets.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budgets {
    /// By how much a ratio may be exceeded before the comparison fails, as a share of it: what a noisy machine does.
    pub tolerance: f64,
    /// Groups that are drawn against a quantity: a budget for some of their points is enough.
    #[serde(default)]
    pub drawn: BTreeSet<String>,
    /// The budgets, in the order of the table.
    #[serde(rename = "bench")]
    pub budgets: Vec<Budget>,
    /// What is counted and not timed.
    #[serde(default)]
    pub instructions: InstructionBudgets,
}

/// How many instructions a call of each hot function may take.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstructionBudgets {
    /// By how much one may be exceeded, as a share of it.
    pub tolerance: f64,
    /// By the function's name.
    pub calls: BTreeMap<String, u64>,
}

/// What a benchmark may take.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// Its whole name, as criterion prints it.
    pub name: String,
    /// The whole name of its floor.
    pub floor: String,
    /// How many times its floor.
    pub ratio: f64,
    /// Another tolerance than that of all.
    pub tolerance: Option<f64>,
    /// An absolute budget. It depends on the machine, and nothing fails when it is exceeded.
    pub nanoseconds: Option<f64>,
}

impl Budgets {
    /// Reads budgets as TOML.
    ///
    /// # Errors
    /// When it is not TOML, or something else than budgets.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        Ok(toml::from_str(text)?)
    }
}

#[cfg(test)]
mod tests {
    use super::Budgets;

    #[test]
    fn the_budgets_of_the_repository_are_read() {
        let budgets = Budgets::parse(include_str!("../budgets.toml")).unwrap();
        assert!(budgets.budgets.iter().all(|budget| budget.ratio > 0.0));
        let mut names: Vec<_> = budgets.budgets.iter().map(|it| &it.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), budgets.budgets.len());
    }

    #[test]
    fn a_budget_without_ratio_and_an_unknown_word_are_errors() {
        assert!(Budgets::parse("tolerance = 0.5\n[[bench]]\nname = 'a'\nfloor = 'b'").is_err());
        let misspelt =
            "tolerance = 0.5\n[[bench]]\nname = 'a'\nfloor = 'b'\nratio = 2\nnanosecond = 5";
        assert!(Budgets::parse(misspelt).is_err());
    }
}
