//! Appointments: visits that are planned.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vestibule_clinic::quota::History;
use vestibule_clinic::{
    Appointment, Booking, Choice, Clinic, Consultation, Input, Language, Refusal, Visit,
};
use vestibule_vocab::{Millis, PatientId, PractitionerId, Redacted, ServiceId, Timestamp, VisitId};

use super::asked::{Act, Asked, Id, Write};
use super::caller::Caller;
use super::change::carry_out;
use super::identities::fitting;
use super::pagination::{Page, Paging};
use super::scope::needs;
use super::shape::{LanguageWord, Length, Moment, fits};
use super::visits::{OutcomeView, StateWord, scan};
use super::{Answer, Code, Problem};
use crate::clinic_task::{Change, counted, period_word, spoken};
use crate::random;
use crate::shared::Shared;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new()
        .routes(routes!(list, book))
        .routes(routes!(read))
        .routes(routes!(cancel))
}

/// What is booked.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewAppointment {
    /// Whose it is: the id that an earlier appointment of the same patient has, good for as long as something of the patient
    /// is kept; somebody new unless said.
    #[serde(default)]
    #[schema(value_type = Option<uuid::Uuid>)]
    patient: Option<PatientId>,
    /// What the identity provider calls them, instead of `patient`: the claim `sub` of their ID tokens here. Whoever signs in
    /// as this subject finds the appointment. What is stored is a keyed hash, which is their `patient`.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "^[ -~]{1,255}$", example = "5f0c1a")]
    subject: Option<Redacted<String>>,
    /// What the practitioner reads as the patient's name: one line.
    #[schema(value_type = String, min_length = 1, max_length = 100, example = "Ada Lovelace")]
    name: Redacted<String>,
    /// What for.
    #[schema(value_type = uuid::Uuid)]
    service: ServiceId,
    /// With whom, who practises the service; whoever of it is free next unless said. Where their shifts are planned, one of
    /// them holds the appointment.
    #[serde(default)]
    #[schema(value_type = Option<uuid::Uuid>)]
    practitioner: Option<PractitionerId>,
    /// With the patient's regular practitioner, as `/patients/{patient}/regular` has it; `practitioner` is left out then, or is
    /// that one.
    #[serde(default)]
    regular: bool,
    /// In which language; any unless said.
    #[serde(default)]
    language: Option<LanguageWord>,
    /// When it begins: not over, and within two years.
    at: Moment,
    /// How long it is: a minute to eight hours.
    length: Length,
}

/// An appointment. Without a name: whoever booked it knows whose it is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Appointment)]
pub(super) struct View {
    /// The id of the visit that it is for.
    #[schema(value_type = String, format = Uuid)]
    id: VisitId,
    /// Whose it is.
    #[schema(value_type = String, format = Uuid)]
    patient: PatientId,
    /// What for.
    #[schema(value_type = String, format = Uuid)]
    service: ServiceId,
    /// With whom; null for whoever is free.
    #[schema(value_type = Option<uuid::Uuid>)]
    practitioner: Option<PractitionerId>,
    /// With that one as the patient's regular practitioner, who they were when it was booked.
    regular: bool,
    /// In which language; null for any.
    #[schema(value_type = Option<LanguageWord>)]
    language: Option<Language>,
    /// When it begins.
    #[schema(value_type = Moment)]
    at: Timestamp,
    /// How long it is.
    #[schema(value_type = Length)]
    length: Millis,
    /// How far the visit is: `expected` until the patient comes.
    state: StateWord,
    /// How the visit ended; null while it has not.
    outcome: Option<OutcomeView>,
}

impl View {
    /// A visit as its appointment, when it has one.
    fn of(visit: &Visit) -> Option<Self> {
        let appointment = visit.appointment?;
        Some(Self {
            id: visit.id,
            patient: visit.patient,
            service: visit.service,
            practitioner: visit.choice.practitioner(),
            regular: matches!(visit.choice, Choice::Regular(_)),
            language: visit.language,
            at: appointment.at,
            length: appointment.length,
            state: StateWord::of(&visit.state),
            outcome: OutcomeView::of(&visit.state),
        })
    }
}

/// An appointment is to be made, perhaps with the patient's regular practitioner, of whom this is known to have been.
struct Book {
    booking: Booking,
    regular: bool,
    had: Vec<Consultation>,
}

impl Change for Book {
    fn input(&mut self, clinic: &Clinic) -> Result<Input, Problem> {
        let booking = &mut self.booking;
        let named = booking.choice.practitioner();
        let choice = clinic.choice_of(booking.patient, named, self.regular);
        booking.choice = choice.map_err(super::refusal)?;
        let quota = clinic
            .service(booking.service)
            .and_then(|it| it.quota.as_ref());
        booking.history = counted(&self.had, booking.service, quota);
        Ok(Input::Book(Box::new(booking.clone())))
    }

    fn refused(&self, clinic: &Clinic, why: Refusal) -> Problem {
        let problem = super::refusal(why);
        if let Refusal::QuotaReached(reached) = why {
            let period = period_word(reached.period);
            return problem.adding(&format!("The period is a {period}."));
        }
        if why != Refusal::LanguageNotSpoken {
            return problem;
        }
        let spoken = spoken(clinic, self.booking.service);
        problem.adding(&format!("It is spoken there: {spoken}."))
    }

    fn answer(&self, clinic: &Clinic) -> Answer {
        let view = clinic.visit(self.booking.visit);
        let view = view.and_then(|view| View::of(view.visit));
        Answer::made(
            &format!("/appointments/{}", self.booking.visit.to_text()),
            &view,
        )
    }
}

/// An appointment is to be called off.
struct Cancel(VisitId);

impl Change for Cancel {
    fn input(&mut self, clinic: &Clinic) -> Result<Input, Problem> {
        let visit = clinic.visit(self.0).map(|view| view.visit);
        let visit = visit.filter(|visit| visit.appointment.is_some());
        let visit = visit.ok_or_else(|| Problem::of(Code::NotFound))?;
        if !visit.state.is_active() {
            return Err(super::refusal(Refusal::VisitEnded));
        }
        Ok(Input::Cancel { visit: self.0 })
    }

    fn answer(&self, clinic: &Clinic) -> Answer {
        let view = clinic.visit(self.0);
        Answer::done(&view.and_then(|view| View::of(view.visit)))
    }
}

impl NewAppointment {
    async fn booking(self, shared: &Shared) -> Result<Booking, Problem> {
        let limit = vestibule_clinic::limits::NAME_CHARS;
        fits(self.name.expose(), limit, Refusal::InvalidName)?;
        Ok(Booking {
            visit: VisitId::from_random(random::bits()?),
            patient: self.whose(shared).await?,
            service: self.service,
            choice: self.practitioner.map_or(Choice::Next, Choice::Named),
            language: self.language.map(|word| word.0),
            name: self.name,
            appointment: Appointment {
                at: Timestamp(self.at.0),
                length: Millis(self.length.0),
            },
            history: History::default(),
        })
    }

    /// Whose it is. What a provider calls somebody is known by them; an id is known here, or a mistake.
    async fn whose(&self, shared: &Shared) -> Result<PatientId, Problem> {
        match (self.patient, &self.subject) {
            (None, None) => Ok(PatientId::from_random(random::bits()?)),
            (Some(patient), None) if shared.store.knows_patient(patient).await? => Ok(patient),
            (Some(_), None) => Err(Problem::of(Code::UnknownPatient)),
            (None, Some(subject)) => {
                let subject = fitting(subject)?;
                let provider = shared.sign_in.as_ref();
                let provider = provider.ok_or_else(|| Problem::of(Code::NoProvider))?;
                let found = shared.store.patient_of(provider.issuer(), subject).await;
                Ok(found?)
            }
            (Some(_), Some(_)) => Err(Problem::of(Code::TwoPatients)),
        }
    }
}

/// Which appointments.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Only those of visits in this state.
    #[serde(default)]
    state: Option<StateWord>,
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

/// List appointments
///
/// In the order in which they were booked; one whose patient came counts from then.
#[utoipa::path(
    get,
    path = "/appointments",
    operation_id = "list_appointments",
    tag = "appointments",
    params(Wanted),
    responses((status = 200, description = "A page of appointments.", body = Page<View>)),
    security(("api_key" = ["appointments:read"]))
)]
async fn list(
    _caller: Caller<needs::AppointmentsRead>,
    State(shared): State<Arc<Shared>>,
    Asked(wanted): Asked<Wanted>,
) -> Result<Json<Page<View>>, Problem> {
    let paging = Paging::new(wanted.limit, wanted.cursor);
    let show = |visit: &Visit| {
        let of_state = wanted
            .state
            .is_none_or(|state| state == StateWord::of(&visit.state));
        let of_patient = wanted
            .patient
            .is_none_or(|patient| patient == visit.patient);
        View::of(visit).filter(|_| of_state && of_patient)
    };
    scan(&shared.store, &paging, show).await.map(Json)
}

/// Book an appointment
///
/// The patient comes in by a link: `GET /appointments/{appointment}/link`. Whoever has signed in before as the same patient
/// comes in by signing in as well, within the twelve hours before it begins; so does whoever is called `subject`.
#[utoipa::path(
    post,
    path = "/appointments",
    operation_id = "book_appointment",
    tag = "appointments",
    request_body = NewAppointment,
    responses((
        status = 201,
        description = "The appointment is made.",
        body = View,
        headers(("Location" = String, description = "Where it is read.")),
        links(
            ("Read" = (operation_id = "read_appointment", parameters(("appointment" = "$response.body#/id")))),
            ("Cancel" = (operation_id = "cancel_appointment", parameters(("appointment" = "$response.body#/id")))),
            ("Link" = (operation_id = "link_of_appointment", parameters(("appointment" = "$response.body#/id")))),
            ("Visit" = (operation_id = "read_visit", parameters(("visit" = "$response.body#/id")))),
            ("Gate" = (operation_id = "answer_gate", parameters(("visit" = "$response.body#/id")))),
            ("Eligibility" = (operation_id = "set_eligibility", parameters(("visit" = "$response.body#/id"))))
        )
    )),
    security(("api_key" = ["appointments:write"]))
)]
async fn book(
    State(shared): State<Arc<Shared>>,
    write: Write<needs::AppointmentsWrite, NewAppointment>,
) -> Result<Answer, Problem> {
    let regular = write.body.regular;
    let booking = write.body.booking(&shared).await?;
    let had = shared.store.past(booking.patient).await?;
    let book = Book {
        booking,
        regular,
        had,
    };
    carry_out(&shared, write.once, book).await
}

/// Read an appointment
#[utoipa::path(
    get,
    path = "/appointments/{appointment}",
    operation_id = "read_appointment",
    tag = "appointments",
    params(("appointment" = String, Path, format = Uuid, description = "Its id.")),
    responses((status = 200, description = "The appointment.", body = View)),
    security(("api_key" = ["appointments:read"]))
)]
async fn read(
    _caller: Caller<needs::AppointmentsRead>,
    State(shared): State<Arc<Shared>>,
    Id(id): Id<VisitId>,
) -> Result<Json<View>, Problem> {
    let visit = shared.store.visit(id).await?;
    let view = visit.as_ref().and_then(View::of);
    view.map(Json).ok_or_else(|| Problem::of(Code::NotFound))
}

/// Cancel an appointment
///
/// Until its patient has come.
#[utoipa::path(
    post,
    path = "/appointments/{appointment}/cancel",
    operation_id = "cancel_appointment",
    tag = "appointments",
    params(("appointment" = String, Path, format = Uuid, description = "Its id.")),
    responses((status = 200, description = "The appointment as it is now.", body = View)),
    security(("api_key" = ["appointments:write"]))
)]
async fn cancel(
    State(shared): State<Arc<Shared>>,
    Id(id): Id<VisitId>,
    act: Act<needs::AppointmentsWrite>,
) -> Result<Answer, Problem> {
    carry_out(&shared, act.once, Cancel(id)).await
}
