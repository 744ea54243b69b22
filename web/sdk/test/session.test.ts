import { beforeEach, describe, expect, it } from 'vitest';
import {
  ACTION_MS,
  GREETING_MS,
  DOUBT_MS,
  PING_MS,
  PROBE_MS,
  RECONNECT_MS,
  REQUEST_MS,
  ROUND_TRIPS,
  SILENCE_MS,
} from '../src/session/limits.ts';
import { SessionMachine, type Command, type Stop } from '../src/session/machine.ts';
import type { Answer } from '../src/session/requests.ts';
import type { ClientMessage, ErrorCode, Request, ServerMessage } from '../src/wire.ts';

const ADMIT: Request = { type: 'admit', visit: 'v' };
const SYNC: Request = { type: 'sync', consultation: 'c', after: 0 };
const CHALLENGE: ServerMessage = { type: 'challenge', protocol: [1], nonce: 'bm9uY2U=' };

let now: number;
let machine: SessionMachine;
let commands: Command[];

beforeEach(() => {
  now = 1_000_000;
  commands = [];
  machine = new SessionMachine({ command: (it) => commands.push(it), random: () => 1 });
  machine.start({ session: 's', instance: 'i' }, now);
});

function types(): string[] {
  return commands.map(({ type }) => type);
}

function sent(): ClientMessage[] {
  return commands.flatMap((it) => (it.type === 'send' ? [it.message] : []));
}

/** The last request of this kind that was sent. */
function lastId(type: Request['type']): number {
  return sent().findLast(({ request }) => request.type === type)?.id ?? -1;
}

function take(): Command[] {
  return commands.splice(0);
}

function wait(milliseconds: number): void {
  now += milliseconds;
  machine.tick(now);
}

function reply(id: number): void {
  machine.received({ type: 'reply', id, reply: { type: 'done' } }, now);
}

function refuse(id: number, code: ErrorCode, retry_after_ms: number | null = null): void {
  machine.received({ type: 'refused', id, error: { code, message: '', retry_after_ms } }, now);
}

function greet(takes = 0): void {
  machine.received(CHALLENGE, now);
  machine.proved('cHJvb2Y=', now);
  now += takes;
  const welcome = { type: 'welcome', protocol: 1, role: 'patient', participant: 'p' } as const;
  machine.received({ type: 'reply', id: 0, reply: { ...welcome, server_time: 5 } }, now);
}

function ask(request: Request): Answer[] {
  const answers: Answer[] = [];
  machine.request(request, now, (answer) => answers.push(answer));
  return answers;
}

function codes(answers: Answer[]): (string | undefined)[] {
  return answers.map((it) => ('error' in it ? it.error.code : it.reply.type));
}

function stops(): Stop[] {
  return commands.flatMap((it) => (it.type === 'stopped' ? [it.why] : []));
}

describe('opening a session', () => {
  it('proves the device, says hello and is up', () => {
    greet();
    expect(types()).toEqual(['connect', 'prove', 'send', 'up']);
    expect(sent()[0]?.request).toEqual({
      type: 'hello',
      protocol: [1],
      session: 's',
      proof: 'cHJvb2Y=',
      instance: 'i',
    });
    expect(machine.isOpen).toBe(true);
  });

  it('is given up when the server does not go on, and tried again', () => {
    wait(GREETING_MS);
    expect(types()).toEqual(['connect', 'disconnect', 'unreachable']);
    wait(RECONNECT_MS[0]);
    expect(types().at(-1)).toBe('connect');
  });

  it.each(['session_unknown', 'proof_invalid', 'unsupported_protocol'] as const)(
    'is not tried again after %s',
    (code) => {
      machine.received(CHALLENGE, now);
      machine.proved('', now);
      refuse(0, code);
      expect(stops()).toEqual([{ type: 'refused', code }]);
      take();
      wait(60_000);
      expect(types()).toEqual([]);
    },
  );

  it('is tried again when the server asks for a moment, and not before', () => {
    machine.received(CHALLENGE, now);
    machine.proved('', now);
    refuse(0, 'unavailable', 1000);
    take();
    wait(999);
    expect(types()).toEqual([]);
    wait(1);
    expect(types()).toEqual(['connect']);
  });

  it('waits longer after each failure, up to a limit, and briefly again after a success', () => {
    const waits: number[] = [];
    for (let i = 0; i < 7; i++) {
      machine.closed(now);
      waits.push((machine.wakeAt ?? 0) - now);
      wait(waits.at(-1) ?? 0);
    }
    expect(waits).toEqual([250, 500, 1000, 2000, 3000, 3000, 3000]);
    greet();
    machine.closed(now);
    expect((machine.wakeAt ?? 0) - now).toBe(250);
  });

  it('is tried at once when the network comes back', () => {
    machine.closed(now);
    take();
    machine.nudge(now);
    expect(types()).toEqual(['connect']);
  });

  it('is begun anew when it was begun without a network', () => {
    machine.closed(now);
    machine.nudge(now);
    take();
    machine.networkIsBack(now);
    expect(types()).toEqual(['disconnect', 'connect']);
  });
});

describe('a socket that is open', () => {
  beforeEach(() => {
    greet();
    take();
  });

  it('is pinged, and lives as long as answers come', () => {
    for (let i = 0; i < 5; i++) {
      wait(PING_MS);
      expect(sent()).toHaveLength(i + 1);
      reply(lastId('ping'));
    }
    expect(machine.isOpen).toBe(true);
  });

  it('is dead after ten seconds without any answer', () => {
    wait(PING_MS);
    wait(SILENCE_MS - 1);
    expect(machine.isOpen).toBe(true);
    wait(1);
    expect(types().slice(-3)).toEqual(['disconnect', 'down', 'unreachable']);
  });

  it('is not taken for dead because the page slept', () => {
    wait(600_000);
    expect(machine.isOpen).toBe(true);
    reply(lastId('ping'));
    wait(PING_MS);
    expect(machine.isOpen).toBe(true);
  });

  it('is probed when the network changed, and soon given up if it does not answer', () => {
    machine.nudge(now);
    expect(lastId('ping')).toBeGreaterThan(0);
    wait(PROBE_MS);
    expect(machine.isOpen).toBe(false);
  });

  it('is given up sooner when media stopped, too', () => {
    machine.doubt(now);
    expect(lastId('ping')).toBeGreaterThan(0);
    wait(DOUBT_MS);
    expect(machine.isOpen).toBe(false);
  });

  it('is given up later on a line that takes long', () => {
    machine.received({ type: 'closing', reason: 'too_slow' }, now);
    wait(RECONNECT_MS[0]);
    greet(500);
    machine.doubt(now);
    wait(DOUBT_MS + 2 * 500 - 1);
    expect(machine.isOpen).toBe(true);
    wait(1);
    expect(machine.isOpen).toBe(false);
  });

  it('is given up soon once an answer was faster than the welcome to a busy page', () => {
    machine.received({ type: 'closing', reason: 'too_slow' }, now);
    wait(RECONNECT_MS[0]);
    greet(500);
    wait(PING_MS);
    now += 20;
    reply(lastId('ping'));
    machine.doubt(now);
    wait(DOUBT_MS + 2 * 20);
    expect(machine.isOpen).toBe(false);
  });

  it('is given up later once a line takes longer than it did', () => {
    for (const takes of [20, ...Array<number>(ROUND_TRIPS).fill(300)]) {
      wait(PING_MS);
      now += takes;
      reply(lastId('ping'));
    }
    machine.doubt(now);
    wait(DOUBT_MS + 2 * 300 - 1);
    expect(machine.isOpen).toBe(true);
    wait(1);
    expect(machine.isOpen).toBe(false);
  });

  it('passes on what the server tells', () => {
    const message = { type: 'slots', leg: 'l', connection: 1, slots: [] } as const;
    machine.received({ ...message, slots: [] }, now);
    expect(commands).toEqual([{ type: 'tell', message }]);
  });

  it('that the server hands to another page stays closed', () => {
    machine.received({ type: 'closing', reason: 'replaced' }, now);
    machine.closed(now);
    expect(stops()).toEqual([{ type: 'replaced' }]);
    take();
    wait(60_000);
    machine.nudge(now);
    expect(types()).toEqual([]);
    machine.start({ session: 's', instance: 'j' }, now);
    expect(types()).toEqual(['connect']);
  });

  it('of a session that ended stays closed', () => {
    machine.received({ type: 'closing', reason: 'session_ended' }, now);
    expect(stops()).toEqual([{ type: 'ended' }]);
  });

  it.each(['shutting_down', 'too_slow', 'protocol'] as const)('comes back after %s', (reason) => {
    machine.received({ type: 'closing', reason }, now);
    wait(RECONNECT_MS[0]);
    expect(types()).toEqual(['disconnect', 'down', 'unreachable', 'connect']);
  });
});

describe('a request', () => {
  beforeEach(greet);

  it('gets its own answer', () => {
    const first = ask(SYNC);
    const firstId = lastId('sync');
    const second = ask(SYNC);
    refuse(lastId('sync'), 'not_found');
    expect(codes(first)).toEqual([]);
    expect(codes(second)).toEqual(['not_found']);
    reply(firstId);
    expect(codes(first)).toEqual(['done']);
  });

  it('says whether it may be tried again', () => {
    const answers = [...ask(SYNC), ...ask(SYNC)];
    const [never, later] = [ask(SYNC), ask(SYNC)];
    refuse(lastId('sync') - 1, 'not_found');
    refuse(lastId('sync'), 'unavailable', 1000);
    const errors = [...answers, ...never, ...later].flatMap((it) => ('error' in it ? [it] : []));
    expect(errors.map(({ error }) => error.retryable)).toEqual([false, true]);
    expect(errors.map(({ retryAfter }) => retryAfter)).toEqual([null, 1000]);
  });

  it('fails with the socket that it was sent on, and can be tried again', () => {
    const answers = ask(SYNC);
    machine.closed(now);
    expect(answers).toMatchObject([{ error: { code: 'network', retryable: true } }]);
  });

  it('fails at once without a socket', () => {
    machine.closed(now);
    expect(codes(ask(SYNC))).toEqual(['network']);
  });

  it('fails when it is not answered for long, though the socket lives', () => {
    const answers = ask(SYNC);
    wait(PING_MS);
    reply(lastId('ping'));
    wait(REQUEST_MS - PING_MS);
    expect(codes(answers)).toEqual(['network']);
    expect(machine.isOpen).toBe(true);
  });
});

describe('what a person asked for', () => {
  beforeEach(greet);

  function reconnect(): void {
    machine.closed(now);
    wait(RECONNECT_MS[0]);
    take();
    greet();
  }

  it('is asked again on the next socket', () => {
    const answers = ask(ADMIT);
    reconnect();
    reply(lastId('admit'));
    expect(codes(answers)).toEqual(['done']);
  });

  it('waits for a socket when there is none', () => {
    machine.closed(now);
    const answers = ask(ADMIT);
    wait(RECONNECT_MS[0]);
    expect(sent().filter(({ request }) => request.type === 'admit')).toEqual([]);
    greet();
    reply(lastId('admit'));
    expect(codes(answers)).toEqual(['done']);
  });

  it('was carried out if the second try says so, and only then', () => {
    const lost = ask(ADMIT);
    reconnect();
    refuse(lastId('admit'), 'practitioner_busy');
    expect(codes(lost)).toEqual(['done']);
    const plain = ask(ADMIT);
    refuse(lastId('admit'), 'practitioner_busy');
    expect(codes(plain)).toEqual(['practitioner_busy']);
  });

  it('is not kept for ever', () => {
    machine.closed(now);
    const answers = ask(ADMIT);
    wait(ACTION_MS);
    expect(codes(answers)).toEqual(['network']);
  });

  it('is dropped when there will be no other socket, or another session', () => {
    const replaced = ask(ADMIT);
    machine.received({ type: 'closing', reason: 'replaced' }, now);
    expect(codes(replaced)).toEqual(['network']);
    expect(codes(ask(ADMIT))).toEqual(['network']);
    machine.start({ session: 's', instance: 'i' }, now);
    const former = ask(ADMIT);
    machine.start({ session: 'other', instance: 'i' }, now);
    expect(codes(former)).toEqual(['network']);
  });
});
