//! The description of the API that is kept beside the code.

#![allow(clippy::unwrap_used, reason = "a test says by a panic what is wrong")]

use std::path::Path;

use vestibule_signaling::openapi_json;

#[test]
fn the_description_of_the_api_is_that_of_the_code() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    let expected = openapi_json().unwrap();
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        std::fs::write(&file, expected).unwrap();
        return;
    }
    let found = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        found == expected,
        "docs/openapi.json is stale; run `UPDATE_GENERATED=1 cargo test -p vestibule-signaling --test openapi` and commit it"
    );
}
