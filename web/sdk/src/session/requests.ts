/** Requests and their answers. */

import { VestibuleError } from '../contract.ts';
import type { ClientMessage, ErrorBody, Reply, Request } from '../wire.ts';
import { isAction, saysDone } from './actions.ts';
import { ACTION_MS, REQUESTS, REQUEST_MS } from './limits.ts';

export type Answer =
  | { readonly reply: Reply }
  | { readonly error: VestibuleError; readonly retryAfter: number | null };

interface Asked {
  readonly id: number;
  readonly request: Request;
  readonly answered: (answer: Answer) => void;
  readonly deadline: number;
  /** On the present socket since then; null while it waits for one. */
  sentAt: number | null;
  /** It was sent on a socket that died: nobody knows whether it was carried out. */
  unclear: boolean;
}

export class Requests {
  readonly #asked = new Map<number, Asked>();
  #lastId = 0;

  /** Takes a request, to be sent by `flush`; answers at once when it cannot be taken now. */
  add(request: Request, open: boolean, now: number, answered: Asked['answered']): void {
    const waits = isAction(request);
    if ((!open && !waits) || this.#asked.size >= REQUESTS) return answered(failed);
    this.#lastId = (this.#lastId % MAX_ID) + 1;
    const deadline = now + (waits ? ACTION_MS : REQUEST_MS);
    const id = this.#lastId;
    this.#asked.set(id, { id, request, answered, deadline, sentAt: null, unclear: false });
  }

  /** Everything that has to be sent on this socket. */
  flush(now: number): ClientMessage[] {
    const due = [...this.#asked.values()].filter(({ sentAt }) => sentAt === null);
    for (const asked of due) asked.sentAt = now;
    return due.map(({ id, request }) => ({ id, request }));
  }

  replied(id: number, reply: Reply): void {
    this.#take(id)?.answered({ reply });
  }

  refused(id: number, error: ErrorBody): void {
    const asked = this.#take(id);
    if (asked === undefined) return;
    if (asked.unclear && saysDone(asked.request, error.code)) {
      asked.answered({ reply: { type: 'done' } });
    } else {
      asked.answered(refusal(error));
    }
  }

  /** The socket is gone: actions wait for the next one, everything else failed. */
  lost(): void {
    for (const asked of [...this.#asked.values()]) {
      if (isAction(asked.request)) {
        asked.unclear ||= asked.sentAt !== null;
        asked.sentAt = null;
      } else {
        this.#take(asked.id)?.answered(failed);
      }
    }
  }

  /** Fails what waited for too long. */
  expire(now: number): void {
    for (const asked of [...this.#asked.values()]) {
      if (asked.deadline <= now) this.#take(asked.id)?.answered(failed);
    }
  }

  /** Fails everything: there will be no other socket. */
  stop(): void {
    for (const id of [...this.#asked.keys()]) this.#take(id)?.answered(failed);
  }

  get deadline(): number | null {
    const deadlines = [...this.#asked.values()].map(({ deadline }) => deadline);
    return deadlines.length > 0 ? Math.min(...deadlines) : null;
  }

  #take(id: number): Asked | undefined {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    return asked;
  }
}

export function refusal(body: ErrorBody): Extract<Answer, { error: unknown }> {
  const { code, retry_after_ms: retryAfter, opens_at: opensAt, reason, question } = body;
  const error = new VestibuleError(code, retryAfter !== null, opensAt, reason, question);
  return { error, retryAfter };
}

const failed: Answer = { error: new VestibuleError('network', true), retryAfter: null };

/** Ids are 32 bits wide on the wire. */
const MAX_ID = 0xffff_ffff;
