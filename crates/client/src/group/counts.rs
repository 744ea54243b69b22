//! How many lines each page says that it wrote: a server that drops one cannot hide it from the next.

use std::collections::HashMap;

use crate::mls::{Identity, Member};

#[derive(Default)]
pub(super) struct Counts {
    heard: HashMap<Identity, u64>,
}

impl Counts {
    /// The line of this number came; gives how many before it did not.
    pub(super) fn line(&mut self, page: Identity, number: u64) -> u64 {
        let missing = self.said(page, number.saturating_sub(1));
        self.said(page, number);
        missing
    }

    /// This page has written so many lines; gives how many of them did not come.
    pub(super) fn said(&mut self, page: Identity, count: u64) -> u64 {
        let last = self.heard.get(&page).copied();
        self.heard.insert(page, count.max(last.unwrap_or(0)));
        // What was said before this page came is not for it.
        last.map_or(0, |last| count.saturating_sub(last))
    }

    /// These are there; nobody else is counted any more.
    pub(super) fn keep(&mut self, members: &[Member]) {
        self.heard
            .retain(|page, _| members.iter().any(|member| member.identity == *page));
    }
}
