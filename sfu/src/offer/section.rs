//! One media section, and what the sections must have in common.

use vestibule_forwarding::limits::LAYERS;

use super::lines::Lines;
use super::{CAMERA, OfferError, SENDING};

/// What is used of a media section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Section {
    pub(super) mid: String,
    pub(super) video: bool,
    /// The SSRCs that the client will send on, when it says: media, and retransmission.
    pub(super) stream: Option<(u32, Option<u32>)>,
    /// The RIDs of the layers that the client will send, the smallest first; none where it sends one stream.
    pub(super) layers: Vec<String>,
}

/// A mid is stored in this many bytes by the engine; a longer one would be cut and could repeat another.
const MID_BYTES: usize = 16;

/// The longest RID. It stands in a packet's header beside a mid, and packets are full.
const RID_BYTES: usize = 16;

impl Section {
    /// Reads the section that stands at `index`. Layers are read where packets can name theirs.
    pub(super) fn parse(
        index: usize,
        lines: &Lines<'_>,
        named_layers: bool,
    ) -> Result<Self, OfferError> {
        let sending = index < SENDING;
        let video = is_video(index);
        check_media(lines, index, video)?;
        check_direction(lines, sending)?;
        if !lines.has("rtcp-mux") {
            return Err(OfferError::Bundle);
        }
        let layers = if index == CAMERA && named_layers {
            layers(lines)?
        } else {
            Vec::new()
        };
        // The streams of layers are known by what their packets say.
        let announced = sending && layers.is_empty();
        Ok(Self {
            mid: mid(lines)?,
            video,
            stream: if announced { stream(lines)? } else { None },
            layers,
        })
    }
}

/// Which kind stands at which place: audio, video, video; then audio and video by turns; a video at the end.
pub(super) fn is_video(index: usize) -> bool {
    match index {
        0 => false,
        1 | 2 => true,
        _ => (index - SENDING) % 2 == 1 || index == super::SECTIONS - 1,
    }
}

fn check_media(lines: &Lines<'_>, index: usize, video: bool) -> Result<(), OfferError> {
    let mut words = lines.media().split(' ');
    let kind = words.next() == Some(if video { "video" } else { "audio" });
    let port = words.next().and_then(|port| port.parse::<u16>().ok());
    let transport = words.next() == Some("UDP/TLS/RTP/SAVPF");
    // Port 0 means bundled with the first section where `bundle-only` says so (RFC 9143 section 6),
    // and rejected where it does not.
    let usable = match port {
        None => false,
        Some(0) => index > 0 && lines.has("bundle-only"),
        Some(_) => true,
    };
    if kind && transport && usable {
        Ok(())
    } else {
        Err(OfferError::Sections)
    }
}

fn check_direction(lines: &Lines<'_>, sending: bool) -> Result<(), OfferError> {
    let wanted = if sending { "sendonly" } else { "recvonly" };
    let directions = ["sendonly", "recvonly", "sendrecv", "inactive"];
    let said = directions
        .into_iter()
        .filter(|direction| lines.has(direction));
    if said.eq([wanted]) {
        Ok(())
    } else {
        Err(OfferError::Sections)
    }
}

fn mid(lines: &Lines<'_>) -> Result<String, OfferError> {
    let mut mids = lines.attribute("mid");
    let (Some(mid), None) = (mids.next(), mids.next()) else {
        return Err(OfferError::Mid);
    };
    let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`{|}~".contains(c);
    if mid.is_empty() || mid.len() > MID_BYTES || !mid.chars().all(token) {
        return Err(OfferError::Mid);
    }
    Ok(mid.to_owned())
}

/// The RIDs of `a=simulcast:send q;h;f` (RFC 8853 section 5.1), without alternatives; none where less than two
/// layers are sent. A layer that begins paused (`~`) is a layer.
fn layers(lines: &Lines<'_>) -> Result<Vec<String>, OfferError> {
    let mut words = lines.attribute("simulcast").flat_map(|it| it.split(' '));
    if words.find(|word| *word == "send").is_none() {
        return Ok(Vec::new());
    }
    let rids = words.next().ok_or(OfferError::Layers)?.split(';');
    let rids: Vec<String> = rids
        .take(LAYERS + 1)
        .map(|rid| rid.strip_prefix('~').unwrap_or(rid).to_owned())
        .collect();
    let mut distinct = rids.clone();
    distinct.sort_unstable();
    distinct.dedup();
    let usable = rids.len() <= LAYERS && distinct.len() == rids.len();
    if !usable || !rids.iter().all(|rid| is_rid(rid)) {
        return Err(OfferError::Layers);
    }
    Ok(if rids.len() > 1 { rids } else { Vec::new() })
}

/// RFC 8851 section 10, of which RFC 8852 section 3 leaves letters and digits alone.
fn is_rid(rid: &str) -> bool {
    let short = (1..=RID_BYTES).contains(&rid.len());
    short && rid.chars().all(|c| c.is_ascii_alphanumeric())
}

/// The first stream, and the one that repairs it. A browser that offers several without RIDs gets
/// its first layer taken.
fn stream(lines: &Lines<'_>) -> Result<Option<(u32, Option<u32>)>, OfferError> {
    let Some(line) = lines.attribute("ssrc").next() else {
        return Ok(None);
    };
    let number = |text: &str| {
        text.parse()
            .ok()
            .filter(|ssrc: &u32| *ssrc != 0)
            .ok_or(OfferError::Streams)
    };
    let ssrc = number(line.split(' ').next().unwrap_or(""))?;
    for group in lines.attribute("ssrc-group") {
        let mut words = group.split(' ');
        if words.next() != Some("FID") || number(words.next().unwrap_or(""))? != ssrc {
            continue;
        }
        let repair = number(words.next().unwrap_or(""))?;
        return Ok(Some((ssrc, Some(repair))));
    }
    Ok(Some((ssrc, None)))
}

/// `4 urn:...` or `4/sendonly urn:...`: the number, within one-byte headers (RFC 8285), and the URI.
pub(super) fn extension(value: &str) -> Option<(u8, &str)> {
    let (number, rest) = value.split_once(' ')?;
    let number = number.split('/').next()?.parse().ok()?;
    let uri = rest.split(' ').next()?;
    (1..=14).contains(&number).then_some((number, uri))
}

/// No mid stands twice.
pub(super) fn check_mids(sections: &[Section]) -> Result<(), OfferError> {
    let mut mids: Vec<_> = sections.iter().map(|section| &section.mid).collect();
    mids.sort_unstable();
    mids.dedup();
    if mids.len() == sections.len() {
        Ok(())
    } else {
        Err(OfferError::Mid)
    }
}

/// All sections are in one bundle.
pub(super) fn check_bundle(lines: &Lines<'_>, sections: &[Section]) -> Result<(), OfferError> {
    let mut groups = lines
        .attribute("group")
        .filter_map(|group| group.strip_prefix("BUNDLE "));
    let (Some(group), None) = (groups.next(), groups.next()) else {
        return Err(OfferError::Bundle);
    };
    if group
        .split(' ')
        .eq(sections.iter().map(|section| section.mid.as_str()))
    {
        return Ok(());
    }
    Err(OfferError::Bundle)
}

/// No SSRC stands twice.
pub(super) fn check_streams(sections: &[Section]) -> Result<(), OfferError> {
    let streams = sections.iter().filter_map(|section| section.stream);
    let mut ssrcs: Vec<_> = streams
        .flat_map(|(ssrc, repair)| [Some(ssrc), repair])
        .flatten()
        .collect();
    let count = ssrcs.len();
    ssrcs.sort_unstable();
    ssrcs.dedup();
    if ssrcs.len() == count {
        Ok(())
    } else {
        Err(OfferError::Streams)
    }
}
