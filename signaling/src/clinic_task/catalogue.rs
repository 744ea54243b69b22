//! What is offered, as everybody reads it: made anew when it changes and not for each snapshot.

use std::collections::{BTreeMap, BTreeSet};

use vestibule_clinic::{Clinic, Duty, Language, Practitioner, Service};
use vestibule_protocol::desk::WaitingRoom;
use vestibule_protocol::server::{OfferedPractitioner, OfferedService, TransferTarget};
use vestibule_vocab::{PractitionerId, Redacted, ServiceId};

use super::doors::Doors;
use super::translate;
use crate::limits::{OFFERED, TRANSFERS};

/// The services and practitioners of a clinic, for people.
#[derive(Debug, Default)]
pub(super) struct Catalogue {
    offered: Vec<OfferedService>,
    transfers: Vec<TransferTarget>,
}

impl Catalogue {
    pub(super) fn of(clinic: &Clinic) -> Self {
        let staff = staff(clinic);
        let mut services: Vec<&Service> = clinic.services().collect();
        services.sort_by(|one, other| one.name.cmp(&other.name));
        let mut practitioners: Vec<&Practitioner> = clinic.registered().collect();
        practitioners.sort_by(|one, other| one.name.cmp(&other.name));
        // Handed on to a service that nobody practises somebody would wait for ever, which is refused.
        let practised = services.iter().filter(|it| !of(it, &staff).is_empty());
        let rooms = practised.map(|it| service_target(it, &staff));
        let people = practitioners.iter().map(|it| practitioner_target(it));
        Self {
            offered: services
                .iter()
                .take(OFFERED)
                .map(|it| offered(it, &staff))
                .collect(),
            transfers: rooms.chain(people).take(TRANSFERS).collect(),
        }
    }

    /// What a patient can ask for, and which of it takes nobody in now.
    pub(super) fn offered(&self, doors: &Doors) -> Vec<OfferedService> {
        let mut offered = self.offered.clone();
        for service in &mut offered {
            service.closed = doors.closed(service.service);
        }
        offered
    }

    /// The service of an appointment that names nobody, with those who could keep it. It takes its patient in whether it is
    /// closed or not, and in the language that was booked.
    pub(super) fn of_appointment(
        &self,
        service: ServiceId,
        could_keep: impl Fn(PractitionerId) -> bool,
    ) -> Option<OfferedService> {
        let mut offered = self
            .offered
            .iter()
            .find(|it| it.service == service)?
            .clone();
        offered
            .practitioners
            .retain(|it| could_keep(it.practitioner));
        offered.languages.clear();
        Some(offered)
    }

    /// Where a practitioner can hand a visit on to.
    pub(super) fn transfers(&self, from: PractitionerId) -> Vec<TransferTarget> {
        let own = WaitingRoom::Practitioner(from);
        let others = self.transfers.iter().filter(|it| it.to != own);
        others.cloned().collect()
    }
}

type Staff<'a> = BTreeMap<ServiceId, Vec<&'a Practitioner>>;

fn staff(clinic: &Clinic) -> Staff<'_> {
    let mut staff = Staff::new();
    for card in clinic.registered() {
        for service in &card.services {
            staff.entry(*service).or_default().push(card);
        }
    }
    staff
}

fn of<'a>(service: &Service, staff: &'a Staff<'_>) -> &'a [&'a Practitioner] {
    staff.get(&service.id).map_or(&[], Vec::as_slice)
}

fn offered(service: &Service, staff: &Staff<'_>) -> OfferedService {
    let practitioners = of(service, staff).iter().take(OFFERED);
    OfferedService {
        service: service.id,
        name: service.name.clone(),
        price: service.price.clone(),
        reimbursement: service.reimbursement.clone(),
        languages: languages(service, of(service, staff)),
        practitioners: practitioners
            .map(|card| OfferedPractitioner {
                practitioner: card.id,
                name: Redacted::new(card.name.clone()),
                on_duty: is_on_duty(card),
            })
            .collect(),
        closed: None,
    }
}

/// What can be asked for: what the service is offered in, or else what is spoken, as far as somebody speaks it.
fn languages(service: &Service, staff: &[&Practitioner]) -> Vec<String> {
    let spoken: BTreeSet<Language> = staff.iter().flat_map(|it| &it.languages).copied().collect();
    // Whoever does not say is asked for no language in particular.
    let any = staff.iter().any(|card| card.languages.is_empty());
    let offered = if service.languages.is_empty() && !any {
        &spoken
    } else {
        &service.languages
    };
    let offered = offered.iter().filter(|it| any || spoken.contains(it));
    offered.map(translate::language).collect()
}

fn service_target(service: &Service, staff: &Staff<'_>) -> TransferTarget {
    TransferTarget {
        to: WaitingRoom::Service(service.id),
        name: Redacted::new(service.name.clone()),
        on_duty: of(service, staff).iter().any(|card| is_on_duty(card)),
    }
}

fn practitioner_target(card: &Practitioner) -> TransferTarget {
    TransferTarget {
        to: WaitingRoom::Practitioner(card.id),
        name: Redacted::new(card.name.clone()),
        on_duty: is_on_duty(card),
    }
}

fn is_on_duty(card: &Practitioner) -> bool {
    card.duty == Duty::On
}
