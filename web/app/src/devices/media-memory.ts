/**
 * Whether microphone and camera were turned off in this consultation. A reload must not undo it:
 * nobody is heard or seen again without having said so. It is kept for this tab, until the
 * consultation is over.
 */

import type { VestibuleClient } from '@vestibule/client';

type Input = 'microphone' | 'camera';

const key = (input: Input) => `vestibule.${input}`;
const OFF = 'off';

function isOff(input: Input): boolean {
  try {
    return sessionStorage.getItem(key(input)) === OFF;
  } catch {
    return false;
  }
}

export function rememberInput(input: Input, on: boolean): void {
  try {
    if (on) sessionStorage.removeItem(key(input));
    else sessionStorage.setItem(key(input), OFF);
  } catch {
    // Storage is refused; then a reload begins with both.
  }
}

export function forgetInputs(): void {
  rememberInput('microphone', true);
  rememberInput('camera', true);
}

/** Starts what was not turned off; the one that stays off is not even opened. */
export async function startRemembered(client: VestibuleClient): Promise<void> {
  const microphone = !isOff('microphone');
  const camera = !isOff('camera');
  if (microphone && camera) await client.startMedia();
  else if (microphone) await client.setMicrophone(true);
  else if (camera) await client.setCamera(true);
}
