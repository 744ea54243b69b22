/** Which view a companion's page shows: a function of the client's state and of nothing else. */

import type {
  ClientState,
  CompanionEnd,
  CompanionRole,
  CompanionSnapshot,
  Problem,
} from '@vestibule/client';

export type CompanionView =
  | { readonly kind: 'opening' }
  | { readonly kind: 'problem'; readonly problem: Problem | null }
  | { readonly kind: 'replaced' }
  | { readonly kind: 'invited'; readonly role: CompanionRole; readonly name: string | null }
  | { readonly kind: 'waiting'; readonly place: number | null; readonly patient: string }
  | { readonly kind: 'away'; readonly name: string | null }
  | { readonly kind: 'held' }
  | { readonly kind: 'consultation' }
  | { readonly kind: 'over'; readonly why: CompanionEnd };

/** That it is over is told even when the session has ended with it. */
export function companionView(state: ClientState): CompanionView {
  const snapshot = state.companion;
  if (snapshot?.state.type === 'over') return { kind: 'over', why: snapshot.state.why };
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
  return snapshot ? viewOf(snapshot) : { kind: 'opening' };
}

function viewOf({ state, role, name, patient }: CompanionSnapshot): CompanionView {
  switch (state.type) {
    case 'invited':
      return { kind: 'invited', role: role ?? 'other', name: name ?? null };
    case 'waiting':
      return { kind: 'waiting', place: state.place ?? null, patient: patient ?? '' };
    case 'away':
      return { kind: 'away', name: name ?? null };
    case 'on_hold':
      return { kind: 'held' };
    case 'in_consultation':
      return { kind: 'consultation' };
    case 'over':
      return { kind: 'over', why: state.why };
  }
}
