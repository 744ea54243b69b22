/** Starts camera and microphone by themselves where that is no surprise, as after a reload. */

import type { LocalMediaState, VestibuleClient } from '@vestibule/client';
import { mayStartSilently } from './autostart.ts';
import { startRemembered } from './media-memory.ts';

/** `silently`: only where the browser need not ask; `always`: also where it asks. */
export type Wish = 'no' | 'silently' | 'always';

interface Seen {
  readonly wish: Wish;
  readonly media: LocalMediaState['state'];
}

/** Tries once for each wish, so that a refusal is not asked again and again. */
export function resumeMedia(client: () => VestibuleClient, seen: () => Seen): void {
  let tried: Wish = 'no';

  const start = () => void startRemembered(client()).catch(() => undefined);
  $effect(() => {
    const { wish, media } = seen();
    if (wish === 'no' || wish === tried || media !== 'idle') return;
    tried = wish;
    if (wish === 'always') start();
    else void mayStartSilently().then((silently) => silently && start());
  });
}
