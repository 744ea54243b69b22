//! A file that says what the clinic offers and who works there.
//!
//! What it names is set anew at each start; what it does not name stays as it is stored.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer};
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
    #[serde(default, deserialize_with = "some")]
    services: Vec<ServiceEntry>,
    /// Each is known by their name.
    #[serde(default, deserialize_with = "some")]
    practitioners: Vec<PractitionerEntry>,
}

/// A list that is there has something in it: an empty one would look as if it took away what is stored.
fn some<'de, D, T>(source: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let list = Vec::deserialize(source)?;
    if list.is_empty() {
        return Err(serde::de::Error::custom(EMPTY));
    }
    Ok(list)
}

/// The same, of a list that means something else when it is not there.
fn some_if_any<'de, D, T>(source: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let list: Option<Vec<T>> = Option::deserialize(source)?;
    if list.as_ref().is_some_and(Vec::is_empty) {
        return Err(serde::de::Error::custom(EMPTY));
    }
    Ok(list)
}

const EMPTY: &str = "the list is empty: name what there is, or leave the field out and what is stored stays as it is";

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
    #[serde(default, deserialize_with = "some_if_any")]
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
    ///
    /// # Errors
    /// [`BadClinicFile::Field`] when a name is stored twice.
    pub(crate) fn services(
        &self,
        stored: &[Service],
        free: Option<ServiceId>,
        mut fresh: impl FnMut() -> ServiceId,
    ) -> Result<Vec<(String, Service)>, BadClinicFile> {
        let matched = |id| stored.iter().any(|it| it.id == id && self.has_service(it));
        let mut free = free.filter(|id| !matched(*id));
        let mut services = Vec::new();
        for (place, entry) in self.services.iter().enumerate() {
            let field = format!("services[{place}]");
            let known = the_one(service_named(stored, entry.name.as_str()))
                .map_err(|Several| bad(&format!("{field}.name"), &SERVICE_STORED_TWICE))?;
            let id = known.map(|it| it.id);
            let id = id.or_else(|| free.take()).unwrap_or_else(&mut fresh);
            services.push((field, entry.service(id)));
        }
        Ok(services)
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
    /// [`BadClinicFile::Field`] when one practises what there is not, or a name is stored twice.
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
            let field = format!("practitioners[{place}]");
            let named = stored.iter().filter(|it| it.name == entry.name.as_str());
            let named = the_one(named)
                .map_err(|Several| bad(&format!("{field}.name"), &PRACTITIONER_STORED_TWICE))?;
            let known = named.or_else(|| {
                let free = free.take()?;
                stored.iter().find(|it| it.id == free)
            });
            let new = || Practitioner::named(fresh(), entry.name.as_str(), [unchosen]);
            let known = known.cloned().unwrap_or_else(new);
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

// Nobody can be sure which one a file means, and to guess would move people to what is another's.
const SERVICE_STORED_TWICE: &str = "two services are stored under this name; start without the file, give one of them another \
     name (PUT /api/v1/services/{id}), and start with the file again";
const PRACTITIONER_STORED_TWICE: &str = "two practitioners are stored under this name; start without the file, give one of them \
     another name (PUT /api/v1/practitioners/{id}), and start with the file again";

/// More than one where one is meant.
struct Several;

/// The only one there is, if there is any.
fn the_one<T>(mut found: impl Iterator<Item = T>) -> Result<Option<T>, Several> {
    let first = found.next();
    match found.next() {
        None => Ok(first),
        Some(_) => Err(Several),
    }
}

fn service_named<'a>(services: &'a [Service], name: &'a str) -> impl Iterator<Item = &'a Service> {
    services.iter().filter(move |it| it.name == name)
}

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
            let wrong = |why: &str| bad(&format!("{field}.services[{place}]"), &why);
            let service = the_one(service_named(services, name))
                .map_err(|Several| wrong(SERVICE_STORED_TWICE))?
                .ok_or_else(|| wrong("there is no service of this name"))?;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn service(number: u128, name: &str) -> Service {
        Service::named(ServiceId::from_random(number), name)
    }

    #[test]
    fn what_is_stored_twice_stops_the_start_and_nothing_is_guessed() {
        let file = r#"{ "services": [{ "name": "A" }], "practitioners": [{ "name": "Dr A" }] }"#;
        let file = ClinicFile::parse(file).unwrap();
        let twice = [service(1, "A"), service(2, "A")];
        let fresh = || ServiceId::from_random(3);
        let why = file.services(&twice, None, fresh).unwrap_err().to_string();
        assert!(why.starts_with("services[0].name: two services"), "{why}");

        let services = [service(1, "A")];
        let practised = [services[0].id];
        let person =
            |number| Practitioner::named(PractitionerId::from_random(number), "Dr A", practised);
        let set = |stored: &[Practitioner], services: &[Service]| {
            let fresh = || PractitionerId::from_random(3);
            file.practitioners((stored, services), practised[0], None, fresh)
        };
        let why = set(&[person(1), person(2)], &services).unwrap_err();
        let why = why.to_string();
        assert!(why.starts_with("practitioners[0].name: two"), "{why}");
        let why = set(&[person(1)], &twice).unwrap_err().to_string();
        assert!(
            why.starts_with("practitioners[0].services[0]: two"),
            "{why}"
        );
        assert_eq!(set(&[person(1)], &services).unwrap()[0].1.id, person(1).id);
    }
}
