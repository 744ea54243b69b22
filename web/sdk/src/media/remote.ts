/** Which sound and picture of whom can be shown: what the worker opened, in the slots as bound. */

import type { SlotName } from '../crypto/messages.ts';

interface Shown {
  readonly slot: SlotName;
  readonly participant: string;
  readonly track: MediaStreamTrack;
}

export class RemoteStreams {
  #shown: readonly Shown[] = [];
  readonly #streams = new Map<string, MediaStream>();

  /** A participant's stream; null while nothing of theirs was opened. */
  of(participant: string): MediaStream | null {
    return this.#streams.get(participant) ?? null;
  }

  show(slot: SlotName, participant: string, track: MediaStreamTrack): void {
    this.hide(slot);
    this.#shown = [...this.#shown, { slot, participant, track }];
    this.#arrange(participant);
  }

  hide(slot: SlotName): void {
    this.#drop((it) => it.slot.connection === slot.connection && it.slot.section === slot.section);
  }

  /** A connection is gone, and all that came by it. */
  hideConnection(connection: number): void {
    this.#drop((it) => it.slot.connection === connection);
  }

  #drop(isGone: (shown: Shown) => boolean): void {
    const gone = this.#shown.filter(isGone);
    this.#shown = this.#shown.filter((it) => !isGone(it));
    for (const participant of new Set(gone.map((it) => it.participant))) this.#arrange(participant);
  }

  /** One stream for each person, so that a page may keep it in its element while tracks come and go. */
  #arrange(participant: string): void {
    const tracks = this.#shown
      .filter((it) => it.participant === participant)
      .map(({ track }) => track);
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
