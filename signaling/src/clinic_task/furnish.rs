//! Sets the clinic as its file says, before anybody comes.

use vestibule_clinic::{Input, Practitioner, Service};
use vestibule_vocab::{PractitionerId, ServiceId};

use super::ClinicTask;
use super::batch::Batch;
use super::desk::Desk;
use super::restore::{RestoreFailed, Unsettled};
use crate::clinic_file::{BadClinicFile, ClinicFile};
use crate::founding::{Untouched, untouched};
use crate::random;
use crate::store::Write;

/// The clinic could not be set as its file says.
#[derive(Debug, thiserror::Error)]
pub enum FurnishError {
    /// A field of the file is not what the clinic takes.
    #[error(transparent)]
    File(#[from] BadClinicFile),
    /// What others wrote could not be taken up.
    #[error(transparent)]
    Restore(#[from] RestoreFailed),
    /// It was not stored.
    #[error("the clinic was not set as its file says: {0}")]
    NotStored(String),
}

impl From<Unsettled> for FurnishError {
    fn from(why: Unsettled) -> Self {
        Self::NotStored(why.to_string())
    }
}

impl ClinicTask {
    /// Sets services and practitioners as the file says. Nothing is written when they are so already.
    ///
    /// # Errors
    /// [`FurnishError`], and nothing changed.
    pub(crate) async fn furnish(&mut self, file: &ClinicFile) -> Result<(), FurnishError> {
        let desk = &mut self.desk;
        let store = &desk.around.store;
        let free = untouched(store).await.map_err(RestoreFailed::from)?;
        let mut batch = Batch::default();
        let mut turn = desk
            .around
            .store
            .turn()
            .await
            .map_err(RestoreFailed::from)?;
        let news = turn.news(desk.version).await.map_err(RestoreFailed::from)?;
        desk.catch_up(news, &mut batch).await?;
        desk.set_services(file, (free, seed()?), &mut batch)?;
        desk.set_practitioners(file, (free, seed()?), &mut batch)?;
        desk.commit(&mut batch, Some(turn)).await?;
        desk.announce(&mut batch);
        Ok(())
    }
}

/// What new ids begin at.
fn seed() -> Result<u128, FurnishError> {
    random::bits().map_err(|why| FurnishError::NotStored(why.to_string()))
}

impl Desk {
    fn set_services(
        &mut self,
        file: &ClinicFile,
        (free, mut seed): (Untouched, u128),
        batch: &mut Batch,
    ) -> Result<(), BadClinicFile> {
        let stored: Vec<Service> = self.clinic.services().cloned().collect();
        let fresh = || {
            seed = seed.wrapping_add(1);
            ServiceId::from_random(seed)
        };
        let services = file.services(&stored, free.service, fresh)?;
        for (place, (field, service)) in services.into_iter().enumerate() {
            if place == 0 {
                self.set_unchosen(service.id, batch);
            }
            if self.clinic.service(service.id) == Some(&service) {
                continue;
            }
            let service = Box::new(service);
            self.decide(Input::SetService { service }, batch)
                .map_err(|refusal| BadClinicFile::refused(&field, refusal))?;
        }
        Ok(())
    }

    /// This is consulted for when nobody says.
    fn set_unchosen(&mut self, service: ServiceId, batch: &mut Batch) {
        if self.around.service != service {
            self.around.service = service;
            batch.writes.push(Write::Unchosen(service));
        }
    }

    fn set_practitioners(
        &mut self,
        file: &ClinicFile,
        (free, mut seed): (Untouched, u128),
        batch: &mut Batch,
    ) -> Result<(), BadClinicFile> {
        let stored: Vec<Practitioner> = self.clinic.registered().cloned().collect();
        let services: Vec<Service> = self.clinic.services().cloned().collect();
        let fresh = || {
            seed = seed.wrapping_add(1);
            PractitionerId::from_random(seed)
        };
        let (known, unchosen) = ((&*stored, &*services), self.around.service);
        for (field, card) in file.practitioners(known, unchosen, free.practitioner, fresh)? {
            if self.clinic.practitioner(card.id) == Some(&card) {
                continue;
            }
            let practitioner = Box::new(card);
            self.decide(Input::SetPractitioner { practitioner }, batch)
                .map_err(|refusal| BadClinicFile::refused(&field, refusal))?;
        }
        Ok(())
    }
}
