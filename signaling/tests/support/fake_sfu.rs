//! An SFU that does what a test says, in this process; what the server starts is only `sleep`.

use std::os::unix::net::UnixListener as StdListener;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;
use vestibule_control::{CONTROL_VERSION, CallPlan, FromSfu, ToSfu, read_frame, write_frame};
use vestibule_signaling::Launch;
use vestibule_vocab::CallId;

const PATIENCE: Duration = Duration::from_secs(10);

/// Where launched SFUs turn up.
pub struct Launches(UnboundedReceiver<StdListener>);

/// A way to launch fakes, and where they turn up.
pub fn fakes() -> (Launch, Launches) {
    let (sender, receiver) = unbounded_channel();
    let launch = move |listener| {
        sender.send(listener).unwrap();
        let mut command = Command::new("sleep");
        command.arg("60");
        command
    };
    (Arc::new(launch), Launches(receiver))
}

impl Launches {
    /// The next SFU that is launched, up and without calls.
    pub async fn next(&mut self) -> FakeSfu {
        let listener = timeout(PATIENCE, self.0.recv()).await.unwrap().unwrap();
        listener.set_nonblocking(true).unwrap();
        let listener = UnixListener::from_std(listener).unwrap();
        FakeSfu::accept(listener, CONTROL_VERSION, Vec::new()).await
    }
}

/// One SFU with its control link.
pub struct FakeSfu {
    listener: UnixListener,
    reader: OwnedReadHalf,
    writer: OwnedWriteHalf,
}

impl FakeSfu {
    /// Takes a link, and says hello.
    pub async fn accept(listener: UnixListener, version: u16, calls: Vec<CallId>) -> Self {
        let (stream, _) = timeout(PATIENCE, listener.accept()).await.unwrap().unwrap();
        let (reader, writer) = UnixStream::into_split(stream);
        let mut fake = Self {
            listener,
            reader,
            writer,
        };
        assert!(matches!(fake.next().await, Some(ToSfu::Hello { .. })));
        let pid = std::process::id();
        fake.say(FromSfu::Hello {
            version,
            pid,
            calls,
        })
        .await;
        fake
    }

    /// Lives on without its link, and takes the next one.
    pub async fn relink(self, calls: Vec<CallId>) -> Self {
        let listener = self.listener;
        drop((self.reader, self.writer));
        Self::accept(listener, CONTROL_VERSION, calls).await
    }

    /// What it is told next; `None` when the link is gone.
    pub async fn next(&mut self) -> Option<ToSfu> {
        let frame = timeout(PATIENCE, read_frame(&mut self.reader)).await;
        frame.expect("the SFU is told something").ok()
    }

    pub async fn say(&mut self, message: FromSfu) {
        write_frame(&mut self.writer, &message).await.unwrap();
    }

    /// The plan that it is given next.
    pub async fn plan(&mut self) -> CallPlan {
        match self.next().await {
            Some(ToSfu::SetCall(plan)) => plan,
            other => panic!("{other:?}"),
        }
    }
}
