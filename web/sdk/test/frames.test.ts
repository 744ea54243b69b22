import { beforeEach, describe, expect, it } from 'vitest';
import { openFrame, sealFrame, type Binding } from '../src/crypto/frames.ts';
import type { Member } from '../src/crypto/identity.ts';
import { Keyring } from '../src/crypto/keyring.ts';
import { kidOf } from '../src/crypto/kid.ts';
import { OLD_KEY_MS } from '../src/crypto/limits.ts';
import { importBaseKey } from '../src/crypto/sframe.ts';
import { concat, randomBytes, toHex, type Bytes } from '../src/support/bytes.ts';
import { person } from './support/people.ts';

const DOCTOR: Member = { leaf: 0, ...person(1, 11) };
const PATIENT: Member = { leaf: 1, ...person(2, 21) };
const CAMERA: Binding = { participant: DOCTOR.participant, source: 'camera' };
const MICROPHONE: Binding = { participant: DOCTOR.participant, source: 'microphone' };
const DELTA_FRAME = concat(Uint8Array.of(0x31, 0x02, 0x00), randomBytes(500));
const KEY_FRAME = concat(Uint8Array.of(0x10, 1, 2, 0x9d, 1, 0x2a, 6, 7, 8, 9), randomBytes(500));

let now = 0;
let doctor: Keyring;
let patient: Keyring;

/** Both take up an epoch with a key of its own. */
async function epoch(number: number, members: Member[] = [DOCTOR, PATIENT], generation = 1) {
  const baseKey = await importBaseKey(randomBytes(16));
  doctor.install({ generation, epoch: number, baseKey, members, ownLeaf: 0 });
  patient.install({ generation, epoch: number, baseKey, members, ownLeaf: 1 });
  return { generation, epoch: number };
}

async function sealed(frame: Bytes, binding = CAMERA): Promise<Bytes> {
  const made = await sealFrame(doctor, binding.source, frame);
  if (made === null) throw new Error('no key');
  return made;
}

beforeEach(async () => {
  now = 0;
  doctor = new Keyring(() => now);
  patient = new Keyring(() => now);
  doctor.sendWith(await epoch(1));
});

describe('a frame', () => {
  it.each([
    ['a key frame', CAMERA, KEY_FRAME, 10],
    ['a delta frame', CAMERA, DELTA_FRAME, 3],
    ['sound', MICROPHONE, randomBytes(80), 0],
  ])('%s comes out as it went in, with only its head in the clear', async (...given) => {
    const [, binding, frame, clear] = given;
    const wire = await sealed(frame, binding);
    expect(await openFrame(patient, binding, wire)).toEqual({ frame });
    expect(toHex(wire.slice(0, clear))).toBe(toHex(frame.slice(0, clear)));
    for (let at = clear; at + 8 <= frame.length; at += 8) {
      expect(toHex(wire)).not.toContain(toHex(frame.slice(at, at + 8)));
    }
  });

  it('with any byte changed is dropped, clear ones too', async () => {
    const wire = await sealed(DELTA_FRAME);
    for (let i = 0; i < wire.length; i += 1 + (i > 20 ? 40 : 0)) {
      const changed = wire.slice();
      changed[i] = (changed[i] ?? 0) ^ 0x80;
      expect(await openFrame(patient, CAMERA, changed), `byte ${i}`).toHaveProperty('drop');
    }
    expect(await openFrame(patient, CAMERA, wire)).toEqual({ frame: DELTA_FRAME });
  });

  it('is taken once', async () => {
    const wire = await sealed(DELTA_FRAME);
    await openFrame(patient, CAMERA, wire);
    expect(await openFrame(patient, CAMERA, wire)).toEqual({ drop: 'replayed' });
  });

  it('is taken once, even when it comes through two slots at the same time', async () => {
    const wire = await sealed(DELTA_FRAME);
    const both = [openFrame(patient, CAMERA, wire), openFrame(patient, CAMERA, wire)];
    expect(await Promise.all(both)).toEqual([{ frame: DELTA_FRAME }, { drop: 'replayed' }]);
  });

  it('is dropped in a slot that is bound to nobody, to another or to another source', async () => {
    const wire = await sealed(DELTA_FRAME);
    const drop = async (binding: Binding | null) => openFrame(patient, binding, wire);
    expect(await drop(null)).toEqual({ drop: 'unbound' });
    expect(await drop({ ...CAMERA, participant: PATIENT.participant })).toEqual({
      drop: 'wrong_sender',
    });
    expect(await drop({ ...CAMERA, source: 'screen' })).toEqual({ drop: 'wrong_sender' });
  });

  it('of our own making does not come back to us', async () => {
    const wire = await sealed(DELTA_FRAME);
    expect(await openFrame(doctor, CAMERA, wire)).toEqual({ drop: 'no_key' });
  });

  it('that is in the clear, empty or cut short is dropped', async () => {
    const wire = await sealed(DELTA_FRAME);
    for (const frame of [DELTA_FRAME, new Uint8Array(), wire.slice(0, 3), wire.slice(0, 12)]) {
      expect(await openFrame(patient, CAMERA, frame)).toHaveProperty('drop');
    }
  });
});

describe('layers of one camera', () => {
  /** Frames of all layers are sealed by one sender, and a receiver gets those of one. */
  it('share one row of counters, so that a change of layers repeats none', async () => {
    const layers = [DELTA_FRAME, KEY_FRAME, DELTA_FRAME];
    const wires = [];
    for (let picture = 0; picture < 20; picture += 1) {
      for (const frame of layers) wires.push(await sealed(frame));
    }
    expect(new Set(wires.map((wire) => toHex(wire))).size).toBe(wires.length);
    for (let picture = 0; picture < 20; picture += 1) {
      const layer = Math.floor(picture / 7);
      const wire = wires[picture * layers.length + layer];
      expect(await openFrame(patient, CAMERA, wire ?? new Uint8Array())).toHaveProperty('frame');
    }
  });
});

it('silence, which is an empty frame, is not sent', async () => {
  expect(await sealFrame(doctor, 'microphone', new Uint8Array())).toBeNull();
});

describe('without a key', () => {
  it('nothing is sent', async () => {
    const fresh = new Keyring(() => now);
    expect(await sealFrame(fresh, 'camera', DELTA_FRAME)).toBeNull();
    doctor.clear();
    expect(await sealFrame(doctor, 'camera', DELTA_FRAME)).toBeNull();
    expect(doctor.canSend).toBe(false);
  });

  it('what waits is told when there is one, or that there was none in time', async () => {
    const fresh = new Keyring(() => now);
    await fresh.untilSendable(1);
    expect(fresh.canSend).toBe(false);
    const baseKey = await importBaseKey(randomBytes(16));
    const members = [DOCTOR, PATIENT];
    fresh.install({ generation: 1, epoch: 1, baseKey, members, ownLeaf: 0 });
    const waiting = fresh.untilSendable(60_000);
    fresh.sendWith({ generation: 1, epoch: 1 });
    await waiting;
    expect(fresh.canSend).toBe(true);
  });

  it('an epoch that was never taken up cannot be sent with', () => {
    const fresh = new Keyring(() => now);
    fresh.sendWith({ generation: 1, epoch: 1 });
    expect(fresh.canSend).toBe(false);
  });
});

describe('when keys change', () => {
  it('frames of the epoch before are opened for ten seconds, and no longer', async () => {
    const early = [await sealed(DELTA_FRAME), await sealed(DELTA_FRAME)];
    await epoch(2);
    now = OLD_KEY_MS - 1;
    expect(await openFrame(patient, CAMERA, early[0] ?? KEY_FRAME)).toHaveProperty('frame');
    now = OLD_KEY_MS;
    expect(await openFrame(patient, CAMERA, early[1] ?? KEY_FRAME)).toEqual({ drop: 'no_key' });
  });

  it('the sender goes on with the old key until it is told to switch', async () => {
    const next = await epoch(2);
    const before = await sealed(DELTA_FRAME);
    doctor.sendWith(next);
    const after = await sealed(DELTA_FRAME);
    now = OLD_KEY_MS;
    expect(await openFrame(patient, CAMERA, before)).toEqual({ drop: 'no_key' });
    expect(await openFrame(patient, CAMERA, after)).toHaveProperty('frame');
  });

  it('coming back to an epoch repeats no counter', async () => {
    const first = await sealed(DELTA_FRAME);
    doctor.sendWith(await epoch(2));
    doctor.sendWith({ generation: 1, epoch: 1 });
    const second = await sealed(DELTA_FRAME);
    await openFrame(patient, CAMERA, first);
    expect(await openFrame(patient, CAMERA, second)).toHaveProperty('frame');
  });

  it('somebody who was removed is not heard any more, at once', async () => {
    const wire = await sealed(DELTA_FRAME);
    await epoch(2, [PATIENT]);
    expect(await openFrame(patient, CAMERA, wire)).toEqual({ drop: 'no_key' });
  });

  it('a page that returned is heard beside the one before', async () => {
    const before = await sealed(DELTA_FRAME);
    const again: Member = { leaf: 0, ...person(1, 12) };
    doctor.sendWith(await epoch(1, [again, PATIENT], 2));
    const after = await sealed(DELTA_FRAME);
    expect(await openFrame(patient, CAMERA, before)).toHaveProperty('frame');
    expect(await openFrame(patient, CAMERA, after)).toHaveProperty('frame');
  });
});

describe('key ids', () => {
  it('differ by generation, source, leaf and epoch', () => {
    const kids = new Set<bigint | null>();
    for (const generation of [1, 2, 15]) {
      for (const source of ['microphone', 'camera', 'screen'] as const) {
        for (const leaf of [0, 1, 63]) {
          for (const epoch of [1, 2, 15]) kids.add(kidOf({ generation, source, leaf, epoch }));
        }
      }
    }
    expect(kids.size).toBe(81);
    expect(Math.max(...[...kids].map(Number))).toBeLessThan(2 ** 16);
  });

  it('have no room for a 65th leaf, and so no key', () => {
    expect(kidOf({ generation: 1, epoch: 1, source: 'camera', leaf: 64 })).toBeNull();
  });
});
