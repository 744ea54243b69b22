//! Those who see patients.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use vestibule_vocab::{PractitionerId, ServiceId, Timestamp};

use crate::calendar::Zone;
use crate::limits::{LANGUAGES, NAME_CHARS, SERVICES_EACH, SHIFT_NEAR};
use crate::shield::{Roster, Shield, ShieldPolicy, Workday};
use crate::{Appointment, Language, Refusal, Visit, WaitingRoom, text};

/// A practitioner of the clinic, as it sets them. Also the row that is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Practitioner {
    /// Their id.
    pub id: PractitionerId,
    /// What patients read: one line, 1 to 100 characters.
    pub name: String,
    /// What they practise: at most 32.
    pub services: BTreeSet<ServiceId>,
    /// What they speak; empty when the clinic does not say, and then no language is asked for. At most 16.
    pub languages: BTreeSet<Language>,
    /// Whether they see patients now. They say so themselves.
    pub duty: Duty,
    /// What protects them.
    #[serde(default)]
    pub shield: ShieldPolicy,
    /// When they work; absent where that is not planned.
    #[serde(default)]
    pub roster: Option<Roster>,
    /// What they have done, as far as the shield counts it. The clinic does not set it.
    #[serde(default)]
    pub workday: Workday,
    /// The last end or approach of a shift by which those who wait for them were asked, or not asked any more: no server
    /// does it again. The clinic does not set it.
    #[serde(default)]
    pub turned: Option<Timestamp>,
}

/// Whether a practitioner sees patients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Duty {
    /// They do.
    #[default]
    On,
    /// They will again.
    Break {
        /// When they said they would; then they are on duty by themselves.
        until: Option<Timestamp>,
    },
    /// They do not today.
    Off,
}

impl Practitioner {
    /// A practitioner on duty.
    #[must_use]
    pub fn named(
        id: PractitionerId,
        name: &str,
        services: impl IntoIterator<Item = ServiceId>,
    ) -> Self {
        Self {
            id,
            name: name.to_owned(),
            services: services.into_iter().collect(),
            languages: BTreeSet::new(),
            duty: Duty::On,
            shield: ShieldPolicy::default(),
            roster: None,
            workday: Workday::default(),
            turned: None,
        }
    }

    /// Their shield, by the hours and days of this zone.
    pub(crate) fn shielded<'a>(&'a self, zone: &'a Zone) -> Shield<'a> {
        Shield {
            policy: &self.shield,
            zone,
            roster: self.roster.as_ref(),
            workday: &self.workday,
        }
    }

    /// They see patients now: by what they said last, or because their break is over.
    #[must_use]
    pub fn is_on_duty(&self, now: Timestamp) -> bool {
        match self.duty {
            Duty::On => true,
            Duty::Break { until } => until.is_some_and(|until| until <= now),
            Duty::Off => false,
        }
    }

    /// They work, or soon will, as far as their shifts are planned.
    pub(crate) fn is_near(&self, now: Timestamp) -> bool {
        let soon = now.plus(SHIFT_NEAR);
        let next = self.roster.as_ref().map(|roster| roster.after(now).next());
        next.is_none_or(|next| next.is_some_and(|shift| shift.from <= soon))
    }

    /// Their shifts hold all of an appointment, as far as they are planned.
    pub(crate) fn works_during(&self, Appointment { at, length }: Appointment) -> bool {
        let roster = self.roster.as_ref();
        roster.is_none_or(|roster| roster.next_fit(at, length) == Some(at))
    }

    /// When [`Self::is_near`] next changes, or may.
    pub(crate) fn next_turn(&self, now: Timestamp) -> Option<Timestamp> {
        self.turns().filter(|&turn| turn > now).min()
    }

    /// When it last did, or may have.
    pub(crate) fn last_turn(&self, now: Timestamp) -> Option<Timestamp> {
        self.turns().filter(|&turn| turn <= now).max()
    }

    /// When it changes, or may.
    pub(crate) fn turns(&self) -> impl Iterator<Item = Timestamp> + '_ {
        let shifts = self.roster.iter().flat_map(Roster::shifts);
        shifts.flat_map(|shift| {
            let near = shift.from.0.saturating_sub(SHIFT_NEAR.0);
            [Timestamp(near), shift.to]
        })
    }

    /// The waiting rooms that they see: their own, and those of their services.
    pub fn waiting_rooms(&self) -> impl Iterator<Item = WaitingRoom> + '_ {
        let services = self.services.iter().map(|id| WaitingRoom::Service(*id));
        std::iter::once(WaitingRoom::Practitioner(self.id)).chain(services)
    }

    /// The visit waits where they look, and they speak its language.
    #[must_use]
    pub fn may_see(&self, visit: &Visit) -> bool {
        match visit.waiting_room {
            WaitingRoom::Practitioner(of) => of == self.id,
            WaitingRoom::Service(service) => {
                self.services.contains(&service) && self.speaks(visit.language)
            }
        }
    }

    pub(crate) fn speaks(&self, language: Option<Language>) -> bool {
        self.languages.is_empty()
            || language.is_none_or(|language| self.languages.contains(&language))
    }

    /// As it is kept: trimmed, within the limits.
    ///
    /// # Errors
    /// The [`Refusal`] of what it never can be.
    pub fn checked(self) -> Result<Self, Refusal> {
        if self.services.len() > SERVICES_EACH || self.languages.len() > LANGUAGES {
            return Err(Refusal::TooMany);
        }
        let name = text::line(&self.name, NAME_CHARS).ok_or(Refusal::InvalidName)?;
        Ok(Self { name, ..self })
    }
}
