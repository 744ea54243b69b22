/** Chromium and the native participant: two stacks that share no code, in one consultation. */
import { expect, it } from 'vitest';
import type { Participant } from '../../src/browser.ts';
import type { Native } from '../../src/native.ts';
import { admit, openChat, readsMessage, safetyCode, write } from '../../src/steps.ts';
import { inWorld, type World } from '../../src/world.ts';

async function meet(practitioner: Participant, native: Native): Promise<void> {
  await Promise.all([practitioner.probe.sees(native.who), native.probe.sees('practitioner')]);
  await Promise.all([practitioner.probe.hears(native.who), native.probe.hears('practitioner')]);
}

async function consult(world: World): Promise<{ practitioner: Participant; native: Native }> {
  const [practitioner, native] = await Promise.all([world.practitioner(), world.nativePatient()]);
  await admit(practitioner, native.who);
  await meet(practitioner, native);
  return { practitioner, native };
}

it(
  'a browser and a native participant see and hear each other, and read the same safety code',
  inWorld({}, async (world) => {
    const { practitioner, native } = await consult(world);
    const code = await native.safetyCode();
    expect(code).toMatch(/^\d{6}$/);
    expect(await safetyCode(practitioner)).toBe(code);
  }),
);

it(
  'they write to each other',
  inWorld({}, async (world) => {
    const { practitioner, native } = await consult(world);
    await openChat(practitioner);
    native.say('Voici mon médicament');
    await readsMessage(practitioner, 'Voici mon médicament');
    await write(practitioner, 'Twice a day is enough');
    await native.readsMessage('Twice a day is enough');
  }),
);

it(
  'the native participant comes back with a new leaf, is told what was written, and is heard again',
  inWorld({}, async (world) => {
    const { practitioner, native } = await consult(world);
    await openChat(practitioner);
    await write(practitioner, 'Before you left');
    await native.readsMessage('Before you left');
    const before = await native.safetyCode();
    const group = practitioner.wire.group!;
    native.reload();
    await meet(practitioner, native);
    expect(practitioner.wire.group).toMatchObject({ generation: group.generation });
    expect(practitioner.wire.group!.epoch).toBeGreaterThan(group.epoch);
    await native.readsMessage('Before you left');
    const code = await native.safetyCode();
    expect(code).not.toBe(before);
    await expect.poll(() => safetyCode(practitioner)).toBe(code);
  }),
);

it(
  'the practitioner comes back with a new group, and the native participant follows',
  inWorld({}, async (world) => {
    const { practitioner, native } = await consult(world);
    const before = await native.safetyCode();
    const { generation } = practitioner.wire.group!;
    await practitioner.page.reload();
    await meet(practitioner, native);
    expect(practitioner.wire.group!.generation).toBeGreaterThan(generation);
    const code = await safetyCode(practitioner);
    expect(code).not.toBe(before);
    await expect.poll(() => native.safetyCode()).toBe(code);
  }),
);

it(
  'the native participant leaves, and the consultation is over for both',
  inWorld({}, async (world) => {
    const { practitioner, native } = await consult(world);
    native.leave();
    await native.is('ended');
    await practitioner.reads('The patient left');
  }),
);
