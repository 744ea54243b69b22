import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Server } from '../../src/server.ts';

const FAKE = [process.execPath, join(import.meta.dirname, 'fake-server.mjs')];
const ask = async (server: Server) => (await fetch(server.url)).text();

/** A process that has ended but was not collected by its parent counts as ended. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

let server: Server | undefined;

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

describe('a server of the tests', () => {
  it('is ready, with its links, when it says so', async () => {
    server = await Server.start({ command: FAKE });
    expect(await ask(server)).toBe('start 1');
    expect(server.patientLink).toBe(`${server.url}/visit`);
    expect(server.practitionerLink).toBe(`${server.url}/console`);
  });

  it('comes back on the same port and data after kill -9', async () => {
    server = await Server.start({ command: FAKE });
    const url = server.url;
    await server.killSignaling();
    await expect(fetch(url)).rejects.toThrow();
    await server.start();
    expect(server.url).toBe(url);
    expect(await ask(server)).toBe('start 2');
  });

  it('knows the process that follows a killed SFU', async () => {
    server = await Server.start({ command: FAKE });
    const second = await server.killSfu();
    expect(isAlive(second)).toBe(true);
    const third = await server.killSfu();
    expect(third).not.toBe(second);
    await server.stop();
    await expect.poll(() => isAlive(third)).toBe(false);
  });

  it('tells what it printed when it does not come up', async () => {
    const command = [
      process.execPath,
      '-e',
      'console.error("no such store"); process.exit(3)',
      '--',
    ];
    await expect(Server.start({ command })).rejects.toThrow(/no such store[^]*exit code 3/);
  });
});
