//! Who may import whom, on the tree that cargo resolves. The reasons are in `ARCHITECTURE.md`.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, PackageId};

const VOCAB: &str = "vestibule-vocab";
const PROTOCOL: &str = "vestibule-protocol";
const CONTROL: &str = "vestibule-control";
const CLINIC: &str = "vestibule-clinic";
const DELIVERY: &str = "vestibule-delivery";
const CONGESTION: &str = "vestibule-congestion";
const FORWARDING: &str = "vestibule-forwarding";
const RTP: &str = "vestibule-rtp";
const HANDSHAKE: &str = "vestibule-handshake";
const SRTP: &str = "vestibule-srtp";
const SIGNALING: &str = "vestibule-signaling";
const SFU: &str = "vestibule-sfu";
const SERVER: &str = "vestibule";
const SIM: &str = "vestibule-sim";

/// Each part of the server, and the other parts that it may import.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    (VOCAB, &[]),
    (PROTOCOL, &[VOCAB]),
    (CONTROL, &[VOCAB]),
    (CLINIC, &[VOCAB]),
    (DELIVERY, &[VOCAB]),
    (CONGESTION, &[VOCAB]),
    (FORWARDING, &[VOCAB, CONGESTION]),
    (RTP, &[VOCAB]),
    (SRTP, &[]),
    (HANDSHAKE, &[SRTP]),
    (SIGNALING, &[VOCAB, PROTOCOL, CONTROL, CLINIC, DELIVERY]),
    (
        SFU,
        &[VOCAB, CONTROL, CONGESTION, FORWARDING, HANDSHAKE, RTP, SRTP],
    ),
    (SERVER, &[VOCAB, SIGNALING, SFU]),
];

/// Packages beside the server: they import what they exercise, and no part of it imports them.
const BESIDE: &[&str] = &[
    "vestibule-benches",
    "vestibule-client",
    "vestibule-clinic-tests",
    "vestibule-demo",
    "vestibule-examples",
    "vestibule-frames",
    "vestibule-fuzz-bodies",
    "vestibule-impair",
    "vestibule-load",
    "vestibule-protocol-tests",
    "vestibule-sfu-tests",
    SIM,
    "vestibule-tapped",
];

/// The machines that decide, and what works on packets: no input or output, no clock, no randomness of their own.
const SANS_IO: &[&str] = &[CLINIC, CONGESTION, DELIVERY, FORWARDING, RTP, SRTP];

/// Ways to the outside world, which a machine has none of.
const OUTSIDE_WORLD: &[&str] = &[
    PROTOCOL,
    CONTROL,
    "async-std",
    "chrono",
    "fastrand",
    "getrandom",
    "mio",
    "polling",
    "rand",
    "rand_core",
    "smol",
    "socket2",
    "sqlx",
    "time",
    "tokio",
    "tracing",
];

/// Code that decrypts media or chat. A server that cannot link it cannot be made to listen.
const DECRYPTING: &[&str] = &[
    "mls-rs",
    "openmls",
    "sframe",
    "vestibule-client",
    "vestibule-frames",
    "webrtc",
];

/// Code that decodes, encodes or packs media, or carries files away: what a recording would be made with.
const RECORDING: &[&str] = &[
    "audiopus",
    "aws-sdk",
    "azure",
    "dav1d",
    "env-libvpx",
    "ffmpeg",
    "google-cloud",
    "gstreamer",
    "hound",
    "libvpx",
    "magnum-opus",
    "matroska",
    "mkv",
    "mp4",
    "object_store",
    "ogg",
    "opendal",
    "openh264",
    "opus",
    "rav1e",
    "rust-s3",
    "s3",
    "symphonia",
    "vpx",
    "webm",
    "x264",
];

/// The libraries of ICE and DTLS, which one package names.
const HANDSHAKES: &[&str] = &["dimpl", "is"];

/// Where the SFU names its handshakes and SRTP beside `peer/`, the door to them: words for what was refused, said or is
/// to be sent, a size, and what fuzz targets bring along. Nothing of what serves holds a connection or its keys there.
const BESIDE_THE_DOOR: &[&str] = &[
    "counters/reason.rs",
    "limits.rs",
    "offer/mod.rs",
    "trial/call.rs",
    "trial/mod.rs",
    "worker/hosted/mod.rs",
];

/// The resolved tree, without what only tests need.
struct Tree {
    names: BTreeMap<PackageId, String>,
    imports: BTreeMap<PackageId, BTreeSet<PackageId>>,
    members: BTreeMap<String, PackageId>,
}

impl Tree {
    fn resolved() -> Self {
        let metadata = metadata();
        let names: BTreeMap<_, _> = metadata
            .packages
            .iter()
            .map(|package| (package.id.clone(), package.name.to_string()))
            .collect();
        let members = metadata.workspace_members.iter();
        let members = members.map(|id| (names[id].clone(), id.clone())).collect();
        let resolve = metadata.resolve.expect("cargo resolved the workspace");
        let linked = |kind: DependencyKind| kind != DependencyKind::Development;
        let imports = resolve.nodes.into_iter().map(|node| {
            let deps = node.deps.into_iter();
            let deps = deps.filter(|dep| dep.dep_kinds.iter().any(|kind| linked(kind.kind)));
            (node.id, deps.map(|dep| dep.pkg).collect())
        });
        Self {
            imports: imports.collect(),
            names,
            members,
        }
    }

    /// The names of the members that a member imports itself.
    fn members_imported_by(&self, member: &str) -> BTreeSet<&str> {
        let is_member = |id: &&PackageId| self.members.contains_key(&self.names[*id]);
        let imported = self.imports[&self.members[member]].iter().filter(is_member);
        imported.map(|id| self.names[id].as_str()).collect()
    }

    /// The names of the members that import one of these packages themselves.
    fn members_that_import(&self, packages: &[&str]) -> BTreeSet<&str> {
        let imports_one = |member: &PackageId| {
            let mut imports = self.imports[member].iter();
            imports.any(|id| packages.contains(&self.names[id].as_str()))
        };
        let members = self.members.iter().filter(|(_, id)| imports_one(id));
        members.map(|(name, _)| name.as_str()).collect()
    }

    /// The names of all packages that are linked with a member, its own aside.
    fn linked_with(&self, member: &str) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        let mut next = vec![&self.members[member]];
        while let Some(id) = next.pop() {
            next.extend(
                self.imports[id]
                    .iter()
                    .filter(|import| found.insert(*import)),
            );
        }
        found
            .into_iter()
            .map(|id| self.names[id].as_str())
            .collect()
    }

    /// Panics when a member is linked with one of these, or with a package named after one.
    fn never(&self, member: &str, forbidden: &[&str]) {
        let linked = self.linked_with(member);
        let found: Vec<_> = linked
            .into_iter()
            .filter(|name| is_one_of(name, forbidden))
            .collect();
        assert!(found.is_empty(), "{member} is linked with {found:?}");
    }
}

/// Whether a package has one of these names, or is named after one.
fn is_one_of(name: &str, words: &[&str]) -> bool {
    words.iter().any(|word| {
        let rest = name.strip_prefix(word);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
    })
}

/// The names of all that a member needs by itself. In the tree of the whole workspace a library has the
/// features of everybody who uses it: the native client's randomness would be seen at the machines' ids.
fn needed_by(member: &str) -> BTreeSet<String> {
    let cargo = std::env::var_os("CARGO").expect("cargo runs the tests");
    let tree = Command::new(cargo)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["tree", "--locked", "--edges", "normal,build"])
        .args(["--prefix", "none", "--format", "{p}", "--package", member])
        .output()
        .expect("cargo shows the tree");
    assert!(tree.status.success(), "cargo shows the tree of {member}");
    let tree = String::from_utf8(tree.stdout).expect("names are text");
    let names = tree
        .lines()
        .filter_map(|line| line.split_whitespace().next());
    names.map(str::to_owned).collect()
}

/// The sources in a folder and in the folders in it.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let sources = paths.flat_map(|path| match path.is_dir() {
        true => sources(&path),
        false => vec![path],
    });
    sources.collect()
}

/// Of this machine's platform, so that packages of other platforms need not be there.
fn metadata() -> Metadata {
    let cargo = std::env::var_os("CARGO").expect("cargo runs the tests");
    let version = Command::new(cargo)
        .arg("-vV")
        .output()
        .expect("cargo tells its version");
    let version = String::from_utf8(version.stdout).expect("a version is text");
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let platform = host.expect("cargo tells its platform").to_owned();
    MetadataCommand::new()
        .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .other_options(["--filter-platform".to_owned(), platform])
        .exec()
        .expect("cargo describes the workspace")
}

#[test]
fn every_package_of_the_workspace_has_its_place_in_the_rules() {
    let tree = Tree::resolved();
    for member in tree.members.keys() {
        let ruled = MAY_IMPORT.iter().any(|(name, _)| name == member);
        let beside = BESIDE.contains(&member.as_str());
        assert!(ruled || beside, "say in this test what {member} may import");
    }
}

#[test]
fn each_part_imports_only_what_it_may() {
    let tree = Tree::resolved();
    for (member, allowed) in MAY_IMPORT {
        for import in tree.members_imported_by(member) {
            assert!(
                allowed.contains(&import),
                "{member} may not import {import}"
            );
        }
    }
}

#[test]
fn the_machines_reach_no_outside_world() {
    for member in SANS_IO {
        let needed = needed_by(member);
        assert!(needed.contains(*member) && needed.len() > 1, "{needed:?}");
        let found: Vec<_> = needed
            .iter()
            .filter(|name| is_one_of(name, OUTSIDE_WORLD))
            .collect();
        assert!(found.is_empty(), "{member} is linked with {found:?}");
    }
}

#[test]
fn a_server_cannot_link_code_that_decrypts_media_or_chat() {
    let tree = Tree::resolved();
    for member in [SERVER, SIGNALING, SFU] {
        tree.never(member, DECRYPTING);
    }
}

#[test]
fn a_server_cannot_link_code_that_records() {
    let tree = Tree::resolved();
    for member in [SERVER, SIGNALING, SFU] {
        tree.never(member, RECORDING);
    }
}

#[test]
fn the_simulation_imports_the_machines_alone_and_nobody_imports_it() {
    let tree = Tree::resolved();
    let imports = tree.members_imported_by(SIM);
    assert_eq!(imports, BTreeSet::from([CLINIC, DELIVERY, VOCAB]));
    for member in tree.members.keys() {
        let imports = tree.members_imported_by(member);
        assert!(!imports.contains(SIM), "{member} may not import {SIM}");
    }
}

#[test]
fn the_sfu_does_not_know_who_is_a_patient() {
    Tree::resolved().never(SFU, &[CLINIC, DELIVERY, PROTOCOL, SIGNALING]);
}

#[test]
fn one_package_names_the_libraries_of_the_handshakes() {
    let tree = Tree::resolved();
    let found = tree.members_that_import(HANDSHAKES);
    assert_eq!(found, BTreeSet::from([HANDSHAKE]));
}

#[test]
fn the_sfu_has_one_door_to_handshakes_and_keys() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sfu/src");
    let named = sources(&folder).into_iter().filter(|path| {
        let source = std::fs::read_to_string(path).expect("a source is text");
        source.contains("vestibule_handshake") || source.contains("vestibule_srtp")
    });
    let named: BTreeSet<_> = named
        .map(|path| path.strip_prefix(&folder).expect("within").to_owned())
        .collect();
    let (behind, beside): (BTreeSet<_>, BTreeSet<_>) =
        named.into_iter().partition(|path| path.starts_with("peer"));
    assert!(behind.contains(Path::new("peer/mod.rs")), "{behind:?}");
    assert_eq!(beside, BESIDE_THE_DOOR.iter().map(PathBuf::from).collect());
}

#[test]
fn the_tree_is_seen_to_its_leaves() {
    let tree = Tree::resolved();
    let linked = tree.linked_with(SERVER);
    for known in ["dimpl", "sqlx", "tokio", CLINIC, FORWARDING] {
        assert!(
            linked.contains(known),
            "{known} is linked with the server, but was not seen"
        );
    }
}
