/** What is typed and chosen in a form, as answers, and what is wrong with it. */

import {
  askedQuestions,
  type FormAnswer,
  type FormAnswers,
  missingAnswers,
  type Question,
  type QuestionKind,
} from '@vestibule/client';
import type { I18n } from '../i18n/i18n.svelte.ts';
import { length } from '../lib/text.ts';

/** What is typed into the fields for numbers, by the codes of the questions. */
export type Typed = Readonly<Record<string, string>>;

export type Mistake =
  | { readonly type: 'missing' }
  /** No number, or not between these. */
  | { readonly type: 'number' }
  /** Characters too many. */
  | { readonly type: 'long'; readonly over: number };

type NumberKind = Extract<QuestionKind, { type: 'number' }>;

/** A number in steps of the question, whether it is typed with a point or a comma; null when it is none. */
export function steps(text: string, { decimals }: Pick<NumberKind, 'decimals'>): number | null {
  const plain = text.trim().replace(',', '.');
  if (!/^[+-]?\d+(\.\d+)?$/.test(plain)) return null;
  return Math.round(Number(plain) * 10 ** decimals);
}

/** A number of steps as it is written in a language. */
export function written(
  value: number,
  { decimals }: Pick<NumberKind, 'decimals'>,
  { number }: Pick<I18n, 'number'>,
): string {
  return number(value / 10 ** decimals, decimals);
}

/** The answers with another answer to one question; a null takes it back. */
export function withAnswer(
  answers: FormAnswers,
  code: string,
  answer: FormAnswer | null,
): FormAnswers {
  const { [code]: _, ...others } = answers;
  return answer === null ? others : { ...others, [code]: answer };
}

/** What is wrong, by the codes of the questions that are asked. */
export function formMistakes(
  form: readonly Question[],
  answers: FormAnswers,
  typed: Typed,
): ReadonlyMap<string, Mistake> {
  const found = new Map<string, Mistake>();
  const missing = new Set(missingAnswers(form, answers));
  for (const { code, kind } of askedQuestions(form, answers)) {
    const mistake = wrong(kind, answers[code], typed[code] ?? '');
    if (mistake !== null) found.set(code, mistake);
    else if (missing.has(code)) found.set(code, { type: 'missing' });
  }
  return found;
}

function wrong(kind: QuestionKind, answer: FormAnswer | undefined, typed: string): Mistake | null {
  if (kind.type === 'number' && typed.trim() !== '') {
    const value = answer?.type === 'number' ? answer.value : null;
    if (value !== null && kind.min <= value && value <= kind.max) return null;
    return { type: 'number' };
  }
  if (kind.type === 'short_text' && answer?.type === 'short_text') {
    const over = length(answer.value) - kind.max_chars;
    return over > 0 ? { type: 'long', over } : null;
  }
  return null;
}
