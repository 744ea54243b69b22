//! Visits: from arrival to outcome.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vestibule_clinic::{Outcome, Visit, VisitState, WaitingRoom};
use vestibule_vocab::{
    ConsultationId, Millis, PatientId, PractitionerId, ServiceId, Timestamp, VisitId,
};

use super::asked::{Asked, Id};
use super::caller::Caller;
use super::change::{heard, send};
use super::gates::GateView;
use super::pagination::{Number, Page, Paging, cursor};
use super::scope::needs;
use super::shape::{Length, Moment};
use super::{Code, Problem};
use crate::clinic_task::{Event, Look, Standing};
use crate::limits::PAGE_ROWS;
use crate::shared::Shared;
use crate::store::Store;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(read))
}

/// How far a visit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = VisitState)]
pub(super) enum StateWord {
    /// It has an appointment, and its patient has not come yet.
    Expected,
    /// In the waiting room.
    Waiting,
    /// Called while its patient is away, who comes first when back in time.
    Admitted,
    /// With a practitioner.
    InConsultation,
    /// The consultation goes on later.
    OnHold,
    /// Over.
    Ended,
}

impl StateWord {
    pub(super) fn of(state: &VisitState) -> Self {
        match state {
            VisitState::Expected => Self::Expected,
            VisitState::Waiting => Self::Waiting,
            VisitState::Admitted { .. } => Self::Admitted,
            VisitState::InConsultation { .. } => Self::InConsultation,
            VisitState::OnHold { .. } => Self::OnHold,
            VisitState::Ended { .. } => Self::Ended,
        }
    }
}

/// How a visit ended, without anybody's words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Outcome)]
pub(super) struct OutcomeView {
    /// How: `completed`, `left`, `declined`, `connection_lost`, `no_show`, `cancelled` or `emergency`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// What the practitioner concluded, or why they declined; null when neither.
    reason: Option<String>,
    /// When.
    #[schema(value_type = Moment)]
    at: Timestamp,
}

impl OutcomeView {
    pub(super) fn of(state: &VisitState) -> Option<Self> {
        let VisitState::Ended { outcome, at } = state else {
            return None;
        };
        let (kind, reason) = match outcome {
            Outcome::Completed { conclusion } => ("completed", word(conclusion)),
            Outcome::Left => ("left", None),
            Outcome::Declined { reason, .. } => ("declined", word(reason)),
            Outcome::ConnectionLost => ("connection_lost", None),
            Outcome::NoShow => ("no_show", None),
            Outcome::Cancelled => ("cancelled", None),
            Outcome::Emergency => ("emergency", None),
        };
        Some(Self {
            kind,
            reason,
            at: *at,
        })
    }
}

/// The word by which a value is serialized.
pub(super) fn word(value: &impl Serialize) -> Option<String> {
    let value = serde_json::to_value(value).ok()?;
    value.as_str().map(str::to_owned)
}

/// A visit. Without a name, and without anything that people wrote.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Visit)]
pub(super) struct View {
    /// Its id.
    #[schema(value_type = String, format = Uuid)]
    id: VisitId,
    /// Whose it is.
    #[schema(value_type = String, format = Uuid)]
    patient: PatientId,
    /// What for.
    #[schema(value_type = String, format = Uuid)]
    service: ServiceId,
    /// Whom the patient asked for; null for whoever is free.
    #[schema(value_type = Option<uuid::Uuid>)]
    practitioner: Option<PractitionerId>,
    /// Where it waits, waited last, or is expected.
    waiting_room: WaitingRoomView,
    /// How far it is.
    state: StateWord,
    /// The consultation under way, on hold or not; null when there is none.
    #[schema(value_type = Option<uuid::Uuid>)]
    consultation: Option<ConsultationId>,
    /// When its patient came; null while they are expected, when it was called off, and when nobody came to the appointment.
    #[schema(value_type = Option<Moment>)]
    arrived_at: Option<Timestamp>,
    /// When it is planned for; null for a walk-in.
    #[schema(value_type = Option<Moment>)]
    appointment_at: Option<Timestamp>,
    /// How soon it is to be seen: `routine`, `soon` or `urgent`.
    urgency: Option<String>,
    /// All gates are open.
    ready: bool,
    /// What it passes before it can be admitted.
    gates: Vec<GateView>,
    /// How it ended; null while it has not.
    outcome: Option<OutcomeView>,
}

/// A waiting room, by the id of whose it is, as webhooks name it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = WaitingRoom)]
enum WaitingRoomView {
    /// Whoever practises this service sees those who wait there.
    #[schema(value_type = String, format = Uuid)]
    Service(ServiceId),
    /// This practitioner sees them.
    #[schema(value_type = String, format = Uuid)]
    Practitioner(PractitionerId),
}

impl From<WaitingRoom> for WaitingRoomView {
    fn from(waiting_room: WaitingRoom) -> Self {
        match waiting_room {
            WaitingRoom::Service(service) => Self::Service(service),
            WaitingRoom::Practitioner(practitioner) => Self::Practitioner(practitioner),
        }
    }
}

/// A visit, and how it stands at this moment.
#[derive(Debug, Serialize, ToSchema)]
struct VisitNow {
    #[serde(flatten)]
    visit: View,
    /// Its place in its waiting room, from 1; null when it does not wait.
    place: Option<u32>,
    /// How much longer it waits; null when it does not, or when too little is known.
    wait: Option<Wait>,
    /// Nobody practises any more what it waits for: it keeps its place, and is seen once somebody does.
    nobody_practises: bool,
    /// The patient has a page open.
    connected: bool,
}

/// A wait that is between two lengths, for four people in five.
#[derive(Debug, Serialize, ToSchema)]
struct Wait {
    /// One in ten waits less.
    #[schema(value_type = Length)]
    low: Millis,
    /// One in ten waits more.
    #[schema(value_type = Length)]
    high: Millis,
}

impl View {
    pub(super) fn of(visit: &Visit) -> Self {
        let ended = OutcomeView::of(&visit.state);
        Self {
            id: visit.id,
            patient: visit.patient,
            service: visit.service,
            practitioner: visit.choice.practitioner(),
            waiting_room: visit.waiting_room.into(),
            state: StateWord::of(&visit.state),
            consultation: visit.state.consultation(),
            arrived_at: visit.came_at(),
            appointment_at: visit.appointment.map(|it| it.at),
            urgency: word(&visit.urgency),
            ready: visit.gates.ready(),
            gates: visit.gates.gates().iter().map(GateView::of).collect(),
            outcome: ended,
        }
    }
}

/// Which visits.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Only those in this state.
    #[serde(default)]
    state: Option<StateWord>,
    /// Only those for this service.
    #[serde(default)]
    #[param(value_type = Option<String>, format = Uuid)]
    service: Option<ServiceId>,
    /// Only those that asked for this practitioner.
    #[serde(default)]
    #[param(value_type = Option<String>, format = Uuid)]
    practitioner: Option<PractitionerId>,
    /// Only those of this patient.
    #[serde(default)]
    #[param(value_type = Option<String>, format = Uuid)]
    patient: Option<PatientId>,
    /// The most items that are wanted: 50 unless said.
    #[serde(default)]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next` of the page before; the first page without.
    #[serde(default)]
    #[param(max_length = 100)]
    cursor: Option<String>,
}

impl Wanted {
    fn includes(&self, visit: &Visit) -> bool {
        let state = self
            .state
            .is_none_or(|it| it == StateWord::of(&visit.state));
        let service = self.service.is_none_or(|it| it == visit.service);
        let patient = self.patient.is_none_or(|it| it == visit.patient);
        let asked_for = visit.choice.practitioner();
        let practitioner = self.practitioner.is_none_or(|it| Some(it) == asked_for);
        state && service && patient && practitioner
    }
}

/// List visits
///
/// By arrival. Visits that ended are forgotten after a day.
#[utoipa::path(
    get,
    path = "/visits",
    operation_id = "list_visits",
    tag = "visits",
    params(Wanted),
    responses((status = 200, description = "A page of visits.", body = Page<View>)),
    security(("api_key" = ["visits:read"]))
)]
async fn list(
    _caller: Caller<needs::VisitsRead>,
    State(shared): State<Arc<Shared>>,
    Asked(wanted): Asked<Wanted>,
) -> Result<Json<Page<View>>, Problem> {
    let paging = Paging::new(wanted.limit, wanted.cursor.clone());
    let show = |visit: &Visit| wanted.includes(visit).then(|| View::of(visit));
    scan(&shared.store, &paging, show).await.map(Json)
}

/// The page of those visits that are shown, out of as many rows as are looked at for one page.
pub(super) async fn scan<T>(
    store: &Store,
    paging: &Paging,
    show: impl Fn(&Visit) -> Option<T>,
) -> Result<Page<T>, Problem> {
    let limit = usize::try_from(paging.limit()?).unwrap_or(usize::MAX);
    let after = paging.after::<Number<b'v'>>()?.map(|place| place.0);
    let rows = store.visits_after(after, PAGE_ROWS).await?;
    let mut items = Vec::new();
    let mut seen = 0;
    let mut last = None;
    for visit in &rows {
        if items.len() >= limit {
            break;
        }
        items.extend(show(visit));
        seen += 1;
        last = Some(visit.rank.arrival.0);
    }
    let all_rows = u32::try_from(rows.len()).unwrap_or(u32::MAX) < PAGE_ROWS;
    let at_end = all_rows && seen == rows.len();
    let last = last.filter(|_| !at_end);
    Ok(Page {
        items,
        next: last.map(|arrival| cursor(&Number::<b'v'>(arrival))),
    })
}

/// Read a visit
#[utoipa::path(
    get,
    path = "/visits/{visit}",
    operation_id = "read_visit",
    tag = "visits",
    params(("visit" = String, Path, format = Uuid, description = "Its id.")),
    responses((status = 200, description = "The visit.", body = VisitNow)),
    security(("api_key" = ["visits:read"]))
)]
async fn read(
    _caller: Caller<needs::VisitsRead>,
    State(shared): State<Arc<Shared>>,
    Id(id): Id<VisitId>,
) -> Result<Json<VisitNow>, Problem> {
    let found = shared.store.visit(id).await?;
    let visit = found.ok_or_else(|| Problem::of(Code::NotFound))?;
    let standing = if visit.state.is_active() {
        look(&shared, id).await?
    } else {
        Standing::default()
    };
    let interval = standing.wait;
    Ok(Json(VisitNow {
        visit: View::of(&visit),
        place: standing.place,
        wait: interval.map(|it| Wait {
            low: it.low,
            high: it.high,
        }),
        nobody_practises: standing.nobody_practises,
        connected: standing.connected,
    }))
}

/// What is not stored of a visit.
pub(super) async fn look(shared: &Arc<Shared>, visit: VisitId) -> Result<Standing, Problem> {
    let (reply, answer) = oneshot::channel();
    send(shared, Event::Look(Box::new(Look { visit, reply }))).await?;
    heard(answer).await
}
