//! Holds what was measured against the budgets.

use std::collections::BTreeSet;

use crate::{Budget, Budgets, Measured};

/// What became of a ratio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is within its budget.
    Within,
    /// It is above, by no more than the tolerance.
    Tolerated,
    /// It is above by more than the tolerance.
    Exceeded,
}

/// A benchmark beside its floor and its budget. Times are in nanoseconds an element.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// The budget.
    pub budget: Budget,
    /// What it took.
    pub time: f64,
    /// What its floor took.
    pub floor: f64,
    /// What is thought of it.
    pub verdict: Verdict,
}

/// Why a comparison says nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// A budget or a floor names what was not measured.
    NotMeasured(String),
    /// This was measured, has no budget and is nobody's floor.
    NoBudget(String),
}

/// What a run comes to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Compared {
    /// What could be judged, in the order of the budgets.
    pub judged: Vec<Judged>,
    /// What could not.
    pub mismatches: Vec<Mismatch>,
}

impl Judged {
    /// How many times its floor it took.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        self.time / self.floor
    }

    /// Whether its absolute budget, where it has one, is exceeded.
    #[must_use]
    pub fn exceeds_absolute(&self) -> bool {
        self.budget.nanoseconds.is_some_and(|most| self.time > most)
    }
}

impl Compared {
    /// Whether no ratio is exceeded, and everything was judged.
    #[must_use]
    pub fn is_good(&self) -> bool {
        let mut judged = self.judged.iter();
        self.mismatches.is_empty() && judged.all(|it| it.verdict != Verdict::Exceeded)
    }
}

impl std::fmt::Display for Mismatch {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotMeasured(name) => write!(formatter, "`{name}` was not measured"),
            Self::NoBudget(name) => write!(formatter, "`{name}` has no budget"),
        }
    }
}

/// Holds what was measured against the budgets.
#[must_use]
pub fn compare(budgets: &Budgets, measured: &Measured) -> Compared {
    let mut compared = Compared::default();
    let mut named = BTreeSet::new();
    for budget in &budgets.budgets {
        named.extend([&budget.name, &budget.floor]);
        match judge(budget, budgets.tolerance, measured) {
            Ok(judged) => compared.judged.push(judged),
            Err(mismatch) => compared.mismatches.push(mismatch),
        }
    }
    let is_drawn = |name: &str| {
        let group = name.split_once('/').map(|(group, _)| group);
        group.is_some_and(|group| budgets.drawn.contains(group))
    };
    let unnamed = measured
        .keys()
        .filter(|name| !named.contains(name) && !is_drawn(name));
    let unnamed = unnamed.map(|name| Mismatch::NoBudget(name.clone()));
    compared.mismatches.extend(unnamed);
    compared
}

fn judge(budget: &Budget, tolerance: f64, measured: &Measured) -> Result<Judged, Mismatch> {
    let time = |name: &String| {
        let found = measured.get(name).copied();
        found.ok_or_else(|| Mismatch::NotMeasured(name.clone()))
    };
    let (time, floor) = (time(&budget.name)?, time(&budget.floor)?);
    let most = budget.ratio * (1.0 + budget.tolerance.unwrap_or(tolerance));
    let ratio = time / floor;
    let verdict = if ratio <= budget.ratio {
        Verdict::Within
    } else if ratio <= most {
        Verdict::Tolerated
    } else {
        Verdict::Exceeded
    };
    Ok(Judged {
        budget: budget.clone(),
        time,
        floor,
        verdict,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Mismatch, Verdict, compare};
    use crate::{Budget, Budgets, InstructionBudgets, Measured};

    fn budgets() -> Budgets {
        Budgets {
            tolerance: 0.5,
            drawn: BTreeSet::new(),
            budgets: vec![Budget {
                name: "seal".to_owned(),
                floor: "floor".to_owned(),
                ratio: 2.0,
                tolerance: None,
                nanoseconds: Some(250.0),
            }],
            instructions: InstructionBudgets::default(),
        }
    }

    fn measured(seal: f64) -> Measured {
        let times = [("floor", 100.0), ("seal", seal)];
        times.map(|(name, time)| (name.to_owned(), time)).into()
    }

    #[test]
    fn a_ratio_is_within_its_budget_or_its_tolerance_or_exceeded() {
        for (seal, verdict, good) in [
            (200.0, Verdict::Within, true),
            (201.0, Verdict::Tolerated, true),
            (300.0, Verdict::Tolerated, true),
            (301.0, Verdict::Exceeded, false),
        ] {
            let compared = compare(&budgets(), &measured(seal));
            assert_eq!(compared.judged[0].verdict, verdict, "{seal}");
            assert_eq!(compared.is_good(), good, "{seal}");
        }
    }

    #[test]
    fn a_budget_may_have_its_own_tolerance() {
        let mut budgets = budgets();
        budgets.budgets[0].tolerance = Some(0.0);
        let compared = compare(&budgets, &measured(201.0));
        assert_eq!(compared.judged[0].verdict, Verdict::Exceeded);
    }

    #[test]
    fn an_absolute_budget_is_told_and_fails_nothing() {
        let compared = compare(&budgets(), &measured(251.0));
        assert!(compared.judged[0].exceeds_absolute() && compared.is_good());
    }

    #[test]
    fn what_was_not_measured_and_what_has_no_budget_fails() {
        let mut measured = measured(100.0);
        measured.insert("open".to_owned(), 1.0);
        measured.remove("floor");
        let compared = compare(&budgets(), &measured);
        let expected = [
            Mismatch::NotMeasured("floor".to_owned()),
            Mismatch::NoBudget("open".to_owned()),
        ];
        assert_eq!(compared.mismatches, expected);
        assert!(!compared.is_good());
    }

    #[test]
    fn what_is_drawn_needs_no_budget_at_each_of_its_points() {
        let mut budgets = budgets();
        budgets.drawn.insert("decide".to_owned());
        let mut measured = measured(100.0);
        measured.insert("decide/arrive/100".to_owned(), 1.0);
        assert!(compare(&budgets, &measured).is_good());
        measured.insert("decided/100".to_owned(), 1.0);
        assert!(!compare(&budgets, &measured).is_good());
    }
}
