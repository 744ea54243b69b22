//! Services: what can be consulted for.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vestibule_clinic::calendar::OpeningHours;
use vestibule_clinic::quota::Quota;
use vestibule_clinic::{
    Clinic, Form, GateRules, Input, Language, Order, Refusal, Service, ShiftPromise,
};
use vestibule_protocol::intake;
use vestibule_vocab::{ServiceId, Timestamp};

use super::asked::{Asked, Id, Write};
use super::caller::Caller;
use super::change::{carry_out, heard, send};
use super::name::is_its_own;
use super::pagination::{Bytes, Page, Paging, page};
use super::scope::needs;
use super::shape::{
    FormShape, GateRuleShape, Hours, LanguageWord, Moment, OrderShape, PromiseShape, QuotaShape,
    by_rules, few, fits, gate_rules, opening_hours,
};
use super::visits::word;
use super::{Answer, Code, Problem};
use crate::clinic_task::{Change, Event};
use crate::random;
use crate::shared::Shared;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(read, replace))
        .routes(routes!(read_now))
}

/// What a clinic sets of a service.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ServiceSettings)]
struct Settings {
    /// What people read: one line.
    #[schema(min_length = 1, max_length = 100, example = "Dermatology")]
    name: String,
    /// A code of small letters, digits and underscores.
    #[schema(pattern = "^[a-z0-9_]{1,40}$", example = "dermatology")]
    specialty: String,
    /// What it is offered in; empty when the clinic does not say.
    #[serde(default)]
    #[schema(max_items = 16)]
    languages: Vec<LanguageWord>,
    /// What it costs, in words.
    #[serde(default)]
    #[schema(max_length = 300)]
    price: String,
    /// What is paid back, in words.
    #[serde(default)]
    #[schema(max_length = 300)]
    reimbursement: String,
    /// It takes new visits. Those that wait are seen all the same.
    #[serde(default = "yes")]
    open: bool,
    /// When it takes new visits: day and night unless said.
    #[serde(default)]
    hours: Option<Hours>,
    /// Who comes before whom; the usual order unless said.
    #[serde(default)]
    order: Option<OrderShape>,
    /// What a visit passes before it can be admitted: at most 20, in the order in which they are shown.
    #[serde(default)]
    gates: Vec<GateRuleShape>,
    /// What is asked of a patient who waits.
    #[serde(default)]
    form: Option<FormShape>,
    /// How many consultations a patient has in a period; as many as they like unless said.
    #[serde(default)]
    quota: Option<QuotaShape>,
    /// By what the queue is held to what the shifts can hold; not at all unless said.
    #[serde(default)]
    promise: Option<PromiseShape>,
}

fn yes() -> bool {
    true
}

/// A service.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Service)]
struct View {
    /// Its id.
    #[schema(value_type = String, format = Uuid)]
    id: ServiceId,
    /// What people read.
    name: String,
    /// A code.
    specialty: String,
    /// What it is offered in; empty when the clinic does not say.
    #[schema(value_type = Vec<LanguageWord>)]
    languages: Vec<Language>,
    /// What it costs, in words.
    price: String,
    /// What is paid back, in words.
    reimbursement: String,
    /// It takes new visits.
    open: bool,
    /// When it takes new visits.
    #[schema(value_type = Hours)]
    hours: OpeningHours,
    /// Who comes before whom.
    #[schema(value_type = OrderShape)]
    order: Order,
    /// What a visit passes before it can be admitted.
    #[schema(value_type = Vec<GateRuleShape>)]
    gates: GateRules,
    /// What is asked of a patient who waits.
    #[schema(value_type = Option<FormShape>)]
    form: Option<Form>,
    /// How many consultations a patient has in a period.
    #[schema(value_type = Option<QuotaShape>)]
    quota: Option<Quota>,
    /// By what the queue is held to what the shifts can hold.
    #[schema(value_type = Option<PromiseShape>)]
    promise: Option<ShiftPromise>,
}

/// Whether a service takes anybody in at this moment.
#[derive(Debug, Serialize, ToSchema)]
struct ServiceNow {
    /// Why it takes nobody in who comes for whoever is free next; null while it does.
    closed: Option<ClosedView>,
}

/// Why a service takes nobody in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Closed)]
struct ClosedView {
    /// `closed` by the clinic, `nobody_practises` it, `outside_hours`, `nobody_on_shift`, or `shifts_full`: the shifts hold no
    /// more than those who wait and are booked need.
    reason: Option<String>,
    /// When it takes somebody in again, should nothing else change; null when that is not known.
    #[schema(value_type = Option<Moment>)]
    opens_at: Option<Timestamp>,
}

impl From<intake::Closed> for ClosedView {
    fn from(closed: intake::Closed) -> Self {
        Self {
            reason: word(&closed.reason),
            opens_at: closed.opens_at,
        }
    }
}

impl From<Service> for View {
    fn from(service: Service) -> Self {
        Self {
            id: service.id,
            name: service.name,
            specialty: service.specialty,
            languages: service.languages.into_iter().collect(),
            price: service.price,
            reimbursement: service.reimbursement,
            open: service.open,
            hours: service.hours,
            order: service.order,
            gates: service.gates,
            form: service.form,
            quota: service.quota,
            promise: service.promise,
        }
    }
}

impl Settings {
    fn service(self, id: ServiceId) -> Result<Service, Problem> {
        use vestibule_clinic::limits;

        fits(&self.name, limits::NAME_CHARS, Refusal::InvalidName)?;
        fits(&self.price, limits::PRICE_CHARS, Refusal::InvalidText)?;
        fits(
            &self.reimbursement,
            limits::PRICE_CHARS,
            Refusal::InvalidText,
        )?;
        few(&self.languages, limits::LANGUAGES)?;
        let hours = self.hours.as_ref().map(opening_hours).transpose()?;
        let order = self.order.as_ref().map(by_rules).transpose()?;
        Ok(Service {
            id,
            name: self.name,
            specialty: self.specialty,
            languages: self.languages.into_iter().map(|word| word.0).collect(),
            price: self.price,
            reimbursement: self.reimbursement,
            open: self.open,
            hours: hours.unwrap_or_default(),
            order: order.unwrap_or_default(),
            gates: gate_rules(&self.gates)?,
            form: self.form.as_ref().map(FormShape::form).transpose()?,
            quota: self.quota.as_ref().map(by_rules).transpose()?,
            promise: self.promise.as_ref().map(by_rules).transpose()?,
        })
    }
}

/// A service is to be as it is here.
struct Set {
    service: Service,
    is_new: bool,
}

impl Change for Set {
    fn input(&mut self, clinic: &Clinic) -> Result<Input, Problem> {
        let before = clinic.service(self.service.id);
        if !self.is_new && before.is_none() {
            return Err(Problem::of(Code::NotFound));
        }
        let others = clinic.services().map(|it| it.name.as_str());
        // What can never be is told first.
        let kept = self.service.clone().checked().map_err(super::refusal)?;
        is_its_own(&kept.name, before.map(|it| it.name.as_str()), others)?;
        Ok(Input::SetService {
            service: Box::new(self.service.clone()),
        })
    }

    fn answer(&self, clinic: &Clinic) -> Answer {
        let id = self.service.id;
        // As it is kept, which is trimmed.
        let kept = clinic.service(id).unwrap_or(&self.service).clone();
        if self.is_new {
            let path = format!("/services/{}", id.to_text());
            Answer::made(&path, &View::from(kept))
        } else {
            Answer::done(&View::from(kept))
        }
    }
}

/// List services
#[utoipa::path(
    get,
    path = "/services",
    operation_id = "list_services",
    tag = "services",
    params(Paging),
    responses((status = 200, description = "A page of services, by id.", body = Page<View>)),
    security(("api_key" = ["services:read"]))
)]
async fn list(
    _caller: Caller<needs::ServicesRead>,
    State(shared): State<Arc<Shared>>,
    Asked(paging): Asked<Paging>,
) -> Result<Json<Page<View>>, Problem> {
    let limit = paging.limit()?;
    let after = paging.after::<Bytes<b's'>>()?;
    let after = after.map(|place| ServiceId::from_bytes(place.0));
    let rows = shared.store.services_after(after, limit + 1).await?;
    let place = |service: &Service| Bytes::<b's'>(*service.id.as_bytes());
    Ok(Json(page(rows, limit, place, View::from)))
}

/// Make a service
#[utoipa::path(
    post,
    path = "/services",
    operation_id = "create_service",
    tag = "services",
    request_body = Settings,
    responses((
        status = 201,
        description = "The service is there.",
        body = View,
        headers(("Location" = String, description = "Where it is read."))
    )),
    security(("api_key" = ["services:write"]))
)]
async fn create(
    State(shared): State<Arc<Shared>>,
    write: Write<needs::ServicesWrite, Settings>,
) -> Result<Answer, Problem> {
    let id = ServiceId::from_random(random::bits()?);
    let set = Set {
        service: write.body.service(id)?,
        is_new: true,
    };
    carry_out(&shared, write.once, set).await
}

/// Read a service
#[utoipa::path(
    get,
    path = "/services/{service}",
    operation_id = "read_service",
    tag = "services",
    params(("service" = String, Path, format = Uuid, description = "Its id.")),
    responses((status = 200, description = "The service.", body = View)),
    security(("api_key" = ["services:read"]))
)]
async fn read(
    _caller: Caller<needs::ServicesRead>,
    State(shared): State<Arc<Shared>>,
    Id(id): Id<ServiceId>,
) -> Result<Json<View>, Problem> {
    let found = shared.store.service(id).await?;
    let service = found.ok_or_else(|| Problem::of(Code::NotFound))?;
    Ok(Json(View::from(service)))
}

/// Read whether a service takes anybody in now
///
/// As whoever opens its page is shown it: by its hours, and by what the shifts of its practitioners still hold.
#[utoipa::path(
    get,
    path = "/services/{service}/now",
    operation_id = "read_service_now",
    tag = "services",
    params(("service" = String, Path, format = Uuid, description = "Its id.")),
    responses((status = 200, description = "How it is at this moment.", body = ServiceNow)),
    security(("api_key" = ["services:read"]))
)]
async fn read_now(
    _caller: Caller<needs::ServicesRead>,
    State(shared): State<Arc<Shared>>,
    Id(service): Id<ServiceId>,
) -> Result<Json<ServiceNow>, Problem> {
    let known = shared.store.service(service).await?;
    known.ok_or_else(|| Problem::of(Code::NotFound))?;
    let (reply, answer) = oneshot::channel();
    send(&shared, Event::LookAtDoor { service, reply }).await?;
    let closed = heard(answer).await?;
    Ok(Json(ServiceNow {
        closed: closed.map(ClosedView::from),
    }))
}

/// Change a service
///
/// All of it is set anew: what the body leaves out is as in a new service. Those who wait keep their order.
#[utoipa::path(
    put,
    path = "/services/{service}",
    operation_id = "replace_service",
    tag = "services",
    params(("service" = String, Path, format = Uuid, description = "Its id.")),
    request_body = Settings,
    responses((status = 200, description = "The service as it is now.", body = View)),
    security(("api_key" = ["services:write"]))
)]
async fn replace(
    State(shared): State<Arc<Shared>>,
    Id(id): Id<ServiceId>,
    write: Write<needs::ServicesWrite, Settings>,
) -> Result<Answer, Problem> {
    let set = Set {
        service: write.body.service(id)?,
        is_new: false,
    };
    carry_out(&shared, write.once, set).await
}
