import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CryptoEngine } from '../src/crypto/engine.ts';
import type { Awake, FromWorker } from '../src/crypto/messages.ts';

/** A worker of which nothing is there but its ends. */
class FalseWorker {
  static last: FalseWorker;
  onmessage: ((event: { data: Awake | FromWorker }) => void) | null = null;
  onerror: (() => void) | null = null;
  terminated = false;
  readonly posted: unknown[] = [];

  constructor() {
    FalseWorker.last = this;
  }

  postMessage(message: unknown): void {
    this.posted.push(message);
  }

  terminate(): void {
    this.terminated = true;
  }
}

let told: FromWorker[];

beforeEach(() => {
  told = [];
  vi.stubGlobal('Worker', FalseWorker);
});
afterEach(() => vi.unstubAllGlobals());

const awaken = () => CryptoEngine.awaken((message) => told.push(message));

describe('the crypto worker', () => {
  it('is not there before it says so', async () => {
    const engine = vi.fn();
    const awakening = awaken().then(engine);
    await Promise.resolve();
    expect(engine).not.toHaveBeenCalled();
    FalseWorker.last.onmessage?.({ data: { type: 'awake' } });
    await awakening;
    expect(engine).toHaveBeenCalled();
    expect(told).toEqual([]);
  });

  it('whose script was lost on the way is given up, and can be tried again', async () => {
    const awakening = awaken();
    FalseWorker.last.onerror?.();
    await expect(awakening).rejects.toMatchObject({ code: 'network', retryable: true });
    expect(FalseWorker.last.terminated).toBe(true);
    expect(told).toEqual([]);
  });

  it('that fails once it is at work is told of, and stays', async () => {
    const awakening = awaken();
    FalseWorker.last.onmessage?.({ data: { type: 'awake' } });
    const engine = await awakening;
    engine.start({ participant: 'p', instance: 'i' }, 'patient');
    FalseWorker.last.onerror?.();
    expect(told).toEqual([{ type: 'failed', run: 1 }]);
    expect(FalseWorker.last.terminated).toBe(false);
  });
});
