import { describe, expect, test } from 'vitest';
import { entryFacts } from '../src/console/facts.ts';
import { callingFailure, handingFailure } from '../src/console/handing.ts';
import { heldLater, missedLater } from '../src/console/later.ts';
import { needsReason, passedBy, reasonsFor } from '../src/console/overtaking.ts';
import { arrivals, waited } from '../src/console/queue.ts';
import { notAdmitted } from '../src/console/shielded.ts';
import { consoleView } from '../src/console/view.ts';
import { browserFamily } from '../src/devices/browser.ts';
import { deviceChoices } from '../src/devices/choices.ts';
import { fixtureClient } from '../src/gallery/client.ts';
import type { I18n } from '../src/i18n/i18n.svelte.ts';
import { problemKind } from '../src/problems/problem.ts';
import { state, waitingEntry } from './states.ts';

describe('arrivals', () => {
  test('nobody is new to a page that has just opened', () => {
    expect(arrivals(null, [waitingEntry('a')])).toEqual([]);
  });

  test('are those who were not there before, whatever their place', () => {
    const before = [waitingEntry('a'), waitingEntry('b', { place: 2 })];
    const now = [waitingEntry('b'), waitingEntry('c', { place: 2 })];
    expect(arrivals(before, now).map((entry) => entry.visit)).toEqual(['c']);
  });
});

test('a waiting time follows the server’s clock and is never negative', () => {
  const entry = waitingEntry('a', { arrived_at: 10_000 });
  expect(waited(entry, 12_000, 500)).toBe(2500);
  expect(waited(entry, 9000, 0)).toBe(0);
});

/** Says the key and what time it is. */
const words = {
  t: (key: string, values?: object) => `${key}${values ? JSON.stringify(values) : ''}`,
  time: String,
} as unknown as I18n;

test('whoever cannot be handed on is said to have had their quota until when, or to whom else', () => {
  const told = { ...words, moment: String } as unknown as I18n;
  const failure = (
    failure: 'quota_reached' | 'not_practised' | 'unavailable',
    opensAt: number | null,
  ) => handingFailure({ failure, opensAt }, told);
  expect(failure('quota_reached', 7)).toBe('desk.transfer.quota{"when":"7"}');
  expect(failure('not_practised', null)).toBe('desk.transfer.which');
  expect(failure('unavailable', null)).toBe('error.unavailable');
});

test('whoever cannot be called back is said to have had their quota until when', () => {
  const told = { ...words, moment: String } as unknown as I18n;
  expect(callingFailure({ failure: 'quota_reached', opensAt: 7 }, told)).toBe(
    'desk.call.quota{"when":"7"}',
  );
  expect(callingFailure({ failure: 'unavailable', opensAt: null }, told)).toBe('error.unavailable');
});

describe('an admission that is refused', () => {
  const moment = (at: number) => `at ${at}`;
  const said = (failed: Parameters<typeof notAdmitted>[0]) =>
    notAdmitted(failed, { now: 0, offset: 5 }, { ...words, moment } as unknown as I18n);

  test('says what holds the practitioner back, and until when', () => {
    const failed = { failure: 'shielded', reason: 'hour_cap', opensAt: 65 } as const;
    expect(said(failed)).toBe('shielded.hour_cap shielded.until{"when":"at 60"}');
    expect(said({ ...failed, opensAt: null })).toBe('shielded.hour_cap');
    expect(said({ ...failed, reason: null, opensAt: null })).toBe('error.shielded');
  });

  test('says of anything else what it always does', () => {
    expect(said({ failure: 'patient_away', reason: null, opensAt: null })).toBe(
      'error.patient_away',
    );
    expect(said({ failure: null, reason: null, opensAt: null })).toBe('');
  });
});

describe('a line of the waiting room', () => {
  test('says nothing more of an ordinary patient', () => {
    expect(entryFacts(waitingEntry('a', { service: 'S' }), 'S', 0, words)).toEqual([]);
  });

  test('says what is out of the ordinary', () => {
    const entry = waitingEntry('a', {
      service: 'T',
      language: 'nl',
      named: true,
      appointment: 900,
    });
    expect(entryFacts(entry, 'S', 100, words)).toEqual([
      'queue.named',
      'queue.appointment{"time":"800"}',
      'T',
      'NL',
    ]);
  });
});

describe('one’s own patient', () => {
  test('is told from others in the waiting room', () => {
    const entry = waitingEntry('a', { service: 'S', named: true, regular: true });
    expect(entryFacts(entry, 'S', 0, words)).toEqual(['queue.regular', 'queue.named']);
  });
});

describe('those to come back to', () => {
  test('go on from hold, and are called back only when they are not awaited', async () => {
    const client = fixtureClient(state());
    const held = { consultation: 'c', visit: 'v', name: 'A', since: 0, connected: true };
    await heldLater([held], client, words, 0)[0]?.action?.run();
    const missed = [
      { visit: 'v1', name: 'B', called: true },
      { visit: 'v2', name: 'C', called: false },
    ];
    const [awaited, absent] = missedLater(missed, client, words);
    expect(awaited?.action).toBeUndefined();
    await absent?.action?.run();
    expect(client.asked).toEqual([
      { action: 'resume', values: ['c'] },
      { action: 'call', values: ['v2'] },
    ]);
  });
});

describe('an admission before others', () => {
  const ready = waitingEntry('a', { service: 'S' });
  const away = waitingEntry('b', { service: 'S', connected: false });
  const last = waitingEntry('c', { service: 'S' });

  test('passes those before who are there and ready, and nobody who is away', () => {
    const visits = (of: string) => passedBy([ready, away, last], of).map((entry) => entry.visit);
    expect(visits('a')).toEqual([]);
    expect(visits('b')).toEqual(['a']);
    expect(visits('c')).toEqual(['a']);
    expect(visits('gone')).toEqual([]);
    expect(needsReason([away, last], last)).toBe(false);
    expect(needsReason([ready, last], last)).toBe(true);
  });

  test('needs no reason for one’s own patient, unless another is so too, or more urgent', () => {
    const own = waitingEntry('d', { named: true });
    const urgent = waitingEntry('e', { urgency: 'soon' });
    expect(needsReason([ready, own], own)).toBe(false);
    expect(needsReason([waitingEntry('f', { named: true }), own], own)).toBe(true);
    expect(needsReason([urgent, own], own)).toBe(true);
    const urgentToo = waitingEntry('d', { named: true, urgency: 'urgent' });
    expect(needsReason([urgent, urgentToo], urgentToo)).toBe(false);
    expect(needsReason([own, last], last)).toBe(true);
  });

  test('has the waiting room for a reason only while nobody in it is passed', () => {
    const elsewhere = waitingEntry('g', { service: 'T' });
    expect(reasonsFor([elsewhere, last], 'c')).toContain('waiting_room_first');
    expect(reasonsFor([elsewhere, ready, last], 'c')).not.toContain('waiting_room_first');
    expect(reasonsFor([last], 'c')).not.toContain('waiting_room_first');
  });
});

describe('the console’s view', () => {
  test('is the desk, and the consultation while there is one', () => {
    const practitioner = {
      revision: 1,
      card: { clinic: 'C', service: 'S' },
      name: 'Dr A',
      waiting: [],
      leg: null,
      consultation: null,
      ended: null,
    };
    expect(consoleView(state({ practitioner })).kind).toBe('desk');
    const consultation = { consultation: 'c', started_at: 0, participants: [], group: null };
    const busy = state({ practitioner: { ...practitioner, consultation }, status: 'reconnecting' });
    expect(consoleView(busy).kind).toBe('consultation');
  });

  test('tells that the session ended', () => {
    expect(consoleView(state({ status: 'ended' }))).toMatchObject({
      problem: { code: 'session_unknown' },
    });
  });
});

describe('help for the camera', () => {
  test.each([
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1', 5, 'ios'],
    ['Mozilla/5.0 (iPhone) CriOS/130.0 Mobile Safari/604.1', 5, 'ios'],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Version/18.0 Safari/605.1', 5, 'ios'],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Version/18.0 Safari/605.1', 0, 'safari'],
    ['Mozilla/5.0 (X11; Linux) AppleWebKit/537.36 Chrome/156.0 Safari/537.36', 0, 'chrome'],
    ['Mozilla/5.0 (Windows NT 10.0; rv:153.0) Gecko/20100101 Firefox/153.0', 0, 'firefox'],
    ['something else', 0, 'other'],
  ])('%s with %d touch points is %s', (agent, touches, family) => {
    expect(browserFamily(agent, touches)).toBe(family);
  });

  test('lists devices by kind, and no kind without a device', () => {
    const lists = deviceChoices([
      { id: 'm', kind: 'microphone', label: '', chosen: false },
      { id: 'c1', kind: 'camera', label: 'One', chosen: false },
      { id: 'c2', kind: 'camera', label: 'Two', chosen: true },
    ]);
    expect(lists.map((list) => [list.kind, list.chosen])).toEqual([
      ['camera', 'c2'],
      ['microphone', 'm'],
    ]);
    expect(lists[1]?.options[0]?.label).toBeNull();
  });
});

test('a problem that has no page of its own gets the general one', () => {
  expect(problemKind({ code: 'proof_invalid', retryable: false })).toBe('token_used');
  expect(problemKind({ code: 'malformed', retryable: false })).toBe('other');
  expect(problemKind(null)).toBe('other');
});
