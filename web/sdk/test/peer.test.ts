import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CryptoEngine } from '../src/crypto/engine.ts';
import { LAYERS } from '../src/media/layers.ts';
import { Peer } from '../src/media/peer.ts';

const ANSWER = 'm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=simulcast:recv q;h;f\r\n';

/** A connection as far as descriptions and the camera's layers go. */
class FalseConnection {
  static last: FalseConnection;
  connectionState = 'new';
  signalingState: RTCSignalingState = 'stable';
  onconnectionstatechange: (() => void) | null = null;
  /** The answers that it took. */
  readonly taken: string[] = [];
  refuses = false;
  /** What an offer waits for. */
  ready: Promise<void> = Promise.resolve();
  #camera: RTCRtpEncodingParameters[] = [];

  constructor() {
    FalseConnection.last = this;
  }

  get layers(): number[] {
    return this.#camera.flatMap(({ active }, layer) => (active ? [layer] : []));
  }

  addTransceiver(_: string, init: RTCRtpTransceiverInit): Partial<RTCRtpTransceiver> {
    const encodings = structuredClone(init.sendEncodings ?? []);
    if (encodings.length === LAYERS.length) this.#camera = encodings;
    const sender = {
      getParameters: () => ({ encodings: structuredClone(encodings) }),
      setParameters: ({ encodings: changed }: RTCRtpSendParameters) => {
        encodings.forEach((encoding, index) => Object.assign(encoding, changed[index]));
        return Promise.resolve();
      },
    };
    return { sender: sender as RTCRtpSender, receiver: {} as RTCRtpReceiver };
  }

  async createOffer(): Promise<RTCSessionDescriptionInit> {
    await this.ready;
    return { type: 'offer', sdp: '' };
  }

  async setLocalDescription({ type }: RTCSessionDescriptionInit): Promise<void> {
    this.signalingState = type === 'rollback' ? 'stable' : 'have-local-offer';
  }

  /** As a browser it stops the layers that are paused, and starts the others. */
  async setRemoteDescription({ sdp = '' }: RTCSessionDescriptionInit): Promise<void> {
    if (this.refuses) throw new DOMException('', 'OperationError');
    this.signalingState = 'stable';
    this.taken.push(sdp);
    const rids = /a=simulcast:recv (\S+)/.exec(sdp)?.[1]?.split(';') ?? [];
    rids.forEach((rid, index) =>
      Object.assign(this.#camera[index] ?? {}, { active: rid[0] !== '~' }),
    );
  }
}

const ENGINE = {
  configuration: {},
  guard: vi.fn(),
  protect: vi.fn(),
} as unknown as CryptoEngine;

let peer: Peer;
let connection: FalseConnection;

beforeEach(async () => {
  vi.stubGlobal('RTCPeerConnection', FalseConnection);
  peer = new Peer(1, ENGINE, { changed: vi.fn() });
  connection = FalseConnection.last;
  await peer.offer();
  await peer.answer(ANSWER);
});
afterEach(() => vi.unstubAllGlobals());

describe('our own view of an answer', () => {
  it('can be changed again when the browser refused a change', async () => {
    connection.refuses = true;
    await expect(peer.setCeiling(100_000)).rejects.toThrow();
    connection.refuses = false;
    await peer.setCeiling(200_000);
    expect(connection.taken.at(-1)).toContain('b=AS:200\r\n');
  });

  it('is no reason to give up an answer that was taken', async () => {
    const take = connection.setRemoteDescription.bind(connection);
    connection.setRemoteDescription = async (description) => {
      connection.setRemoteDescription = take;
      // It is said while the answer is on its way, and cannot be applied yet.
      await peer.setCeiling(100_000);
      await take(description);
      connection.refuses = true;
    };
    await peer.restart();
    await expect(peer.answer(ANSWER)).resolves.toBeUndefined();
  });

  it('does not bring back layers that were wanted before it was taken', async () => {
    expect(connection.layers).toEqual([2]);
    let ready = (): void => undefined;
    connection.ready = new Promise((resolve) => (ready = resolve));
    const changed = peer.setCeiling(100_000);
    // By then the answer is made.
    await Promise.resolve();
    peer.sendLayers([0]);
    await expect.poll(() => connection.layers).toEqual([0]);
    ready();
    await changed;
    await expect.poll(() => connection.layers).toEqual([0]);
  });
});
