/**
 * Notes when a click happened and when the other's picture first showed. It runs inside the page,
 * where it is sent as text, so it may name nothing outside of itself.
 */

export interface Moments {
  /** Milliseconds since 1970. */
  click: number;
  firstFrame: number;
}

declare global {
  var __moments: Moments;
}

export function noteMoments(): void {
  const now = () => performance.timeOrigin + performance.now();
  globalThis.__moments = { click: 0, firstFrame: 0 };
  addEventListener('click', () => (__moments = { click: now(), firstFrame: 0 }), true);
  const watched = new WeakSet<HTMLVideoElement>();
  const watch = (video: HTMLVideoElement) => {
    if (watched.has(video) || video.getAttribute('aria-label') === 'Your own picture') return;
    watched.add(video);
    video.requestVideoFrameCallback(() => (__moments.firstFrame = now()));
  };
  new MutationObserver(() => document.querySelectorAll('video').forEach(watch)).observe(document, {
    childList: true,
    subtree: true,
  });
}
