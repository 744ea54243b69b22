/** What a shut gate says to the patient, and what they can do about it. */

import type { GateException, GateReason, PatientIntake, ShutGate } from '@vestibule/client';
import type { PlainKey } from '../i18n/catalogue.ts';

export interface GateWords {
  readonly title: PlainKey;
  readonly text: PlainKey;
  /** By when an answer is expected, by the server's clock. */
  readonly until: number | null;
  /** The clinic's own words; may be empty. */
  readonly words: string;
  readonly ask: 'again' | 'devices' | null;
  /** The reasons from which the patient may choose. */
  readonly claims: readonly Claim[];
}

/** A reason that a patient may give themselves. */
export type Claim = Extract<
  GateException,
  'own_doctor_not_available' | 'on_call_service' | 'cannot_travel'
>;

function isClaim(exception: GateException): exception is Claim {
  return (
    exception === 'own_doctor_not_available' ||
    exception === 'on_call_service' ||
    exception === 'cannot_travel'
  );
}

/** The form and the consent have cards of their own. */
const ELSEWHERE: readonly ShutGate['gate']['type'][] = [
  'consent',
  'symptom_form',
  'emergency_screen',
];

/** What the list of gates shows, in order. */
export function listedGates({ shut = [] }: PatientIntake): ShutGate[] {
  return shut.filter(({ gate }) => !ELSEWHERE.includes(gate.type));
}

/** Nothing is asked of the patient, and nothing stands in the way. */
export function isDone({ shut = [], form }: PatientIntake): boolean {
  return shut.length === 0 && form === undefined;
}

/** What a gate is called. */
export function gateTitle({ gate }: ShutGate): PlainKey {
  if (gate.type !== 'companion') return `gate.${gate.type}`;
  return COMPANIONS[gate.role] ?? 'gate.companion.other';
}

const COMPANIONS: Readonly<Record<string, PlainKey>> = {
  parent: 'gate.companion.parent',
  interpreter: 'gate.companion.interpreter',
  second_practitioner: 'gate.companion.second_practitioner',
};

const REASONS: Readonly<Record<GateReason, PlainKey>> = {
  level_too_low: 'gate.level_too_low',
  not_eligible: 'gate.not_eligible',
  not_entitled: 'gate.not_entitled',
  consent_refused: 'consent.refused',
  consent_revoked: 'consent.revoked',
  not_paid: 'gate.not_paid',
  quota_reached: 'gate.quota_reached',
  device_unsuitable: 'gate.device_unsuitable',
  other: 'gate.other',
};

export function gateWords(shut: ShutGate): GateWords {
  const { gate, why, opened_by, exceptions = [] } = shut;
  const builtIn = opened_by === 'built_in';
  const claims = gate.type === 'eligibility' && builtIn ? exceptions.filter(isClaim) : [];
  const plain = {
    title: gateTitle(shut),
    until: null,
    words: '',
    ask: gate.type === 'device_check' && builtIn ? ('devices' as const) : null,
    claims,
  };
  switch (why.type) {
    case 'pending': {
      const text = opened_by === 'hand' ? 'gate.hand.text' : pendingText(shut);
      return { ...plain, text, until: why.expires_at ?? null };
    }
    case 'refused': {
      const final = why.reason === 'not_eligible' && claims.length === 0;
      const text = final ? 'gate.not_eligible.final' : REASONS[why.reason];
      return { ...plain, text, words: why.message.trim() };
    }
    case 'expired':
      return why.may_ask_again
        ? { ...plain, text: 'gate.expired', ask: 'again' }
        : { ...plain, text: 'gate.expired.staff', ask: null };
  }
}

function pendingText({ gate }: ShutGate): PlainKey {
  switch (gate.type) {
    case 'consent':
      return 'consent.text';
    case 'symptom_form':
    case 'emergency_screen':
      return 'form.lead';
    case 'identity':
    case 'eligibility':
    case 'entitlement':
    case 'payment':
    case 'quota':
    case 'companion':
    case 'device_check':
      return `gate.${gate.type}.text`;
  }
}
