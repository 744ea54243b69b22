//! Documents of a visit: that there are some, and of what kind. What they say is read elsewhere, under scopes of its own,
//! or is not for the server to read at all.
//!
//! What people send one another in the consultation, chat and files alike, is sealed between them (MLS): the server
//! passes it on and cannot tell one from the other, so nothing of it is listed.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vestibule_clinic::Visit;
use vestibule_vocab::{Timestamp, VisitId};

use super::asked::{Asked, Id};
use super::caller::Caller;
use super::pagination::{Page, Paging, Place, page};
use super::scope::needs;
use super::shape::Moment;
use super::{Code, Problem};
use crate::fhir::completed_at;
use crate::shared::Shared;
use crate::store::NoteSize;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(list))
}

/// That there is a document. Nothing of what it says.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Document)]
struct View {
    /// What it is.
    kind: Kind,
    /// By what it is read where its kind is read: a note's consultation, else the visit.
    #[schema(format = Uuid)]
    id: String,
    /// Who wrote it.
    author: Author,
    /// When it was written last; null of answers to a form that is not complete.
    #[schema(value_type = Option<Moment>)]
    written_at: Option<Timestamp>,
    /// How long it is, in bytes: of a text in UTF-8, else of its JSON.
    bytes: u64,
}

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DocumentKind)]
enum Kind {
    /// What the patient answered to the symptom form: `/fhir/r4/QuestionnaireResponse/{id}`, until the visit ends.
    FormAnswers,
    /// What the patient said about consent: `/fhir/r4/Consent/{id}`.
    Consent,
    /// What the practitioner wrote to the patient's regular one: `/api/v1/notes/{id}`.
    Note,
}

/// As what somebody wrote a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DocumentAuthor)]
enum Author {
    Patient,
    Practitioner,
}

/// Where the list stands: by kind, then by time, then by id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Stand {
    kind: u8,
    at: u64,
    id: String,
}

impl Place for Stand {
    const LIST: u8 = b'd';

    fn bytes(&self) -> Vec<u8> {
        let at = self.at.to_be_bytes();
        [&[self.kind][..], &at[..], self.id.as_bytes()].concat()
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (kind, rest) = bytes.split_first()?;
        let (at, id) = rest.split_first_chunk()?;
        Some(Self {
            kind: *kind,
            at: u64::from_be_bytes(*at),
            id: String::from_utf8(id.to_vec()).ok()?,
        })
    }
}

impl View {
    fn stand(&self) -> Stand {
        Stand {
            kind: match self.kind {
                Kind::FormAnswers => 0,
                Kind::Consent => 1,
                Kind::Note => 2,
            },
            at: self.written_at.unwrap_or_default().0,
            id: self.id.clone(),
        }
    }

    fn note(note: &NoteSize) -> Self {
        Self {
            kind: Kind::Note,
            id: note.consultation.to_text(),
            author: Author::Practitioner,
            written_at: Some(note.at),
            bytes: note.bytes,
        }
    }

    fn of_patient(kind: Kind, visit: VisitId, at: Option<Timestamp>, it: &impl Serialize) -> Self {
        // Nothing of ours has a map whose keys are no text, which is all that could fail.
        let text = serde_json::to_string(it).unwrap_or_default();
        Self {
            kind,
            id: visit.to_text(),
            author: Author::Patient,
            written_at: at,
            bytes: u64::try_from(text.len()).unwrap_or(u64::MAX),
        }
    }
}

/// All of a visit, in order.
fn all(visit: &Visit, notes: &[NoteSize]) -> Vec<View> {
    let mut all = Vec::new();
    if !visit.answers.is_empty() {
        let at = completed_at(visit);
        let answers = &visit.answers;
        all.push(View::of_patient(Kind::FormAnswers, visit.id, at, answers));
    }
    if let Some(last) = visit.consent.history().last() {
        let consent = &visit.consent;
        let at = Some(last.at);
        all.push(View::of_patient(Kind::Consent, visit.id, at, consent));
    }
    all.extend(notes.iter().map(View::note));
    all.sort_by_key(View::stand);
    all
}

/// List the documents of a visit
///
/// That they are there, of what kind, by whom, since when and how long; what they say is not here. Feedback is not listed.
/// What people send one another in a consultation is sealed between them: the server does not know what of it is a document.
#[utoipa::path(
    get,
    path = "/visits/{visit}/documents",
    operation_id = "list_documents",
    tag = "documents",
    params(("visit" = String, Path, format = Uuid, description = "The visit's id."), Paging),
    responses((status = 200, description = "A page of documents.", body = Page<View>)),
    security(("api_key" = ["documents:read"]))
)]
async fn list(
    _caller: Caller<needs::DocumentsRead>,
    State(shared): State<Arc<Shared>>,
    Id(id): Id<VisitId>,
    Asked(paging): Asked<Paging>,
) -> Result<Json<Page<View>>, Problem> {
    let limit = paging.limit()?;
    let after = paging.after::<Stand>()?;
    let found = shared.store.visit(id).await?;
    let visit = found.ok_or_else(|| Problem::of(Code::NotFound))?;
    let notes = shared.store.note_sizes(id).await?;
    let rest = all(&visit, &notes).into_iter();
    let rest = rest.filter(|it| after.as_ref().is_none_or(|after| it.stand() > *after));
    Ok(Json(page(rest.collect(), limit, View::stand, |it| it)))
}
