import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  attachmentTo,
  canAttach,
  HandedStreams,
  ScriptTransforms,
} from '../src/crypto/attachment.ts';
import type { TransformOptions } from '../src/crypto/messages.ts';

const OPTIONS: TransformOptions = { direction: 'send', connection: 1, source: 'camera' };

let posted: { message: unknown; handed: unknown }[];
let worker: Worker;

/** What the browser of a test knows of. */
function browser({ transforms = false, streams = false }): void {
  class Transform {}
  class Carrier {
    transform: unknown = null;
  }
  const create = () => new TransformStream();
  if (streams) Object.assign(Carrier.prototype, { createEncodedStreams: create });
  vi.stubGlobal('RTCRtpScriptTransform', transforms ? Transform : undefined);
  vi.stubGlobal('RTCRtpSender', Carrier);
  vi.stubGlobal('RTCRtpReceiver', Carrier);
}

const carrier = () => new RTCRtpSender();

beforeEach(() => {
  posted = [];
  const postMessage = (message: unknown, handed: unknown) => void posted.push({ message, handed });
  worker = { postMessage } as unknown as Worker;
});
afterEach(() => vi.unstubAllGlobals());

describe('the way of frames through the worker', () => {
  it.each([
    { transforms: true, streams: true, way: ScriptTransforms },
    { transforms: true, streams: false, way: ScriptTransforms },
    { transforms: false, streams: true, way: HandedStreams },
  ])('is the standard one where it is known: %o', ({ way, ...able }) => {
    browser(able);
    expect(canAttach()).toBe(true);
    expect(attachmentTo(worker)).toBeInstanceOf(way);
  });

  it('is not there in a browser that knows neither, or only half', () => {
    browser({});
    expect(canAttach()).toBe(false);
    Object.assign(RTCRtpSender.prototype, { createEncodedStreams: () => null });
    vi.stubGlobal('RTCRtpReceiver', class {});
    expect(canAttach()).toBe(false);
    vi.stubGlobal('RTCRtpReceiver', undefined);
    expect(canAttach()).toBe(false);
  });
});

describe('a script transform', () => {
  it('counts as attached by the word of the browser alone', () => {
    browser({ transforms: true });
    const attachment = attachmentTo(worker);
    const [one, other] = [carrier(), carrier()];
    Object.defineProperty(other, 'transform', { get: () => null, set: () => undefined });
    for (const it of [one, other]) attachment.attach(it, OPTIONS);
    expect([one, other].map((it) => attachment.isAttached(it))).toEqual([true, false]);
  });
});

describe('handed streams', () => {
  beforeEach(() => browser({ streams: true }));

  it('are asked for when the connection is made, and given away whole', () => {
    const attachment = attachmentTo(worker);
    expect(attachment.configuration).toEqual({ encodedInsertableStreams: true });
    const sender = carrier();
    expect(attachment.isAttached(sender)).toBe(false);
    attachment.attach(sender, OPTIONS);
    expect(attachment.isAttached(sender)).toBe(true);
    const [{ message, handed } = { message: null, handed: null }] = posted;
    expect(message).toMatchObject({ type: 'attach', options: OPTIONS });
    const { readable, writable } = message as TransformStream;
    expect(handed).toEqual([readable, writable]);
  });

  it.each([
    ['the browser has none', { createEncodedStreams: () => null }],
    [
      'they were asked for too late',
      {
        createEncodedStreams: () => {
          throw new DOMException('', 'InvalidStateError');
        },
      },
    ],
  ])('leave a carrier unattached when %s', (_, odd) => {
    const attachment = attachmentTo(worker);
    const sender = Object.assign(carrier(), odd);
    attachment.attach(sender, OPTIONS);
    expect(attachment.isAttached(sender)).toBe(false);
    expect(posted).toEqual([]);
  });

  it('leave a carrier unattached when they cannot be given away', () => {
    worker.postMessage = () => {
      throw new DOMException('', 'DataCloneError');
    };
    const sender = carrier();
    const attachment = attachmentTo(worker);
    attachment.attach(sender, OPTIONS);
    expect(attachment.isAttached(sender)).toBe(false);
  });
});
