/** Which view the console shows: a function of the client's state and of nothing else. */

import type { ClientState, PractitionerSnapshot, Problem } from '@vestibule/client';

export type ConsoleView =
  | { readonly kind: 'opening' }
  | { readonly kind: 'problem'; readonly problem: Problem | null }
  | { readonly kind: 'replaced' }
  | { readonly kind: 'desk'; readonly snapshot: PractitionerSnapshot }
  | { readonly kind: 'consultation'; readonly snapshot: PractitionerSnapshot };

export function consoleView(state: ClientState): ConsoleView {
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
  const snapshot = state.practitioner;
  if (!snapshot) return { kind: 'opening' };
  return { kind: snapshot.consultation ? 'consultation' : 'desk', snapshot };
}
