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
use vestibule_vocab::ServiceId;

use crate::settings::{Name, Names};

/// What a file says of a clinic. See `docs/operations.md` for its fields.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClinicFile {
    /// The first is what somebody is seen for who does not choose.
    #[serde(default)]
    services: Vec<ServiceEntry>,
    /// In the order in which they are stored.
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
            .map_err(|error| bad(error.path(), error.inner()))?;
        json.end()
            .map_err(|why| bad(&"the end of the file", &why))?;
        file.names_are_single()?;
        Ok(file)
    }

    /// What is to be called how, where the command line does not say.
    pub(crate) fn names(&self, given: &Names) -> Names {
        let practitioners = self.practitioners.iter().map(|entry| entry.name.clone());
        let service = self.services.first().map(|entry| entry.name.clone());
        Names {
            clinic: given.clinic.clone(),
            service: service.or_else(|| given.service.clone()),
            practitioners: match self.practitioners.as_slice() {
                [] => given.practitioners.clone(),
                _ => practitioners.collect(),
            },
        }
    }

    /// The services as they shall be, each with its place in the file: those that are stored by the same name keep their
    /// ids, and others get one of `fresh`.
    pub(crate) fn services<'a>(
        &'a self,
        stored: &'a [Service],
        mut fresh: impl FnMut() -> ServiceId + 'a,
    ) -> impl Iterator<Item = (String, Service)> + 'a {
        (0..)
            .zip(&self.services)
            .map(move |(place, entry): (u32, _)| {
                let known = stored.iter().find(|it| it.name == entry.name.as_str());
                let id = known.map_or_else(&mut fresh, |known| known.id);
                (format!("services[{place}]"), entry.service(id))
            })
    }

    /// The practitioners as they shall be, of those who are stored.
    ///
    /// # Errors
    /// [`BadClinicFile::Field`] when one practises what there is not.
    pub(crate) fn practitioners(
        &self,
        stored: &[Practitioner],
        services: &[Service],
    ) -> Result<Vec<(String, Practitioner)>, BadClinicFile> {
        let mut cards = Vec::new();
        for (place, entry) in self.practitioners.iter().enumerate() {
            let Some(known) = stored.iter().find(|it| it.name == entry.name.as_str()) else {
                continue;
            };
            let field = format!("practitioners[{place}]");
            let practised = entry.practised(&field, self, services)?;
            cards.push((field, entry.practitioner(known, practised)));
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
        }
    }
}
