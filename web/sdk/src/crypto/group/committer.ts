/** The committer's work: it begins the group and makes its members those of the roster. */

import { equal, fromBase64, toBase64, type Bytes } from '../../support/bytes.ts';
import type { Backoff } from '../../support/backoff.ts';
import type { GroupView } from '../../wire.ts';
import type { MlsGroup, MlsMember } from '../mls.ts';
import { Rejected, checkMembers, type Rejection } from '../policy.ts';
import type { Meeting } from './meeting.ts';
import type { GroupRequest, Outcome } from './ports.ts';
import { reconcile } from './reconcile.ts';

interface Pending {
  readonly commit: Bytes;
  readonly welcome: Bytes | null;
  readonly next: MlsGroup;
  readonly generation: number;
  /** False when nobody knows whether it arrived: then the log tells. */
  flying: boolean;
}

export interface CommitterPorts {
  now(): number;
  ask(request: GroupRequest, then: (outcome: Outcome) => Promise<void>): void;
  /** Our message has this place in the log. */
  placed(sequence: number): void;
  /** Reads the log again before anything else. */
  sync(): void;
  rejected(reason: Rejection): void;
  /** The group in force, by the newest snapshot. */
  view(): GroupView | null;
}

export class Committer {
  readonly #meeting: Meeting;
  readonly #member: MlsMember;
  readonly #ports: CommitterPorts;
  readonly #backoff: Backoff;
  #pending: Pending | null = null;
  #claiming = false;
  /** The server said that the group moved on; if the log does not show our commit, it is lost. */
  #stale = false;

  constructor(meeting: Meeting, member: MlsMember, ports: CommitterPorts, backoff: Backoff) {
    this.#meeting = meeting;
    this.#member = member;
    this.#ports = ports;
    this.#backoff = backoff;
  }

  /** A commit is on its way: nothing may be sent in the epoch that it ends. */
  get busy(): boolean {
    return this.#pending !== null;
  }

  get retryAt(): number {
    return this.#backoff.until;
  }

  /** A new socket: no reason to wait any longer. */
  online(): void {
    this.#backoff.succeed();
  }

  /** Does what is next, if anything; to be called when online and with the log read. */
  async advance(): Promise<void> {
    if (this.#pending !== null) return this.#fly(this.#pending);
    if (this.#claiming || this.#backoff.blocks(this.#ports.now())) return;
    const meeting = this.#meeting;
    // Another page of ours began a newer group meanwhile: this one's is over.
    if (this.#inForce > meeting.generation) meeting.leave();
    const change = this.#change();
    if (change === null || (meeting.group === null && change.add.length === 0)) return;
    if (change.add.length === 0) return this.#commit([]);
    this.#claiming = true;
    const { consultation } = meeting;
    const instances = [...change.add];
    this.#ports.ask({ type: 'claim_key_packages', consultation, instances }, (outcome) =>
      this.#claimed(outcome),
    );
  }

  /** An entry of our own came by the log. */
  async seen(message: Bytes): Promise<void> {
    if (this.#pending !== null && equal(message, this.#pending.commit)) {
      await this.#merge(this.#pending);
    }
  }

  /** The log was read to its end. */
  synced(): void {
    if (this.#stale) this.#abandon();
    this.#stale = false;
  }

  #change(): ReturnType<typeof reconcile> {
    const { group, me, book } = this.#meeting;
    return reconcile(group?.members ?? [], me.participant, book.participants);
  }

  async #claimed(outcome: Outcome): Promise<void> {
    this.#claiming = false;
    if ('error' in outcome) return this.#fail(outcome.retryAfter);
    if (outcome.reply.type !== 'key_packages') return this.#fail(null);
    const wanted = this.#change()?.add ?? [];
    const packages = outcome.reply.packages.filter(({ instance }) => wanted.includes(instance));
    if (packages.length === 0) return;
    await this.#commit(packages.map((it) => fromBase64(it.package)));
  }

  async #commit(packages: Bytes[]): Promise<void> {
    const meeting = this.#meeting;
    try {
      const begun = meeting.group === null;
      const generation = begun
        ? Math.max(meeting.generation, this.#inForce) + 1
        : meeting.generation;
      const group = meeting.group ?? (await this.#begin(generation));
      const { commit, welcome, next } = await group.commit(packages, this.#change()?.remove ?? []);
      checkMembers(next.members, meeting.book);
      this.#pending = { commit, welcome, next, generation, flying: false };
    } catch (error) {
      if (!(error instanceof Rejected)) throw error;
      this.#ports.rejected(error.reason);
      return this.#fail(null);
    }
    this.#fly(this.#pending);
  }

  async #begin(generation: number): Promise<MlsGroup> {
    const id = this.#meeting.groupId(generation);
    if (id === null) throw new Rejected('wrong_group');
    return this.#member.begin(id);
  }

  #fly(pending: Pending): void {
    if (pending.flying || this.#backoff.blocks(this.#ports.now())) return;
    pending.flying = true;
    const { consultation } = this.#meeting;
    const commit = toBase64(pending.commit);
    const welcome = pending.welcome && toBase64(pending.welcome);
    this.#ports.ask({ type: 'commit', consultation, commit, welcome }, async (outcome) => {
      pending.flying = false;
      if (this.#pending === pending) await this.#landed(pending, outcome);
    });
  }

  async #landed(pending: Pending, outcome: Outcome): Promise<void> {
    if ('reply' in outcome) {
      if (outcome.reply.type !== 'accepted') return this.#abandon();
      const { sequence } = outcome.reply;
      this.#ports.placed(sequence);
      // The Welcome stands just behind its commit.
      if (pending.welcome !== null) this.#ports.placed(sequence + 1);
      return this.#merge(pending);
    }
    const { error, retryAfter } = outcome;
    const unclear = error === 'network' || error === 'stale_epoch';
    if (!unclear && retryAfter === null) this.#abandon();
    this.#fail(retryAfter);
    if (error === 'stale_epoch') this.#stale = true;
    if (unclear) this.#ports.sync();
  }

  async #merge(pending: Pending): Promise<void> {
    this.#pending = null;
    this.#backoff.succeed();
    await this.#meeting.take(pending.next, pending.generation, this.#ports.now());
  }

  /** The group went where we cannot follow: a new one takes its place. */
  #abandon(): void {
    if (this.#pending === null) return;
    this.#pending = null;
    this.#meeting.leave();
  }

  /** The generation of the group in force; they count from 1. */
  get #inForce(): number {
    return this.#ports.view()?.generation ?? 0;
  }

  #fail(retryAfter: number | null): void {
    this.#backoff.fail(this.#ports.now(), retryAfter);
  }
}
