//! What is searched for: the words behind the `?`.

use jiff::tz::TimeZone;
use vestibule_vocab::{ConsultationId, PatientId, PractitionerId, Timestamp, VisitId};

use super::date::DateTerm;
use super::{Found, Names, Outcome};
use crate::limits::{FHIR_TERMS, PAGE_ITEMS};

/// What a parameter of a search is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Whose it is.
    Patient,
    /// Who is the practitioner in it.
    Practitioner,
    /// One or the other.
    Person,
    /// The visit that it belongs to.
    Visit,
    /// How it stands: by one of these codes, all that its value set has.
    Status(&'static [&'static str]),
    /// When it is, or was.
    Date,
}

/// A parameter of a kind's search: its name, and what it is compared with.
pub(super) type Parameter = (&'static str, Meaning);

/// Where a page begins: behind the row of this number and, among equals, this id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) number: u64,
    pub(super) id: ConsultationId,
}

/// One condition. All of a search hold for what is found.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Term {
    Patient(PatientId),
    Practitioner(PractitionerId),
    Person(PatientId, PractitionerId),
    Visit(VisitId),
    /// One of these.
    Status(Vec<String>),
    Date(DateTerm),
    /// An id of another system, or of another kind: it names nothing of this clinic.
    Nothing,
}

/// A search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Search {
    terms: Vec<Term>,
    /// The most resources of one page.
    pub(super) count: u32,
    /// Behind what the page begins.
    pub(super) after: Option<Place>,
    /// The words as they were understood, without the place.
    pub(super) words: Vec<(String, String)>,
}

impl Search {
    /// Reads the words of a search.
    ///
    /// # Errors
    /// What cannot be read, or is not known: a condition that is left out would disclose more than was asked for.
    pub(super) fn read(
        words: Vec<(String, String)>,
        parameters: &[Parameter],
        names: &Names,
        zone: &TimeZone,
    ) -> Result<Self, Outcome> {
        let (most, usual) = PAGE_ITEMS;
        let mut search = Self {
            terms: Vec::new(),
            count: usual,
            after: None,
            words: Vec::new(),
        };
        if words.len() > FHIR_TERMS {
            return Err(Outcome::malformed("The search has too many parameters"));
        }
        for (name, value) in words {
            match name.as_str() {
                "_count" => {
                    let count = value.parse().ok().filter(|count| *count > 0);
                    let wrong = || Outcome::malformed("`_count` is a number from 1");
                    search.count = most.min(count.ok_or_else(wrong)?);
                }
                "_cursor" => search.after = Some(place(&value)?),
                // It was looked at before.
                "_format" => continue,
                _ => search
                    .terms
                    .push(term(&name, &value, parameters, names, zone)?),
            }
            if name != "_cursor" {
                search.words.push((name, value));
            }
        }
        Ok(search)
    }

    /// All conditions hold for it.
    pub(super) fn finds(&self, found: &Found) -> bool {
        self.terms.iter().all(|term| term.holds(found))
    }

    /// The one patient whose resources are searched for.
    pub(super) fn patient(&self) -> Option<PatientId> {
        self.terms.iter().find_map(|term| match term {
            Term::Patient(patient) => Some(*patient),
            Term::Practitioner(_)
            | Term::Person(..)
            | Term::Visit(_)
            | Term::Status(_)
            | Term::Date(_)
            | Term::Nothing => None,
        })
    }

    /// Nothing is found that ends before this.
    pub(super) fn ends_after(&self) -> Timestamp {
        let bounds = self.dates().filter_map(DateTerm::ends_after);
        bounds.max().unwrap_or(Timestamp(0))
    }

    /// Nothing is found that begins then or later.
    pub(super) fn begins_before(&self) -> Timestamp {
        let bounds = self.dates().filter_map(DateTerm::begins_before);
        bounds.min().unwrap_or(Timestamp(u64::MAX))
    }

    fn dates(&self) -> impl Iterator<Item = &DateTerm> {
        self.terms.iter().filter_map(|term| match term {
            Term::Date(date) => Some(date),
            Term::Patient(_)
            | Term::Practitioner(_)
            | Term::Person(..)
            | Term::Visit(_)
            | Term::Status(_)
            | Term::Nothing => None,
        })
    }
}

impl Term {
    fn holds(&self, found: &Found) -> bool {
        match self {
            Self::Patient(patient) => found.patient == Some(*patient),
            Self::Practitioner(practitioner) => found.practitioner == Some(*practitioner),
            Self::Person(patient, practitioner) => {
                found.patient == Some(*patient) || found.practitioner == Some(*practitioner)
            }
            Self::Visit(visit) => found.visit == Some(*visit),
            Self::Status(codes) => codes.iter().any(|code| code == found.status),
            Self::Date(date) => found.when.is_some_and(|when| date.finds(when)),
            Self::Nothing => false,
        }
    }
}

fn term(
    name: &str,
    value: &str,
    parameters: &[Parameter],
    names: &Names,
    zone: &TimeZone,
) -> Result<Term, Outcome> {
    let (plain, modifier) = name.split_once(':').unwrap_or((name, ""));
    let known = parameters.iter().find(|(known, _)| *known == plain);
    let meaning = known.map(|(_, meaning)| *meaning);
    let unknown = || Outcome::malformed(&unknown(name, parameters));
    match (meaning.ok_or_else(unknown)?, modifier) {
        (Meaning::Status(codes), "") => status(plain, value, codes),
        (Meaning::Date, "") => DateTerm::parse(value, zone)
            .map(Term::Date)
            .ok_or_else(|| Outcome::malformed(&format!("`{plain}` is no date"))),
        (Meaning::Status(_) | Meaning::Date, _) => Err(unknown()),
        (whom, "") => {
            let id = value.rsplit_once('/').map_or(value, |(_, id)| id);
            named(id, whom, plain)
        }
        (whom, "identifier") => match identified(value, names) {
            Some(id) => named(id, whom, plain),
            None => Ok(Term::Nothing),
        },
        (Meaning::Patient | Meaning::Practitioner | Meaning::Person | Meaning::Visit, _) => {
            Err(unknown())
        }
    }
}

/// One or several of the codes. One that there is not would never be found, which is no answer to a misspelt word.
fn status(name: &str, value: &str, known: &[&str]) -> Result<Term, Outcome> {
    let codes: Vec<String> = value.split(',').map(code).collect();
    if codes.iter().all(|code| known.contains(&code.as_str())) {
        return Ok(Term::Status(codes));
    }
    let known = known.join(", ");
    Err(Outcome::malformed(&format!(
        "`{name}` is one or several of {known}"
    )))
}

/// A code without the system in front of it.
fn code(token: &str) -> String {
    let (_, code) = token.rsplit_once('|').unwrap_or(("", token));
    code.to_owned()
}

/// The value of an identifier; `None` when its system is another than the clinic's.
fn identified<'v>(value: &'v str, names: &Names) -> Option<&'v str> {
    match value.split_once('|') {
        None => Some(value),
        Some((system, value)) => (system.is_empty() || system == names.system()).then_some(value),
    }
}

/// The condition that this id names whom or what is searched for.
fn named(id: &str, whom: Meaning, parameter: &str) -> Result<Term, Outcome> {
    let term = match whom {
        Meaning::Patient => PatientId::parse(id).map(Term::Patient),
        Meaning::Practitioner => PractitionerId::parse(id).map(Term::Practitioner),
        Meaning::Visit => VisitId::parse(id).map(Term::Visit),
        Meaning::Person => PatientId::parse(id)
            .zip(PractitionerId::parse(id))
            .map(|(patient, practitioner)| Term::Person(patient, practitioner)),
        Meaning::Status(_) | Meaning::Date => None,
    };
    term.ok_or_else(|| Outcome::malformed(&format!("`{parameter}` is no id")))
}

fn unknown(name: &str, parameters: &[Parameter]) -> String {
    let known: Vec<&str> = parameters.iter().map(|(known, _)| *known).collect();
    let known = known.join(", ");
    let name: String = name.chars().take(40).collect();
    format!("`{name}` is not searched by here; what is: {known}, _count")
}

/// A place, in the words of a link.
pub(super) fn place_words(place: Place) -> String {
    format!("{}.{}", place.number, place.id.to_text())
}

fn place(words: &str) -> Result<Place, Outcome> {
    let read = |words: &str| {
        let (number, id) = words.split_once('.')?;
        Some(Place {
            number: number.parse().ok()?,
            id: ConsultationId::parse(id)?,
        })
    };
    let wrong = "`_cursor` is none of this list; follow the link `next` as it comes";
    read(words).ok_or_else(|| Outcome::malformed(wrong))
}
