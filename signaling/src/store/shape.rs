//! One statement for many rows: each crosses to the database and back once, whatever it carries.
//!
//! A prepared statement has a fixed number of placeholders. So rows go in groups of a power of two, and a shape has a handful
//! of texts, each of which is prepared once.

use std::sync::OnceLock;

use super::database::{Row, Transaction};
use super::statement::{Statement, Value, statement};

/// The most rows that one statement takes: with eight columns far from the 32,766 placeholders that SQLite allows.
const MOST: usize = 64;

/// Groups of 1, 2, 4 and so on up to [`MOST`].
const GROUPS: usize = MOST.ilog2() as usize + 1;

/// The values of one row.
pub(super) type Values = Vec<Value>;

/// The values of one row, as `row![id, body.as_str()]`.
macro_rules! row {
    ($($value:expr),* $(,)?) => {
        vec![$($crate::store::statement::Value::from($value)),*]
    };
}

pub(super) use row;

/// A statement whose middle is a list of rows: `before ($1, $2), ($3, $4) after`.
pub(super) struct Shape {
    before: &'static str,
    columns: usize,
    after: &'static str,
    texts: [OnceLock<String>; GROUPS],
}

impl Shape {
    /// A shape with rows of so many columns.
    pub(super) const fn new(before: &'static str, columns: usize, after: &'static str) -> Self {
        Self {
            before,
            columns,
            after,
            texts: [const { OnceLock::new() }; GROUPS],
        }
    }

    /// Carries it out for these rows, in this order; how many rows it touched. Nothing happens without any.
    pub(super) async fn execute(
        &'static self,
        rows: Vec<Values>,
        within: &mut Transaction,
    ) -> Result<u64, sqlx::Error> {
        let mut touched = 0;
        for group in self.groups(rows) {
            touched += group.execute(within).await?;
        }
        Ok(touched)
    }

    /// What it finds for these rows.
    pub(super) async fn fetch(
        &'static self,
        rows: Vec<Values>,
        within: &mut Transaction,
    ) -> Result<Vec<Row>, sqlx::Error> {
        let mut found = Vec::new();
        for group in self.groups(rows) {
            found.append(&mut group.fetch(within).await?);
        }
        Ok(found)
    }

    /// The statements for these rows, the largest groups first.
    fn groups(&'static self, rows: Vec<Values>) -> Vec<Statement> {
        let mut left = rows.len();
        let mut rows = rows.into_iter();
        let mut groups = Vec::new();
        for (power, text) in self.texts.iter().enumerate().rev() {
            let size = 1 << power;
            while left >= size {
                let text = text.get_or_init(|| self.text(size));
                let values = rows.by_ref().take(size).flatten();
                groups.push(values.fold(statement(text), Statement::bind));
                left -= size;
            }
        }
        groups
    }

    /// The text for a group of this size.
    fn text(&self, size: usize) -> String {
        let rows: Vec<String> = (0..size).map(|row| self.row(row)).collect();
        format!("{} {} {}", self.before, rows.join(", "), self.after)
    }

    fn row(&self, row: usize) -> String {
        let first = row * self.columns + 1;
        let places = (first..first + self.columns).map(|place| format!("${place}"));
        format!("({})", places.collect::<Vec<_>>().join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static SHAPE: Shape = Shape::new("INSERT INTO pairs VALUES", 2, "ON CONFLICT DO NOTHING");

    #[test]
    fn rows_go_in_groups_of_a_few_sizes_and_in_their_order() {
        assert_eq!(
            SHAPE.text(2),
            "INSERT INTO pairs VALUES ($1, $2), ($3, $4) ON CONFLICT DO NOTHING"
        );
        assert_eq!(
            SHAPE.text(1),
            "INSERT INTO pairs VALUES ($1, $2) ON CONFLICT DO NOTHING"
        );
        let rows = |count: u64| (0..count).map(|it| row![it, it]).collect();
        for (count, sizes) in [
            (0, vec![]),
            (1, vec![1]),
            (7, vec![4, 2, 1]),
            (64, vec![64]),
            (131, vec![64, 64, 2, 1]),
        ] {
            let groups = SHAPE.groups(rows(count));
            let texts: Vec<_> = groups.iter().map(Statement::text).collect();
            let expected: Vec<_> = sizes.into_iter().map(|it| SHAPE.text(it)).collect();
            assert_eq!(texts, expected);
            let values = groups.iter().flat_map(Statement::integers);
            let expected: Vec<_> = (0..count.cast_signed()).flat_map(|it| [it, it]).collect();
            assert_eq!(values.collect::<Vec<_>>(), expected);
        }
    }
}
