/** Those to come back to: on hold, called, or not come; and colleagues who ask one along. */

import type { AskedAlong, HeldConsultation, MissedVisit, VestibuleClient } from '@vestibule/client';
import type { I18n } from '../i18n/i18n.svelte.ts';

export interface Later {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  /** Absent while there is nothing to do but wait. */
  readonly action?: LaterAction;
  /** What can be done instead. */
  readonly otherwise?: LaterAction;
}

export interface LaterAction {
  readonly label: string;
  /** What those hear who do not see the line. */
  readonly name: string;
  run(): Promise<void>;
}

type Words = Pick<I18n, 't' | 'time'>;

export function heldLater(
  held: readonly HeldConsultation[],
  client: VestibuleClient,
  { t, time }: Words,
  clockOffset: number,
): Later[] {
  return held.map(({ consultation, name, since }) => ({
    id: consultation,
    name,
    state: t('held.since', { time: time(since - clockOffset) }),
    action: {
      label: t('held.resume'),
      name: t('held.resume.name', { name }),
      run: () => client.resume(consultation),
    },
  }));
}

export function missedLater(
  missed: readonly MissedVisit[],
  client: VestibuleClient,
  { t }: Words,
): Later[] {
  return missed.map(({ visit, name, called }) => ({
    id: visit,
    name,
    state: t(called ? 'missed.called' : 'missed.absent'),
    ...(!called && {
      action: {
        label: t('missed.call'),
        name: t('missed.call.name', { name }),
        run: () => client.call(visit),
      },
    }),
  }));
}

export function askedLater(
  asked: readonly AskedAlong[],
  client: VestibuleClient,
  { t }: Words,
): Later[] {
  return asked.map(({ invitation, by, joined }) => ({
    id: invitation,
    name: by,
    state: t(joined ? 'asked.joined' : 'asked.text'),
    action: {
      label: t('asked.join'),
      name: t('asked.join.name', { name: by }),
      run: () => openBeside(() => client.join(invitation)),
    },
    ...(!joined && {
      otherwise: {
        label: t('asked.decline'),
        name: t('asked.decline.name', { name: by }),
        run: () => client.declineInvitation(invitation),
      },
    }),
  }));
}

/**
 * Opens a link in a tab of its own, beside the console. A browser lets a press open one and nothing later, so it is
 * there before the link; where none may be opened, the link is opened here.
 */
async function openBeside(find: () => Promise<string>): Promise<void> {
  const tab = open('about:blank');
  try {
    (tab ?? window).location.replace(await find());
  } catch (error) {
    tab?.close();
    throw error;
  }
}
