//! Committed files that are made from code: read, compared, and rewritten on demand.

pub(crate) mod samples;

use std::path::PathBuf;

/// Compares `path`, from the repository's top, with what the code says now. With
/// `UPDATE_GENERATED=1` in the environment it is written instead.
pub(crate) fn assert_current(path: &str, expected: &str) {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path);
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, expected).unwrap();
        return;
    }
    let found = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        found == expected,
        "{path} is stale; run `UPDATE_GENERATED=1 cargo test -p vestibule-protocol-tests` and commit it"
    );
}
