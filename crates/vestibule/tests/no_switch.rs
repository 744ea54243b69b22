//! The program that is shipped has nothing with which encryption could be turned off or media looked at.

#![allow(clippy::unwrap_used, reason = "a test says by a panic what is wrong")]

use std::process::Command;

const PROGRAM: &str = env!("CARGO_BIN_EXE_vestibule");

/// What such an option would be called.
const SUSPICIOUS: &[&str] = &[
    "clear", "decrypt", "encrypt", "insecure", "plain", "record", "tap", "unsafe",
];

fn names_of_options(command: &str) -> Vec<String> {
    let help = Command::new(PROGRAM).args([command, "--help"]).output();
    let help = String::from_utf8(help.unwrap().stdout).unwrap();
    let words = help.split_whitespace();
    let options = words.filter(|word| word.starts_with("--") || word.starts_with("VESTIBULE_"));
    options.map(str::to_lowercase).collect()
}

#[test]
fn no_option_speaks_of_encryption() {
    let options = names_of_options("serve");
    assert!(options.iter().any(|option| option == "--data"));
    for option in &options {
        for word in SUSPICIOUS {
            assert!(!option.contains(word), "what is {option} for?");
        }
    }
}

#[test]
fn an_option_of_that_kind_is_refused() {
    for option in ["--no-encryption", "--insecure", "--tap"] {
        let started = Command::new(PROGRAM).args(["serve", option]).output();
        assert!(!started.unwrap().status.success());
    }
}

#[test]
fn the_tap_is_not_linked() {
    let program = std::fs::read(PROGRAM).unwrap();
    let contains = |text: &str| {
        let mut windows = program.windows(text.len());
        windows.any(|window| window == text.as_bytes())
    };
    // What is known to be in it is found.
    assert!(contains("VESTIBULE_DATA"));
    assert!(!contains("VESTIBULE_TAP"));
}
