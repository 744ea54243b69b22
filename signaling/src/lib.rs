//! Sessions, HTTP API, identity, store and the clinic task: everything of the server that people's
//! browsers speak to.
//!
//! [`Server::start`] puts it together. A message goes `socket` (reads within bounds) → `clinic_task`
//! (asks the machines of `vestibule-clinic` and `vestibule-delivery`) → `store` (one transaction) →
//! `socket` again (answers and snapshots, through bounded queues). `http` turns links into sessions,
//! `sfu` keeps an SFU process there.

mod administration;
mod api;
mod boxed;
mod clinic_file;
mod clinic_task;
pub mod clock;
mod data;
mod fhir;
mod founding;
mod http;
mod identity;
pub mod limits;
mod listeners;
mod metrics;
mod outgoing;
mod outward;
pub mod parts;
mod random;
mod rate;
mod server;
mod settings;
mod sfu;
mod shared;
mod sign_in;
mod socket;
mod store;
mod tls;
mod webhooks;

pub use administration::{
    Administration, AdministrationError, AuditCheck, EraseError, Erasure, NewWebhook, ReplayFrom,
    Sentence, ServerKeyError, WebhookError, WebhookStanding, Zone,
};
pub use api::{ApiKeys, BadScope, KeyError, KeySummary, NewKey, Scope, Scopes, openapi_json};
pub use boxed::Boxed;
pub use clinic_file::{BadClinicFile, ClinicFile};
pub use clinic_task::FurnishError;
pub use data::DataError;
pub use founding::{FoundingError, Links, PractitionerLink};
pub use http::{BadOrigin, Page, Pages};
pub use identity::{BadTokenKey, Claims, Subject, TokenError, TokenKey, Unsigned};
pub use listeners::{Addresses, ListenError};
pub use outgoing::EventKind;
pub use outward::BadRoots;
pub use rate::Rate;
pub use server::{Server, StartError};
pub use settings::{BadName, Https, Name, Names, Retention, Settings};
pub use sfu::{Launch, SfuStatus};
pub use shared::Rates;
pub use sign_in::{BadClientKey, BadIssuer, BadLevel, ClientKey, Issuer, LevelOf, SignInSettings};
pub use store::{BadServerKey, BadStore, PostgresUrl, StoreError, WebhookId};
pub use tls::{Certificate, TlsError};
pub use webhooks::{
    BadWebhookSecret, BadWebhookUrl, ResolvedAddresses, Resolver, SystemResolver, WebhookSecret,
    WebhookSettings, WebhookUrl,
};
