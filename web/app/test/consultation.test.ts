import type { ChatEntry } from '@vestibule/client';
import { describe, expect, test } from 'vitest';
import { received, sendable } from '../src/consultation/chat.ts';
import { standing } from '../src/consultation/comparison.ts';
import { scene } from '../src/consultation/scene.ts';
import { shortcutOf } from '../src/consultation/shortcuts.ts';
import { STREAM, consulting, person, state } from './states.ts';

describe('the stage', () => {
  test('shows the picture when it is encrypted and there is one', () => {
    expect(scene(consulting())).toMatchObject({ cover: null, stream: STREAM, remark: null });
  });

  test.each(['pending', 'failed'] as const)(
    'plays and shows nothing while encryption is %s, even with a stream at hand',
    (encryption) => {
      const shown = scene(consulting({ encryption }));
      expect(shown.stream).toBeNull();
      expect(shown.cover).not.toBeNull();
    },
  );

  test.each(['pending', 'ready'] as const)(
    'waits for the first frame with an element while encryption is %s',
    (encryption) => {
      const shown = scene(consulting({ encryption }, { stream: null, incoming: STREAM }));
      expect(shown.stream).toBe(STREAM);
      expect(shown.cover).not.toBeNull();
    },
  );

  test('has no element where encryption failed', () => {
    const nothing = { stream: null, incoming: STREAM };
    expect(scene(consulting({ encryption: 'failed' }, nothing)).stream).toBeNull();
  });

  test('says that it is being secured, and that it could not be', () => {
    expect(scene(consulting({ encryption: 'pending' })).cover).toBe('securing');
    expect(scene(consulting({ encryption: 'failed' })).cover).toBe('insecure');
  });

  test('is connecting before anything is known', () => {
    expect(scene(state())).toMatchObject({ cover: 'connecting', stream: null });
  });

  test('plays the sound on when the other’s camera is off', () => {
    expect(scene(consulting({}, { camera: false }))).toMatchObject({
      cover: 'camera_off',
      stream: STREAM,
    });
  });

  test('keeps the picture and says that the other is away', () => {
    expect(scene(consulting({}, { connected: false }))).toMatchObject({
      cover: null,
      remark: 'away',
    });
  });

  test('waits for somebody who is away and has no picture yet', () => {
    const shown = scene(consulting({ encryption: 'pending' }, { connected: false, stream: null }));
    expect(shown).toMatchObject({ cover: 'waiting', remark: null });
  });

  test('puts the interrupted media before anything else that could be said', () => {
    const shown = scene(consulting({ media: 'interrupted' }, { connected: false }));
    expect(shown.remark).toBe('interrupted');
  });

  test('tells everybody else who is there, in whatever order the server lists them', () => {
    const me = person({ participant: 'me', role: 'patient', self: true });
    const doctor = person({ participant: 'd', role: 'practitioner', name: 'Dr A' });
    const third = person({ participant: 't', role: 'patient', name: 'X' });
    for (const people of [
      [me, doctor, third],
      [third, me, doctor],
    ]) {
      const shown = scene(consulting({ people }));
      expect(shown.other?.name).toBe('Dr A');
      expect(shown.more.map(({ name }) => name)).toEqual(['X']);
    }
    expect(scene(consulting()).more).toEqual([]);
  });

  test('has a small picture for whoever came along, and for them one of the patient', () => {
    const patient = person({ participant: 'p', role: 'patient', name: 'Ada' });
    const doctor = person({ participant: 'd', role: 'practitioner', name: 'Dr A' });
    const companion = (name: string) =>
      person({ participant: name, role: 'companion', companion: 'interpreter', name });
    const people = [patient, doctor, companion('Sofie'), companion('Noor')];
    const seenBy = (participant: string) => {
      const all = people.map((one) => ({ ...one, self: one.participant === participant }));
      const { other, company, more } = scene(consulting({ people: all }));
      return [other?.name, company.map(({ name }) => name), more.map(({ name }) => name)];
    };
    expect(seenBy('p')).toEqual(['Dr A', ['Sofie', 'Noor'], []]);
    expect(seenBy('d')).toEqual(['Ada', ['Sofie', 'Noor'], []]);
    expect(seenBy('Sofie')).toEqual(['Dr A', ['Ada', 'Noor'], []]);
  });

  test('says that the other is muted', () => {
    expect(scene(consulting({}, { microphone: false })).remark).toBe('microphone_off');
  });
});

describe('comparing the safety code', () => {
  test('is asked for each new code', () => {
    const judged = { code: '111 111', verdict: 'same' } as const;
    expect(standing('111 111', judged)).toBe('same');
    expect(standing('222 222', judged)).toBe('ask');
  });

  test('has nothing to ask without a code', () => {
    expect(standing(null, null)).toBe('none');
  });
});

describe('the chat', () => {
  const entry = (mine: boolean): ChatEntry => ({
    id: 'e',
    from: 'p',
    mine,
    text: 't',
    at: 0,
    state: 'sent',
    handedBy: null,
  });

  test('counts what the others wrote', () => {
    expect(received([entry(true), entry(false), entry(false)])).toBe(2);
  });

  test('sends some text, and not a book', () => {
    expect(sendable('  ')).toBe(false);
    expect(sendable('hello')).toBe(true);
    expect(sendable('x'.repeat(2001))).toBe(false);
  });
});

describe('a shortcut', () => {
  const press = (key: string, changes = {}) =>
    shortcutOf({
      key,
      ctrlKey: false,
      metaKey: false,
      altKey: false,
      repeat: false,
      ...changes,
    });

  test('is a single key, large or small', () => {
    expect(press('m')).toBe('microphone');
    expect(press('V')).toBe('camera');
    expect(press('?')).toBe('help');
    expect(press('x')).toBeNull();
  });

  test('is nothing with a modifier, and does not repeat', () => {
    expect(press('m', { ctrlKey: true })).toBeNull();
    expect(press('m', { metaKey: true })).toBeNull();
    expect(press('m', { repeat: true })).toBeNull();
  });
});
