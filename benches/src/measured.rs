//! What criterion wrote of a run.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Context;
use serde::Deserialize;

/// What was measured: the time that one element takes, by the benchmark's whole name.
pub type Measured = BTreeMap<String, f64>;

/// Criterion's `benchmark.json`, as much of it as is needed.
#[derive(Debug, Deserialize)]
struct Benchmark {
    full_id: String,
    throughput: Option<Throughput>,
}

/// What one iteration is of. Of bytes there are as many in a benchmark as in its floor.
#[derive(Debug, Deserialize)]
enum Throughput {
    Elements(u64),
    #[serde(untagged)]
    Other(serde::de::IgnoredAny),
}

/// Criterion's `estimates.json`, as much of it as is needed.
#[derive(Debug, Deserialize)]
struct Estimates {
    median: Estimate,
}

#[derive(Debug, Deserialize)]
struct Estimate {
    /// In nanoseconds an iteration.
    point_estimate: f64,
}

/// Reads all that lies in criterion's folder: nanoseconds an element, or an iteration where no elements are counted.
///
/// # Errors
/// When a folder cannot be read, or what is in it is not as criterion writes it.
pub fn read_all(folder: &Path) -> anyhow::Result<Measured> {
    let mut measured = Measured::new();
    collect(folder, &mut measured)?;
    Ok(measured)
}

fn collect(folder: &Path, measured: &mut Measured) -> anyhow::Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("in {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if !path.is_dir() {
            continue;
        }
        if path.file_name().is_some_and(|name| name == "new") {
            let (name, nanoseconds) = read(&path)?;
            measured.insert(name, nanoseconds);
        } else {
            collect(&path, measured)?;
        }
    }
    Ok(())
}

fn read(folder: &Path) -> anyhow::Result<(String, f64)> {
    let text = |name| {
        let path = folder.join(name);
        fs::read_to_string(&path).with_context(|| format!("in {}", path.display()))
    };
    parse(&text("benchmark.json")?, &text("estimates.json")?)
        .with_context(|| format!("in {}", folder.display()))
}

fn parse(benchmark: &str, estimates: &str) -> anyhow::Result<(String, f64)> {
    let benchmark: Benchmark = serde_json::from_str(benchmark)?;
    let estimates: Estimates = serde_json::from_str(estimates)?;
    let elements = match benchmark.throughput {
        Some(Throughput::Elements(elements)) => elements.max(1),
        Some(Throughput::Other(_)) | None => 1,
    };
    let median = estimates.median.point_estimate;
    Ok((benchmark.full_id, median / elements as f64))
}

#[cfg(test)]
mod tests {
    use super::{parse, read_all};

    const ESTIMATES: &str = r#"{"mean":{"point_estimate":9.0},"median":{"confidence_interval":
        {"confidence_level":0.95,"lower_bound":1.0,"upper_bound":3.0},"point_estimate":80.0,"standard_error":0.1}}"#;

    fn benchmark(throughput: &str) -> String {
        format!(
            r#"{{"group_id":"a","function_id":"b","value_str":null,"throughput":{throughput},
            "full_id":"a/b","directory_name":"a/b","title":"a/b"}}"#
        )
    }

    #[test]
    fn the_median_is_taken_for_each_element() {
        for (throughput, nanoseconds) in [
            (r#"{"Elements":8}"#, 10.0),
            (r#"{"Bytes":1100}"#, 80.0),
            ("null", 80.0),
        ] {
            let parsed = parse(&benchmark(throughput), ESTIMATES).unwrap();
            assert_eq!(parsed, ("a/b".to_owned(), nanoseconds), "{throughput}");
        }
    }

    #[test]
    fn what_criterion_does_not_write_is_an_error() {
        assert!(parse("{}", ESTIMATES).is_err());
        assert!(parse(&benchmark("null"), "{}").is_err());
    }

    #[test]
    fn the_last_run_is_read_and_not_the_one_before() {
        let folder = tempfile::tempdir().unwrap();
        for (part, median) in [("new", ESTIMATES), ("base", "nothing")] {
            let part = folder.path().join("a").join("b").join(part);
            std::fs::create_dir_all(&part).unwrap();
            std::fs::write(part.join("benchmark.json"), benchmark("null")).unwrap();
            std::fs::write(part.join("estimates.json"), median).unwrap();
        }
        let measured = read_all(folder.path()).unwrap();
        assert_eq!(
            measured.into_iter().collect::<Vec<_>>(),
            [("a/b".to_owned(), 80.0)]
        );
    }
}
