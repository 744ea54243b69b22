//! Participants' pages, and the shelf of their key packages.

use std::collections::{BTreeMap, VecDeque};

use vestibule_vocab::{InstanceId, ParticipantId};

use crate::framing::{self, Frame};
use crate::limits::{KEY_PACKAGE_BYTES, KEY_PACKAGES, PAGES, SHELF_BYTES};
use crate::{Caller, Message, Page, Refusal};

/// The latest page of each participant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pages {
    known: BTreeMap<ParticipantId, Shelf>,
    /// Bytes of all key packages on all shelves.
    bytes: usize,
}

/// One page and its key packages, the first published first.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Shelf {
    instance: InstanceId,
    attached: bool,
    packages: VecDeque<Message>,
}

impl Pages {
    pub(crate) fn attach(&mut self, page: Caller) -> Result<(), Refusal> {
        if let Some(shelf) = self.known.get_mut(&page.participant)
            && shelf.instance == page.instance
        {
            shelf.attached = true;
            return Ok(());
        }
        if self.known.len() >= PAGES && !self.known.contains_key(&page.participant) {
            return Err(Refusal::LimitReached);
        }
        self.remove(page.participant);
        let shelf = Shelf {
            instance: page.instance,
            attached: true,
            packages: VecDeque::new(),
        };
        self.known.insert(page.participant, shelf);
        Ok(())
    }

    /// True when the page is the participant's present one, whose socket was open.
    pub(crate) fn detach(&mut self, page: Caller) -> bool {
        match self.known.get_mut(&page.participant) {
            Some(shelf) if shelf.instance == page.instance => {
                std::mem::replace(&mut shelf.attached, false)
            }
            Some(_) | None => false,
        }
    }

    pub(crate) fn remove(&mut self, participant: ParticipantId) {
        if let Some(shelf) = self.known.remove(&participant) {
            self.bytes = self.bytes.saturating_sub(shelf.bytes());
        }
    }

    pub(crate) fn remove_if_away(&mut self, participant: ParticipantId) {
        if !self
            .known
            .get(&participant)
            .is_some_and(|shelf| shelf.attached)
        {
            self.remove(participant);
        }
    }

    /// The page that this participant's socket belongs to, if one is open.
    pub(crate) fn attached(&self, participant: ParticipantId) -> Option<Caller> {
        let shelf = self
            .known
            .get(&participant)
            .filter(|shelf| shelf.attached)?;
        Some(Caller {
            participant,
            instance: shelf.instance,
        })
    }

    pub(crate) fn is_present(&self, page: Caller) -> bool {
        self.attached(page.participant) == Some(page)
    }

    pub(crate) fn get(&self, participant: ParticipantId) -> Option<Page> {
        let shelf = self.known.get(&participant)?;
        Some(Page {
            instance: shelf.instance,
            attached: shelf.attached,
            key_package: !shelf.packages.is_empty(),
        })
    }

    pub(crate) fn publish(&mut self, page: Caller, packages: Vec<Vec<u8>>) -> Result<(), Refusal> {
        must_be_key_packages(&packages)?;
        let shelf = self.known.get_mut(&page.participant);
        let shelf = shelf.filter(|shelf| shelf.attached && shelf.instance == page.instance);
        let shelf = shelf.ok_or(Refusal::NotInConsultation)?;
        let added: usize = packages.iter().map(Vec::len).sum();
        let bytes = self
            .bytes
            .saturating_sub(shelf.bytes())
            .saturating_add(added);
        if bytes > SHELF_BYTES {
            return Err(Refusal::LimitReached);
        }
        shelf.packages = packages.into_iter().map(Message::from).collect();
        self.bytes = bytes;
        Ok(())
    }

    /// Takes the key package that was published first.
    pub(crate) fn take(&mut self, participant: ParticipantId) -> Option<Message> {
        let package = self.known.get_mut(&participant)?.packages.pop_front()?;
        self.bytes = self.bytes.saturating_sub(package.as_bytes().len());
        Some(package)
    }
}

impl Shelf {
    fn bytes(&self) -> usize {
        self.packages
            .iter()
            .map(|package| package.as_bytes().len())
            .sum()
    }
}

fn must_be_key_packages(packages: &[Vec<u8>]) -> Result<(), Refusal> {
    if packages.len() > KEY_PACKAGES {
        return Err(Refusal::LimitReached);
    }
    if packages
        .iter()
        .any(|package| package.len() > KEY_PACKAGE_BYTES)
    {
        return Err(Refusal::TooLarge);
    }
    if packages
        .iter()
        .any(|package| framing::read(package) != Ok(Frame::KeyPackage))
    {
        return Err(Refusal::MlsInvalid);
    }
    Ok(())
}
