/** What a refused action says to a practitioner: of a patient who was erased, something else than to the patient. */

import type { ProblemCode } from '@vestibule/client';
import type { PlainKey } from '../i18n/catalogue.ts';
import { failureMessage } from '../problems/messages.ts';

export function staffMessage(code: ProblemCode | 'other'): PlainKey {
  return code === 'unknown_patient' ? 'error.erased' : failureMessage(code);
}
