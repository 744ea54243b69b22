/** The golden messages that the server's own tests are held to. */

import { describe, expect, it } from 'vitest';
import client from '../../../crates/protocol/vectors/client.json' with { type: 'json' };
import errors from '../../../crates/protocol/vectors/errors.json' with { type: 'json' };
import server from '../../../crates/protocol/vectors/server.json' with { type: 'json' };
import { decodeServerMessage } from '../src/session/decode.ts';
import { refusal } from '../src/session/requests.ts';
import type { ErrorBody, Request } from '../src/wire.ts';

const REQUESTS: Record<Request['type'], true> = {
  hello: true,
  ping: true,
  arrive: true,
  answer: true,
  answer_form: true,
  consent: true,
  check_devices: true,
  claim_exception: true,
  ask_again: true,
  open_gate: true,
  leave: true,
  move: true,
  feedback: true,
  note: true,
  invite: true,
  join: true,
  decline_invitation: true,
  withdraw_invitation: true,
  admit: true,
  call: true,
  message: true,
  set_urgency: true,
  transfer: true,
  hold: true,
  resume: true,
  take_on: true,
  set_duty: true,
  decline: true,
  end: true,
  offer: true,
  set_media: true,
  watch: true,
  publish_key_packages: true,
  claim_key_packages: true,
  commit: true,
  send: true,
  acknowledge: true,
  sync: true,
};

describe('golden messages', () => {
  it.each(Object.entries(server))('%s of the server is read as it is', (_, message) => {
    expect(decodeServerMessage(JSON.stringify(message))).toEqual(message);
  });

  it('of a client are those that this client knows', () => {
    const types = new Set(Object.values(client).map(({ request }) => request.type));
    expect(types).toEqual(new Set(Object.keys(REQUESTS)));
  });

  it.each(Object.values(errors))('$code says whether to try again', (body) => {
    const { error, retryAfter } = refusal(body as ErrorBody);
    expect(error).toMatchObject({ code: body.code, retryable: body.retry_after_ms !== null });
    expect(retryAfter).toBe(body.retry_after_ms);
    expect(error.opensAt).toBeNull();
  });

  it('of what is closed say when it opens', () => {
    const body: ErrorBody = { code: 'queue_closed', message: '', retry_after_ms: 1, opens_at: 5 };
    expect(refusal(body).error.opensAt).toBe(5);
    expect(refusal(body).error.reason).toBeNull();
    const capped: ErrorBody = { ...body, code: 'shielded', reason: 'hour_cap' };
    expect(refusal(capped).error.reason).toBe('hour_cap');
  });

  it.each(['', '{', 'null', '[]', '{"type":"from_the_future"}', '{"type":"toString"}'])(
    '%j is not one',
    (text) => {
      expect(decodeServerMessage(text)).toBeNull();
    },
  );
});
