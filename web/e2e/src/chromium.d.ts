/** Chromium's own, not yet in TypeScript's library. */
declare class MediaStreamTrackProcessor<T extends AudioData | VideoFrame> {
  constructor(init: { track: MediaStreamTrack });
  readonly readable: ReadableStream<T>;
}

declare class MediaStreamTrackGenerator<T> extends MediaStreamTrack {
  constructor(init: { kind: 'audio' | 'video' });
  readonly writable: WritableStream<T>;
}
