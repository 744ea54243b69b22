/** The media keys of a consultation: one base key for each epoch, and what is derived from it. */

import type { Source } from '../wire.ts';
import type { Member } from './identity.ts';
import { kidOf, sameEpoch, type EpochName } from './kid.ts';
import { FRAMES_PER_KEY, OLD_KEY_MS } from './limits.ts';
import { ReplayWindow } from './replay.ts';
import { AES_128_GCM_SHA256_128, deriveFrameKey, type FrameKey } from './sframe.ts';

const SOURCES: readonly Source[] = ['microphone', 'camera', 'screen'];

/** What an epoch brings. */
export interface EpochKeys extends EpochName {
  readonly baseKey: CryptoKey;
  readonly members: readonly Member[];
  readonly ownLeaf: number;
}

/** A key of somebody else. */
export interface ReceiveKey {
  readonly key: FrameKey;
  readonly member: Member;
  readonly source: Source;
  readonly window: ReplayWindow;
}

interface Epoch {
  readonly keys: EpochKeys;
  /** By KID, derived when the first frame comes. */
  readonly received: Map<bigint, Promise<ReceiveKey>>;
  /** Made once, so that no counter ever begins again under its key. */
  sent: Map<Source, SendKey> | null;
  /** Set when a later epoch was taken up. */
  expires: number | null;
}

interface SendKey {
  readonly key: Promise<FrameKey>;
  counter: bigint;
}

export class Keyring {
  readonly #now: () => number;
  /** Called when there is a new key to open frames with. */
  onInstall: () => void = () => undefined;
  /** Newest first. */
  #epochs: Epoch[] = [];
  #sending: Map<Source, SendKey> | null = null;
  /** Frames are opened: whoever shows them was told of the keys before. */
  #released = true;
  readonly #toSend = new Waiting();
  readonly #toOpen = new Waiting();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** From now on frames of this epoch can be opened; those of earlier ones for ten seconds more. */
  install(keys: EpochKeys): void {
    if (this.#epoch(keys) !== undefined) return;
    const expires = this.#now() + OLD_KEY_MS;
    for (const epoch of this.#epochs) epoch.expires ??= expires;
    this.#epochs.unshift({ keys, received: new Map(), sent: null, expires: null });
    this.#retire();
    if (!this.#released) return;
    this.#toOpen.resume();
    this.onInstall();
  }

  /** From now on frames are sealed with the keys of this epoch. */
  sendWith(name: EpochName): void {
    const epoch = this.#epoch(name);
    if (epoch === undefined) return;
    epoch.sent ??= sendKeys(epoch.keys);
    this.#sending = epoch.sent;
    this.#toSend.resume();
  }

  get canSend(): boolean {
    return this.#sending !== null;
  }

  /** Resolves once there is a key to send with, or after this long. */
  async untilSendable(milliseconds: number): Promise<void> {
    if (!this.canSend) await this.#toSend.wait(milliseconds);
  }

  /** There is some key to open frames with, and it may be used. */
  get canOpen(): boolean {
    return this.#released && this.#epochs.length > 0;
  }

  /** After {@link clear} nothing is opened before this: the page is told of the keys first, then of what they open. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#toOpen.resume();
    this.onInstall();
  }

  /** Resolves once there is some key to open frames with, or after this long. */
  async untilOpenable(milliseconds: number): Promise<void> {
    if (!this.canOpen) await this.#toOpen.wait(milliseconds);
  }

  /** The sending key and a counter that nobody else gets; null when there is none to be had. */
  async next(source: Source): Promise<{ key: FrameKey; counter: bigint } | null> {
    const sending = this.#sending?.get(source);
    if (sending === undefined || sending.counter >= FRAMES_PER_KEY) return null;
    const { counter } = sending;
    sending.counter += 1n;
    return { key: await sending.key, counter };
  }

  /** The key of this id, if somebody who is still a member has it; null otherwise. */
  async find(kid: bigint): Promise<ReceiveKey | null> {
    this.#retire();
    if (!this.#released) return null;
    for (const epoch of this.#epochs) {
      const known = epoch.received.get(kid) ?? this.#derive(epoch, kid);
      if (known === null) continue;
      const found = await known;
      return this.#isMember(found.member.participant) ? found : null;
    }
    return null;
  }

  /** Forgets everything: the consultation is over. */
  clear(): void {
    this.#epochs = [];
    this.#sending = null;
    this.#released = false;
  }

  #epoch(name: EpochName): Epoch | undefined {
    return this.#epochs.find(({ keys }) => sameEpoch(keys, name));
  }

  #derive(epoch: Epoch, kid: bigint): Promise<ReceiveKey> | null {
    const { keys } = epoch;
    for (const member of keys.members) {
      if (member.leaf === keys.ownLeaf) continue;
      for (const source of SOURCES) {
        if (kidOf({ ...keys, source, leaf: member.leaf }) !== kid) continue;
        const derived = receiveKey(keys.baseKey, kid, member, source);
        epoch.received.set(kid, derived);
        return derived;
      }
    }
    return null;
  }

  #isMember(participant: string): boolean {
    const newest = this.#epochs[0];
    return newest?.keys.members.some((member) => member.participant === participant) ?? false;
  }

  #retire(): void {
    const now = this.#now();
    this.#epochs = this.#epochs.filter(({ expires }) => expires === null || expires > now);
  }
}

function sendKeys({ generation, epoch, ownLeaf, baseKey }: EpochKeys): Map<Source, SendKey> {
  const keys = new Map<Source, SendKey>();
  for (const source of SOURCES) {
    const kid = kidOf({ generation, epoch, source, leaf: ownLeaf });
    if (kid === null) continue;
    keys.set(source, { key: deriveFrameKey(AES_128_GCM_SHA256_128, baseKey, kid), counter: 0n });
  }
  return keys;
}

async function receiveKey(
  baseKey: CryptoKey,
  kid: bigint,
  member: Member,
  source: Source,
): Promise<ReceiveKey> {
  const key = await deriveFrameKey(AES_128_GCM_SHA256_128, baseKey, kid);
  return { key, member, source, window: new ReplayWindow() };
}

/** Who waits for a key. */
class Waiting {
  readonly #resumes: (() => void)[] = [];

  async wait(milliseconds: number): Promise<void> {
    if (milliseconds <= 0) return;
    await new Promise<void>((resolve) => {
      this.#resumes.push(resolve);
      setTimeout(resolve, milliseconds);
    });
  }

  resume(): void {
    for (const resume of this.#resumes.splice(0)) resume();
  }
}
