/** Whom an admission passes over, as far as the list on the page tells. The server has the last word. */

import type { OvertakeReason, Urgency, WaitingEntry } from '@vestibule/client';
import { isReady } from './intake.ts';

const ALWAYS: readonly OvertakeReason[] = [
  'clinical_need',
  'continuity',
  'quick_matter',
  'by_agreement',
];
const PRESSING: Readonly<Record<Urgency, number>> = { routine: 0, soon: 1, urgent: 2 };

/** Those before somebody who could be admitted instead. */
export function passedBy(waiting: readonly WaitingEntry[], visit: string): WaitingEntry[] {
  const index = waiting.findIndex((entry) => entry.visit === visit);
  const before = waiting.slice(0, Math.max(index, 0));
  return before.filter(({ connected, intake }) => connected && isReady(intake));
}

/**
 * Whether a practitioner has to say why. Their own patient comes by itself before those who wait for whoever is
 * free, unless one of these is more urgent. The server asks too where that one is early for an appointment.
 */
export function needsReason(waiting: readonly WaitingEntry[], entry: WaitingEntry): boolean {
  const inTurn = (other: WaitingEntry) =>
    entry.named && !other.named && pressing(other) <= pressing(entry);
  return !passedBy(waiting, entry.visit).every(inTurn);
}

/** The reasons that fit: one waiting room before another only while nobody in it is passed over. */
export function reasonsFor(waiting: readonly WaitingEntry[], visit: string): OvertakeReason[] {
  const entry = waiting.find((it) => it.visit === visit);
  const passed = passedBy(waiting, visit);
  const elsewhere = entry && passed.length > 0 && !passed.some((it) => together(it, entry));
  return elsewhere ? [...ALWAYS, 'waiting_room_first'] : [...ALWAYS];
}

function pressing({ urgency }: WaitingEntry): number {
  return PRESSING[urgency ?? 'routine'];
}

/** They wait in one waiting room: the practitioner's own, or that of one service. */
function together(one: WaitingEntry, other: WaitingEntry): boolean {
  if (one.named || other.named) return one.named === other.named;
  return one.service === other.service;
}
