//! A PostgreSQL server of the tests' own, in a temporary directory, with a database for each test.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "shared by test binaries that each use their own part; a test says by a panic what is wrong"
)]

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Who owns the databases, and the password that is asked for over TCP.
const OWNER: &str = "vestibule";
const PASSWORD: &str = "correct horse";

/// PostgreSQL refuses to run as root: then it runs as `nobody`.
const NOBODY: u32 = 65_534;

/// A start takes a second or two; more when much else runs.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs the server until standard input ends, which it does with the test process, however that ends. The directory
/// goes then, unless there was a word that it is needed still.
const GUARDIAN: &str = r#"
trap '' INT
"$@" </dev/null >>"$DIRECTORY/log" 2>&1 &
server=$!
echo "$server"
read -r keep
kill -QUIT "$server"
wait "$server"
[ -n "$keep" ] || rm -rf "$DIRECTORY"
"#;

/// A running server.
pub struct Cluster {
    directory: PathBuf,
    port: u16,
    settings: &'static [&'static str],
    server: Server,
    databases: AtomicU32,
}

/// The server's process and what watches over it.
struct Server {
    guardian: Child,
    pid: u32,
}

/// Where the database of this address listens, and the address by way of somebody in between.
pub fn by_way_of(url: &str, near: SocketAddr) -> (SocketAddr, String) {
    let (before, rest) = url.rsplit_once('@').unwrap();
    let (far, name) = rest.split_once('/').unwrap();
    (far.parse().unwrap(), format!("{before}@{near}/{name}"))
}

/// The server that all tests of this process share. Its data need not outlive the machine.
pub fn shared() -> &'static Cluster {
    static SHARED: OnceLock<Cluster> = OnceLock::new();
    SHARED.get_or_init(|| Cluster::start(&["fsync=off"]))
}

impl Cluster {
    /// Makes a server with these settings changed, and waits until it answers.
    pub fn start(settings: &'static [&'static str]) -> Self {
        Self::make(settings, None)
    }

    /// Makes a server that offers TLS with this certificate and key, both PEM.
    pub fn start_with_tls(certificate: &str, key: &str) -> Self {
        Self::make(&["fsync=off", "ssl=on"], Some((certificate, key)))
    }

    fn make(settings: &'static [&'static str], tls: Option<(&str, &str)>) -> Self {
        let directory = tempfile::Builder::new()
            .prefix("vestibule-postgres-")
            .tempdir()
            .unwrap()
            .keep();
        if let Some(user) = other_user() {
            chown(&directory, Some(user), Some(user)).unwrap();
        }
        let password = directory.join("password");
        fs::write(&password, PASSWORD).unwrap();
        must_work(
            tool("initdb")
                .args([
                    "--no-sync",
                    "--encoding=UTF8",
                    "--locale=C",
                    "--username",
                    OWNER,
                ])
                .args([
                    "--auth-local=trust",
                    "--auth-host=scram-sha-256",
                    "--pwfile",
                ])
                .arg(&password)
                .arg("--pgdata")
                .arg(directory.join("data")),
        );
        if let Some((certificate, key)) = tls {
            private_file(&directory.join("data/server.crt"), certificate);
            private_file(&directory.join("data/server.key"), key);
        }
        let port = free_port();
        let server = serve(&directory, port, settings);
        let databases = AtomicU32::new(0);
        Self {
            directory,
            port,
            settings,
            server,
            databases,
        }
    }

    /// The address of a new database, over the server's socket.
    pub fn database(&self) -> String {
        let socket = self.directory.to_str().unwrap().replace('/', "%2F");
        format!(
            "postgres://{OWNER}@{socket}:{}/{}",
            self.port,
            self.new_name()
        )
    }

    /// The address of a new database, over TCP and with a password.
    pub fn database_by_tcp(&self) -> String {
        let password = PASSWORD.replace(' ', "%20");
        let name = self.new_name();
        format!(
            "postgres://{OWNER}:{password}@127.0.0.1:{}/{name}",
            self.port
        )
    }

    fn new_name(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        must_work(self.client("createdb").arg(&name));
        name
    }

    fn client(&self, name: &str) -> Command {
        let mut command = tool(name);
        command.arg("--host").arg(&self.directory);
        command.args(["--username", OWNER, "--port", &self.port.to_string()]);
        command
    }

    /// `kill -9` of the server, all of its processes.
    pub fn kill_nine(&mut self) {
        self.server.kill_nine();
    }

    /// A start on what it left.
    pub fn restart(&mut self) {
        self.server = serve(&self.directory, self.port, self.settings);
    }
}

impl Server {
    /// Stopped first, so that no child is missed.
    fn kill_nine(&mut self) {
        send("STOP", self.pid);
        let mut all = children(self.pid);
        all.push(self.pid);
        self.guardian
            .stdin
            .take()
            .unwrap()
            .write_all(b"keep\n")
            .unwrap();
        for pid in &all {
            send("KILL", *pid);
        }
        self.guardian.wait().unwrap();
        // Shared memory that somebody still holds would keep the next server from starting.
        while all.iter().any(|pid| is_running(*pid)) {
            sleep(Duration::from_millis(1));
        }
    }
}

/// One that is gone already is fine.
fn send(signal: &str, pid: u32) {
    let _ = Command::new("kill")
        .args([format!("-{signal}"), pid.to_string()])
        .stderr(Stdio::null())
        .status();
}

fn children(pid: u32) -> Vec<u32> {
    let listed = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
    listed
        .split_whitespace()
        .map(|it| it.parse().unwrap())
        .collect()
}

fn is_running(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat.rsplit(')').next().unwrap_or_default().trim_start();
    !(state.is_empty() || state.starts_with('Z'))
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.server.guardian.stdin.take());
        let _ = self.server.guardian.wait();
        let _ = fs::remove_dir_all(&self.directory);
    }
}

fn serve(directory: &Path, port: u16, settings: &[&str]) -> Server {
    let mut command = Command::new("sh");
    command.args(["-c", GUARDIAN, "guardian"]);
    command
        .arg(path_of("postgres"))
        .arg("-D")
        .arg(directory.join("data"));
    command
        .arg("-k")
        .arg(directory)
        .arg("-p")
        .arg(port.to_string());
    for setting in [
        &["listen_addresses=127.0.0.1", "timezone=Asia/Tokyo"],
        settings,
    ]
    .concat()
    {
        command.args(["-c", setting]);
    }
    as_other_user(&mut command);
    let mut guardian = command
        .env("DIRECTORY", directory)
        .current_dir(directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        // The shell would tell of each kill.
        .stderr(Stdio::null())
        .spawn()
        .expect("sh cannot be run");
    let pid = first_line(&mut guardian).trim().parse().unwrap();
    await_answer(directory, port);
    Server { guardian, pid }
}

fn first_line(guardian: &mut Child) -> String {
    let mut line = String::new();
    let output = guardian.stdout.take().unwrap();
    BufReader::new(output).read_line(&mut line).unwrap();
    line
}

fn await_answer(directory: &Path, port: u16) {
    let began = Instant::now();
    loop {
        let answer = tool("pg_isready")
            .arg("--host")
            .arg(directory)
            .args(["--quiet", "--port", &port.to_string()])
            .status();
        if answer.unwrap().success() {
            return;
        }
        let log = fs::read_to_string(directory.join("log")).unwrap_or_default();
        let late = began.elapsed() > PATIENCE;
        assert!(!late, "PostgreSQL does not start; its log says:\n{log}");
        sleep(Duration::from_millis(20));
    }
}

/// PostgreSQL takes no key that others can read.
fn private_file(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    if let Some(user) = other_user() {
        chown(path, Some(user), Some(user)).unwrap();
    }
}

fn free_port() -> u16 {
    let probe = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    probe.local_addr().unwrap().port()
}

/// A program of PostgreSQL's, run as somebody who may.
fn tool(name: &str) -> Command {
    let mut command = Command::new(path_of(name));
    as_other_user(&mut command);
    command.current_dir("/");
    command
}

fn as_other_user(command: &mut Command) {
    if let Some(user) = other_user() {
        command.uid(user).gid(user);
    }
}

fn other_user() -> Option<u32> {
    let own = fs::metadata("/proc/self").unwrap().uid();
    (own == 0).then_some(NOBODY)
}

/// Debian keeps the server's programs out of the path.
fn path_of(name: &str) -> PathBuf {
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let debian = debian.filter_map(|version| Some(version.ok()?.path().join("bin")));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = debian
        .chain(std::env::split_paths(&path))
        .map(|folder| folder.join(name))
        .find(|program| program.exists());
    found.unwrap_or_else(|| {
        panic!("PostgreSQL's `{name}` is not there; `scripts/bootstrap.sh test` installs it")
    })
}

fn must_work(command: &mut Command) {
    let Output { status, stderr, .. } = command.output().unwrap_or_else(|why| {
        panic!(
            "PostgreSQL's {:?} cannot be run: {why}",
            command.get_program()
        )
    });
    let told = String::from_utf8_lossy(&stderr);
    assert!(status.success(), "{:?}: {told}", command.get_program());
}
