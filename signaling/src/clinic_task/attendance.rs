//! Sockets that open and close.

use vestibule_clinic::{Input, VisitState};
use vestibule_delivery::Caller;
use vestibule_protocol::PROTOCOL_VERSION;
use vestibule_protocol::client::RequestId;
use vestibule_protocol::server::{ClosingReason, Reply, ServerMessage};
use vestibule_vocab::{ParticipantId, PatientId, VisitId};

use super::batch::Batch;
use super::desk::Desk;
use super::event::Opening;
use super::translate;
use crate::identity::Subject;
use crate::socket::SocketId;
use crate::store::Write;

impl Desk {
    pub(super) fn opened(&mut self, opening: Opening, batch: &mut Batch) {
        let Opening {
            mut socket,
            instance,
            request,
            known,
        } = opening;
        if self.is_over_for(socket.subject) {
            // No refusal, after which a page would give its session up: it is good again once the other visit is over.
            return socket.outbox.close(ClosingReason::SessionEnded);
        }
        socket.subject = self.come_to(socket.subject);
        let (subject, outbox) = (socket.subject, socket.outbox.clone());
        let participant = subject.participant();
        tracing::info!(session = ?socket.session, person = ?participant, page = ?instance, "a session is open");
        let level = socket.level;
        self.presences.arrive(&socket, instance);
        match subject {
            Subject::Patient { patient, .. } => self.past.arrive(patient, known.past),
            Subject::Practitioner(practitioner) => self.told.arrive(practitioner, known.told),
            Subject::Companion { .. } => {}
        }
        self.around.registry.open(socket);
        self.doors.watch();
        let page = Caller {
            participant,
            instance,
        };
        let present = self
            .decide(connected(subject), batch)
            .map_err(translate::refusal);
        let attached = self.delivery.attach(page);
        match present.and(attached.map_err(translate::delivery_refusal)) {
            Ok(()) => {
                self.neighbours.depart(participant);
                self.learn_who_it_is(subject, level, batch);
                batch.writes.push(Write::Present(subject));
                batch.welcome(outbox, self.welcome(subject, request));
            }
            Err(code) => {
                outbox.send(&ServerMessage::Refused {
                    id: Some(request),
                    error: code.into(),
                });
                outbox.close(ClosingReason::SessionEnded);
            }
        }
        self.affect_with_others(participant, batch);
        self.repeat_steering(participant, batch);
    }

    /// A patient has one place, whichever of their links opened the page: while they are in one visit, the link of another
    /// leads there. Otherwise the page would take the place over and show nothing of it. What was given for a visit that has
    /// ended leads to no other: somebody may have left it open where others sit down.
    fn come_to(&self, subject: Subject) -> Subject {
        if let Subject::Patient { patient, visit } = subject
            && !self.has_ended(visit)
        {
            let visit = self.present_visit(patient).unwrap_or(visit);
            return Subject::Patient { patient, visit };
        }
        subject
    }

    /// It is the page of a visit that has ended, and its patient is in another. They have one page: this one would close that of
    /// the visit under way, and they would count as there who see nothing of it.
    fn is_over_for(&self, subject: Subject) -> bool {
        let Subject::Patient { patient, visit } = subject else {
            return false;
        };
        self.has_ended(visit) && self.present_visit(patient).is_some_and(|it| it != visit)
    }

    fn has_ended(&self, visit: VisitId) -> bool {
        let view = self.clinic.visit(visit);
        view.is_some_and(|it| !it.visit.state.is_active())
    }

    /// The visit that a patient is in: they came to it, and it has not ended.
    fn present_visit(&self, patient: PatientId) -> Option<VisitId> {
        let visit = self.clinic.visit_of(patient)?.visit;
        let present = visit.state.is_active() && visit.state != VisitState::Expected;
        present.then_some(visit.id)
    }

    /// The patient of a visit has a page open that shows it, or will when it begins. One of another visit that has ended does not.
    pub(super) fn is_patient_connected(&self, visit: VisitId) -> bool {
        let Some(view) = self.clinic.visit(visit) else {
            return false;
        };
        let presence = self.presences.get(view.visit.patient.into());
        presence.is_some_and(|it| {
            let shown = it.subject.visit();
            it.connected && shown.is_some_and(|shown| shown == visit || !self.has_ended(shown))
        })
    }

    /// The same of a page that is open when its patient's visit begins anew, as when they are called back.
    pub(super) fn page_follows(&mut self, patient: PatientId) {
        let participant = patient.into();
        let Some(shown) = self.presences.get(participant).map(|it| it.subject) else {
            return;
        };
        let subject = self.come_to(shown);
        if subject != shown {
            self.presences.turn_to(subject);
            self.around.registry.turn_to(subject);
        }
    }

    fn welcome(&self, subject: Subject, request: RequestId) -> ServerMessage {
        ServerMessage::Reply {
            id: request,
            reply: Reply::Welcome {
                protocol: PROTOCOL_VERSION,
                role: subject.role(),
                participant: subject.participant(),
                server_time: self.around.clock.now(),
            },
        }
    }

    /// A socket that was replaced is gone already, and says nothing about its participant.
    pub(super) fn closed(
        &mut self,
        participant: ParticipantId,
        socket: SocketId,
        batch: &mut Batch,
    ) {
        if !self.around.registry.close(participant, socket) {
            return;
        }
        let Some(presence) = self.presences.get(participant).copied() else {
            return;
        };
        tracing::info!(person = ?participant, "a session's socket is gone");
        self.affect_with_others(participant, batch);
        self.presences.depart(participant);
        match presence.subject {
            Subject::Patient { patient, .. } => self.past.depart(patient),
            Subject::Practitioner(practitioner) => self.told.depart(practitioner),
            Subject::Companion { .. } => {}
        }
        self.delivery.detach(Caller {
            participant,
            instance: presence.instance,
        });
        let gone = Write::Gone(participant, self.around.store.node());
        batch.writes.push(gone);
        // Being away is a fact; the clinic has nothing to refuse.
        let _ = self.decide(disconnected(presence.subject), batch);
        if self.consultation_of(presence.subject).is_none() {
            self.presences.forget(participant);
        }
    }
}

fn connected(subject: Subject) -> Input {
    match subject {
        Subject::Patient { patient, .. } => Input::PatientConnected { patient },
        Subject::Practitioner(practitioner) => Input::PractitionerConnected { practitioner },
        Subject::Companion { invitation, .. } => Input::CompanionConnected {
            companion: invitation.into(),
        },
    }
}

fn disconnected(subject: Subject) -> Input {
    match subject {
        Subject::Patient { patient, .. } => Input::PatientDisconnected { patient },
        Subject::Practitioner(practitioner) => Input::PractitionerDisconnected { practitioner },
        Subject::Companion { invitation, .. } => Input::CompanionDisconnected {
            companion: invitation.into(),
        },
    }
}
