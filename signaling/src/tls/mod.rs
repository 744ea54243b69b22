//! TLS: a certificate that was given and is read again on request, or one that we sign ourselves.

mod self_signed;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum_server::tls_rustls::RustlsConfig;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem};

pub(crate) use self_signed::{ServedNames, served_names};

use crate::identity::KeyFileError;

/// Where the certificate comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Certificate {
    /// A chain and its key, in PEM files.
    Given {
        /// The chain, the server's own certificate first.
        chain: PathBuf,
        /// Its private key.
        key: PathBuf,
    },
    /// Signed by its own key, for this machine's addresses, and kept in the data directory.
    SelfSigned,
}

/// The certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file that is missing, or not PEM.
    #[error("{} cannot be read: {source}", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        source: pem::Error,
    },
    /// The key is not the certificate's, or of an unknown kind.
    #[error("the certificate and its key cannot be used: {0}")]
    Unusable(#[from] rustls::Error),
    /// The self-signed certificate could not be made.
    #[error("the self-signed certificate could not be made: {0}")]
    SelfSigned(#[from] rcgen::Error),
    /// The self-signed certificate could not be kept.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
}

/// The certificate in use, for the listener and for whoever renews it.
#[derive(Clone)]
pub(crate) struct Tls {
    certificate: Certificate,
    config: RustlsConfig,
}

impl Tls {
    /// Reads or makes the certificate.
    pub(crate) fn load(
        certificate: Certificate,
        data: &Path,
        names: &ServedNames,
        now: vestibule_vocab::Timestamp,
    ) -> Result<Self, TlsError> {
        let config = match &certificate {
            Certificate::Given { chain, key } => given(chain, key)?,
            Certificate::SelfSigned => server_config(&self_signed::keep(data, names, now)?)?,
        };
        Ok(Self {
            certificate,
            config: RustlsConfig::from_config(Arc::new(config)),
        })
    }

    /// Reads a given certificate again, for the handshakes to come. On an error the old one stays.
    pub(crate) fn reload(&self) -> Result<(), TlsError> {
        if let Certificate::Given { chain, key } = &self.certificate {
            let config = given(chain, key)?;
            self.config.reload_from_config(Arc::new(config));
        }
        Ok(())
    }

    /// People may come to rely on the certificate.
    pub(crate) fn is_given(&self) -> bool {
        match self.certificate {
            Certificate::Given { .. } => true,
            Certificate::SelfSigned => false,
        }
    }

    pub(crate) fn config(&self) -> RustlsConfig {
        self.config.clone()
    }
}

/// A chain and its key.
struct KeyedChain {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

fn given(chain: &Path, key: &Path) -> Result<ServerConfig, TlsError> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        move |source| TlsError::Unreadable { path, source }
    };
    let certificates = CertificateDer::pem_file_iter(chain).map_err(unreadable(chain))?;
    let certificates: Result<Vec<_>, _> = certificates.collect();
    server_config(&KeyedChain {
        chain: certificates.map_err(unreadable(chain))?,
        key: PrivateKeyDer::from_pem_file(key).map_err(unreadable(key))?,
    })
}

/// HTTP/1.1 only: WebSockets need it, and one protocol is less to guard than two.
fn server_config(keyed: &KeyedChain) -> Result<ServerConfig, TlsError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(keyed.chain.clone(), keyed.key.clone_key())?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
