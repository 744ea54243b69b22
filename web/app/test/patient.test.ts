import type { ClientState, Conclusion, Outcome, VisitState } from '@vestibule/client';
import { describe, expect, test } from 'vitest';
import { isComplete, mistakes } from '../src/patient/details.ts';
import { ending } from '../src/patient/ending.ts';
import { queueScene } from '../src/patient/people.ts';
import { patientView } from '../src/patient/view.ts';
import { hasChoice, languagesOf, optionGroups, sameWish, wishIn } from '../src/patient/wish.ts';
import { state, withVisit } from './states.ts';

const waiting: VisitState = { type: 'waiting', place: 3 };
const ended = (outcome: Outcome): VisitState => ({ type: 'ended', outcome, at: 1 });

describe('the patient’s view', () => {
  test('is opening until the first snapshot', () => {
    expect(patientView(state({ status: 'opening' })).kind).toBe('opening');
  });

  test('is arriving while there is no visit', () => {
    expect(patientView(withVisit(null)).kind).toBe('arriving');
  });

  test('is the waiting room with the place', () => {
    expect(patientView(withVisit(waiting))).toMatchObject({ kind: 'waiting', place: 3 });
  });

  test('stays what it was while the connection is lost', () => {
    const lost = withVisit(waiting, { status: 'reconnecting' });
    expect(patientView(lost)).toMatchObject({ kind: 'waiting', place: 3 });
  });

  test('is the consultation from admission on', () => {
    const admitted = withVisit({ type: 'in_consultation', consultation: 'c' });
    expect(patientView(admitted).kind).toBe('consultation');
  });

  test('is calm and keeps the place while the consultation is on hold', () => {
    expect(patientView(withVisit({ type: 'on_hold', consultation: 'c' })).kind).toBe('held');
  });

  test('is first in the waiting room once called', () => {
    expect(patientView(withVisit({ type: 'called' }))).toMatchObject({ kind: 'waiting', place: 1 });
  });

  test('gives way when the page is open elsewhere', () => {
    expect(patientView(withVisit(waiting, { status: 'replaced' })).kind).toBe('replaced');
  });

  test.each(['online', 'ended', 'refused', 'replaced'] as const)(
    'tells how the visit ended, also when the session is %s',
    (status) => {
      const over = withVisit(ended({ type: 'completed' }), { status });
      expect(patientView(over)).toEqual({ kind: 'ended', outcome: { type: 'completed' } });
    },
  );

  test('tells the problem of a refused link', () => {
    const refused: Partial<ClientState> = {
      status: 'refused',
      problem: { code: 'token_expired', retryable: false },
    };
    expect(patientView(state(refused))).toMatchObject({ problem: { code: 'token_expired' } });
  });
});

describe('an ending', () => {
  test('shows 112 for an emergency, and nothing to restart', () => {
    const end = ending({ type: 'declined', reason: 'emergency', message: ' Go. ' });
    expect(end).toMatchObject({ emergency: true, restart: false, words: 'Go.' });
  });

  test('says where to go next when that was concluded', () => {
    const end = (conclusion?: Conclusion) =>
      ending({ type: 'completed', ...(conclusion && { conclusion }) });
    expect(end('sent_to_emergency')).toMatchObject({ emergency: true, restart: false });
    expect(end('in_person_needed')).toMatchObject({ emergency: false, restart: false });
    expect(end('done')).toEqual(end());
  });

  test('offers a new visit after a lost connection', () => {
    expect(ending({ type: 'connection_lost' }).restart).toBe(true);
  });

  test('of an appointment sends to the clinic for another one, which a link cannot make', () => {
    for (const type of ['connection_lost', 'no_show', 'left'] as const) {
      expect(ending({ type }, true).restart).toBe(false);
    }
    expect(ending({ type: 'connection_lost' }, true).text).toBe('ended.lost.appointment.text');
    expect(ending({ type: 'no_show' }, true).text).toBe('ended.no_show.appointment.text');
  });
});

describe('the choice of whom to see', () => {
  const practitioners = [
    { practitioner: 'p1', name: 'Dr A', on_duty: true },
    { practitioner: 'p2', name: 'Dr B', on_duty: false },
  ];
  const service = { service: 's', name: 'S', price: '', reimbursement: '', languages: [] };

  test('is there only when there is more than one way', () => {
    expect(hasChoice([])).toBe(false);
    expect(hasChoice([{ ...service, practitioners: practitioners.slice(0, 1) }])).toBe(false);
    expect(hasChoice([{ ...service, practitioners }])).toBe(true);
  });

  test('begins with whoever is free next, and names those who are not on duty too', () => {
    const [group] = optionGroups([{ ...service, practitioners }]);
    expect(group?.options.map(({ wish, name, onDuty }) => [wish, name, onDuty])).toEqual([
      [{ service: 's' }, null, true],
      [{ service: 's', practitioner: 'p1' }, 'Dr A', true],
      [{ service: 's', practitioner: 'p2' }, 'Dr B', false],
    ]);
  });

  test('offers one’s regular practitioner before the others, and asks for them as that', () => {
    const regular = { practitioner: 'p2', name: 'Dr B' };
    const other = { ...service, service: 'o', practitioners: practitioners.slice(0, 1) };
    const [group, without] = optionGroups([{ ...service, practitioners }, other], regular);
    expect(group?.options.map(({ wish, name, onDuty }) => [wish, name, onDuty])).toEqual([
      [{ service: 's' }, null, true],
      [{ service: 's', regular: true }, 'Dr B', false],
      [{ service: 's', practitioner: 'p1' }, 'Dr A', true],
    ]);
    expect(without?.options.some(({ wish }) => wish.regular)).toBe(false);
    expect(sameWish({ service: 's', regular: true }, { service: 's' })).toBe(false);
  });
});

describe('the choice of a language', () => {
  const service = {
    service: 's',
    name: 'S',
    price: '',
    reimbursement: '',
    languages: ['de', 'fr'],
    practitioners: [],
  };

  test('is there where a service has several and nobody is named', () => {
    expect(languagesOf([service], undefined)).toEqual(['de', 'fr']);
    expect(languagesOf([service], { service: 's', practitioner: 'p1' })).toEqual([]);
    expect(languagesOf([{ ...service, languages: ['fr'] }], undefined)).toEqual([]);
    expect(languagesOf([], undefined)).toEqual([]);
    const other = { ...service, service: 'o', languages: ['nl'] };
    expect(languagesOf([service, other], { service: 'o' })).toEqual([]);
  });

  test('is added to what was wished for, and taken back', () => {
    expect(wishIn(undefined, 'de')).toEqual({ language: 'de' });
    expect(wishIn({ service: 's', language: 'de' }, 'fr')).toEqual({
      service: 's',
      language: 'fr',
    });
    expect(wishIn({ service: 's', language: 'de' }, undefined)).toEqual({ service: 's' });
  });
});

describe('the form', () => {
  test('wants a name and nothing else', () => {
    expect(isComplete({ name: ' Ada ', reason: '' })).toBe(true);
    expect(mistakes({ name: '  ', reason: '' }).name).toBe('missing');
  });

  test('counts as the server does', () => {
    expect(isComplete({ name: '\u{1F600}'.repeat(100), reason: 'x'.repeat(500) })).toBe(true);
    expect(mistakes({ name: 'x'.repeat(101), reason: 'x'.repeat(503) })).toEqual({
      name: 'long',
      reason: 3,
    });
  });
});

describe('the picture of the queue', () => {
  test('draws the patient alone when they are next', () => {
    expect(queueScene(1)).toEqual({ figures: [{ ahead: 0, place: 1 }], more: false });
  });

  test('draws everybody ahead up to five', () => {
    expect(queueScene(6).figures).toHaveLength(6);
    expect(queueScene(6).more).toBe(false);
  });

  test('says that there are more, and still draws the patient last', () => {
    const scene = queueScene(14);
    expect(scene.more).toBe(true);
    expect(scene.figures[0]).toEqual({ ahead: 0, place: 6 });
  });
});
