//! Lists, one page at a time.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Code, Problem};
use crate::limits::PAGE_ITEMS;

/// Which page of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Paging {
    /// The most items that are wanted: 50 unless said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next` of the page before; the first page without.
    #[param(max_length = 100)]
    cursor: Option<String>,
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Page<T> {
    /// The items, in the list's order. There may be fewer than were asked for, and more behind them.
    pub(super) items: Vec<T>,
    /// The cursor of the next page; absent at the end of the list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next: Option<String>,
}

/// What a list is ordered by.
pub(super) trait Place: Sized {
    /// The list's own letter, so that a cursor of another list is recognised.
    const LIST: u8;

    fn bytes(&self) -> Vec<u8>;

    fn read(bytes: &[u8]) -> Option<Self>;
}

/// A list that is ordered by numbers.
pub(super) struct Number<const LIST: u8>(pub(super) u64);

impl<const LIST: u8> Place for Number<LIST> {
    const LIST: u8 = LIST;

    fn bytes(&self) -> Vec<u8> {
        self.0.to_be_bytes().to_vec()
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        Some(Self(u64::from_be_bytes(bytes.try_into().ok()?)))
    }
}

/// A list that is ordered by ids.
pub(super) struct Bytes<const LIST: u8>(pub(super) [u8; 16]);

impl<const LIST: u8> Place for Bytes<LIST> {
    const LIST: u8 = LIST;

    fn bytes(&self) -> Vec<u8> {
        self.0.to_vec()
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        Some(Self(bytes.try_into().ok()?))
    }
}

impl Paging {
    /// The page that is meant.
    pub(super) fn new(limit: Option<u32>, cursor: Option<String>) -> Self {
        Self { limit, cursor }
    }

    /// How many items, at the most.
    pub(super) fn limit(&self) -> Result<u32, Problem> {
        let (most, usual) = PAGE_ITEMS;
        let limit = self.limit.unwrap_or(usual);
        if (1..=most).contains(&limit) {
            return Ok(limit);
        }
        let what = format!("`limit` is 1 to {most}");
        Err(Problem::because(Code::Malformed, &what))
    }

    /// Behind what the page begins.
    pub(super) fn after<P: Place>(&self) -> Result<Option<P>, Problem> {
        let Some(cursor) = &self.cursor else {
            return Ok(None);
        };
        let read = |bytes: Vec<u8>| match bytes.split_first() {
            Some((list, place)) if *list == P::LIST => P::read(place),
            Some(_) | None => None,
        };
        let place = URL_SAFE_NO_PAD.decode(cursor).ok().and_then(read);
        place
            .map(Some)
            .ok_or_else(|| Problem::of(Code::InvalidCursor))
    }
}

/// The cursor of the page behind this place.
pub(super) fn cursor<P: Place>(place: &P) -> String {
    let mut bytes = vec![P::LIST];
    bytes.extend(place.bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The page of rows of which one more was asked for than fits.
pub(super) fn page<R, T, P: Place>(
    mut rows: Vec<R>,
    limit: u32,
    place: impl Fn(&R) -> P,
    show: impl Fn(R) -> T,
) -> Page<T> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|row| cursor(&place(row)));
    Page {
        items: rows.into_iter().map(show).collect(),
        next,
    }
}
