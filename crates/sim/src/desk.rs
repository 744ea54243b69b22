//! A batch in the making: a node decides, on the newest state, and its machines move with it.

use vestibule_clinic::{Clinic, Decision, Input, Outputs, Record, Refusal};
use vestibule_delivery::{LogEntry, LogKind};
use vestibule_vocab::{InstanceId, Millis, Timestamp, VisitId};

use crate::broken::Broken;
use crate::invariants::{Violation, choice, memory, overtakes};
use crate::limits::LOOKED_AT;
use crate::message::{Answer, Carry, Kind, Refused, Request};
use crate::mls;
use crate::node::{Node, caller, roster};
use crate::people::Ids;
use crate::sessions::Person;
use crate::store::{Attendance, Commit, Run};
use crate::told::Told;

/// What surrounds a decision.
#[derive(Clone, Copy)]
pub(crate) struct Around<'a> {
    pub(crate) now: Timestamp,
    /// The same moment by the world's clock, which nobody sets.
    pub(crate) world: Timestamp,
    /// How far ahead of it the node's clock is.
    pub(crate) ahead: u64,
    pub(crate) told: &'a Told,
    pub(crate) broken: Option<Broken>,
    /// A number, so that some decisions are looked at more closely.
    pub(crate) number: u32,
}

/// A batch that is decided and not committed.
pub(crate) struct Decided {
    pub(crate) commit: Commit,
    pub(crate) answers: Vec<Answer>,
    /// What an invariant says of a decision that was taken.
    pub(crate) doubt: Option<Violation>,
}

impl Node {
    /// Decides a batch. When it does not come to be stored, this node begins again from the store.
    pub(crate) fn decide(
        &mut self,
        around: Around<'_>,
        ids: &mut Ids,
        batch: &[Request],
    ) -> Decided {
        let commit = Commit {
            at: self.version,
            now: around.now,
            world: around.world,
            ..Commit::default()
        };
        let mut desk = Desk {
            node: self,
            around,
            commit,
            doubt: None,
        };
        desk.miss();
        for request in batch {
            if let Request::Bury(run) = request {
                desk.bury(*run);
            }
        }
        desk.let_time_pass();
        let answers = batch.iter().map(|request| desk.take(ids, request));
        let answers = answers.collect();
        Decided {
            answers,
            commit: desk.commit,
            doubt: desk.doubt,
        }
    }
}

struct Desk<'a> {
    node: &'a mut Node,
    around: Around<'a>,
    commit: Commit,
    doubt: Option<Violation>,
}

impl Desk<'_> {
    /// People who are noted as being here and did not come back are noted as being nowhere.
    fn miss(&mut self) {
        for who in std::mem::take(&mut self.node.missing) {
            if !self.node.knows(who) {
                self.attend(Attendance::Gone(who, self.node.run));
            }
        }
    }

    /// A node is gone, and the grace begins for everybody who was there.
    fn bury(&mut self, run: Run) {
        let there = self.node.elsewhere.iter().filter(|(_, at)| **at == run);
        let there: Vec<Person> = there.map(|(who, _)| *who).collect();
        for who in there {
            self.node.elsewhere.remove(&who);
            self.attend(Attendance::Gone(who, run));
            // Being away is a fact; the clinic has nothing to refuse.
            let _ = self.tell(who.disconnected());
        }
        self.commit.buried = Some(run);
        self.commit.visible = true;
    }

    fn let_time_pass(&mut self) {
        let by = self.around.ahead.saturating_sub(self.node.heard);
        self.node.heard = self.around.ahead;
        if by > 0 {
            let by = Millis(by);
            // A fact; the clinic has nothing to refuse.
            let _ = self.tell(Input::ClockSetForward { by });
        }
        let due = self.node.clinic.next_timeout();
        if due.is_some_and(|at| at <= self.around.now) {
            let _ = self.tell(Input::Timeout);
        }
    }

    fn take(&mut self, ids: &mut Ids, request: &Request) -> Answer {
        // A page may have been replaced by one at the other node, of which this one has just read.
        let gone = |who| !self.node.presences.contains_key(&who);
        if request.asker().is_some_and(gone) {
            return Err(Refused::Closed);
        }
        match request {
            Request::Clinic(Input::Arrive(arriving)) if self.is_forgotten(arriving.visit) => {
                Err(Refused::Clinic(Refusal::VisitEnded))
            }
            // A booking's id is made anew for each, and its idempotency key makes no second visit of it.
            Request::Clinic(Input::Book(booking)) if self.is_forgotten(booking.visit) => {
                Err(Refused::Clinic(Refusal::Unavailable))
            }
            Request::Clinic(input) => {
                let input = self.complete(input.clone(), ids);
                self.tell(input)
            }
            Request::Carry(carry) => self.carry(*carry),
            Request::Open(who, page) => self.open(*who, *page),
            Request::Close(who, page) => {
                self.close(*who, *page);
                Ok(())
            }
            Request::Bury(_) => Ok(()),
        }
    }

    /// The sessions of a visit are over with it, and its join token begins no other.
    fn is_forgotten(&self, visit: VisitId) -> bool {
        let mut records = self.commit.records.iter();
        self.around.told.forgotten.contains(&visit)
            || records.any(|record| matches!(record, Record::Forget(id) if *id == visit))
    }

    fn open(&mut self, who: Person, page: InstanceId) -> Answer {
        self.node.presences.insert(who, page);
        let answer = self.tell(who.connected());
        // There is room for so few pages.
        let _ = self.node.delivery.attach(caller(who, page));
        if answer.is_ok() || self.around.broken == Some(Broken::SeatsTooMany) {
            self.node.elsewhere.remove(&who);
            self.attend(Attendance::Present(who, self.node.run));
        } else {
            self.node.presences.remove(&who);
            self.node.delivery.detach(caller(who, page));
        }
        answer
    }

    /// A page that was replaced is gone already, and says nothing about its participant.
    fn close(&mut self, who: Person, page: InstanceId) {
        if self.node.presences.get(&who) != Some(&page) {
            return;
        }
        self.node.presences.remove(&who);
        self.node.delivery.detach(caller(who, page));
        self.attend(Attendance::Gone(who, self.node.run));
        let _ = self.tell(who.disconnected());
    }

    fn attend(&mut self, one: Attendance) {
        self.commit.people.push(one);
        self.commit.visible = true;
    }

    fn tell(&mut self, input: Input) -> Answer {
        let Around {
            now,
            told,
            broken,
            number,
            ..
        } = self.around;
        let clinic = &mut self.node.clinic;
        let doubt = choice::doubt(clinic, told, now, &input);
        let passed = overtakes::passed(clinic, &input);
        let unasked = overtakes::whoever_passes_over_nobody_is_not_asked_why(clinic, now, &input);
        let begins = choice::begins(clinic, &input);
        let before = number.is_multiple_of(LOOKED_AT).then(|| clinic.clone());
        let outputs = handle(clinic, now, &input, broken);
        let quiet = outputs.records.is_empty() && outputs.changed.is_empty();
        let changed = before.filter(|_| quiet).and_then(|before| {
            let compared = memory::what_is_not_told_changed_nothing(&before, clinic);
            compared.err()
        });
        let answer = outputs.answer.map_err(Refused::Clinic);
        let begun = (begins && answer.is_ok()).then_some(&input);
        let dropped = begun.and_then(|input| choice::no_wish_is_dropped(clinic, input));
        let written = || overtakes::every_overtake_is_written_down(&passed, &outputs.audit);
        let asked = answer == Err(Refused::Clinic(Refusal::OvertakeNeedsAReason));
        let unasked = unasked.filter(|_| asked);
        let doubt = doubt.filter(|_| answer.is_ok()).or_else(written);
        let doubt = self.doubt.take().or(doubt).or(dropped);
        self.doubt = doubt.or(unasked).or(changed);
        if !quiet {
            self.follow(&outputs.records);
            self.commit.visible = true;
            self.commit.heard.push(input);
            self.commit.records.extend(outputs.records);
            self.commit.audit.extend(outputs.audit);
        }
        answer
    }

    /// The delivery service follows the consultations.
    fn follow(&mut self, records: &[Record]) {
        for record in records {
            if let Record::Consultation(one) = record {
                if one.ended.is_some() {
                    self.node.delivery.close(one.id);
                    self.node.carried.remove(&one.id);
                } else {
                    // A consultation of two within the limits is never refused.
                    let _ = self.node.delivery.open(one.id, &roster(one));
                    self.node.carried.insert(one.id);
                }
            }
        }
    }

    fn carry(&mut self, carry: Carry) -> Answer {
        let Carry {
            from,
            consultation,
            generation,
            epoch,
            kind,
        } = carry;
        let delivery = &mut self.node.delivery;
        let carried = match kind {
            Kind::Commit => {
                let message = mls::commit(consultation, generation, epoch);
                delivery.commit(from, consultation, message, None)
            }
            Kind::Application => {
                let message = mls::application(consultation, generation, epoch);
                delivery.send(from, consultation, message)
            }
        };
        let entries = match carried {
            Ok(accepted) => accepted.entries,
            Err(vestibule_delivery::Refusal::StaleEpoch)
                if self.around.broken == Some(Broken::TakesStaleCommits)
                    && kind == Kind::Commit =>
            {
                vec![stale(carry)]
            }
            Err(refusal) => return Err(Refused::Delivery(refusal)),
        };
        self.commit.visible = true;
        self.commit.log.extend(entries);
        Ok(())
    }

    /// What the server knows better than whoever asks: it draws the consultation's id, it knows who is there, and it reads
    /// what was before from the store.
    fn complete(&self, mut input: Input, ids: &mut Ids) -> Input {
        if let Input::Arrive(arriving) = &mut input {
            let known = self.node.clinic.visit(arriving.visit);
            let known = known.map(|view| view.visit.service);
            self.around.told.complete(arriving, known);
        }
        if let Input::Book(booking) = &mut input {
            booking.history = self.around.told.history(booking.patient, booking.service);
        }
        if let Input::Decided {
            decision: Decision::Admit { consultation, .. },
            ..
        } = &mut input
        {
            *consultation = ids.consultation();
        }
        if let Input::Decided {
            decision:
                Decision::Call {
                    visit,
                    connected,
                    had,
                },
            ..
        } = &mut input
            && let Some(view) = self.node.clinic.visit(*visit)
        {
            let visit = view.visit;
            *connected = self.node.knows(Person::Patient(visit.patient));
            *had = self.around.told.had(visit.patient, visit.service);
        }
        input
    }
}

/// A commit that was refused, as though it had been taken.
fn stale(carry: Carry) -> LogEntry {
    LogEntry {
        consultation: carry.consultation,
        sequence: u64::MAX,
        sender: carry.from.instance,
        kind: LogKind::Commit,
        generation: carry.generation,
        epoch: carry.epoch,
        message: Vec::new().into(),
    }
}

/// Tells the clinic, through the broken rule if there is one.
fn handle(clinic: &mut Clinic, now: Timestamp, input: &Input, broken: Option<Broken>) -> Outputs {
    let Some(broken) = broken else {
        return clinic.handle(now, input.clone());
    };
    if let Some(outputs) = broken.without_asking(input) {
        return outputs;
    }
    let mut outputs = clinic.handle(now, broken.input(input.clone()));
    broken.outputs(clinic, now, input, &mut outputs);
    outputs
}
