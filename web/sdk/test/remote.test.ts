import { beforeEach, describe, expect, it } from 'vitest';
import { RemoteStreams, type Incoming } from '../src/media/remote.ts';

/** As much of a browser's stream as is used; Node has none. */
class Stream {
  #tracks: MediaStreamTrack[] = [];
  getTracks = () => [...this.#tracks];
  addTrack(track: MediaStreamTrack) {
    if (!this.#tracks.includes(track)) this.#tracks.push(track);
  }
  removeTrack(track: MediaStreamTrack) {
    this.#tracks = this.#tracks.filter((it) => it !== track);
  }
}
globalThis.MediaStream = Stream as unknown as typeof MediaStream;

const incoming = (section: number, participant: string, connection = 1): Incoming => ({
  slot: { connection, section },
  participant,
  track: { id: `${connection}/${section}` } as MediaStreamTrack,
});
const SOUND = incoming(3, 'a');
const PICTURE = incoming(4, 'a');

let streams: RemoteStreams;
beforeEach(() => (streams = new RemoteStreams()));

const tracksOf = (participant: string) =>
  streams
    .incoming(participant)
    ?.getTracks()
    .map(({ id }) => id) ?? [];

describe('what comes from somebody', () => {
  it('can be waited for, and is shown from the first frame that was opened', () => {
    streams.expect(1, [SOUND, PICTURE]);
    const waited = streams.incoming('a');
    expect(tracksOf('a')).toEqual(['1/3', '1/4']);
    expect(streams.of('a')).toBeNull();
    streams.show(SOUND);
    expect(streams.of('a')).toBe(waited);
    expect(tracksOf('a')).toEqual(['1/3', '1/4']);
  });

  it('is taken away when it is old, and is not waited for until something new was opened', () => {
    streams.expect(1, [SOUND, PICTURE]);
    for (const it of [SOUND, PICTURE]) streams.show(it);
    const stream = streams.of('a');
    streams.hide(PICTURE.slot);
    streams.expect(1, [SOUND, PICTURE]);
    expect(tracksOf('a')).toEqual(['1/3']);
    streams.show(PICTURE);
    expect(tracksOf('a')).toEqual(['1/3', '1/4']);
    expect(streams.of('a')).toBe(stream);
  });

  it('is never in the stream of somebody else to whom a slot is given', () => {
    streams.expect(1, [PICTURE]);
    const other = { ...PICTURE, participant: 'b' };
    streams.expect(1, [other]);
    expect([tracksOf('a'), tracksOf('b')]).toEqual([[], ['1/4']]);
    expect(streams.of('b')).toBeNull();
  });

  it('is not played for somebody else before the worker has let go of whoever was shown', () => {
    streams.expect(1, [PICTURE]);
    streams.show(PICTURE);
    const other = { ...PICTURE, participant: 'b' };
    streams.expect(1, [other]);
    expect(tracksOf('b')).toEqual([]);
    streams.hide(PICTURE.slot);
    expect([tracksOf('a'), tracksOf('b')]).toEqual([[], []]);
    streams.show(other);
    expect(tracksOf('b')).toEqual(['1/4']);
  });

  it('goes with its connection, and comes by the next one', () => {
    streams.expect(1, [PICTURE]);
    streams.show(PICTURE);
    streams.hideConnection(1);
    expect(streams.of('a')).toBeNull();
    streams.expect(2, [incoming(4, 'a', 2)]);
    expect(tracksOf('a')).toEqual(['2/4']);
  });

  it('of a screen is there once it was opened', () => {
    streams.expect(1, [PICTURE]);
    streams.show(PICTURE);
    streams.show(incoming(11, 'a'));
    streams.expect(1, [PICTURE]);
    expect(tracksOf('a')).toEqual(['1/4', '1/11']);
  });
});
