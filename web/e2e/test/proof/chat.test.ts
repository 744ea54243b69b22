/** The chat, looked for in all that the servers keep, print and carry. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { builtProgram } from '../../src/server.ts';
import { consult, openChat, readsMessage, REASON, write } from '../../src/steps.ts';
import { isIn } from '../../src/traces.ts';
import { inWorld } from '../../src/world.ts';

const ASKED = 'May I take the zanzibar drops twice a day?';
const ANSWERED = 'The zanzibar drops are taken once, before you sleep.';
/** As the audit log has it. */
const WALKED_IN = 'walked_in';
/** All that our own code can be made to say. */
const TRACE = 'vestibule=trace,vestibule_signaling=trace,vestibule_sfu=trace,sqlx=trace,warn';

const folder = mkdtempSync(join(tmpdir(), 'vestibule-log-'));
const log = join(folder, 'log');
const command = ['sh', '-c', 'exec "$0" "$@" 2>>"$LOG"', builtProgram('vestibule')];

it(
  'no word of the chat is in the store, its journal, the logs or on the wire',
  inWorld({ command: ['env', `LOG=${log}`, ...command], args: ['--log', TRACE] }, async (world) => {
    const { patient, practitioner } = await consult(world);
    await openChat(patient);
    await openChat(practitioner);
    await write(patient, ASKED);
    await readsMessage(practitioner, ASKED);
    await write(practitioner, ANSWERED);
    await readsMessage(patient, ANSWERED);

    const stored = [...world.server.files().values()];
    const wire = [patient, practitioner].map((it) => Buffer.from(it.wire.everything));
    const printed = readFileSync(log);
    rmSync(folder, { recursive: true });

    // What is meant to be there is found, so the look is a fair one: that somebody came, and not why, which is sealed.
    expect(stored.some((bytes) => isIn(bytes, WALKED_IN))).toBe(true);
    expect(stored.some((bytes) => isIn(bytes, REASON))).toBe(false);
    expect(wire.every((bytes) => isIn(bytes, REASON))).toBe(true);
    expect(isIn(printed, 'vestibule_signaling')).toBe(true);

    for (const bytes of [...stored, ...wire, printed]) {
      for (const words of [ASKED, ANSWERED, 'zanzibar']) expect(isIn(bytes, words)).toBe(false);
    }
    // Nor who they are and why, in what is printed.
    for (const words of [REASON, patient.name]) expect(isIn(printed, words)).toBe(false);
  }),
);
