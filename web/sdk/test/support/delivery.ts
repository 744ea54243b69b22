/** A delivery service in memory, and the pages that talk through it. */

import { GroupDriver } from '../../src/crypto/group/driver.ts';
import type { GroupRequest, GroupState, Outcome } from '../../src/crypto/group/ports.ts';
import type { Identity } from '../../src/crypto/identity.ts';
import { Keyring } from '../../src/crypto/keyring.ts';
import type { Rejection } from '../../src/crypto/policy.ts';
import { fromBase64 } from '../../src/support/bytes.ts';
import type {
  ConsultationView,
  ErrorCode,
  GroupView,
  LogEntry,
  ParticipantView,
  Role,
} from '../../src/wire.ts';
import { decode } from './library.ts';
import { person, uuid } from './people.ts';

const CONSULTATION = uuid(500);

export interface Page {
  readonly me: Identity;
  readonly role: Role;
  readonly driver: GroupDriver;
  readonly keyring: Keyring;
  state: GroupState;
  online: boolean;
  packages: string[];
  readonly rejected: Rejection[];
  lost: number;
}

export class World {
  now = 1000;
  readonly log: LogEntry[] = [];
  group: GroupView | null = null;
  /** The present page of each participant, in the order of the roster. */
  readonly roster = new Map<string, Page>();
  readonly #posted = new Set<Promise<void>>();
  /** Answers are lost for these kinds of request, though they are carried out. */
  readonly unanswered = new Set<GroupRequest['type']>();
  /** The server changes entries before these pages see them. */
  tamper: (entry: LogEntry, page: Page) => LogEntry | null = (entry) => entry;
  /** The server tells these pages something else about who is there. */
  pretend: (view: ConsultationView, page: Page) => ConsultationView = (view) => view;
  requests: GroupRequest['type'][] = [];
  #pages = 0;

  /** A page of this participant comes and connects; one before it is gone. */
  async open(participant: number, role: Role): Promise<Page> {
    this.#pages += 1;
    const me = person(participant, 1000 * participant + this.#pages);
    const keyring = new Keyring(() => this.now);
    const page: Partial<Page> = { me, role, keyring, online: true, packages: [], rejected: [] };
    page.lost = 0;
    page.state = { encryption: 'pending', safetyCode: null, chat: [], people: [], doubts: [] };
    const whole = page as Page;
    const driver = await GroupDriver.create(me, role, keyring, {
      now: () => this.now,
      request: (request, token) => this.#answer(whole, request, token),
      changed: (state) => (whole.state = state),
      wakeAt: () => undefined,
      rejected: (reason) => whole.rejected.push(reason),
      lost: () => (whole.lost += 1),
    });
    Object.assign(page, { driver });
    this.roster.set(me.participant, whole);
    this.#post(whole, { type: 'online' });
    this.show();
    return whole;
  }

  close(page: Page): void {
    this.roster.delete(page.me.participant);
    this.show();
  }

  /** The socket is gone; nobody hears from the page. */
  cut(page: Page): void {
    page.online = false;
    page.packages = [];
    this.#post(page, { type: 'offline' });
    this.show();
  }

  reconnect(page: Page): void {
    page.online = true;
    this.#post(page, { type: 'online' });
    this.show();
  }

  say(page: Page, text: string): void {
    const id = uuid(this.#pages++);
    this.#post(page, { type: 'say', id, text, at: this.now++ });
  }

  judge(page: Page, same: boolean): void {
    this.#post(page, { type: 'judge', same });
  }

  /** Until nobody has anything more to do. */
  async settle(): Promise<void> {
    while (this.#posted.size > 0) await Promise.all(this.#posted);
  }

  /** Time passes, and everybody looks at the clock. */
  async pass(milliseconds: number): Promise<void> {
    this.now += milliseconds;
    for (const page of this.roster.values()) this.#post(page, { type: 'wake' });
    await this.settle();
  }

  view(): ConsultationView {
    const participants = [...this.roster.values()].map((page): ParticipantView => {
      const { participant, instance } = page.me;
      const key_package = page.packages.length > 0;
      const { role, online: connected } = page;
      const media = { microphone: true, camera: true };
      const name = `Person ${Number(participant.slice(-12))}`;
      return { participant, role, name, instance, connected, key_package, ...media };
    });
    return { consultation: CONSULTATION, started_at: 0, participants, group: this.group };
  }

  /** Everybody is told who is there. */
  show(): void {
    const view = this.view();
    for (const page of this.roster.values()) {
      if (page.online) this.#post(page, { type: 'view', view: this.pretend(view, page) });
    }
  }

  #post(page: Page, event: Parameters<GroupDriver['post']>[0]): void {
    const posted = page.driver.post(event).finally(() => this.#posted.delete(posted));
    this.#posted.add(posted);
  }

  #answer(page: Page, request: GroupRequest, token: number): void {
    this.requests.push(request.type);
    if (!page.online) return this.#outcome(page, token, { error: 'network', retryAfter: null });
    if (this.roster.get(page.me.participant) !== page) return;
    const outcome = this.#carryOut(page, request);
    if (this.unanswered.has(request.type)) {
      return this.#outcome(page, token, { error: 'network', retryAfter: null });
    }
    this.#outcome(page, token, outcome);
    if (request.type === 'publish_key_packages' || request.type === 'commit') this.show();
  }

  #outcome(page: Page, token: number, outcome: Outcome): void {
    this.#post(page, { type: 'outcome', token, outcome });
  }

  #carryOut(page: Page, request: GroupRequest): Outcome {
    switch (request.type) {
      case 'publish_key_packages':
        page.packages = [...request.packages];
        return { reply: { type: 'done' } };
      case 'claim_key_packages':
        return this.#claim(request.instances);
      case 'commit':
        return this.#commit(page, request.commit, request.welcome);
      case 'send':
        return this.#send(page, request.message);
      case 'acknowledge': {
        const { consultation, generation, epoch } = request;
        const { instance } = page.me;
        for (const other of this.#others(page)) {
          this.#post(other, { type: 'acknowledged', consultation, instance, generation, epoch });
        }
        return { reply: { type: 'done' } };
      }
      case 'sync':
        this.#deliver(page, this.log.slice(request.after));
        return { reply: { type: 'done' } };
    }
  }

  #claim(instances: readonly string[]): Outcome {
    const pages = instances.map((instance) =>
      [...this.roster.values()].find(({ me }) => me.instance === instance),
    );
    const packages = pages.flatMap((page) => {
      const [taken] = page?.packages.splice(0, 1) ?? [];
      return page && taken ? [{ instance: page.me.instance, package: taken }] : [];
    });
    return packages.length < instances.length
      ? refused('no_key_package', 250)
      : { reply: { type: 'key_packages', packages } };
  }

  #commit(page: Page, commit: string, welcome: string | null): Outcome {
    const { generation, epoch } = frame(commit);
    const now = this.group ?? { generation: 0, epoch: 0, committer: '' };
    const begins = generation === now.generation + 1 && epoch === 0;
    const goesOn = generation === now.generation && epoch === now.epoch;
    if (!begins && !goesOn) return refused('stale_epoch');
    if (goesOn && now.committer !== page.me.instance) return refused('not_committer');
    this.group = { generation, epoch: epoch + 1, committer: page.me.instance };
    const sequence = this.#append(page, 'commit', commit);
    if (welcome !== null) this.#append(page, 'welcome', welcome);
    return { reply: { type: 'accepted', sequence } };
  }

  #send(page: Page, message: string): Outcome {
    const { generation, epoch } = frame(message);
    if (generation !== this.group?.generation || epoch !== this.group.epoch) {
      return refused('stale_epoch');
    }
    return { reply: { type: 'accepted', sequence: this.#append(page, 'application', message) } };
  }

  #append(page: Page, kind: LogEntry['kind'], message: string): number {
    const sequence = this.log.length + 1;
    const entry = { sequence, sender: page.me.instance, kind, message };
    this.log.push(entry);
    for (const other of this.#others(page)) this.#deliver(other, [entry]);
    return sequence;
  }

  #deliver(page: Page, entries: readonly LogEntry[]): void {
    const seen = entries.flatMap((entry) => this.tamper(entry, page) ?? []);
    this.#post(page, { type: 'log', consultation: CONSULTATION, entries: seen });
  }

  #others(page: Page): Page[] {
    return [...this.roster.values()].filter((other) => other !== page && other.online);
  }
}

function refused(error: ErrorCode, retryAfter: number | null = null): Outcome {
  return { error, retryAfter };
}

function frame(text: string): { generation: number; epoch: number } {
  const message = decode(fromBase64(text));
  if (message.wireformat !== 'mls_private_message') throw new Error('not a private message');
  const { groupId, epoch } = message.privateMessage;
  const { buffer, byteOffset } = groupId;
  return { generation: new DataView(buffer, byteOffset).getUint32(16), epoch: Number(epoch) };
}
