/** Which sound and picture of whom can be shown: what the worker opened, in the slots as bound. */

import type { SlotName } from '../crypto/messages.ts';

/** Whose track comes by a slot. */
export interface Incoming {
  readonly slot: SlotName;
  readonly participant: string;
  readonly track: MediaStreamTrack;
}

export class RemoteStreams {
  /** What the slots of each connection were bound to last. */
  readonly #bound = new Map<number, readonly Incoming[]>();
  /** What is to come by them, as long as it did not turn out to be old. */
  #expected: readonly Incoming[] = [];
  #shown: readonly Incoming[] = [];
  readonly #streams = new Map<string, MediaStream>();

  /** A participant's stream; null while nothing of theirs was opened. */
  of(participant: string): MediaStream | null {
    return this.#shown.some(isOf(participant)) ? this.incoming(participant) : null;
  }

  /**
   * The same stream, also before: whoever has it in an element by then sees the first frame, as browsers show none that
   * was decoded before there was an element.
   */
  incoming(participant: string): MediaStream | null {
    return this.#streams.get(participant) ?? null;
  }

  /** These tracks are to come by a connection's slots as they are bound now, and no others. */
  expect(connection: number, incoming: readonly Incoming[]): void {
    const before = this.#bound.get(connection) ?? [];
    this.#bound.set(connection, incoming);
    const kept = this.#expected.filter((it) => !isOn(connection)(it) || has(incoming, it));
    // Until the worker has let go of somebody, what comes by their slot is still theirs.
    const isFree = ({ slot, participant }: Incoming) =>
      !this.#shown.some((it) => isBy(slot)(it) && it.participant !== participant);
    const news = incoming.filter((it) => !has(before, it) && isFree(it));
    this.#set([...kept, ...news], this.#shown);
  }

  show(shown: Incoming): void {
    const others = this.#shown.filter((it) => !isBy(shown.slot)(it));
    this.#set(this.#expected, [...others, shown]);
  }

  /** What came by a slot is old: it is shown again when something is opened. */
  hide(slot: SlotName): void {
    this.#drop(isBy(slot));
  }

  /** A connection is gone, and all that came by it. */
  hideConnection(connection: number): void {
    this.#bound.delete(connection);
    this.#drop(isOn(connection));
  }

  #drop(isGone: (incoming: Incoming) => boolean): void {
    const stays = (it: Incoming) => !isGone(it);
    this.#set(this.#expected.filter(stays), this.#shown.filter(stays));
  }

  #set(expected: readonly Incoming[], shown: readonly Incoming[]): void {
    const all = [...this.#expected, ...this.#shown, ...expected, ...shown];
    this.#expected = expected;
    this.#shown = shown;
    for (const participant of new Set(all.map((it) => it.participant))) this.#arrange(participant);
  }

  /** One stream for each person, so that a page may keep it in its element while tracks come and go. */
  #arrange(participant: string): void {
    const theirs = [...this.#expected, ...this.#shown].filter(isOf(participant));
    const tracks = theirs.map(({ track }) => track);
    if (tracks.length === 0) {
      this.#streams.delete(participant);
      return;
    }
    const stream = this.#streams.get(participant) ?? new MediaStream();
    this.#streams.set(participant, stream);
    for (const track of stream.getTracks()) {
      if (!tracks.includes(track)) stream.removeTrack(track);
    }
    for (const track of tracks) stream.addTrack(track);
  }
}

function isOf(participant: string): (incoming: Incoming) => boolean {
  return (it) => it.participant === participant;
}

function isOn(connection: number): (incoming: Incoming) => boolean {
  return ({ slot }) => slot.connection === connection;
}

function isBy({ connection, section }: SlotName): (incoming: Incoming) => boolean {
  return ({ slot }) => slot.connection === connection && slot.section === section;
}

function has(all: readonly Incoming[], one: Incoming): boolean {
  return all.some((it) => isBy(one.slot)(it) && it.participant === one.participant);
}
