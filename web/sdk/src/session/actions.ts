/** Which requests outlive a lost socket. */

import type { ErrorCode, Request } from '../wire.ts';

/**
 * What a person asked for is sent again on the next socket: carried out twice it changes nothing
 * more. When the answer to the first was lost, these codes say that it had been carried out.
 */
const DONE_ALREADY: Partial<Record<Request['type'], readonly ErrorCode[]>> = {
  arrive: ['visit_active'],
  leave: ['visit_ended', 'not_found', 'not_in_consultation'],
  admit: ['practitioner_busy', 'visit_not_waiting'],
  decline: ['visit_not_waiting', 'not_found'],
  end: ['not_in_consultation', 'not_found'],
};

export function isAction({ type }: Request): boolean {
  return DONE_ALREADY[type] !== undefined;
}

export function saysDone({ type }: Request, code: ErrorCode): boolean {
  return DONE_ALREADY[type]?.includes(code) ?? false;
}
