//! From the name of a host to its addresses.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;

/// The addresses of a name, when they are there.
pub type Addresses = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

/// What knows the addresses of names. It is asked once for each attempt; what it says is judged, and connected to.
pub trait Resolver: Send + Sync + 'static {
    /// The addresses of this host, with this port.
    fn resolve(&self, host: &str, port: u16) -> Addresses;
}

/// The system's.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemResolver;

impl Resolver for SystemResolver {
    fn resolve(&self, host: &str, port: u16) -> Addresses {
        let host = host.to_owned();
        Box::pin(async move {
            let found = tokio::net::lookup_host((host.as_str(), port)).await?;
            Ok(found.collect())
        })
    }
}
