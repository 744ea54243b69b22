//! The program as its operator meets it: started, killed, stopped, refused.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says by a panic what is wrong"
)]

#[path = "../../../signaling/tests/support/client/mod.rs"]
mod client;
mod support;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Instant;

use support::{PATIENCE, Serving, await_end, free_port, is_running, program, send};

fn get(server: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(server).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn the_pages_behind_the_links_are_served() {
    let data = tempfile::tempdir().unwrap();
    let serving = Serving::start(data.path(), free_port(), &[]);
    for path in ["/", "/visit", "/console"] {
        let page = get(serving.address(), path);
        assert!(page.starts_with("HTTP/1.1 200"), "{path}: {page:.80}");
        assert!(page.contains("text/html"), "{path}");
    }
    assert!(get(serving.address(), "/readyz").starts_with("HTTP/1.1 200"));
    serving.end_by("TERM");
}

#[test]
fn an_sfu_that_is_killed_is_started_again() {
    let data = tempfile::tempdir().unwrap();
    let serving = Serving::start(data.path(), free_port(), &[]);
    let first = serving.sfu_pid();
    send("KILL", first);
    let second = serving.event("sfu_started")["sfu_pid"].as_u64().unwrap();
    assert_ne!(u64::from(first), second);
    assert!(is_running(u32::try_from(second).unwrap()));
    serving.end_by("TERM");
}

#[test]
fn an_sfu_outlives_signaling_and_is_adopted() {
    let data = tempfile::tempdir().unwrap();
    let port = free_port();
    let first = Serving::start(data.path(), port, &[]);
    let (sfu, patient_link) = (first.sfu_pid(), first.ready["patient_link"].clone());
    first.kill_nine();
    assert!(is_running(sfu));
    let second = Serving::start(data.path(), port, &[]);
    assert_eq!(second.sfu_pid(), sfu);
    assert_eq!(second.ready["patient_link"], patient_link);
    second.end_by("TERM");
    await_end(sfu);
}

#[test]
fn a_signal_to_stop_ends_everything_without_an_error() {
    for signal in ["TERM", "INT"] {
        let data = tempfile::tempdir().unwrap();
        let serving = Serving::start(data.path(), free_port(), &[]);
        let sfu = serving.sfu_pid();
        // Somebody who is connected, and does not go by himself.
        let _idle = TcpStream::connect(serving.address()).unwrap();
        let status = serving.end_by(signal);
        assert_eq!(status.code(), Some(0), "{signal}");
        await_end(sfu);
        let journal = data.path().join("vestibule.sqlite3-wal");
        let left = std::fs::metadata(journal).map_or(0, |journal| journal.len());
        assert_eq!(left, 0, "the journal is in the store");
    }
}

#[test]
fn what_cannot_be_served_is_said_in_a_sentence() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path().to_str().unwrap();
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    for (arguments, word) in [
        (vec!["--listen", &taken], "taken by another program"),
        (vec!["--listen", "0.0.0.0:0"], "--https"),
        (
            vec!["--listen", "127.0.0.1:0", "--public-url", "clinic"],
            "https://clinic.example",
        ),
        (vec!["--no-http"], "neither http nor https"),
        (
            vec![
                "--listen",
                "127.0.0.1:0",
                "--https",
                "127.0.0.1:0",
                "--tls-cert",
                "/nowhere",
                "--tls-key",
                "/nowhere",
            ],
            "/nowhere",
        ),
    ] {
        let output = program(&["serve", "--data", data])
            .args(&arguments)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            said.starts_with("vestibule: ") && said.contains(word),
            "{said}"
        );
    }
}

#[test]
fn a_store_that_is_none_is_told_without_its_password() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path().to_str().unwrap();
    let nobody = format!("postgres://ada:lovelace@127.0.0.1:{}/clinic", free_port());
    for (url, why) in [
        (
            "mysql://ada:lovelace@localhost/clinic",
            "--store: the store's address has the form",
        ),
        (
            "postgres://ada:lovelace@localhost/c?pasword=lovelace",
            "a parameter that is not known",
        ),
        (nobody.as_str(), "cannot be reached"),
    ] {
        let mut command = program(&["serve", "--data", data, "--listen", "127.0.0.1:0"]);
        let output = command
            .args(["--log", "trace", "--store", url])
            .output()
            .unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{told}");
        let last = told.lines().last().unwrap_or_default();
        assert!(
            last.starts_with("vestibule: ") && last.contains(why),
            "{told}"
        );
        assert!(!told.contains("lovelace"), "{told}");
    }
    let mut command = program(&["serve", "--help"]);
    let output = command.env("VESTIBULE_STORE", &nobody).output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    assert!(help.contains("VESTIBULE_STORE") && !help.contains("lovelace"));
}

#[test]
fn a_name_that_fits_on_no_page_is_refused_in_a_sentence() {
    for name in ["", "  ", "a\nb", &"x".repeat(101)] {
        let output = program(&["serve", "--clinic-name", name]).output().unwrap();
        assert!(!output.status.success());
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("1 to 100 characters"), "{said}");
    }
}

#[test]
fn one_data_directory_has_one_server() {
    let data = tempfile::tempdir().unwrap();
    let serving = Serving::start(data.path(), free_port(), &[]);
    let output = program(&["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(data.path())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("another server is running"), "{said}");
    serving.end_by("TERM");
}

/// What stands in the table of the data directory's files.
fn documented_files() -> Vec<String> {
    let document = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/operations.md");
    let document = std::fs::read_to_string(document).unwrap();
    let (_, section) = document
        .split_once("## What is in the data directory")
        .unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let names = rows.flat_map(|row| row.split('|').nth(1).unwrap().split(','));
    names
        .map(|name| name.trim().trim_matches('`').to_owned())
        .collect()
}

#[test]
fn the_table_of_the_data_directory_names_every_file_and_no_other() {
    let data = tempfile::tempdir().unwrap();
    let serving = Serving::start(data.path(), free_port(), &["--https", "127.0.0.1:0"]);
    let files = std::fs::read_dir(data.path()).unwrap();
    let files = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut files: Vec<_> = files.collect();
    let mut documented = documented_files();
    files.sort();
    documented.sort();
    assert_eq!(files, documented);
    serving.end_by("TERM");
}

/// A server that a test which fails leaves no process of.
struct Welcoming(Child);

impl Drop for Welcoming {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What a server says to people until it is up, and the server.
fn welcome(data: &Path, arguments: &[&str]) -> (String, Welcoming) {
    let mut child = program(&["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(data)
        .args(["--media-ip", "127.0.0.1"])
        .args(arguments)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = child.stdout.as_mut().unwrap();
    let mut said = String::new();
    let mut buffer = [0; 1024];
    while !said.contains("Ctrl-C") {
        let length = output.read(&mut buffer).unwrap();
        assert_ne!(length, 0, "{said}");
        said += &String::from_utf8_lossy(&buffer[..length]);
    }
    (said, Welcoming(child))
}

fn stop(mut server: Welcoming) {
    send("TERM", server.0.id());
    assert_eq!(server.0.wait().unwrap().code(), Some(0));
}

#[test]
fn people_get_links_and_a_word_about_phones() {
    let data = tempfile::tempdir().unwrap();
    let (said, child) = welcome(data.path(), &[]);
    for part in [
        "/console#j=",
        "good for one browser, within 12 hours",
        "/visit#w=",
        "start with --phone",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert!(!said.contains('█'), "no phone can open this: {said}");
    stop(child);
}

#[test]
fn a_link_that_leads_here_from_elsewhere_has_a_code_to_scan() {
    let data = tempfile::tempdir().unwrap();
    let named = ["--public-url", "https://consult.example.org"];
    let (said, child) = welcome(data.path(), &named);
    for part in ["https://consult.example.org/visit#w=", "█"] {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert!(!said.contains("cannot open these links"), "{said}");
    stop(child);
}

/// Phones are led to the name that the certificate is for, and not to an address that it is not for.
#[test]
fn a_certificate_of_the_clinics_own_is_not_called_self_signed() {
    let files = tempfile::tempdir().unwrap();
    write_certificate(files.path());
    let path = |name| files.path().join(name).to_str().unwrap().to_owned();
    let (chain, key) = (path("chain.pem"), path("key.pem"));
    let own = [
        "--https",
        "0.0.0.0:0",
        "--tls-cert",
        &chain,
        "--tls-key",
        &key,
    ];
    let (said, child) = welcome(&files.path().join("unnamed"), &own);
    assert!(!said.contains("signed itself"), "{said}");
    stop(child);

    let named = [&own[..], &["--public-url", "https://consult.example.org"]].concat();
    let (said, child) = welcome(&files.path().join("named"), &named);
    assert!(!said.contains("On a phone"), "{said}");
    for part in ["https://consult.example.org/visit#w=", "█"] {
        assert!(said.contains(part), "{part} in {said}");
    }
    stop(child);
}

/// Whether this machine is in a network is not ours to say: without one there is a word about that.
#[tokio::test]
async fn a_phone_gets_a_link_of_its_own_whatever_port_is_taken() {
    let taken = TcpListener::bind("0.0.0.0:8443");
    let data = tempfile::tempdir().unwrap();
    let (said, child) = welcome(data.path(), &["--phone", "--any-port"]);
    assert!(!said.contains("start with --phone"), "{said}");
    let link = said
        .lines()
        .find_map(|line| line.trim().strip_prefix("On a phone    https://"));
    if let Some(link) = link {
        let (address, rest) = link.split_once('/').unwrap();
        assert!(rest.starts_with("visit#w="), "{link}");
        let address: SocketAddr = address.parse().unwrap();
        assert_ne!(address.port(), 8443);
        assert_eq!(client::secure::get(address, "/healthz").await.0.status, 200);
        assert!(said.contains('█'), "{said}");
    } else {
        assert!(said.contains("no address in"), "{said}");
    }
    stop(child);
    drop(taken);
}

#[tokio::test]
async fn a_renewed_certificate_is_taken_up_on_sighup() {
    let files = tempfile::tempdir().unwrap();
    let first = write_certificate(files.path());
    let port = free_port();
    let address: SocketAddr = ([127, 0, 0, 1], port).into();
    let path = |name| files.path().join(name).to_str().unwrap().to_owned();
    let arguments = [
        "--https",
        &address.to_string(),
        "--tls-cert",
        &path("chain.pem"),
        "--tls-key",
        &path("key.pem"),
    ];
    let serving = Serving::start(&files.path().join("data"), free_port(), &arguments);
    assert_eq!(client::secure::get(address, "/healthz").await.1, first);
    let second = write_certificate(files.path());
    send("HUP", serving.pid());
    let began = Instant::now();
    while client::secure::get(address, "/healthz").await.1 != second {
        assert!(began.elapsed() < PATIENCE, "still the old certificate");
    }
    serving.end_by("TERM");
}

fn write_certificate(directory: &Path) -> Vec<u8> {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(directory.join("chain.pem"), made.cert.pem()).unwrap();
    std::fs::write(directory.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    made.cert.der().to_vec()
}

fn say(arguments: &[&str]) -> (bool, String) {
    let said = program(arguments).output().unwrap();
    let words = [said.stdout, said.stderr].concat();
    (said.status.success(), String::from_utf8(words).unwrap())
}

fn ask_with(server: SocketAddr, key: &str) -> String {
    let mut stream = TcpStream::connect(server).unwrap();
    let request = format!(
        "GET /api/v1/services HTTP/1.1\r\nHost: {server}\r\nAuthorization: Bearer {key}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn keys_for_other_systems_are_made_and_revoked_while_the_server_runs() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().to_str().unwrap();
    let add = ["api-key", "add", "--data", folder, "--label", "Booking"];
    let (done, told) = say(&[&add[..], &["--scope", "services:read"]].concat());
    assert!(!done && told.contains("start the server"), "{told}");

    let serving = Serving::start(data.path(), free_port(), &[]);
    let (done, told) = say(&[&add[..], &["--scope", "service:read"]].concat());
    assert!(!done && told.contains("services:read"), "{told}");
    let (done, key) = say(&[&add[..], &["--scope", "services:read"]].concat());
    assert!(done, "{key}");
    let key = key.trim();
    assert!(ask_with(serving.address(), key).starts_with("HTTP/1.1 200"));

    let (_, list) = say(&["api-key", "list", "--data", folder]);
    assert!(list.contains("Booking") && list.contains("services:read"));
    assert!(!list.contains(key));
    let id = list.split('\t').next().unwrap();
    let (done, told) = say(&["api-key", "revoke", "--data", folder, id]);
    assert!(done, "{told}");
    assert!(ask_with(serving.address(), key).starts_with("HTTP/1.1 401"));
    let (done, told) = say(&["api-key", "revoke", "--data", folder, id]);
    assert!(!done && told.contains("api-key list"), "{told}");
    serving.end_by("TERM");
}

#[test]
fn a_clinic_that_is_refused_is_named_and_no_sfu_stays_behind() {
    let folder = tempfile::tempdir().unwrap();
    let (data, file) = (
        folder.path().join("data"),
        folder.path().join("clinic.json"),
    );
    let practitioner = r#"{ "name": "Dr X", "services": ["B"] }"#;
    let text =
        format!(r#"{{ "services": [{{ "name": "A" }}], "practitioners": [{practitioner}] }}"#);
    std::fs::write(&file, text).unwrap();
    let listen = format!("127.0.0.1:{}", free_port());
    let mut command = program(&["serve", "--media-ip", "127.0.0.1", "--listen", &listen]);
    command.arg("--data").arg(&data).arg("--clinic").arg(&file);
    // Into a file: an SFU that stayed behind would hold a pipe open.
    let log = folder.path().join("log");
    let status = command
        .stderr(std::fs::File::create(&log).unwrap())
        .status();
    assert_eq!(status.unwrap().code(), Some(1));
    let said = std::fs::read_to_string(&log).unwrap();
    let why = format!(
        "--clinic {}: practitioners[0].services[0]: there is no service of this name",
        file.display()
    );
    assert!(said.contains(&why), "{said}");
    assert!(!data.join("sfu.sock").exists(), "an SFU was started");
}
