/** What the snapshots said about who may be in the group. */

import type { ParticipantView } from '../../wire.ts';
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

  get participants(): readonly ParticipantView[] {
    return this.#participants;
  }

  update(participants: readonly ParticipantView[]): void {
    this.#participants = participants;
    for (const { participant, instance } of participants) {
      if (instance !== null) this.#pages.add(identityText({ participant, instance }));
    }
    for (const oldest of this.#pages) {
      if (this.#pages.size <= PAGES_SEEN) break;
      this.#pages.delete(oldest);
    }
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
