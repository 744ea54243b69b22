import { describe, expect, it } from 'vitest';
import type { ClientState, ConsultationState } from '../src/contract.ts';
import type { GroupState } from '../src/crypto/group/ports.ts';
import { consultationState, keepIfSame } from '../src/people.ts';
import { Store } from '../src/store.ts';
import type { ConsultationView } from '../src/wire.ts';
import { uuid } from './support/people.ts';

const FIRST: ClientState = {
  status: 'opening',
  problem: null,
  clockOffset: 0,
  patient: null,
  practitioner: null,
  companion: null,
  besidePractitioner: false,
  media: { state: 'idle', stream: null, microphone: false, camera: false, devices: [] },
  consultation: null,
};

describe('the store', () => {
  it('tells a newcomer at once, and everybody once for what happens together', async () => {
    const store = new Store(FIRST);
    const seen: ClientState[] = [];
    store.subscribe((state) => seen.push(state));
    store.set({ status: 'online' });
    store.set({ clockOffset: 5 });
    expect(store.state).toMatchObject({ status: 'online', clockOffset: 5 });
    await Promise.resolve();
    expect(seen.map(({ status, clockOffset }) => [status, clockOffset])).toEqual([
      ['opening', 0],
      ['online', 5],
    ]);
  });

  it('changes no state that it handed out, and makes none when nothing changed', async () => {
    const store = new Store(FIRST);
    const before = store.state;
    store.set({ status: 'opening' });
    expect(store.state).toBe(before);
    store.set({ status: 'online' });
    expect(before.status).toBe('opening');
  });

  it('tells nobody who has left', async () => {
    const store = new Store(FIRST);
    const seen: ClientState[] = [];
    const leave = store.subscribe((state) => seen.push(state));
    store.set({ status: 'online' });
    leave();
    await Promise.resolve();
    expect(seen).toHaveLength(1);
  });
});

describe('the consultation', () => {
  const person = (number: number): ConsultationView['participants'][number] => ({
    participant: uuid(number),
    role: number === 1 ? 'practitioner' : 'patient',
    name: `Name ${number}`,
    instance: uuid(10 * number),
    connected: true,
    key_package: false,
    microphone: true,
    camera: true,
  });

  function made(
    change: Partial<ConsultationView> = {},
    people: GroupState['people'] = [],
  ): ConsultationState {
    const participants = [person(1), person(2)];
    const view = { consultation: uuid(9), started_at: 7, participants, group: null, ...change };
    const group = {
      encryption: 'ready',
      safetyCode: null,
      chat: CHAT,
      people,
      doubts: DOUBTS,
    } as const;
    return consultationState({
      view,
      own: uuid(1),
      media: 'connected',
      group,
      streams: { of: () => STREAM, incoming: () => STREAM },
    });
  }
  const CHAT: ConsultationState['chat'] = [];
  const DOUBTS: ConsultationState['doubts'] = [];
  const STREAM = {} as MediaStream;

  it('shows the others, and of oneself only what is said', () => {
    expect(made().people.map(({ self, name, stream }) => [self, name, stream])).toEqual([
      [true, 'Name 1', null],
      [false, 'Name 2', STREAM],
    ]);
  });

  it('shows whoever is in the group, also when the server does not list them', () => {
    const members = [1, 2, 3].map((number) => ({ ...person(number), role: 'patient' as const }));
    const people = made({}, members).people;
    expect(people.map(({ name }) => name)).toEqual(['Name 1', 'Name 2', 'Name 3']);
  });

  it('stays the same object while nothing in it changes', () => {
    const before = made();
    expect(keepIfSame(before, made())).toBe(before);
    const muted = { ...person(2), microphone: false };
    const after = keepIfSame(before, made({ participants: [person(1), muted] }));
    expect(after?.people[0]).toBe(before.people[0]);
    expect(after?.people[1]?.microphone).toBe(false);
    expect(keepIfSame(before, null)).toBeNull();
  });
});
