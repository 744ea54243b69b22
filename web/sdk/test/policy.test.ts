/**
 * Each attack is shown to two members: Bystander runs the library with its defaults and takes it,
 * Patient runs ours and refuses. What Bystander takes, only our policy keeps out.
 */

import { beforeEach, describe, expect, it } from 'vitest';
import type { Proposal } from 'ts-mls';
import {
  createGroupInfoWithExternalPubAndRatchetTree,
  joinGroupExternal,
} from 'ts-mls/createCommit.js';
import { createProposal } from 'ts-mls/createMessage.js';
import { encodeIdentity } from '../src/crypto/identity.ts';
import { MlsMember, type MlsGroup } from '../src/crypto/mls.ts';
import { commitRule, type Rejection, type Verdict } from '../src/crypto/policy.ts';
import { randomBytes, type Bytes } from '../src/support/bytes.ts';
import { encode, LibraryMember } from './support/library.ts';
import { person, roster } from './support/people.ts';

const DOCTOR = person(1, 11);
const PATIENT = person(2, 21);
const BYSTANDER = person(3, 31);
const COLLEAGUE = person(4, 41);
const STRANGER = person(9, 91);
const ROSTER = roster([DOCTOR, PATIENT, BYSTANDER, COLLEAGUE], [DOCTOR, COLLEAGUE]);

let doctor: LibraryMember;
let bystander: LibraryMember;
let patient: MlsGroup;

beforeEach(async () => {
  doctor = await LibraryMember.create(DOCTOR);
  bystander = await LibraryMember.create(BYSTANDER);
  const member = await MlsMember.create(PATIENT);
  await doctor.begin(randomBytes(20));
  const { welcome } = await doctor.commit([
    doctor.add(await member.keyPackage()),
    doctor.add(bystander.keyPackage),
  ]);
  if (welcome === null) throw new Error('no Welcome');
  patient = await member.join(welcome, ROSTER);
  await bystander.join(welcome);
});

/** The library moves to the next epoch by this commit; our group refuses it for this reason. */
async function onlyThePolicyRefuses(commit: Bytes, reason: Rejection): Promise<void> {
  const before = bystander.epoch;
  await bystander.process(commit);
  expect(bystander.epoch).toBe(before + 1);
  await expect(patient.apply(commit, ROSTER)).rejects.toThrow(reason);
  expect(patient.epoch).toBe(before);
}

describe('a commit that the library takes and we do not', () => {
  it('comes from outside the group', async () => {
    const stranger = await LibraryMember.create(STRANGER);
    const { suite } = stranger;
    const info = await createGroupInfoWithExternalPubAndRatchetTree(doctor.joined, [], suite);
    const { publicPackage, privatePackage } = stranger.package;
    const { publicMessage } = await joinGroupExternal(
      info,
      publicPackage,
      privatePackage,
      false,
      suite,
    );
    const commit = encode({ version: 'mls10', wireformat: 'mls_public_message', publicMessage });
    await onlyThePolicyRefuses(commit, 'wire_format');
  });

  it('comes from a member who did not begin the group', async () => {
    const colleague = await LibraryMember.create(COLLEAGUE);
    const { commit } = await bystander.commit([bystander.add(colleague.keyPackage)]);
    await doctor.process(commit);
    expect(doctor.epoch).toBe(bystander.epoch);
    await expect(patient.apply(commit, ROSTER)).rejects.toThrow('not_the_committer');
  });

  it('is a public message', async () => {
    const { commit } = await doctor.commit([], { wireAsPublicMessage: true });
    await onlyThePolicyRefuses(commit, 'wire_format');
  });

  it('adds somebody who is not in the roster', async () => {
    const stranger = await LibraryMember.create(STRANGER);
    const { commit } = await doctor.commit([doctor.add(stranger.keyPackage)]);
    await onlyThePolicyRefuses(commit, 'not_in_roster');
  });

  it('adds another page of somebody who is there', async () => {
    const people = [DOCTOR, PATIENT, BYSTANDER, person(2, 99)];
    const second = await LibraryMember.create(person(2, 99));
    const { commit } = await doctor.commit([doctor.add(second.keyPackage)]);
    await bystander.process(commit);
    expect(bystander.epoch).toBe(doctor.epoch);
    const refused = patient.apply(commit, roster(people, [DOCTOR]));
    await expect(refused).rejects.toThrow('duplicate_member');
  });

  it('adds a leaf with an unknown credential', async () => {
    const nameless = { credentialType: 'basic', identity: randomBytes(16) } as const;
    const odd = await LibraryMember.create(nameless);
    const { commit } = await doctor.commit([doctor.add(odd.keyPackage)]);
    await onlyThePolicyRefuses(commit, 'invalid');
  });

  it('changes more than the members', async () => {
    const proposal: Proposal = {
      proposalType: 'group_context_extensions',
      groupContextExtensions: { extensions: [] },
    };
    const { commit } = await doctor.commit([proposal]);
    await onlyThePolicyRefuses(commit, 'proposal');
  });

  it('puts another name on the committer', async () => {
    const { joined } = doctor;
    const [own] = joined.ratchetTree;
    if (own?.nodeType !== 'leaf') throw new Error('no leaf');
    const credential = { credentialType: 'basic', identity: encodeIdentity(COLLEAGUE) } as const;
    const renamed = { nodeType: 'leaf', leaf: { ...own.leaf, credential } } as const;
    doctor.state = { ...joined, ratchetTree: joined.ratchetTree.with(0, renamed) };
    const { commit } = await doctor.commit([]);
    await onlyThePolicyRefuses(commit, 'committer_changed');
  });
});

describe('other messages', () => {
  it('a proposal is refused, whoever makes it', async () => {
    const leaving: Proposal = { proposalType: 'remove', remove: { removed: 0 } };
    const { message } = await createProposal(bystander.joined, false, leaving, bystander.suite);
    const proposal = encode(message);
    await doctor.process(proposal);
    expect(Object.keys(doctor.joined.unappliedProposals)).toHaveLength(1);
    await expect(patient.apply(proposal, ROSTER)).rejects.toThrow('wire_format');
    await expect(patient.open(proposal)).rejects.toThrow('wire_format');
  });

  it('a message is refused where another kind is due', async () => {
    const said = await doctor.say('hello');
    await expect(patient.apply(said, ROSTER)).rejects.toThrow('wire_format');
    const { commit } = await doctor.commit([]);
    await expect(patient.open(commit)).rejects.toThrow('wire_format');
  });

  it('bytes that are no message, and bytes after one, are refused', async () => {
    const said = await doctor.say('hello');
    await expect(patient.open(randomBytes(80))).rejects.toThrow('unreadable');
    await expect(patient.open(new Uint8Array())).rejects.toThrow('unreadable');
    await expect(patient.open(new Uint8Array([...said, 0]))).rejects.toThrow('unreadable');
  });

  it('messages of another group or a later epoch are refused', async () => {
    const other = await LibraryMember.create(DOCTOR);
    await other.begin(randomBytes(20));
    await expect(patient.open(await other.say('hello'))).rejects.toThrow('wrong_group');
    await doctor.commit([]);
    await expect(patient.open(await doctor.say('hello'))).rejects.toThrow('future_epoch');
    const { commit } = await doctor.commit([]);
    await expect(patient.apply(commit, ROSTER)).rejects.toThrow('future_epoch');
  });

  it('a changed commit is refused and the true one still taken', async () => {
    const { commit } = await doctor.commit([]);
    const changed = commit.slice();
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    await expect(patient.apply(changed, ROSTER)).rejects.toThrow('invalid');
    expect((await patient.apply(commit, ROSTER))?.epoch).toBe(2);
  });
});

describe('a Welcome', () => {
  async function invited(): Promise<{ member: MlsMember; other: LibraryMember; add: Bytes }> {
    const member = await MlsMember.create(COLLEAGUE);
    const other = await LibraryMember.create(COLLEAGUE);
    return { member, other, add: await member.keyPackage() };
  }

  it('of a member who did not begin the group is refused', async () => {
    const { member, other, add } = await invited();
    const both = [bystander.add(add), bystander.add(other.keyPackage)];
    const { welcome } = await bystander.commit(both);
    if (welcome === null) throw new Error('no Welcome');
    await other.join(welcome);
    expect(other.epoch).toBe(bystander.epoch);
    await expect(member.join(welcome, ROSTER)).rejects.toThrow('not_the_committer');
  });

  it('of somebody who may not commit is refused', async () => {
    const { member, add } = await invited();
    const { welcome } = await doctor.commit([doctor.add(add)]);
    if (welcome === null) throw new Error('no Welcome');
    const nobody = roster([DOCTOR, PATIENT, BYSTANDER, COLLEAGUE], []);
    await expect(member.join(welcome, nobody)).rejects.toThrow('not_the_committer');
    expect((await member.join(welcome, ROSTER)).epoch).toBe(doctor.epoch);
  });

  it('into a group with somebody who is not in the roster is refused', async () => {
    const { member, other, add } = await invited();
    const stranger = await LibraryMember.create(STRANGER);
    const all = [add, stranger.keyPackage, other.keyPackage].map((it) => doctor.add(it));
    const { welcome } = await doctor.commit(all);
    if (welcome === null) throw new Error('no Welcome');
    await other.join(welcome);
    expect(other.epoch).toBe(doctor.epoch);
    await expect(member.join(welcome, ROSTER)).rejects.toThrow('not_in_roster');
  });
});

describe('the rule for commits', () => {
  const judge = (...[incoming]: Parameters<ReturnType<typeof commitRule>>): Verdict => {
    let verdict: Verdict = null;
    commitRule(1, (given) => (verdict = given))(incoming);
    return verdict;
  };
  const remove: Proposal = { proposalType: 'remove', remove: { removed: 2 } };

  it('takes what the committer itself proposes', () => {
    const proposals = [{ proposal: remove, senderLeafIndex: 0 }];
    expect(judge({ kind: 'commit', senderLeafIndex: 0 as never, proposals })).toBeNull();
  });

  it('refuses external commits and the proposals of others, whatever their wire format', () => {
    expect(judge({ kind: 'commit', senderLeafIndex: undefined, proposals: [] })).toBe('external');
    const proposals = [{ proposal: remove, senderLeafIndex: 1 }];
    expect(judge({ kind: 'commit', senderLeafIndex: 0 as never, proposals })).toBe('proposal');
    const proposal = { proposal: remove, senderLeafIndex: 0 };
    expect(judge({ kind: 'proposal', proposal })).toBe('proposal');
  });

  it('notices that the own leaf goes', () => {
    const proposal: Proposal = { proposalType: 'remove', remove: { removed: 1 } };
    const proposals = [{ proposal, senderLeafIndex: 0 }];
    expect(judge({ kind: 'commit', senderLeafIndex: 0 as never, proposals })).toBe('removes_us');
  });
});
