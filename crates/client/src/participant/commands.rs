//! What the owner of a participant asks of it.

use tokio::sync::oneshot;
use vestibule_protocol::client::Request;
use vestibule_protocol::server::Reply;

use crate::Error;
use crate::media::Clip;

pub(super) enum Command {
    /// To be asked of the server.
    Ask(Box<Request>, oneshot::Sender<Result<Reply, Error>>),
    /// To be written to the others.
    Say { id: String, text: String },
    /// To be shown instead of the present picture.
    Show(Option<Clip>),
}
