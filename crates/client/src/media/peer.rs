//! One peer connection: offered once, answered once.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::rand;
use rtc::ice::mdns::MulticastDnsMode;
use rtc::peer_connection::configuration::setting_engine::{SettingEngine, SettingEngineBuilder};
use rtc::rtp_transceiver::rtp_sender::{
    RTCRtpCodingParameters, RTCRtpEncodingParameters, RtpCodecKind,
};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use vestibule_vocab::Source;
use webrtc::media_stream::MediaStreamTrack;
use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;
use webrtc::media_stream::track_remote::{TrackRemote, TrackRemoteEvent};
use webrtc::peer_connection::{
    PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler, RTCPeerConnectionState,
    RTCSessionDescription,
};
use webrtc::rtp_transceiver::{
    RTCRtpReceiverId, RTCRtpTransceiverDirection, RTCRtpTransceiverInit, RtpTransceiver,
};

use super::receive::Receiving;
use super::sections::{SENDS, codec, engine, kind_of, receives};
use super::send::Sending;
use super::{Media, Shared};
use crate::Error;

/// A connection came to another state.
pub(crate) struct PeerEvent {
    pub(crate) connection: u32,
    pub(crate) state: RTCPeerConnectionState,
}

/// A peer connection to the SFU.
pub(crate) struct Peer {
    connection: Arc<dyn PeerConnection>,
    tasks: Vec<JoinHandle<()>>,
}

/// Hears of the connection, on the stack's own task.
struct Handler {
    number: u32,
    events: mpsc::Sender<PeerEvent>,
    /// The `mid` of each section that receives, once it is known.
    mids: Arc<Mutex<HashMap<RTCRtpReceiverId, (String, bool)>>>,
    shared: Shared,
}

#[async_trait::async_trait]
impl PeerConnectionEventHandler for Handler {
    async fn on_connection_state_change(&self, state: RTCPeerConnectionState) {
        let connection = self.number;
        // Nobody listens to a participant that was closed.
        let _ = self.events.send(PeerEvent { connection, state }).await;
    }

    async fn on_track(&self, track: Arc<dyn TrackRemote>) {
        let mids = Arc::clone(&self.mids);
        let shared = self.shared.clone();
        // It ends with its track.
        tokio::spawn(async move {
            let Some(TrackRemoteEvent::OnOpen(opened)) = track.poll().await else {
                return;
            };
            let found = {
                let mids = mids.lock().unwrap_or_else(PoisonError::into_inner);
                mids.get(&opened.receiver_id).cloned()
            };
            let Some((mid, video)) = found else {
                return;
            };
            let receiving = Receiving {
                mid,
                video,
                keys: shared.keys,
                bindings: shared.bindings,
                frames: shared.frames,
            };
            receiving.run(track).await;
        });
    }
}

impl Peer {
    /// Makes a connection with the sections that were agreed, and its offer.
    pub(crate) async fn offer(
        number: u32,
        local: IpAddr,
        media: &Media,
        shared: &Shared,
        events: mpsc::Sender<PeerEvent>,
    ) -> Result<(Self, String), Error> {
        let mids = Arc::new(Mutex::new(HashMap::new()));
        let (engine, registry) = engine()?;
        let handler = Handler {
            number,
            events,
            mids: Arc::clone(&mids),
            shared: shared.clone(),
        };
        let connection = PeerConnectionBuilder::new()
            .with_setting_engine(settings())
            .with_media_engine(engine)
            .with_interceptor_registry(registry)
            .with_handler(Arc::new(handler))
            .with_udp_addrs(vec![SocketAddr::new(local, 0)])
            .build()
            .await?;
        let connection: Arc<dyn PeerConnection> = Arc::new(connection);
        let mut peer = Self {
            connection,
            tasks: Vec::new(),
        };
        for source in SENDS {
            peer.add_sending(source, media, shared).await?;
        }
        let mut receiving = Vec::new();
        for kind in receives() {
            receiving.push((peer.add_receiving(kind).await?, kind));
        }
        let offer = peer.connection.create_offer(None).await?;
        let sdp = offer.sdp.clone();
        peer.connection.set_local_description(offer).await?;
        for (transceiver, kind) in receiving {
            let mid = transceiver.mid().await?.ok_or(Error::Protocol)?;
            let section = (mid, kind == RtpCodecKind::Video);
            let mut mids = mids.lock().unwrap_or_else(PoisonError::into_inner);
            mids.insert(transceiver.id().into(), section);
        }
        Ok((peer, sdp))
    }

    /// Takes the SFU's answer.
    pub(crate) async fn answer(&self, sdp: String) -> Result<(), Error> {
        let answer = RTCSessionDescription::answer(sdp)?;
        self.connection.set_remote_description(answer).await?;
        Ok(())
    }

    pub(crate) async fn close(self) {
        for task in &self.tasks {
            task.abort();
        }
        // There is nobody to tell when it does not close in order.
        let _ = self.connection.close().await;
    }

    async fn add_sending(
        &mut self,
        source: Source,
        media: &Media,
        shared: &Shared,
    ) -> Result<(), Error> {
        let ssrc = random_number()?;
        let track = Arc::new(TrackLocalStaticRTP::new(media_track(source, ssrc)));
        let init = RTCRtpTransceiverInit {
            direction: RTCRtpTransceiverDirection::Sendonly,
            ..Default::default()
        };
        let sent = Arc::clone(&track);
        self.connection
            .add_transceiver_from_track(sent, Some(init))
            .await?;
        if let Some(clip) = media.clip(source) {
            let sending = Sending {
                source,
                ssrc,
                track,
                keys: shared.keys.clone(),
                clip,
            };
            self.tasks.push(tokio::spawn(sending.run()));
        }
        Ok(())
    }

    async fn add_receiving(&self, kind: RtpCodecKind) -> Result<Arc<dyn RtpTransceiver>, Error> {
        let init = RTCRtpTransceiverInit {
            direction: RTCRtpTransceiverDirection::Recvonly,
            ..Default::default()
        };
        let added = self.connection.add_transceiver_from_kind(kind, Some(init));
        Ok(added.await?)
    }
}

/// Without multicast DNS: the SFU's candidates are addresses, so no name is ever looked up. The library would join
/// its multicast group before it binds anything else, and give up the connection where no route leads there, as on a
/// machine that has only loopback.
fn settings() -> SettingEngine {
    SettingEngineBuilder::new()
        .with_multicast_dns_mode(MulticastDnsMode::Disabled)
        .build()
}

/// One stream of a source.
fn media_track(source: Source, ssrc: u32) -> MediaStreamTrack {
    let name = format!("{source:?}").to_lowercase();
    let encoding = RTCRtpEncodingParameters {
        rtp_coding_parameters: RTCRtpCodingParameters {
            ssrc: Some(ssrc),
            ..Default::default()
        },
        active: true,
        codec: codec(source),
        ..Default::default()
    };
    MediaStreamTrack::new(
        "own".to_owned(),
        name.clone(),
        name,
        kind_of(source),
        vec![encoding],
    )
}

/// A number for an SSRC or a connection; never 0.
pub(crate) fn random_number() -> Result<u32, Error> {
    let mut bytes = [0; 4];
    rand::fill(&mut bytes).map_err(|_| Error::Crypto)?;
    Ok(u32::from_be_bytes(bytes).max(1))
}
