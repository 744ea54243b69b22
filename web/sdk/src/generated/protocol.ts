// Made from crates/protocol by its tests; do not edit.

export const PROTOCOL_VERSION = 1;
export const PROOF_LABEL = 'vestibule session proof v1';
export const SIGN_IN_NONCE = 'sign-in';
export const LIMITS = {
  messageBytes: 65536,
  nameChars: 100,
  reasonChars: 500,
  declineMessageChars: 300,
  staffMessageChars: 300,
  feedbackChars: 1000,
  noteChars: 4000,
  sdpBytes: 49152,
  keyPackages: 8,
  keyPackageBytes: 4096,
  mlsMessageBytes: 24576,
  httpBodyBytes: 8192,
  participants: 5,
  midChars: 16,
  cameraLayers: 3,
} as const;

/**
 * What a patient answers whose practitioner went off duty.
 */
export type Answer = "wait_on" | "take_next";

/**
 * What an answer may be found to be.
 */
export type AnswerIs = { "is": "yes" } | { "is": "no" } | { "is": "any_of", 
/**
 * Codes of options.
 */
options: Array<string>, } | { "is": "at_least", 
/**
 * In steps.
 */
value: number, } | { "is": "at_most", 
/**
 * In steps.
 */
value: number, };

/**
 * That a colleague asks a practitioner to come along, as the one who is asked sees it.
 */
export type AskedAlong = { 
/**
 * By which invitation.
 */
invitation: InvitationId, 
/**
 * Who asks.
 */
by: string, 
/**
 * They came, and have a seat.
 */
joined: boolean, };

/**
 * Bytes written as padded standard base64 (RFC 4648 section 4). `Debug` shows the length only.
 */
export type Base64Bytes = string;

/**
 * The SFU's side of a consultation.
 */
export type CallId = string;

/**
 * A key package taken off the shelf.
 */
export type ClaimedKeyPackage = { 
/**
 * Who published it.
 */
instance: InstanceId, 
/**
 * The `MLSMessage`.
 */
package: Base64Bytes, };

/**
 * One message of a client.
 */
export type ClientMessage = { 
/**
 * Repeated in the reply.
 */
id: number, 
/**
 * What is asked.
 */
request: Request, };

/**
 * The clinic and service as a patient sees them.
 */
export type ClinicCard = { 
/**
 * The clinic's name.
 */
clinic: string, 
/**
 * The service's name.
 */
service: string, };

/**
 * A service takes nobody in now.
 */
export type Closed = { 
/**
 * Why.
 */
reason: ClosedReason, 
/**
 * When it opens again, should nothing else change; absent when that is not known.
 */
opens_at?: Timestamp, 
/**
 * The clinic's own words, such as a holiday's name; may be empty.
 */
words?: string, };

/**
 * Why a service takes nobody in.
 */
export type ClosedReason = "closed" | "nobody_practises" | "outside_hours" | "nobody_on_shift" | "shifts_full";

/**
 * Why the server closes a socket.
 */
export type ClosingReason = "replaced" | "shutting_down" | "session_ended" | "too_slow" | "protocol";

/**
 * Why there is no place for a companion any more.
 */
export type CompanionEnd = "left" | "withdrawn" | "expired" | "visit_ended";

/**
 * As what somebody comes.
 */
export type CompanionRole = "parent" | "interpreter" | "second_practitioner" | "other";

/**
 * All that a companion sees.
 */
export type CompanionSnapshot = { 
/**
 * Grows with every change, also across a restart of the server.
 */
revision: number, 
/**
 * Where they are.
 */
card: ClinicCard, 
/**
 * As what they are invited; absent when nothing is known of the invitation any more.
 */
role: CompanionRole | null, 
/**
 * What they are called, where the clinic knows it; then what `arrive` says is of no matter.
 */
name?: string, 
/**
 * With whom they come; absent before they accept.
 */
patient?: string, 
/**
 * How far it is.
 */
state: CompanionState, 
/**
 * A leg to connect, while they are in the consultation.
 */
leg: Leg | null, 
/**
 * The consultation, while it lasts.
 */
consultation: ConsultationView | null, };

/**
 * How far a companion is.
 */
export type CompanionState = { "type": "invited" } | { "type": "waiting", 
/**
 * The patient's place, from 1; absent before the patient has come, and when called.
 */
place?: number, } | { "type": "in_consultation", 
/**
 * Which.
 */
consultation: ConsultationId, } | { "type": "away" } | { "type": "on_hold", 
/**
 * Which.
 */
consultation: ConsultationId, } | { "type": "over", 
/**
 * Why.
 */
why: CompanionEnd, };

/**
 * What a practitioner concludes.
 */
export type Conclusion = "done" | "in_person_needed" | "sent_to_emergency" | "no_show";

/**
 * Something about the answer to an earlier question.
 */
export type Condition = { 
/**
 * Which question. Unanswered: the condition does not hold.
 */
question: string, 
/**
 * What its answer must be.
 */
answer: AnswerIs, };

/**
 * What a patient says about consent.
 */
export type ConsentAct = "given" | "refused" | "revoked";

/**
 * One thing that a patient said about consent.
 */
export type ConsentEntry = { 
/**
 * What.
 */
act: ConsentAct, 
/**
 * When.
 */
at: Timestamp, 
/**
 * Of which version of the text.
 */
version: string, };

/**
 * The consent that a service asks for, with all that was said about it.
 */
export type ConsentView = { 
/**
 * The version of the text that is asked about.
 */
version: string, 
/**
 * In order; the last counts, when it was said of this version.
 */
said: Array<ConsentEntry>, };

/**
 * The clinical encounter.
 */
export type ConsultationId = string;

/**
 * A consultation as its participants see it.
 */
export type ConsultationView = { 
/**
 * Its id.
 */
consultation: ConsultationId, 
/**
 * Of which visit.
 */
visit?: VisitId, 
/**
 * When the patient was admitted.
 */
started_at: Timestamp, 
/**
 * The roster: nobody else may be a member of the MLS group.
 */
participants: Array<ParticipantView>, 
/**
 * Who comes along, or is invited to; for the practitioner alone.
 */
companions?: Array<InvitationView>, 
/**
 * Since when there is sound and no picture both ways, while that is so; for the practitioner alone. It counts as a
 * consultation by telephone.
 */
sound_only_since?: Timestamp, 
/**
 * The MLS group that is in force; absent until the practitioner has begun one.
 */
group: GroupView | null, };

/**
 * Why a practitioner turned a visit away.
 */
export type DeclineReason = "in_person_needed" | "wrong_service" | "no_time_left" | "emergency" | "quota_reached" | "other";

/**
 * Whether a practitioner sees patients.
 */
export type Duty = { "type": "on" } | { "type": "break", 
/**
 * When they are on duty again by themselves; absent: when they say so.
 */
until?: Timestamp, } | { "type": "off" };

/**
 * A consultation that ended.
 */
export type EndedConsultation = { 
/**
 * Which.
 */
consultation: ConsultationId, 
/**
 * The patient's name.
 */
name: string, 
/**
 * How it ended.
 */
outcome: Outcome, 
/**
 * When it began.
 */
started_at: Timestamp, 
/**
 * When it ended.
 */
ended_at: Timestamp, };

/**
 * Why something was refused. A refusal changes nothing.
 */
export type ErrorBody = { 
/**
 * Stable; programs decide by it.
 */
code: ErrorCode, 
/**
 * One sentence for a developer or operator, with what to do next. No personal data.
 */
message: string, 
/**
 * When the same request may be tried again, in milliseconds; absent when it would fail again, or nobody can know.
 */
retry_after_ms: number | null, 
/**
 * When what is closed takes people in again, should nothing else change; absent when nobody can know, or nothing is
 * closed.
 */
opens_at?: Timestamp, 
/**
 * What it is exactly, where one code stands for several things.
 */
reason?: ErrorReason, 
/**
 * The question whose answer does not fit, by its code in the form; absent when nothing is wrong with an answer, or no
 * question can have that code.
 */
question?: string, };

/**
 * The stable codes. New ones may be added; none changes its meaning.
 */
export type ErrorCode = "malformed" | "too_large" | "unsupported_protocol" | "out_of_order" | "session_unknown" | "proof_invalid" | "token_invalid" | "token_expired" | "token_used" | "sign_in_expired" | "sign_in_refused" | "sign_in_unavailable" | "sign_in_unknown" | "second_factor_missing" | "origin_refused" | "not_permitted" | "not_found" | "rate_limited" | "invalid_name" | "invalid_text" | "visit_active" | "visit_ended" | "visit_not_waiting" | "waiting_room_full" | "service_closed" | "nobody_practises" | "not_practised" | "language_not_spoken" | "form_missing" | "invalid_order" | "off_shift" | "invalid_break" | "gates_shut" | "gate_refused" | "answer_invalid" | "consent_refused" | "consent_not_asked" | "invitation_used" | "invitation_withdrawn" | "invitation_expired" | "already_companion" | "consultation_full" | "quota_reached" | "shielded" | "off_duty" | "queue_closed" | "patient_there" | "others_wait_too_long" | "overtake_needs_a_reason" | "not_a_choice" | "nothing_to_choose" | "no_regular" | "booked_otherwise" | "unknown_patient" | "appointment_overlaps" | "invalid_time" | "invalid_code" | "too_many" | "patient_away" | "practitioner_busy" | "not_in_consultation" | "sdp_invalid" | "sfu_unavailable" | "stale_epoch" | "mls_invalid" | "not_committer" | "no_key_package" | "log_truncated" | "limit_reached" | "unavailable";

/**
 * What a refusal is exactly. New ones may be added; none changes its meaning.
 */
export type ErrorReason = "pause" | "rest_due" | "hour_cap" | "day_cap" | "break_soon" | "on_break" | "shift_ending" | "outside_shifts" | "in_consultation" | "day" | "month" | "year" | "gate_not_required" | "gate_not_yours" | "gate_answered" | "gate_expired" | "gate_asked_too_often" | "exception_needed" | "exception_not_allowed" | "foreign_reason" | "gate_text_invalid" | "gates_not_open" | "admitted_already" | "emergency_found" | "no_form";

/**
 * What a patient told after a consultation, without a name.
 */
export type Feedback = { 
/**
 * When.
 */
at: Timestamp, 
/**
 * What.
 */
text: string, };

/**
 * The answer to one question.
 */
export type FormAnswer = { "type": "yes_no", "value": boolean } | { "type": "one_of", "value": string } | { "type": "several_of", "value": Array<string> } | { "type": "number", "value": number } | { "type": "short_text", "value": string };

/**
 * A coded reason to open a gate although what it asks for is missing. Each belongs to one kind of gate.
 */
export type GateException = "own_doctor_not_available" | "on_call_service" | "cannot_travel" | "identity_vouched" | "entitlement_proven" | "asked_by_voice" | "paid_otherwise" | "payment_waived" | "medically_needed" | "companion_not_needed" | "device_accepted";

/**
 * A gate: something that a visit passes before it can be admitted. Two insurers, or two companions, are two gates.
 */
export type GateKind = { "type": "identity" } | { "type": "eligibility" } | { "type": "entitlement", 
/**
 * Which insurer, by its code.
 */
insurer: string, } | { "type": "consent" } | { "type": "symptom_form" } | { "type": "emergency_screen" } | { "type": "payment" } | { "type": "quota" } | { "type": "companion", 
/**
 * As what: `parent`, `interpreter`, `second_practitioner` or `other`.
 */
role: string, } | { "type": "device_check" };

/**
 * Who opens a gate.
 */
export type GateOpener = "built_in" | "hand" | "system";

/**
 * Why a gate was refused.
 */
export type GateReason = "level_too_low" | "not_eligible" | "not_entitled" | "consent_refused" | "consent_revoked" | "not_paid" | "quota_reached" | "device_unsuitable" | "other";

/**
 * The MLS group that is in force.
 */
export type GroupView = { 
/**
 * Grows when a practitioner's page begins anew.
 */
generation: number, 
/**
 * The page that began it: the only committer.
 */
committer: InstanceId, 
/**
 * The epoch after the last commit.
 */
epoch: number, };

/**
 * A consultation that goes on later.
 */
export type HeldConsultation = { 
/**
 * Which.
 */
consultation: ConsultationId, 
/**
 * Of which visit.
 */
visit: VisitId, 
/**
 * The patient's name.
 */
name: string, 
/**
 * Since when.
 */
since: Timestamp, 
/**
 * The patient's socket is open.
 */
connected: boolean, };

/**
 * A session of the device's own.
 */
export type HeldSession = { 
/**
 * Its secret.
 */
session: string, 
/**
 * By the device's key, as in `hello`, with [`SIGN_IN_NONCE`](crate::SIGN_IN_NONCE) where the challenge's nonce stands.
 */
proof: Base64Bytes, };

/**
 * The body of every HTTP error.
 */
export type HttpError = { 
/**
 * What went wrong.
 */
error: ErrorBody, };

/**
 * One load of the page: a reload makes a new instance, and with it a new MLS leaf.
 */
export type InstanceId = string;

/**
 * The invitation of one companion to one visit.
 */
export type InvitationId = string;

/**
 * An invitation that stands, as the patient and the practitioner see it, or that a colleague declined.
 */
export type InvitationView = { 
/**
 * Which.
 */
invitation: InvitationId, 
/**
 * As what.
 */
role: CompanionRole, 
/**
 * Which practitioner of the clinic it is for; absent when it is for whoever has the link.
 */
colleague?: string, 
/**
 * Who came by it; absent before somebody did.
 */
name?: string, 
/**
 * Who came by it is there now.
 */
connected: boolean, 
/**
 * The practitioner whom it was for said no. A patient is not shown it.
 */
declined?: boolean, };

/**
 * A leg that the client is to keep connected. When `leg` changes, make a new peer connection; when
 * it disappears, close it.
 */
export type Leg = { 
/**
 * The SFU's side of the consultation.
 */
call: CallId, 
/**
 * This participant's authorisation on it.
 */
leg: LegId, 
/**
 * False while the leg is kept warm before admission: connect, send nothing.
 */
open: boolean, };

/**
 * The authorisation of one participant to connect one peer to one call.
 */
export type LegId = string;

/**
 * One entry of a consultation's MLS log.
 */
export type LogEntry = { 
/**
 * Its place, from 1, without gaps.
 */
sequence: number, 
/**
 * Who sent it, as the server saw it; the message's own signature is what counts.
 */
sender: InstanceId, 
/**
 * What it is.
 */
kind: LogKind, 
/**
 * The `MLSMessage`.
 */
message: Base64Bytes, };

/**
 * What a log entry is.
 */
export type LogKind = "commit" | "welcome" | "application";

/**
 * Somebody who was called and is awaited, or who did not come.
 */
export type MissedVisit = { 
/**
 * Whose visit.
 */
visit: VisitId, 
/**
 * The patient's name.
 */
name: string, 
/**
 * They were called, and may still come.
 */
called: boolean, };

/**
 * A practitioner whom a patient can ask for.
 */
export type OfferedPractitioner = { 
/**
 * Their id.
 */
practitioner: PractitionerId, 
/**
 * Their name.
 */
name: string, 
/**
 * They see patients now.
 */
on_duty: boolean, };

/**
 * A service that can be consulted for.
 */
export type OfferedService = { 
/**
 * Its id.
 */
service: ServiceId, 
/**
 * Its name.
 */
name: string, 
/**
 * What it costs, in words; may be empty.
 */
price: string, 
/**
 * What is paid back, in words; may be empty.
 */
reimbursement: string, 
/**
 * What a patient may ask to be seen in, by ISO 639: what it is offered in, or else what its practitioners speak, as far as
 * one of them does; empty when the clinic does not say.
 */
languages: Array<string>, 
/**
 * Who practises it.
 */
practitioners: Array<OfferedPractitioner>, 
/**
 * It takes nobody in now.
 */
closed?: Closed, };

/**
 * How a visit ended.
 */
export type Outcome = { "type": "completed", 
/**
 * What they concluded.
 */
conclusion?: Conclusion, } | { "type": "left" } | { "type": "declined", 
/**
 * Why.
 */
reason: DeclineReason, 
/**
 * The practitioner's words, may be empty.
 */
message: string, } | { "type": "connection_lost" } | { "type": "no_show" } | { "type": "cancelled" } | { "type": "emergency" } | { "type": "transferred" };

/**
 * Why a practitioner sees somebody before others who could be admitted.
 */
export type OvertakeReason = "clinical_need" | "continuity" | "quick_matter" | "by_agreement" | "waiting_room_first";

/**
 * The languages in which the pages speak.
 */
export type PageLanguage = "fr" | "nl" | "de" | "en";

/**
 * A person in a consultation; a patient's, practitioner's or invitation's id seen from the consultation.
 */
export type ParticipantId = string;

/**
 * A participant as the others see them.
 */
export type ParticipantView = { 
/**
 * Who.
 */
participant: ParticipantId, 
/**
 * As what.
 */
role: Role, 
/**
 * As what a companion comes.
 */
companion?: CompanionRole, 
/**
 * Their name.
 */
name: string, 
/**
 * The page that is connected now, or was last; absent before the first.
 */
instance: InstanceId | null, 
/**
 * Their socket is open, and their media is not interrupted.
 */
connected: boolean, 
/**
 * A key package of `instance` is on the shelf.
 */
key_package: boolean, 
/**
 * Their microphone is on.
 */
microphone: boolean, 
/**
 * Their camera is on.
 */
camera: boolean, };

/**
 * What a visit has still to pass, as its patient sees it.
 */
export type PatientIntake = { 
/**
 * The service's form, until all its required questions are answered.
 */
form?: Array<Question>, 
/**
 * The form was handed in.
 */
answered?: boolean, 
/**
 * The consent that is asked for.
 */
consent?: ConsentView, 
/**
 * The gates that stand shut, in the order in which they are shown.
 */
shut?: Array<ShutGate>, 
/**
 * What the service costs, in words, while it is to be paid.
 */
price?: string, 
/**
 * What is paid back of it, in words, while it is to be paid.
 */
reimbursement?: string, };

/**
 * All that a patient sees.
 */
export type PatientSnapshot = { 
/**
 * Grows with every change, also across a restart of the server.
 */
revision: number, 
/**
 * Where they are.
 */
card: ClinicCard, 
/**
 * Their visit; absent before they arrive.
 */
visit: PatientVisit | null, 
/**
 * What they can ask for. With an appointment that names nobody its service, with those who could keep it; empty with one
 * that names somebody, and once they have arrived.
 */
offered?: Array<OfferedService>, 
/**
 * Their regular practitioner, if the clinic knows of one.
 */
regular?: RegularPractitioner, 
/**
 * A leg to connect, from the time the visit comes near the head of the queue.
 */
leg: Leg | null, 
/**
 * The consultation, while it lasts.
 */
consultation: ConsultationView | null, };

/**
 * A patient's own visit.
 */
export type PatientVisit = { 
/**
 * Its id.
 */
visit: VisitId, 
/**
 * When they came; absent while they are expected.
 */
arrived_at?: Timestamp, 
/**
 * What it is for, by name.
 */
service?: string, 
/**
 * How much longer it waits; absent when too little is known to say.
 */
wait?: Wait, 
/**
 * What it has still to pass, or passed here; absent when its service asks for nothing.
 */
intake?: PatientIntake, 
/**
 * For whom it waits, by name; absent: for whoever is free next.
 */
practitioner?: string, 
/**
 * What staff wrote to them while they wait.
 */
message?: string, 
/**
 * In which language they want to be seen; absent: in any.
 */
language?: string, 
/**
 * Their practitioner went off duty, or nobody speaks their language any more where they wait for whoever is free: do they
 * wait on, or take whoever is free next?
 */
asked?: boolean, 
/**
 * Nobody practises any more what they wait for: they keep their place, and are seen once somebody does.
 */
nobody_practises?: boolean, 
/**
 * When it is planned for.
 */
appointment?: Timestamp, 
/**
 * Who comes along, or is invited to.
 */
companions?: Array<InvitationView>, 
/**
 * How far it is.
 */
state: VisitState, };

/**
 * A practitioner: the subject of a join token.
 */
export type PractitionerId = string;

/**
 * All that a practitioner sees.
 */
export type PractitionerSnapshot = { 
/**
 * Grows with every change, also across a restart of the server.
 */
revision: number, 
/**
 * Where they work.
 */
card: ClinicCard, 
/**
 * Their own name.
 */
name: string, 
/**
 * Whether they see patients; absent when the clinic does not know them.
 */
duty?: Duty, 
/**
 * What they have on hold.
 */
held?: Array<HeldConsultation>, 
/**
 * Who was called and is awaited, or did not come and can be called back: the awaited first, then the latest.
 */
missed?: Array<MissedVisit>, 
/**
 * Where they can hand a visit on to.
 */
transfers?: Array<TransferTarget>, 
/**
 * Where colleagues ask them to come along.
 */
asked_along?: Array<AskedAlong>, 
/**
 * What patients told them after consultations, the latest first.
 */
feedback?: Array<Feedback>, 
/**
 * The waiting room, in order.
 */
waiting: Array<WaitingEntry>, 
/**
 * The forms that are answered in `waiting` and `intake`.
 */
forms?: Array<ServiceForm>, 
/**
 * What the patient of the consultation answered and consented to.
 */
intake?: VisitIntake, 
/**
 * A leg to connect: the consultation's, or a warm one for whoever is next.
 */
leg: Leg | null, 
/**
 * The consultation, while it lasts.
 */
consultation: ConsultationView | null, 
/**
 * The regular practitioner of the patient in `consultation`, or else in `ended`, if the clinic knows of one.
 */
regular?: RegularPractitioner, 
/**
 * The last consultation that ended, until another begins.
 */
ended: EndedConsultation | null, };

/**
 * One question of a service's form.
 */
export type Question = { 
/**
 * Unique in the form.
 */
code: string, 
/**
 * What is asked.
 */
texts: { [key in PageLanguage]?: string }, 
/**
 * What is answered.
 */
kind: QuestionKind, 
/**
 * It must be answered when it is asked.
 */
required?: boolean, 
/**
 * It is asked only when all of these hold, which name earlier questions.
 */
ask_when?: Array<Condition>, 
/**
 * The answers that mean an emergency; each by itself. The page judges them too, so that 112 shows without the server.
 */
red_flags?: Array<AnswerIs>, };

/**
 * What is answered to a question.
 */
export type QuestionKind = { "type": "yes_no" } | { "type": "one_of", 
/**
 * In order.
 */
options: Array<QuestionOption>, } | { "type": "several_of", 
/**
 * In order.
 */
options: Array<QuestionOption>, } | { "type": "number", 
/**
 * What is counted; absent for a bare count.
 */
unit?: { [key in PageLanguage]?: string }, 
/**
 * Digits after the decimal point.
 */
decimals: number, 
/**
 * The least value, in steps.
 */
min: number, 
/**
 * The greatest value, in steps.
 */
max: number, } | { "type": "short_text", 
/**
 * The most characters.
 */
max_chars: number, };

/**
 * One option of a question.
 */
export type QuestionOption = { 
/**
 * Unique in the question.
 */
code: string, 
/**
 * What it says.
 */
texts: { [key in PageLanguage]?: string }, };

/**
 * A patient's regular practitioner: one at most, kept across visits.
 */
export type RegularPractitioner = { 
/**
 * Their id.
 */
practitioner: PractitionerId, 
/**
 * Their name.
 */
name: string, 
/**
 * It is whoever reads this.
 */
own?: boolean, };

/**
 * The answer to a request.
 */
export type Reply = { "type": "done" } | { "type": "welcome", 
/**
 * The version chosen.
 */
protocol: number, 
/**
 * Whose session it is.
 */
role: Role, 
/**
 * The name of this participant in consultations.
 */
participant: ParticipantId, 
/**
 * The server's clock, to show waiting times from.
 */
server_time: Timestamp, } | { "type": "moving", 
/**
 * A join token for the same visit, good once.
 */
token: string, 
/**
 * Until when.
 */
expires_at: Timestamp, } | { "type": "answer", 
/**
 * The answer.
 */
sdp: string, } | { "type": "key_packages", 
/**
 * One for each instance asked for.
 */
packages: Array<ClaimedKeyPackage>, } | { "type": "invitation", 
/**
 * Its id.
 */
invitation: InvitationId, 
/**
 * A join token for whoever is invited, good once: it goes behind `#j=` of a link to `/companion`.
 */
token: string, 
/**
 * When it is good no more, if nobody has come by then.
 */
expires_at: Timestamp, } | { "type": "accepted", 
/**
 * Its place.
 */
sequence: number, };

/**
 * What can be asked. Before [`Request::Hello`] is answered, nothing else is.
 */
export type Request = { "type": "hello", 
/**
 * Versions that the client speaks, best first.
 */
protocol: Array<number>, 
/**
 * The session's secret, as granted.
 */
session: string, 
/**
 * The device's signature, see [`crate::PROOF_LABEL`].
 */
proof: Base64Bytes, 
/**
 * Random, made anew at each load of the page.
 */
instance: InstanceId, } | { "type": "ping" } | { "type": "arrive", 
/**
 * 1 to 100 characters after trimming.
 */
name: string, 
/**
 * 0 to 500 characters after trimming; of no matter for a companion.
 */
reason: string, 
/**
 * What and whom a patient asks for.
 */
wish?: Wish, } | { "type": "answer", 
/**
 * What.
 */
answer: Answer, } | { "type": "answer_form", 
/**
 * By the codes of the questions.
 */
answers: { [key in string]: FormAnswer }, } | { "type": "consent", 
/**
 * What they say.
 */
act: ConsentAct, 
/**
 * Of which version of the text; of no matter when they take back what they gave.
 */
version: string, } | { "type": "check_devices", 
/**
 * They will do.
 */
suitable: boolean, } | { "type": "claim_exception", 
/**
 * One of those of the gate.
 */
exception: GateException, } | { "type": "ask_again", 
/**
 * At which gate.
 */
gate: GateKind, 
/**
 * Of which visit, which a practitioner names; a patient's own when absent.
 */
visit?: VisitId, } | { "type": "leave" } | { "type": "move" } | { "type": "feedback", 
/**
 * 1 to 1,000 characters after trimming.
 */
text: string, } | { "type": "note", 
/**
 * The consultation that it is about.
 */
consultation: ConsultationId, 
/**
 * 1 to 4,000 characters after trimming.
 */
text: string, } | { "type": "invite", 
/**
 * To which visit; a patient's own when absent.
 */
visit?: VisitId, 
/**
 * As what.
 */
role: CompanionRole, 
/**
 * Whom alone: a practitioner of the clinic whom another one asks to come as `second_practitioner`.
 */
colleague?: PractitionerId, } | { "type": "join", 
/**
 * Which of those in their snapshot.
 */
invitation: InvitationId, } | { "type": "decline_invitation", 
/**
 * Which of those in their snapshot.
 */
invitation: InvitationId, } | { "type": "withdraw_invitation", 
/**
 * To which visit; a patient's own when absent.
 */
visit?: VisitId, 
/**
 * Which.
 */
invitation: InvitationId, } | { "type": "admit", 
/**
 * Whom.
 */
visit: VisitId, 
/**
 * Why before others who could be admitted. Needed unless the visit waits for this practitioner alone and the others
 * wait elsewhere, in turn.
 */
overtake?: OvertakeReason, } | { "type": "call", 
/**
 * Whom.
 */
visit: VisitId, } | { "type": "message", 
/**
 * Whom.
 */
visit: VisitId, 
/**
 * 0 to 300 characters after trimming; an empty one takes the last back.
 */
text: string, } | { "type": "open_gate", 
/**
 * Whose.
 */
visit: VisitId, 
/**
 * Which.
 */
gate: GateKind, 
/**
 * Why, where it is not theirs to open otherwise.
 */
exception?: GateException, } | { "type": "set_urgency", 
/**
 * Whom.
 */
visit: VisitId, 
/**
 * How soon.
 */
urgency: Urgency, } | { "type": "transfer", 
/**
 * Whom.
 */
visit: VisitId, 
/**
 * Where to.
 */
to: WaitingRoom, } | { "type": "hold", 
/**
 * Which.
 */
consultation: ConsultationId, } | { "type": "resume", 
/**
 * Which.
 */
consultation: ConsultationId, } | { "type": "set_duty", 
/**
 * What.
 */
duty: Duty, } | { "type": "decline", 
/**
 * Whom.
 */
visit: VisitId, 
/**
 * Why; shown to the patient in their language.
 */
reason: DeclineReason, 
/**
 * The practitioner's own words, 0 to 300 characters; shown as they are.
 */
message: string, } | { "type": "take_on", 
/**
 * In which consultation.
 */
consultation: ConsultationId, 
/**
 * They are, in the place of whoever was; otherwise they are no more.
 */
regular: boolean, } | { "type": "end", 
/**
 * Which.
 */
consultation: ConsultationId, 
/**
 * What they conclude; absent: it is done.
 */
conclusion?: Conclusion, } | { "type": "offer", 
/**
 * The leg, from the snapshot.
 */
leg: LegId, 
/**
 * The client's number for its `RTCPeerConnection`. A number not seen on this leg replaces
 * the peer; the same number again is an ICE restart of it.
 */
connection: number, 
/**
 * The offer.
 */
sdp: string, } | { "type": "set_media", 
/**
 * The microphone is on.
 */
microphone: boolean, 
/**
 * The camera is on.
 */
camera: boolean, } | { "type": "watch", 
/**
 * The leg, from the snapshot.
 */
leg: LegId, 
/**
 * The peer connection, as numbered in the offer.
 */
connection: number, 
/**
 * The slots that show less than everything.
 */
pictures: Array<Watched>, } | { "type": "publish_key_packages", 
/**
 * `MLSMessage`s with key packages (RFC 9420 section 6), each used once.
 */
packages: Array<Base64Bytes>, } | { "type": "claim_key_packages", 
/**
 * The consultation.
 */
consultation: ConsultationId, 
/**
 * Instances to add; each must be in the roster.
 */
instances: Array<InstanceId>, } | { "type": "commit", 
/**
 * The consultation.
 */
consultation: ConsultationId, 
/**
 * An `MLSMessage` with a commit. Its group id is the consultation's sixteen bytes and the
 * generation as four bytes, big-endian; epoch 0 of the next generation begins a new group.
 */
commit: Base64Bytes, 
/**
 * The `MLSMessage` with the Welcome, when somebody is added.
 */
welcome: Base64Bytes | null, } | { "type": "send", 
/**
 * The consultation.
 */
consultation: ConsultationId, 
/**
 * An `MLSMessage` with a private message.
 */
message: Base64Bytes, } | { "type": "acknowledge", 
/**
 * The consultation.
 */
consultation: ConsultationId, 
/**
 * The group.
 */
generation: number, 
/**
 * The epoch taken up.
 */
epoch: number, } | { "type": "sync", 
/**
 * The consultation.
 */
consultation: ConsultationId, 
/**
 * The last entry seen, 0 for none.
 */
after: number, };

/**
 * What somebody may do.
 */
export type Role = "patient" | "practitioner" | "companion";

/**
 * One message of the server.
 */
export type ServerMessage = { "type": "challenge", 
/**
 * Versions that the server speaks, best first.
 */
protocol: Array<number>, 
/**
 * Thirty-two random bytes to be signed.
 */
nonce: Base64Bytes, } | { "type": "reply", 
/**
 * The request's.
 */
id: number, 
/**
 * The answer.
 */
reply: Reply, } | { "type": "refused", 
/**
 * The request's; absent when the message could not be read.
 */
id: number | null, 
/**
 * Why.
 */
error: ErrorBody, } | { "type": "patient" } & PatientSnapshot | { "type": "practitioner" } & PractitionerSnapshot | { "type": "companion" } & CompanionSnapshot | { "type": "slots", 
/**
 * The leg.
 */
leg: LegId, 
/**
 * The peer connection, as numbered in the offer.
 */
connection: number, 
/**
 * The bound slots; a slot that is not listed is silent.
 */
slots: Array<Slot>, } | { "type": "layers", 
/**
 * The leg.
 */
leg: LegId, 
/**
 * The peer connection, as numbered in the offer.
 */
connection: number, 
/**
 * Places in the offer's list of layers, from 0, the smallest first.
 */
layers: Array<number>, } | { "type": "redundancy", 
/**
 * The leg.
 */
leg: LegId, 
/**
 * The peer connection, as numbered in the offer.
 */
connection: number, 
/**
 * Whether it may.
 */
allowed: boolean, } | { "type": "log", 
/**
 * The consultation.
 */
consultation: ConsultationId, 
/**
 * In order of `sequence`.
 */
entries: Array<LogEntry>, } | { "type": "acknowledged", 
/**
 * The consultation.
 */
consultation: ConsultationId, 
/**
 * Whose page.
 */
instance: InstanceId, 
/**
 * The group.
 */
generation: number, 
/**
 * The epoch taken up.
 */
epoch: number, } | { "type": "closing", 
/**
 * Why, and whether to come back.
 */
reason: ClosingReason, };

/**
 * The form that some visits of a practitioner's were answered by.
 */
export type ServiceForm = { 
/**
 * Of which service.
 */
service: ServiceId, 
/**
 * Its questions, in order.
 */
questions: Array<Question>, };

/**
 * What can be consulted for at a clinic.
 */
export type ServiceId = string;

/**
 * The answer to a [`SessionRequest`].
 */
export type SessionGrant = { 
/**
 * The session's secret: goes into `hello`, with a proof by the device's key.
 */
session: string, 
/**
 * As what.
 */
role: Role, 
/**
 * The name of this participant in consultations.
 */
participant: ParticipantId, 
/**
 * When the session ends at the latest.
 */
expires_at: Timestamp, 
/**
 * It came of signing in.
 */
signed_in?: boolean, };

/**
 * `POST /api/v1/sessions`: exchanges a join token, once, for a session bound to a device.
 */
export type SessionRequest = { 
/**
 * The join token: after `#j=` in an invitation, or from a [`WalkInGrant`].
 */
token: string, 
/**
 * The device's public key: P-256, uncompressed point of 65 bytes (SEC 1 section 2.3.3).
 */
device_key: Base64Bytes, };

/**
 * A gate that stands shut.
 */
export type ShutGate = { 
/**
 * Which.
 */
gate: GateKind, 
/**
 * Who opens it.
 */
opened_by: GateOpener, 
/**
 * Why it is shut.
 */
why: WhyShut, 
/**
 * The exceptions by which this service lets it be opened.
 */
exceptions?: Array<GateException>, };

/**
 * `GET /sign-in/offered`: whether there is an identity provider to sign in at.
 */
export type SignInOffer = { 
/**
 * There is.
 */
offered: boolean, };

/**
 * `POST /api/v1/sign-ins`: begins to sign in at the identity provider.
 */
export type SignInRequest = { 
/**
 * As a patient: the code after `#w=` in the walk-in link. Absent, as `session` is: as a practitioner.
 */
link?: string, 
/**
 * As a patient who came in by a link of their own, and stays with its visit.
 */
session?: HeldSession, 
/**
 * The public key of the device that begins, as in a [`SessionRequest`]: no other gets in by this sign-in.
 */
device_key: Base64Bytes, };

/**
 * The answer to a [`SignInRequest`].
 */
export type SignInStart = { 
/**
 * Where the page goes, within ten minutes. It comes back with a join token behind `#j=`, or with a code of an error
 * behind `#e=`.
 */
url: string, };

/**
 * A track bound to a receive slot.
 */
export type Slot = { 
/**
 * The `mid` of the offer's receiving media section.
 */
mid: string, 
/**
 * Whose track.
 */
participant: ParticipantId, 
/**
 * What it shows.
 */
source: Source, };

/**
 * What a track carries.
 */
export type Source = "microphone" | "camera" | "screen";

/**
 * A moment: milliseconds since the Unix epoch.
 */
export type Timestamp = number;

/**
 * Somewhere to hand a visit on to.
 */
export type TransferTarget = { 
/**
 * Where.
 */
to: WaitingRoom, 
/**
 * The service's or the practitioner's name.
 */
name: string, 
/**
 * Somebody is on duty there.
 */
on_duty: boolean, };

/**
 * How soon a visit is to be seen. Staff alone set it.
 */
export type Urgency = "routine" | "soon" | "urgent";

/**
 * One patient's passage from arrival to outcome.
 */
export type VisitId = string;

/**
 * What a visit has passed and has still to pass, as a practitioner sees it.
 */
export type VisitIntake = { 
/**
 * Whose form was answered: one of the snapshot's `forms`.
 */
form?: ServiceId, 
/**
 * What was answered to it.
 */
answers?: { [key in string]: FormAnswer }, 
/**
 * The consent that is asked for.
 */
consent?: ConsentView, 
/**
 * The gates that stand shut: with any, the visit cannot be admitted.
 */
shut?: Array<ShutGate>, };

/**
 * How far a visit is.
 */
export type VisitState = { "type": "expected" } | { "type": "waiting", 
/**
 * From 1, the next to be admitted.
 */
place: number, } | { "type": "called" } | { "type": "in_consultation", 
/**
 * Which.
 */
consultation: ConsultationId, } | { "type": "on_hold", 
/**
 * Which.
 */
consultation: ConsultationId, } | { "type": "ended", 
/**
 * How.
 */
outcome: Outcome, 
/**
 * When.
 */
at: Timestamp, };

/**
 * How much longer a patient waits: between the two for four people in five. Whole minutes, rounded outward.
 */
export type Wait = { 
/**
 * From which moment on.
 */
from: Timestamp, 
/**
 * At least so many minutes.
 */
low: number, 
/**
 * At most so many minutes.
 */
high: number, };

/**
 * One line of the waiting room.
 */
export type WaitingEntry = { 
/**
 * Whose place it is.
 */
visit: VisitId, 
/**
 * From 1.
 */
place: number, 
/**
 * The patient's name.
 */
name: string, 
/**
 * Why they came; may be empty.
 */
reason: string, 
/**
 * Since when they wait.
 */
arrived_at: Timestamp, 
/**
 * What for, by name.
 */
service?: string, 
/**
 * What they answered and have still to pass; absent when the service asks for nothing.
 */
intake?: VisitIntake, 
/**
 * How soon they are to be seen.
 */
urgency?: Urgency, 
/**
 * When they have an appointment for.
 */
appointment?: Timestamp, 
/**
 * What was written to them.
 */
message?: string, 
/**
 * In which language they want to be seen.
 */
language?: string, 
/**
 * They wait for this practitioner alone.
 */
named?: boolean, 
/**
 * This practitioner is their regular one.
 */
regular?: boolean, 
/**
 * Who waits with them, or is invited to.
 */
companions?: Array<InvitationView>, 
/**
 * Their socket is open; a patient who is away cannot be admitted.
 */
connected: boolean, };

/**
 * Where somebody waits.
 */
export type WaitingRoom = { "type": "service", "id": ServiceId } | { "type": "practitioner", "id": PractitionerId };

/**
 * The answer to a [`WalkInRequest`].
 */
export type WalkInGrant = { 
/**
 * A join token (JWT, `EdDSA`), good once and for a few minutes.
 */
token: string, };

/**
 * `POST /api/v1/walk-ins`: turns a walk-in link into a join token of a new pseudonym.
 */
export type WalkInRequest = { 
/**
 * The code after `#w=` in the link.
 */
link: string, };

/**
 * How much of a slot's picture is shown.
 */
export type Watched = { 
/**
 * The slot's `mid` in the offer, 1 to 16 characters.
 */
mid: string, 
/**
 * So many layers of the picture are of use, the smallest first: 1 to 3; or 0 while nothing of it is seen.
 */
layers: number, };

/**
 * Why a gate stands shut.
 */
export type WhyShut = { "type": "pending", 
/**
 * Until when the answer is waited for; absent when nobody is hurried.
 */
expires_at?: Timestamp, } | { "type": "refused", 
/**
 * Why.
 */
reason: GateReason, 
/**
 * In the clinic's words; may be empty.
 */
message: string, } | { "type": "expired", 
/**
 * The patient may have it asked again; otherwise only staff may.
 */
may_ask_again: boolean, };

/**
 * What a patient asks for on arrival. What is absent is left to the clinic, or is as it was booked. With an appointment, a
 * `service` or `practitioner` that is not the booked one is refused (`booked_otherwise`); one that names nobody may be asked to
 * be with a practitioner of its service, or the regular one, who could have been booked for it. The language may be another.
 */
export type Wish = { 
/**
 * What for; absent: what the clinic offers to everybody.
 */
service?: ServiceId, 
/**
 * By whom; absent: whoever is free next.
 */
practitioner?: PractitionerId, 
/**
 * By the patient's regular practitioner, whoever the clinic says that is; `practitioner` is left out, or is that one.
 */
regular?: boolean, 
/**
 * In which language: two or three small letters of ISO 639.
 */
language?: string, };
