/** Calls the patient in at the moment of admission: a sound, a buzz, and a title until it is seen. */

import { onChange } from '../lib/on-change.svelte.ts';
import { prepareSound, soundAdmitted, vibrate } from '../lib/sound.ts';
import type { PatientView } from './view.ts';

export function callIn(kind: () => PatientView['kind']): { readonly current: boolean } {
  let calling = $state(false);

  onChange(kind, (now, before) => {
    if ((before !== 'waiting' && before !== 'held') || now !== 'consultation') return;
    soundAdmitted();
    vibrate();
    calling = document.visibilityState === 'hidden';
  });

  // After a reload in the waiting room no button was pressed: any touch allows the sound.
  $effect(() => {
    const seen = () => {
      if (document.visibilityState === 'visible') calling = false;
    };
    document.addEventListener('visibilitychange', seen);
    document.addEventListener('pointerdown', prepareSound, { once: true });
    return () => {
      document.removeEventListener('visibilitychange', seen);
      document.removeEventListener('pointerdown', prepareSound);
    };
  });

  return {
    get current() {
      return calling;
    },
  };
}
