//! By what practitioners are known who sign in at the identity provider.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vestibule_clinic::{Clinic, Input};
use vestibule_vocab::{PractitionerId, Redacted};

use super::asked::{Id, Once, Write};
use super::change::carry_out;
use super::practitioners::{View, shown};
use super::scope::needs;
use super::{Answer, Code, Problem};
use crate::clinic_task::Change;
use crate::limits;
use crate::shared::Shared;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(identify))
}

/// What the identity provider calls somebody.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PractitionerIdentity)]
struct Identity {
    /// The claim `sub` of their ID tokens, pairwise or not; null: they do not sign in any more. It is stored as a keyed hash,
    /// and shown nowhere.
    #[serde(deserialize_with = "required")]
    #[schema(value_type = Option<String>, pattern = "^[ -~]{1,255}$", required, example = "5f0c1a")]
    subject: Option<Redacted<String>>,
}

/// Null is said, and not left out.
fn required<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Redacted<String>>, D::Error> {
    Option::deserialize(from)
}

impl Identity {
    fn checked(&self) -> Result<Option<&str>, Problem> {
        self.subject.as_ref().map(fitting).transpose()
    }
}

/// A subject that a provider can have: ASCII of a bounded length (OpenID Connect Core, section 2).
pub(super) fn fitting(subject: &Redacted<String>) -> Result<&str, Problem> {
    let subject = subject.expose();
    let fits = (1..=limits::SUBJECT).contains(&subject.len());
    if fits && subject.chars().all(|it| matches!(it, ' '..='~')) {
        Ok(subject)
    } else {
        let why = "a subject has 1 to 255 characters of ASCII";
        Err(Problem::because(Code::Malformed, &why))
    }
}

/// A practitioner is as they were; that something of them was set goes into the audit log.
struct Identified(PractitionerId);

impl Change for Identified {
    fn input(&mut self, clinic: &Clinic) -> Result<Input, Problem> {
        let card = clinic.practitioner(self.0);
        let card = card.ok_or_else(|| Problem::of(Code::NotFound))?;
        Ok(Input::SetPractitioner {
            practitioner: Box::new(card.clone()),
        })
    }

    fn answer(&self, clinic: &Clinic) -> Answer {
        shown(self.0, clinic, false)
    }
}

/// Say who a practitioner is at the identity provider
///
/// Whoever signs in there as this subject, with a second factor, comes in as this practitioner, and as no other. Sessions
/// that are open stay so.
#[utoipa::path(
    put,
    path = "/practitioners/{practitioner}/identity",
    operation_id = "identify_practitioner",
    tag = "practitioners",
    params(("practitioner" = String, Path, format = Uuid, description = "Their id.")),
    request_body = Identity,
    responses((status = 200, description = "The practitioner.", body = View)),
    security(("api_key" = ["practitioners:write"]))
)]
async fn identify(
    State(shared): State<Arc<Shared>>,
    Id(id): Id<PractitionerId>,
    write: Write<needs::PractitionersWrite, Identity>,
) -> Result<Answer, Problem> {
    let subject = write.body.checked()?;
    let known = shared.store.practitioner(id).await?;
    known.ok_or_else(|| Problem::of(Code::NotFound))?;
    let provider = shared.sign_in.as_ref();
    let provider = provider.ok_or_else(|| Problem::of(Code::NoProvider))?;
    let named = subject.map(|subject| (provider.issuer(), subject));
    shared.store.identify_practitioner(id, named).await?;
    // It comes to the same however often it is done, and so no answer is kept by its name.
    let once = Once {
        key: None,
        ..write.once
    };
    carry_out(&shared, once, Identified(id)).await
}
