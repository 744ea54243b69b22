/** What an action rejects with, as it comes over the socket. */

import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { VestibuleError } from '../src/contract.ts';
import { makeDeviceKey } from '../src/session/proof.ts';
import { Session } from '../src/session/session.ts';
import type { ClientMessage, ErrorBody, Request, ServerMessage } from '../src/wire.ts';

/** A server that welcomes everybody and says no to all that is asked then. */
class Refusing {
  static no: ErrorBody;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;

  constructor() {
    queueMicrotask(() => this.#say({ type: 'challenge', protocol: [1], nonce: 'bm9uY2U=' }));
  }

  send(text: string): void {
    const { id, request } = JSON.parse(text) as ClientMessage;
    if (request.type !== 'hello') return this.#say({ type: 'refused', id, error: Refusing.no });
    const welcome = { type: 'welcome', protocol: 1, role: 'patient', participant: 'p' } as const;
    this.#say({ type: 'reply', id, reply: { ...welcome, server_time: 0 } });
  }

  close(): void {
    this.onclose?.();
  }

  #say(message: ServerMessage): void {
    queueMicrotask(() => this.onmessage?.({ data: JSON.stringify(message) }));
  }
}

const ADMIT: Request = { type: 'admit', visit: 'v' };

let session: Session;

beforeEach(async () => {
  const listens = { addEventListener: vi.fn(), removeEventListener: vi.fn() };
  vi.stubGlobal('addEventListener', listens.addEventListener);
  vi.stubGlobal('removeEventListener', listens.removeEventListener);
  vi.stubGlobal('document', { ...listens, visibilityState: 'visible' });
  vi.stubGlobal('WebSocket', Refusing);
  const { privateKey } = await makeDeviceKey();
  const nothing = () => undefined;
  await new Promise<void>((resolve) => {
    const events = { down: nothing, told: nothing, unreachable: nothing, stopped: nothing };
    session = new Session('https://clinic.example', privateKey, { ...events, up: () => resolve() });
    session.start({ session: 's', instance: 'i' });
  });
});
afterEach(() => {
  session.close();
  vi.unstubAllGlobals();
});

it.each<[Omit<ErrorBody, 'message'>, Partial<VestibuleError>]>([
  [
    { code: 'quota_reached', retry_after_ms: null, opens_at: 5 },
    { code: 'quota_reached', retryable: false, opensAt: 5, reason: null, question: null },
  ],
  [
    { code: 'shielded', retry_after_ms: 1000, reason: 'hour_cap' },
    { code: 'shielded', retryable: true, opensAt: null, reason: 'hour_cap', question: null },
  ],
  [
    { code: 'answer_invalid', retry_after_ms: null, question: 'fever' },
    { code: 'answer_invalid', retryable: false, opensAt: null, reason: null, question: 'fever' },
  ],
])('an action that is refused with %o tells all of it', async (no, error) => {
  Refusing.no = { ...no, message: '' };
  const refused: unknown = await session.request(ADMIT).catch((it: unknown) => it);
  expect(refused).toBeInstanceOf(VestibuleError);
  expect(refused).toMatchObject(error);
});
