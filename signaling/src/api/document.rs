//! The API's description (OpenAPI 3.1), made of the same code that serves it.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use utoipa::OpenApi as _;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{AdditionalProperties, Schema};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    Components, ContentBuilder, HeaderBuilder, ObjectBuilder, OpenApi, Ref, RefOr, Required,
    Response, ResponseBuilder, Type,
};
use utoipa::{PartialSchema as _, ToSchema};
use utoipa_axum::router::OpenApiRouter;

use super::refusal::of_the_rules;
use super::{Code, Problem, Scope};
use super::{
    appointments, audit, companions, documents, feedback, gates, identities, links, notes,
    patients, practitioners, receipts, services, visits,
};
use crate::limits::IDEMPOTENCY_KEY_CHARS;
use crate::shared::Shared;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Vestibule",
        description = "What other systems ask of a clinic: services, practitioners, appointments, patients, visits with their gates, \
                       companions and documents, receipts, notes, feedback, the audit log. Moments are milliseconds since the Unix epoch, lengths of time are \
                       milliseconds. Every error is a problem document (RFC 9457) with a stable code.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    servers((url = "/api/v1")),
    components(schemas(Problem)),
    tags(
        (name = "services", description = "What can be consulted for."),
        (name = "practitioners", description = "Those who see patients."),
        (name = "appointments", description = "Visits that are planned."),
        (name = "patients", description = "Who the regular practitioner of each is."),
        (name = "visits", description = "From arrival to outcome."),
        (name = "companions", description = "Those who come with a patient."),
        (name = "documents", description = "What was written in a visit: that it is there, and not what it says."),
        (name = "links", description = "By which people come in."),
        (name = "receipts", description = "That a consultation took place, and when."),
        (name = "notes", description = "What practitioners wrote to the regular ones of their patients."),
        (name = "feedback", description = "What patients told a practitioner in private."),
        (name = "audit", description = "Who did what, in codes.")
    )
)]
struct Head;

/// All routes that the document describes, and the document.
pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::with_openapi(Head::openapi())
        .merge(services::routes())
        .merge(practitioners::routes())
        .merge(identities::routes())
        .merge(appointments::routes())
        .merge(patients::routes())
        .merge(visits::routes())
        .merge(gates::routes())
        .merge(companions::routes())
        .merge(documents::routes())
        .merge(links::routes())
        .merge(receipts::routes())
        .merge(notes::routes())
        .merge(feedback::routes())
        .merge(audit::routes())
}

/// The whole document, made when it is first asked for.
pub(super) static DOCUMENT: LazyLock<OpenApi> = LazyLock::new(document);

fn document() -> OpenApi {
    let (_, mut document) = routes().split_for_parts();
    let components = document.components.get_or_insert_with(Components::new);
    components
        .security_schemes
        .insert("api_key".to_owned(), RefOr::T(api_key()));
    for schema in components.schemas.values_mut() {
        close(schema);
    }
    if let Some(problem) = components.schemas.get_mut(Problem::name().as_ref()) {
        list_codes(problem);
    }
    for item in document.paths.paths.values_mut() {
        for read in [&mut item.get].into_iter().flatten() {
            add_refusals(read, READS);
        }
        if let Some(post) = &mut item.post {
            name_once(post, Required::True);
            add_refusals(post, WRITES);
        }
        if let Some(put) = &mut item.put {
            name_once(put, Required::False);
            add_refusals(put, WRITES);
        }
        if let Some(delete) = &mut item.delete {
            name_once(delete, Required::False);
            add_refusals(delete, WRITES);
        }
    }
    document
}

/// What the codes are that a problem may have, with the status of each.
fn list_codes(problem: &mut RefOr<Schema>) {
    let RefOr::T(Schema::Object(problem)) = problem else {
        return;
    };
    let Some(RefOr::T(Schema::Object(code))) = problem.properties.get_mut("code") else {
        return;
    };
    let own = Code::ALL
        .iter()
        .map(|code| (code.word().to_owned(), code.status()));
    let rules = of_the_rules().map(|problem| (problem.code().to_owned(), problem.status()));
    let known: BTreeMap<String, StatusCode> = own.chain(rules).collect();
    let known: Vec<String> = known
        .iter()
        .map(|(code, status)| format!("`{code}` ({})", status.as_u16()))
        .collect();
    code.description = Some(format!(
        "The stable code. There may be more some day; these are known: {}.",
        known.join(", ")
    ));
}

/// Nothing more than is described is taken of the variants of an enum either.
fn close(schema: &mut RefOr<Schema>) {
    let RefOr::T(Schema::OneOf(variants)) = schema else {
        return;
    };
    for variant in &mut variants.items {
        if let RefOr::T(Schema::Object(object)) = variant
            && !object.properties.is_empty()
        {
            let nothing_more = AdditionalProperties::FreeForm(false);
            object.additional_properties = Some(Box::new(nothing_more));
        }
    }
}

/// The document as it is served and kept beside the code.
///
/// # Errors
/// Never: the document is made of text alone.
pub fn openapi_json() -> Result<String, serde_json::Error> {
    DOCUMENT.to_pretty_json().map(|text| text + "\n")
}

/// `GET /api/v1/openapi.json`.
pub(super) async fn serve() -> Result<impl IntoResponse, Problem> {
    let text = openapi_json().map_err(|_| Problem::of(Code::Unavailable))?;
    Ok(([(header::CONTENT_TYPE, "application/json")], text))
}

fn api_key() -> SecurityScheme {
    let scopes: Vec<&str> = Scope::ALL.iter().map(|scope| scope.word()).collect();
    let description = format!(
        "A key that `vestibule api-key add` printed. Its scopes are some of: {}.",
        scopes.join(", ")
    );
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some(description));
    SecurityScheme::Http(bearer.build())
}

const READS: &[Code] = &[
    Code::Malformed,
    Code::Unauthorized,
    Code::Forbidden,
    Code::NotFound,
    Code::InvalidCursor,
    Code::RateLimited,
    Code::Unavailable,
];

const WRITES: &[Code] = &[
    Code::Malformed,
    Code::Unauthorized,
    Code::Forbidden,
    Code::NotFound,
    Code::InProgress,
    Code::TooLarge,
    Code::WrongMediaType,
    Code::IdempotencyKeyReused,
    Code::RateLimited,
    Code::Unavailable,
];

fn add_refusals(operation: &mut Operation, codes: &[Code]) {
    for code in codes {
        let status = code.status().as_u16().to_string();
        let responses = &mut operation.responses.responses;
        responses
            .entry(status)
            .or_insert_with(|| RefOr::T(refused(*code)));
    }
}

fn refused(code: Code) -> Response {
    let reason = code.status();
    let description = reason.canonical_reason().unwrap_or_default();
    let problem = Ref::from_schema_name(Problem::name());
    let content = ContentBuilder::new().schema(Some(problem)).build();
    let mut response = ResponseBuilder::new()
        .description(description)
        .content("application/problem+json", content);
    if matches!(code, Code::RateLimited | Code::Unavailable) {
        let seconds = HeaderBuilder::new()
            .schema(Some(u32::schema()))
            .description(Some("Seconds after which to try again."))
            .build();
        response = response.header("Retry-After", seconds);
    }
    response.build()
}

fn name_once(operation: &mut Operation, required: Required) {
    let name = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(IDEMPOTENCY_KEY_CHARS))
        .pattern(Some("^[!-~]+$"))
        .examples(["5f6c7c52-8d1f-4b5e-9d39-0a3d1f1b7c11"])
        .build();
    let parameter: Parameter = ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(required)
        .description(Some(
            "A name for what is asked, new for each thing and the same when it is repeated: within 24 hours, a repeated \
             request is answered as before and not carried out again.",
        ))
        .schema(Some(name))
        .build();
    operation
        .parameters
        .get_or_insert_with(Vec::new)
        .push(RefOr::T(parameter));
}
