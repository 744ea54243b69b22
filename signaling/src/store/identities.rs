//! Who came for which visit, and which visit somebody finds who signs in.

use vestibule_clinic::{Visit, VisitState};
use vestibule_vocab::{PatientId, Timestamp, VisitId};

use super::clinic::read_all;
use super::joined::VISITS_OF_PERSON;
use super::rows::read_visit;
use super::statement::statement;
use super::{Store, StoreError};
use crate::limits;

impl Store {
    /// Whoever a provider calls so has the link of this visit. Of a visit that is not there nothing is kept, nor of more
    /// people than may have its link.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn note_identity(
        &self,
        named: (&str, &str),
        visit: VisitId,
    ) -> Result<(), StoreError> {
        let pseudonym = self.vault.pseudonym("patient", named);
        statement(
            "INSERT INTO visit_identities (pseudonym, visit) \
             SELECT $1, id FROM visits WHERE id = $2 \
             AND (SELECT COUNT(*) FROM visit_identities WHERE visit = $2) < $3 \
             ON CONFLICT DO NOTHING",
        )
        .bind(pseudonym.as_slice())
        .bind(visit)
        .bind(limits::IDENTITIES_PER_VISIT)
        .run(&self.database)
        .await?;
        Ok(())
    }

    /// The visit that somebody finds whom a provider calls so: one that they have come for, else their next appointment
    /// that begins before `until`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn visit_of(
        &self,
        (issuer, subject): (&str, &str),
        until: Timestamp,
    ) -> Result<Option<(PatientId, VisitId)>, StoreError> {
        let pseudonym = self.vault.pseudonym("patient", (issuer, subject));
        let own = self.patient_of(issuer, subject).await?;
        let mut look = self.database.look().await?;
        let rows = statement(VISITS_OF_PERSON)
            .bind(own)
            .bind(pseudonym.as_slice())
            .fetch(&mut look)
            .await?;
        let visits = read_all("visits", &rows, |it| read_visit(&self.vault, it))?;
        Ok(awaited(&visits, own, until).map(|visit| (visit.patient, visit.id)))
    }
}

/// Of visits that are somebody's, the one that they go on with. What they came for by themselves goes before what they came
/// for by somebody's link.
fn awaited(visits: &[Visit], own: PatientId, until: Timestamp) -> Option<&Visit> {
    let is_others = |visit: &Visit| visit.patient != own;
    let came = visits
        .iter()
        .filter(|visit| visit.state.is_active() && visit.state != VisitState::Expected)
        .min_by_key(|visit| is_others(visit));
    let expected = visits
        .iter()
        .filter(|visit| visit.state == VisitState::Expected)
        .filter_map(|visit| Some((visit.appointment?.at, visit)))
        .filter(|(at, _)| *at < until)
        .min_by_key(|(at, visit)| (*at, is_others(visit)));
    came.or(expected.map(|(_, visit)| visit))
}
