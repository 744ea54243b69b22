//! What a key may do.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// A word that is no scope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no scope; those that there are: {known}", known = Scope::words().join(", "))]
pub struct BadScope(String);

macro_rules! scopes {
    ($($(#[$doc:meta])* $scope:ident = $word:literal),* $(,)?) => {
        /// One thing that a key may do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Scope {
            $($(#[$doc])* $scope),*
        }

        impl Scope {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$scope),*];

            /// Its word, such as `visits:read`.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$scope => $word),*
                }
            }
        }

        /// What a handler asks of the key that it is called with.
        pub(crate) mod needs {
            $($(#[$doc])* pub(crate) struct $scope;

            impl super::Needs for $scope {
                const SCOPE: super::Scope = super::Scope::$scope;
            })*
        }
    };
}

/// A scope as a type.
pub(crate) trait Needs: Send + Sync + 'static {
    const SCOPE: Scope;
}

scopes! {
    /// Read services.
    ServicesRead = "services:read",
    /// Make and change services.
    ServicesWrite = "services:write",
    /// Read practitioners.
    PractitionersRead = "practitioners:read",
    /// Register and change practitioners, and set their duty.
    PractitionersWrite = "practitioners:write",
    /// Read appointments.
    AppointmentsRead = "appointments:read",
    /// Book and cancel appointments.
    AppointmentsWrite = "appointments:write",
    /// Read who the regular practitioner of a patient is.
    PatientsRead = "patients:read",
    /// Say who the regular practitioner of a patient is.
    PatientsWrite = "patients:write",
    /// Read visits.
    VisitsRead = "visits:read",
    /// Say what patient and practitioner are to each other.
    VisitsWrite = "visits:write",
    /// Read who comes with a patient.
    CompanionsRead = "companions:read",
    /// Invite companions, and take invitations back.
    CompanionsWrite = "companions:write",
    /// Read what documents a visit has, and nothing of what they say.
    DocumentsRead = "documents:read",
    /// Answer gates in the key's own name.
    GatesWrite = "gates:write",
    /// Have other systems asked again that refused a gate or did not answer it in time, as staff may.
    GatesAsk = "gates:ask",
    /// Make the links by which people come in. Whoever has one comes in as that person.
    LinksRead = "links:read",
    /// State with a link how surely it is known who its patient is.
    IdentityWrite = "identity:write",
    /// Read receipts.
    ReceiptsRead = "receipts:read",
    /// Read what practitioners wrote to the regular ones of their patients.
    NotesRead = "notes:read",
    /// Read what patients told practitioners in private.
    FeedbackRead = "feedback:read",
    /// Read the audit log.
    AuditRead = "audit:read",
    /// Read what patients said about consent.
    ConsentsRead = "consents:read",
    /// Read what patients answered to symptom forms: about their health, and in their own words.
    AnswersRead = "answers:read",
}

impl Scope {
    fn words() -> Vec<&'static str> {
        Self::ALL.iter().map(|scope| scope.word()).collect()
    }
}

impl FromStr for Scope {
    type Err = BadScope;

    fn from_str(word: &str) -> Result<Self, BadScope> {
        let found = Self::ALL.iter().find(|scope| scope.word() == word);
        found.copied().ok_or_else(|| BadScope(word.to_owned()))
    }
}

/// All that a key may do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes(BTreeSet<Scope>);

impl Scopes {
    /// These.
    pub fn of(scopes: impl IntoIterator<Item = Scope>) -> Self {
        Self(scopes.into_iter().collect())
    }

    /// It may do this.
    #[must_use]
    pub fn include(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// As they are stored. A word that this program does not know opens nothing.
    pub(super) fn stored(words: &str) -> Self {
        Self::of(words.split(' ').filter_map(|word| word.parse().ok()))
    }
}

/// The words, with a space between.
impl fmt::Display for Scopes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<&str> = self.0.iter().map(|scope| scope.word()).collect();
        formatter.write_str(&words.join(" "))
    }
}
