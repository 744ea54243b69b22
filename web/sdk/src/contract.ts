/** What the pages build on: states that never change once handed out, and actions that reject with a `VestibuleError`. */

import type { FormAnswers } from './form.ts';
import type {
  Answer,
  CompanionRole,
  CompanionSnapshot,
  Conclusion,
  ConsentAct,
  DeclineReason,
  Duty,
  ErrorCode,
  ErrorReason,
  GateException,
  GateKind,
  OvertakeReason,
  PatientSnapshot,
  PractitionerSnapshot,
  Role,
  Urgency,
  WaitingRoom,
  Wish,
} from './wire.ts';

/**
 * How the session is.
 *
 * `opening` before the first welcome, `reconnecting` after it; `replaced` when the session was opened
 * elsewhere; `ended` when it is over; `refused` when the link or session was not taken (see
 * `problem`).
 */
export type ConnectionStatus =
  'opening' | 'online' | 'reconnecting' | 'replaced' | 'ended' | 'refused';

/**
 * Codes that arise in the client: a browser that cannot encrypt media, a network that fails, a page
 * without a link, and a camera or microphone that could not be had.
 */
export type ClientCode = 'unsupported_browser' | 'network' | 'no_link' | 'media';

export type ProblemCode = ErrorCode | ClientCode;

/** Something that went wrong. */
export interface Problem {
  readonly code: ProblemCode;
  /** The same thing may be tried again. */
  readonly retryable: boolean;
}

/** What every action rejects with. The message is for developers and names nobody. */
export class VestibuleError extends Error implements Problem {
  readonly code: ProblemCode;
  readonly retryable: boolean;
  /** When what is closed opens again, by the server's clock; null when nothing is, or nobody knows. */
  readonly opensAt: number | null;
  /** What it is exactly, where one code stands for several things. */
  readonly reason: ErrorReason | null;
  /** The code of the question whose answer does not fit; null when none is meant. */
  readonly question: string | null;

  constructor(
    code: ProblemCode,
    retryable: boolean,
    opensAt: number | null = null,
    reason: ErrorReason | null = null,
    question: string | null = null,
  ) {
    super(code);
    this.name = 'VestibuleError';
    this.code = code;
    this.retryable = retryable;
    this.opensAt = opensAt;
    this.reason = reason;
    this.question = question;
  }
}

export type DeviceKind = 'microphone' | 'camera' | 'speaker';

export interface Device {
  readonly id: string;
  readonly kind: DeviceKind;
  /** Empty until access was granted once. */
  readonly label: string;
  readonly chosen: boolean;
}

/** The own camera and microphone. */
export interface LocalMediaState {
  readonly state: 'idle' | 'asking' | 'ready' | 'denied' | 'missing' | 'in_use' | 'failed';
  /** The self view: live tracks only. */
  readonly stream: MediaStream | null;
  /** Whether it is on; not while the device itself holds it back, as for a phone call. */
  readonly microphone: boolean;
  readonly camera: boolean;
  readonly devices: readonly Device[];
}

/** A participant of the consultation. */
export interface PersonState {
  readonly participant: string;
  readonly role: Role;
  /** As what a companion comes; null for everybody else. */
  readonly companion: CompanionRole | null;
  readonly name: string;
  readonly self: boolean;
  readonly connected: boolean;
  /** What they say that they send. */
  readonly microphone: boolean;
  readonly camera: boolean;
  /** Their decrypted sound and picture; null for oneself and until a frame was decrypted. */
  readonly stream: MediaStream | null;
  /**
   * The same stream, also before: whatever comes by it is decrypted, and until then nothing does. A page that has it in
   * an element in time shows their first frame. Null for oneself and while nothing is to come.
   */
  readonly incoming: MediaStream | null;
}

export interface ChatEntry {
  readonly id: string;
  /** The participant who wrote it. */
  readonly from: string;
  readonly mine: boolean;
  readonly text: string;
  /** When it was written by the writer's clock, corrected to the server's. */
  readonly at: number;
  /**
   * `told` when there is nobody's word for it but that of `handedBy`; `missing` when all that is known
   * is that lines of this writer did not arrive.
   */
  readonly state: 'sending' | 'sent' | 'failed' | 'told' | 'missing';
  /** Who told a page that returned of it; null when it was written while this page was there. */
  readonly handedBy: string | null;
}

export interface SafetyCode {
  /** To be read aloud: "123 456". */
  readonly digits: string;
  /** For those who want more: thirty digits in groups of five. */
  readonly long: string;
}

export interface ConsultationState {
  readonly consultation: string;
  readonly startedAt: number;
  /** Everybody whom the server lists and everybody who can listen, oneself among them. */
  readonly people: readonly PersonState[];
  readonly media: 'connecting' | 'connected' | 'interrupted';
  readonly encryption: 'pending' | 'ready' | 'failed';
  readonly safetyCode: SafetyCode | null;
  readonly chat: readonly ChatEntry[];
  /** Participants who say that they see another safety code. */
  readonly doubts: readonly string[];
}

/** Who arrives, and what for; a companion has no reason and no wish. */
export interface Arriving {
  readonly name: string;
  readonly reason: string;
  /** Absent: what the clinic offers to everybody, by whoever is free next. */
  readonly wish?: Wish | undefined;
}

/** What another device opens to go on there. */
export interface MoveLink {
  readonly url: string;
  /** By the local clock. */
  readonly expiresAt: number;
}

/** All that a page shows. */
export interface ClientState {
  readonly status: ConnectionStatus;
  readonly problem: Problem | null;
  /** The server's time minus the local time, in milliseconds. */
  readonly clockOffset: number;
  readonly patient: PatientSnapshot | null;
  readonly practitioner: PractitionerSnapshot | null;
  readonly companion: CompanionSnapshot | null;
  /** On a companion's page: somebody is signed in as a practitioner in this browser. */
  readonly besidePractitioner: boolean;
  readonly media: LocalMediaState;
  readonly consultation: ConsultationState | null;
}

export interface VestibuleClient {
  readonly state: ClientState;
  /** Calls `run` at once and after every change; returns how to stop (the contract of Svelte's stores). */
  subscribe(run: (state: ClientState) => void): () => void;

  arrive(input: Arriving): Promise<void>;
  /** Hands in what the patient answered to the form, as far as they have come. */
  answerForm(answers: FormAnswers): Promise<void>;
  /** What the patient says of this version of the text that they are to consent to. */
  consent(act: ConsentAct, version: string): Promise<void>;
  /** Whether the camera and the microphone will do. */
  checkDevices(suitable: boolean): Promise<void>;
  /** The reason for which the patient may be seen at a distance all the same. */
  claimException(exception: GateException): Promise<void>;
  /** Has an outside system asked again that did not answer in time; a practitioner says of which visit. */
  askAgain(gate: GateKind, visit?: string): Promise<void>;
  /** A practitioner opens a gate of somebody who waits. */
  openGate(visit: string, gate: GateKind, exception?: GateException): Promise<void>;
  /** What the patient wants whose practitioner went off duty. */
  answer(answer: Answer): Promise<void>;
  leave(): Promise<void>;
  /** A link by which another device takes the visit over; good once, for some minutes. */
  moveLink(): Promise<MoveLink>;
  /** Tells the practitioner something after the consultation, which nobody else is shown. */
  giveFeedback(text: string): Promise<void>;
  /** Writes to the patient's regular practitioner, about a consultation under way or the last one. */
  writeNote(consultation: string, text: string): Promise<void>;
  /**
   * Makes a link for somebody who is to come along; it is good once. A practitioner says to which visit, a
   * patient's is their own.
   */
  invite(role: CompanionRole, visit?: string): Promise<string>;
  /** Asks a colleague to come along to this visit, who finds it in their own console. */
  inviteColleague(visit: string, colleague: string): Promise<void>;
  /** A link for oneself, by which one comes along where a colleague asked. */
  join(invitation: string): Promise<string>;
  /** Says no to a colleague who asked; they see it, and can ask again. */
  declineInvitation(invitation: string): Promise<void>;
  /** Takes an invitation back; whoever came by it is shown out. */
  withdrawInvitation(invitation: string, visit?: string): Promise<void>;
  admit(visit: string, overtake?: OvertakeReason): Promise<void>;
  /** Calls somebody who is away, or who did not come. */
  call(visit: string): Promise<void>;
  decline(visit: string, reason: DeclineReason, message: string): Promise<void>;
  /** Writes to somebody who waits; an empty message takes the last back. */
  message(visit: string, text: string): Promise<void>;
  setUrgency(visit: string, urgency: Urgency): Promise<void>;
  /** Hands on somebody who waits, or whom one is in a consultation with. */
  transfer(visit: string, to: WaitingRoom): Promise<void>;
  /** Puts the consultation on hold. */
  hold(): Promise<void>;
  resume(consultation: string): Promise<void>;
  /** Says that one is the regular practitioner of a consultation's patient from now on, or is it no more. */
  takeOn(consultation: string, regular: boolean): Promise<void>;
  setDuty(duty: Duty): Promise<void>;
  /** Ends the consultation; without a conclusion it is done. */
  end(conclusion?: Conclusion): Promise<void>;

  /** Asks for the camera and the microphone; the result is in `state.media`. */
  startMedia(): Promise<void>;
  setMicrophone(on: boolean): Promise<void>;
  /** Off releases the device. */
  setCamera(on: boolean): Promise<void>;
  chooseDevice(kind: DeviceKind, id: string): Promise<void>;
  /** The microphone's level from 0 to 1; cheap enough for every animation frame. */
  microphoneLevel(): number;
  /** Plays a short tone on the chosen speaker. */
  testSpeaker(): Promise<void>;
  /**
   * Says how large the picture of a participant is shown, in pixels of the screen along its longer side, so that no more
   * of it is sent than can be seen; `null` when it is shown no longer. Until it is said, all of it is sent.
   */
  setShownSize(participant: string, pixels: number | null): void;

  sendChat(text: string): Promise<void>;
  /** Tells the others when the code is different, or that this was a mistake. */
  judgeSafetyCode(same: boolean): Promise<void>;
  /** After `replaced`: continues here. */
  takeOver(): Promise<void>;
  /** After a visit ended: begins a new one by the same walk-in link, if the page still has it. */
  restart(): Promise<void>;
  /** Whether somebody may sign in at an identity provider here. */
  offersSignIn(): Promise<boolean>;
  /** Leaves the page for the identity provider, which sends people back to it. */
  signIn(): Promise<void>;
  /** Leaves nothing running. */
  close(): void;
}

export interface ClientOptions {
  readonly role: Role;
  /** Where the link is read from and which server is spoken to; the page's own by default. */
  readonly location?: Location;
}
