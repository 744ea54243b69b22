import { describe, expect, it } from 'vitest';
import { MlsMember, type MlsGroup } from '../src/crypto/mls.ts';
import { fromUtf8, randomBytes, toHex, utf8 } from '../src/support/bytes.ts';
import { person, roster } from './support/people.ts';

const DOCTOR = person(1, 11);
const PATIENT = person(2, 21);
const PATIENT_AGAIN = person(2, 22);
const COMPANION = person(3, 31);
const EVERYBODY = roster([DOCTOR, PATIENT, PATIENT_AGAIN, COMPANION], [DOCTOR]);
const LABEL = 'SFrame 1.0 Base Key';

async function pair() {
  const doctor = await MlsMember.create(DOCTOR);
  const patient = await MlsMember.create(PATIENT);
  const group = await doctor.begin(randomBytes(20));
  const added = await group.commit([await patient.keyPackage()], []);
  if (added.welcome === null) throw new Error('no Welcome');
  return { doctor: added.next, patient: await patient.join(added.welcome, EVERYBODY) };
}

async function sameEpoch(...groups: MlsGroup[]): Promise<boolean> {
  const views = await Promise.all(
    groups.map(async (group) =>
      [toHex(group.authenticator), toHex(await group.exportSecret(LABEL, 16)), group.epoch].join(),
    ),
  );
  return new Set(views).size === 1;
}

describe('a group', () => {
  it('gives two people the same keys and the same authenticator', async () => {
    const { doctor, patient } = await pair();
    expect(await sameEpoch(doctor, patient)).toBe(true);
    expect(doctor.ownLeaf).toBe(0);
    expect(patient.ownLeaf).toBe(1);
    expect(patient.members).toEqual([
      { leaf: 0, ...DOCTOR },
      { leaf: 1, ...PATIENT },
    ]);
  });

  it('carries messages both ways and says who wrote them', async () => {
    const { doctor, patient } = await pair();
    const asked = await doctor.seal(utf8('how are you?'));
    const heard = await patient.open(asked.message);
    expect(fromUtf8(heard.data)).toBe('how are you?');
    expect(heard.sender).toEqual({ leaf: 0, ...DOCTOR });
    const answered = await heard.group.seal(utf8('better'));
    const read = await asked.group.open(answered.message);
    expect(fromUtf8(read.data)).toBe('better');
    expect(read.sender).toEqual({ leaf: 1, ...PATIENT });
  });

  it('opens no message twice', async () => {
    const { doctor, patient } = await pair();
    const { message } = await doctor.seal(utf8('once'));
    const { group } = await patient.open(message);
    await expect(group.open(message)).rejects.toThrow('invalid');
  });

  it('takes a third member in, and lets one go, with new keys each time', async () => {
    const { doctor, patient } = await pair();
    const companion = await MlsMember.create(COMPANION);
    const joining = await doctor.commit([await companion.keyPackage()], []);
    const patientJoined = await patient.apply(joining.commit, EVERYBODY);
    if (patientJoined === null || joining.welcome === null) throw new Error('not joined');
    const third = await companion.join(joining.welcome, EVERYBODY);
    expect(await sameEpoch(joining.next, patientJoined, third)).toBe(true);
    expect(await sameEpoch(doctor, third)).toBe(false);

    const leaving = await joining.next.commit([], [third.ownLeaf]);
    const patientStays = await patientJoined.apply(leaving.commit, EVERYBODY);
    expect(await third.apply(leaving.commit, EVERYBODY)).toBeNull();
    if (patientStays === null) throw new Error('not there');
    expect(await sameEpoch(leaving.next, patientStays)).toBe(true);
    expect(await sameEpoch(leaving.next, third)).toBe(false);
    const { message } = await leaving.next.seal(utf8('in private'));
    await expect(third.open(message)).rejects.toThrow('future_epoch');
  });

  it('puts a page that returned in the place of the one before, in one commit', async () => {
    const { doctor, patient } = await pair();
    const again = await MlsMember.create(PATIENT_AGAIN);
    const returned = await doctor.commit([await again.keyPackage()], [patient.ownLeaf]);
    if (returned.welcome === null) throw new Error('no Welcome');
    const joined = await again.join(returned.welcome, EVERYBODY);
    expect(await sameEpoch(returned.next, joined)).toBe(true);
    expect(joined.members).toEqual([
      { leaf: 0, ...DOCTOR },
      { leaf: 1, ...PATIENT_AGAIN },
    ]);
    expect(await patient.apply(returned.commit, EVERYBODY)).toBeNull();
  });

  it('still opens what was sealed just before a new epoch', async () => {
    const { doctor, patient } = await pair();
    const { message } = await patient.seal(utf8('late'));
    const { next } = await doctor.commit([], []);
    const { data, sender } = await next.open(message);
    expect(fromUtf8(data)).toBe('late');
    expect(sender).toEqual({ leaf: 1, ...PATIENT });
  });

  it('lets a key package be used once', async () => {
    const doctor = await MlsMember.create(DOCTOR);
    const patient = await MlsMember.create(PATIENT);
    const keyPackage = await patient.keyPackage();
    const welcomes = [];
    for (let i = 0; i < 2; i++) {
      const group = await doctor.begin(randomBytes(20));
      welcomes.push((await group.commit([keyPackage], [])).welcome ?? new Uint8Array());
    }
    const [first, second] = welcomes;
    if (!first || !second) throw new Error('no Welcome');
    await patient.join(first, EVERYBODY);
    await expect(patient.join(second, EVERYBODY)).rejects.toThrow('not_for_us');
  });
});
