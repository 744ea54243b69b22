import type { ClientState, CompanionState, InvitationView } from '@vestibule/client';
import { describe, expect, test } from 'vitest';
import { companionView } from '../src/companion/view.ts';
import { company } from '../src/company/words.ts';
import { I18n } from '../src/i18n/i18n.svelte.ts';
import { state } from './states.ts';

function at(companion: CompanionState, changes: Partial<ClientState> = {}): ClientState {
  return state({
    companion: {
      revision: 1,
      card: { clinic: 'C', service: 'S' },
      role: 'parent',
      patient: 'Ada',
      state: companion,
      leg: null,
      consultation: null,
    },
    ...changes,
  });
}

describe('the companion’s view', () => {
  test('is opening until the first snapshot', () => {
    expect(companionView(state({ status: 'opening' })).kind).toBe('opening');
  });

  test('asks who they are, as what they were invited', () => {
    const invited = companionView(at({ type: 'invited' }));
    expect(invited).toEqual({ kind: 'invited', role: 'parent', name: null });
  });

  test('waits with the patient, at their place once there is one', () => {
    const waiting = companionView(at({ type: 'waiting', place: 3 }));
    expect(waiting).toEqual({ kind: 'waiting', place: 3, patient: 'Ada' });
    expect(companionView(at({ type: 'waiting' }))).toMatchObject({ place: null });
  });

  test('is the consultation from the admission on, also while the connection is lost', () => {
    const consulting = at({ type: 'in_consultation', consultation: 'c' });
    expect(companionView(consulting).kind).toBe('consultation');
    expect(companionView({ ...consulting, status: 'reconnecting' }).kind).toBe('consultation');
  });

  test('is that they were away, for who is back and takes no part', () => {
    expect(companionView(at({ type: 'away' }))).toEqual({ kind: 'away', name: null });
  });

  test.each(['left', 'withdrawn', 'expired', 'visit_ended'] as const)(
    'tells that it is over, %s, also when the session has ended with it',
    (why) => {
      const over = at({ type: 'over', why }, { status: 'ended' });
      expect(companionView(over)).toEqual({ kind: 'over', why });
    },
  );

  test('is the problem of a link that was used', () => {
    const problem = { code: 'token_used', retryable: false } as const;
    const refused = state({ status: 'refused', problem });
    expect(companionView(refused)).toEqual({ kind: 'problem', problem });
  });
});

describe('who comes along', () => {
  test('is told of those who came and are there, by name and role', () => {
    const companions: InvitationView[] = [
      { invitation: 'i1', role: 'interpreter', name: 'Sofie', connected: true },
      { invitation: 'i2', role: 'parent', name: 'Karim', connected: false },
      { invitation: 'i3', role: 'other', connected: false },
    ];
    expect(company(companions, new I18n('en'))).toEqual(['Sofie (interpreter)']);
  });
});
