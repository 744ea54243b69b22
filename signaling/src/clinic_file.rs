//! A file that says what the clinic offers and who works there.
//!
//! What it names is set anew at each start; what it does not name stays as it is stored.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use vestibule_clinic::calendar::OpeningHours;
use vestibule_clinic::quota::Quota;
use vestibule_clinic::shield::{Roster, ShieldPolicy};
use vestibule_clinic::{
    Form, GateRules, Language, Order, Practitioner, Refusal, Service, ShiftPromise,
};
use vestibule_vocab::{PractitionerId, ServiceId};

use crate::settings::{Name, Names};

/// What a file says of a clinic. See `docs/operations.md` for its fields.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClinicFile {
    /// The first is what somebody is seen for who does not choose.
    #[serde(default)]
    services: Vec<ServiceEntry>,
    /// Each is known by their name.
    #[serde(default)]
    practitioners: Vec<PractitionerEntry>,
}

/// The file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadClinicFile {
    /// It cannot be read.
    #[error("{}: {why}", .file.display())]
    Unreadable {
        /// Which.
        file: PathBuf,
        /// Why.
        why: std::io::Error,
    },
    /// A field is not what it is to be.
    #[error("{field}: {why}")]
    Field {
        /// Where it is, such as `services[0].form`.
        field: String,
        /// What is wrong with it.
        why: String,
    },
}

/// A service as it is written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ServiceEntry {
    name: Name,
    specialty: Option<String>,
    #[serde(default)]
    languages: BTreeSet<Language>,
    #[serde(default)]
    price: String,
    #[serde(default)]
    reimbursement: String,
    open: Option<bool>,
    #[serde(default)]
    hours: OpeningHours,
    #[serde(default)]
    order: Order,
    #[serde(default)]
    gates: GateRules,
    form: Option<Form>,
    quota: Option<Quota>,
    promise: Option<ShiftPromise>,
}

/// A practitioner as they are written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PractitionerEntry {
    name: Name,
    /// By name; all that the file has when absent.
    services: Option<Vec<String>>,
    #[serde(default)]
    languages: BTreeSet<Language>,
    #[serde(default)]
    shield: ShieldPolicy,
    roster: Option<Roster>,
}

impl ClinicFile {
    /// Reads a file.
    ///
    /// # Errors
    /// [`BadClinicFile`], which names the field.
    pub fn read(file: &Path) -> Result<Self, BadClinicFile> {
        let text = std::fs::read_to_string(file).map_err(|why| BadClinicFile::Unreadable {
            file: file.to_owned(),
            why,
        })?;
        Self::parse(&text)
    }

    /// Reads what a file holds: one JSON object.
    ///
    /// # Errors
    /// [`BadClinicFile::Field`].
    pub fn parse(text: &str) -> Result<Self, BadClinicFile> {
        let mut json = serde_json::Deserializer::from_str(text);
        let file: Self = serde_path_to_error::deserialize(&mut json)
            .map_err(|error| bad(&known_part(error.path()), error.inner()))?;
        json.end()
            .map_err(|why| bad(&"the end of the file", &why))?;
        file.names_are_single()?;
        file.forms_are_there()?;
        Ok(file)
    }

    /// What the command line names, but for what the file does.
    pub(crate) fn names(&self, given: &Names) -> Names {
        let mut names = given.clone();
        if !self.services.is_empty() {
            names.service = None;
        }
        if !self.practitioners.is_empty() {
            names.practitioners.clear();
        }
        names
    }

    /// The services as they shall be, each with its place in the file: those that are stored by the same name keep their
    /// ids, the first of the others takes over what is `free`, and the rest get one of `fresh`.
    pub(crate) fn services<'a>(
        &'a self,
        stored: &'a [Service],
        free: Option<ServiceId>,
        mut fresh: impl FnMut() -> ServiceId + 'a,
    ) -> impl Iterator<Item = (String, Service)> + 'a {
        let matched = |id| stored.iter().any(|it| it.id == id && self.has_service(it));
        let mut free = free.filter(|id| !matched(*id));
        (0..)
            .zip(&self.services)
            .map(move |(place, entry): (u32, _)| {
                let known = stored.iter().find(|it| it.name == entry.name.as_str());
                let id = known.map(|it| it.id);
                let id = id.or_else(|| free.take()).unwrap_or_else(&mut fresh);
                (format!("services[{place}]"), entry.service(id))
            })
    }

    fn has_service(&self, service: &Service) -> bool {
        let mut names = self.services.iter().map(|it| it.name.as_str());
        names.any(|name| name == service.name)
    }

    fn has_practitioner(&self, card: &Practitioner) -> bool {
        let mut names = self.practitioners.iter().map(|it| it.name.as_str());
        names.any(|name| name == card.name)
    }

    /// The practitioners as they shall be, by the same rule as services. One who is new practises `unchosen` when the file
    /// has no services.
    ///
    /// # Errors
    /// [`BadClinicFile::Field`] when one practises what there is not.
    pub(crate) fn practitioners(
        &self,
        (stored, services): (&[Practitioner], &[Service]),
        unchosen: ServiceId,
        free: Option<PractitionerId>,
        mut fresh: impl FnMut() -> PractitionerId,
    ) -> Result<Vec<(String, Practitioner)>, BadClinicFile> {
        let matched = |id| {
            stored
                .iter()
                .any(|it| it.id == id && self.has_practitioner(it))
        };
        let mut free = free.filter(|id| !matched(*id));
        let mut cards = Vec::new();
        for (place, entry) in self.practitioners.iter().enumerate() {
            let named = stored.iter().find(|it| it.name == entry.name.as_str());
            let known = named.or_else(|| {
                let free = free.take()?;
                stored.iter().find(|it| it.id == free)
            });
            let new = || Practitioner::named(fresh(), entry.name.as_str(), [unchosen]);
            let known = known.cloned().unwrap_or_else(new);
            let field = format!("practitioners[{place}]");
            let practised = entry.practised(&field, self, services)?;
            cards.push((field, entry.practitioner(&known, practised)));
        }
        Ok(cards)
    }

    /// What is found again by its name has one that is its own.
    fn names_are_single(&self) -> Result<(), BadClinicFile> {
        let mut seen = BTreeSet::new();
        for (place, entry) in self.services.iter().enumerate() {
            if !seen.insert(entry.name.as_str()) {
                return Err(bad(&format!("services[{place}].name"), &TWICE));
            }
        }
        let mut seen = BTreeSet::new();
        for (place, entry) in self.practitioners.iter().enumerate() {
            if !seen.insert(entry.name.as_str()) {
                return Err(bad(&format!("practitioners[{place}].name"), &TWICE));
            }
        }
        Ok(())
    }

    /// What asks for a form has one.
    fn forms_are_there(&self) -> Result<(), BadClinicFile> {
        let any = ServiceId::from_bytes([0; 16]);
        for (place, entry) in self.services.iter().enumerate() {
            let service = entry.service(any);
            service
                .has_its_form()
                .map_err(|why| bad(&format!("services[{place}].form"), &why))?;
        }
        Ok(())
    }
}

/// Where a file breaks off, the last part of the path is not known.
fn known_part(path: &serde_path_to_error::Path) -> String {
    let text = path.to_string();
    text.strip_suffix(".?").unwrap_or(&text).to_owned()
}

const TWICE: &str = "the name is there twice";

impl BadClinicFile {
    /// The clinic does not take what stands there.
    pub(crate) fn refused(field: &str, refusal: Refusal) -> Self {
        bad(&field, &refusal)
    }
}

fn bad(field: &dyn std::fmt::Display, why: &dyn std::fmt::Display) -> BadClinicFile {
    BadClinicFile::Field {
        field: field.to_string(),
        why: why.to_string(),
    }
}

impl ServiceEntry {
    fn service(&self, id: ServiceId) -> Service {
        let plain = Service::named(id, self.name.as_str());
        Service {
            specialty: self.specialty.clone().unwrap_or(plain.specialty),
            languages: self.languages.clone(),
            price: self.price.clone(),
            reimbursement: self.reimbursement.clone(),
            open: self.open.unwrap_or(plain.open),
            hours: self.hours.clone(),
            order: self.order,
            gates: self.gates.clone(),
            form: self.form.clone(),
            quota: self.quota.clone(),
            promise: self.promise,
            ..plain
        }
    }
}

impl PractitionerEntry {
    fn practised(
        &self,
        field: &str,
        file: &ClinicFile,
        services: &[Service],
    ) -> Result<BTreeSet<ServiceId>, BadClinicFile> {
        let all = || file.services.iter().map(|it| it.name.as_str().to_owned());
        let names = self.services.clone().unwrap_or_else(|| all().collect());
        let mut practised = BTreeSet::new();
        for (place, name) in names.iter().enumerate() {
            let service = services.iter().find(|it| it.name == *name);
            let service = service.ok_or_else(|| {
                bad(
                    &format!("{field}.services[{place}]"),
                    &"there is no service of this name",
                )
            })?;
            practised.insert(service.id);
        }
        Ok(practised)
    }

    /// Whether they work now, and what the shield counted, is not the file's to say.
    fn practitioner(&self, known: &Practitioner, practised: BTreeSet<ServiceId>) -> Practitioner {
        let services = if practised.is_empty() {
            known.services.clone()
        } else {
            practised
        };
        Practitioner {
            id: known.id,
            name: self.name.as_str().to_owned(),
            services,
            languages: self.languages.clone(),
            duty: known.duty,
            shield: self.shield,
            roster: self.roster.clone(),
            workday: known.workday.clone(),
            turned: known.turned,
        }
    }
}
