import {
  type FormAnswers,
  type OfferedService,
  type Question,
  type ShutGate,
  VestibuleError,
} from '@vestibule/client';
import { describe, expect, test } from 'vitest';
import { Action } from '../src/client/action.svelte.ts';
import { answerLines, consentLine, isReady, missingNames } from '../src/console/intake.ts';
import '../src/i18n/console.ts';
import { moment } from '../src/i18n/format.ts';
import { I18n } from '../src/i18n/i18n.svelte.ts';
import { formMistakes, steps, withAnswer, written } from '../src/patient/answering.ts';
import { allClosed, chosenClosed, opensAgain } from '../src/patient/closed.ts';
import { devicesFound } from '../src/patient/device-gate.svelte.ts';
import { gateWords, listedGates } from '../src/patient/gates.ts';
import { patientView } from '../src/patient/view.ts';
import { minutesLeft } from '../src/patient/wait.ts';
import { state, withVisit } from './states.ts';

const MINUTE = 60_000;
const i18n = new I18n('en');

describe('the wait', () => {
  const wait = { from: 0, low: 12, high: 26 };

  test('is said by fives, never narrower than it is known', () => {
    expect(minutesLeft(wait, 0)).toEqual({ low: 10, high: 30 });
  });

  test('shrinks with time, and goes once it was wrong', () => {
    expect(minutesLeft(wait, 10 * MINUTE)).toEqual({ low: 2, high: 20 });
    expect(minutesLeft(wait, 25.5 * MINUTE)).toEqual({ low: 0, high: 1 });
    expect(minutesLeft(wait, 27 * MINUTE)).toBeNull();
  });

  test('is not said when it is not known', () => {
    expect(minutesLeft(undefined, 0)).toBeNull();
  });

  test('does not grow when the clocks disagree', () => {
    expect(minutesLeft(wait, -5 * MINUTE)).toEqual({ low: 10, high: 30 });
  });
});

const NUMBER = { type: 'number', decimals: 1, min: 340, max: 430 } as const;
const FORM: Question[] = [
  { code: 'a', texts: { en: 'A' }, kind: { type: 'yes_no' }, required: true },
  { code: 'n', texts: { en: 'N' }, kind: NUMBER },
  { code: 't', texts: { en: 'T' }, kind: { type: 'short_text', max_chars: 3 } },
];

describe('a form that is filled in', () => {
  test('reads numbers with a point or a comma, in steps', () => {
    expect(steps('38,2', NUMBER)).toBe(382);
    expect(steps(' 38 ', NUMBER)).toBe(380);
    for (const none of ['', 'hot', '3.8.2', '1e9', '38,']) expect(steps(none, NUMBER)).toBeNull();
    expect(written(382, NUMBER, i18n)).toBe('38.2');
    expect(written(382, NUMBER, new I18n('fr'))).toBe('38,2');
  });

  test('says what is missing, out of range, no number, and too long', () => {
    const answers: FormAnswers = {
      n: { type: 'number', value: 500 },
      t: { type: 'short_text', value: 'long' },
    };
    const found = formMistakes(FORM, answers, { n: '50' });
    expect(found.get('a')).toEqual({ type: 'missing' });
    expect(found.get('n')).toEqual({ type: 'number' });
    expect(found.get('t')).toEqual({ type: 'long', over: 1 });
    expect(formMistakes(FORM, {}, { n: 'hot' }).get('n')?.type).toBe('number');
    const good = withAnswer({}, 'a', { type: 'yes_no', value: false });
    expect(formMistakes(FORM, good, {}).size).toBe(0);
    expect(withAnswer(good, 'a', null)).toEqual({});
  });
});

describe('a visit that an answer has stopped', () => {
  test('shows 112 also when the connection is lost or the session is over', () => {
    for (const status of ['online', 'reconnecting', 'refused', 'ended'] as const) {
      const stopped = withVisit({ type: 'waiting', place: 2 }, { status });
      expect(patientView(stopped, 'v')).toEqual({ kind: 'ended', outcome: { type: 'emergency' } });
    }
  });

  test('leaves a visit alone that the practitioner has taken in, and any other', () => {
    const admitted = withVisit({ type: 'in_consultation', consultation: 'c' });
    expect(patientView(admitted, 'v').kind).toBe('consultation');
    expect(patientView(withVisit({ type: 'waiting', place: 2 }), 'w').kind).toBe('waiting');
    expect(patientView(state(), 'v').kind).toBe('opening');
  });
});

function shut(changes: Partial<ShutGate>): ShutGate {
  const gate = { type: 'payment' } as const;
  return { gate, opened_by: 'system', why: { type: 'pending' }, ...changes };
}

describe('a shut gate', () => {
  test('says until when an answer is expected, and what to do when none came', () => {
    const pending = gateWords(shut({ why: { type: 'pending', expires_at: 7 } }));
    expect(pending).toMatchObject({ text: 'gate.payment.text', until: 7, ask: null });
    const expired = (may_ask_again: boolean) =>
      gateWords(shut({ why: { type: 'expired', may_ask_again } }));
    expect(expired(true)).toMatchObject({ text: 'gate.expired', ask: 'again' });
    expect(expired(false)).toMatchObject({ text: 'gate.expired.staff', ask: null });
  });

  test('that the clinic opens by hand asks nothing of the patient', () => {
    expect(gateWords(shut({ opened_by: 'hand' })).text).toBe('gate.hand.text');
  });

  test('offers the reasons that the service takes, and says so when it takes none', () => {
    const why = { type: 'refused', reason: 'not_eligible', message: ' Call us. ' } as const;
    const gate = { type: 'eligibility' } as const;
    const closed = gateWords(shut({ gate, why, opened_by: 'built_in' }));
    expect(closed).toMatchObject({ text: 'gate.not_eligible.final', words: 'Call us.' });
    const exceptions = ['cannot_travel' as const];
    const open = gateWords(shut({ gate, why, opened_by: 'built_in', exceptions }));
    expect(open).toMatchObject({ text: 'gate.not_eligible', claims: exceptions });
  });

  test('stands in the list unless it has a card of its own', () => {
    const gates = (['consent', 'symptom_form', 'emergency_screen', 'quota'] as const).map((type) =>
      shut({ gate: { type } }),
    );
    expect(listedGates({ shut: gates }).map(({ gate }) => gate.type)).toEqual(['quota']);
  });
});

describe('the camera and the microphone', () => {
  const { media } = state();

  test('are found to work, not to work, or not tried yet', () => {
    expect(devicesFound(media)).toBeNull();
    expect(devicesFound({ ...media, state: 'ready', microphone: true })).toBe(true);
    expect(devicesFound({ ...media, state: 'denied' })).toBe(false);
  });
});

describe('a closed service', () => {
  const service = (id: string, closed?: OfferedService['closed']): OfferedService => ({
    service: id,
    name: id,
    price: '',
    reimbursement: '',
    languages: [],
    practitioners: [],
    ...(closed && { closed }),
  });
  const at = (opens_at?: number) =>
    ({ reason: 'outside_hours', ...(opens_at !== undefined && { opens_at }) }) as const;

  test('closes the page only when nothing else is open, and says what opens first', () => {
    expect(allClosed([])).toBeNull();
    expect(allClosed([service('a', at(5)), service('b')])).toBeNull();
    expect(allClosed([service('a'), service('b', at(5))])).toBeNull();
    expect(allClosed([service('a', at()), service('b', at(9)), service('c', at(5))])).toEqual(
      at(5),
    );
  });

  test('is told when it is the one that is chosen', () => {
    const offered = [service('a', at(5)), service('b')];
    expect(chosenClosed(offered, undefined)).toEqual(at(5));
    expect(chosenClosed(offered, { service: 'b' })).toBeNull();
  });

  test('opens again at a moment that is told, or at one that nobody knows', () => {
    const now = new Date(2026, 2, 9, 12).getTime();
    const again = (hours?: number) =>
      opensAgain(hours === undefined ? undefined : now + hours * 60 * MINUTE, now, i18n);
    expect(again(2)).toBe('It opens again at 14:00.');
    expect(again(20)).toMatch(/^It opens again on Tuesday.*08:00\.$/);
    expect(again()).toMatch(/not known/);
  });

  test('tells whoever was turned away when it opens', async () => {
    const entering = new Action();
    await entering.run(() => Promise.reject(new VestibuleError('queue_closed', true, 5)));
    expect([entering.failure, entering.opensAt]).toEqual(['queue_closed', 5]);
    await entering.run(() => Promise.reject(new VestibuleError('network', true)));
    expect([entering.failure, entering.opensAt]).toEqual(['network', null]);
  });

  test('opens at a time of day, or on a day', () => {
    const noon = Date.UTC(2026, 2, 9, 12);
    const ahead = (hours: number) => moment(noon + hours * 60 * MINUTE, noon, 'en-GB', 'UTC');
    expect(ahead(2)).toBe('14:00');
    expect(ahead(20)).toMatch(/^Tuesday.*08:00$/);
    expect(ahead(24 * 10)).toMatch(/19 March.*12:00$/);
  });
});

describe('what a practitioner reads', () => {
  const forms = [{ service: 's', questions: FORM }];
  const answers: FormAnswers = {
    a: { type: 'yes_no', value: false },
    n: { type: 'number', value: 386 },
  };

  test('is each question that was answered, in words', () => {
    const lines = answerLines({ form: 's', answers: { ...answers } }, forms, i18n);
    expect(lines.map(({ asked, answer }) => `${asked} ${answer}`)).toEqual(['A No', 'N 38.6']);
    expect(answerLines({ form: 'gone', answers: { ...answers } }, forms, i18n)).toEqual([]);
  });

  test('is what is missing, each once', () => {
    const gates = [
      shut({}),
      shut({ gate: { type: 'symptom_form' } }),
      shut({ gate: { type: 'emergency_screen' } }),
    ];
    expect(missingNames({ shut: gates }, i18n)).toEqual(['payment', 'form']);
    expect([isReady({ shut: gates }), isReady({}), isReady(undefined)]).toEqual([
      false,
      true,
      true,
    ]);
  });

  test('is the consent to the version that is asked for', () => {
    const entry = (version: string) => ({ act: 'given', at: 0, version }) as const;
    const line = (version: string) =>
      consentLine({ consent: { version: '2', said: [entry(version)] } }, 0, i18n);
    expect(line('1')).toBe('No consent yet');
    expect(line('2')).toMatch(/^Consent given at/);
    expect(consentLine({}, 0, i18n)).toBeNull();
  });
});
