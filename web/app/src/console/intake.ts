/** What a practitioner reads of a visit's form, consent and gates. */

import {
  askedQuestions,
  type FormAnswer,
  type Question,
  type ServiceForm,
  textIn,
  type VisitIntake,
} from '@vestibule/client';
import type { I18n } from '../i18n/i18n.svelte.ts';
import { written } from '../patient/answering.ts';

type Words = Pick<I18n, 't' | 'list' | 'number' | 'language'>;

export interface AnswerLine {
  readonly code: string;
  readonly asked: string;
  readonly answer: string;
}

/** Each question that was asked and answered, in the page's language. */
export function answerLines(
  { form: service, answers = {} }: VisitIntake,
  forms: readonly ServiceForm[],
  i18n: Words,
): AnswerLine[] {
  const form = forms.find((it) => it.service === service)?.questions ?? [];
  return askedQuestions(form, answers).flatMap((question) => {
    const answer = answers[question.code];
    if (answer === undefined) return [];
    const asked = textIn(question.texts, i18n.language);
    return [{ code: question.code, asked, answer: inWords(question, answer, i18n) }];
  });
}

function inWords({ kind }: Question, answer: FormAnswer, i18n: Words): string {
  const { t, list, language } = i18n;
  switch (answer.type) {
    case 'yes_no':
      return t(answer.value ? 'form.yes' : 'form.no');
    case 'one_of':
    case 'several_of': {
      const options = kind.type === 'one_of' || kind.type === 'several_of' ? kind.options : [];
      const chosen = [answer.value].flat();
      const labels = options.filter(({ code }) => chosen.includes(code));
      return list(labels.map(({ texts }) => textIn(texts, language)));
    }
    case 'number': {
      if (kind.type !== 'number') return String(answer.value);
      const unit = kind.unit ? textIn(kind.unit, language) : '';
      return `${written(answer.value, kind, i18n)} ${unit}`.trim();
    }
    case 'short_text':
      return answer.value;
  }
}

/** What is still missing, by name, each once. */
export function missingNames({ shut = [] }: VisitIntake, { t }: Pick<I18n, 't'>): string[] {
  return [...new Set(shut.map(({ gate }) => t(`missing.${gate.type}`)))];
}

/** Nothing stands in the way of admission. */
export function isReady(intake: VisitIntake | undefined): boolean {
  return (intake?.shut ?? []).length === 0;
}

/** What the patient last said about the consent that is asked for; null where none is. */
export function consentLine(
  { consent }: VisitIntake,
  clockOffset: number,
  { t, time }: Pick<I18n, 't' | 'time'>,
): string | null {
  if (!consent) return null;
  const last = consent.said.filter(({ version }) => version === consent.version).at(-1);
  if (!last) return t('queue.consent.none');
  return t(`queue.consent.${last.act}`, { time: time(last.at - clockOffset) });
}
