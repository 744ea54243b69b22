/** The page's end of the crypto worker. */

import type { Role, Source } from '../wire.ts';
import type { GroupEvent } from './group/ports.ts';
import type { Identity } from './identity.ts';
import type { FromWorker, SlotName, ToWorker, TransformOptions } from './messages.ts';

export class CryptoEngine {
  readonly #worker: Worker;
  #run = 0;

  /** `told` hears all that concerns the page that was started last. */
  constructor(told: (message: FromWorker) => void) {
    this.#worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
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

  /** Seals all that this sender sends. Attach it before the sender gets a track. */
  protect(sender: RTCRtpSender, connection: number, source: Source): void {
    sender.transform = this.#transform({ direction: 'send', connection, source });
  }

  /** Opens what this receiver gets, for whoever the slot is bound to. */
  guard(receiver: RTCRtpReceiver, slot: SlotName): void {
    receiver.transform = this.#transform({ direction: 'receive', slot });
  }

  close(): void {
    this.#worker.terminate();
  }

  #transform(options: TransformOptions): RTCRtpScriptTransform {
    return new RTCRtpScriptTransform(this.#worker, options);
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message);
  }
}

/** What must be there for media to be encrypted; without it nothing is sent at all. */
export function canEncrypt(): boolean {
  return (
    typeof RTCRtpScriptTransform === 'function' &&
    typeof Worker === 'function' &&
    typeof crypto.subtle === 'object'
  );
}
