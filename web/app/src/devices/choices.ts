/** The devices of one kind, as a list to choose from. */

import type { Device, DeviceKind } from '@vestibule/client';

export interface Choice {
  readonly id: string;
  /** Null when the browser does not say the name yet. */
  readonly label: string | null;
  readonly number: number;
}

export interface Choices {
  readonly kind: DeviceKind;
  readonly chosen: string;
  readonly options: readonly Choice[];
}

const ORDER: readonly DeviceKind[] = ['camera', 'microphone', 'speaker'];

/** The one in use, if somebody has chosen or the browser told. */
export function chosenDevice(devices: readonly Device[], kind: DeviceKind): string | undefined {
  return devices.find((device) => device.kind === kind && device.chosen)?.id;
}

/** One list for each kind that has a device; browsers that cannot choose a speaker list none. */
export function deviceChoices(devices: readonly Device[]): Choices[] {
  return ORDER.map((kind) => {
    const ofKind = devices.filter((device) => device.kind === kind);
    return {
      kind,
      chosen: ofKind.find((device) => device.chosen)?.id ?? ofKind[0]?.id ?? '',
      options: ofKind.map((device, index) => ({
        id: device.id,
        label: device.label === '' ? null : device.label,
        number: index + 1,
      })),
    };
  }).filter((choices) => choices.options.length > 0);
}
