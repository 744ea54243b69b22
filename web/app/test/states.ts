/** Small states for tests. */

import type {
  ClientState,
  ConsultationState,
  PersonState,
  VisitState,
  WaitingEntry,
} from '@vestibule/client';

export function state(changes: Partial<ClientState> = {}): ClientState {
  return {
    status: 'online',
    problem: null,
    clockOffset: 0,
    patient: null,
    practitioner: null,
    companion: null,
    besidePractitioner: false,
    media: { state: 'idle', stream: null, microphone: false, camera: false, devices: [] },
    consultation: null,
    ...changes,
  };
}

export function withVisit(
  visit: VisitState | null,
  changes: Partial<ClientState> = {},
): ClientState {
  return state({
    patient: {
      revision: 1,
      card: { clinic: 'C', service: 'S' },
      visit: visit && { visit: 'v', arrived_at: 1000, state: visit },
      leg: null,
      consultation: null,
    },
    ...changes,
  });
}

/** Stands for a stream: nothing in these tests looks inside. */
export const STREAM = {} as MediaStream;

export function person(changes: Partial<PersonState> = {}): PersonState {
  const { stream = STREAM } = changes;
  return {
    participant: 'p',
    role: 'practitioner',
    companion: null,
    name: 'Dr A',
    self: false,
    connected: true,
    microphone: true,
    camera: true,
    stream,
    incoming: stream,
    ...changes,
  };
}

export function consulting(
  changes: Partial<ConsultationState> = {},
  other: Partial<PersonState> = {},
): ClientState {
  return state({
    consultation: {
      consultation: 'c',
      startedAt: 0,
      people: [person({ participant: 'me', self: true, stream: null }), person(other)],
      media: 'connected',
      encryption: 'ready',
      safetyCode: null,
      chat: [],
      doubts: [],
      ...changes,
    },
  });
}

export function waitingEntry(visit: string, changes: Partial<WaitingEntry> = {}): WaitingEntry {
  return { visit, place: 1, name: visit, reason: '', arrived_at: 0, connected: true, ...changes };
}
