//! Every input that a fuzzer found worth keeping is replayed, and every golden vector of the wire.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use vestibule_fuzz_bodies::TARGETS;

fn corpus(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fuzz/corpus")
        .join(target)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn the_corpora_are_replayed() {
    for (name, target) in TARGETS {
        let inputs = files(&corpus(name));
        assert!(!inputs.is_empty(), "{name} has a corpus");
        for input in inputs {
            target(&std::fs::read(input).unwrap());
        }
    }
}

#[test]
fn every_target_of_the_fuzzer_is_replayed() {
    let programs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/fuzz_targets");
    for program in files(&programs) {
        let name = program.file_stem().unwrap().to_str().unwrap();
        assert!(TARGETS.iter().any(|(known, _)| *known == name), "{name}");
    }
}

#[test]
fn nothing_and_anything_short_is_taken() {
    for (_, target) in TARGETS {
        target(&[]);
        for byte in 0..=u8::MAX {
            target(&[byte]);
            target(&[byte; 3]);
            target(&[byte; 40]);
        }
    }
}
