//! What clients sent and what they saw acknowledged: the truth that the server is held to.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};

use tokio::sync::watch;
use vestibule_vocab::{ConsultationId, ParticipantId, VisitId};

/// A deed: nothing is known of it, or it was sent and may have happened, or it was acknowledged.
/// The numbers count moments, for the order of deeds of different people.
#[derive(Clone, Copy, Debug, Default)]
pub struct Deed {
    pub sent: Option<u64>,
    pub acknowledged: Option<u64>,
}

impl Deed {
    pub fn was_sent(&self) -> bool {
        self.sent.is_some()
    }

    pub fn is_certain(&self) -> bool {
        self.acknowledged.is_some()
    }
}

/// What a patient did.
#[derive(Clone, Copy, Debug, Default)]
pub struct OfPatient {
    pub arrive: Deed,
    pub leave: Deed,
    /// Seen ended, and looked after no more.
    pub over: bool,
}

/// What the practitioner did with a visit.
#[derive(Clone, Copy, Debug, Default)]
pub struct OfPractitioner {
    pub admit: Deed,
    pub decline: Deed,
}

/// The MLS messages of a consultation.
#[derive(Clone, Debug, Default)]
pub struct Messages {
    /// By their acknowledged places.
    pub acknowledged: HashMap<u64, Vec<u8>>,
    /// All that were sent.
    pub sent: Vec<Vec<u8>>,
}

/// How much of a storm it was.
#[derive(Debug, Default)]
pub struct Counted {
    pub arrivals: u32,
    pub admissions: u32,
    pub messages: usize,
}

#[derive(Debug, Default)]
pub struct Book {
    moment: u64,
    pub patients: Vec<OfPatient>,
    pub visits: HashMap<VisitId, OfPractitioner>,
    /// Consultations that were ended, by their patient.
    pub ends: HashMap<ParticipantId, Deed>,
    pub messages: HashMap<ConsultationId, Messages>,
}

impl Book {
    pub fn visit(&mut self, visit: VisitId) -> &mut OfPractitioner {
        self.visits.entry(visit).or_default()
    }

    pub fn end(&mut self, patient: ParticipantId) -> &mut Deed {
        self.ends.entry(patient).or_default()
    }

    fn now(&mut self) -> u64 {
        self.moment += 1;
        self.moment
    }
}

/// How much was acknowledged in all.
#[derive(Clone, Copy, Debug, Default)]
pub struct Acknowledged {
    pub deeds: u64,
    /// Those of them that were messages of a consultation.
    pub messages: u64,
}

/// The book that everybody writes in.
#[derive(Debug, Default)]
pub struct Ledger {
    book: Mutex<Book>,
    acknowledged: watch::Sender<Acknowledged>,
    /// Nobody shall do anything more.
    calm: AtomicBool,
}

impl Ledger {
    pub fn open(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap()
    }

    /// Lets everybody act, or nobody any more.
    pub fn set_calm(&self, calm: bool) {
        self.calm.store(calm, Ordering::Relaxed);
    }

    pub fn is_calm(&self) -> bool {
        self.calm.load(Ordering::Relaxed)
    }

    /// How much was acknowledged, now and later.
    pub fn watch(&self) -> watch::Receiver<Acknowledged> {
        self.acknowledged.subscribe()
    }

    /// A new patient's number.
    pub fn newcomer(&self) -> usize {
        let mut book = self.open();
        book.patients.push(OfPatient::default());
        book.patients.len() - 1
    }

    pub fn sent(&self, which: impl Fn(&mut Book) -> &mut Deed) {
        let mut book = self.open();
        let now = book.now();
        which(&mut book).sent.get_or_insert(now);
    }

    pub fn acknowledged(&self, which: impl Fn(&mut Book) -> &mut Deed) {
        let mut book = self.open();
        let now = book.now();
        which(&mut book).acknowledged.get_or_insert(now);
        self.acknowledged.send_modify(|all| all.deeds += 1);
    }

    /// An MLS message is sent.
    pub fn said(&self, consultation: ConsultationId, bytes: &[u8]) {
        let mut book = self.open();
        book.messages
            .entry(consultation)
            .or_default()
            .sent
            .push(bytes.to_vec());
    }

    /// An MLS message has its place.
    pub fn heard(&self, consultation: ConsultationId, sequence: u64, bytes: Vec<u8>) {
        let mut book = self.open();
        let messages = book.messages.entry(consultation).or_default();
        messages.acknowledged.insert(sequence, bytes);
        self.acknowledged.send_modify(|all| {
            all.deeds += 1;
            all.messages += 1;
        });
    }

    pub fn close(&self, number: usize) {
        self.open().patients[number].over = true;
    }

    pub fn is_over(&self, number: usize) -> bool {
        self.open().patients[number].over
    }

    pub fn counted(&self) -> Counted {
        let book = self.open();
        let count = |certain: &mut dyn Iterator<Item = bool>| {
            u32::try_from(certain.filter(|it| *it).count()).unwrap()
        };
        Counted {
            arrivals: count(&mut book.patients.iter().map(|it| it.arrive.is_certain())),
            admissions: count(&mut book.visits.values().map(|it| it.admit.is_certain())),
            messages: book.messages.values().map(|it| it.acknowledged.len()).sum(),
        }
    }
}
