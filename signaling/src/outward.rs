//! Connections from the server to others: to receivers of webhooks, and to the identity provider. Nothing here follows a
//! redirect or asks a proxy.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, IpAddr as TlsAddress, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use url::Host;

use crate::limits;

/// Certificate authorities that were given cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the certificate authorities in {} cannot be used: {why}", path.display())]
pub struct BadRoots {
    path: PathBuf,
    why: String,
}

/// How TLS is spoken with others: they are known by the authorities that browsers trust, and by those of this file.
pub(crate) fn tls(roots: Option<&Path>) -> Result<TlsConnector, BadRoots> {
    let mut known = RootCertStore::empty();
    known.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    if let Some(path) = roots {
        add(&mut known, path)?;
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|why| BadRoots {
            path: roots.map(Path::to_owned).unwrap_or_default(),
            why: why.to_string(),
        })?;
    let mut config = config.with_root_certificates(known).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsConnector::from(Arc::new(config)))
}

fn add(roots: &mut RootCertStore, path: &Path) -> Result<(), BadRoots> {
    let bad = |why: String| BadRoots {
        path: path.to_owned(),
        why,
    };
    let found = CertificateDer::pem_file_iter(path).map_err(|why| bad(why.to_string()))?;
    let mut count = 0_usize;
    for certificate in found {
        let certificate = certificate.map_err(|why| bad(why.to_string()))?;
        roots.add(certificate).map_err(|why| bad(why.to_string()))?;
        count = count.saturating_add(1);
    }
    if count == 0 {
        return Err(bad("there is no certificate in it".to_owned()));
    }
    Ok(())
}

/// A connection to the first of these addresses that takes one.
pub(crate) async fn connect(addresses: &[SocketAddr]) -> Option<TcpStream> {
    for address in addresses.iter().take(limits::OUTWARD_ADDRESSES) {
        let stream = timeout(limits::OUTWARD_CONNECT, TcpStream::connect(address)).await;
        if let Ok(Ok(stream)) = stream {
            return Some(stream);
        }
    }
    None
}

/// The name that a certificate is to have.
pub(crate) fn server_name(host: &Host<&str>) -> Option<ServerName<'static>> {
    let address = |ip: IpAddr| Some(ServerName::IpAddress(TlsAddress::from(ip)));
    match host {
        Host::Domain(name) => ServerName::try_from((*name).to_owned()).ok(),
        Host::Ipv4(ip) => address((*ip).into()),
        Host::Ipv6(ip) => address((*ip).into()),
    }
}
