//! Reading and writing fields in network byte order, within bounds.

/// Something does not fit the buffer that it is to be written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it does not fit the buffer")]
pub struct DoesNotFit;

/// Walks over octets; `None` at their end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    #[inline]
    pub(crate) fn new(octets: &'a [u8]) -> Self {
        Self { rest: octets }
    }

    /// What was not read yet.
    #[inline]
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    #[inline]
    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.rest.split_first_chunk::<N>()?;
        self.rest = rest;
        Some(*array)
    }

    #[inline]
    pub(crate) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    #[inline]
    pub(crate) fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(|[octet]| octet)
    }

    #[inline]
    pub(crate) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    #[inline]
    pub(crate) fn u24(&mut self) -> Option<u32> {
        let [high, middle, low] = self.array()?;
        Some(u32::from_be_bytes([0, high, middle, low]))
    }

    #[inline]
    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    #[inline]
    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }
}

/// Fills a buffer from its beginning.
#[derive(Debug)]
pub(crate) struct Writer<'a> {
    buffer: &'a mut [u8],
    at: usize,
}

impl<'a> Writer<'a> {
    #[inline]
    pub(crate) fn new(buffer: &'a mut [u8]) -> Self {
        Self { buffer, at: 0 }
    }

    /// How much was written.
    #[inline]
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// How much more has room.
    pub(crate) fn room(&self) -> usize {
        self.buffer.len().saturating_sub(self.at)
    }

    #[inline]
    pub(crate) fn written(&self) -> &[u8] {
        self.buffer.get(..self.at).unwrap_or_default()
    }

    /// Forgets what was written behind `at`.
    #[inline]
    pub(crate) fn back_to(&mut self, at: usize) {
        self.at = self.at.min(at);
    }

    #[inline]
    pub(crate) fn put(&mut self, octets: &[u8]) -> Result<(), DoesNotFit> {
        let free = self.buffer.get_mut(self.at..).ok_or(DoesNotFit)?;
        let place = free.get_mut(..octets.len()).ok_or(DoesNotFit)?;
        place.copy_from_slice(octets);
        self.at += octets.len();
        Ok(())
    }

    /// The same of a length that the compiler knows: no call is made for it.
    #[inline]
    pub(crate) fn array<const N: usize>(&mut self, octets: [u8; N]) -> Result<(), DoesNotFit> {
        let free = self.buffer.get_mut(self.at..).ok_or(DoesNotFit)?;
        *free.first_chunk_mut().ok_or(DoesNotFit)? = octets;
        self.at += N;
        Ok(())
    }

    /// The same of few octets, mostly one or two: a call would take longer than what it copies.
    #[inline]
    pub(crate) fn few(&mut self, octets: &[u8]) -> Result<(), DoesNotFit> {
        match *octets {
            [a] => self.array([a]),
            [a, b] => self.array([a, b]),
            [a, b, c] => self.array([a, b, c]),
            _ => self.put(octets),
        }
    }

    #[inline]
    pub(crate) fn u8(&mut self, value: u8) -> Result<(), DoesNotFit> {
        self.array([value])
    }

    #[inline]
    pub(crate) fn u16(&mut self, value: u16) -> Result<(), DoesNotFit> {
        self.array(value.to_be_bytes())
    }

    /// The low 24 bits.
    #[inline]
    pub(crate) fn u24(&mut self, value: u32) -> Result<(), DoesNotFit> {
        let [_, high, middle, low] = value.to_be_bytes();
        self.array([high, middle, low])
    }

    #[inline]
    pub(crate) fn u32(&mut self, value: u32) -> Result<(), DoesNotFit> {
        self.array(value.to_be_bytes())
    }

    #[inline]
    pub(crate) fn u64(&mut self, value: u64) -> Result<(), DoesNotFit> {
        self.array(value.to_be_bytes())
    }

    /// Zeros up to the next multiple of four behind `since`; tells how many.
    #[inline]
    pub(crate) fn align(&mut self, since: usize) -> Result<usize, DoesNotFit> {
        let written = self.at.saturating_sub(since);
        let missing = written.next_multiple_of(4) - written;
        self.few([0; 3].get(..missing).unwrap_or_default())?;
        Ok(missing)
    }

    /// Writes over what stands at `at`; what lies behind the written part stays.
    #[inline]
    pub(crate) fn patch(&mut self, at: usize, octets: &[u8]) {
        let end = at.saturating_add(octets.len());
        if end <= self.at
            && let Some(place) = self.buffer.get_mut(at..end)
        {
            place.copy_from_slice(octets);
        }
    }
}
