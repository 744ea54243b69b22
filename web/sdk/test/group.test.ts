import { beforeEach, describe, expect, it } from 'vitest';
import { openFrame, sealFrame } from '../src/crypto/frames.ts';
import { SWITCH_MS } from '../src/crypto/limits.ts';
import { randomBytes } from '../src/support/bytes.ts';
import { World, type Page } from './support/delivery.ts';

const DOCTOR = 1;
const PATIENT = 2;
const COMPANION = 3;

let world: World;
let doctor: Page;
let patient: Page;

beforeEach(async () => {
  world = new World();
  doctor = await world.open(DOCTOR, 'practitioner');
  patient = await world.open(PATIENT, 'patient');
  await world.settle();
});

/** Whether `to` sees the picture that `from` sends now. */
async function sees(to: Page, from: Page): Promise<boolean> {
  const sealed = await sealFrame(from.keyring, 'camera', randomBytes(200));
  if (sealed === null) return false;
  const { participant } = from.me;
  return 'frame' in (await openFrame(to.keyring, { participant, source: 'camera' }, sealed));
}

async function seeEachOther(...pages: Page[]): Promise<boolean> {
  const pairs = pages.flatMap((to) => pages.map((from) => ({ to, from })));
  const seen = pairs.filter(({ to, from }) => to !== from).map(({ to, from }) => sees(to, from));
  return (await Promise.all(seen)).every(Boolean);
}

const texts = (page: Page): string[] => page.state.chat.map(({ text }) => text);

const names = (page: Page): string[] => page.state.people.map(({ name }) => name);

function sameCode(...pages: Page[]): boolean {
  const codes = pages.map(({ state }) => state.safetyCode);
  return codes.every((code) => code !== null && code.long === codes[0]?.long);
}

describe('two people', () => {
  it('see each other and have one safety code', async () => {
    expect(patient.state.encryption).toBe('ready');
    expect(doctor.state.encryption).toBe('ready');
    expect(await seeEachOther(doctor, patient)).toBe(true);
    expect(sameCode(doctor, patient)).toBe(true);
    expect(doctor.state.safetyCode?.digits).toMatch(/^\d{3} \d{3}$/);
    expect(doctor.state.safetyCode?.long).toMatch(/^(\d{5} ){5}\d{5}$/);
  });

  it('write to each other, in order, once', async () => {
    world.say(doctor, 'one');
    world.say(patient, 'two');
    world.say(doctor, 'three');
    await world.settle();
    expect(texts(doctor)).toEqual(['one', 'two', 'three']);
    expect(texts(patient)).toEqual(['one', 'two', 'three']);
    expect(doctor.state.chat.map(({ mine, state }) => [mine, state])).toEqual([
      [true, 'sent'],
      [false, 'sent'],
      [true, 'sent'],
    ]);
    expect(patient.state.chat[0]?.from).toBe(doctor.me.participant);
  });

  it('are told when the other finds another code, until it is taken back or there is a new one', async () => {
    world.judge(doctor, true);
    await world.settle();
    expect(patient.state.doubts).toEqual([]);
    world.judge(doctor, false);
    await world.settle();
    expect(patient.state.doubts).toEqual([doctor.me.participant]);
    expect(patient.rejected).toEqual([]);
    world.judge(doctor, true);
    await world.settle();
    expect(patient.state.doubts).toEqual([]);
    world.judge(doctor, false);
    await world.settle();
    await world.open(COMPANION, 'patient');
    await world.settle();
    expect(patient.state.doubts).toEqual([]);
  });

  it('have nothing to do once they agree', async () => {
    world.requests = [];
    await world.pass(60_000);
    expect(world.requests).toEqual([]);
  });

  it('begin whoever comes first', async () => {
    const other = new World();
    const early = await other.open(PATIENT, 'patient');
    await other.settle();
    expect(early.state.encryption).toBe('pending');
    const late = await other.open(DOCTOR, 'practitioner');
    await other.settle();
    expect(await seeEachOther(early, late)).toBe(true);
  });
});

describe('a third person', () => {
  it('joins, and leaves without being able to follow, each with a new code for all who are there', async () => {
    const before = doctor.state.safetyCode;
    const companion = await world.open(COMPANION, 'patient');
    await world.settle();
    expect(await seeEachOther(doctor, patient, companion)).toBe(true);
    expect(sameCode(doctor, patient, companion)).toBe(true);
    expect(doctor.state.safetyCode?.long).not.toBe(before?.long);

    const code = doctor.state.safetyCode;
    world.close(companion);
    await world.settle();
    expect(await seeEachOther(doctor, patient)).toBe(true);
    expect(await sees(companion, doctor)).toBe(false);
    expect(await sees(companion, patient)).toBe(false);
    expect(sameCode(doctor, patient)).toBe(true);
    expect(doctor.state.safetyCode?.long).not.toBe(code?.long);
  });

  it('is told to the others by name before a key that they have is used', async () => {
    expect(names(patient)).toEqual(['Person 1', 'Person 2']);
    const told: string[][] = [];
    for (const page of [doctor, patient]) {
      const sendWith = page.keyring.sendWith.bind(page.keyring);
      page.keyring.sendWith = (epoch) => {
        told.push(names(page));
        sendWith(epoch);
      };
    }
    await world.open(COMPANION, 'patient');
    await world.settle();
    expect(told).toHaveLength(2);
    for (const those of told) expect(those).toEqual(['Person 1', 'Person 2', 'Person 3']);
  });

  it('is told as long as they have a key, whatever the server says of who is there', async () => {
    const companion = await world.open(COMPANION, 'patient');
    await world.settle();
    const { participant } = companion.me;
    world.pretend = (view, page) => ({
      ...view,
      participants: view.participants.filter(
        (it) => page !== patient || it.participant !== participant,
      ),
    });
    world.show();
    await world.settle();
    expect(await sees(companion, patient)).toBe(true);
    expect(names(patient)).toContain('Person 3');

    world.pretend = (view) => view;
    world.close(companion);
    await world.settle();
    expect(names(patient)).toEqual(['Person 1', 'Person 2']);
    expect(names(doctor)).toEqual(['Person 1', 'Person 2']);
  });

  it('delays nobody: the old key is used until the others have the new', async () => {
    const companion = await world.open(COMPANION, 'patient');
    world.cut(patient);
    await world.settle();
    expect(await sees(patient, doctor)).toBe(true);
    await world.pass(SWITCH_MS);
    expect(await sees(patient, doctor)).toBe(false);
    expect(await sees(companion, doctor)).toBe(true);
    world.reconnect(patient);
    await world.settle();
    await world.pass(SWITCH_MS);
    expect(await seeEachOther(doctor, patient, companion)).toBe(true);
  });
});

describe('who was removed', () => {
  it('opens no frame that is sealed after the commit, though nobody has acknowledged it', async () => {
    const companion = await world.open(COMPANION, 'patient');
    await world.settle();
    await world.pass(SWITCH_MS);
    expect(await sees(companion, doctor)).toBe(true);
    world.cut(patient);
    world.close(companion);
    await world.settle();
    expect(await sees(companion, doctor)).toBe(false);
  });

  it('opens none of those who follow, when another group takes the place of theirs', async () => {
    const companion = await world.open(COMPANION, 'patient');
    const fourth = await world.open(COMPANION + 1, 'patient');
    await world.settle();
    await world.pass(SWITCH_MS);
    expect(await sees(fourth, patient)).toBe(true);
    world.tamper = (entry, page) => (page === companion ? null : entry);
    world.roster.delete(fourth.me.participant);
    const again = await world.open(DOCTOR, 'practitioner');
    await world.settle();
    expect(await sees(again, patient)).toBe(true);
    expect(await sees(fourth, patient)).toBe(false);
  });

  it('is nobody whose page was only replaced: then the others are waited for', async () => {
    await world.open(COMPANION, 'patient');
    await world.settle();
    await world.pass(SWITCH_MS);
    world.cut(patient);
    const again = await world.open(COMPANION, 'patient');
    await world.settle();
    expect(await sees(patient, doctor)).toBe(true);
    await world.pass(SWITCH_MS);
    expect(await sees(again, doctor)).toBe(true);
  });
});

describe('a page that returns', () => {
  it('of the patient takes the place of the one before, in one commit', async () => {
    const commits = () => world.log.filter(({ kind }) => kind === 'commit').length;
    const before = commits();
    const again = await world.open(PATIENT, 'patient');
    await world.settle();
    expect(commits()).toBe(before + 1);
    expect(await seeEachOther(doctor, again)).toBe(true);
    expect(sameCode(doctor, again)).toBe(true);
    expect(await sees(patient, doctor)).toBe(false);
  });

  it('of the practitioner begins a new group', async () => {
    const again = await world.open(DOCTOR, 'practitioner');
    await world.settle();
    expect(world.group?.generation).toBe(2);
    expect(await seeEachOther(again, patient)).toBe(true);
    expect(sameCode(again, patient)).toBe(true);
    expect(await sees(doctor, patient)).toBe(false);
  });

  it.each([
    ['patient', PATIENT, 'patient'],
    ['practitioner', DOCTOR, 'practitioner'],
  ] as const)('of the %s is told what was written', async (_, who, role) => {
    world.say(doctor, 'one');
    world.say(patient, 'two');
    await world.settle();
    const again = await world.open(who, role);
    await world.settle();
    expect(texts(again)).toEqual(['one', 'two']);
    expect(again.state.chat.map(({ mine }) => mine)).toEqual(
      role === 'practitioner' ? [true, false] : [false, true],
    );
  });

  it('several times, both of them at once, still ends well', async () => {
    for (let round = 0; round < 3; round++) {
      doctor = await world.open(DOCTOR, 'practitioner');
      patient = await world.open(PATIENT, 'patient');
    }
    await world.settle();
    await world.pass(5000);
    expect(await seeEachOther(doctor, patient)).toBe(true);
    expect(sameCode(doctor, patient)).toBe(true);
  });

  it('gives nothing of what was written to somebody who was not there', async () => {
    world.say(doctor, 'between us');
    await world.settle();
    const companion = await world.open(COMPANION, 'patient');
    await world.settle();
    expect(texts(companion)).toEqual([]);
  });
});

describe('when the socket is lost', () => {
  it('everything written meanwhile arrives afterwards, once', async () => {
    world.cut(patient);
    world.say(doctor, 'one');
    world.say(patient, 'two');
    await world.settle();
    expect(texts(patient)).toEqual(['two']);
    expect(patient.state.chat[0]?.state).toBe('sending');
    world.reconnect(patient);
    await world.settle();
    expect(texts(patient)).toEqual(['one', 'two']);
    expect(texts(doctor)).toEqual(['one', 'two']);
    expect(patient.state.chat[1]?.state).toBe('sent');
  });

  it.each(['send', 'commit', 'claim_key_packages', 'acknowledge', 'publish_key_packages'] as const)(
    'an answer to %s that was lost does no harm',
    async (kind) => {
      world.unanswered.add(kind);
      world.say(doctor, 'one');
      const again = await world.open(PATIENT, 'patient');
      await world.settle();
      world.unanswered.clear();
      for (const page of [doctor, again]) {
        world.cut(page);
        world.reconnect(page);
      }
      await world.settle();
      await world.pass(5000);
      await world.pass(5000);
      expect(await seeEachOther(doctor, again)).toBe(true);
      expect(sameCode(doctor, again)).toBe(true);
      world.say(doctor, 'two');
      await world.settle();
      expect(texts(doctor)).toEqual(['one', 'two']);
      expect(texts(again).at(-1)).toBe('two');
      expect(texts(again)).not.toContain('');
    },
  );

  it('the keys in use stay in use', async () => {
    world.cut(patient);
    world.cut(doctor);
    await world.settle();
    expect(await seeEachOther(doctor, patient)).toBe(true);
    expect(doctor.state.encryption).toBe('ready');
  });
});

describe('a server that misbehaves', () => {
  it('and says that the group has moved on without us gets another group', async () => {
    if (world.group === null) throw new Error('no group');
    world.group = { ...world.group, epoch: world.group.epoch + 5 };
    const companion = await world.open(COMPANION, 'patient');
    await world.settle();
    await world.pass(5000);
    expect(world.group.generation).toBe(2);
    await world.pass(SWITCH_MS);
    expect(await seeEachOther(doctor, patient, companion)).toBe(true);
  });

  it('cannot leave out an entry: the page notices and joins as a new one', async () => {
    world.tamper = (entry, page) => (page === patient && entry.kind === 'commit' ? null : entry);
    await world.open(COMPANION, 'patient');
    await world.settle();
    expect(patient.lost).toBeGreaterThan(0);
    await world.pass(SWITCH_MS);
    expect(await sees(patient, doctor)).toBe(false);
    world.tamper = (entry) => entry;
    const again = await world.open(PATIENT, 'patient');
    await world.settle();
    expect(await seeEachOther(doctor, again)).toBe(true);
  });

  it('cannot leave out a line and number the others anew: the reader is told', async () => {
    world.say(doctor, 'one');
    await world.settle();
    let dropped = 0;
    world.tamper = (entry) => {
      if (entry.kind === 'application' && dropped === 0) {
        dropped = 1;
        return null;
      }
      return { ...entry, sequence: entry.sequence - dropped };
    };
    world.say(doctor, 'two');
    await world.settle();
    world.say(doctor, 'three');
    await world.settle();
    const chat = patient.state.chat.map(({ text, state }) => [text, state]);
    expect(chat).toEqual([
      ['one', 'sent'],
      ['', 'missing'],
      ['three', 'sent'],
    ]);
    expect(patient.state.chat[1]?.from).toBe(doctor.me.participant);
    expect(patient.lost).toBe(0);
  });

  it('that changes a message is not believed, and nothing else is lost', async () => {
    world.say(doctor, 'one');
    world.tamper = (entry) => ({ ...entry, message: entry.message.replace(/.{8}$/, 'AAAAAAAA') });
    await world.settle();
    expect(texts(patient)).toEqual([]);
    expect(patient.rejected).not.toEqual([]);
    expect(await seeEachOther(doctor, patient)).toBe(true);
  });

  it('that repeats a message is not believed', async () => {
    world.tamper = (entry) => entry;
    world.say(doctor, 'one');
    await world.settle();
    const last = world.log.at(-1);
    if (last === undefined) throw new Error('empty log');
    const entries = [last, { ...last, sequence: last.sequence + 1 }];
    await patient.driver.post({ type: 'log', consultation: world.view().consultation, entries });
    expect(texts(patient)).toEqual(['one']);
    expect(patient.rejected).toEqual(['invalid']);
  });

  it('that says the consultation is over leaves no key behind', async () => {
    await patient.driver.post({ type: 'view', view: null });
    expect(patient.keyring.canSend).toBe(false);
    expect(await sees(patient, doctor)).toBe(false);
    expect(patient.state.encryption).toBe('pending');
  });
});
