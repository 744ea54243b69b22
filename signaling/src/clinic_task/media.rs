//! Calls, offers, slots and layers: what passes between people's pages and the SFU.

use vestibule_control::{Binding, Flow, FromSfu, LegState, ToSfu};
use vestibule_protocol::client::Watched;
use vestibule_protocol::server::{Reply, ServerMessage, Slot};
use vestibule_protocol::{ErrorCode, limits as wire_limits};
use vestibule_vocab::{CallId, LegId, Millis, ParticipantId, Redacted, Timestamp};

use super::batch::Batch;
use super::desk::Desk;
use super::event::Asker;
use super::offers::Offer;
use super::presence::Presence;
use crate::sfu::LinkId;
use crate::store::Write;

impl Desk {
    /// Authorises an offer: the leg must be the one that this participant's snapshot shows. The answer comes later, from
    /// the SFU.
    pub(super) fn offer(
        &mut self,
        asker: &Asker,
        presence: &Presence,
        (leg, connection): (LegId, u32),
        sdp: Redacted<String>,
        batch: &mut Batch,
    ) -> Result<Option<Reply>, ErrorCode> {
        if sdp.expose().len() > wire_limits::SDP_BYTES {
            return Err(ErrorCode::TooLarge);
        }
        batch.offers.push(Offer {
            asker: asker.clone(),
            call: self.call_of(asker.participant, presence, leg)?,
            leg,
            connection,
            sdp,
        });
        Ok(None)
    }

    /// Tells the SFU what a participant looks at. It is not told again: a peer that is made anew is watched anew.
    pub(super) fn watch(
        &self,
        participant: ParticipantId,
        presence: &Presence,
        (leg, connection): (LegId, u32),
        pictures: Vec<Watched>,
    ) -> Result<Option<Reply>, ErrorCode> {
        check_watched(&pictures)?;
        let call = self.call_of(participant, presence, leg)?;
        let link = self.calls.link().ok_or(ErrorCode::SfuUnavailable)?;
        let pictures = pictures.into_iter().map(|it| vestibule_control::Watched {
            mid: it.mid,
            layers: it.layers,
        });
        let message = ToSfu::Watch {
            call,
            leg,
            connection,
            pictures: pictures.collect(),
        };
        let sent = self.around.sfu.send(link, message);
        sent.map_err(|_| ErrorCode::SfuUnavailable)?;
        Ok(Some(Reply::Done))
    }

    /// The call of a leg, which must be the one that this participant's snapshot shows.
    fn call_of(
        &self,
        participant: ParticipantId,
        presence: &Presence,
        leg: LegId,
    ) -> Result<CallId, ErrorCode> {
        let consultation = self.consultation_of(presence.subject).map(|it| it.id);
        let own = self.calls.leg_of(participant, consultation);
        let own = own.filter(|own| own.leg == leg);
        Ok(own.ok_or(ErrorCode::NotFound)?.call)
    }

    /// Tells the SFU what changed, calls before the offers on them.
    pub(super) fn steer_sfu(&mut self, batch: &mut Batch) {
        let Some(link) = self.calls.link() else {
            for offer in batch.offers.drain(..) {
                offer.asker.refuse(ErrorCode::SfuUnavailable);
            }
            return;
        };
        for message in self.calls.reconcile() {
            if self.around.sfu.send(link, message).is_err() {
                tracing::error!("the SFU could not be told of a call");
            }
        }
        for offer in batch.offers.drain(..) {
            if let Some(message) = self.offers.send(offer) {
                self.send_offer(link, message);
            }
        }
    }

    fn send_offer(&mut self, link: LinkId, message: ToSfu) {
        if let Err(ToSfu::Offer { request, .. }) = self.around.sfu.send(link, message) {
            self.offers.undelivered(request);
        }
    }

    pub(super) fn sfu_up(&mut self, link: LinkId, there: &[CallId], batch: &mut Batch) {
        let neighbours = &self.neighbours;
        let elsewhere = |who| neighbours.has(who);
        match self.calls.sfu_up(link, there, elsewhere) {
            Ok(renewed) => {
                for (consultation, ids) in renewed {
                    batch.affected.extend(ids.legs.keys());
                    batch.writes.push(Write::Call(consultation, ids));
                }
            }
            Err(error) => batch.fail(&error),
        }
        for warm in self.calls.warm() {
            batch.affected.insert(warm.patient.into());
            batch.affected.insert(warm.practitioner.into());
        }
    }

    /// A defect ended a call at the SFU: those who are in it are shown another leg, and connect anew.
    fn call_failed(&mut self, call: CallId, batch: &mut Batch) {
        match self.calls.renew(call) {
            Ok(Some(renewed)) => {
                tracing::warn!(call = %call.loggable(), "a call failed at the SFU; another takes its place");
                batch.affected.extend(renewed.ids.legs.keys());
                if let Some(consultation) = renewed.consultation {
                    batch.writes.push(Write::Call(consultation, renewed.ids));
                }
            }
            Ok(None) => {}
            Err(error) => batch.fail(&error),
        }
    }

    pub(super) fn sfu_down(&mut self) {
        self.calls.sfu_down();
        self.offers.refuse_all();
    }

    pub(super) fn sfu_said(&mut self, message: FromSfu, batch: &mut Batch) {
        match message {
            // The link has read it before it said that the SFU is up.
            FromSfu::Hello { .. } => {}
            FromSfu::Answer { request, sdp } => self.offers.answered(request, sdp),
            FromSfu::Refused { request, reason } => self.offers.refused(request, reason),
            FromSfu::Leg {
                leg,
                connection,
                state,
                ..
            } => {
                tracing::debug!(leg = %leg.loggable(), connection, ?state, "a leg changed");
                self.leg_changed(leg, state, batch);
            }
            FromSfu::Failed { call } => self.call_failed(call, batch),
            FromSfu::Slots {
                leg,
                connection,
                bindings,
                ..
            } => self.slots(leg, connection, &bindings),
            FromSfu::Layers {
                leg,
                connection,
                layers,
                ..
            } => self.layers(leg, connection, layers),
            FromSfu::Redundancy {
                leg,
                connection,
                allowed,
                ..
            } => self.redundancy(leg, connection, allowed),
            FromSfu::Talk { call, talk } => batch.writes.push(Write::Talk(call, talk)),
            FromSfu::Flow {
                call,
                flow,
                lasts_ms,
            } => self.flows(call, flow, Millis(lasts_ms), batch),
            FromSfu::Stats(stats) => tracing::debug!(?stats, "SFU"),
        }
    }

    /// The practitioner is told when there is sound and no picture any more, and when there is one again: a consultation by
    /// sound alone is billed otherwise.
    fn flows(&mut self, call: CallId, flow: Flow, lasts: Millis, batch: &mut Batch) {
        let now = self.around.clock.now();
        let since = (flow == Flow::Audio).then(|| Timestamp(now.0.saturating_sub(lasts.0)));
        let consultation = self.calls.set_sound_only(call, since);
        let consultation = consultation.and_then(|it| self.clinic.consultation(it));
        if let Some(consultation) = consultation {
            batch.affected.insert(consultation.practitioner.into());
        }
    }

    /// Whose media is interrupted is away for the others, whatever their socket does: a browser answers on it for a page
    /// that sleeps.
    fn leg_changed(&mut self, leg: LegId, state: LegState, batch: &mut Batch) {
        if self.calls.set_state(leg, state)
            && let Some(owner) = self.calls.owner_of(leg)
        {
            self.affect_with_others(owner, batch);
        }
    }

    fn slots(&mut self, leg: LegId, connection: u32, bindings: &[Binding]) {
        let Some(owner) = self.calls.owner_of(leg) else {
            return;
        };
        let slots = bindings.iter().filter_map(|binding| {
            Some(Slot {
                mid: binding.mid.clone(),
                participant: self.calls.owner_of(binding.publisher)?,
                source: binding.source,
            })
        });
        let slots: Vec<Slot> = slots.collect();
        let message = ServerMessage::Slots {
            leg,
            connection,
            slots: slots.clone(),
        };
        self.calls.set_slots(leg, connection, slots);
        self.around.registry.send(owner, &message);
    }

    fn layers(&mut self, leg: LegId, connection: u32, layers: Vec<u8>) {
        let Some(owner) = self.calls.owner_of(leg) else {
            return;
        };
        let message = ServerMessage::Layers {
            leg,
            connection,
            layers: layers.clone(),
        };
        self.calls.set_layers(leg, connection, layers);
        self.around.registry.send(owner, &message);
    }

    fn redundancy(&mut self, leg: LegId, connection: u32, allowed: bool) {
        let Some(owner) = self.calls.owner_of(leg) else {
            return;
        };
        let message = ServerMessage::Redundancy {
            leg,
            connection,
            allowed,
        };
        self.calls.set_redundancy(leg, connection, allowed);
        self.around.registry.send(owner, &message);
    }

    /// A page whose socket comes back hears again which tracks flow where, and what is wanted of it.
    pub(super) fn repeat_steering(&self, participant: ParticipantId, batch: &mut Batch) {
        let presence = self.presences.get(participant);
        let consultation = presence
            .and_then(|it| self.consultation_of(it.subject))
            .map(|it| it.id);
        let Some(leg) = self.calls.leg_of(participant, consultation) else {
            return;
        };
        if let Some((connection, slots)) = self.calls.slots_of(leg.leg) {
            let message = ServerMessage::Slots {
                leg: leg.leg,
                connection: *connection,
                slots: slots.clone(),
            };
            batch.push_late(participant, message);
        }
        if let Some((connection, layers)) = self.calls.layers_of(leg.leg) {
            let message = ServerMessage::Layers {
                leg: leg.leg,
                connection: *connection,
                layers: layers.clone(),
            };
            batch.push_late(participant, message);
        }
        if let Some((connection, allowed)) = self.calls.redundancy_of(leg.leg) {
            let message = ServerMessage::Redundancy {
                leg: leg.leg,
                connection,
                allowed,
            };
            batch.push_late(participant, message);
        }
    }
}

fn check_watched(pictures: &[Watched]) -> Result<(), ErrorCode> {
    let too_long = |it: &Watched| it.mid.chars().count() > wire_limits::MID_CHARS;
    if pictures.len() > wire_limits::PARTICIPANTS || pictures.iter().any(too_long) {
        return Err(ErrorCode::TooLarge);
    }
    let fits =
        |it: &Watched| !it.mid.is_empty() && usize::from(it.layers) <= wire_limits::CAMERA_LAYERS;
    let fit = pictures.iter().all(fits);
    fit.then_some(()).ok_or(ErrorCode::Malformed)
}
