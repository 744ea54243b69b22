//! What the server itself dropped, by its own words for why.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

use serde::Serialize;

/// What the SFU calls this in its metrics.
const NAME: &str = "vestibule_sfu_dropped_total{";

/// Reasons for which a packet that somebody asked for was not sent again: each request counts, and what was lost before it
/// counts elsewhere.
const NOT_AGAIN: [&str; 6] = [
    "asked_too_much",
    "behind",
    "paused",
    "resent_budget",
    "resent_just_now",
    "resent_too_often",
];

/// Reasons for which nobody goes without a packet: it was there before, or there is nothing in it. `came_before` is also of one
/// so late that the server cannot tell; on loopback that is none.
const NO_LOSS: [&str; 5] = [
    "came_before",
    "padding",
    "repeated",
    "srtp_replayed",
    "unknown_stream_report",
];

/// What being dropped comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Somebody may lack it. So it is with whatever this tool does not know, and with `history_missing`: what waited for
    /// its turn is among it.
    Lost,
    /// See [`NOT_AGAIN`].
    NotAgain,
    /// See [`NO_LOSS`].
    NoLoss,
}

impl Kind {
    fn of(reason: &str) -> Self {
        if NOT_AGAIN.contains(&reason) {
            Self::NotAgain
        } else if NO_LOSS.contains(&reason) {
            Self::NoLoss
        } else {
            Self::Lost
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Lost => "",
            Self::NotAgain => "not sent again: ",
            Self::NoLoss => "no loss: ",
        }
    }
}

/// How many datagrams and packets the server dropped for each reason; `docs/drops.md` says what each is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Drops(BTreeMap<String, u64>);

impl Drops {
    /// Reads the server's metrics, in Prometheus' text format: the sums over all workers. `None` when they tell nothing of
    /// what is dropped.
    pub(crate) fn read(metrics: &str) -> Option<Self> {
        let mut drops = BTreeMap::new();
        for line in metrics.lines().filter_map(|line| line.strip_prefix(NAME)) {
            let (reason, count) = counted(line)?;
            *drops.entry(reason.to_owned()).or_default() += count;
        }
        (!drops.is_empty()).then_some(Self(drops))
    }

    /// What was dropped since then; reasons of which nothing was are left out.
    pub(crate) fn since(&self, then: &Self) -> Self {
        let more = self.0.iter().map(|(reason, count)| {
            let before = then.0.get(reason).copied().unwrap_or_default();
            (reason.clone(), count.saturating_sub(before))
        });
        Self(more.filter(|(_, count)| *count > 0).collect())
    }

    /// In words, if anything was dropped.
    pub(crate) fn told(&self) -> Option<String> {
        (!self.0.is_empty()).then(|| self.to_string())
    }
}

/// The reason and the number of a line.
fn counted(line: &str) -> Option<(&str, u64)> {
    let (labels, count) = line.rsplit_once(' ')?;
    let (_, reason) = labels.split_once("reason=\"")?;
    let (reason, _) = reason.split_once('"')?;
    Some((reason, count.parse().ok()?))
}

impl Display for Drops {
    /// The most first, and apart from them what nobody lacks.
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let mut drops: Vec<_> = self.0.iter().collect();
        drops.sort_by_key(|(_, count)| Reverse(**count));
        let groups = [Kind::Lost, Kind::NotAgain, Kind::NoLoss];
        let groups = groups.map(|kind| {
            let of_kind = drops.iter().filter(|(reason, _)| Kind::of(reason) == kind);
            let words: Vec<_> = of_kind.map(|(it, count)| format!("{count} {it}")).collect();
            (!words.is_empty()).then(|| format!("{}{}", kind.title(), words.join(", ")))
        });
        let groups: Vec<_> = groups.into_iter().flatten().collect();
        formatter.write_str(&groups.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::{Drops, NO_LOSS, NOT_AGAIN};

    /// What a server tells of two workers, for which so much was dropped so far.
    fn metrics(first: u64, second: u64) -> String {
        let line = |worker, direction, reason, count| {
            format!(
                "vestibule_sfu_dropped_total{{worker=\"{worker}\",direction=\"{direction}\",reason=\"{reason}\"}} {count}\n"
            )
        };
        [
            "# HELP vestibule_sfu_dropped_total What was dropped.\n".to_owned(),
            "vestibule_sfu_packets_in_total{worker=\"0\"} 77\n".to_owned(),
            line(0, "in", "came_before", 1),
            line(0, "out", "turn_too_late", first),
            line(1, "in", "came_before", 0),
            line(1, "out", "turn_too_late", second),
            "vestibule_sfu_cpu_seconds_total 1.5\n".to_owned(),
        ]
        .concat()
    }

    fn drops(counts: &[(&str, u64)]) -> Drops {
        let counts = counts.iter();
        Drops(
            counts
                .map(|(it, count)| ((*it).to_owned(), *count))
                .collect(),
        )
    }

    #[test]
    fn what_all_workers_dropped_is_added_up() {
        let expected = drops(&[("came_before", 1), ("turn_too_late", 35)]);
        assert_eq!(Drops::read(&metrics(30, 5)), Some(expected));
    }

    #[test]
    fn metrics_that_tell_of_no_drops_and_those_that_are_not_understood_tell_nothing() {
        assert_eq!(Drops::read(""), None);
        assert_eq!(Drops::read("vestibule_sfu_peers{worker=\"0\"} 3\n"), None);
        let odd = metrics(30, 5).replace("\"} 30\n", "\"} many\n");
        assert_eq!(Drops::read(&odd), None);
    }

    #[test]
    fn only_what_was_dropped_meanwhile_is_told() {
        let [before, after] = [metrics(30, 5), metrics(31, 7)];
        let [before, after] = [before, after].map(|it| Drops::read(&it).unwrap());
        assert_eq!(after.since(&before), drops(&[("turn_too_late", 3)]));
        assert_eq!(after.since(&after), Drops::default());
        // One that the server did not name before was not there.
        assert_eq!(before.since(&Drops::default()), before);
    }

    #[test]
    fn the_most_are_told_first_and_what_nobody_lacks_apart() {
        let all = drops(&[
            ("behind", 5000),
            ("came_before", 900),
            ("padding", 1000),
            ("queue_full", 2),
            ("turn_too_late", 35),
        ]);
        let expected = "35 turn_too_late, 2 queue_full; not sent again: 5000 behind; \
            no loss: 1000 padding, 900 came_before";
        assert_eq!(all.told().as_deref(), Some(expected));
        let told = |reason| drops(&[(reason, 2)]).told();
        assert_eq!(told("new_reason").as_deref(), Some("2 new_reason"));
        assert_eq!(told("repeated").as_deref(), Some("no loss: 2 repeated"));
        assert_eq!(drops(&[]).told(), None);
    }

    #[test]
    fn the_reasons_known_here_are_the_products() {
        let document = include_str!("../../../docs/drops.md");
        for reason in NOT_AGAIN.into_iter().chain(NO_LOSS) {
            let names = |row: &str| row.starts_with("| `") && row.contains(&format!("`{reason}`"));
            assert!(document.lines().any(names), "{reason}");
        }
    }
}
