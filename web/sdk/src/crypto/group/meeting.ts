/** The group of one consultation as this page holds it, and what is said in it. */

import type { SafetyCode } from '../../contract.ts';
import {
  concat,
  equal,
  randomBytes,
  uuidBytes,
  bigEndian,
  type Bytes,
} from '../../support/bytes.ts';
import type { Identity, Member } from '../identity.ts';
import type { Keyring } from '../keyring.ts';
import { sameEpoch, type EpochName } from '../kid.ts';
import { HISTORY_MS } from '../limits.ts';
import type { MlsGroup } from '../mls.ts';
import { COMMITTER_LEAF, Rejected } from '../policy.ts';
import { importBaseKey } from '../sframe.ts';
import { ChatBook } from './chat.ts';
import { Counts } from './counts.ts';
import { Outbox, type Letter } from './outbox.ts';
import { decodePayload, encodePayload, type Payload } from './payload.ts';
import type { GroupState } from './ports.ts';
import { RosterBook } from './roster.ts';
import { NONCE_BYTES, SafetyRound } from './safety.ts';
import { Switcher } from './switcher.ts';

/** The label and size of RFC 9605 section 5.2, for AES_128_GCM_SHA256_128. */
const BASE_KEY_LABEL = 'SFrame 1.0 Base Key';
const BASE_KEY_BYTES = 16;

export class Meeting {
  readonly consultation: string;
  readonly me: Identity;
  readonly book = new RosterBook();
  readonly outbox = new Outbox();
  readonly switcher = new Switcher();
  readonly #keyring: Keyring;
  readonly #chat: ChatBook;
  readonly #counts = new Counts();
  /** The lines of ours that were sealed. */
  #said = 0;
  /** Who may still hand over what was written before this page came: one member, once, for a while. */
  #teller: { leaf: number; until: number } | null = null;
  group: MlsGroup | null = null;
  generation = 0;
  /** Of the last epoch that this page was in, also of an earlier group. */
  #members: readonly Member[] = [];
  /** Participants who were members at any time. */
  readonly #known = new Set<string>();
  #round: { name: EpochName; exchange: SafetyRound } | null = null;
  #code: SafetyCode | null = null;
  /** Who says that they see another. */
  #doubts: readonly string[] = [];
  /** We said so. */
  #doubting = false;
  #broken = false;

  constructor(consultation: string, me: Identity, keyring: Keyring) {
    this.consultation = consultation;
    this.me = me;
    this.#keyring = keyring;
    this.#chat = new ChatBook(me.participant);
  }

  get state(): GroupState {
    const others = (this.group?.members.length ?? 0) > 1;
    const ready = others && this.#keyring.canSend;
    return {
      encryption: this.#broken ? 'failed' : ready ? 'ready' : 'pending',
      safetyCode: this.#broken ? null : this.#code,
      chat: this.#chat.entries,
      people: this.book.with(this.#members),
      doubts: this.#doubts,
    };
  }

  /** The epoch that this page is in. */
  get epoch(): EpochName | null {
    return this.group && { generation: this.generation, epoch: this.group.epoch };
  }

  /** The id of the group of a generation; null when the consultation's id is none. */
  groupId(generation: number): Bytes | null {
    const consultation = uuidBytes(this.consultation);
    return consultation && concat(consultation, bigEndian(BigInt(generation), 4));
  }

  /** The generation of a group that somebody invites to, if it is one of this consultation's. */
  generationOf(group: MlsGroup): number {
    const { id } = group;
    const generation = new DataView(id.buffer, id.byteOffset).getUint32(id.length - 4);
    const expected = this.groupId(generation);
    if (expected === null || !equal(expected, id)) throw new Rejected('wrong_group');
    return generation;
  }

  /** Takes up an epoch: its keys, the safety code, and who needs to be told what was said. */
  async take(group: MlsGroup, generation: number, now: number): Promise<void> {
    const before = this.#members;
    /** A page that went on after a hold has forgotten the code, although nobody is new. */
    const anew = generation !== this.generation;
    const name = { generation, epoch: group.epoch };
    const hadKeys = this.#keyring.canSend;
    this.group = group;
    this.generation = generation;
    this.#members = group.members;
    if (before.length === 0) this.#expectHistory(group, now);
    await this.#install(group, name);
    const wasThere = (member: Member): boolean =>
      before.some(({ instance }) => instance === member.instance);
    const stayed = group.members.filter(wasThere);
    const joined = group.members.filter(
      (member) => !wasThere(member) && member.leaf !== group.ownLeaf,
    );
    const holders = stayed.filter(({ leaf }) => leaf !== group.ownLeaf && leaf !== COMMITTER_LEAF);
    // Somebody who went holds the former key: not one frame more is sealed with it, whoever is late.
    const stays = ({ participant }: Member): boolean =>
      group.members.some((member) => member.participant === participant);
    const everybodyStays = before.every(stays);
    const waits = hadKeys && everybodyStays;
    this.switcher.begin(name, waits ? holders.map(({ instance }) => instance) : [], now);
    this.switchKeys(now);
    this.#counts.keep(group.members);
    const changed = joined.length > 0 || !everybodyStays;
    if (anew || changed || this.#code === null) await this.#beginRound(group, name);
    this.#handOver(group, stayed, joined);
    for (const { participant } of group.members) this.#known.add(participant);
  }

  /** This page is no member any more. */
  leave(): void {
    this.group = null;
    this.#round = null;
  }

  /** Seals with the keys that are due. */
  switchKeys(now: number): void {
    const name = this.switcher.due(now);
    if (name !== null) this.#keyring.sendWith(name);
  }

  say(id: string, text: string, at: number): void {
    this.#chat.write(id, text, at);
    const added = this.outbox.add({ payload: { type: 'chat', id, text, at }, epoch: null });
    if (!added) this.#chat.mark(id, 'failed');
  }

  /** Tells the others that the code is different here, or that this was a mistake. */
  judge(same: boolean): void {
    if (same !== this.#doubting || this.epoch === null) return;
    this.#doubting = !same;
    this.outbox.add({ payload: { type: 'safety_verdict', same }, epoch: this.epoch });
  }

  /** What became of a letter. */
  sent({ payload }: { payload: Payload }, state: 'sent' | 'failed'): void {
    if (payload.type !== 'chat') return;
    this.#chat.mark(payload.id, state);
    // What was refused leaves no gap behind.
    if (state === 'failed' && payload.n === this.#said) this.#said -= 1;
  }

  /** Reads an application message. */
  async hear(message: Bytes, now: number): Promise<void> {
    if (this.group === null) return;
    const { group, sender, epoch, data } = await this.group.open(message);
    this.group = group;
    const payload = decodePayload(data);
    if (payload === null) throw new Rejected('unreadable');
    const name = { generation: this.generation, epoch };
    switch (payload.type) {
      case 'chat':
        return this.#readLine(sender, payload);
      case 'history':
        return this.#readHistory(sender, payload, now);
      case 'safety_commitment':
        if (payload.said !== undefined && this.#counts.said(sender, payload.said) > 0) {
          this.#chat.miss(sender.participant);
        }
        this.#roundOf(name)?.committed(sender.leaf, payload.commitment);
        return this.#reveal();
      case 'safety_verdict':
        return this.#doubt(sender.participant, name, payload.same);
      case 'safety_reveal':
        await this.#roundOf(name)?.revealed(sender.leaf, payload.nonce);
        return this.#conclude();
    }
  }

  /** The next letter, sealed; it is the caller's to send. */
  async sealNext(): Promise<void> {
    const { group, epoch } = this;
    if (group === null || epoch === null || group.members.length < 2) return;
    const taken = this.outbox.next(epoch);
    if (taken === null) return;
    const letter = this.#counted(taken);
    const { group: next, message } = await group.seal(encodePayload(letter.payload));
    this.group = next;
    this.outbox.sealed = { letter, message, epoch, flying: false };
  }

  /** With how many lines we have written: a letter that comes back keeps its number. */
  #counted(letter: Letter): Letter {
    const { payload } = letter;
    if (payload.type === 'safety_commitment') {
      return { ...letter, payload: { ...payload, said: this.#said } };
    }
    if (payload.type !== 'chat' || payload.n !== undefined) return letter;
    this.#said += 1;
    return { ...letter, payload: { ...payload, n: this.#said } };
  }

  #readLine(sender: Member, line: Payload & { type: 'chat' }): void {
    const { id, text, at, n } = line;
    const from = sender.participant;
    if (n !== undefined && this.#counts.line(sender, n) > 0) this.#chat.miss(from, at);
    this.#chat.read({ id, from, text, at });
  }

  async #install(group: MlsGroup, name: EpochName): Promise<void> {
    const secret = await group.exportSecret(BASE_KEY_LABEL, BASE_KEY_BYTES);
    const baseKey = await importBaseKey(secret);
    secret.fill(0);
    const { members, ownLeaf } = group;
    this.#keyring.install({ ...name, baseKey, members, ownLeaf });
  }

  async #beginRound(group: MlsGroup, name: EpochName): Promise<void> {
    const leaves = group.members.map(({ leaf }) => leaf);
    const nonce = randomBytes(NONCE_BYTES);
    const exchange = new SafetyRound(group.authenticator, leaves, group.ownLeaf, nonce);
    this.#round = { name, exchange };
    this.#code = null;
    this.#doubts = [];
    this.#doubting = false;
    const commitment = await exchange.commitment();
    this.outbox.addFirst({ payload: { type: 'safety_commitment', commitment }, epoch: name });
  }

  #roundOf(name: EpochName): SafetyRound | null {
    return this.#round !== null && sameEpoch(this.#round.name, name) ? this.#round.exchange : null;
  }

  /** What is said of a former code does not concern this one. */
  #doubt(participant: string, { generation, epoch }: EpochName, same: boolean): void {
    const round = this.#round?.name;
    if (round?.generation !== generation || epoch < round.epoch) return;
    const others = this.#doubts.filter((one) => one !== participant);
    this.#doubts = same ? others : [...others, participant];
  }

  #reveal(): void {
    const nonce = this.#round?.exchange.reveal() ?? null;
    if (this.#round === null || nonce === null) return;
    this.outbox.add({ payload: { type: 'safety_reveal', nonce }, epoch: this.#round.name });
  }

  #conclude(): void {
    const status = this.#round?.exchange.status;
    if (status?.state === 'done') this.#code = status.code;
    if (status?.state === 'broken') this.#broken = true;
  }

  /** Whoever stayed with the lowest leaf tells a page that returned what was written. */
  #handOver(group: MlsGroup, stayed: readonly Member[], joined: readonly Member[]): void {
    const [first] = stayed;
    const returned = joined.some(({ participant }) => this.#known.has(participant));
    if (!returned || first?.leaf !== group.ownLeaf) return;
    const pieces = this.#chat.history();
    for (const [index, lines] of pieces.entries()) {
      const more = index + 1 < pieces.length;
      this.outbox.add({ payload: { type: 'history', lines, more }, epoch: null });
    }
  }

  /** Of those who may have stayed, the one with the lowest leaf hands history over, and nobody else. */
  #expectHistory(group: MlsGroup, now: number): void {
    const others = group.members.filter(({ leaf }) => leaf !== group.ownLeaf);
    const [first] = others.sort((a, b) => a.leaf - b.leaf);
    this.#teller = first === undefined ? null : { leaf: first.leaf, until: now + HISTORY_MS };
  }

  #readHistory(sender: Member, { lines, more }: Payload & { type: 'history' }, now: number): void {
    const teller = this.#teller;
    if (teller === null || sender.leaf !== teller.leaf || now > teller.until) return;
    this.#chat.readHistory(sender.participant, lines);
    if (!more) this.#teller = null;
  }
}
