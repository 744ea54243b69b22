import { beforeEach, describe, expect, it } from 'vitest';
import { sealFrame } from '../src/crypto/frames.ts';
import type { Member } from '../src/crypto/identity.ts';
import { Keyring } from '../src/crypto/keyring.ts';
import { BLIND_MS } from '../src/crypto/limits.ts';
import { importBaseKey } from '../src/crypto/sframe.ts';
import { ReceiveSlot } from '../src/crypto/slot.ts';
import { randomBytes, type Bytes } from '../src/support/bytes.ts';
import { person } from './support/people.ts';

const DOCTOR: Member = { leaf: 0, ...person(1, 11) };
const PATIENT: Member = { leaf: 1, ...person(2, 21) };
const MEMBERS = [DOCTOR, PATIENT];
const CAMERA = { participant: DOCTOR.participant, source: 'camera' } as const;

let now: number;
let seen: string[];
let doctor: Keyring;
let patient: Keyring;
let slot: ReceiveSlot;
/** What the decoder gets for a frame that was missed. */
let standIn: Bytes | null;

beforeEach(async () => {
  now = 0;
  seen = [];
  standIn = null;
  doctor = new Keyring(() => now);
  patient = new Keyring(() => now);
  slot = new ReceiveSlot(patient, {
    now: () => now,
    shown: (participant) => seen.push(`shown ${participant}`),
    hidden: () => seen.push('hidden'),
    askForKeyFrame: () => seen.push('key frame'),
    standIn: () => standIn,
  });
  patient.onInstall = () => slot.keysChanged();
  slot.bind(CAMERA);
  await epoch(1);
  doctor.sendWith({ generation: 1, epoch: 1 });
});

/** The doctor takes up an epoch; the patient gets the key, or does not yet. */
async function epoch(number: number, both = true) {
  const baseKey = await importBaseKey(randomBytes(16));
  const keys = { generation: 1, epoch: number, baseKey, members: MEMBERS };
  doctor.install({ ...keys, ownLeaf: 0 });
  const late = () => patient.install({ ...keys, ownLeaf: 1 });
  if (both) late();
  return late;
}

/** A key frame, or one that builds on those before it. */
async function frame(whole = true): Promise<Bytes> {
  const picture = randomBytes(100);
  picture[0] = whole ? 0x10 : 0x11;
  return (await sealFrame(doctor, 'camera', picture)) ?? new Uint8Array();
}

async function receive(): Promise<boolean> {
  return (await slot.open(await frame())) !== null;
}

/** A frame of an epoch that the patient does not know. */
async function missed(): Promise<Bytes> {
  await epoch(2, false);
  doctor.sendWith({ generation: 1, epoch: 2 });
  return frame();
}

describe('a receive slot', () => {
  it('shows somebody with the first frame that can be opened, once', async () => {
    expect(await slot.open(randomBytes(100))).toBeNull();
    expect(seen).toEqual([]);
    expect(await receive()).toBe(true);
    expect(await receive()).toBe(true);
    expect(seen.filter((it) => it !== 'key frame')).toEqual([`shown ${DOCTOR.participant}`]);
  });

  it('hides them when it is given to another, and when it is given to nobody', async () => {
    await receive();
    slot.bind({ ...CAMERA, participant: PATIENT.participant });
    expect(seen.at(-1)).toBe('hidden');
    expect(await receive()).toBe(false);
    slot.bind(CAMERA);
    await receive();
    expect(seen.at(-1)).toBe(`shown ${DOCTOR.participant}`);
    slot.bind(null);
    expect(seen.at(-1)).toBe('hidden');
    expect(await receive()).toBe(false);
  });

  it('goes on when it is bound as it was', async () => {
    await receive();
    slot.bind({ ...CAMERA });
    expect(seen).toEqual([`shown ${DOCTOR.participant}`]);
  });

  it('asks for a key frame as soon as a key that came late is there', async () => {
    await receive();
    const late = await epoch(2, false);
    doctor.sendWith({ generation: 1, epoch: 2 });
    expect(await receive()).toBe(false);
    expect(seen).not.toContain('key frame');
    late();
    expect(seen.at(-1)).toBe('key frame');
    expect(await receive()).toBe(true);
  });

  it('asks for a key frame when the first that it opens is none', async () => {
    await slot.open(await frame(false));
    expect(seen).toEqual(['key frame', `shown ${DOCTOR.participant}`]);
    await slot.open(await frame(false));
    expect(seen).toHaveLength(2);
  });

  it('asks for none when no frame was missed', async () => {
    await receive();
    await epoch(2);
    doctor.sendWith({ generation: 1, epoch: 2 });
    await receive();
    expect(seen).toEqual([`shown ${DOCTOR.participant}`]);
  });

  it('hides somebody of whom nothing could be opened for three seconds', async () => {
    await receive();
    await epoch(2, false);
    doctor.sendWith({ generation: 1, epoch: 2 });
    await receive();
    now = BLIND_MS - 1;
    await receive();
    expect(seen).toEqual([`shown ${DOCTOR.participant}`]);
    now = BLIND_MS;
    await receive();
    expect(seen.at(-1)).toBe('hidden');
  });

  it('drops a frame that was on its way when the slot changed hands', async () => {
    const opening = slot.open(await frame());
    slot.bind(null);
    expect(await opening).toBeNull();
    expect(seen).toEqual([]);
  });
});

describe('a decoder that asks for key frames by itself', () => {
  const NOTHING = Uint8Array.of(1);

  beforeEach(() => {
    standIn = NOTHING;
  });

  it('gets a frame that it fails on for the first that was missed, and only for that', async () => {
    await receive();
    const wire = await missed();
    expect(await slot.open(wire)).toEqual(NOTHING);
    expect(await slot.open(await frame(false))).toBeNull();
    expect(await slot.open(await frame())).toBeNull();
  });

  it('gets nothing before there was a picture', async () => {
    expect(await slot.open(await missed())).toBeNull();
  });

  it('gets nothing for a frame that came before', async () => {
    const wire = await frame();
    await slot.open(wire);
    expect(await slot.open(wire)).toBeNull();
  });

  it('gets nothing of a slot that was taken from it', async () => {
    await receive();
    slot.bind(null);
    expect(await slot.open(await frame())).toBeNull();
  });
});
