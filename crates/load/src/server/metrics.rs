//! The metrics of a server that this tool started: where they are read, and what they tell of drops.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::time::Duration;

use anyhow::Context as _;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::http::exchange;
use crate::drops::Drops;
use crate::limits::{METRICS, METRICS_BYTES};

/// Where a server tells its metrics.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Metrics(SocketAddr);

/// Where the addresses begin that processes have here, each its own: 22 bits are what Linux numbers processes with. All of
/// 127.0.0.0/8 is this machine (RFC 1122 section 3.2.1.3), and people come from further below.
const FIRST: Ipv4Addr = Ipv4Addr::new(127, 64, 0, 0);
const PROCESSES: u32 = (1 << 22) - 1;

impl Metrics {
    /// Chooses an address for a server that is about to start. It tells nobody which port it got, so it is given one that is
    /// free, where no other run of this tool looks for one.
    pub(crate) fn choose() -> io::Result<Self> {
        let own = FIRST.to_bits() | (std::process::id() & PROCESSES);
        let found = TcpListener::bind((Ipv4Addr::from_bits(own), 0))?;
        found.local_addr().map(Self)
    }

    pub(crate) fn address(self) -> SocketAddr {
        self.0
    }

    /// What the server has dropped since it started.
    pub(crate) fn drops(self) -> anyhow::Result<Drops> {
        self.drops_within(METRICS)
    }

    fn drops_within(self, patience: Duration) -> anyhow::Result<Drops> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        // A timer is made where it can be waited for: within the runtime.
        let page = async { timeout(patience, self.page()).await };
        let page = runtime.block_on(page);
        let page = page.context("its metrics took too long")??;
        Drops::read(&page).context("its metrics do not tell of drops")
    }

    async fn page(self) -> anyhow::Result<String> {
        let stream = TcpStream::connect(self.0).await;
        let stream = stream.context("its metrics cannot be reached")?;
        let request = format!("GET /metrics HTTP/1.1\r\nHost: {}\r\n\r\n", self.0);
        let answer = exchange(stream, &request, METRICS_BYTES).await?;
        anyhow::ensure!(answer.is_ok, "it refused to tell its metrics");
        Ok(answer.body)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::time::Duration;

    use super::Metrics;
    use crate::limits::METRICS_BYTES;

    /// What comes of it when a server answers a request so.
    fn told(answer: &str) -> Result<String, String> {
        let metrics = Metrics::choose().unwrap();
        let listener = TcpListener::bind(metrics.address()).unwrap();
        let answer = answer.to_owned();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 1024];
            let length = stream.read(&mut request).unwrap();
            // Who reads no more than it may hangs up in the middle.
            let _ = stream.write_all(answer.as_bytes());
            String::from_utf8(request[..length].to_vec()).unwrap()
        });
        let drops = metrics.drops();
        assert!(server.join().unwrap().starts_with("GET /metrics HTTP/1.1"));
        let drops = drops.map_err(|error| error.to_string())?;
        Ok(drops.told().unwrap())
    }

    const LINE: &str = "vestibule_sfu_dropped_total{worker=\"0\",reason=\"turn_too_late\"} 7\n";

    #[test]
    fn a_server_is_asked_and_its_answer_read() {
        let told = told(&format!("HTTP/1.1 200 OK\r\nx: y\r\n\r\n{LINE}"));
        assert_eq!(told.as_deref(), Ok("7 turn_too_late"));
    }

    #[test]
    fn an_answer_that_tells_nothing_is_said_to_be_none() {
        let says = |answer: &str, why: &str| assert_eq!(told(answer), Err(why.to_owned()));
        let page = format!("\r\n\r\n{LINE}");
        let refused = format!("HTTP/1.1 404 Not Found{page}");
        says(&refused, "it refused to tell its metrics");
        says("220 mail.example", "its answer is not HTTP");
        says(
            "HTTP/1.1 200 OK\r\n\r\n",
            "its metrics do not tell of drops",
        );
        let long = LINE.repeat(METRICS_BYTES as usize / LINE.len() + 1);
        let long = format!("HTTP/1.1 200 OK\r\n\r\n{long}");
        says(&long, "its answer is too long");
    }

    #[test]
    fn a_server_that_does_not_answer_holds_nobody_up() {
        let metrics = Metrics::choose().unwrap();
        let why = || {
            let drops = metrics.drops_within(Duration::from_millis(20));
            drops.unwrap_err().to_string()
        };
        assert_eq!(why(), "its metrics cannot be reached");
        // The kernel takes the connection, and nobody reads from it.
        let _silent = TcpListener::bind(metrics.address()).unwrap();
        assert_eq!(why(), "its metrics took too long");
    }
}
