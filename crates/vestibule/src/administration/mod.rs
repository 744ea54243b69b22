//! The commands that look at the store or change it, also while `serve` runs.

mod audit;
mod patient;
mod webhook;

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use vestibule_signaling::Administration;
use vestibule_vocab::Redacted;

pub(crate) use audit::{Audit, run as audit};
pub(crate) use patient::{Patient, erase, export};
pub(crate) use webhook::{Webhook, run as webhook};

use crate::arguments::read_secret;

/// Which store.
#[derive(Debug, Args)]
pub(crate) struct StoreOptions {
    /// The data directory that `serve` has.
    #[arg(
        long,
        env = "VESTIBULE_DATA",
        default_value = "./data",
        value_name = "DIR"
    )]
    data: PathBuf,

    /// The PostgreSQL database that holds the store, if one does.
    #[arg(
        long,
        env = "VESTIBULE_STORE",
        hide_env_values = true,
        value_name = "URL",
        value_parser = read_secret
    )]
    store: Option<Redacted<String>>,
}

impl StoreOptions {
    async fn open(&self) -> anyhow::Result<Administration> {
        let url = self.store.as_ref().map(|url| url.expose().parse());
        let url = url.transpose().context("--store")?;
        Ok(Administration::open(&self.data, url.as_ref()).await?)
    }
}

/// Opens the store, does something with it, and closes it.
fn with_store<T>(
    options: &StoreOptions,
    act: impl AsyncFnOnce(&Administration) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let administration = options.open().await?;
        let done = act(&administration).await;
        administration.close().await?;
        done
    })
}

/// So many of something.
fn counted<N>(count: N, one: &str, several: &str) -> String
where
    N: std::fmt::Display + PartialEq + From<u8>,
{
    let what = if count == N::from(1) { one } else { several };
    format!("{count} {what}")
}

/// Says something on standard output.
fn say(text: &str) -> anyhow::Result<()> {
    let mut output = std::io::stdout().lock();
    writeln!(output, "{text}")?;
    Ok(output.flush()?)
}
