/** The consultation as a page shows it: the server's word about people, and what was opened here. */

import type { ConsultationState, PersonState } from './contract.ts';
import type { GroupState } from './crypto/group/ports.ts';
import type { ConsultationView, ParticipantView } from './wire.ts';

export interface ConsultationParts {
  readonly view: ConsultationView;
  readonly own: string;
  readonly media: ConsultationState['media'];
  readonly group: GroupState;
  streamOf(participant: string): MediaStream | null;
}

export function consultationState(parts: ConsultationParts): ConsultationState {
  const { view, group, media } = parts;
  return {
    consultation: view.consultation,
    startedAt: view.started_at,
    people: view.participants.map((entry) => person(entry, parts)),
    media,
    encryption: group.encryption,
    safetyCode: group.safetyCode,
    chat: group.chat,
  };
}

function person(entry: ParticipantView, { own, streamOf }: ConsultationParts): PersonState {
  const { participant, role, name, connected, microphone, camera } = entry;
  const self = participant === own;
  const stream = self ? null : streamOf(participant);
  return { participant, role, name, self, connected, microphone, camera, stream };
}

/** The state before, where nothing in it changed: pages compare by reference. */
export function keepIfSame(
  before: ConsultationState | null,
  after: ConsultationState | null,
): ConsultationState | null {
  if (before === null || after === null) return after;
  const people = after.people.map((one, index) => same(before.people[index], one));
  const unchanged =
    people.length === before.people.length &&
    people.every((one, index) => one === before.people[index]);
  return same(before, { ...after, people: unchanged ? before.people : people });
}

/** `before` if its fields are those of `after`. */
function same<T extends object>(before: T | undefined, after: T): T {
  if (before === undefined) return after;
  const keys = Object.keys(after) as (keyof T)[];
  return keys.every((key) => Object.is(before[key], after[key])) ? before : after;
}
