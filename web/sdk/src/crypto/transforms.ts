/** The transforms of encoded frames, inside the worker. */

import type { Bytes } from '../support/bytes.ts';
import type { Source } from '../wire.ts';
import { sealFrame } from './frames.ts';
import type { Keyring } from './keyring.ts';
import { HOLD_MS } from './limits.ts';
import type { FromWorker, SlotName, ToWorker, TransformOptions } from './messages.ts';
import { ReceiveSlot } from './slot.ts';

/** An encoded frame of sound or picture, as far as it is touched here. */
interface EncodedFrame {
  data: ArrayBuffer;
}

/**
 * The worker's end of an `RTCRtpScriptTransform`, of which the DOM library knows only the page's; or
 * the streams that a page without it hands over, which cannot ask for a key frame.
 */
export interface Transformer {
  readonly options: TransformOptions;
  readonly readable: ReadableStream<EncodedFrame>;
  readonly writable: WritableStream<EncodedFrame>;
  sendKeyFrameRequest?(): Promise<unknown>;
}

/** A delta frame of VP8 that ends in its first byte: no decoder makes a picture of it. */
const noPicture = (): Bytes => Uint8Array.of(1);

type Bindings = Extract<ToWorker, { type: 'bind' }>['slots'];

export class Transforms {
  readonly #keyring: Keyring;
  readonly #now: () => number;
  readonly #post: (message: FromWorker) => void;
  /** By connection and section. */
  readonly #slots = new Map<string, { name: SlotName; slot: ReceiveSlot }>();
  readonly #bindings = new Map<number, Bindings>();
  /**
   * By connection. Chromium (seen in 156) collects a transformer that nobody holds before its connection
   * is up, and then no frame ever comes through it.
   */
  readonly #held = new Map<number, Transformer[]>();

  constructor(keyring: Keyring, now: () => number, post: (message: FromWorker) => void) {
    this.#keyring = keyring;
    this.#now = now;
    this.#post = post;
  }

  attach(transformer: Transformer): void {
    const { options } = transformer;
    this.#hold(transformer);
    const change =
      options.direction === 'send'
        ? this.#sealer(options.source)
        : this.#opener(options.slot, transformer);
    const stream = new TransformStream<EncodedFrame, EncodedFrame>({
      async transform(frame, controller) {
        const changed = await change(new Uint8Array(frame.data));
        // A frame that is not enqueued is neither sent nor shown.
        if (changed === null) return;
        frame.data = changed.buffer;
        controller.enqueue(frame);
      },
    });
    // The pipe ends with its connection; there is nobody to tell.
    transformer.readable
      .pipeThrough(stream)
      .pipeTo(transformer.writable)
      .catch(() => undefined);
  }

  bind(connection: number, slots: Bindings): void {
    this.#bindings.set(connection, slots);
    for (const { name, slot } of this.#slots.values()) {
      if (name.connection === connection) slot.bind(this.#bindingOf(name));
    }
  }

  forget(connection: number): void {
    this.bind(connection, []);
    this.#bindings.delete(connection);
    this.#held.delete(connection);
    for (const [key, { name }] of this.#slots) {
      if (name.connection === connection) this.#slots.delete(key);
    }
  }

  keysChanged(): void {
    for (const { slot } of this.#slots.values()) slot.keysChanged();
  }

  #hold(transformer: Transformer): void {
    const { options } = transformer;
    const connection = options.direction === 'send' ? options.connection : options.slot.connection;
    this.#held.set(connection, [...(this.#held.get(connection) ?? []), transformer]);
  }

  #sealer(source: Source): (frame: Bytes) => Promise<Bytes | null> {
    const keyring = this.#keyring;
    const hold = new Hold(this.#now, {
      isOver: () => keyring.canSend,
      over: (milliseconds) => keyring.untilSendable(milliseconds),
    });
    return async (frame) => {
      // Sound that waited is of no use to anybody.
      if (source !== 'microphone') await hold.wait();
      return sealFrame(keyring, source, frame).catch(() => null);
    };
  }

  #opener(name: SlotName, transformer: Transformer): (frame: Bytes) => Promise<Bytes | null> {
    const slot = new ReceiveSlot(this.#keyring, {
      now: this.#now,
      shown: (participant) => this.#post({ type: 'shown', slot: name, participant }),
      hidden: () => this.#post({ type: 'hidden', slot: name }),
      askForKeyFrame: () => void transformer.sendKeyFrameRequest?.().catch(() => undefined),
      standIn: () => ('sendKeyFrameRequest' in transformer ? null : noPicture()),
    });
    this.#slots.set(`${name.connection}/${name.section}`, { name, slot });
    slot.bind(this.#bindingOf(name));
    const keyring = this.#keyring;
    const hold = new Hold(this.#now, {
      isOver: () => keyring.canOpen,
      over: (milliseconds) => keyring.untilOpenable(milliseconds),
    });
    return async (frame) => {
      if (slot.isPicture) await hold.wait();
      return slot.open(frame).catch(() => null);
    };
  }

  #bindingOf({ connection, section }: SlotName): Bindings[number] | null {
    return this.#bindings.get(connection)?.find((slot) => slot.section === section) ?? null;
  }
}

/** What is waited for. */
interface Wait {
  isOver(): boolean;
  /** Resolves when it is over, or after this long. */
  over(milliseconds: number): Promise<void>;
}

/**
 * Keeps the first pictures back while the keys are being agreed, so that the encoder is warm and the
 * key frame at hand when they are: at the sender, and at a receiver whom the key reaches after the picture.
 * What waited for too long is dropped, and so is all after it, until there is a key.
 */
class Hold {
  readonly #now: () => number;
  readonly #key: Wait;
  #until: number | null = null;

  constructor(now: () => number, key: Wait) {
    this.#now = now;
    this.#key = key;
  }

  async wait(): Promise<void> {
    if (!this.#key.isOver()) {
      this.#until ??= this.#now() + HOLD_MS;
      await this.#key.over(this.#until - this.#now());
    }
    if (this.#key.isOver()) this.#until = null;
  }
}
