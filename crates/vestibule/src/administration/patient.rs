//! `vestibule export` and `vestibule erase`: one patient.

use std::process::ExitCode;

use anyhow::{Context as _, anyhow};
use clap::Args;
use vestibule_vocab::PatientId;

use super::{StoreOptions, say, with_store};

#[derive(Debug, Args)]
pub(crate) struct Patient {
    /// The patient's id, as events, receipts and the audit log have it.
    patient: String,

    #[command(flatten)]
    store: StoreOptions,
}

impl Patient {
    fn id(&self) -> anyhow::Result<PatientId> {
        PatientId::parse(&self.patient).context("PATIENT is no id")
    }
}

pub(crate) fn export(of: &Patient) -> anyhow::Result<ExitCode> {
    let id = of.id()?;
    let export = with_store(&of.store, async |it| Ok(it.export(id).await?))?;
    let export = export.ok_or_else(|| anyhow!("nothing is known of patient {}", id.to_text()))?;
    say(&export)?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn erase(of: &Patient) -> anyhow::Result<ExitCode> {
    let id = of.id()?;
    let visits = with_store(&of.store, async |it| Ok(it.erase(id).await?))?;
    say(&format!(
        "What people wrote about patient {} is erased, in {visits} visits.",
        id.to_text()
    ))?;
    Ok(ExitCode::SUCCESS)
}
