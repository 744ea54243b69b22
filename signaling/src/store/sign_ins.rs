//! Sign-ins that were begun, and who people are who finish one.

use vestibule_vocab::{PatientId, PractitionerId, Timestamp};

use super::convert::Columns;
use super::statement::statement;
use super::{Store, StoreError};
use crate::identity::{SecretHash, hash_secret};
use crate::limits;
use crate::sign_in::Pending;

/// What a pending sign-in is sealed for.
fn about(state: &SecretHash) -> String {
    let digits: String = state.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sign-in {digits}")
}

impl Store {
    /// Keeps a sign-in until its time is over; false when there are too many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn begin_sign_in(
        &self,
        state: &str,
        pending: &Pending,
        expires_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let state = hash_secret(state);
        let text = serde_json::to_string(pending).map_err(|_| StoreError::Corrupt("sign_ins"))?;
        let sealed = self.vault.seal_secret(&about(&state), &text)?;
        let mut transaction = self.database.begin().await?;
        let kept = statement(
            "INSERT INTO sign_ins (state, sealed, expires_at) \
             SELECT $1, $2, $3 WHERE (SELECT COUNT(*) FROM sign_ins) < $4",
        )
        .bind(state.as_slice())
        .bind(sealed)
        .bind(expires_at)
        .bind(limits::SIGN_INS)
        .execute(&mut transaction)
        .await?;
        transaction.commit().await?;
        Ok(kept == 1)
    }

    /// Takes a sign-in out, which happens once; none when it was taken, never begun, or its time is over.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn take_sign_in(
        &self,
        state: &str,
        now: Timestamp,
    ) -> Result<Option<Pending>, StoreError> {
        let state = hash_secret(state);
        let mut transaction = self.database.begin().await?;
        let rows = statement("SELECT sealed, expires_at FROM sign_ins WHERE state = $1")
            .bind(state.as_slice())
            .fetch(&mut transaction)
            .await?;
        let taken = statement("DELETE FROM sign_ins WHERE state = $1")
            .bind(state.as_slice())
            .execute(&mut transaction)
            .await?;
        transaction.commit().await?;
        let Some(row) = rows.first().filter(|_| taken == 1) else {
            return Ok(None);
        };
        let columns = Columns::of("sign_ins", row);
        if columns.number("expires_at")? <= now.0 {
            return Ok(None);
        }
        let opened = self
            .vault
            .open_secret(&about(&state), &columns.bytes("sealed")?);
        let pending = opened
            .ok()
            .and_then(|text| serde_json::from_str(&text).ok());
        Ok(Some(pending.ok_or(columns.corrupt())?))
    }

    /// The patient whom a provider calls so. What it calls them is stored nowhere. Whoever was erased and comes again is
    /// somebody new.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn patient_of(
        &self,
        issuer: &str,
        subject: &str,
    ) -> Result<PatientId, StoreError> {
        let named = (issuer, subject);
        let mut patient = self.pseudonymous("patient", named);
        for erasures in 1..limits::ERASURES {
            if !self.was_erased(patient).await? {
                break;
            }
            patient = self.pseudonymous(&format!("patient after {erasures}"), named);
        }
        Ok(patient)
    }

    /// 128 bits of what stands for somebody in a sphere.
    fn pseudonymous(&self, sphere: &str, named: (&str, &str)) -> PatientId {
        let pseudonym = self.vault.pseudonym(sphere, named);
        let bits = pseudonym.iter().take(16);
        PatientId::from_random(bits.fold(0, |bits, byte| bits << 8 | u128::from(*byte)))
    }

    /// The practitioner whom a provider calls so.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn practitioner_of(
        &self,
        issuer: &str,
        subject: &str,
    ) -> Result<Option<PractitionerId>, StoreError> {
        let pseudonym = self.vault.pseudonym("practitioner", (issuer, subject));
        let row =
            statement("SELECT practitioner FROM practitioner_identities WHERE pseudonym = $1")
                .bind(pseudonym.as_slice())
                .find(&self.database)
                .await?;
        row.map(|row| Columns::of("practitioner_identities", &row).id("practitioner"))
            .transpose()
    }

    /// From now on a provider's name for somebody is that of this practitioner, and of nobody else; or none is.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn identify_practitioner(
        &self,
        practitioner: PractitionerId,
        named: Option<(&str, &str)>,
    ) -> Result<(), StoreError> {
        let pseudonym = named.map(|named| self.vault.pseudonym("practitioner", named));
        let mut transaction = self.database.begin().await?;
        statement("DELETE FROM practitioner_identities WHERE practitioner = $1 OR pseudonym = $2")
            .bind(practitioner)
            .bind(pseudonym.unwrap_or_default().as_slice())
            .execute(&mut transaction)
            .await?;
        if let Some(pseudonym) = pseudonym {
            statement(
                "INSERT INTO practitioner_identities (pseudonym, practitioner) VALUES ($1, $2)",
            )
            .bind(pseudonym.as_slice())
            .bind(practitioner)
            .execute(&mut transaction)
            .await?;
        }
        Ok(transaction.commit().await?)
    }
}
