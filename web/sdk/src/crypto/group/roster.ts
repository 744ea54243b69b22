/** What the snapshots said about who may be in the group. */

import type { ParticipantView } from '../../wire.ts';
import type { GroupPerson } from './ports.ts';
import { identityText, type Identity } from '../identity.ts';
import { PAGES_SEEN } from '../limits.ts';
import type { Roster } from '../policy.ts';

/**
 * A member must be a participant of the present roster, by a page that the roster has named: the
 * present one, or one before it whose leaf is about to be replaced.
 */
export class RosterBook implements Roster {
  #participants: readonly ParticipantView[] = [];
  readonly #pages = new Set<string>();
  /** As the roster named them last, also those whom it does not list any more. */
  readonly #people = new Map<string, GroupPerson>();

  get participants(): readonly ParticipantView[] {
    return this.#participants;
  }

  update(participants: readonly ParticipantView[]): void {
    this.#participants = participants;
    for (const { participant, instance, role, name } of participants) {
      this.#people.delete(participant);
      this.#people.set(participant, { participant, role, name });
      if (instance !== null) this.#pages.add(identityText({ participant, instance }));
    }
    forgetOldest(this.#pages);
    forgetOldest(this.#people);
  }

  /** Those whom the roster lists, and these, by the names that they had. */
  with(members: readonly Identity[]): GroupPerson[] {
    const listed = this.#participants.map(({ participant }) => participant);
    const all = new Set([...listed, ...members.map(({ participant }) => participant)]);
    return [...all].flatMap((participant) => this.#people.get(participant) ?? []);
  }

  find(participant: string): ParticipantView | undefined {
    return this.#participants.find((entry) => entry.participant === participant);
  }

  /** The present page of its participant. */
  isCurrent({ participant, instance }: Identity): boolean {
    return this.find(participant)?.instance === instance;
  }

  admits(identity: Identity): boolean {
    return this.find(identity.participant) !== undefined && this.#pages.has(identityText(identity));
  }

  mayCommit(identity: Identity): boolean {
    return this.admits(identity) && this.find(identity.participant)?.role === 'practitioner';
  }
}

function forgetOldest(kept: Pick<Map<string, unknown>, 'size' | 'keys' | 'delete'>): void {
  for (const oldest of kept.keys()) {
    if (kept.size <= PAGES_SEEN) break;
    kept.delete(oldest);
  }
}
