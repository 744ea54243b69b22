/** What the stage shows: a function of the client's state and of nothing else. */

import type { ClientState, ConsultationState, PersonState } from '@vestibule/client';

/** What stands in place of the picture. */
export type Cover = 'connecting' | 'securing' | 'insecure' | 'waiting' | 'camera_off';

/** What is said over the stage, the most pressing only. */
export type Remark = 'interrupted' | 'away' | 'reconnecting' | 'microphone_off';

export interface Scene {
  readonly other: PersonState | null;
  /** Those who came along, and for them the patient: each has a small picture. */
  readonly company: readonly PersonState[];
  /** Whoever else is there or can listen, and was not expected: never hidden. */
  readonly more: readonly PersonState[];
  /** Null when the picture is to be shown, as soon as there is one. */
  readonly cover: Cover | null;
  readonly remark: Remark | null;
  /**
   * To be played: while it is encrypted, also under the cover of a camera that is off. Before anything was opened it is
   * there as well, and silent: the first frame is seen by an element that waits for it.
   */
  readonly stream: MediaStream | null;
}

/** Those beside oneself, first the one whom a practitioner or anybody else is here for. */
function others(people: readonly PersonState[]): readonly PersonState[] {
  const own = people.find(({ self }) => self)?.role;
  const rest = people.filter(({ self }) => !self);
  const main = own === 'practitioner' ? 'patient' : 'practitioner';
  const first = rest.find(({ role }) => role === main) ?? rest.find(({ role }) => role !== own);
  return first ? [first, ...rest.filter((person) => person !== first)] : rest;
}

/** Those who are expected to be there beside the other: whoever came along, and for them the patient. */
function expected(people: readonly PersonState[]): readonly PersonState[] {
  const accompanies = people.some(({ self, role }) => self && role === 'companion');
  const patient = people.find(({ role }) => role === 'patient');
  return people.filter(
    (person) => person.role === 'companion' || (accompanies && person === patient),
  );
}

function coverOf(consultation: ConsultationState | null, other: PersonState | null): Cover | null {
  if (!consultation) return 'connecting';
  if (consultation.encryption === 'failed') return 'insecure';
  if (other && !other.connected && !other.stream) return 'waiting';
  if (consultation.media === 'connecting') return 'connecting';
  if (consultation.encryption === 'pending') return 'securing';
  if (!other) return 'waiting';
  if (!other.camera) return other.stream || !other.microphone ? 'camera_off' : 'connecting';
  return other.stream ? null : 'connecting';
}

function remarkOf(
  state: ClientState,
  other: PersonState | null,
  cover: Cover | null,
): Remark | null {
  if (state.consultation?.media === 'interrupted') return 'interrupted';
  if (other && !other.connected && cover !== 'waiting') return 'away';
  if (state.status === 'reconnecting') return 'reconnecting';
  const visible = cover === null || cover === 'camera_off';
  return other && visible && !other.microphone ? 'microphone_off' : null;
}

export function scene(state: ClientState): Scene {
  const consultation = state.consultation;
  const people = consultation?.people ?? [];
  const [other = null, ...rest] = others(people);
  const there = expected(people);
  const cover = coverOf(consultation, other);
  return {
    other,
    company: rest.filter((person) => there.includes(person)),
    more: rest.filter((person) => !there.includes(person)),
    cover,
    remark: remarkOf(state, other, cover),
    stream: streamOf(consultation, other),
  };
}

/** What was opened is not played on while it is not sure by whose keys it was. */
function streamOf(
  consultation: ConsultationState | null,
  other: PersonState | null,
): MediaStream | null {
  if (!consultation || consultation.encryption === 'failed') return null;
  const isOfOldKeys = consultation.encryption === 'pending' && other?.stream;
  return isOfOldKeys ? null : (other?.incoming ?? null);
}
