/** How large the others' pictures are shown, so that no more of them is sent than can be seen. */

import { CAMERA_LAYERS, ENLARGED, PICTURE } from './limits.ts';

/** So many layers of a camera, the smallest first, are of use to a picture of this many pixels along its longer side. */
export function layersFor(pixels: number): number {
  const layers = CAMERA_LAYERS.findIndex(
    ({ scaleResolutionDownBy }) => pixels * scaleResolutionDownBy <= PICTURE.width * ENLARGED,
  );
  return layers < 0 ? CAMERA_LAYERS.length : layers + 1;
}

export class Sizes {
  readonly #layers = new Map<string, number>();

  /** The picture of a participant is shown this large, or no longer; whether that makes a difference. */
  set(participant: string, pixels: number | null): boolean {
    const before = this.of(participant);
    if (pixels === null) this.#layers.delete(participant);
    else this.#layers.set(participant, layersFor(pixels));
    return this.of(participant) !== before;
  }

  /** So many layers of a participant's camera are of use; all, where nobody told. */
  of(participant: string): number {
    return this.#layers.get(participant) ?? CAMERA_LAYERS.length;
  }
}
