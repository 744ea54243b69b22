//! What other systems read, from a server that runs on each database. The answers are committed as
//! `signaling/tests/fhir/*.json`, where the pages' tests hold them against the published schema of R4.

mod served;
mod states;
mod story;

use std::path::PathBuf;

use serde_json::Value;

/// Compares a committed answer with what comes now. With `UPDATE_GENERATED=1` in the environment it is written instead.
fn assert_current(name: &str, answer: &Value) {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fhir")
        .join(name);
    let expected = format!("{answer:#}\n");
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, expected).unwrap();
        return;
    }
    let found = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        found == expected,
        "signaling/tests/fhir/{name} is stale; run `UPDATE_GENERATED=1 cargo test -p vestibule-signaling fhir`, read \
         what changed, and commit it; what comes now: {expected}"
    );
}
