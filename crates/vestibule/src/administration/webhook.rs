//! `vestibule webhook`: where events are sent.

use std::process::ExitCode;

use anyhow::{Context as _, anyhow};
use clap::{ArgGroup, Args, Subcommand};
use vestibule_signaling::clock::{Clock as _, SystemClock};
use vestibule_signaling::{EventKind, ReplayFrom, WebhookId, WebhookStanding, WebhookUrl};
use vestibule_vocab::{Redacted, Timestamp};

use super::{StoreOptions, counted, say, with_store};
use crate::arguments::read_secret;

#[derive(Debug, Args)]
pub(crate) struct Webhook {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Send events to an address from now on. Prints the webhook's id and its secret.
    Add {
        /// The address: https, unless `serve` allows it by `--webhook-allow-private`.
        url: String,

        /// A kind of event to send, such as `visit.arrived`; may be given several times. Without it, all are sent.
        #[arg(long, value_name = "KIND", value_parser = read_kind)]
        kind: Vec<EventKind>,

        /// The secret that the receiver has already, `whsec_...`. Without it, one is made.
        #[arg(
            long,
            env = "VESTIBULE_WEBHOOK_SECRET",
            hide_env_values = true,
            value_name = "SECRET",
            value_parser = read_secret
        )]
        secret: Option<Redacted<String>>,

        #[command(flatten)]
        store: StoreOptions,
    },
    /// Show every webhook, what is still to be sent to it, and what was given up.
    List {
        #[command(flatten)]
        store: StoreOptions,
    },
    /// Forget a webhook, and what was to be sent to it.
    Remove {
        /// The webhook's id.
        id: String,

        #[command(flatten)]
        store: StoreOptions,
    },
    /// Send to a webhook again that was disabled, or said that it is gone.
    Enable {
        /// The webhook's id.
        id: String,

        #[command(flatten)]
        store: StoreOptions,
    },
    /// Send nothing to a webhook for now.
    Disable {
        /// The webhook's id.
        id: String,

        #[command(flatten)]
        store: StoreOptions,
    },
    /// Send events again, those that arrived too.
    #[command(group = ArgGroup::new("first").required(true))]
    Replay {
        /// The webhook's id.
        id: String,

        /// From this event on, by its id (`evt_...`).
        #[arg(long, group = "first", value_name = "EVENT")]
        from: Option<String>,

        /// From this moment on, such as 2026-11-26T08:00:00+01:00.
        #[arg(long, group = "first", value_name = "TIME")]
        since: Option<String>,

        #[command(flatten)]
        store: StoreOptions,
    },
}

fn read_kind(text: &str) -> Result<EventKind, String> {
    EventKind::parse(text).ok_or_else(|| {
        let known: Vec<_> = EventKind::ALL.iter().map(|kind| kind.name()).collect();
        format!(
            "there is no such kind; those that there are: {}",
            known.join(", ")
        )
    })
}

pub(crate) fn run(webhook: Webhook) -> anyhow::Result<ExitCode> {
    match webhook.command {
        Command::Add {
            url,
            kind,
            secret,
            store,
        } => add(&store, &url, &kind, secret.as_ref()),
        Command::List { store } => list(&store),
        Command::Remove { id, store } => {
            let id = WebhookId::of(&id);
            with_store(&store, async |it| Ok(it.remove_webhook(&id).await?))?;
            say(&format!("Webhook {id} is gone."))
        }
        Command::Enable { id, store } => enable(&store, &id, true),
        Command::Disable { id, store } => enable(&store, &id, false),
        Command::Replay {
            id,
            from,
            since,
            store,
        } => replay(&store, &id, from, since.as_deref()),
    }?;
    Ok(ExitCode::SUCCESS)
}

fn add(
    store: &StoreOptions,
    url: &str,
    kinds: &[EventKind],
    secret: Option<&Redacted<String>>,
) -> anyhow::Result<()> {
    let url: WebhookUrl = url.parse()?;
    let secret = secret.map(|it| it.expose().parse());
    let secret = secret.transpose().context("--secret")?;
    let now = SystemClock.now();
    let new = with_store(store, async |it| {
        Ok(it.add_webhook(&url, kinds, secret, now).await?)
    })?;
    say(&format!("Webhook  {}", new.id))?;
    say(&format!("Secret   {}", new.secret.expose()))?;
    if !url.is_encrypted() {
        say(
            "Without https it is sent to only while `serve` allows its address by --webhook-allow-private.",
        )?;
    }
    Ok(())
}

fn list(store: &StoreOptions) -> anyhow::Result<()> {
    let webhooks = with_store(store, async |it| Ok(it.webhooks().await?))?;
    if webhooks.is_empty() {
        return say("There is no webhook.");
    }
    webhooks.iter().try_for_each(|it| say(&described(it)))
}

fn described(it: &WebhookStanding) -> String {
    let kinds = match it.kinds.as_slice() {
        [] => "all".to_owned(),
        kinds => kinds.join(" "),
    };
    let state = if it.enabled { "enabled" } else { "disabled" };
    let answered = |what: &str, code: &Option<String>| {
        let code = code.as_ref();
        code.map_or(String::new(), |code| format!(", {what} {code}"))
    };
    let answer = answered("last answer", &it.answer);
    let not_taken = answered("last not taken", &it.not_taken);
    format!(
        "{}  {}  {state}\n    events: {kinds}\n    to be sent: {}, given up: {}{answer}{not_taken}",
        it.id, it.url, it.due, it.failed
    )
}

fn enable(store: &StoreOptions, id: &str, enabled: bool) -> anyhow::Result<()> {
    let id = WebhookId::of(id);
    with_store(store, async |it| {
        Ok(it.enable_webhook(&id, enabled).await?)
    })?;
    let state = if enabled { "enabled" } else { "disabled" };
    say(&format!("Webhook {id} is {state}."))
}

fn replay(
    store: &StoreOptions,
    id: &str,
    from: Option<String>,
    since: Option<&str>,
) -> anyhow::Result<()> {
    let id = WebhookId::of(id);
    let from = match (from, since) {
        (Some(event), _) => ReplayFrom::Event(event),
        (None, Some(since)) => ReplayFrom::Moment(moment(since).context("--since")?),
        (None, None) => return Err(anyhow!("--from or --since is needed")),
    };
    let count = with_store(store, async |it| Ok(it.replay(&id, &from).await?))?;
    let events = counted(count, "event is", "events are");
    say(&format!("{events} sent again to webhook {id}."))
}

fn moment(text: &str) -> anyhow::Result<Timestamp> {
    let moment: jiff::Timestamp = text.parse().map_err(|_| {
        anyhow!("a moment with an offset is needed, such as 2026-11-26T08:00:00+01:00")
    })?;
    Ok(Timestamp(
        u64::try_from(moment.as_millisecond()).unwrap_or(0),
    ))
}
