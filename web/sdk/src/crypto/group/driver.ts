/**
 * Drives the MLS group of a consultation: who joins, who is let go, which keys are in use, what is
 * said. Takes events one after the other and knows no socket and no clock.
 *
 * The practitioner's page begins the group and is its only committer: it makes the members those of
 * the roster. Everybody else follows the log.
 */

import { Backoff } from '../../support/backoff.ts';
import { fromBase64, toBase64, type Bytes } from '../../support/bytes.ts';
import type { ConsultationView, LogEntry, Role } from '../../wire.ts';
import type { Identity } from '../identity.ts';
import type { Keyring } from '../keyring.ts';
import { KEY_PACKAGES_PUBLISHED, RETRY_MS } from '../limits.ts';
import { MlsMember } from '../mls.ts';
import { Rejected } from '../policy.ts';
import { Committer } from './committer.ts';
import { Cursor } from './cursor.ts';
import { Mailer } from './mailer.ts';
import { Meeting } from './meeting.ts';
import { keepFields, keepSame } from '../../support/keep.ts';
import type { GroupEvent, GroupPorts, GroupRequest, GroupState, Outcome } from './ports.ts';

const NO_GROUP: GroupState = {
  encryption: 'pending',
  safetyCode: null,
  chat: [],
  people: [],
  doubts: [],
};

/** One consultation, as long as it lasts. */
interface Current {
  readonly meeting: Meeting;
  readonly committer: Committer | null;
  readonly mailer: Mailer;
  cursor: Cursor;
  /** The log was read since the socket opened. */
  synced: boolean;
  syncing: boolean;
  /** An entry between is missing. */
  gap: boolean;
  view: ConsultationView;
}

export class GroupDriver {
  readonly #me: Identity;
  readonly #role: Role;
  readonly #member: MlsMember;
  readonly #keyring: Keyring;
  readonly #ports: GroupPorts;
  readonly #backoff = new Backoff(RETRY_MS);
  readonly #flights = new Map<number, (outcome: Outcome) => Promise<void>>();
  #lastToken = 0;
  #queue: Promise<void> = Promise.resolve();
  #online = false;
  #publishing = false;
  /** The snapshot that was in hand when packages were last published: an older one says nothing. */
  #publishedAt: ConsultationView | null = null;
  #current: Current | null = null;
  #shown: GroupState = NO_GROUP;

  private constructor(
    me: Identity,
    role: Role,
    member: MlsMember,
    keyring: Keyring,
    ports: GroupPorts,
  ) {
    this.#me = me;
    this.#role = role;
    this.#member = member;
    this.#keyring = keyring;
    this.#ports = ports;
  }

  static async create(
    me: Identity,
    role: Role,
    keyring: Keyring,
    ports: GroupPorts,
  ): Promise<GroupDriver> {
    return new GroupDriver(me, role, await MlsMember.create(me), keyring, ports);
  }

  /** Takes an event after those before it; resolves when it was dealt with. */
  post(event: GroupEvent): Promise<void> {
    this.#queue = this.#queue.then(async () => {
      await this.#handle(event);
      await this.#advance();
    });
    return this.#queue;
  }

  async #handle(event: GroupEvent): Promise<void> {
    switch (event.type) {
      case 'view':
        return this.#see(event.view);
      case 'online':
        return this.#goOnline();
      case 'offline':
        this.#online = false;
        if (this.#current !== null) this.#current.synced = this.#current.syncing = false;
        return;
      case 'log':
        return this.#read(event.consultation, event.entries);
      case 'acknowledged': {
        const { consultation, instance, generation, epoch } = event;
        if (consultation !== this.#current?.meeting.consultation) return;
        return this.#current.meeting.switcher.acknowledged({ generation, epoch }, instance);
      }
      case 'outcome': {
        const land = this.#flights.get(event.token);
        this.#flights.delete(event.token);
        return land?.(event.outcome);
      }
      case 'say':
        return this.#current?.meeting.say(event.id, event.text, event.at);
      case 'judge':
        return this.#current?.meeting.judge(event.same);
      case 'wake':
        return;
    }
  }

  #goOnline(): Promise<void> {
    this.#online = true;
    this.#publishing = false;
    this.#backoff.succeed();
    this.#current?.committer?.online();
    this.#current?.mailer.online();
    return this.#publish();
  }

  /** Whatever is due after an event. */
  async #advance(): Promise<void> {
    const current = this.#current;
    const now = this.#ports.now();
    if (current !== null && this.#online) {
      if (this.#needsPackages(current)) await this.#publish();
      if (!current.synced) this.#sync(current);
      if (current.synced) await current.committer?.advance();
      this.#tell(current, now);
      if (current.synced && current.committer?.busy !== true) await current.mailer.advance();
    }
    this.#tell(current, now);
    this.#askToWake(current, now);
  }

  /** Tells how it stands, and only then lets frames be opened. */
  #tell(current: Current | null, now: number): void {
    current?.meeting.switchKeys(now);
    const state = current?.meeting.state ?? NO_GROUP;
    this.#show(state);
    if (state.encryption === 'ready') this.#keyring.release();
  }

  async #see(view: ConsultationView | null): Promise<void> {
    if (view?.consultation !== this.#current?.meeting.consultation) {
      this.#keyring.clear();
      this.#current = view && this.#begin(view);
    }
    if (this.#current === null || view === null) return;
    this.#current.view = view;
    this.#current.meeting.book.update(view.participants);
  }

  #begin(view: ConsultationView): Current {
    const meeting = new Meeting(view.consultation, this.#me, this.#keyring);
    const ask = (request: GroupRequest, then: (outcome: Outcome) => Promise<void>): void =>
      this.#ask(request, async (outcome) => {
        if (this.#current?.meeting === meeting) await then(outcome);
      });
    const shared = {
      now: () => this.#ports.now(),
      ask,
      placed: (sequence: number) => this.#placed(sequence),
      sync: () => {
        if (this.#current !== null) this.#current.synced = false;
      },
      rejected: this.#ports.rejected,
      view: () => this.#current?.view.group ?? null,
    };
    const backoff = new Backoff(RETRY_MS);
    const commits = this.#role === 'practitioner';
    return {
      meeting,
      committer: commits ? new Committer(meeting, this.#member, shared, backoff) : null,
      mailer: new Mailer(meeting, shared),
      cursor: new Cursor(),
      // A page that just came has read nothing and misses nothing: what it needs comes by itself.
      synced: true,
      syncing: false,
      gap: false,
      view,
    };
  }

  async #read(consultation: string, entries: readonly LogEntry[]): Promise<void> {
    for (const entry of entries) {
      const current = this.#current;
      if (current?.meeting.consultation !== consultation) return;
      if (this.#placed(entry.sequence)) await this.#follow(current, entry);
    }
  }

  /** True for the next entry in order. After a gap the log is read again. */
  #placed(sequence: number): boolean {
    if (this.#current === null) return false;
    const place = this.#current.cursor.take(sequence);
    this.#current.gap = place === 'gap';
    if (place === 'gap') this.#current.synced = false;
    return place === 'next';
  }

  async #follow(current: Current, entry: LogEntry): Promise<void> {
    const message = fromBase64(entry.message);
    if (entry.sender === this.#me.instance) {
      await current.committer?.seen(message);
      return current.mailer.seen(message);
    }
    try {
      await this.#apply(current, entry, message);
    } catch (error) {
      if (!(error instanceof Rejected)) throw error;
      this.#refuse(current, entry, error);
    }
  }

  async #apply({ meeting }: Current, entry: LogEntry, message: Bytes): Promise<void> {
    switch (entry.kind) {
      case 'commit': {
        if (meeting.group === null) return;
        const next = await meeting.group.apply(message, meeting.book);
        return next === null ? meeting.leave() : this.#take(meeting, next, meeting.generation);
      }
      case 'welcome': {
        const joined = await this.#member.join(message, meeting.book);
        const generation = meeting.generationOf(joined);
        const newer = generation > meeting.generation || meeting.group === null;
        if (!newer) throw new Rejected('wrong_group');
        return this.#take(meeting, joined, generation);
      }
      case 'application':
        return meeting.hear(message, this.#ports.now());
    }
  }

  /** Follows the committer into an epoch, and says so. */
  async #take(
    meeting: Meeting,
    group: NonNullable<Meeting['group']>,
    generation: number,
  ): Promise<void> {
    await meeting.take(group, generation, this.#ports.now());
    const { consultation } = meeting;
    const { epoch } = group;
    this.#ask({ type: 'acknowledge', consultation, generation, epoch }, () => Promise.resolve());
  }

  #refuse(current: Current, { kind }: LogEntry, { reason }: Rejected): void {
    if (reason === 'not_for_us') return;
    this.#ports.rejected(reason);
    const missed = reason === 'future_epoch';
    const uninvited = kind === 'welcome' && current.meeting.group === null;
    // The committer never follows: what it cannot read is not its group's.
    if ((missed || uninvited) && current.committer === null) this.#ports.lost();
  }

  #sync(current: Current): void {
    if (current.syncing || this.#backoff.blocks(this.#ports.now())) return;
    current.syncing = true;
    const { consultation } = current.meeting;
    const after = current.cursor.last;
    this.#ask({ type: 'sync', consultation, after }, async (outcome) => {
      if (this.#current !== current) return;
      current.syncing = false;
      this.#finishSync(current, outcome);
    });
  }

  #finishSync(current: Current, outcome: Outcome): void {
    if ('error' in outcome && outcome.error !== 'log_truncated') {
      this.#backoff.fail(this.#ports.now(), outcome.retryAfter);
      return;
    }
    current.synced = true;
    this.#backoff.succeed();
    current.committer?.synced();
    // What is missing now will not come any more.
    if ('error' in outcome || current.gap) this.#miss(current);
  }

  /** The committer knows its group without the log; everybody else has to join anew. */
  #miss(current: Current): void {
    current.cursor = new Cursor();
    current.gap = false;
    if (current.committer === null) this.#ports.lost();
  }

  /** Patients are added by a key package; practitioners begin groups and need none. */
  async #publish(): Promise<void> {
    if (this.#role === 'practitioner' || this.#publishing || !this.#online) return;
    this.#publishing = true;
    this.#publishedAt = this.#current?.view ?? null;
    const packages: string[] = [];
    for (let i = 0; i < KEY_PACKAGES_PUBLISHED; i++) {
      packages.push(toBase64(await this.#member.keyPackage()));
    }
    this.#ask({ type: 'publish_key_packages', packages }, async (outcome) => {
      if ('error' in outcome) this.#backoff.fail(this.#ports.now(), outcome.retryAfter);
      this.#publishing = false;
    });
  }

  #needsPackages({ meeting, view }: Current): boolean {
    if (view === this.#publishedAt) return false;
    const own = meeting.book.find(this.#me.participant);
    if (own === undefined || own.key_package || own.instance !== this.#me.instance) return false;
    return !this.#backoff.blocks(this.#ports.now());
  }

  #ask(request: GroupRequest, then: (outcome: Outcome) => Promise<void>): void {
    this.#lastToken += 1;
    this.#flights.set(this.#lastToken, then);
    this.#ports.request(request, this.#lastToken);
  }

  #show(state: GroupState): void {
    const people = keepSame(this.#shown.people, state.people);
    const next = keepFields(this.#shown, { ...state, people });
    if (next === this.#shown) return;
    this.#shown = next;
    this.#ports.changed(next);
  }

  #askToWake(current: Current | null, now: number): void {
    const times = [
      current?.meeting.switcher.deadline ?? 0,
      this.#backoff.until,
      current?.committer?.retryAt ?? 0,
      current?.mailer.retryAt ?? 0,
    ].filter((time) => time > now);
    if (times.length > 0) this.#ports.wakeAt(Math.min(...times));
  }
}
