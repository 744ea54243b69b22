/** What the page and the crypto worker say to each other. No key ever does. */

import type { Role, Slot, Source } from '../wire.ts';
import type { GroupEvent, GroupRequest, GroupState } from './group/ports.ts';
import type { Identity } from './identity.ts';
import type { Rejection } from './policy.ts';

/** A receiving media section of one peer connection. */
export interface SlotName {
  readonly connection: number;
  /** Its place among the sections of the offer. */
  readonly section: number;
}

export type ToWorker =
  /** Begins as this page of this participant, with a key of its own; a former one is forgotten. */
  | { readonly type: 'start'; readonly run: number; readonly me: Identity; readonly role: Role }
  | { readonly type: 'event'; readonly run: number; readonly event: GroupEvent }
  /** What each section of a connection carries; a section that is not named carries nothing. */
  | {
      readonly type: 'bind';
      readonly connection: number;
      readonly slots: readonly (Omit<Slot, 'mid'> & { readonly section: number })[];
    }
  | { readonly type: 'forget'; readonly connection: number }
  /** Frames that a browser without script transforms hands over as streams. */
  | {
      readonly type: 'attach';
      readonly options: TransformOptions;
      readonly readable: ReadableStream;
      readonly writable: WritableStream;
    };

/** The first that a worker says: its script is there, and hears. */
export interface Awake {
  readonly type: 'awake';
}

export type FromWorker =
  | {
      readonly type: 'request';
      readonly run: number;
      readonly request: GroupRequest;
      readonly token: number;
    }
  | { readonly type: 'state'; readonly run: number; readonly state: GroupState }
  | { readonly type: 'rejected'; readonly reason: Rejection }
  | { readonly type: 'lost'; readonly run: number }
  | { readonly type: 'failed'; readonly run: number }
  | { readonly type: 'shown'; readonly slot: SlotName; readonly participant: string }
  | { readonly type: 'hidden'; readonly slot: SlotName };

/** What a transform is made for. */
export type TransformOptions =
  | { readonly direction: 'send'; readonly connection: number; readonly source: Source }
  | { readonly direction: 'receive'; readonly slot: SlotName };
