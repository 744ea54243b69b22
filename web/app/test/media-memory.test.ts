import type { VestibuleClient } from '@vestibule/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { forgetInputs, rememberInput, startRemembered } from '../src/devices/media-memory.ts';

let stored: Map<string, string>;

beforeEach(() => {
  stored = new Map();
  vi.stubGlobal('sessionStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
    removeItem: (key: string) => stored.delete(key),
  });
});
afterEach(() => vi.unstubAllGlobals());

/** What starting asks of the client. */
async function asked(): Promise<string[]> {
  const calls: string[] = [];
  const client: Partial<VestibuleClient> = {
    startMedia: async () => void calls.push('both'),
    setMicrophone: async (on) => void calls.push(`microphone ${on}`),
    setCamera: async (on) => void calls.push(`camera ${on}`),
  };
  await startRemembered(client as VestibuleClient);
  return calls;
}

test('both are asked for when nothing was turned off', async () => {
  expect(await asked()).toEqual(['both']);
});

test('what was turned off is not opened again', async () => {
  rememberInput('camera', false);
  expect(await asked()).toEqual(['microphone true']);
  rememberInput('microphone', false);
  expect(await asked()).toEqual([]);
  rememberInput('camera', true);
  expect(await asked()).toEqual(['camera true']);
});

test('the next consultation begins with both', async () => {
  rememberInput('camera', false);
  forgetInputs();
  expect(await asked()).toEqual(['both']);
});

test('where storage is refused, the page works all the same', async () => {
  vi.stubGlobal('sessionStorage', undefined);
  rememberInput('camera', false);
  expect(await asked()).toEqual(['both']);
});
