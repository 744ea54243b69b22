import { beforeEach, describe, expect, it } from 'vitest';
import { LegMachine, type LegCommand } from '../src/media/leg.ts';
import {
  CONNECTING_MS,
  DISCONNECTED_MS,
  MOVED_MS,
  OFFER_RETRY_MS,
  RESTARTING_MS,
  RESTARTS,
} from '../src/media/limits.ts';
import type { Leg } from '../src/wire.ts';

const LEG: Leg = { call: 'c', leg: 'l', open: false };
const OTHER: Leg = { call: 'd', leg: 'm', open: true };

let now: number;
let numbers: number;
let commands: LegCommand[];
let machine: LegMachine;

beforeEach(() => {
  now = 0;
  numbers = 0;
  commands = [];
  machine = new LegMachine({
    command: (command) => commands.push(command),
    newNumber: () => (numbers += 1),
  });
  machine.signaling(true, now);
});

function take(): string[] {
  return commands.splice(0).map((it) => `${it.type} ${it.connection}`);
}

function wait(milliseconds: number): void {
  now += milliseconds;
  machine.tick(now);
}

function answered(connection = numbers): void {
  machine.offered(connection, { type: 'answered' }, now);
}

function state(it: RTCPeerConnectionState, connection = numbers): void {
  machine.changed(connection, it, now);
}

/** A connection that is up. */
function connect(): void {
  machine.want(LEG, now);
  answered();
  state('connected');
  take();
}

describe('a leg', () => {
  it('is connected as soon as it is in the snapshot, before admission', () => {
    machine.want(LEG, now);
    expect(commands).toEqual([{ type: 'open', leg: 'l', connection: 1 }]);
    answered();
    state('connecting');
    expect(machine.isUp).toBe(false);
    state('connected');
    expect(machine.isUp).toBe(true);
  });

  it('that opens at admission stays as it is', () => {
    connect();
    machine.want({ ...LEG, open: true }, now);
    expect(take()).toEqual([]);
    expect(machine.isUp).toBe(true);
  });

  it('by which nothing comes any more is restarted once signaling was cut off as well', () => {
    connect();
    wait(MOVED_MS);
    machine.stands(1, true, now);
    expect(take()).toEqual([]);
    machine.signaling(false, now);
    machine.signaling(true, now);
    expect(take()).toEqual(['restart 1']);
  });

  it('is restarted as well when signaling was cut off first, and had come back', () => {
    connect();
    wait(MOVED_MS);
    machine.signaling(false, now);
    machine.signaling(true, now);
    expect(take()).toEqual([]);
    wait(MOVED_MS - 1);
    machine.stands(1, true, now);
    expect(take()).toEqual(['restart 1']);
  });

  it('by which nothing comes any more is left alone long after signaling came back', () => {
    connect();
    machine.signaling(false, now);
    machine.signaling(true, now);
    wait(MOVED_MS);
    machine.stands(1, true, now);
    expect(take()).toEqual([]);
  });

  it('by which all comes is left alone when signaling comes back', () => {
    connect();
    wait(MOVED_MS);
    machine.stands(1, true, now);
    machine.stands(1, false, now);
    machine.signaling(false, now);
    machine.signaling(true, now);
    expect(take()).toEqual([]);
  });

  it('that is replaced gets another connection at once', () => {
    connect();
    machine.want(OTHER, now);
    expect(take()).toEqual(['close 1', 'open 2']);
  });

  it('that is new is not made to wait for what the one before was refused', () => {
    machine.want(LEG, now);
    machine.offered(1, { type: 'refused', retryAfter: 60_000 }, now);
    take();
    machine.want(OTHER, now);
    expect(take()).toEqual(['open 2']);
  });

  it('that disappears is closed', () => {
    connect();
    machine.want(null, now);
    expect(take()).toEqual(['close 1']);
    wait(60_000);
    expect(take()).toEqual([]);
  });

  it('waits for signaling', () => {
    machine.signaling(false, now);
    machine.want(LEG, now);
    expect(take()).toEqual([]);
    machine.signaling(true, now);
    expect(take()).toEqual(['open 1']);
  });
});

describe('a connection', () => {
  it('is not touched when signaling is lost', () => {
    connect();
    machine.signaling(false, now);
    wait(60_000);
    machine.signaling(true, now);
    expect(take()).toEqual([]);
    expect(machine.isUp).toBe(true);
  });

  it('that is interrupted may mend itself', () => {
    connect();
    state('disconnected');
    wait(DISCONNECTED_MS - 1);
    state('connected');
    wait(60_000);
    expect(take()).toEqual([]);
  });

  it('that stays interrupted is restarted, as the same connection', () => {
    connect();
    state('disconnected');
    expect(machine.isUp).toBe(false);
    wait(DISCONNECTED_MS);
    expect(take()).toEqual(['restart 1']);
    answered();
    state('connected');
    wait(60_000);
    expect(take()).toEqual([]);
  });

  it('that failed is restarted at once', () => {
    connect();
    state('failed');
    expect(take()).toEqual(['restart 1']);
  });

  it.each(['the network comes back', 'signaling comes back'])(
    'that is interrupted is restarted when %s',
    (what) => {
      connect();
      machine.signaling(false, now);
      state('disconnected');
      wait(20_000);
      expect(take()).toEqual([]);
      if (what.startsWith('network')) machine.nudge(now);
      machine.signaling(true, now);
      expect(take()).toEqual(['restart 1']);
    },
  );

  it('that mended itself after the restart was due is restarted all the same', () => {
    connect();
    machine.signaling(false, now);
    state('disconnected');
    now += DISCONNECTED_MS;
    state('connected');
    machine.signaling(true, now);
    expect(take()).toEqual(['restart 1']);
    answered();
    wait(60_000);
    expect(take()).toEqual([]);
  });

  it('that mended itself while its restart was lost is restarted all the same', () => {
    connect();
    state('disconnected');
    wait(DISCONNECTED_MS);
    machine.signaling(false, now);
    state('connected');
    machine.offered(1, { type: 'lost' }, now);
    machine.signaling(true, now);
    expect(take()).toEqual(['restart 1', 'restart 1']);
  });

  describe('that was restarted at each change of address, and was up all the time', () => {
    beforeEach(() => {
      connect();
      for (let i = 0; i < RESTARTS; i++) {
        wait(MOVED_MS);
        machine.stands(1, true, now);
        machine.signaling(false, now);
        machine.signaling(true, now);
        answered();
        machine.stands(1, false, now);
      }
      expect(take()).toEqual(Array.from({ length: RESTARTS }, () => 'restart 1'));
      wait(60_000);
    });

    it('may mend itself when it is interrupted next, as any', () => {
      state('disconnected');
      wait(DISCONNECTED_MS - 1);
      state('connected');
      wait(60_000);
      expect(take()).toEqual([]);
    });

    it('is restarted when it stays interrupted, and gives way only when that does not help', () => {
      state('disconnected');
      expect(take()).toEqual([]);
      wait(DISCONNECTED_MS);
      for (let i = 0; i < RESTARTS; i++) {
        expect(take()).toEqual(['restart 1']);
        answered();
        wait(RESTARTING_MS);
      }
      expect(take()).toEqual(['close 1', 'open 2']);
    });
  });

  it('whose restart did not bring it to the new address is restarted again', () => {
    connect();
    wait(MOVED_MS);
    machine.stands(1, true, now);
    machine.signaling(false, now);
    machine.signaling(true, now);
    answered();
    state('disconnected');
    wait(DISCONNECTED_MS);
    expect(take()).toEqual(['restart 1', 'restart 1']);
  });

  it('gives way to another one after restarts that do not help', () => {
    connect();
    state('failed');
    for (let i = 0; i < RESTARTS; i++) {
      expect(take()).toEqual(['restart 1']);
      answered();
      wait(RESTARTING_MS);
    }
    expect(take()).toEqual(['close 1', 'open 2']);
  });

  it('gives way to another one when the server does not know it any more', () => {
    connect();
    state('failed');
    machine.offered(1, { type: 'refused', retryAfter: null }, now);
    wait(OFFER_RETRY_MS[0]);
    expect(take()).toEqual(['restart 1', 'close 1', 'open 2']);
  });

  it('that was closed gives way to another one', () => {
    connect();
    state('closed');
    expect(take()).toEqual(['close 1', 'open 2']);
  });

  it('that never comes up gives way to another one', () => {
    machine.want(LEG, now);
    answered();
    wait(CONNECTING_MS);
    expect(take()).toEqual(['open 1', 'close 1', 'open 2']);
  });

  it('of former times has nothing to say', () => {
    connect();
    machine.want(OTHER, now);
    take();
    state('failed', 1);
    machine.offered(1, { type: 'refused', retryAfter: null }, now);
    expect(take()).toEqual([]);
  });
});

describe('an offer', () => {
  it('that was lost is made by another connection, once signaling is back', () => {
    machine.want(LEG, now);
    machine.signaling(false, now);
    machine.offered(1, { type: 'lost' }, now);
    wait(10_000);
    machine.signaling(true, now);
    expect(take()).toEqual(['open 1', 'close 1', 'open 2']);
  });

  it('of a restart that was lost is made again', () => {
    connect();
    state('failed');
    machine.signaling(false, now);
    machine.offered(1, { type: 'lost' }, now);
    machine.signaling(true, now);
    expect(take()).toEqual(['restart 1', 'restart 1']);
  });

  it('is made again when the server asks for a moment, and not before', () => {
    machine.want(LEG, now);
    machine.offered(1, { type: 'refused', retryAfter: 500 }, now);
    wait(499);
    expect(take()).toEqual(['open 1', 'close 1']);
    wait(1);
    expect(take()).toEqual(['open 2']);
  });

  it('that is refused each time is made ever more rarely', () => {
    machine.want(LEG, now);
    const times: number[] = [];
    while (times.length < 7) {
      machine.offered(numbers, { type: 'refused', retryAfter: null }, now);
      times.push((machine.wakeAt ?? 0) - now);
      wait(times.at(-1) ?? 0);
    }
    expect(times).toEqual([250, 500, 1000, 2000, 4000, 4000, 4000]);
  });
});
