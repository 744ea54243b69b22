import { describe, expect, test } from 'vitest';
import {
  askedAnswers,
  askedQuestions,
  missingAnswers,
  redFlags,
  textIn,
  type FormAnswers,
} from '../src/form.ts';
import type { AnswerIs, Question, QuestionKind } from '../src/wire.ts';

function question(code: string, kind: QuestionKind, more: Partial<Question> = {}): Question {
  return { code, texts: { en: code }, kind, ...more };
}

const option = (code: string) => ({ code, texts: { en: code } });
const OPTIONS = [option('a'), option('b')];
const NUMBER: QuestionKind = { type: 'number', decimals: 1, min: 300, max: 450 };

const FORM: Question[] = [
  question('pain', { type: 'yes_no' }, { required: true, red_flags: [{ is: 'yes' }] }),
  question('signs', { type: 'several_of', options: OPTIONS }),
  question('fever', NUMBER, {
    required: true,
    ask_when: [{ question: 'signs', answer: { is: 'any_of', options: ['b'] } }],
    red_flags: [
      { is: 'at_least', value: 415 },
      { is: 'at_most', value: 340 },
    ],
  }),
  question(
    'worse',
    { type: 'yes_no' },
    {
      ask_when: [{ question: 'fever', answer: { is: 'at_least', value: 380 } }],
    },
  ),
];

const NO: FormAnswers = { pain: { type: 'yes_no', value: false } };
const FEVER: FormAnswers = {
  ...NO,
  signs: { type: 'several_of', value: ['b'] },
  fever: { type: 'number', value: 420 },
};

const codes = (answers: FormAnswers) => askedQuestions(FORM, answers).map(({ code }) => code);

describe('a form', () => {
  test('asks from top to bottom, by what was answered', () => {
    expect(codes({})).toEqual(['pain', 'signs']);
    expect(codes(FEVER)).toEqual(['pain', 'signs', 'fever', 'worse']);
  });

  test('forgets what hangs on an answer that was taken back', () => {
    const taken: FormAnswers = { ...FEVER, signs: { type: 'several_of', value: [] } };
    expect(codes(taken)).toEqual(['pain', 'signs']);
    expect(redFlags(FORM, taken)).toEqual([]);
    expect(Object.keys(askedAnswers(FORM, taken))).toEqual(['pain', 'signs']);
  });

  test('misses what must be answered, where it is asked', () => {
    expect(missingAnswers(FORM, {})).toEqual(['pain']);
    expect(missingAnswers(FORM, NO)).toEqual([]);
    expect(missingAnswers(FORM, { ...NO, signs: { type: 'several_of', value: ['b'] } })).toEqual([
      'fever',
    ]);
  });

  test('finds an emergency without the server', () => {
    expect(redFlags(FORM, NO)).toEqual([]);
    expect(redFlags(FORM, { pain: { type: 'yes_no', value: true } })).toEqual(['pain']);
    expect(redFlags(FORM, FEVER)).toEqual(['fever']);
    expect(redFlags(FORM, { ...FEVER, fever: { type: 'number', value: 340 } })).toEqual(['fever']);
    expect(redFlags(FORM, { ...FEVER, fever: { type: 'number', value: 380 } })).toEqual([]);
  });

  test.each<[AnswerIs, FormAnswers, boolean]>([
    [{ is: 'no' }, { x: { type: 'yes_no', value: false } }, true],
    [{ is: 'no' }, { x: { type: 'yes_no', value: true } }, false],
    [{ is: 'any_of', options: ['a'] }, { x: { type: 'one_of', value: 'a' } }, true],
    [{ is: 'any_of', options: ['a'] }, { x: { type: 'one_of', value: 'b' } }, false],
    [{ is: 'yes' }, { x: { type: 'short_text', value: 'yes' } }, false],
    [{ is: 'at_least', value: 0 }, {}, false],
  ])('holds %o of %o: %s', (flag, answers, raised) => {
    const form = [question('x', { type: 'yes_no' }, { red_flags: [flag] })];
    expect(redFlags(form, answers)).toEqual(raised ? ['x'] : []);
  });

  test('speaks another language where it does not speak the page’s', () => {
    expect(textIn({ fr: 'Bonjour', en: 'Hello' }, 'en')).toBe('Hello');
    expect(textIn({ de: 'Hallo', nl: 'Dag' }, 'en')).toBe('Dag');
  });
});
