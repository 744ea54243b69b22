/** The page's end of the crypto worker. */

import { VestibuleError } from '../contract.ts';
import type { Role, Source } from '../wire.ts';
import { attachmentTo, canAttach, type Attachment, type Carrier } from './attachment.ts';
import type { GroupEvent } from './group/ports.ts';
import type { Identity } from './identity.ts';
import type { Awake, FromWorker, SlotName, ToWorker } from './messages.ts';

export class CryptoEngine {
  readonly #worker: Worker;
  readonly #attachment: Attachment;
  #run = 0;

  /**
   * Makes a worker and waits until it is there: a script that was lost on the way is told by its error alone, and what
   * is said to such a worker is never heard. `told` hears all that concerns the page that was started last.
   */
  static awaken(told: (message: FromWorker) => void): Promise<CryptoEngine> {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    return new Promise((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<Awake | FromWorker>) => {
        if (data.type === 'awake') resolve(new CryptoEngine(worker, told));
      };
      worker.onerror = () => {
        worker.terminate();
        reject(new VestibuleError('network', true));
      };
    });
  }

  private constructor(worker: Worker, told: (message: FromWorker) => void) {
    this.#worker = worker;
    this.#attachment = attachmentTo(this.#worker);
    this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (!('run' in data) || data.run === this.#run) told(data);
    };
    this.#worker.onerror = () => told({ type: 'failed', run: this.#run });
  }

  /** Begins as this page, with new keys. */
  start(me: Identity, role: Role): void {
    this.#run += 1;
    this.#post({ type: 'start', run: this.#run, me, role });
  }

  tell(event: GroupEvent): void {
    this.#post({ type: 'event', run: this.#run, event });
  }

  bind(connection: number, slots: Extract<ToWorker, { type: 'bind' }>['slots']): void {
    this.#post({ type: 'bind', connection, slots });
  }

  forget(connection: number): void {
    this.#post({ type: 'forget', connection });
  }

  /** What a connection must be made with, so that its frames can be sealed and opened. */
  get configuration(): RTCConfiguration {
    return this.#attachment.configuration;
  }

  /** Seals all that this sender sends. Call it when the sender was made, before it gets a track. */
  protect(sender: RTCRtpSender, connection: number, source: Source): void {
    this.#attachment.attach(sender, { direction: 'send', connection, source });
  }

  /**
   * Whether what goes through is sealed or opened: a sender where it is not must never get a track, and a receiver's must
   * never be shown.
   */
  isProtected(carrier: Carrier): boolean {
    return this.#attachment.isAttached(carrier);
  }

  /** Opens what this receiver gets, for whoever the slot is bound to. Call it when it was made. */
  guard(receiver: RTCRtpReceiver, slot: SlotName): void {
    this.#attachment.attach(receiver, { direction: 'receive', slot });
  }

  close(): void {
    this.#worker.terminate();
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message);
  }
}

/** What must be there for media to be encrypted; without it nothing is sent at all. */
export function canEncrypt(): boolean {
  return canAttach() && typeof Worker === 'function' && typeof crypto.subtle === 'object';
}
