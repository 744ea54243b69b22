//! Practitioners: those who see patients.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vestibule_clinic::shield::{Roster, ShieldPolicy};
use vestibule_clinic::{Clinic, Duty, Input, Language, Practitioner, Refusal};
use vestibule_vocab::{PractitionerId, ServiceId};

use super::asked::{Asked, Id, Write};
use super::caller::Caller;
use super::change::carry_out;
use super::name::is_its_own;
use super::pagination::{Bytes, Page, Paging, page};
use super::scope::needs;
use super::shape::{DutyShape, LanguageWord, ShieldShape, ShiftShape, by_rules, few, fits, roster};
use super::{Answer, Code, Problem};
use crate::clinic_task::Change;
use crate::random;
use crate::shared::Shared;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(read, replace))
        .routes(routes!(set_duty))
}

/// What a clinic sets of a practitioner.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PractitionerSettings)]
struct Settings {
    /// What patients read: one line.
    #[schema(min_length = 1, max_length = 100, example = "Dr Peeters")]
    name: String,
    /// What they practise: ids of services.
    #[schema(value_type = Vec<uuid::Uuid>, max_items = 32)]
    services: Vec<ServiceId>,
    /// What they speak; empty when the clinic does not say, and then no language is asked for.
    #[serde(default)]
    #[schema(max_items = 16)]
    languages: Vec<LanguageWord>,
    /// What protects them; nothing unless said.
    #[serde(default)]
    shield: Option<ShieldShape>,
    /// When they work, at most 62 shifts; not planned unless said.
    #[serde(default)]
    roster: Option<Vec<ShiftShape>>,
}

/// A practitioner.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Practitioner)]
pub(super) struct View {
    /// Their id.
    #[schema(value_type = String, format = Uuid)]
    id: PractitionerId,
    /// What patients read.
    name: String,
    /// What they practise.
    #[schema(value_type = Vec<uuid::Uuid>)]
    services: Vec<ServiceId>,
    /// What they speak; empty when the clinic does not say.
    #[schema(value_type = Vec<LanguageWord>)]
    languages: Vec<Language>,
    /// Whether they see patients now.
    #[schema(value_type = DutyShape)]
    duty: Duty,
    /// What protects them.
    #[schema(value_type = ShieldShape)]
    shield: ShieldPolicy,
    /// When they work; null where that is not planned.
    #[schema(value_type = Option<Vec<ShiftShape>>)]
    roster: Option<Roster>,
}

impl From<Practitioner> for View {
    fn from(card: Practitioner) -> Self {
        Self {
            id: card.id,
            name: card.name,
            services: card.services.into_iter().collect(),
            languages: card.languages.into_iter().collect(),
            duty: card.duty,
            shield: card.shield,
            roster: card.roster,
        }
    }
}

impl Settings {
    fn card(self, id: PractitionerId) -> Result<Practitioner, Problem> {
        use vestibule_clinic::limits;

        fits(&self.name, limits::NAME_CHARS, Refusal::InvalidName)?;
        few(&self.services, limits::SERVICES_EACH)?;
        few(&self.languages, limits::LANGUAGES)?;
        let shield = self.shield.as_ref().map(by_rules).transpose()?;
        Ok(Practitioner {
            languages: self.languages.into_iter().map(|word| word.0).collect(),
            shield: shield.unwrap_or_default(),
            roster: self.roster.as_deref().map(roster).transpose()?,
            ..Practitioner::named(id, &self.name, self.services)
        })
    }
}

/// What is answered of a practitioner who was set.
pub(super) fn shown(id: PractitionerId, clinic: &Clinic, is_new: bool) -> Answer {
    let Some(card) = clinic.practitioner(id) else {
        return Answer::done(&());
    };
    let view = View::from(card.clone());
    if is_new {
        Answer::made(&format!("/practitioners/{}", id.to_text()), &view)
    } else {
        Answer::done(&view)
    }
}

/// A practitioner is to be as they are here, but for their duty, which is theirs.
struct Set {
    card: Practitioner,
    is_new: bool,
}

impl Change for Set {
    fn input(&mut self, clinic: &Clinic) -> Result<Input, Problem> {
        let before = clinic.practitioner(self.card.id);
        match before {
            Some(known) => self.card.duty = known.duty,
            None if self.is_new => {}
            None => return Err(Problem::of(Code::NotFound)),
        }
        let others = clinic.registered().map(|it| it.name.as_str());
        // What can never be is told first.
        let kept = self.card.clone().checked().map_err(super::refusal)?;
        is_its_own(&kept.name, before.map(|it| it.name.as_str()), others)?;
        Ok(Input::SetPractitioner {
            practitioner: Box::new(self.card.clone()),
        })
    }

    fn answer(&self, clinic: &Clinic) -> Answer {
        shown(self.card.id, clinic, self.is_new)
    }
}

/// A practitioner's duty is to be this.
struct SetDuty {
    practitioner: PractitionerId,
    duty: Duty,
}

impl Change for SetDuty {
    fn input(&mut self, clinic: &Clinic) -> Result<Input, Problem> {
        let known = clinic.practitioner(self.practitioner);
        known.ok_or_else(|| Problem::of(Code::NotFound))?;
        Ok(Input::SetDuty {
            practitioner: self.practitioner,
            duty: self.duty,
        })
    }

    fn answer(&self, clinic: &Clinic) -> Answer {
        shown(self.practitioner, clinic, false)
    }
}

/// List practitioners
#[utoipa::path(
    get,
    path = "/practitioners",
    operation_id = "list_practitioners",
    tag = "practitioners",
    params(Paging),
    responses((status = 200, description = "A page of practitioners, by id.", body = Page<View>)),
    security(("api_key" = ["practitioners:read"]))
)]
async fn list(
    _caller: Caller<needs::PractitionersRead>,
    State(shared): State<Arc<Shared>>,
    Asked(paging): Asked<Paging>,
) -> Result<Json<Page<View>>, Problem> {
    let limit = paging.limit()?;
    let after = paging.after::<Bytes<b'p'>>()?;
    let after = after.map(|place| PractitionerId::from_bytes(place.0));
    let rows = shared.store.practitioners_after(after, limit + 1).await?;
    let place = |card: &Practitioner| Bytes::<b'p'>(*card.id.as_bytes());
    Ok(Json(page(rows, limit, place, View::from)))
}

/// Register a practitioner
///
/// They are on duty, and come in by a link: `GET /practitioners/{practitioner}/link`.
#[utoipa::path(
    post,
    path = "/practitioners",
    operation_id = "create_practitioner",
    tag = "practitioners",
    request_body = Settings,
    responses((
        status = 201,
        description = "The practitioner is registered.",
        body = View,
        headers(("Location" = String, description = "Where they are read."))
    )),
    security(("api_key" = ["practitioners:write"]))
)]
async fn create(
    State(shared): State<Arc<Shared>>,
    write: Write<needs::PractitionersWrite, Settings>,
) -> Result<Answer, Problem> {
    let id = PractitionerId::from_random(random::bits()?);
    let set = Set {
        card: write.body.card(id)?,
        is_new: true,
    };
    carry_out(&shared, write.once, set).await
}

/// Read a practitioner
#[utoipa::path(
    get,
    path = "/practitioners/{practitioner}",
    operation_id = "read_practitioner",
    tag = "practitioners",
    params(("practitioner" = String, Path, format = Uuid, description = "Their id.")),
    responses((status = 200, description = "The practitioner.", body = View)),
    security(("api_key" = ["practitioners:read"]))
)]
async fn read(
    _caller: Caller<needs::PractitionersRead>,
    State(shared): State<Arc<Shared>>,
    Id(id): Id<PractitionerId>,
) -> Result<Json<View>, Problem> {
    let found = shared.store.practitioner(id).await?;
    let card = found.ok_or_else(|| Problem::of(Code::NotFound))?;
    Ok(Json(View::from(card)))
}

/// Change a practitioner
///
/// All of it is set anew, but for their duty. Those who wait for them are asked what they want when nobody comes any more.
#[utoipa::path(
    put,
    path = "/practitioners/{practitioner}",
    operation_id = "replace_practitioner",
    tag = "practitioners",
    params(("practitioner" = String, Path, format = Uuid, description = "Their id.")),
    request_body = Settings,
    responses((status = 200, description = "The practitioner as they are now.", body = View)),
    security(("api_key" = ["practitioners:write"]))
)]
async fn replace(
    State(shared): State<Arc<Shared>>,
    Id(id): Id<PractitionerId>,
    write: Write<needs::PractitionersWrite, Settings>,
) -> Result<Answer, Problem> {
    let set = Set {
        card: write.body.card(id)?,
        is_new: false,
    };
    carry_out(&shared, write.once, set).await
}

/// Set a practitioner's duty
#[utoipa::path(
    put,
    path = "/practitioners/{practitioner}/duty",
    operation_id = "set_duty",
    tag = "practitioners",
    params(("practitioner" = String, Path, format = Uuid, description = "Their id.")),
    request_body = DutyShape,
    responses((status = 200, description = "The practitioner as they are now.", body = View)),
    security(("api_key" = ["practitioners:write"]))
)]
async fn set_duty(
    State(shared): State<Arc<Shared>>,
    Id(practitioner): Id<PractitionerId>,
    write: Write<needs::PractitionersWrite, DutyShape>,
) -> Result<Answer, Problem> {
    let duty = by_rules(&write.body)?;
    let set = SetDuty { practitioner, duty };
    carry_out(&shared, write.once, set).await
}
