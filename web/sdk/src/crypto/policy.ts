/**
 * What our groups accept beyond RFC 9420. The library takes a stranger's external commit, any
 * member's proposals and any basic credential; none of that is allowed here.
 */

import type { IncomingMessageCallback } from 'ts-mls';
import type { Identity, Member } from './identity.ts';

/** Who began the group: the practitioner's page, the only one that commits. It never moves. */
export const COMMITTER_LEAF = 0;

/** What the roster of the consultation says about an identity. */
export interface Roster {
  /** May hold a leaf. */
  admits(identity: Identity): boolean;
  /** May begin a group and change it. */
  mayCommit(identity: Identity): boolean;
}

export type Rejection =
  | 'unreadable'
  | 'wire_format'
  | 'wrong_group'
  | 'old_epoch'
  | 'future_epoch'
  | 'external'
  | 'not_the_committer'
  | 'proposal'
  | 'credential'
  | 'not_in_roster'
  | 'duplicate_member'
  | 'committer_changed'
  | 'extension'
  | 'invalid'
  | 'not_for_us';

/** A message that was not taken. The group is as it was before. */
export class Rejected extends Error {
  readonly reason: Rejection;

  constructor(reason: Rejection) {
    super(reason);
    this.name = 'Rejected';
    this.reason = reason;
  }
}

export type Verdict = Rejection | 'removes_us' | null;

/**
 * Takes commits of the committer alone, with nothing in them but additions and removals of its own.
 * A commit that removes the own leaf is not followed either: its keys are not for us, and the
 * library does not notice when the leaf is given to another in the same commit.
 */
export function commitRule(
  ownLeaf: number,
  report: (verdict: Exclude<Verdict, null>) => void,
): IncomingMessageCallback {
  return (incoming) => {
    const verdict = incoming.kind === 'proposal' ? 'proposal' : judge(incoming, ownLeaf);
    if (verdict === null) return 'accept';
    report(verdict);
    return 'reject';
  };
}

type IncomingCommit = Extract<Parameters<IncomingMessageCallback>[0], { kind: 'commit' }>;

function judge({ senderLeafIndex, proposals }: IncomingCommit, ownLeaf: number): Verdict {
  if (senderLeafIndex === undefined) return 'external';
  if (senderLeafIndex !== COMMITTER_LEAF) return 'not_the_committer';
  const plain = proposals.every(
    ({ proposal, senderLeafIndex: proposer }) =>
      proposer === COMMITTER_LEAF &&
      (proposal.proposalType === 'add' || proposal.proposalType === 'remove'),
  );
  if (!plain) return 'proposal';
  const gone = proposals.some(
    ({ proposal }) => proposal.proposalType === 'remove' && proposal.remove.removed === ownLeaf,
  );
  return gone ? 'removes_us' : null;
}

/** Checks a new epoch's members against the roster. */
export function checkMembers(members: readonly Member[], roster: Roster): void {
  if (!members.every((member) => roster.admits(member))) throw new Rejected('not_in_roster');
  const participants = new Set(members.map(({ participant }) => participant));
  if (participants.size !== members.length) throw new Rejected('duplicate_member');
  const committer = members.find(({ leaf }) => leaf === COMMITTER_LEAF);
  if (committer === undefined || !roster.mayCommit(committer)) {
    throw new Rejected('not_the_committer');
  }
}
