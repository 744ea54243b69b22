import type { ClientState, Outcome, VisitState } from '@vestibule/client';
import { describe, expect, test } from 'vitest';
import { isComplete, mistakes } from '../src/patient/details.ts';
import { ending } from '../src/patient/ending.ts';
import { queueScene } from '../src/patient/people.ts';
import { patientView } from '../src/patient/view.ts';
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

  test('offers a new visit after a lost connection', () => {
    expect(ending({ type: 'connection_lost' }).restart).toBe(true);
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
