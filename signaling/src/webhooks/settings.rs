//! What webhooks are sent with.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ipnet::IpNet;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

use super::resolver::{Resolver, SystemResolver};

/// What webhooks are sent with.
#[derive(Clone)]
pub struct WebhookSettings {
    /// Addresses that may be sent to although they are not public, without encryption too.
    pub allow_private: Vec<IpNet>,
    /// A file with certificate authorities (PEM) that are trusted beside those that browsers trust.
    pub roots: Option<PathBuf>,
    /// What knows the addresses of names.
    pub resolver: Arc<dyn Resolver>,
}

impl Default for WebhookSettings {
    fn default() -> Self {
        Self {
            allow_private: Vec::new(),
            roots: None,
            resolver: Arc::new(SystemResolver),
        }
    }
}

impl fmt::Debug for WebhookSettings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("WebhookSettings")
            .field("allow_private", &self.allow_private)
            .field("roots", &self.roots)
            .finish_non_exhaustive()
    }
}

/// The certificate authorities for webhooks cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the certificate authorities for webhooks in {} cannot be used: {why}", path.display())]
pub struct BadRoots {
    path: PathBuf,
    why: String,
}

impl WebhookSettings {
    /// How TLS is spoken with receivers.
    pub(super) fn tls(&self) -> Result<ClientConfig, BadRoots> {
        let mut roots = RootCertStore::empty();
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        if let Some(path) = &self.roots {
            add(&mut roots, path)?;
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|why| self.bad(&why))?;
        let mut config = config.with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }

    fn bad(&self, why: &rustls::Error) -> BadRoots {
        BadRoots {
            path: self.roots.clone().unwrap_or_default(),
            why: why.to_string(),
        }
    }
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
