//! A bad line that runs, and sockets at its ends.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::UdpSocket;
use std::os::fd::AsFd as _;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;
use std::time::Duration;

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use serde_json::Value;
use vestibule_impair::{Direction, Line, Moment};

/// Ends a test that hangs.
pub(crate) const HANGS: Duration = Duration::from_secs(60);
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_vestibule-impair");

/// What a user namespace needs before it can have network namespaces of its own.
const PREPARE: &str = "mount -t tmpfs tmpfs /run && ip link set lo up && exec \"$@\"";

/// Runs a test that makes namespaces. Root may; others may in a user namespace, where the same test is run by
/// a copy of this program.
pub(crate) fn in_own_network<Test: FnOnce()>(test: Test) {
    if rustix::process::geteuid().is_root() {
        return test();
    }
    // The closure is named after the test that it is in.
    let path = std::any::type_name::<Test>().trim_end_matches("::{{closure}}");
    let (_, name) = path.split_once("::").unwrap();
    let copy = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "--net"])
        .args(["sh", "-c", PREPARE, "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", name])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&copy.stdout);
    let complained = String::from_utf8_lossy(&copy.stderr);
    assert!(
        said.contains("1 passed"),
        "in a user namespace, because this is not root: {said}{complained}"
    );
}

/// A line that takes orders from this test and ends with it.
pub(crate) struct BadLine {
    pub(crate) child: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    pub(crate) ready: Value,
}

impl BadLine {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(PROGRAM)
            .args(["run", "--stdin", "--json"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let orders = child.stdin.take();
        let mut answers = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        answers.read_line(&mut line).unwrap();
        let ready = serde_json::from_str(&line).unwrap_or_else(|_| {
            panic!("the line did not start: these tests need root, iproute2 and /dev/net/tun; see its last words above")
        });
        Self {
            child,
            orders,
            answers,
            ready,
        }
    }

    pub(crate) fn word(&self, key: &str) -> &str {
        self.ready[key].as_str().unwrap()
    }

    pub(crate) fn order(&mut self, text: &str) -> Value {
        let orders = self.orders.as_mut().unwrap();
        writeln!(orders, "{text}").unwrap();
        self.answer()
    }

    pub(crate) fn answer(&mut self) -> Value {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    /// Until both directions have counted so many packets.
    pub(crate) fn wait_for(&mut self, counter: &str, count: u64) {
        loop {
            let counters = self.order("counters");
            if ["up", "down"]
                .iter()
                .all(|way| counters[way][counter] == count)
            {
                return;
            }
            let hopeless = counters["seconds"].as_f64().unwrap() > HANGS.as_secs_f64();
            assert!(!hopeless, "{count} {counter}: {counters}");
        }
    }

    /// A socket inside the namespace, and one at the far end that it is connected to.
    pub(crate) fn sockets(&self) -> (UdpSocket, UdpSocket) {
        let far = UdpSocket::bind((self.word("far_address"), 0)).unwrap();
        let near = socket_in(self.word("namespace"), self.word("address"));
        connect(near, far)
    }

    /// Ends it as its owner's end would, and gives its last words.
    pub(crate) fn end(mut self) -> Value {
        drop(self.orders.take());
        let last = self.answer();
        assert!(self.child.wait().unwrap().success());
        last
    }
}

impl Drop for BadLine {
    fn drop(&mut self) {
        drop(self.orders.take());
        let _ = self.child.wait();
    }
}

/// A socket stays in the namespace that it was made in, whoever uses it.
pub(crate) fn socket_in(namespace: &str, address: &str) -> UdpSocket {
    let namespace = File::open(Path::new("/run/netns").join(namespace)).unwrap();
    let address = address.to_owned();
    let make = move || {
        move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network)).unwrap();
        UdpSocket::bind((address.as_str(), 0)).unwrap()
    };
    thread::spawn(make).join().unwrap()
}

pub(crate) fn connect(near: UdpSocket, far: UdpSocket) -> (UdpSocket, UdpSocket) {
    near.connect(far.local_addr().unwrap()).unwrap();
    far.connect(near.local_addr().unwrap()).unwrap();
    for socket in [&near, &far] {
        socket.set_read_timeout(Some(HANGS)).unwrap();
    }
    (near, far)
}

pub(crate) fn send(socket: &UdpSocket, numbers: impl IntoIterator<Item = u64>) {
    for number in numbers {
        socket.send(&number.to_be_bytes()).unwrap();
    }
}

/// The numbers that come until this one has come.
pub(crate) fn receive_until(socket: &UdpSocket, last: u64) -> Vec<u64> {
    let mut numbers = Vec::new();
    while numbers.last() != Some(&last) {
        let mut bytes = [0; 8];
        socket.recv(&mut bytes).unwrap();
        numbers.push(u64::from_be_bytes(bytes));
    }
    numbers
}

/// What the machine makes of the same packets and changes.
pub(crate) struct Foretold(pub(crate) Line<u64>);

impl Foretold {
    pub(crate) fn change(&mut self, text: &str) {
        self.0.change(Moment::default(), &text.parse().unwrap());
    }

    /// The numbers that come through, in their order.
    pub(crate) fn pass(
        &mut self,
        direction: Direction,
        numbers: impl IntoIterator<Item = u64>,
    ) -> Vec<u64> {
        let start = Moment::default();
        for number in numbers {
            self.0.arrive(start, direction, 36, number);
        }
        let departures = std::iter::from_fn(|| self.0.depart(start));
        departures.map(|departure| departure.packet).collect()
    }
}
