/** The connection to the SFU: the leg machine's commands, done. */

import type { CryptoEngine } from '../crypto/engine.ts';
import type { SlotName } from '../crypto/messages.ts';
import type { Session } from '../session/session.ts';
import type { Leg, ServerMessage, Source } from '../wire.ts';
import { LegMachine, type LegCommand, type OfferOutcome } from './leg.ts';
import { CAMERA_LAYERS, WATCH_RETRY_MS } from './limits.ts';
import { Peer, type LocalTracks } from './peer.ts';
import { RemoteStreams } from './remote.ts';
import { Sizes } from './sizes.ts';
import { Stethoscope } from './stethoscope.ts';
import { Uplink } from './uplink.ts';
import { Watching } from './watching.ts';

type Slots = Extract<ServerMessage, { type: 'slots' }>;
type Layers = Extract<ServerMessage, { type: 'layers' }>;
type Redundancy = Extract<ServerMessage, { type: 'redundancy' }>;

const NOTHING: LocalTracks = {};

export class Calls {
  readonly #session: Session;
  readonly #engine: CryptoEngine;
  /** Something that the page shows may have changed. */
  readonly #changed: () => void;
  readonly #machine: LegMachine;
  readonly streams = new RemoteStreams();
  #peer: Peer | null = null;
  #uplink: Uplink | null = null;
  #stethoscope: Stethoscope | null = null;
  /** May come before the answer that they belong to. */
  #slots: Slots | null = null;
  #layers: Layers | null = null;
  #redundancy: Redundancy | null = null;
  readonly #watching = new Watching(() => this.#watch());
  readonly #sizes = new Sizes();
  /** What was said last of what is seen, on which connection. */
  #watched = '';
  #watchTimer: ReturnType<typeof setTimeout> | undefined;
  #tracks: LocalTracks = NOTHING;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(session: Session, engine: CryptoEngine, changed: () => void) {
    this.#session = session;
    this.#engine = engine;
    this.#changed = changed;
    this.#machine = new LegMachine({
      command: (command) => this.#obey(command),
      newNumber: () => crypto.getRandomValues(new Uint32Array(1))[0] ?? 0,
    });
    addEventListener('online', this.#nudge);
  }

  get isUp(): boolean {
    return this.#machine.isUp;
  }

  want(leg: Leg | null): void {
    this.#run((now) => this.#machine.want(leg, now));
  }

  signaling(online: boolean): void {
    this.#run((now) => this.#machine.signaling(online, now));
    if (online) this.#watch();
  }

  /** Sends these tracks from now on, also by connections to come. */
  send(tracks: LocalTracks): void {
    this.#tracks = tracks;
    void this.#peer?.send(tracks);
  }

  told(slots: Slots): void {
    this.#slots = slots;
    this.#bind();
    this.#watch();
  }

  /** These layers of the camera are wanted. */
  asked(layers: Layers): void {
    this.#layers = layers;
    this.#choose();
  }

  /** Sound may be sent with redundancy, or may not. */
  allowed(redundancy: Redundancy): void {
    this.#redundancy = redundancy;
    this.#choose();
  }

  shown(slot: SlotName, participant: string): void {
    const track = slot.connection === this.#peer?.number ? this.#peer.track(slot.section) : null;
    if (track === null) return;
    this.streams.show(slot, participant, track);
    this.#changed();
  }

  hidden(slot: SlotName): void {
    this.streams.hide(slot);
    this.#changed();
  }

  /** The picture of a participant is shown with so many pixels along its longer side, or no longer. */
  sized(participant: string, pixels: number | null): void {
    if (this.#sizes.set(participant, pixels)) this.#watch();
  }

  /** What the browser knows of the connection, for those who measure. */
  async stats(): Promise<RTCStatsReport | null> {
    return (await this.#peer?.stats()) ?? null;
  }

  close(): void {
    this.want(null);
    this.#watching.close();
    clearTimeout(this.#watchTimer);
    clearTimeout(this.#timer);
    removeEventListener('online', this.#nudge);
  }

  readonly #nudge = (): void => this.#run((now) => this.#machine.nudge(now));

  #run(step: (now: number) => void): void {
    step(performance.now());
    clearTimeout(this.#timer);
    const at = this.#machine.wakeAt;
    if (at !== null) {
      const wait = Math.max(0, at - performance.now());
      this.#timer = setTimeout(() => this.#run((now) => this.#machine.tick(now)), wait);
    }
    this.#changed();
  }

  #obey(command: LegCommand): void {
    switch (command.type) {
      case 'open': {
        const peer = this.#open(command.connection);
        void this.#offer(command, peer, () => peer.offer());
        return;
      }
      case 'restart': {
        const peer = this.#peer;
        if (peer !== null) void this.#offer(command, peer, () => peer.restart());
        return;
      }
      case 'close':
        this.streams.hideConnection(command.connection);
        this.#uplink?.close();
        this.#stethoscope?.close();
        this.#peer?.close();
        this.#peer = null;
    }
  }

  #open(number: number): Peer {
    const peer = new Peer(number, this.#engine, {
      changed: (state) => {
        this.#run((now) => this.#machine.changed(number, state, now));
        if (state === 'disconnected' || state === 'failed') this.#session.doubt();
      },
    });
    this.#peer = peer;
    this.#uplink = new Uplink(peer, () => this.isUp && hasPictures(this.#tracks));
    this.#stethoscope = new Stethoscope(peer, (still) => this.#stands(number, still));
    void peer.send(this.#tracks);
    this.#choose();
    return peer;
  }

  /** Media that stops is the first sign of a network that is gone. */
  #stands(number: number, still: boolean): void {
    this.#run((now) => this.#machine.stands(number, still, now));
    if (still) this.#session.doubt();
  }

  async #offer(
    { leg, connection }: Exclude<LegCommand, { type: 'close' }>,
    peer: Peer,
    make: () => Promise<string>,
  ): Promise<void> {
    const outcome = await this.#exchange(leg, connection, peer, make).catch((): OfferOutcome => ({
      type: 'refused',
      retryAfter: null,
    }));
    this.#run((now) => this.#machine.offered(connection, outcome, now));
  }

  async #exchange(
    leg: string,
    connection: number,
    peer: Peer,
    make: () => Promise<string>,
  ): Promise<OfferOutcome> {
    const sdp = await make();
    this.#bind();
    const answer = await this.#session.ask({ type: 'offer', leg, connection, sdp });
    if ('error' in answer) {
      const { error, retryAfter } = answer;
      return error.code === 'network' ? { type: 'lost' } : { type: 'refused', retryAfter };
    }
    if (answer.reply.type !== 'answer') return { type: 'refused', retryAfter: null };
    await peer.answer(answer.reply.sdp);
    return { type: 'answered' };
  }

  #choose(): void {
    const peer = this.#peer;
    const layers = this.#layers;
    const redundancy = this.#redundancy;
    if (layers && layers.connection === peer?.number) peer.sendLayers(layers.layers);
    if (redundancy && redundancy.connection === peer?.number) {
      void peer.allowRedundancy(redundancy.allowed).catch(() => undefined);
    }
  }

  /** Says how much is seen of which pictures, when that is news. */
  #watch(): void {
    const slots = this.#slots;
    if (slots === null || slots.connection !== this.#peer?.number) return;
    const { leg, connection } = slots;
    const pictures = slots.slots
      .filter(({ source }) => source !== 'microphone')
      .map(({ mid, source, participant }) => ({ mid, layers: this.#useful(source, participant) }))
      .filter(({ layers }) => layers < CAMERA_LAYERS.length);
    const said = `${connection} ${pictures.map(({ mid, layers }) => `${mid}:${layers}`).join()}`;
    // At the beginning of a connection everything counts as seen.
    const before = this.#watched.startsWith(`${connection} `) ? this.#watched : `${connection} `;
    if (said === before) return;
    this.#watched = said;
    void this.#session.ask({ type: 'watch', leg, connection, pictures }).then((answer) => {
      if (!('error' in answer) || this.#watched !== said) return;
      this.#watched = before;
      clearTimeout(this.#watchTimer);
      this.#watchTimer = setTimeout(() => this.#watch(), answer.retryAfter ?? WATCH_RETRY_MS);
    });
  }

  #useful(source: Source, participant: string): number {
    if (!this.#watching.seen) return 0;
    return source === 'camera' ? this.#sizes.of(participant) : CAMERA_LAYERS.length;
  }

  /** Tells the worker whose frames each section of the present connection may let through. */
  #bind(): void {
    const peer = this.#peer;
    const slots = this.#slots;
    if (peer === null || slots?.connection !== peer.number) return;
    const bound = slots.slots.flatMap(({ mid, participant, source }) => {
      const section = peer.sectionOf(mid);
      return section === null ? [] : [{ section, participant, source }];
    });
    this.#engine.bind(peer.number, bound);
  }
}

function hasPictures({ camera, screen }: LocalTracks): boolean {
  return Boolean(camera ?? screen);
}
