//! A node: the machines in memory, and the version that they stand at.

use std::rc::Rc;

use vestibule_clinic::{Clinic, Consultation, Decision, Input, Outputs, Policy, Record};
use vestibule_delivery::{Caller, Delivery, LogEntry, LogKind, StoredConsultation};
use vestibule_vocab::{ParticipantId, Role, Timestamp};

use crate::broken::Broken;
use crate::invariants::{Violation, choice, memory};
use crate::message::{Answer, Carry, Kind, Refused, Request};
use crate::mls;
use crate::people::Ids;
use crate::rows::Rows;
use crate::store::{Commit, Deed, Store, Told};

/// One of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Which {
    First,
    Second,
}

impl Which {
    pub(crate) const BOTH: [Self; 2] = [Self::First, Self::Second];

    pub(crate) fn other(self) -> Self {
        match self {
            Self::First => Self::Second,
            Self::Second => Self::First,
        }
    }
}

#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) up: bool,
    pub(crate) clinic: Rc<Clinic>,
    pub(crate) delivery: Delivery,
    pub(crate) version: u64,
}

/// What surrounds a decision.
#[derive(Clone, Copy)]
pub(crate) struct Around<'a> {
    pub(crate) now: Timestamp,
    pub(crate) told: &'a Told,
    pub(crate) broken: Option<Broken>,
}

/// A batch that is decided and not committed.
pub(crate) struct Decided {
    pub(crate) clinic: Rc<Clinic>,
    delivery: Delivery,
    pub(crate) commit: Commit,
    pub(crate) answers: Vec<Answer>,
    /// What an invariant says of a decision that was taken.
    pub(crate) doubt: Option<Violation>,
}

impl Decided {
    /// There is something to commit.
    pub(crate) fn is_visible(&self) -> bool {
        !(self.commit.delta.is_empty() && self.commit.log.is_empty())
    }
}

impl Node {
    pub(crate) fn new(clinic: Rc<Clinic>) -> Self {
        Self {
            up: true,
            clinic,
            delivery: Delivery::new(),
            version: 0,
        }
    }

    /// A process that has just begun, and what it commits first.
    pub(crate) fn begin(
        &mut self,
        store: &Store,
        policy: Policy,
        now: Timestamp,
    ) -> Result<Commit, Violation> {
        let clinic = Clinic::restore(policy, store.rows.state(), now);
        self.clinic = Rc::new(clinic.map_err(|why| memory::not_restored(&why))?);
        self.delivery = carried(&store.rows)?;
        self.version = store.version;
        self.up = true;
        Ok(Commit {
            at: self.version,
            delta: vec![(now, Deed::BeganAgain)],
            ..Commit::default()
        })
    }

    /// Takes up what was committed since. True when somebody began again, and everybody here has to be announced anew.
    pub(crate) fn catch_up(
        &mut self,
        store: &Store,
        broken: Option<Broken>,
        pages: impl Iterator<Item = Caller>,
    ) -> Result<bool, Violation> {
        if self.version == store.version {
            return Ok(false);
        }
        let clinic = Rc::make_mut(&mut self.clinic);
        let mut anew = false;
        for (at, deed) in store.after(self.version) {
            match deed {
                Deed::Told(input) => _ = handle(clinic, *at, input, broken),
                Deed::BeganAgain => {
                    let begun = clinic.begin_again(*at);
                    begun.map_err(|why| memory::not_restored(&why))?;
                    anew = true;
                }
            }
        }
        if store.carried > self.version {
            self.delivery = carried(&store.rows)?;
            for page in pages {
                let _ = self.delivery.attach(page);
            }
        }
        self.version = store.version;
        Ok(anew)
    }

    /// Decides a batch in a copy of the memory: it may have to be decided again.
    pub(crate) fn decide(&self, around: Around<'_>, ids: &mut Ids, batch: &[Request]) -> Decided {
        let mut desk = Desk {
            around,
            clinic: Rc::clone(&self.clinic),
            delivery: self.delivery.clone(),
            commit: Commit {
                at: self.version,
                ..Commit::default()
            },
            doubt: None,
        };
        if self
            .clinic
            .next_timeout()
            .is_some_and(|at| at <= around.now)
        {
            let _ = desk.tell(Input::Timeout);
        }
        let answers = batch.iter().map(|request| desk.take(ids, request));
        let answers = answers.collect();
        Decided {
            clinic: desk.clinic,
            delivery: desk.delivery,
            commit: desk.commit,
            answers,
            doubt: desk.doubt,
        }
    }

    /// The store has it.
    pub(crate) fn settle(&mut self, clinic: Rc<Clinic>, delivery: Delivery, version: u64) {
        self.clinic = clinic;
        self.delivery = delivery;
        self.version = version;
    }
}

impl Decided {
    /// The memory and what is to be committed.
    pub(crate) fn parts(self) -> (Rc<Clinic>, Delivery, Commit, Vec<Answer>) {
        (self.clinic, self.delivery, self.commit, self.answers)
    }
}

/// A batch in the making.
struct Desk<'a> {
    around: Around<'a>,
    clinic: Rc<Clinic>,
    delivery: Delivery,
    commit: Commit,
    doubt: Option<Violation>,
}

impl Desk<'_> {
    fn take(&mut self, ids: &mut Ids, request: &Request) -> Answer {
        match request {
            Request::Clinic(input) => self.tell(with_new_id(input.clone(), ids)),
            Request::Carry(carry) => self.carry(*carry),
        }
    }

    fn tell(&mut self, input: Input) -> Answer {
        let Around { now, told, broken } = self.around;
        let doubt = choice::doubt(&self.clinic, told, now, &input);
        let clinic = Rc::make_mut(&mut self.clinic);
        let outputs = handle(clinic, now, &input, broken);
        let answer = outputs.answer.map_err(Refused::Clinic);
        if answer.is_ok() {
            self.doubt = self.doubt.take().or(doubt);
        }
        if !outputs.records.is_empty() || !outputs.changed.is_empty() {
            self.follow(&outputs.records);
            self.commit.delta.push((now, Deed::Told(input)));
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
                    self.delivery.close(one.id);
                } else {
                    // A consultation of two within the limits is never refused.
                    let _ = self.delivery.open(one.id, &roster(one));
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
        let carried = match kind {
            Kind::Commit => {
                let message = mls::commit(consultation, generation, epoch);
                self.delivery.commit(from, consultation, message, None)
            }
            Kind::Application => {
                let message = mls::application(consultation, generation, epoch);
                self.delivery.send(from, consultation, message)
            }
        };
        match carried {
            Ok(accepted) => {
                self.commit.log.extend(accepted.entries);
                Ok(())
            }
            Err(vestibule_delivery::Refusal::StaleEpoch)
                if self.around.broken == Some(Broken::TakesStaleCommits)
                    && kind == Kind::Commit =>
            {
                self.commit.log.push(stale(carry));
                Ok(())
            }
            Err(refusal) => Err(Refused::Delivery(refusal)),
        }
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
pub(crate) fn handle(
    clinic: &mut Clinic,
    now: Timestamp,
    input: &Input,
    broken: Option<Broken>,
) -> Outputs {
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

/// Whoever admits draws the consultation's id, at each try.
fn with_new_id(mut input: Input, ids: &mut Ids) -> Input {
    if let Input::Decided {
        decision: Decision::Admit { consultation, .. },
        ..
    } = &mut input
    {
        *consultation = ids.consultation();
    }
    input
}

fn roster(one: &Consultation) -> [(ParticipantId, Role); 2] {
    [
        (one.practitioner.into(), Role::Practitioner),
        (one.patient.into(), Role::Patient),
    ]
}

/// The delivery service as it is stored.
pub(crate) fn carried(rows: &Rows) -> Result<Delivery, Violation> {
    let stored = rows.under_way().map(|one| StoredConsultation {
        consultation: one.id,
        roster: roster(one).to_vec(),
        log: rows.logs.get(&one.id).cloned().unwrap_or_default(),
    });
    Delivery::restore(stored.collect()).map_err(|why| memory::not_restored(&why))
}
