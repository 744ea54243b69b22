import { beforeEach, describe, expect, it, vi } from 'vitest';
import { sealFrame } from '../src/crypto/frames.ts';
import type { Member } from '../src/crypto/identity.ts';
import { Keyring, type EpochKeys } from '../src/crypto/keyring.ts';
import { HOLD_MS } from '../src/crypto/limits.ts';
import type { FromWorker } from '../src/crypto/messages.ts';
import { importBaseKey } from '../src/crypto/sframe.ts';
import { Transforms, type Transformer } from '../src/crypto/transforms.ts';
import { randomBytes, type Bytes } from '../src/support/bytes.ts';
import { person } from './support/people.ts';

const DOCTOR: Member = { leaf: 0, ...person(1, 11) };
const PATIENT: Member = { leaf: 1, ...person(2, 21) };
const PICTURE = 4;
const SOUND = 3;

let keys: Omit<EpochKeys, 'ownLeaf'>;
let doctor: Keyring;
let patient: Keyring;
let transforms: Transforms;
let posted: FromWorker[];
let asked: number;

beforeEach(async () => {
  vi.useFakeTimers();
  const now = () => performance.now();
  [doctor, patient] = [new Keyring(now), new Keyring(now)];
  const baseKey = await importBaseKey(randomBytes(16));
  keys = { generation: 1, epoch: 1, baseKey, members: [DOCTOR, PATIENT] };
  doctor.install({ ...keys, ownLeaf: 0 });
  doctor.sendWith(keys);
  [posted, asked] = [[], 0];
  transforms = new Transforms(patient, now, (message) => posted.push(message));
  patient.onInstall = () => transforms.keysChanged();
  const { participant } = DOCTOR;
  transforms.bind(1, [
    { section: SOUND, participant, source: 'microphone' },
    { section: PICTURE, participant, source: 'camera' },
  ]);
});

/** A slot of the patient: what goes in, and what comes out. */
function receiver(section: number) {
  const source = new TransformStream<{ data: ArrayBuffer }>();
  const sink = new TransformStream<{ data: ArrayBuffer }>();
  const transformer: Transformer = {
    options: { direction: 'receive', slot: { connection: 1, section } },
    readable: source.readable,
    writable: sink.writable,
    sendKeyFrameRequest: () => Promise.resolve((asked += 1)),
  };
  transforms.attach(transformer);
  const [writer, reader] = [source.writable.getWriter(), sink.readable.getReader()];
  return {
    take: (frame: Bytes) => void writer.write({ data: frame.slice().buffer }),
    next: async () => new Uint8Array((await reader.read()).value?.data ?? new ArrayBuffer()),
  };
}

async function sealed(source: 'camera' | 'microphone', frame: Bytes): Promise<Bytes> {
  return (await sealFrame(doctor, source, frame)) ?? new Uint8Array();
}

function picture(whole: boolean): Bytes {
  const frame = randomBytes(60);
  frame[0] = whole ? 0x10 : 0x11;
  return frame;
}

const agree = () => patient.install({ ...keys, ownLeaf: 1 });

describe('at a receiver whom the key reaches after the picture', () => {
  it('the picture waits, and nobody is asked for another', async () => {
    const slot = receiver(PICTURE);
    const pictures = [picture(true), picture(false)];
    for (const frame of pictures) slot.take(await sealed('camera', frame));
    await vi.advanceTimersByTimeAsync(HOLD_MS / 2);
    expect(posted).toEqual([]);
    agree();
    for (const frame of pictures) expect(await slot.next()).toEqual(frame);
    expect(posted).toMatchObject([{ type: 'shown', participant: DOCTOR.participant }]);
    expect(asked).toBe(0);
  });

  it('the picture waits until the page was told of the keys', async () => {
    patient.clear();
    const slot = receiver(PICTURE);
    const whole = picture(true);
    slot.take(await sealed('camera', whole));
    agree();
    await vi.advanceTimersByTimeAsync(HOLD_MS / 2);
    expect(posted).toEqual([]);
    patient.release();
    expect(await slot.next()).toEqual(whole);
  });

  it('what waited for too long is dropped, and a whole picture is asked for', async () => {
    const slot = receiver(PICTURE);
    slot.take(await sealed('camera', picture(true)));
    await vi.advanceTimersByTimeAsync(HOLD_MS);
    slot.take(await sealed('camera', picture(false)));
    await vi.advanceTimersByTimeAsync(1);
    agree();
    expect(asked).toBe(1);
    const late = picture(true);
    slot.take(await sealed('camera', late));
    expect(await slot.next()).toEqual(late);
  });

  it('sound does not wait', async () => {
    const slot = receiver(SOUND);
    slot.take(await sealed('microphone', randomBytes(60)));
    await vi.advanceTimersByTimeAsync(1);
    agree();
    const now = randomBytes(60);
    slot.take(await sealed('microphone', now));
    expect(await slot.next()).toEqual(now);
  });
});
