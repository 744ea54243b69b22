//! Patients, by their ids alone: who their regular practitioner is.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vestibule_clinic::{Clinic, Input, Refusal};
use vestibule_vocab::{PatientId, PractitionerId};

use super::asked::{Act, Id, Once, Write};
use super::caller::Caller;
use super::change::carry_out;
use super::scope::needs;
use super::{Answer, Code, Problem};
use crate::clinic_task::Change;
use crate::shared::Shared;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(read_regular, set_regular, end_regular))
}

/// Who it shall be.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewRegular {
    /// Who.
    #[schema(value_type = uuid::Uuid)]
    practitioner: PractitionerId,
}

/// A patient's regular practitioner.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Regular)]
struct View {
    /// Whose.
    #[schema(value_type = String, format = Uuid)]
    patient: PatientId,
    /// Who; null when the patient has none here.
    #[schema(value_type = Option<uuid::Uuid>)]
    practitioner: Option<PractitionerId>,
}

/// Somebody is to be it, or nobody.
struct SetRegular(View);

impl Change for SetRegular {
    fn input(&mut self, _: &Clinic) -> Result<Input, Problem> {
        Ok(Input::SetRegular {
            patient: self.0.patient,
            regular: self.0.practitioner,
        })
    }

    fn refused(&self, _: &Clinic, why: Refusal) -> Problem {
        // They were erased a moment ago.
        if why == Refusal::UnknownPatient {
            return nobody();
        }
        super::refusal(why)
    }

    fn answer(&self, clinic: &Clinic) -> Answer {
        Answer::done(&View {
            patient: self.0.patient,
            practitioner: clinic.regular_of(self.0.patient),
        })
    }
}

async fn set(
    shared: &Arc<Shared>,
    once: Once,
    patient: PatientId,
    practitioner: Option<PractitionerId>,
) -> Result<Answer, Problem> {
    known(shared, patient).await?;
    let regular = View {
        patient,
        practitioner,
    };
    carry_out(shared, once, SetRegular(regular)).await
}

/// The id stands in the address, and what is not found there is not found.
fn nobody() -> Problem {
    let how = "A patient is found by the `patient` of an appointment or a visit, for as long as something of them is kept, \
               and never again once they were erased.";
    Problem::of(Code::NotFound).adding(how)
}

async fn known(shared: &Shared, patient: PatientId) -> Result<(), Problem> {
    if shared.store.knows_patient(patient).await? {
        Ok(())
    } else {
        Err(nobody())
    }
}

/// Read who a patient's regular practitioner is
#[utoipa::path(
    get,
    path = "/patients/{patient}/regular",
    operation_id = "read_regular",
    tag = "patients",
    params(("patient" = String, Path, format = Uuid, description = "The `patient` of an appointment or a visit.")),
    responses((status = 200, description = "Who it is, if anybody.", body = View)),
    security(("api_key" = ["patients:read"]))
)]
async fn read_regular(
    _caller: Caller<needs::PatientsRead>,
    State(shared): State<Arc<Shared>>,
    Id(patient): Id<PatientId>,
) -> Result<Json<View>, Problem> {
    known(&shared, patient).await?;
    Ok(Json(View {
        patient,
        practitioner: shared.store.regular_of(patient).await?,
    }))
}

/// Say who a patient's regular practitioner is
///
/// In the place of whoever was: a patient has one at most. It is kept across visits, until somebody says otherwise or the
/// patient is erased. Whoever waits or is booked already stays where they are.
#[utoipa::path(
    put,
    path = "/patients/{patient}/regular",
    operation_id = "set_regular",
    tag = "patients",
    params(("patient" = String, Path, format = Uuid, description = "The `patient` of an appointment or a visit.")),
    request_body = NewRegular,
    responses((status = 200, description = "Who it is now.", body = View)),
    security(("api_key" = ["patients:write"]))
)]
async fn set_regular(
    State(shared): State<Arc<Shared>>,
    Id(patient): Id<PatientId>,
    write: Write<needs::PatientsWrite, NewRegular>,
) -> Result<Answer, Problem> {
    let practitioner = Some(write.body.practitioner);
    set(&shared, write.once, patient, practitioner).await
}

/// Say that a patient has no regular practitioner
///
/// Said again it changes nothing.
#[utoipa::path(
    delete,
    path = "/patients/{patient}/regular",
    operation_id = "end_regular",
    tag = "patients",
    params(("patient" = String, Path, format = Uuid, description = "The `patient` of an appointment or a visit.")),
    responses((status = 200, description = "Nobody is now.", body = View)),
    security(("api_key" = ["patients:write"]))
)]
async fn end_regular(
    State(shared): State<Arc<Shared>>,
    Id(patient): Id<PatientId>,
    act: Act<needs::PatientsWrite>,
) -> Result<Answer, Problem> {
    set(&shared, act.once, patient, None).await
}
