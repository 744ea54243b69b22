/** Which view the patient's page shows: a function of the client's state and of nothing else. */

import type { ClientState, Outcome, PatientVisit, Problem } from '@vestibule/client';

export type PatientView =
  | { readonly kind: 'opening' }
  | { readonly kind: 'problem'; readonly problem: Problem | null }
  | { readonly kind: 'replaced' }
  | { readonly kind: 'arriving' }
  | { readonly kind: 'waiting'; readonly place: number; readonly visit: PatientVisit }
  | { readonly kind: 'held' }
  | { readonly kind: 'consultation' }
  | { readonly kind: 'ended'; readonly outcome: Outcome };

/**
 * A visit that ended is told even when its session has ended with it. One that was `stopped` here, by an
 * answer that means an emergency, shows 112 whatever becomes of the connection.
 */
export function patientView(state: ClientState, stopped: string | null = null): PatientView {
  const visit = state.patient?.visit ?? null;
  if (visit?.state.type === 'ended') return { kind: 'ended', outcome: visit.state.outcome };
  if (visit !== null && visit.visit === stopped && waits(visit)) {
    return { kind: 'ended', outcome: { type: 'emergency' } };
  }
  switch (state.status) {
    case 'replaced':
      return { kind: 'replaced' };
    case 'ended':
      return { kind: 'problem', problem: { code: 'session_unknown', retryable: false } };
    case 'refused':
      return { kind: 'problem', problem: state.problem };
    case 'opening':
    case 'online':
    case 'reconnecting':
      break;
  }
  if (!state.patient) return { kind: 'opening' };
  if (!visit) return { kind: 'arriving' };
  switch (visit.state.type) {
    case 'expected':
      return { kind: 'arriving' };
    case 'called':
      return { kind: 'waiting', place: 1, visit };
    case 'waiting':
      return { kind: 'waiting', place: visit.state.place, visit };
    case 'in_consultation':
      return { kind: 'consultation' };
    case 'on_hold':
      return { kind: 'held' };
  }
}

/** Nobody is with the patient yet. */
function waits({ state }: PatientVisit): boolean {
  return state.type === 'waiting' || state.type === 'called';
}
