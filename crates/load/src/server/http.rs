//! One request of HTTP, and its answer.

use anyhow::Context as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What a server answered.
pub(super) struct Answer {
    /// Whether it is what was asked for.
    pub(super) is_ok: bool,
    pub(super) body: String,
}

/// Asks for something on a connection that the server closes behind its answer, which has at most so many bytes.
pub(super) async fn exchange(
    mut stream: TcpStream,
    request: &str,
    most: u64,
) -> anyhow::Result<Answer> {
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    let mut bounded = stream.take(most);
    bounded.read_to_string(&mut answer).await?;
    // Of a longer one it would be taken for the whole.
    anyhow::ensure!(bounded.limit() > 0, "its answer is too long");
    Answer::read(&answer)
}

impl Answer {
    pub(super) fn read(answer: &str) -> anyhow::Result<Self> {
        let parts = answer.split_once("\r\n\r\n");
        let (head, body) = parts.context("its answer is not HTTP")?;
        Ok(Self {
            is_ok: head.split(' ').nth(1) == Some("200"),
            body: body.to_owned(),
        })
    }
}
