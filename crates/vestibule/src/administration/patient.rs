//! `vestibule export` and `vestibule erase`: one patient.

use std::process::ExitCode;

use anyhow::{Context as _, anyhow};
use clap::Args;
use vestibule_signaling::Erasure;
use vestibule_vocab::PatientId;

use super::{StoreOptions, counted, say, with_store};

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
    let export = export.ok_or_else(|| unknown(id))?;
    say(&export)?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn erase(of: &Patient) -> anyhow::Result<ExitCode> {
    let id = of.id()?;
    let who = id.to_text();
    say(
        &match with_store(&of.store, async |it| Ok(it.erase(id).await?))? {
            Erasure::Done { visits } => {
                let visits = counted(visits, "visit", "visits");
                format!("What people wrote about patient {who} is erased, in {visits}.")
            }
            Erasure::NothingLeft => {
                format!("Nothing is left to erase that people wrote about patient {who}.")
            }
            Erasure::Unknown => return Err(unknown(id)),
        },
    )?;
    Ok(ExitCode::SUCCESS)
}

fn unknown(patient: PatientId) -> anyhow::Error {
    anyhow!("nothing is known of patient {}", patient.to_text())
}
