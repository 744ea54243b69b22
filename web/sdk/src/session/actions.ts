/** Which requests outlive a lost socket. */

import type { ErrorCode, Request } from '../wire.ts';

/**
 * What a person asked for is sent again on the next socket: carried out twice it changes nothing
 * more. When the answer to the first was lost, these codes say that it had been carried out.
 */
const DONE_ALREADY: Partial<Record<Request['type'], readonly ErrorCode[]>> = {
  arrive: ['visit_active'],
  answer: ['nothing_to_choose'],
  move: [],
  feedback: [],
  note: [],
  answer_form: ['visit_ended'],
  consent: [],
  check_devices: [],
  claim_exception: [],
  ask_again: [],
  open_gate: [],
  leave: ['visit_ended', 'not_found', 'not_in_consultation'],
  decline_invitation: ['not_found'],
  withdraw_invitation: ['not_found', 'visit_ended'],
  admit: ['practitioner_busy', 'visit_not_waiting'],
  call: ['visit_not_waiting', 'patient_there'],
  decline: ['visit_not_waiting', 'not_found'],
  message: [],
  set_urgency: [],
  transfer: ['visit_not_waiting', 'not_found'],
  hold: [],
  resume: [],
  take_on: [],
  set_duty: [],
  end: ['not_in_consultation', 'not_found'],
};

export function isAction({ type }: Request): boolean {
  return DONE_ALREADY[type] !== undefined;
}

export function saysDone({ type }: Request, code: ErrorCode): boolean {
  return DONE_ALREADY[type]?.includes(code) ?? false;
}
