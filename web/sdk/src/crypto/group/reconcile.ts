/** What the committer has to change so that the members are those of the roster. */

import type { ParticipantView } from '../../wire.ts';
import type { Member } from '../identity.ts';

export interface Change {
  /** Leaves that go. */
  readonly remove: readonly number[];
  /** Pages of which a key package is needed. */
  readonly add: readonly string[];
}

/**
 * Compares members with the roster. A page that was replaced keeps its leaf until the new one has a
 * key package: then both change in one commit. Nothing to do gives null.
 */
export function reconcile(
  members: readonly Member[],
  own: string,
  roster: readonly ParticipantView[],
): Change | null {
  const remove: number[] = [];
  const add: string[] = [];
  for (const member of members) {
    if (member.participant === own) continue;
    const entry = roster.find(({ participant }) => participant === member.participant);
    if (entry === undefined || isReplaced(member, entry)) remove.push(member.leaf);
  }
  for (const entry of roster) {
    if (entry.participant === own || entry.instance === null || !entry.key_package) continue;
    const isMember = members.some(({ instance }) => instance === entry.instance);
    if (!isMember) add.push(entry.instance);
  }
  return remove.length + add.length > 0 ? { remove, add } : null;
}

function isReplaced(member: Member, entry: ParticipantView): boolean {
  return entry.instance !== member.instance && entry.instance !== null && entry.key_package;
}
