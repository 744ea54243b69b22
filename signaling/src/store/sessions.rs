//! Join tokens become sessions here, each once.

use vestibule_clinic::IdentityLevel;
use vestibule_vocab::{PractitionerId, Role, SessionId, Timestamp};

use super::convert::{Columns, Word};
use super::patients::is_erased;
use super::statement::{Statement, Value, statement};
use super::{Store, StoreError};
use crate::identity::{Claims, SecretHash, Subject};
use crate::limits;

impl Word for IdentityLevel {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::Link, "link"),
        (Self::Code, "code"),
        (Self::Low, "low"),
        (Self::Substantial, "substantial"),
        (Self::High, "high"),
    ];
}

/// A session to be made from a token.
#[derive(Clone, Debug)]
pub(crate) struct NewSession {
    /// Its id.
    pub id: SessionId,
    /// The hash of its secret.
    pub secret_hash: SecretHash,
    /// The device's public key.
    pub device_key: Vec<u8>,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
}

/// A session as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SessionRow {
    /// Its id.
    pub id: SessionId,
    /// The device's public key.
    pub device_key: Vec<u8>,
    /// Whose it is.
    pub subject: Subject,
    /// How surely it is known who that is, as its token claimed.
    pub level: IdentityLevel,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
}

/// Why a token gave no session.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClaimError {
    /// It was exchanged before.
    #[error("the token was exchanged before")]
    Used,
    /// It is that of a patient who was erased.
    #[error("the token is that of a patient who was erased")]
    Erased,
    /// The store failed; the token may be tried again.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for ClaimError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Store {
    /// Exchanges a token for a session: both rows or none, and the token's only once.
    ///
    /// # Errors
    /// [`ClaimError`].
    pub(crate) async fn claim(
        &self,
        token: &Claims,
        session: &NewSession,
    ) -> Result<(), ClaimError> {
        let mut transaction = self.database.begin().await?;
        if let Subject::Patient { patient, .. } = token.subject
            && is_erased(&mut transaction, patient).await?
        {
            return Err(ClaimError::Erased);
        }
        statement("INSERT INTO used_tokens (id, expires_at) VALUES ($1, $2)")
            .bind(token.token_id.expose().as_str())
            .bind(token.expires_at)
            .execute(&mut transaction)
            .await
            .map_err(used_or_failed)?;
        insert(session, token).execute(&mut transaction).await?;
        Ok(transaction.commit().await?)
    }

    /// The session of a secret, expired or not.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn session(
        &self,
        hash: &SecretHash,
    ) -> Result<Option<SessionRow>, StoreError> {
        let row = statement(
            "SELECT id, device_key, role, subject, visit, level, expires_at \
             FROM sessions WHERE secret_hash = $1",
        )
        .bind(hash.as_slice())
        .find(&self.database)
        .await?;
        row.map(|row| read(&Columns::of("sessions", &row)))
            .transpose()
    }

    /// The practitioner who came in last on a device, and whose session is good.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn practitioner_at(
        &self,
        device_key: &[u8],
        now: Timestamp,
    ) -> Result<Option<PractitionerId>, StoreError> {
        let row = statement(
            "SELECT subject FROM sessions \
             WHERE device_key = $1 AND role = 'practitioner' AND expires_at > $2 \
             ORDER BY expires_at DESC LIMIT 1",
        )
        .bind(device_key)
        .bind(now)
        .find(&self.database)
        .await?;
        row.map(|row| Columns::of("sessions", &row).id("subject"))
            .transpose()
    }

    /// Forgets sessions, used tokens, sign-ins and kept answers whose time is over. A used token is kept until it has
    /// expired, and from then on its own expiry refuses it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn sweep(&self, now: Timestamp) -> Result<(), StoreError> {
        statement("DELETE FROM sessions WHERE expires_at <= $1")
            .bind(now)
            .run(&self.database)
            .await?;
        statement("DELETE FROM used_tokens WHERE expires_at <= $1")
            .bind(now)
            .run(&self.database)
            .await?;
        statement("DELETE FROM sign_ins WHERE expires_at <= $1")
            .bind(now)
            .run(&self.database)
            .await?;
        let kept = Timestamp(now.0.saturating_sub(limits::ANSWERS_KEPT.0));
        self.forget_answers(kept).await
    }
}

fn used_or_failed(error: sqlx::Error) -> ClaimError {
    let used = error
        .as_database_error()
        .is_some_and(sqlx::error::DatabaseError::is_unique_violation);
    if used { ClaimError::Used } else { error.into() }
}

fn insert(session: &NewSession, token: &Claims) -> Statement {
    let (role, id, visit): (Role, Value, _) = match token.subject {
        Subject::Patient { patient, visit } => (Role::Patient, patient.into(), Some(visit)),
        Subject::Practitioner(id) => (Role::Practitioner, id.into(), None),
        Subject::Companion { invitation, visit } => {
            (Role::Companion, invitation.into(), Some(visit))
        }
    };
    statement(
        "INSERT INTO sessions (id, secret_hash, device_key, role, subject, visit, level, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(session.id)
    .bind(session.secret_hash.as_slice())
    .bind(session.device_key.as_slice())
    .bind(role.word())
    .bind(id)
    .bind(visit)
    .bind(token.level.word())
    .bind(session.expires_at)
}

fn read(columns: &Columns<'_>) -> Result<SessionRow, StoreError> {
    let role = Role::from_word(&columns.text("role")?).ok_or(columns.corrupt())?;
    let subject = match role {
        Role::Patient => Subject::Patient {
            patient: columns.id("subject")?,
            visit: columns.id("visit")?,
        },
        Role::Practitioner => Subject::Practitioner(columns.id("subject")?),
        Role::Companion => Subject::Companion {
            invitation: columns.id("subject")?,
            visit: columns.id("visit")?,
        },
    };
    Ok(SessionRow {
        id: columns.id("id")?,
        device_key: columns.bytes("device_key")?,
        subject,
        level: IdentityLevel::from_word(&columns.text("level")?).ok_or(columns.corrupt())?,
        expires_at: Timestamp(columns.number("expires_at")?),
    })
}
