//! The SFU's side of consultations: which calls and legs there should be, and what the SFU was told.
//!
//! A consultation's call is stored with it, so that an SFU that outlives signaling keeps it. A warm
//! call, made before admission, lives in memory only. A call that a new SFU process does not have
//! gets new ids: then clients see another leg and connect anew by themselves.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use vestibule_clinic::{Consultation, Warm};
use vestibule_control::{CallPlan, LegState, ToSfu};
use vestibule_protocol::server::{Leg, Slot};
use vestibule_vocab::{CallId, ConsultationId, LegId, ParticipantId, PractitionerId, Timestamp};

use crate::random::NoRandomness;
use crate::sfu::LinkId;
use crate::store::CallIds;

/// A call that should be.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Call {
    ids: CallIds,
    /// The consultation is on hold: nothing flows.
    held: bool,
    /// Since when there was sound and no picture, while that is so.
    sound_only: Option<Timestamp>,
}

impl Call {
    fn new(ids: CallIds, held: bool) -> Self {
        Self {
            ids,
            held,
            sound_only: None,
        }
    }

    fn warm(ids: CallIds) -> Self {
        Self::new(ids, false)
    }

    fn leg_of(&self, participant: ParticipantId) -> Option<LegId> {
        self.ids.legs.get(&participant).copied()
    }

    fn owner_of(&self, leg: LegId) -> Option<ParticipantId> {
        let mut legs = self.ids.legs.iter();
        legs.find(|(_, it)| **it == leg).map(|(who, _)| *who)
    }

    fn people(&self) -> impl Iterator<Item = ParticipantId> {
        self.ids.legs.keys().copied()
    }

    fn plan(&self, open: bool) -> CallPlan {
        CallPlan {
            call: self.ids.call,
            legs: self.ids.legs.values().copied().collect(),
            open,
        }
    }
}

/// A call that got new ids.
pub(super) struct Renewed {
    /// The consultation with which they are stored; none for a warm call.
    pub(super) consultation: Option<ConsultationId>,
    pub(super) ids: CallIds,
}

/// All calls of a clinic.
#[derive(Debug, Default)]
pub(super) struct Calls {
    open: HashMap<ConsultationId, Call>,
    /// Of each practitioner for whom one is prepared.
    warm: BTreeMap<PractitionerId, (Warm, Call)>,
    /// What the SFU was last told of each call; `None` for one that is up there and was not told of.
    told: HashMap<CallId, Option<CallPlan>>,
    /// The control link that is up.
    link: Option<LinkId>,
    /// The slots of each leg, as the SFU last said, for a socket that comes back.
    slots: HashMap<LegId, (u32, Vec<Slot>)>,
    /// The layers that each leg is to send, likewise.
    layers: HashMap<LegId, (u32, Vec<u8>)>,
    /// Whether each leg may send its sound with redundancy, likewise.
    redundancy: HashMap<LegId, (u32, bool)>,
    /// Legs that were connected and of which the SFU hears nothing.
    silent: HashSet<LegId>,
}

impl Calls {
    /// A consultation goes on with the call that was stored with it.
    pub(super) fn resume(&mut self, consultation: &Consultation, ids: CallIds) {
        let held = consultation.held_since.is_some();
        let known = self.open.get(&consultation.id);
        let known = known.filter(|known| !held && known.ids.call == ids.call);
        let call = Call {
            sound_only: known.and_then(|known| known.sound_only),
            ..Call::new(ids, held)
        };
        self.open.insert(consultation.id, call);
    }

    /// A consultation begins, is put on hold or goes on, with these people. It begins with the warm call when one was made
    /// for its visit, else with a new one; whoever is in a call keeps the leg. `None` when its call is as it was.
    pub(super) fn go_on(
        &mut self,
        consultation: &Consultation,
        people: &BTreeSet<ParticipantId>,
    ) -> Result<Option<CallIds>, NoRandomness> {
        if let Some(call) = self.open.get_mut(&consultation.id) {
            call.held = consultation.held_since.is_some();
            call.sound_only = call.sound_only.filter(|_| !call.held);
            return Ok(call.ids.seat(people)?.then(|| call.ids.clone()));
        }
        let practitioner = consultation.practitioner;
        let warmed = self.warm.get(&practitioner);
        let warmed = warmed.filter(|(warm, _)| warm.visit == consultation.visit);
        let ids = match warmed {
            Some((_, call)) => {
                let mut ids = call.ids.clone();
                ids.seat(people)?;
                ids
            }
            None => CallIds::new(people.iter().copied())?,
        };
        self.warm.remove(&practitioner);
        self.resume(consultation, ids.clone());
        Ok(Some(ids))
    }

    /// A consultation has ended, and its call with it; those who were in it.
    pub(super) fn end(&mut self, consultation: ConsultationId) -> Vec<ParticipantId> {
        let ended = self.open.remove(&consultation);
        ended.iter().flat_map(Call::people).collect()
    }

    /// Those who have a leg in a consultation's call.
    pub(super) fn people_in(&self, consultation: ConsultationId) -> Vec<ParticipantId> {
        let call = self.open.get(&consultation);
        call.into_iter().flat_map(Call::people).collect()
    }

    /// A consultation has a call.
    pub(super) fn has(&self, consultation: ConsultationId) -> bool {
        self.open.contains_key(&consultation)
    }

    /// Whom the present warm calls are for.
    pub(super) fn warm(&self) -> impl Iterator<Item = Warm> {
        self.warm.values().map(|(warm, _)| *warm)
    }

    /// Keeps warm calls for these, and no others. Those that are new and those that are gone are returned.
    pub(super) fn keep_warm(
        &mut self,
        wanted: &BTreeMap<PractitionerId, Warm>,
    ) -> Result<Vec<Warm>, NoRandomness> {
        let mut changed = Vec::new();
        self.warm.retain(|practitioner, (warm, _)| {
            let stays = wanted.get(practitioner) == Some(warm);
            if !stays {
                changed.push(*warm);
            }
            stays
        });
        for (practitioner, warm) in wanted {
            if !self.warm.contains_key(practitioner) {
                let ids = CallIds::new([warm.patient.into(), warm.practitioner.into()])?;
                self.warm.insert(*practitioner, (*warm, Call::warm(ids)));
                changed.push(*warm);
            }
        }
        Ok(changed)
    }

    /// The leg that a participant is to keep connected: the one of the consultation that they are
    /// in, else a warm one.
    pub(super) fn leg_of(
        &self,
        participant: ParticipantId,
        consultation: Option<ConsultationId>,
    ) -> Option<Leg> {
        let call = match consultation {
            Some(consultation) => self.open.get(&consultation)?,
            None => self.warm_call_of(participant)?,
        };
        Some(Leg {
            call: call.ids.call,
            leg: call.leg_of(participant)?,
            open: consultation.is_some() && !call.held,
        })
    }

    /// Whose leg this is.
    pub(super) fn owner_of(&self, leg: LegId) -> Option<ParticipantId> {
        self.all().find_map(|call| call.owner_of(leg))
    }

    /// The slots of a leg, as the SFU last said.
    pub(super) fn slots_of(&self, leg: LegId) -> Option<&(u32, Vec<Slot>)> {
        self.slots.get(&leg)
    }

    pub(super) fn set_slots(&mut self, leg: LegId, connection: u32, slots: Vec<Slot>) {
        if self.owner_of(leg).is_some() {
            self.slots.insert(leg, (connection, slots));
        }
    }

    /// The layers that a leg is to send, as the SFU last said.
    pub(super) fn layers_of(&self, leg: LegId) -> Option<&(u32, Vec<u8>)> {
        self.layers.get(&leg)
    }

    pub(super) fn set_layers(&mut self, leg: LegId, connection: u32, layers: Vec<u8>) {
        if self.owner_of(leg).is_some() {
            self.layers.insert(leg, (connection, layers));
        }
    }

    /// Whether a leg may send its sound with redundancy, as the SFU last said.
    pub(super) fn redundancy_of(&self, leg: LegId) -> Option<(u32, bool)> {
        self.redundancy.get(&leg).copied()
    }

    pub(super) fn set_redundancy(&mut self, leg: LegId, connection: u32, allowed: bool) {
        if self.owner_of(leg).is_some() {
            self.redundancy.insert(leg, (connection, allowed));
        }
    }

    /// Whether nothing is heard of a participant's leg in a consultation, which was connected before.
    pub(super) fn is_silent(
        &self,
        participant: ParticipantId,
        consultation: ConsultationId,
    ) -> bool {
        let call = self.open.get(&consultation);
        call.and_then(|call| call.leg_of(participant))
            .is_some_and(|leg| self.silent.contains(&leg))
    }

    /// The SFU says since when there is sound and no picture in a call, or that it is not so; the consultation for which
    /// that is news.
    pub(super) fn set_sound_only(
        &mut self,
        call: CallId,
        since: Option<Timestamp>,
    ) -> Option<ConsultationId> {
        let mut open = self.open.iter_mut();
        let (consultation, call) = open.find(|(_, it)| it.ids.call == call)?;
        let is_news = call.sound_only.is_some() != since.is_some();
        if is_news {
            call.sound_only = since;
        }
        is_news.then_some(*consultation)
    }

    /// Since when there is sound and no picture in a consultation, while that is so.
    pub(super) fn sound_only(&self, consultation: ConsultationId) -> Option<Timestamp> {
        self.open.get(&consultation)?.sound_only
    }

    /// The SFU says how a leg is; true when that changes what [`Self::is_silent`] says. A leg that is closed after its
    /// silence stays silent until another connection stands.
    pub(super) fn set_state(&mut self, leg: LegId, state: LegState) -> bool {
        match state {
            LegState::Connected => self.silent.remove(&leg),
            LegState::Interrupted => self.owner_of(leg).is_some() && self.silent.insert(leg),
            LegState::Closed => false,
        }
    }

    /// The consultations that have a call.
    pub(super) fn consultations(&self) -> Vec<ConsultationId> {
        self.open.keys().copied().collect()
    }

    fn all(&self) -> impl Iterator<Item = &Call> {
        self.open.values().chain(self.warm_calls())
    }

    fn warm_calls(&self) -> impl Iterator<Item = &Call> {
        self.warm.values().map(|(_, call)| call)
    }

    fn warm_call_of(&self, participant: ParticipantId) -> Option<&Call> {
        self.warm_calls()
            .find(|call| call.leg_of(participant).is_some())
    }

    /// A control link is up. Calls that this SFU does not have, and that another server's has not either, get new ids;
    /// those of consultations are returned, to be stored: everybody in them is to connect anew.
    pub(super) fn sfu_up(
        &mut self,
        link: LinkId,
        there: &[CallId],
        is_elsewhere: impl Fn(ParticipantId) -> bool,
    ) -> Result<Vec<(ConsultationId, CallIds)>, NoRandomness> {
        self.link = Some(link);
        self.told = there.iter().map(|call| (*call, None)).collect();
        let mut renewed = Vec::new();
        for (consultation, call) in &mut self.open {
            if !there.contains(&call.ids.call) && !call.people().any(&is_elsewhere) {
                call.ids = CallIds::new(call.people())?;
                call.sound_only = None;
                renewed.push((*consultation, call.ids.clone()));
            }
        }
        for (_, call) in self.warm.values_mut() {
            if !there.contains(&call.ids.call) {
                call.ids = CallIds::new(call.people())?;
            }
        }
        Ok(renewed)
    }

    /// Gives a call that the SFU lost new ids, if it is one that should be.
    pub(super) fn renew(&mut self, lost: CallId) -> Result<Option<Renewed>, NoRandomness> {
        let open = self.open.iter_mut().map(|(it, call)| (Some(*it), call));
        let warm = self.warm.values_mut().map(|(_, call)| (None, call));
        let found = open.chain(warm).find(|(_, call)| call.ids.call == lost);
        let Some((consultation, call)) = found else {
            return Ok(None);
        };
        call.ids = CallIds::new(call.people())?;
        call.sound_only = None;
        let ids = call.ids.clone();
        Ok(Some(Renewed { consultation, ids }))
    }

    /// The control link, while there is one.
    pub(super) fn link(&self) -> Option<LinkId> {
        self.link
    }

    /// The control link and the calls that are up behind it.
    pub(super) fn known_to_sfu(&self) -> Option<(LinkId, Vec<CallId>)> {
        Some((self.link?, self.told.keys().copied().collect()))
    }

    /// The control link is down; the next SFU says what it has.
    pub(super) fn sfu_down(&mut self) {
        self.link = None;
        self.told.clear();
    }

    /// What to tell the SFU, while there is a link, so that it has the calls that should be.
    pub(super) fn reconcile(&mut self) -> Vec<ToSfu> {
        let open = self.open.values().map(|call| call.plan(!call.held));
        let warm = self.warm_calls().map(|call| call.plan(false));
        let wanted: HashMap<CallId, CallPlan> =
            open.chain(warm).map(|plan| (plan.call, plan)).collect();
        let mut messages = Vec::new();
        for call in self.told.keys().filter(|call| !wanted.contains_key(call)) {
            messages.push(ToSfu::CloseCall { call: *call });
        }
        for (call, plan) in &wanted {
            if self.told.get(call).and_then(Option::as_ref) != Some(plan) {
                messages.push(ToSfu::SetCall(plan.clone()));
            }
        }
        self.told = wanted
            .into_iter()
            .map(|(call, plan)| (call, Some(plan)))
            .collect();
        self.forget_old_legs();
        messages
    }

    fn forget_old_legs(&mut self) {
        let legs: Vec<LegId> = self
            .all()
            .flat_map(|call| call.ids.legs.values().copied())
            .collect();
        self.slots.retain(|leg, _| legs.contains(leg));
        self.layers.retain(|leg, _| legs.contains(leg));
        self.redundancy.retain(|leg, _| legs.contains(leg));
        self.silent.retain(|leg| legs.contains(leg));
    }
}
