/** A visit that an answer has stopped here: 112 stays on the page, and the clinic hears of it as soon as it can be reached. */

import type { ClientState, FormAnswers, VestibuleClient } from '@vestibule/client';

export function stopping(
  client: () => VestibuleClient,
  state: () => ClientState,
): { readonly visit: string | null; stop(answers: FormAnswers): void } {
  let stopped = $state.raw<{ readonly visit: string; readonly answers: FormAnswers } | null>(null);
  let telling = false;

  $effect(() => {
    const { status, patient } = state();
    const waits =
      patient?.visit?.state.type !== 'ended' && patient?.visit?.visit === stopped?.visit;
    if (stopped === null || status !== 'online' || !waits || telling) return;
    telling = true;
    client()
      .answerForm(stopped.answers)
      .catch(() => undefined)
      .finally(() => (telling = false));
  });

  return {
    get visit() {
      return stopped?.visit ?? null;
    },
    stop(answers) {
      const visit = state().patient?.visit?.visit;
      if (visit !== undefined) stopped = { visit, answers };
    },
  };
}
