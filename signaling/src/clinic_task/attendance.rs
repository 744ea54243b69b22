//! Sockets that open and close.

use vestibule_clinic::{Input, VisitState};
use vestibule_delivery::Caller;
use vestibule_protocol::PROTOCOL_VERSION;
use vestibule_protocol::client::RequestId;
use vestibule_protocol::server::{ClosingReason, Reply, ServerMessage};
use vestibule_vocab::{ParticipantId, PatientId};

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
        let Subject::Patient { patient, visit } = subject else {
            return subject;
        };
        let own = self.clinic.visit(visit);
        if own.is_some_and(|it| !it.visit.state.is_active()) {
            return subject;
        }
        let view = self.clinic.visit_of(patient);
        let present = view.filter(|view| {
            view.visit.state.is_active() && view.visit.state != VisitState::Expected
        });
        present.map_or(subject, |view| Subject::Patient {
            patient,
            visit: view.visit.id,
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
