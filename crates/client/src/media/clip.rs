//! A recording that is sent instead of a camera or a microphone: encoded frames, played in a loop.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::Error;

/// Encoded frames and their pace. Cheap to clone.
#[derive(Clone)]
pub struct Clip {
    frames: Arc<[Bytes]>,
    /// From one frame to the next.
    pub(crate) interval: Duration,
}

/// Header of an IVF file, and of each of its frames.
const IVF_HEADER: usize = 32;
const IVF_FRAME_HEADER: usize = 12;

/// Header of an Ogg page before its segment table (RFC 3533 section 6).
const OGG_PAGE_HEADER: usize = 27;
/// A segment of this size goes on in the next one.
const OGG_FULL_SEGMENT: u8 = 255;
/// An Opus stream begins with its header and its comments (RFC 7845 section 3).
const OPUS_HEADERS: usize = 2;
/// The length of the packets that we send.
const OPUS_PACKET: Duration = Duration::from_millis(20);

impl Clip {
    /// A picture: VP8 in an IVF file.
    ///
    /// # Errors
    /// When the file is none, or holds another codec.
    pub fn vp8(ivf: &[u8]) -> Result<Self, Error> {
        let (header, mut rest) = ivf
            .split_at_checked(IVF_HEADER)
            .ok_or(Error::Clip("an IVF header has 32 bytes"))?;
        if !header.starts_with(b"DKIF") || header.get(8..12) != Some(b"VP80") {
            return Err(Error::Clip("not an IVF file with VP8"));
        }
        let (rate, scale) = (number(header, 16), number(header, 20));
        if rate == 0 || scale == 0 {
            return Err(Error::Clip("an IVF file without a frame rate"));
        }
        let mut frames = Vec::new();
        while let Some((header, after)) = rest.split_at_checked(IVF_FRAME_HEADER) {
            let length = usize::try_from(number(header, 0)).unwrap_or(usize::MAX);
            let (frame, after) = after
                .split_at_checked(length)
                .ok_or(Error::Clip("an IVF frame is cut short"))?;
            frames.push(Bytes::copy_from_slice(frame));
            rest = after;
        }
        Self::of(frames, Duration::from_secs(1) * scale / rate)
    }

    /// A sound: Opus in an Ogg file, in packets of 20 ms.
    ///
    /// # Errors
    /// When the file is none, or holds another codec.
    pub fn opus(ogg: &[u8]) -> Result<Self, Error> {
        let packets = ogg_packets(ogg)?;
        if !packets.first().is_some_and(|it| it.starts_with(b"OpusHead")) {
            return Err(Error::Clip("not an Ogg file with Opus"));
        }
        let frames = packets.into_iter().skip(OPUS_HEADERS);
        Self::of(frames.map(Bytes::from).collect(), OPUS_PACKET)
    }

    /// The frames, in order.
    #[must_use]
    pub fn frames(&self) -> &[Bytes] {
        &self.frames
    }

    fn of(frames: Vec<Bytes>, interval: Duration) -> Result<Self, Error> {
        if frames.is_empty() {
            return Err(Error::Clip("it has no frames"));
        }
        Ok(Self {
            frames: frames.into(),
            interval,
        })
    }
}

/// A little-endian number of four bytes.
fn number(bytes: &[u8], at: usize) -> u32 {
    let found = bytes.get(at..).and_then(<[u8]>::first_chunk::<4>);
    found.map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

fn ogg_packets(mut ogg: &[u8]) -> Result<Vec<Vec<u8>>, Error> {
    const CUT: Error = Error::Clip("an Ogg page is cut short");
    let mut packets = Vec::new();
    let mut packet: Vec<u8> = Vec::new();
    while !ogg.is_empty() {
        let (header, rest) = ogg.split_at_checked(OGG_PAGE_HEADER).ok_or(CUT)?;
        if !header.starts_with(b"OggS") {
            return Err(Error::Clip("not an Ogg file"));
        }
        let segments = header.last().copied().unwrap_or(0).into();
        let (sizes, mut rest) = rest.split_at_checked(segments).ok_or(CUT)?;
        for size in sizes {
            let (segment, after) = rest.split_at_checked((*size).into()).ok_or(CUT)?;
            packet.extend_from_slice(segment);
            rest = after;
            if *size < OGG_FULL_SEGMENT {
                packets.push(std::mem::take(&mut packet));
            }
        }
        ogg = rest;
    }
    Ok(packets)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Clip;

    fn ivf(frames: &[&[u8]]) -> Vec<u8> {
        let mut file = b"DKIF\0\0\x20\0VP80\x80\x02\x68\x01".to_vec();
        file.extend(15_u32.to_le_bytes());
        file.extend(1_u32.to_le_bytes());
        file.extend([0; 8]);
        for frame in frames {
            file.extend(u32::try_from(frame.len()).unwrap().to_le_bytes());
            file.extend([0; 8]);
            file.extend(*frame);
        }
        file
    }

    #[test]
    fn an_ivf_file_is_read_frame_by_frame() {
        let clip = Clip::vp8(&ivf(&[b"key", b"delta"])).unwrap();
        assert_eq!(clip.frames(), [&b"key"[..], &b"delta"[..]]);
        assert_eq!(clip.interval, Duration::from_secs(1) / 15);
    }

    #[test]
    fn what_is_cut_short_is_refused() {
        let whole = ivf(&[b"key"]);
        for end in [0, 10, 31, 32, whole.len() - 1] {
            assert!(Clip::vp8(&whole[..end]).is_err(), "{end}");
        }
    }

    #[test]
    fn ogg_packets_may_span_segments() {
        let mut file = b"OggS".to_vec();
        file.extend([0; 22]);
        file.extend([5, 8, 1, 255, 2, 3]);
        file.extend(b"OpusHead");
        file.push(b't');
        file.extend([7; 257]);
        file.extend(b"abc");
        let clip = Clip::opus(&file).unwrap();
        assert_eq!(clip.frames(), [&[7; 257][..], &b"abc"[..]]);
    }
}
