//! Languages: those in which somebody can be seen, and those who wait for one that nobody speaks any more.

use std::collections::{BTreeMap, BTreeSet};

use vestibule_vocab::{ServiceId, VisitId};

use super::Effects;
use crate::{Clinic, Language, Practitioner, Refusal, WaitingRoom};

/// What can be spoken with those who practise a service; `None` for any language, as one of them does not say.
pub(super) type Spoken = Option<BTreeSet<Language>>;

impl Clinic {
    /// The languages in which those who practise a service see patients, on duty or not. `None` for any: where one of them
    /// does not say, no language is asked for.
    #[must_use]
    pub fn spoken(&self, service: ServiceId) -> Option<BTreeSet<Language>> {
        let mut spoken = BTreeSet::new();
        for card in self.practising(service) {
            if card.languages.is_empty() {
                return None;
            }
            spoken.extend(card.languages.iter().copied());
        }
        Some(spoken)
    }

    /// Whoever asked for a language that nobody speaks would be seen by nobody.
    pub(super) fn is_spoken(
        &self,
        service: ServiceId,
        language: Option<Language>,
    ) -> Result<(), Refusal> {
        if self.nobody_speaks(service, language) {
            return Err(Refusal::LanguageNotSpoken);
        }
        Ok(())
    }

    pub(super) fn nobody_speaks(&self, service: ServiceId, language: Option<Language>) -> bool {
        language.is_some() && !self.practising(service).any(|card| card.speaks(language))
    }

    /// What is spoken in the services whose languages a card changes; nothing where it changes none.
    pub(super) fn spoken_until(&self, card: &Practitioner) -> BTreeMap<ServiceId, Spoken> {
        let before = self.practitioners.card(card.id);
        let said = before.map(|it| (&it.services, &it.languages));
        if said == Some((&card.services, &card.languages)) {
            return BTreeMap::new();
        }
        let before = before.into_iter().flat_map(|it| &it.services);
        let services = before.chain(&card.services);
        services.map(|it| (*it, self.spoken(*it))).collect()
    }

    /// Those who wait in a language that was spoken until now are asked what they want; those whose language is spoken again
    /// are not asked any more.
    pub(super) fn ask_whom_nobody_understands(
        &mut self,
        before: BTreeMap<ServiceId, Spoken>,
        effects: &mut Effects,
    ) {
        for (service, before) in before {
            let after = self.spoken(service);
            if before == after {
                continue;
            }
            let waiting_room = WaitingRoom::Service(service);
            let waiting: Vec<VisitId> = self.waiting.of(waiting_room).map(|(_, id)| id).collect();
            for id in waiting {
                let Some(visit) = self.visits.get_mut(&id) else {
                    continue;
                };
                let understood = [&before, &after].map(|it| has(it, visit.language));
                let ask = match understood {
                    [true, false] => true,
                    [_, true] => false,
                    [false, false] => visit.asked,
                };
                if visit.asked != ask {
                    visit.asked = ask;
                    effects.visit(visit);
                }
            }
        }
    }

    fn practising(&self, service: ServiceId) -> impl Iterator<Item = &Practitioner> {
        let who = self.practitioners.seeing(WaitingRoom::Service(service));
        who.filter_map(|who| self.practitioners.card(who))
    }
}

fn has(spoken: &Spoken, language: Option<Language>) -> bool {
    let named = language.zip(spoken.as_ref());
    named.is_none_or(|(language, spoken)| spoken.contains(&language))
}
