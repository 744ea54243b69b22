//! The API against its own description: schemathesis makes requests that fit it and requests that do not, and looks at what
//! is answered.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test says by a panic what is wrong"
)]

mod support;

use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;
use support::house::START;
use support::{House, Rest};
use tokio::process::Command;
use vestibule_signaling::{Rate, openapi_json};

/// The same requests at every run.
const SEED: &str = "20261126";

/// Requests of each kind for each operation: all of it takes half a minute.
const EXAMPLES: &str = "10";

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn beside(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(file)
}

/// How many operations the description has.
fn operations() -> usize {
    let description: Value = serde_json::from_str(&openapi_json().unwrap()).unwrap();
    let paths = description["paths"].as_object().unwrap();
    paths
        .values()
        .map(|methods| methods.as_object().unwrap().len())
        .sum()
}

/// Where `scripts/bootstrap.sh test` installs it, in the version that stands there.
fn schemathesis() -> PathBuf {
    let script = std::fs::read_to_string(repository().join("scripts/bootstrap.sh")).unwrap();
    let version = script
        .lines()
        .find_map(|line| line.strip_prefix("readonly SCHEMATHESIS="))
        .expect("the version stands in scripts/bootstrap.sh");
    let program = format!(".tools/schemathesis-{version}/bin/schemathesis");
    let program = repository().join(program);
    assert!(
        program.exists(),
        "schemathesis is not installed; run `scripts/bootstrap.sh test`"
    );
    program
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_api_answers_is_what_its_description_says() {
    let house = House::open_with(|settings| {
        let boundless = Rate {
            burst: 1_000_000,
            per_second: 1_000_000,
        };
        settings.rates.api = boundless;
        settings.rates.pages = boundless;
    })
    .await;
    let rest = Rest::of(&house).await;
    let scratch = tempfile::tempdir().unwrap();
    let services = rest.get("/services").await.good();
    let service = services["items"][0]["id"].as_str().unwrap();
    let run = Command::new(schemathesis())
        .args(["--no-color", "--config-file"])
        .arg(beside("schemathesis.toml"))
        .args([
            "run",
            &format!("http://{}/api/v1/openapi.json", house.address()),
        ])
        .args(["--checks", "all", "--mode", "all", "--seed", SEED])
        .args(["--max-examples", EXAMPLES, "--continue-on-failure"])
        .current_dir(scratch.path())
        .env("VESTIBULE_API_KEY", &rest.secret)
        .env("VESTIBULE_HOOKS", beside("schemathesis_hooks.py"))
        .env("VESTIBULE_SERVICE", service)
        .env("VESTIBULE_NOW", START.0.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .output()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    let complained = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{said}\n{complained}");
    // It would be content with an empty description.
    let all = operations();
    assert!(said.contains(&format!("Selected: {all}/{all}")), "{said}");
}
