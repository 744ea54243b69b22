/** One receive slot: whose frames it lets through, and whether any came through yet. */

import type { Bytes } from '../support/bytes.ts';
import { isWhole, openFrame, type Binding } from './frames.ts';
import type { Keyring } from './keyring.ts';
import { BLIND_MS } from './limits.ts';

export interface SlotPorts {
  now(): number;
  /** The first frame of this participant was opened: there is something true to show. */
  shown(participant: string): void;
  /** Nothing could be opened for a while: what is on the screen is old. */
  hidden(): void;
  /** The decoder needs a whole picture. */
  askForKeyFrame(): void;
  /**
   * Goes to the decoder in the place of the first frame that could not be opened, where nothing else
   * makes it ask: it fails on this, and then asks for key frames until it has one. Otherwise it would
   * wait for what was dropped, for three seconds.
   */
  standIn(): Bytes | null;
}

export class ReceiveSlot {
  readonly #keyring: Keyring;
  readonly #ports: SlotPorts;
  #binding: Binding | null = null;
  #shown = false;
  /** Since when frames come that cannot be opened. */
  #blindSince: number | null = null;

  constructor(keyring: Keyring, ports: SlotPorts) {
    this.#keyring = keyring;
    this.#ports = ports;
  }

  bind(binding: Binding | null): void {
    const { participant, source } = this.#binding ?? {};
    if (binding?.participant === participant && binding?.source === source) return;
    this.#binding = binding;
    this.#blindSince = null;
    this.#hide();
  }

  /** Pictures come here, or will: sound has slots of its own. */
  get isPicture(): boolean {
    return this.#binding !== null && this.#binding.source !== 'microphone';
  }

  /** What is to be decoded; null for a frame that is dropped. */
  async open(frame: Bytes): Promise<Bytes | null> {
    const binding = this.#binding;
    const opened = await openFrame(this.#keyring, binding, frame);
    // The slot may have been given to somebody else meanwhile.
    if (binding === null || binding !== this.#binding) return null;
    if ('drop' in opened) {
      return opened.drop === 'replayed' ? null : this.#blind(binding);
    }
    this.#see(binding, opened.frame);
    return opened.frame;
  }

  /** A key may have come late: what was missed is not waited for, a whole picture is asked for. */
  keysChanged(): void {
    if (this.#blindSince !== null && this.#binding?.source !== 'microphone') {
      this.#ports.askForKeyFrame();
    }
  }

  #see({ participant, source }: Binding, frame: Bytes): void {
    const missed = this.#blindSince !== null || !this.#shown;
    if (missed && !isWhole(source, frame)) this.#ports.askForKeyFrame();
    this.#blindSince = null;
    if (this.#shown) return;
    this.#shown = true;
    this.#ports.shown(participant);
  }

  #blind({ source }: Binding): Bytes | null {
    const now = this.#ports.now();
    const first = this.#shown && this.#blindSince === null;
    this.#blindSince ??= now;
    if (now - this.#blindSince >= BLIND_MS) this.#hide();
    return first && source !== 'microphone' ? this.#ports.standIn() : null;
  }

  #hide(): void {
    if (!this.#shown) return;
    this.#shown = false;
    this.#ports.hidden();
  }
}
