/**
 * A service's form as a page asks it: which questions, what is missing, and which answers mean an
 * emergency. The server judges the same; here it is judged without one, so that 112 shows also
 * where there is no network.
 */

import type { AnswerIs, FormAnswer, PageLanguage, Question } from './wire.ts';

/** What was answered so far, by the codes of the questions. */
export type FormAnswers = Readonly<Record<string, FormAnswer>>;

/** A text in some of the languages. */
export type Texts = Readonly<Partial<Record<PageLanguage, string>>>;

/** In this order another language stands in for one that the clinic did not write. */
const LANGUAGES: readonly PageLanguage[] = ['fr', 'nl', 'de', 'en'];

export function textIn(texts: Texts, language: PageLanguage): string {
  return texts[language] ?? LANGUAGES.map((it) => texts[it]).find((it) => it !== undefined) ?? '';
}

/** The questions that are asked with these answers, in order. */
export function askedQuestions(form: readonly Question[], answers: FormAnswers): Question[] {
  const said = new Map<string, FormAnswer>();
  return form.filter((question) => {
    const asked = (question.ask_when ?? []).every(({ question: code, answer }) => {
      const given = said.get(code);
      return given !== undefined && holds(answer, given);
    });
    const given = answers[question.code];
    if (asked && given !== undefined) said.set(question.code, given);
    return asked;
  });
}

/** The questions whose answers mean an emergency. Empty: none does. */
export function redFlags(form: readonly Question[], answers: FormAnswers): string[] {
  const raised = ({ code, red_flags }: Question) => {
    const given = answers[code];
    return given !== undefined && (red_flags ?? []).some((flag) => holds(flag, given));
  };
  return codes(askedQuestions(form, answers).filter(raised));
}

/** The questions that must still be answered. */
export function missingAnswers(form: readonly Question[], answers: FormAnswers): string[] {
  const asked = askedQuestions(form, answers);
  return codes(asked.filter(({ code, required }) => required && answers[code] === undefined));
}

/** The answers to the questions that are asked: what is handed in. */
export function askedAnswers(form: readonly Question[], answers: FormAnswers): FormAnswers {
  const asked = codes(askedQuestions(form, answers));
  return Object.fromEntries(
    asked.flatMap((code) => {
      const given = answers[code];
      return given === undefined ? [] : [[code, given]];
    }),
  );
}

const codes = (questions: readonly Question[]) => questions.map(({ code }) => code);

/** It is so of this answer; never of an answer of another kind. */
function holds(is: AnswerIs, given: FormAnswer): boolean {
  switch (is.is) {
    case 'yes':
      return given.type === 'yes_no' && given.value;
    case 'no':
      return given.type === 'yes_no' && !given.value;
    case 'any_of':
      if (given.type === 'one_of') return is.options.includes(given.value);
      return given.type === 'several_of' && given.value.some((one) => is.options.includes(one));
    case 'at_least':
      return given.type === 'number' && given.value >= is.value;
    case 'at_most':
      return given.type === 'number' && given.value <= is.value;
  }
}
