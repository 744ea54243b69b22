/**
 * How encoded frames are led through the crypto worker: by an `RTCRtpScriptTransform`, or, in a
 * browser from before there was one, by the streams of `createEncodedStreams`, handed to the worker.
 */

import type { ToWorker, TransformOptions } from './messages.ts';

/** What frames go through on their way out or in. */
export type Carrier = RTCRtpSender | RTCRtpReceiver;

export interface Attachment {
  /** What a connection must be made with. */
  readonly configuration: RTCConfiguration;
  /** Leads the frames of this carrier through the worker. Call it in the task that made the carrier. */
  attach(carrier: Carrier, options: TransformOptions): void;
  /** Whether they go there: what does not would be in the clear. */
  isAttached(carrier: Carrier): boolean;
}

/** Chromium's own, from before the standard, and in no library of types. */
interface EncodedStreams {
  readonly readable: ReadableStream;
  readonly writable: WritableStream;
}

type Handing = Carrier & { createEncodedStreams(): EncodedStreams };

interface HandingConfiguration extends RTCConfiguration {
  readonly encodedInsertableStreams: true;
}

export class ScriptTransforms implements Attachment {
  readonly configuration = {};
  readonly #worker: Worker;

  constructor(worker: Worker) {
    this.#worker = worker;
  }

  attach(carrier: Carrier, options: TransformOptions): void {
    carrier.transform = new RTCRtpScriptTransform(this.#worker, options);
  }

  /** The browser's own word, and not what was asked of it. */
  isAttached(carrier: Carrier): boolean {
    return Boolean(carrier.transform);
  }
}

export class HandedStreams implements Attachment {
  readonly configuration: HandingConfiguration = { encodedInsertableStreams: true };
  readonly #worker: Pick<Worker, 'postMessage'>;
  readonly #attached = new WeakSet<Carrier>();

  constructor(worker: Pick<Worker, 'postMessage'>) {
    this.#worker = worker;
  }

  /**
   * Chromium lets frames pass as they are when nobody asked for the streams by the end of the task.
   * A carrier that has none to give stays unattached: then nothing is sent by it, nor shown.
   */
  attach(carrier: Carrier, options: TransformOptions): void {
    try {
      const { readable, writable } = (carrier as Handing).createEncodedStreams();
      const message: ToWorker = { type: 'attach', options, readable, writable };
      this.#worker.postMessage(message, [readable, writable]);
      this.#attached.add(carrier);
    } catch {
      this.#attached.delete(carrier);
    }
  }

  isAttached(carrier: Carrier): boolean {
    return this.#attached.has(carrier);
  }
}

/** Whether there is a way through the worker at all. */
export function canAttach(): boolean {
  return hasScriptTransform() || hasEncodedStreams();
}

/** The standard's way where the browser knows it. */
export function attachmentTo(worker: Worker): Attachment {
  return hasScriptTransform() ? new ScriptTransforms(worker) : new HandedStreams(worker);
}

function hasScriptTransform(): boolean {
  return typeof RTCRtpScriptTransform === 'function';
}

function hasEncodedStreams(): boolean {
  return (
    typeof RTCRtpSender === 'function' &&
    typeof RTCRtpReceiver === 'function' &&
    [RTCRtpSender, RTCRtpReceiver].every((it) => 'createEncodedStreams' in it.prototype)
  );
}
