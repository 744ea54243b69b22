/** A device's cameras and microphones, and the browser's word on who may have them, for tests without a browser. */

import { vi } from 'vitest';
import type { Input } from '../../src/media/devices.ts';

type Kind = 'audio' | 'video';

const KINDS: Record<Input, Kind> = { microphone: 'audio', camera: 'video' };

export class FakeTrack {
  readonly kind: Kind;
  readonly id: string;
  enabled = true;
  muted = false;
  readyState: 'live' | 'ended' = 'live';
  onended: (() => void) | null = null;
  onmute: (() => void) | null = null;
  onunmute: (() => void) | null = null;

  constructor(kind: Kind, id: string) {
    this.kind = kind;
    this.id = id;
  }

  /** As the page does it: nobody is told. */
  stop(): void {
    this.readyState = 'ended';
  }

  /** As when it is unplugged. */
  end(): void {
    this.readyState = 'ended';
    this.onended?.();
  }

  /** As a phone call does it, and its end. */
  mute(muted: boolean): void {
    this.muted = muted;
    if (muted) this.onmute?.();
    else this.onunmute?.();
  }

  getSettings(): MediaTrackSettings {
    return { deviceId: this.id };
  }
}

class FakeStream {
  readonly #tracks = new Set<FakeTrack>();

  addTrack(track: FakeTrack): void {
    this.#tracks.add(track);
  }

  removeTrack(track: FakeTrack): void {
    this.#tracks.delete(track);
  }

  getTracks(): FakeTrack[] {
    return [...this.#tracks];
  }
}

/** What was asked for: whose device by its id, or the browser's choice. */
export type Asked = Partial<Record<Input, string>>;

export class FakeDevices {
  /** The ids of what is plugged in, the browser's choice first. */
  readonly plugged: Record<Input, string[]> = { microphone: ['m1', 'm2'], camera: ['c1', 'c2'] };
  /** What the browser lets the page have; `null` where it does not tell the page about it. */
  readonly permissions: Record<Input, PermissionState> = {
    microphone: 'granted',
    camera: 'granted',
  };
  tellsPermissions = true;
  /** Two cameras do not run at once. */
  oneAtATime = false;
  /** Why the next devices are not had, the next first. */
  readonly failures: string[] = [];
  readonly asked: Asked[] = [];
  readonly opened: FakeTrack[] = [];
  /** While there is one, the browser waits with its answer. */
  answer: Promise<void> = Promise.resolve();
  visible = true;
  readonly #listeners = new Map<string, () => void>();

  install(): void {
    const devices = this;
    vi.stubGlobal('MediaStream', FakeStream);
    vi.stubGlobal('document', {
      get visibilityState() {
        return devices.visible ? 'visible' : 'hidden';
      },
      addEventListener: (name: string, listener: () => void) =>
        devices.#listeners.set(name, listener),
      removeEventListener: (name: string) => devices.#listeners.delete(name),
    });
    vi.stubGlobal('navigator', {
      mediaDevices: {
        getUserMedia: (constraints: MediaStreamConstraints) => devices.#open(constraints),
        enumerateDevices: async () => [],
        addEventListener: (name: string, listener: () => void) =>
          devices.#listeners.set(name, listener),
        removeEventListener: (name: string) => devices.#listeners.delete(name),
      },
      permissions: {
        query: async ({ name }: { name: Input }) => {
          if (!devices.tellsPermissions) throw new TypeError(name);
          return { state: devices.permissions[name] };
        },
      },
    });
  }

  /** The track of this kind that runs. */
  live(input: Input): FakeTrack | undefined {
    return this.opened.find((it) => it.kind === KINDS[input] && it.readyState === 'live');
  }

  /** Has the next answers wait until what this returns is called. */
  hold(): () => void {
    let release = (): void => undefined;
    this.answer = new Promise((resolve) => (release = resolve));
    return release;
  }

  /** Takes one away. */
  unplug(input: Input, id: string): void {
    this.plugged[input] = this.plugged[input].filter((it) => it !== id);
    this.opened.find((it) => it.id === id && it.readyState === 'live')?.end();
  }

  /** Something was plugged in or taken away. */
  change(): void {
    this.#listeners.get('devicechange')?.();
  }

  /** The page goes out of sight, or comes back. */
  show(visible: boolean): void {
    this.visible = visible;
    this.#listeners.get('visibilitychange')?.();
  }

  async #open({ audio, video }: MediaStreamConstraints): Promise<FakeStream> {
    const wanted = new Map<Input, string | undefined>();
    if (audio) wanted.set('microphone', exactId(audio));
    if (video) wanted.set('camera', exactId(video));
    this.asked.push(
      Object.fromEntries([...wanted].map(([input, id]) => [input, id ?? 'any'])) as Asked,
    );
    await this.answer;
    const failure = this.failures.shift();
    if (failure !== undefined) throw new DOMException('', failure);
    const found = [...wanted].map(([input, id]) => [input, this.#find(input, id)] as const);
    const stream = new FakeStream();
    for (const [input, id] of found) {
      const track = new FakeTrack(KINDS[input], id);
      this.opened.push(track);
      stream.addTrack(track);
    }
    return stream;
  }

  #find(input: Input, id: string | undefined): string {
    if (this.permissions[input] !== 'granted') throw new DOMException('', 'NotAllowedError');
    const [first] = this.plugged[input];
    if (first === undefined) throw new DOMException('', 'NotFoundError');
    if (id !== undefined && !this.plugged[input].includes(id)) {
      throw new DOMException('', 'OverconstrainedError');
    }
    const running = this.live(input);
    if (this.oneAtATime && running !== undefined && running.id !== (id ?? first)) {
      throw new DOMException('', 'NotReadableError');
    }
    return id ?? first;
  }
}

function exactId(constraints: true | MediaTrackConstraints): string | undefined {
  const id = constraints === true ? undefined : constraints.deviceId;
  return typeof id === 'object' && 'exact' in id ? String(id.exact) : undefined;
}
