//! `vestibule api-key`: keys for other systems.

use anyhow::Context as _;
use vestibule_signaling::{ApiKeys, KeySummary, PostgresUrl, Scopes};

use crate::arguments::{ApiKey, Clinic, NewApiKey};

/// Does what is asked, and prints what came of it.
pub(crate) fn run(what: &ApiKey) -> anyhow::Result<()> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(carry_out(what))
}

async fn carry_out(what: &ApiKey) -> anyhow::Result<()> {
    match what {
        ApiKey::Add(new) => {
            let keys = open(&new.clinic).await?;
            add(&keys, new).await?;
            Ok(keys.close().await?)
        }
        ApiKey::List(clinic) => {
            let keys = open(clinic).await?;
            for key in keys.list().await? {
                say(&line(&key));
            }
            Ok(keys.close().await?)
        }
        ApiKey::Revoke(revoked) => {
            let keys = open(&revoked.clinic).await?;
            keys.revoke(&revoked.id).await?;
            say(&format!("{} is revoked", revoked.id));
            Ok(keys.close().await?)
        }
    }
}

async fn open(clinic: &Clinic) -> anyhow::Result<ApiKeys> {
    let url = clinic.store.as_ref().map(|url| url.expose().parse());
    let url: Option<PostgresUrl> = url.transpose().context("--store")?;
    Ok(ApiKeys::open(&clinic.data, url.as_ref()).await?)
}

/// The key alone, so that a script can take it.
async fn add(keys: &ApiKeys, new: &NewApiKey) -> anyhow::Result<()> {
    let scopes = Scopes::of(new.scope.iter().copied());
    let made = keys.add(&new.label, new.system.as_deref(), &scopes).await?;
    say(made.secret.expose());
    Ok(())
}

fn line(key: &KeySummary) -> String {
    let state = match key.revoked_at {
        Some(_) => "revoked",
        None => "good",
    };
    let used = match key.used_at {
        Some(_) => "used",
        None => "never used",
    };
    let system = key.system.as_deref().unwrap_or("-");
    format!(
        "{}\t{state}\t{used}\t{}\t{system}\t{}",
        key.id, key.label, key.scopes
    )
}

#[allow(clippy::print_stdout, reason = "the answer of a command-line program")]
fn say(words: &str) {
    println!("{words}");
}
