//! What the documents point at is there.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

/// A link of a document: its words, and where it leads.
struct Link {
    words: String,
    target: String,
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The documents in a folder and the folders within.
fn documents(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let found = entries.flat_map(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return documents(&path);
        }
        let is_document = path.extension().is_some_and(|it| it == "md");
        is_document.then_some(path).into_iter().collect()
    });
    found.collect()
}

fn all_documents() -> Vec<PathBuf> {
    let mut all = documents(&repository().join("docs"));
    for name in [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
    ] {
        all.push(repository().join(name));
    }
    all
}

/// The links to files, `[words](target)`; those to other machines and within the page are left out.
fn links(document: &str) -> Vec<Link> {
    let mut found = Vec::new();
    let mut rest = document;
    while let Some((before, after)) = rest.split_once("](") {
        let words = before.rsplit('[').next().unwrap_or_default();
        let Some((target, behind)) = after.split_once(')') else {
            break;
        };
        let elsewhere = target.contains("://") || target.starts_with('#');
        if !elsewhere && !target.contains(char::is_whitespace) {
            found.push(Link {
                words: words.replace('`', ""),
                target: target.split('#').next().unwrap_or_default().to_owned(),
            });
        }
        rest = behind;
    }
    found
}

fn links_of(document: &Path) -> Vec<Link> {
    links(&std::fs::read_to_string(document).unwrap())
}

#[test]
fn what_the_documents_link_to_is_there() {
    let documents = all_documents();
    assert!(documents.len() > 10, "the documents were found");
    for document in documents {
        for Link { words, target } in links_of(&document) {
            let path = document.parent().unwrap().join(&target);
            assert!(
                path.exists(),
                "{} links [{words}] to {target}",
                document.display()
            );
        }
    }
}

/// Panics when a row names a test that is not there; how many it names.
fn tests_named_in(row: &str) -> usize {
    let tests = links(row);
    for Link { words, target } in &tests {
        let file = repository().join("docs").join(target);
        let code = std::fs::read_to_string(file).unwrap();
        // Those that run on each kind of store are told which.
        let forms = ["()", "(kind: Kind)", "(\n    kind: Kind,\n)"];
        let rust = forms
            .iter()
            .any(|form| code.contains(&format!("fn {words}{form}")));
        let browser = code.contains(&format!("'{words}'"));
        assert!(rust || browser, "{target} has no test [{words}]");
    }
    tests.len()
}

#[test]
fn each_threat_of_the_list_names_its_test_or_says_that_there_is_none() {
    let text = std::fs::read_to_string(repository().join("docs/threats.md")).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| "));
    let rows: Vec<_> = rows.skip(1).collect();
    for (number, row) in (1..).zip(&rows) {
        assert!(row.starts_with(&format!("| {number} |")), "{row}");
        assert!(tests_named_in(row) > 0 || row.contains("not yet"), "{row}");
    }
    assert_eq!(rows.len(), 25);
}

#[test]
fn each_attack_on_the_sfu_says_how_its_defence_was_missed() {
    let text = std::fs::read_to_string(repository().join("docs/defences.md")).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| ["));
    let told: usize = rows.map(tests_named_in).sum();
    let mut attacks = 0;
    for entry in std::fs::read_dir(repository().join("crates/sfu-tests/tests/hostile")).unwrap() {
        let code = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        for line in code.lines().filter(|it| it.starts_with("fn attack_")) {
            let name = &line["fn ".len()..line.find('(').unwrap()];
            assert!(text.contains(&format!("[{name}](")), "{name}");
            attacks += 1;
        }
    }
    assert_eq!(told, attacks);
}

#[test]
fn each_requirement_of_the_clinic_names_tests_that_are_there() {
    let text = std::fs::read_to_string(repository().join("docs/requirements.md")).unwrap();
    let asked = (1..=8)
        .chain(12..=20)
        .chain([24])
        .map(|it| format!("M{it}"));
    let ahead = [1, 3, 4, 5, 9].map(|it| format!("list {it}"));
    let rows: Vec<_> = text.lines().filter(|it| it.starts_with("| ")).collect();
    let rows = &rows[1..];
    let expected: Vec<_> = asked.chain(ahead).collect();
    assert_eq!(rows.len(), expected.len());
    for (row, name) in rows.iter().zip(&expected) {
        assert!(row.starts_with(&format!("| {name} |")), "{row}");
        assert!(tests_named_in(row) > 1, "what shows it? {row}");
    }
}

#[test]
fn each_claim_of_the_threat_model_names_a_test_that_is_there() {
    let document = repository().join("docs/threat-model.md");
    let text = std::fs::read_to_string(&document).unwrap();
    let claims = text.split("## What is not claimed").next().unwrap();
    let claims = claims.split("## What is claimed").nth(1).unwrap();
    let rows = claims.lines().filter(|line| line.starts_with("| "));
    let mut shown = 0;
    for row in rows.filter(|row| !row.starts_with("| Claim |")) {
        let tests = tests_named_in(row);
        assert!(tests > 0, "what shows it? {row}");
        shown += tests;
    }
    assert!(shown > 30, "the claims were read");
}
