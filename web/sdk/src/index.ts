/** The public surface of the Vestibule client. */

export * from './contract.ts';
export type {
  ClinicCard,
  ConsultationView,
  DeclineReason,
  EndedConsultation,
  ErrorCode,
  Leg,
  Outcome,
  ParticipantView,
  PatientSnapshot,
  PatientVisit,
  PractitionerSnapshot,
  Role,
  VisitState,
  WaitingEntry,
} from './wire.ts';
export { openClient } from './client.ts';
