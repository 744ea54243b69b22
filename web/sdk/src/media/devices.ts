/** Cameras, microphones and speakers: asking for them, and what went wrong. */

import type { Device, DeviceKind, LocalMediaState } from '../contract.ts';
import { PICTURE } from './limits.ts';

export type Input = Exclude<DeviceKind, 'speaker'>;

/** The ids that were chosen; a kind that is absent is the browser's choice. */
export type Choices = Readonly<Partial<Record<DeviceKind, string>>>;

const KINDS: Record<MediaDeviceKind, DeviceKind> = {
  audioinput: 'microphone',
  videoinput: 'camera',
  audiooutput: 'speaker',
};

/** Opens one device, the chosen one where there is one. */
export async function openDevice(input: Input, choices: Choices): Promise<MediaStreamTrack> {
  const [track] = await openTogether([input], choices);
  if (track === undefined) throw new DOMException('', 'NotFoundError');
  return track;
}

/** Opens them with one question to the person. */
export async function openTogether(
  inputs: readonly Input[],
  choices: Choices,
): Promise<MediaStreamTrack[]> {
  const constraints = {
    ...(inputs.includes('microphone') && { audio: microphone(choices) }),
    ...(inputs.includes('camera') && { video: camera(choices) }),
  };
  return (await navigator.mediaDevices.getUserMedia(constraints)).getTracks();
}

/**
 * Which to ask for alone when they were refused together. A refusal stands where the browser does not tell whose it was, and
 * nobody is asked twice in a row: what the browser would ask about is new to the person only if the block of another
 * refused them all without a question.
 */
export async function worthAsking(inputs: readonly Input[]): Promise<Input[]> {
  const permissions = await Promise.all(inputs.map(permissionFor));
  const unasked = permissions.includes('denied');
  return inputs.filter((_, index) => {
    const permission = permissions[index];
    return permission === 'granted' || (permission === 'prompt' && unasked);
  });
}

/** Null where the browser does not say: some know no permissions, others not these. */
async function permissionFor(input: Input): Promise<PermissionState | null> {
  try {
    return (await navigator.permissions.query({ name: input as PermissionName })).state;
  } catch {
    return null;
  }
}

export async function listDevices(
  tracks: readonly MediaStreamTrack[],
  choices: Choices,
): Promise<Device[]> {
  const inUse = new Set(tracks.map((track) => track.getSettings().deviceId));
  const found = await navigator.mediaDevices.enumerateDevices();
  return found
    .filter(({ deviceId }) => deviceId !== '')
    .map(({ deviceId: id, kind: mediaKind, label }) => {
      const kind = KINDS[mediaKind];
      const chosen = kind === 'speaker' ? id === (choices.speaker ?? 'default') : inUse.has(id);
      return { id, kind, label, chosen };
    });
}

/** What a failure means to a person. */
export function failureOf(error: unknown): LocalMediaState['state'] {
  // Not in every browser is an `OverconstrainedError` a `DOMException`.
  switch (typeof error === 'object' && error !== null && 'name' in error ? error.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'denied';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'missing';
    case 'NotReadableError':
    case 'AbortError':
      return 'in_use';
    default:
      return 'failed';
  }
}

function microphone({ microphone: id }: Choices): MediaTrackConstraints {
  const voice = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  return id === undefined ? voice : { ...voice, deviceId: { exact: id } };
}

function camera({ camera: id }: Choices): MediaTrackConstraints {
  const picture = {
    width: { ideal: PICTURE.width },
    height: { ideal: PICTURE.height },
    frameRate: { ideal: PICTURE.frameRate, max: 30 },
  };
  return id === undefined
    ? { ...picture, facingMode: 'user' }
    : { ...picture, deviceId: { exact: id } };
}
