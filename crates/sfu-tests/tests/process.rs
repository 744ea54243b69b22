//! The SFU as a process of its own, started as the server starts it. This file is its own program: it runs
//! the SFU when it is called with `sfu`, and the checks when it is not.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "in a test a panic is the verdict"
)]
#![allow(clippy::print_stdout, reason = "a test program tells its result")]
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "a test looks at what it asks for"
)]

use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::Child;

use vestibule_control::{FromSfu, ToSfu, decode, encode};
use vestibule_sfu::SfuConfig;

fn main() {
    let mut args = std::env::args().skip(1);
    if args.next().as_deref() == Some("sfu") {
        let config = SfuConfig::from_args(args).unwrap();
        vestibule_sfu::run(&config, vestibule_sfu::inherited_listener().unwrap()).unwrap();
        return;
    }
    starts_is_linked_again_and_shuts_down();
    // In the words of the test harness, for who adds results up.
    println!("test starts_is_linked_again_and_shuts_down ... ok\n");
    println!("test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out");
}

fn starts_is_linked_again_and_shuts_down() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sfu.sock");
    let config = SfuConfig {
        bind: [127, 0, 0, 1].into(),
        workers: 2,
        ..SfuConfig::default()
    };
    let program = std::env::current_exe().unwrap();
    let listener = UnixListener::bind(&path).unwrap();
    let mut child = vestibule_sfu::command(&program, &config, listener)
        .spawn()
        .unwrap();

    let mut first = UnixStream::connect(&path).unwrap();
    assert_eq!(hello(&mut first), child.id());
    // A signaling process that is killed leaves the socket closed, and the next one finds the same SFU.
    drop(first);
    let mut second = UnixStream::connect(&path).unwrap();
    assert_eq!(hello(&mut second), child.id());
    writes_no_file(&child);
    outlives_the_terminal(&child);
    second
        .write_all(&encode(&ToSfu::Shutdown).unwrap())
        .unwrap();
    assert!(child.wait().unwrap().success());
}

/// Says hello, and gives the process that answers.
fn hello(stream: &mut UnixStream) -> u32 {
    let hello = ToSfu::Hello { version: 1 };
    stream.write_all(&encode(&hello).unwrap()).unwrap();
    let mut length = [0; 4];
    stream.read_exact(&mut length).unwrap();
    let mut body = vec![0; u32::from_be_bytes(length) as usize];
    stream.read_exact(&mut body).unwrap();
    match decode(&body).unwrap() {
        FromSfu::Hello { pid, .. } => pid,
        other => panic!("not a hello: {other:?}"),
    }
}

/// What is open for writing is sockets, pipes and event counters, and what the parent passed on.
fn writes_no_file(child: &Child) {
    let directory = format!("/proc/{}", child.id());
    for entry in fs::read_dir(format!("{directory}/fd")).unwrap() {
        let entry = entry.unwrap();
        let number = entry.file_name().into_string().unwrap();
        let info = fs::read_to_string(format!("{directory}/fdinfo/{number}")).unwrap();
        let flags = info
            .lines()
            .find_map(|line| line.strip_prefix("flags:"))
            .unwrap();
        let writable = u32::from_str_radix(flags.trim(), 8).unwrap() & 3 != 0;
        let target = fs::read_link(entry.path()).unwrap();
        let file = target.is_absolute() && target.is_file();
        let inherited = ["1", "2"].contains(&number.as_str());
        assert!(
            !(file && writable) || inherited,
            "{} is open for writing",
            target.display()
        );
    }
}

/// A process group of its own: the terminal's signals are for the parent's.
fn outlives_the_terminal(child: &Child) {
    let stat = fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap();
    let (_, fields) = stat.rsplit_once(") ").unwrap();
    let group = fields.split(' ').nth(2).unwrap();
    assert_eq!(group, child.id().to_string());
}
