/** One `RTCPeerConnection`: offered once, answered once, and never sending what is not sealed. */

import type { CryptoEngine } from '../crypto/engine.ts';
import type { Source } from '../wire.ts';
import { withCeiling, withoutOtherLayers, withRedundancy } from './answers.ts';
import { activate, FIRST_LAYERS, withoutLayers } from './layers.ts';
import { OFFER_CHARS } from './limits.ts';
import { readLine, type Line } from './line.ts';
import { SendParameters } from './parameters.ts';
import { fewestCodecs, preferredCodecs, SECTIONS, CAMERA_DEGRADATION } from './sections.ts';

export interface PeerPorts {
  /** Connected, failed, and so on; `closed` also when only ICE is left of it. */
  changed(state: RTCPeerConnectionState): void;
}

export type LocalTracks = Readonly<Partial<Record<Source, MediaStreamTrack | null>>>;

export class Peer {
  readonly number: number;
  readonly #connection: RTCPeerConnection;
  readonly #engine: CryptoEngine;
  readonly #transceivers: readonly RTCRtpTransceiver[];
  #camera: SendParameters | null = null;
  #layers = FIRST_LAYERS;
  /** The camera's picture is small for now. */
  #begins = true;
  #closed = false;
  /** The last answer as it came, and as it was applied last. */
  #answer: string | null = null;
  #applied: string | null = null;
  #ceiling: number | null = null;
  /** Sound with redundancy: every receiver takes it, and it is worth it. */
  #redundancy = { allowed: false, wanted: false };
  /** Descriptions are changed one after the other. */
  #changing: Promise<unknown> = Promise.resolve();

  constructor(number: number, engine: CryptoEngine, ports: PeerPorts) {
    this.number = number;
    this.#engine = engine;
    this.#connection = new RTCPeerConnection({
      ...engine.configuration,
      bundlePolicy: 'max-bundle',
    });
    this.#transceivers = SECTIONS.map((section, index) => this.#add(section, index));
    this.#connection.onconnectionstatechange = () => {
      if (!this.#closed) ports.changed(this.#state());
    };
  }

  /** The first offer. The SFU needs no candidates of ours: it sees where we come from. */
  async offer(): Promise<string> {
    this.#prefer(preferredCodecs);
    let offer = await this.#connection.createOffer();
    if ((offer.sdp?.length ?? 0) > OFFER_CHARS) {
      this.#prefer(fewestCodecs);
      offer = await this.#connection.createOffer();
    }
    await this.#connection.setLocalDescription(offer);
    return offer.sdp ?? '';
  }

  /** An offer with new ICE credentials, for a network that changed. */
  restart(): Promise<string> {
    return this.#alone(async () => {
      const connection = this.#connection;
      await this.#rollBack();
      const offer = await connection.createOffer({ iceRestart: true });
      await connection.setLocalDescription(offer);
      return offer.sdp ?? '';
    });
  }

  async answer(sdp: string): Promise<void> {
    if (this.#connection.signalingState !== 'have-local-offer') return;
    const own = this.#own(sdp);
    await this.#connection.setRemoteDescription({ type: 'answer', sdp: own });
    this.#answer = sdp;
    this.#applied = own;
    // Now it is known whether there are layers at all.
    this.sendLayers(this.#layers);
    // What was said meanwhile could not be applied. Where the browser refuses it, the answer holds as it was taken.
    await this.#apply().catch(() => undefined);
  }

  /** Sends these layers of the camera and no others, by their places, the smallest first. */
  sendLayers(layers: readonly number[]): void {
    this.#layers = layers;
    this.#camera?.change(({ encodings }) => activate(encodings, layers, this.#begins));
  }

  /** Sends the camera's picture as large as it is. */
  grow(): void {
    if (!this.#begins) return;
    this.#begins = false;
    this.sendLayers(this.#layers);
  }

  /** Sends the camera's picture at once as large and fast as it may be, where the browser made it less for a narrow line. */
  restore(): void {
    // libwebrtc forgets what it gave up when it is told anew what to give up first, and that was or is to be "balanced".
    this.#giveUpFirst('maintain-framerate');
    this.#giveUpFirst(CAMERA_DEGRADATION);
  }

  /** Sends these tracks and no others. */
  async send(tracks: LocalTracks): Promise<void> {
    const changes = SECTIONS.map(async ({ sends }, index) => {
      const sender = this.#transceivers[index]?.sender;
      if (sends === null || sender === undefined || this.#closed) return;
      const track = tracks[sends] ?? null;
      // What is not sealed would go out in the clear: it gets no track.
      if (sender.track === track || !(track === null || this.#engine.isProtected(sender))) return;
      // A connection that closed meanwhile has nothing to send any more.
      await sender.replaceTrack(track).catch(() => undefined);
    });
    await Promise.all(changes);
  }

  /** The section that has this `mid`; null when none receives by it. */
  sectionOf(mid: string): number | null {
    const index = this.#transceivers.findIndex((transceiver) => transceiver.mid === mid);
    return index >= 0 && SECTIONS[index]?.sends === null ? index : null;
  }

  /** What comes in by a section; null where it does not go through the encryption, and could be in the clear. */
  track(section: number): MediaStreamTrack | null {
    const receiver = this.#transceivers[section]?.receiver;
    return receiver && this.#engine.isProtected(receiver) ? receiver.track : null;
  }

  /** What comes by a section waits at least so many milliseconds before it is shown, if the browser can do that. */
  delayPlayout(mid: string, milliseconds: number): void {
    const receiver = this.#transceivers.find((transceiver) => transceiver.mid === mid)?.receiver;
    if (receiver && 'jitterBufferTarget' in receiver) {
      receiver.jitterBufferTarget = milliseconds || null;
    }
  }

  /** What the browser knows of the line. */
  async line(): Promise<Line> {
    return readLine(await this.stats());
  }

  /** How many bytes came in so far; null where the browser does not say. */
  async received(): Promise<number | null> {
    let bytes: number | null = null;
    const report = await this.#transceivers[0]?.sender.getStats();
    for (const entry of report?.values() ?? []) {
      const pair = entry as RTCIceCandidatePairStats;
      if (pair.type === 'candidate-pair') bytes = (bytes ?? 0) + (pair.bytesReceived ?? 0);
    }
    return bytes;
  }

  /** Sets a ceiling for what is sent, in bits per second. */
  setCeiling(ceiling: number | null): Promise<void> {
    this.#ceiling = ceiling;
    return this.#apply();
  }

  /** Everybody who receives our sound takes it with redundancy, or somebody does not. */
  allowRedundancy(allowed: boolean): Promise<void> {
    this.#redundancy = { ...this.#redundancy, allowed };
    return this.#apply();
  }

  /** Redundancy is worth what it takes, or it is not. */
  wantRedundancy(wanted: boolean): Promise<void> {
    this.#redundancy = { ...this.#redundancy, wanted };
    return this.#apply();
  }

  stats(): Promise<RTCStatsReport> {
    return this.#connection.getStats();
  }

  close(): void {
    this.#closed = true;
    this.#connection.close();
    this.#engine.forget(this.number);
  }

  /** An answer as we apply it. What differs is our own view of it alone, and the SFU knows nothing of that. */
  #own(answer: string): string {
    const { allowed, wanted } = this.#redundancy;
    const own = withoutOtherLayers(withCeiling(answer, this.#ceiling), this.#layers);
    return allowed && wanted ? withRedundancy(own) : own;
  }

  /** Applies the answer anew, if we see it otherwise than before. */
  #apply(): Promise<void> {
    return this.#alone(async () => {
      const connection = this.#connection;
      const answer = this.#answer;
      if (this.#closed || answer === null || connection.signalingState !== 'stable') return;
      const sdp = this.#own(answer);
      if (sdp === this.#applied) return;
      await connection.setLocalDescription(await connection.createOffer());
      try {
        await connection.setRemoteDescription({ type: 'answer', sdp });
      } catch (error) {
        // An offer that nobody answers would stand in the way of every further change.
        await this.#rollBack();
        throw error;
      }
      this.#applied = sdp;
      // A browser follows the answer, and others may be wanted by now than when it was made.
      this.sendLayers(this.#layers);
    });
  }

  /** Takes back an offer that has no answer. */
  async #rollBack(): Promise<void> {
    const connection = this.#connection;
    if (connection.signalingState !== 'have-local-offer') return;
    await connection.setLocalDescription({ type: 'rollback' });
  }

  /** Runs a change of the descriptions when no other runs. */
  #alone<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#changing.then(change);
    this.#changing = turn.catch(() => undefined);
    return turn;
  }

  #giveUpFirst(degradation: RTCDegradationPreference): void {
    this.#camera?.change((it) => Object.assign(it, { degradationPreference: degradation }));
  }

  #add(section: (typeof SECTIONS)[number], index: number): RTCRtpTransceiver {
    const { kind, sends } = section;
    if (sends === null) {
      const transceiver = this.#connection.addTransceiver(kind, { direction: 'recvonly' });
      this.#engine.guard(transceiver.receiver, { connection: this.number, section: index });
      return transceiver;
    }
    const transceiver = this.#addSending(kind, section.encodings);
    this.#engine.protect(transceiver.sender, this.number, sends);
    const parameters = new SendParameters(transceiver.sender);
    const { degradation } = section;
    if (degradation !== null) {
      parameters.change((it) => Object.assign(it, { degradationPreference: degradation }));
    }
    if (sends === 'camera') this.#camera = parameters;
    return transceiver;
  }

  #addSending(
    kind: 'audio' | 'video',
    encodings: readonly RTCRtpEncodingParameters[],
  ): RTCRtpTransceiver {
    const direction = 'sendonly';
    try {
      return this.#connection.addTransceiver(kind, { direction, sendEncodings: [...encodings] });
    } catch {
      const sendEncodings = [withoutLayers(encodings)];
      return this.#connection.addTransceiver(kind, { direction, sendEncodings });
    }
  }

  #prefer(codecs: (kind: 'audio' | 'video') => RTCRtpCodec[]): void {
    for (const [index, { kind }] of SECTIONS.entries()) {
      const transceiver = this.#transceivers[index];
      // Firefox before 128 cannot order them; the SFU takes its pick all the same.
      if (transceiver && 'setCodecPreferences' in transceiver) {
        transceiver.setCodecPreferences(codecs(kind));
      }
    }
  }

  /** ICE that is up under a connection that failed means that DTLS is over: no restart mends that. */
  #state(): RTCPeerConnectionState {
    const { connectionState, iceConnectionState } = this.#connection;
    const iceUp = iceConnectionState === 'connected' || iceConnectionState === 'completed';
    return connectionState === 'failed' && iceUp ? 'closed' : connectionState;
  }
}
