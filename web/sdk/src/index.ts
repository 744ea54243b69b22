/** The public surface of the Vestibule client. */

export * from './contract.ts';
export type {
  Answer,
  ClinicCard,
  Conclusion,
  ConsultationView,
  DeclineReason,
  Duty,
  EndedConsultation,
  ErrorCode,
  HeldConsultation,
  Leg,
  MissedVisit,
  OfferedPractitioner,
  OfferedService,
  Outcome,
  OvertakeReason,
  ParticipantView,
  PatientSnapshot,
  PatientVisit,
  PractitionerSnapshot,
  Role,
  TransferTarget,
  Urgency,
  VisitState,
  WaitingEntry,
  WaitingRoom,
  Wish,
} from './wire.ts';
export { openClient } from './client.ts';
