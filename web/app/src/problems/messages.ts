/** What a refused action says to the person who tried it. */

import type { ProblemCode } from '@vestibule/client';
import type { PlainKey } from '../i18n/catalogue.ts';

const MESSAGES: Partial<Record<ProblemCode | 'other', PlainKey>> = {
  consent_not_asked: 'consent.changed',
  // What a page offers of an appointment may have been taken meanwhile.
  appointment_overlaps: 'error.booked_otherwise',
  booked_otherwise: 'error.booked_otherwise',
  off_shift: 'error.booked_otherwise',
  consultation_full: 'error.consultation_full',
  invalid_name: 'error.invalid_name',
  invalid_text: 'error.invalid_text',
  answer_invalid: 'error.answer_invalid',
  gates_shut: 'error.gates_shut',
  queue_closed: 'error.queue_closed',
  nobody_practises: 'error.nobody_practises',
  not_practised: 'error.nobody_practises',
  no_regular: 'error.no_regular',
  unknown_patient: 'error.visit_ended',
  quota_reached: 'error.quota_reached',
  invitation_expired: 'error.invitation_expired',
  language_not_spoken: 'error.language_not_spoken',
  invitation_used: 'error.invitation_used',
  invitation_withdrawn: 'error.invitation_withdrawn',
  network: 'error.network',
  others_wait_too_long: 'error.others_wait_too_long',
  shielded: 'error.shielded',
  service_closed: 'error.service_closed',
  not_in_consultation: 'error.not_in_consultation',
  off_duty: 'error.off_duty',
  patient_away: 'error.patient_away',
  practitioner_busy: 'error.practitioner_busy',
  rate_limited: 'error.rate_limited',
  sfu_unavailable: 'error.unavailable',
  too_many: 'error.too_many',
  unavailable: 'error.unavailable',
  visit_ended: 'error.visit_ended',
  visit_not_waiting: 'error.visit_not_waiting',
  waiting_room_full: 'error.waiting_room_full',
};

export function failureMessage(code: ProblemCode | 'other'): PlainKey {
  return MESSAGES[code] ?? 'error.other';
}
