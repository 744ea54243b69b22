//! The kinds of resources: how each is read and listed.

use std::collections::BTreeMap;
use std::future::Future;

use vestibule_clinic::Service;
use vestibule_vocab::{ConsultationId, Millis, ServiceId, Timestamp, VisitId};

use super::search::{Meaning, Parameter, Place, Search};
use super::{Found, Names, appointment, audit_event, consent, encounter, questionnaire_response};
use crate::api::{Needs, needs};
use crate::limits::{CONSULTATION_LONGEST, PAGE_ROWS};
use crate::store::{EncounterRow, Encounters, Store, StoreError, VisitRow};

/// One kind of resource.
pub(super) trait Kind: Send + Sync + 'static {
    /// What a key needs to read it.
    type Needs: Needs;
    /// Its name in FHIR.
    const NAME: &'static str;
    /// By what it is searched, besides the number of a page.
    const PARAMETERS: &'static [Parameter];
    /// What is said where there is none of an id: which ids it has, and where to look.
    const MISSING: &'static str;

    /// The resource of this id.
    fn read(
        store: &Store,
        names: &Names,
        id: &str,
    ) -> impl Future<Output = Result<Option<Found>, StoreError>> + Send;

    /// The rows that a page of this search is made from.
    fn rows(
        store: &Store,
        names: &Names,
        search: &Search,
    ) -> impl Future<Output = Result<Rows, StoreError>> + Send;
}

/// Rows in order, each with its place, and with its resource if it is one of the kind.
pub(super) struct Rows {
    pub(super) rows: Vec<(Place, Option<Found>)>,
    /// There are no rows behind these.
    pub(super) at_end: bool,
}

impl Rows {
    fn of(rows: Vec<(Place, Option<Found>)>, looked_at: u32) -> Self {
        let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        Self {
            rows,
            at_end: count < looked_at,
        }
    }
}

/// The services that rows are of.
type Services = BTreeMap<ServiceId, Service>;

async fn services(
    store: &Store,
    ids: impl Iterator<Item = ServiceId>,
) -> Result<Services, StoreError> {
    let mut services = Services::new();
    for id in ids {
        if !services.contains_key(&id) {
            services.extend(store.service(id).await?.map(|service| (id, service)));
        }
    }
    Ok(services)
}

/// How a visit is shown as a resource, if it is one.
type ShowVisit = fn(&Names, &VisitRow, Option<&Service>) -> Option<Found>;

async fn read_visit(
    store: &Store,
    names: &Names,
    id: &str,
    show: ShowVisit,
) -> Result<Option<Found>, StoreError> {
    let Some(id) = VisitId::parse(id) else {
        return Ok(None);
    };
    let Some(row) = store.visit_row(id).await? else {
        return Ok(None);
    };
    let service = store.service(row.visit.service).await?;
    Ok(show(names, &row, service.as_ref()))
}

async fn visit_rows(
    store: &Store,
    names: &Names,
    search: &Search,
    show: ShowVisit,
) -> Result<Rows, StoreError> {
    let after = search.after.map(|place| place.number);
    let rows = store.visit_rows(after, search.patient(), PAGE_ROWS).await?;
    let services = services(store, rows.iter().map(|row| row.visit.service)).await?;
    let shown = rows.iter().map(|row| {
        let place = numbered(row.visit.rank.arrival.0);
        let service = services.get(&row.visit.service);
        (place, show(names, row, service))
    });
    Ok(Rows::of(shown.collect(), PAGE_ROWS))
}

fn numbered(number: u64) -> Place {
    Place {
        number,
        id: ConsultationId::from_bytes([0; 16]),
    }
}

macro_rules! kinds_of_visits {
    ($($(#[$doc:meta])* $kind:ident needs $needs:ident, by $parameters:expr, missing $missing:literal,
        shown $show:expr;)*) => {
        $($(#[$doc])*
        pub(super) struct $kind;

        impl Kind for $kind {
            type Needs = needs::$needs;
            const NAME: &'static str = stringify!($kind);
            const PARAMETERS: &'static [Parameter] = $parameters;
            const MISSING: &'static str = $missing;

            async fn read(
                store: &Store,
                names: &Names,
                id: &str,
            ) -> Result<Option<Found>, StoreError> {
                read_visit(store, names, id, $show).await
            }

            async fn rows(
                store: &Store,
                names: &Names,
                search: &Search,
            ) -> Result<Rows, StoreError> {
                visit_rows(store, names, search, $show).await
            }
        })*
    };
}

/// The codes of R4's value set appointmentstatus.
const APPOINTMENT: &[&str] = &[
    "proposed",
    "pending",
    "booked",
    "arrived",
    "fulfilled",
    "cancelled",
    "noshow",
    "entered-in-error",
    "checked-in",
    "waitlist",
];

/// Of consent-state-codes.
const CONSENT: &[&str] = &[
    "draft",
    "proposed",
    "active",
    "rejected",
    "inactive",
    "entered-in-error",
];

/// Of questionnaire-answers-status.
const RESPONSE: &[&str] = &[
    "in-progress",
    "completed",
    "amended",
    "entered-in-error",
    "stopped",
];

/// Of encounter-status.
const ENCOUNTER: &[&str] = &[
    "planned",
    "arrived",
    "triaged",
    "in-progress",
    "onleave",
    "finished",
    "cancelled",
    "entered-in-error",
    "unknown",
];

kinds_of_visits! {
    /// A visit that is, or was, planned.
    Appointment needs AppointmentsRead, by &[
        ("patient", Meaning::Patient),
        ("practitioner", Meaning::Practitioner),
        ("date", Meaning::Date),
        ("status", Meaning::Status(APPOINTMENT)),
    ], missing "There is no appointment of this id here. It has its visit's; whoever walked in has none, and a visit is forgotten a day after it ended", shown |names, row, service| {
        appointment::appointment(names, &row.visit, service, row.seen)
    };
    /// What a visit's patient said about consent.
    Consent needs ConsentsRead, by &[
        ("patient", Meaning::Patient),
        ("date", Meaning::Date),
        ("status", Meaning::Status(CONSENT)),
    ], missing "There is no consent of this id here. It has its visit's, once the patient said anything about it, and goes with the visit, a day after that ended", shown |names, row, _| consent::consent(names, &row.visit);
    /// What a visit's patient answered.
    QuestionnaireResponse needs AnswersRead, by &[
        ("patient", Meaning::Patient),
        ("subject", Meaning::Patient),
        ("authored", Meaning::Date),
        ("status", Meaning::Status(RESPONSE)),
    ], missing "There are no answers of this id here. They have their visit's, once the patient gave them, and are gone when the visit ends", shown |names, row, service| {
        questionnaire_response::questionnaire_response(names, &row.visit, service)
    };
}

/// A consultation.
pub(super) struct Encounter;

impl Kind for Encounter {
    type Needs = needs::ReceiptsRead;
    const NAME: &'static str = "Encounter";
    const PARAMETERS: &'static [Parameter] = &[
        ("patient", Meaning::Patient),
        ("subject", Meaning::Patient),
        ("practitioner", Meaning::Practitioner),
        ("appointment", Meaning::Visit),
        ("date", Meaning::Date),
        ("status", Meaning::Status(ENCOUNTER)),
    ];
    const MISSING: &'static str = "There is no consultation of this id here. An Encounter has its consultation's id, not its \
         visit's, and is there once the patient was admitted: search for those of a visit by `appointment`";

    async fn read(store: &Store, names: &Names, id: &str) -> Result<Option<Found>, StoreError> {
        let Some(id) = ConsultationId::parse(id) else {
            return Ok(None);
        };
        let Some(row) = store.encounter(id).await? else {
            return Ok(None);
        };
        let service = store.service(row.consultation.service).await?;
        Ok(Some(show_encounter(names, &row, service.as_ref())))
    }

    async fn rows(store: &Store, names: &Names, search: &Search) -> Result<Rows, StoreError> {
        let place = |place: Place| (Timestamp(place.number), place.id);
        let wanted = Encounters {
            after: search.after.map(place),
            from: began_from(search),
            to: search.begins_before(),
            patient: search.patient(),
        };
        let rows = store.encounters(wanted, PAGE_ROWS).await?;
        let services = services(store, rows.iter().map(|row| row.consultation.service)).await?;
        let shown = rows.iter().map(|row| {
            let it = &row.consultation;
            let place = Place {
                number: it.started_at.0,
                id: it.id,
            };
            let service = services.get(&it.service);
            (place, Some(show_encounter(names, row, service)))
        });
        Ok(Rows::of(shown.collect(), PAGE_ROWS))
    }
}

fn show_encounter(names: &Names, row: &EncounterRow, service: Option<&Service>) -> Found {
    let visit = row.visit.as_ref();
    encounter::encounter(names, &row.consultation, row.talk, visit, service)
}

/// What ends after a moment did not begin long before it.
fn began_from(search: &Search) -> Timestamp {
    let Millis(longest) = CONSULTATION_LONGEST;
    Timestamp(search.ends_after().0.saturating_sub(longest))
}

/// A line of the audit log.
pub(super) struct AuditEvent;

impl Kind for AuditEvent {
    type Needs = needs::AuditRead;
    const NAME: &'static str = "AuditEvent";
    const PARAMETERS: &'static [Parameter] = &[
        ("agent", Meaning::Person),
        ("entity", Meaning::Visit),
        ("date", Meaning::Date),
    ];
    const MISSING: &'static str = "There is no line of this number in the audit log, or it is past its period; ids count from 1";

    async fn read(store: &Store, names: &Names, id: &str) -> Result<Option<Found>, StoreError> {
        let Some(before) = id.parse().ok().and_then(|id: u64| id.checked_sub(1)) else {
            return Ok(None);
        };
        let lines = store.audit_after(before, 1).await?;
        let found = lines.first();
        let found = found.and_then(|line| audit_event::audit_event(names, line));
        Ok(found.filter(|found| found.id == id))
    }

    async fn rows(store: &Store, names: &Names, search: &Search) -> Result<Rows, StoreError> {
        let after = search.after.map_or(0, |place| place.number);
        let lines = store.audit_after(after, PAGE_ROWS).await?;
        let shown = lines.iter().map(|line| {
            let place = numbered(line.sequence);
            (place, audit_event::audit_event(names, line))
        });
        Ok(Rows::of(shown.collect(), PAGE_ROWS))
    }
}
