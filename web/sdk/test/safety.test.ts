import { describe, expect, it } from 'vitest';
import { SafetyRound, type SafetyStatus } from '../src/crypto/group/safety.ts';
import { randomBytes, toHex, type Bytes } from '../src/support/bytes.ts';

const DOCTOR = 0;
const PATIENT = 1;

function member(authenticator: Bytes, leaf: number, leaves = [0, 1], nonce = randomBytes(32)) {
  return new SafetyRound(authenticator, leaves, leaf, nonce);
}

function code(status: SafetyStatus): string | null {
  return status.state === 'done' ? status.code.long : null;
}

/** Runs the exchange between honest members of one group. */
async function exchange(members: readonly SafetyRound[]): Promise<void> {
  const commitments = await Promise.all(members.map((one) => one.commitment()));
  members.forEach((one) => commitments.forEach((it, leaf) => one.committed(leaf, it)));
  const nonces = members.map((one) => one.reveal());
  for (const one of members) {
    for (const [leaf, nonce] of nonces.entries())
      await one.revealed(leaf, nonce ?? randomBytes(32));
  }
}

describe('the safety code', () => {
  it('is the same for all who are in one group', async () => {
    const authenticator = randomBytes(32);
    const members = [0, 1, 2].map((leaf) => member(authenticator, leaf, [0, 1, 2]));
    await exchange(members);
    const codes = members.map(({ status }) => code(status));
    expect(codes[0]).not.toBeNull();
    expect(new Set(codes).size).toBe(1);
  });

  it('is another each time, also for one authenticator', async () => {
    const authenticator = randomBytes(32);
    const codes = new Set<string | null>();
    for (let i = 0; i < 5; i++) {
      const members = [0, 1].map((leaf) => member(authenticator, leaf));
      await exchange(members);
      codes.add(code(members[0]?.status ?? { state: 'pending' }));
    }
    expect(codes.size).toBe(5);
  });

  it('comes out as this for these nonces, in every implementation', async () => {
    const authenticator = new Uint8Array(32).fill(7);
    const members = [0, 1].map((leaf) =>
      member(authenticator, leaf, [0, 1], new Uint8Array(32).fill(leaf + 1)),
    );
    expect(toHex((await members[1]?.commitment()) ?? randomBytes(1))).toMatchInlineSnapshot(
      `"0ced420217bd9deac6868d288140d1f6090e13df63ac1a40353777ffb6cd41d9"`,
    );
    await exchange(members);
    expect(members[0]?.status).toMatchInlineSnapshot(`
      {
        "code": {
          "digits": "775 896",
          "long": "06637 42789 56615 32025 24774 36138",
        },
        "state": "done",
      }
    `);
  });
});

describe('somebody in between', () => {
  /** One of two people, in a group that holds the attacker in the other's place. */
  async function victim(leaf: number) {
    const authenticator = randomBytes(32);
    const round = member(authenticator, leaf);
    const commitment = await round.commitment();
    const other = leaf === DOCTOR ? PATIENT : DOCTOR;
    /** The attacker is a member of this group: it knows the authenticator. */
    const bind = (nonce: Bytes) => member(authenticator, other, [0, 1], nonce).commitment();
    return { round, commitment, other, bind };
  }

  it('who keeps to the rules on both sides makes two codes', async () => {
    const codes = [];
    for (const { round, other, bind } of [await victim(DOCTOR), await victim(PATIENT)]) {
      const nonce = randomBytes(32);
      round.committed(other, await bind(nonce));
      expect(round.reveal()).not.toBeNull();
      await round.revealed(other, nonce);
      codes.push(code(round.status));
    }
    expect(codes[0]).not.toBeNull();
    expect(codes[1]).not.toBeNull();
    expect(codes[0]).not.toBe(codes[1]);
  });

  it('who passes on what each says is found out: a commitment names its group', async () => {
    const doctor = await victim(DOCTOR);
    const patient = await victim(PATIENT);
    patient.round.committed(DOCTOR, doctor.commitment);
    doctor.round.committed(PATIENT, patient.commitment);
    const nonces = [doctor.round.reveal(), patient.round.reveal()] as const;
    if (nonces[0] === null || nonces[1] === null) throw new Error('not revealed');
    await patient.round.revealed(DOCTOR, nonces[0]);
    await doctor.round.revealed(PATIENT, nonces[1]);
    expect(doctor.round.status.state).toBe('broken');
    expect(patient.round.status.state).toBe('broken');
  });

  it('cannot choose a nonce after having seen the other', async () => {
    const { round, other, bind } = await victim(DOCTOR);
    round.committed(other, await bind(randomBytes(32)));
    const seen = round.reveal();
    expect(seen).not.toBeNull();
    const chosen = randomBytes(32);
    round.committed(other, await bind(chosen));
    await round.revealed(other, chosen);
    expect(round.status.state).toBe('broken');
  });

  it('hears no nonce before it is bound', async () => {
    const { round, other } = await victim(DOCTOR);
    expect(round.reveal()).toBeNull();
    await round.revealed(other, randomBytes(32));
    expect(round.status.state).toBe('pending');
    expect(round.reveal()).toBeNull();
  });

  it('cannot speak for a leaf that is not there, nor for the own one', async () => {
    const { round, commitment } = await victim(DOCTOR);
    round.committed(7, commitment);
    round.committed(DOCTOR, randomBytes(32));
    expect(round.reveal()).toBeNull();
  });
});
