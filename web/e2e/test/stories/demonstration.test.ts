/** The programs that a newcomer runs: the simulated patients, and the examples. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { MEDIA_MS, RECOVERY_MS } from '../../src/limits.ts';
import { TARGET } from '../../src/server.ts';
import { end, openChat, readsMessage, write } from '../../src/steps.ts';
import { inWorld } from '../../src/world.ts';

const program = (name: string, words: readonly string[]): ChildProcess =>
  spawn(join(TARGET, 'debug', name), words, { stdio: ['ignore', 'pipe', 'inherit'] });

it(
  'simulated patients wait, are seen and answer when admitted, and come back',
  inWorld({}, async (world) => {
    const demo = program('vestibule-demo', [
      '--link',
      world.server.patientLink,
      '--away-seconds=1',
    ]);
    const gone = once(demo, 'exit');
    try {
      const practitioner = await world.practitioner();
      const first = practitioner.button('Admit Lina Maes (simulated)');
      // They come one after the other, some seconds apart.
      await practitioner.button('Admit Mei Tan (simulated)').waitFor({ timeout: RECOVERY_MS });
      await first.click();
      await practitioner.probe.until(MEDIA_MS, 'ten frames of a drawn patient', () => {
        // Their pictures carry no code.
        return practitioner.probe.unreadable.filter(({ width }) => width === 320).length >= 10;
      });
      await openChat(practitioner);
      await readsMessage(practitioner, 'Hello! Can you see me?');
      await write(practitioner, 'When do you cough?');
      await readsMessage(practitioner, 'Mostly at night.');
      await end(practitioner);
      await first.waitFor({ timeout: RECOVERY_MS });
    } finally {
      demo.kill('SIGTERM');
      const [code] = await gone;
      expect(code).toBe(0);
    }
  }),
);

it(
  'two programs without a browser hold a consultation, whoever else waits',
  inWorld({}, async (world) => {
    await world.nativePatient();
    const { patientLink, practitionerLink } = world.server;
    const example = program('two_party', [patientLink, practitionerLink]);
    let said = '';
    example.stdout?.on('data', (data: Buffer) => (said += data.toString()));
    const [code] = await once(example, 'exit');
    expect(said).toMatch(/safety code \d{3} \d{3}\nboth saw, heard and read each other\n/);
    expect(code).toBe(0);
  }),
);
