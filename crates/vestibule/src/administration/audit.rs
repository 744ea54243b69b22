//! `vestibule audit`: what was decided, checked and told.

use std::process::ExitCode;

use anyhow::{Context as _, anyhow};
use clap::{Args, Subcommand};
use vestibule_signaling::{AuditCheck, Sentence, Zone};
use vestibule_vocab::VisitId;

use super::{StoreOptions, counted, say, with_store};

#[derive(Debug, Args)]
pub(crate) struct Audit {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check that no entry of the audit log was altered or taken out. Ends with code 1 when one was.
    Verify {
        #[command(flatten)]
        store: StoreOptions,
    },
    /// Tell in sentences why a visit's patient was seen in this order.
    Explain {
        /// The visit's id.
        visit: String,

        /// The time zone of the times that are told.
        #[arg(long, default_value = "Europe/Brussels", value_name = "ZONE")]
        zone: String,

        #[command(flatten)]
        store: StoreOptions,
    },
}

pub(crate) fn run(audit: &Audit) -> anyhow::Result<ExitCode> {
    match &audit.command {
        Command::Verify { store } => verify(store),
        Command::Explain { visit, zone, store } => explain(store, visit, zone),
    }
}

fn verify(store: &StoreOptions) -> anyhow::Result<ExitCode> {
    let check = with_store(store, async |it| Ok(it.verify_audit().await?))?;
    match check {
        AuditCheck::Whole { entries: 0, .. } => {
            say("The audit log is empty.")?;
            Ok(ExitCode::SUCCESS)
        }
        AuditCheck::Whole {
            entries,
            shortened,
            head,
        } => {
            let whole = if entries == 1 {
                "The only entry of the audit log is whole".to_owned()
            } else {
                format!("All {entries} entries of the audit log are whole")
            };
            say(&format!("{whole}. The hash of the last is {head}."))?;
            if shortened > 0 {
                let shortened =
                    counted(shortened, "entry before them is", "entries before them are");
                say(&format!(
                    "{shortened} past the period and not kept any more."
                ))?;
            }
            Ok(ExitCode::SUCCESS)
        }
        AuditCheck::Broken { entry } => {
            say(&format!(
                "Entry {entry} of the audit log does not follow from the one before: it was altered, or one before it was \
                 altered or taken out."
            ))?;
            Ok(ExitCode::FAILURE)
        }
    }
}

fn explain(store: &StoreOptions, visit: &str, zone: &str) -> anyhow::Result<ExitCode> {
    let id = VisitId::parse(visit).context("VISIT is no id")?;
    let zone = Zone::parse(zone).map_err(|_| anyhow!("--zone: there is no time zone {zone}"))?;
    let shown = zone.clone();
    let sentences = with_store(store, async |it| Ok(it.explain(id, zone).await?))?;
    if sentences.is_empty() {
        return Err(anyhow!("the audit log knows no visit {}", id.to_text()));
    }
    say(&format!(
        "Visit {}, in times of {}:",
        id.to_text(),
        shown.name()
    ))?;
    for Sentence { at, text } in sentences {
        say(&format!("{}  {text}", shown.shows(at)))?;
    }
    Ok(ExitCode::SUCCESS)
}
