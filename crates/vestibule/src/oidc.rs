//! Where people sign in, as the command line says it.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use clap::Args;
use vestibule_signaling::{ClientKey, Issuer, LevelOf, SignInSettings};
use vestibule_vocab::Redacted;

#[derive(Debug, Args)]
pub(crate) struct Oidc {
    /// The OpenID provider that people sign in at, as its metadata name it. What is registered there as the address to come
    /// back to is the address that people see (`--public-url`), with /sign-in behind it. See docs/operations.md.
    #[arg(
        long,
        env = "VESTIBULE_OIDC_ISSUER",
        requires = "oidc_client",
        value_name = "URL"
    )]
    oidc_issuer: Option<Issuer>,

    /// What this server is called there.
    #[arg(
        long,
        env = "VESTIBULE_OIDC_CLIENT",
        requires = "oidc_issuer",
        value_name = "ID"
    )]
    oidc_client: Option<String>,

    /// A file with the secret that it has there; without one, it is a public client.
    #[arg(
        long,
        env = "VESTIBULE_OIDC_SECRET_FILE",
        requires = "oidc_issuer",
        value_name = "FILE"
    )]
    oidc_secret_file: Option<PathBuf>,

    /// A file with the key that it proves there who it is with instead of a secret (private_key_jwt): P-256, PKCS#8, PEM. The
    /// provider finds the public half at /sign-in/keys.
    #[arg(
        long,
        env = "VESTIBULE_OIDC_KEY_FILE",
        requires = "oidc_issuer",
        conflicts_with = "oidc_secret_file",
        value_name = "FILE"
    )]
    oidc_key_file: Option<PathBuf>,

    /// Certificate authorities (PEM) that are trusted with the provider beside those that browsers trust.
    #[arg(
        long,
        env = "VESTIBULE_OIDC_CA",
        requires = "oidc_issuer",
        value_name = "FILE"
    )]
    oidc_ca: Option<PathBuf>,

    /// How surely it is known who signed in with this value of `acr`: low, substantial or high (Regulation (EU) 910/2014);
    /// may be given several times. Whoever signed in otherwise is known no more surely than by a link.
    #[arg(long, requires = "oidc_issuer", value_name = "ACR=LEVEL")]
    oidc_level: Vec<LevelOf>,

    /// A value of `acr` or `amr` that says that there was a second factor; may be given several times. Practitioners sign in
    /// with one of them, and without any not at all.
    #[arg(long, requires = "oidc_issuer", value_name = "VALUE")]
    oidc_second_factor: Vec<String>,
}

impl Oidc {
    pub(crate) fn settings(&self) -> anyhow::Result<Option<SignInSettings>> {
        let (Some(issuer), Some(client)) = (&self.oidc_issuer, &self.oidc_client) else {
            return Ok(None);
        };
        Ok(Some(SignInSettings {
            issuer: issuer.clone(),
            client: client.clone(),
            secret: self.secret()?,
            key: self.key()?,
            roots: self.oidc_ca.clone(),
            levels: self.oidc_level.clone(),
            second_factor: self.oidc_second_factor.clone(),
        }))
    }

    fn key(&self) -> anyhow::Result<Option<ClientKey>> {
        let Some(file) = &self.oidc_key_file else {
            return Ok(None);
        };
        let place = || format!("--oidc-key-file {}", file.display());
        let text = fs::read_to_string(file).with_context(place)?;
        ClientKey::from_pem(&text).with_context(place).map(Some)
    }

    fn secret(&self) -> anyhow::Result<Option<Redacted<String>>> {
        let Some(file) = &self.oidc_secret_file else {
            return Ok(None);
        };
        let place = || format!("--oidc-secret-file {}", file.display());
        let secret = fs::read_to_string(file).with_context(place)?;
        let secret = secret.trim();
        ensure!(!secret.is_empty(), "{}: the file is empty", place());
        Ok(Some(Redacted::new(secret.to_owned())))
    }
}
