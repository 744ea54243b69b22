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

/// Criterion's `sample.json`, as much of it as is needed.
#[derive(Debug, Deserialize)]
struct Samples {
    /// Iterations of each sample.
    iters: Vec<f64>,
    /// What all of them took, in nanoseconds.
    times: Vec<f64>,
}

/// Which of 100 samples is taken, the fastest first. Whatever else runs on a machine makes some samples slower and
/// none faster: on a busy one medians double, and this one stays.
const FAST: usize = 10;

/// Reads all that lies in criterion's folder: nanoseconds an element, or an iteration where no elements are counted. Of
/// rounds, each in a folder of its own, the fastest counts.
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
            let least = measured.entry(name).or_insert(nanoseconds);
            *least = least.min(nanoseconds);
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
    parse(&text("benchmark.json")?, &text("sample.json")?)
        .with_context(|| format!("in {}", folder.display()))
}

fn parse(benchmark: &str, samples: &str) -> anyhow::Result<(String, f64)> {
    let benchmark: Benchmark = serde_json::from_str(benchmark)?;
    let samples: Samples = serde_json::from_str(samples)?;
    let elements = match benchmark.throughput {
        Some(Throughput::Elements(elements)) => elements.max(1),
        Some(Throughput::Other(_)) | None => 1,
    };
    let time = samples.fast().context("there are no samples")?;
    Ok((benchmark.full_id, time / elements as f64))
}

impl Samples {
    /// The time of one iteration.
    fn fast(&self) -> Option<f64> {
        let times = self.times.iter().zip(&self.iters);
        let mut times: Vec<f64> = times.map(|(time, iterations)| time / iterations).collect();
        times.sort_by(f64::total_cmp);
        times.get(times.len() * FAST / 100).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::{parse, read_all};

    const SAMPLES: &str =
        r#"{"sampling_mode":"Linear","iters":[1.0,2.0,3.0],"times":[90.0,160.0,900.0]}"#;

    fn benchmark(throughput: &str) -> String {
        format!(
            r#"{{"group_id":"a","function_id":"b","value_str":null,"throughput":{throughput},
            "full_id":"a/b","directory_name":"a/b","title":"a/b"}}"#
        )
    }

    #[test]
    fn a_fast_sample_is_taken_for_each_element() {
        for (throughput, nanoseconds) in [
            (r#"{"Elements":8}"#, 10.0),
            (r#"{"Bytes":1100}"#, 80.0),
            ("null", 80.0),
        ] {
            let parsed = parse(&benchmark(throughput), SAMPLES).unwrap();
            assert_eq!(parsed, ("a/b".to_owned(), nanoseconds), "{throughput}");
        }
    }

    #[test]
    fn a_tenth_of_the_samples_is_faster() {
        let times: Vec<u32> = (0..100).rev().collect();
        let samples = format!(r#"{{"iters":{:?},"times":{times:?}}}"#, [1; 100]);
        let (_, time) = parse(&benchmark("null"), &samples).unwrap();
        assert!((time - 10.0).abs() < 1e-9);
    }

    #[test]
    fn of_rounds_the_fastest_counts() {
        let folder = tempfile::tempdir().unwrap();
        for (round, time) in [("1", "90.0"), ("2", "70.0"), ("3", "80.0")] {
            let part = folder.path().join(round).join("a").join("new");
            std::fs::create_dir_all(&part).unwrap();
            std::fs::write(part.join("benchmark.json"), benchmark("null")).unwrap();
            let samples = format!(r#"{{"iters":[1.0],"times":[{time}]}}"#);
            std::fs::write(part.join("sample.json"), samples).unwrap();
        }
        let measured = read_all(folder.path()).unwrap();
        assert_eq!(measured.get("a/b"), Some(&70.0));
    }

    #[test]
    fn what_criterion_does_not_write_is_an_error() {
        assert!(parse("{}", SAMPLES).is_err());
        assert!(parse(&benchmark("null"), "{}").is_err());
        assert!(parse(&benchmark("null"), r#"{"iters":[],"times":[]}"#).is_err());
    }

    #[test]
    fn the_last_run_is_read_and_not_the_one_before() {
        let folder = tempfile::tempdir().unwrap();
        for (part, samples) in [("new", SAMPLES), ("base", "nothing")] {
            let part = folder.path().join("a").join("b").join(part);
            std::fs::create_dir_all(&part).unwrap();
            std::fs::write(part.join("benchmark.json"), benchmark("null")).unwrap();
            std::fs::write(part.join("sample.json"), samples).unwrap();
        }
        let measured = read_all(folder.path()).unwrap();
        assert_eq!(
            measured.into_iter().collect::<Vec<_>>(),
            [("a/b".to_owned(), 80.0)]
        );
    }
}
