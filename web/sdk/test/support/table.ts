/** A page that follows a group, against members who say whatever they like. */

import { Meeting } from '../../src/crypto/group/meeting.ts';
import { Keyring } from '../../src/crypto/keyring.ts';
import { MlsMember, type MlsGroup } from '../../src/crypto/mls.ts';
import { utf8 } from '../../src/support/bytes.ts';
import type { ParticipantView } from '../../src/wire.ts';
import { person, uuid } from './people.ts';

export const DOCTOR = uuid(1);
export const PATIENT = uuid(2);
export const COMPANION = uuid(3);

type Speaker = 'doctor' | 'companion';

export class Table {
  now = 0;
  /** The patient's page. */
  readonly page: Meeting;
  readonly #groups: Record<Speaker, MlsGroup>;

  private constructor(page: Meeting, groups: Record<Speaker, MlsGroup>) {
    this.page = page;
    this.#groups = groups;
  }

  static async set(): Promise<Table> {
    const page = new Meeting(uuid(500), person(2, 2), new Keyring(() => 0));
    page.book.update([listed(1), listed(2), listed(3)]);
    const [doctor, member, companion] = await Promise.all(
      [1, 2, 3].map((number) => MlsMember.create(person(number, number))),
    );
    const id = page.groupId(1);
    if (!doctor || !member || !companion || !id) throw new Error('nobody there');
    const begun = await doctor.begin(id);
    const packages = [await member.keyPackage(), await companion.keyPackage()];
    const { welcome, next } = await begun.commit(packages, []);
    if (welcome === null) throw new Error('no Welcome');
    const at = await companion.join(welcome, page.book);
    await page.take(await member.join(welcome, page.book), 1, 0);
    return new Table(page, { doctor: next, companion: at });
  }

  /** Somebody says this; the server may drop it on the way. */
  async says(who: Speaker, payload: unknown, arrives = true): Promise<void> {
    const data = utf8(JSON.stringify(payload));
    const { group, message } = await this.#groups[who].seal(data);
    this.#groups[who] = group;
    if (arrives) await this.page.hear(message, this.now);
  }
}

function listed(number: number): ParticipantView {
  return {
    ...person(number, number),
    role: number === 1 ? 'practitioner' : 'patient',
    name: `Person ${number}`,
    connected: true,
    key_package: false,
    microphone: true,
    camera: true,
  };
}
