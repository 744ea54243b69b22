/** Tells the gate that waits for it whether the camera and the microphone work, once for each finding. */

import type { LocalMediaState, PatientIntake, VestibuleClient } from '@vestibule/client';

/** What was found out; null while nothing was tried. */
export function devicesFound({ state, microphone }: LocalMediaState): boolean | null {
  switch (state) {
    case 'ready':
      return microphone;
    case 'idle':
    case 'asking':
      return null;
    case 'denied':
    case 'missing':
    case 'in_use':
    case 'failed':
      return false;
  }
}

/** The page's own check is what opens this gate. */
export function waitsForDevices({ shut = [] }: PatientIntake): boolean {
  return shut.some(
    ({ gate, opened_by }) => gate.type === 'device_check' && opened_by === 'built_in',
  );
}

export function tellDevices(
  client: () => VestibuleClient,
  seen: () => { readonly intake: PatientIntake; readonly media: LocalMediaState },
): void {
  let told: boolean | null = null;
  $effect(() => {
    const { intake, media } = seen();
    const found = devicesFound(media);
    if (found === null || found === told || !waitsForDevices(intake)) return;
    told = found;
    client()
      .checkDevices(found)
      .catch(() => (told = null));
  });
}
