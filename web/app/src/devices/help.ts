/** What helps when the camera or the microphone cannot be had. */

import type { LocalMediaState } from '@vestibule/client';
import type { PlainKey } from '../i18n/catalogue.ts';
import type { BrowserFamily } from './browser.ts';

export interface Help {
  readonly title: PlainKey;
  readonly text: PlainKey;
}

/** One of the two is there and the other could not be had: it is said, and nothing is in the way. */
export function halfReady(media: LocalMediaState): PlainKey | null {
  if (media.state !== 'ready' || media.camera === media.microphone) return null;
  return media.microphone ? 'media.only.microphone' : 'media.only.camera';
}

/** Null when there is nothing to help with. */
export function mediaHelp(state: LocalMediaState['state'], browser: BrowserFamily): Help | null {
  switch (state) {
    case 'idle':
    case 'asking':
    case 'ready':
      return null;
    case 'denied':
      return { title: 'media.denied.title', text: `media.denied.${browser}` };
    case 'missing':
      return { title: 'media.missing.title', text: 'media.missing.text' };
    case 'in_use':
      return { title: 'media.in_use.title', text: 'media.in_use.text' };
    case 'failed':
      return { title: 'media.failed.title', text: 'media.failed.text' };
  }
}
