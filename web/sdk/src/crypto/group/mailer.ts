/** Sends the letters of the outbox, each until it has its place in the log. */

import { Backoff } from '../../support/backoff.ts';
import { equal, toBase64, type Bytes } from '../../support/bytes.ts';
import { sameEpoch } from '../kid.ts';
import { RETRY_MS } from '../limits.ts';
import type { CommitterPorts } from './committer.ts';
import type { Meeting } from './meeting.ts';
import type { Sealed } from './outbox.ts';
import type { Outcome } from './ports.ts';

type MailerPorts = Pick<CommitterPorts, 'now' | 'ask' | 'placed' | 'sync'>;

export class Mailer {
  readonly #meeting: Meeting;
  readonly #ports: MailerPorts;
  readonly #backoff = new Backoff(RETRY_MS);

  constructor(meeting: Meeting, ports: MailerPorts) {
    this.#meeting = meeting;
    this.#ports = ports;
  }

  get retryAt(): number {
    return this.#backoff.until;
  }

  /** A new socket: no reason to wait any longer. */
  online(): void {
    this.#backoff.succeed();
  }

  /** Sends what is next; to be called when online, with the log read and no commit on its way. */
  async advance(): Promise<void> {
    const { outbox, epoch } = this.#meeting;
    if (this.#backoff.blocks(this.#ports.now())) return;
    const { sealed } = outbox;
    if (sealed?.flying === true) return;
    // What was sealed for an epoch that passed is refused by the server: it is sealed anew.
    if (sealed !== null && (epoch === null || !sameEpoch(sealed.epoch, epoch))) outbox.takeBack();
    if (outbox.sealed === null) await this.#meeting.sealNext();
    if (outbox.sealed !== null) this.#fly(outbox.sealed);
  }

  /** An entry of our own came by the log. */
  seen(message: Bytes): void {
    const { sealed } = this.#meeting.outbox;
    if (sealed !== null && equal(message, sealed.message)) this.#close(sealed, 'sent');
  }

  #fly(sealed: Sealed): void {
    sealed.flying = true;
    const { consultation } = this.#meeting;
    const message = toBase64(sealed.message);
    this.#ports.ask({ type: 'send', consultation, message }, async (outcome) => {
      sealed.flying = false;
      if (this.#meeting.outbox.sealed === sealed) this.#landed(sealed, outcome);
    });
  }

  #landed(sealed: Sealed, outcome: Outcome): void {
    if ('reply' in outcome) {
      if (outcome.reply.type === 'accepted') this.#ports.placed(outcome.reply.sequence);
      this.#backoff.succeed();
      return this.#close(sealed, 'sent');
    }
    const { error, retryAfter } = outcome;
    const unclear = error === 'network' || error === 'stale_epoch';
    if (!unclear && retryAfter === null) return this.#close(sealed, 'failed');
    this.#backoff.fail(this.#ports.now(), retryAfter);
    if (error === 'stale_epoch') this.#meeting.outbox.takeBack();
    if (unclear) this.#ports.sync();
  }

  #close(sealed: Sealed, state: 'sent' | 'failed'): void {
    this.#meeting.outbox.sealed = null;
    this.#meeting.sent(sealed.letter, state);
  }
}
