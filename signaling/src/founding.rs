//! The clinic of a data directory: its rows, its keys, its links. All are made at the first start
//! and found again at the next.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use vestibule_clinic::audit::{Act, Entry};
use vestibule_clinic::limits::SERVICES;
use vestibule_clinic::{Practitioner, Service};
use vestibule_vocab::{ClinicId, PractitionerId, Redacted, ServiceId, Timestamp};

use crate::data::DataDirectory;
use crate::identity::{
    BadTokenKey, KeyFileError, Subject, TokenKey, Unsigned, hash_secret, private_file,
};
use crate::limits;
use crate::random::{self, NoRandomness};
use crate::settings::{Name, Names};
use crate::store::{ClinicRow, Line, Store, StoreError, TOKEN_KEY_FILE};

/// What the demonstration's are called.
const CLINIC: &str = "Demonstration clinic";
const SERVICE: &str = "General practice";
const PRACTITIONER: &str = "Dr Martin";

/// The clinic could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum FoundingError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A key file could not be read or made.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    /// The token key's file holds something else.
    #[error(transparent)]
    BadTokenKey(#[from] BadTokenKey),
    /// The practitioner's link could not be made.
    #[error(transparent)]
    Unsigned(#[from] Unsigned),
    /// A name that the command line gives is that of another one.
    #[error(
        "{0}: another one is stored, or named, under this name, and patients choose by it; give each a name of its own, or \
         rename the other one first (PUT /api/v1/{1}/{{id}})"
    )]
    NameTaken(&'static str, &'static str),
    /// No ids could be made.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// What the fragments of the links say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Links {
    /// Of each practitioner, the first named first.
    pub practitioners: Vec<PractitionerLink>,
    /// `/visit#w=CODE`: for anybody, as often as they like.
    pub patient: Redacted<String>,
}

/// The link of one practitioner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PractitionerLink {
    /// Whose it is.
    pub name: String,
    /// `/console#j=TOKEN`: once, for one device.
    pub link: Redacted<String>,
}

/// The clinic, ready to be opened.
pub(crate) struct Founded {
    /// What the clinic is called.
    pub(crate) clinic: String,
    /// What is consulted for when nobody says.
    pub(crate) service: ServiceId,
    pub(crate) tokens: TokenKey,
    /// The walk-in link.
    pub(crate) patient: Redacted<String>,
}

/// What the store began with by itself, as long as nobody named, set or used it: the clinic's file may take it over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Untouched {
    pub(crate) service: Option<ServiceId>,
    pub(crate) practitioner: Option<PractitionerId>,
}

fn text(name: Option<&Name>) -> Option<&str> {
    name.map(Name::as_str)
}

/// Finds or makes the clinic. With `renew`, its links are signed with the key of this directory from now on.
pub(crate) async fn found(
    store: &Store,
    (data, renew): (&DataDirectory, bool),
    names: &Names,
) -> Result<Founded, FoundingError> {
    let first = ClinicRow {
        id: ClinicId::from_random(random::bits()?),
        name: text(names.clinic.as_ref()).unwrap_or(CLINIC).to_owned(),
        service: ServiceId::from_random(random::bits()?),
    };
    let _alone = store.found_alone().await?;
    let service_name = text(names.service.as_ref()).unwrap_or(SERVICE);
    let service = Service::named(first.service, service_name);
    let known = store.clinic_or(&first, &service).await?;
    if known.id != first.id {
        if let Some(name) = text(names.service.as_ref()) {
            names_no_other(store, name, known.service).await?;
        }
        store
            .rename_clinic(text(names.clinic.as_ref()), text(names.service.as_ref()))
            .await?;
    }
    let clinic = store.clinic_or(&first, &service).await?;
    let key = private_file(&data.file(TOKEN_KEY_FILE), TokenKey::generate)?;
    let tokens = TokenKey::from_pkcs8(clinic.id, &key)?;
    store.prove_token_key(tokens.public(), renew).await?;
    let code = walk_in_code(store, data).await?;
    name_practitioners(store, &names.practitioners, clinic.service).await?;
    Ok(Founded {
        clinic: clinic.name,
        service: clinic.service,
        patient: Redacted::new(format!("/visit#w={code}")),
        tokens,
    })
}

/// What is still as the store began with it.
pub(crate) async fn untouched(store: &Store) -> Result<Untouched, StoreError> {
    if store.was_somebody_here().await? {
        return Ok(Untouched::default());
    }
    let service = store.service(store.clinic().await?.service).await?;
    let service = service.filter(|it| *it == Service::named(it.id, SERVICE));
    let practitioner = store.practitioners().await?.into_iter().next();
    let practitioner = practitioner
        .filter(|it| *it == Practitioner::named(it.id, PRACTITIONER, it.services.iter().copied()));
    let mut untouched = Untouched {
        service: service.map(|it| it.id),
        practitioner: practitioner.map(|it| it.id),
    };
    if let Some(practitioner) = untouched.practitioner
        && store.has_session(practitioner).await?
    {
        untouched.practitioner = None;
    }
    forget_what_was_set(store, &mut untouched).await?;
    Ok(untouched)
}

/// Somebody may have set it to what it was: the audit log knows.
async fn forget_what_was_set(store: &Store, untouched: &mut Untouched) -> Result<(), StoreError> {
    let mut unreadable = false;
    let see = |line: &Line| {
        match serde_json::from_str::<Entry>(&line.entry).map(|it| it.act) {
            Ok(Act::ServiceSet { service }) => {
                untouched.service.take_if(|it| *it == service);
            }
            Ok(Act::PractitionerSet { practitioner }) => {
                untouched.practitioner.take_if(|it| *it == practitioner);
            }
            Ok(_) => {}
            Err(_) => unreadable = true,
        }
        ControlFlow::Continue(())
    };
    store.read_audit(see).await?;
    if unreadable {
        return Err(StoreError::Corrupt("audit"));
    }
    Ok(())
}

/// The store knows the code's hash only; the code lies in a private file, so that the printed link
/// stays the same.
async fn walk_in_code(store: &Store, data: &DataDirectory) -> Result<String, FoundingError> {
    let code = private_file(&data.file("walk-in-code"), || {
        let code = new_code().map_err(std::io::Error::other)?;
        Ok(code.into_bytes())
    })?;
    let code = String::from_utf8_lossy(&code).trim().to_owned();
    store.add_walk_in_link(&hash_secret(&code)).await?;
    Ok(code)
}

/// Sixteen characters that nobody confuses when they read them out: 80 random bits, far more than
/// can be guessed at the rate that one address is given.
fn new_code() -> Result<String, NoRandomness> {
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz234567890";
    let bytes = random::bytes::<16>()?;
    let letters = bytes
        .iter()
        .filter_map(|byte| LETTERS.get(usize::from(byte % 32)));
    Ok(letters.map(|letter| char::from(*letter)).collect())
}

/// A link for everybody who works here, the first made first.
pub(crate) async fn practitioner_links(
    store: &Store,
    tokens: &TokenKey,
    now: Timestamp,
) -> Result<Vec<PractitionerLink>, FoundingError> {
    let expires_at = now.plus(limits::PRACTITIONER_TOKEN);
    let mut links = Vec::new();
    for Practitioner { id, name, .. } in store.practitioners().await? {
        let token = tokens.issue(Subject::Practitioner(id), now, expires_at)?;
        let link = Redacted::new(format!("/console#j={}", token.expose()));
        links.push(PractitionerLink { name, link });
    }
    Ok(links)
}

/// Nothing but this service has that name.
async fn names_no_other(store: &Store, name: &str, of: ServiceId) -> Result<(), FoundingError> {
    let all = u32::try_from(SERVICES).unwrap_or(u32::MAX);
    let services = store.services_after(None, all).await?;
    if services.iter().any(|it| it.name == name && it.id != of) {
        return Err(FoundingError::NameTaken("--service-name", "services"));
    }
    Ok(())
}

/// Names those who are stored by their order, and makes those whom the store does not have.
async fn name_practitioners(
    store: &Store,
    names: &[Name],
    service: ServiceId,
) -> Result<(), FoundingError> {
    let known = store.practitioners().await?;
    let names: Vec<&str> = match names {
        [] if known.is_empty() => vec![PRACTITIONER],
        names => names.iter().map(Name::as_str).collect(),
    };
    each_has_its_own(&names, &known)?;
    let mut named = Vec::new();
    for (place, name) in names.into_iter().enumerate() {
        let id = match known.get(place) {
            Some(card) => card.id,
            None => PractitionerId::from_random(random::bits()?),
        };
        named.push((id, name));
    }
    Ok(store.name_practitioners(&named, service).await?)
}

/// Each of these names is given once, and to nobody else's.
fn each_has_its_own(names: &[&str], known: &[Practitioner]) -> Result<(), FoundingError> {
    let others = known.iter().skip(names.len()).map(|it| it.name.as_str());
    let mut taken: BTreeSet<&str> = others.collect();
    if names.iter().all(|name| taken.insert(name)) {
        return Ok(());
    }
    Err(FoundingError::NameTaken(
        "--practitioner-name",
        "practitioners",
    ))
}
