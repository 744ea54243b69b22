/** The consultation as a page shows it: the server's word about people, and what was opened here. */

import type { ConsultationState, PersonState } from './contract.ts';
import type { GroupPerson, GroupState } from './crypto/group/ports.ts';
import { keepFields, keepSame } from './support/keep.ts';
import type { ConsultationView, ParticipantView } from './wire.ts';

export interface ConsultationParts {
  readonly view: ConsultationView;
  readonly own: string;
  readonly media: ConsultationState['media'];
  readonly group: GroupState;
  readonly streams: {
    of(participant: string): MediaStream | null;
    incoming(participant: string): MediaStream | null;
  };
}

export function consultationState(parts: ConsultationParts): ConsultationState {
  const { view, group, media } = parts;
  return {
    consultation: view.consultation,
    startedAt: view.started_at,
    people: everybody(view, group).map((entry) => person(entry, parts)),
    media,
    encryption: group.encryption,
    safetyCode: group.safetyCode,
    chat: group.chat,
    doubts: group.doubts,
  };
}

type Person = Omit<ParticipantView, 'instance' | 'key_package'>;

/**
 * Those whom the roster lists, and whoever else can listen: whom the roster left out is shown for as
 * long as the group has them.
 */
function everybody(view: ConsultationView, group: GroupState): Person[] {
  const listed = new Set(view.participants.map(({ participant }) => participant));
  const others = group.people.filter(({ participant }) => !listed.has(participant));
  return [...view.participants, ...others.map(unlisted)];
}

function unlisted(entry: GroupPerson): Person {
  return { ...entry, connected: false, microphone: false, camera: false };
}

function person(entry: Person, { own, streams }: ConsultationParts): PersonState {
  const { participant, role, companion = null, name, connected, microphone, camera } = entry;
  const self = participant === own;
  const stream = self ? null : streams.of(participant);
  const incoming = self ? null : streams.incoming(participant);
  const said = { participant, role, companion, name, self, connected, microphone, camera };
  return { ...said, stream, incoming };
}

/** The state before, where nothing in it changed: pages compare by reference. */
export function keepIfSame(
  before: ConsultationState | null,
  after: ConsultationState | null,
): ConsultationState | null {
  if (before === null || after === null) return after;
  return keepFields(before, { ...after, people: keepSame(before.people, after.people) });
}
