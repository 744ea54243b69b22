/** What goes into and comes out of the driver of a consultation's group. */

import type { ChatEntry, SafetyCode } from '../../contract.ts';
import type { ConsultationView, ErrorCode, LogEntry, Reply, Request, Role } from '../../wire.ts';
import type { Rejection } from '../policy.ts';

/** The requests that concern the group. */
export type GroupRequest = Extract<
  Request,
  {
    type:
      'publish_key_packages' | 'claim_key_packages' | 'commit' | 'send' | 'acknowledge' | 'sync';
  }
>;

/** How a request ended; `network` when nobody knows whether it was carried out. */
export type Outcome =
  | { readonly reply: Reply }
  | { readonly error: ErrorCode | 'network'; readonly retryAfter: number | null };

export type GroupEvent =
  | { readonly type: 'view'; readonly view: ConsultationView | null }
  | { readonly type: 'online' }
  | { readonly type: 'offline' }
  | { readonly type: 'log'; readonly consultation: string; readonly entries: readonly LogEntry[] }
  | {
      readonly type: 'acknowledged';
      readonly consultation: string;
      readonly instance: string;
      readonly generation: number;
      readonly epoch: number;
    }
  | { readonly type: 'outcome'; readonly token: number; readonly outcome: Outcome }
  | { readonly type: 'say'; readonly id: string; readonly text: string; readonly at: number }
  /** A person compared the safety code. */
  | { readonly type: 'judge'; readonly same: boolean }
  | { readonly type: 'wake' };

/** Somebody whom the roster names, or who holds a key that frames are sealed with. */
export interface GroupPerson {
  readonly participant: string;
  readonly role: Role;
  readonly name: string;
}

/** What the page shows of the group. */
export interface GroupState {
  readonly encryption: 'pending' | 'ready' | 'failed';
  readonly safetyCode: SafetyCode | null;
  readonly chat: readonly ChatEntry[];
  /** Everybody who is there or can listen: a member is never left out, whatever the roster says. */
  readonly people: readonly GroupPerson[];
  /** Participants who say that they see another safety code. */
  readonly doubts: readonly string[];
}

export interface GroupPorts {
  /** Milliseconds of a clock that only goes forward. */
  now(): number;
  /** Sends a request; its outcome comes back as an event with the token. */
  request(request: GroupRequest, token: number): void;
  changed(state: GroupState): void;
  /** Asks for `wake` at this time at the latest. */
  wakeAt(time: number): void;
  /** A message was not taken; the group goes on as it was. */
  rejected(reason: Rejection): void;
  /** This page cannot follow the group any more and has to join it as a new page. */
  lost(): void;
}
