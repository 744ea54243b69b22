/** The own camera and microphone. */

import { VestibuleError, type DeviceKind, type LocalMediaState } from '../contract.ts';
import {
  failureOf,
  listDevices,
  openDevice,
  openTogether,
  worthAsking,
  type Choices,
  type Input,
} from './devices.ts';
import { LevelMeter } from './level.ts';
import { UNMUTES_WITHIN_MS } from './limits.ts';
import type { LocalTracks } from './peer.ts';
import { playTone } from './tone.ts';

const INPUTS: readonly Input[] = ['microphone', 'camera'];

export const NO_MEDIA: LocalMediaState = {
  state: 'idle',
  stream: null,
  microphone: false,
  camera: false,
  devices: [],
};

export class LocalMedia {
  readonly #changed: () => void;
  readonly #tracks = new Map<Input, MediaStreamTrack>();
  readonly #stream = new MediaStream();
  #choices: Choices = {};
  /** What the person turned off, also while it is only being opened. */
  readonly #off = new Set<Input>();
  /** What ended and was opened anew by itself since somebody did something about the devices. */
  readonly #mended = new Set<Input>();
  #meter: LevelMeter | null = null;
  /** What was on when all was let go of. */
  #released: readonly Input[] = [];
  #looking: ReturnType<typeof setTimeout> | undefined;
  /** One thing after the other: a second click waits for the first. */
  #queue: Promise<unknown> = Promise.resolve();
  state: LocalMediaState = NO_MEDIA;

  constructor(changed: () => void) {
    this.#changed = changed;
    navigator.mediaDevices?.addEventListener('devicechange', this.#refresh);
    document.addEventListener('visibilitychange', this.#lookAgain);
  }

  get tracks(): LocalTracks {
    return {
      microphone: this.#tracks.get('microphone') ?? null,
      camera: this.#tracks.get('camera') ?? null,
    };
  }

  get level(): number {
    return this.state.microphone ? (this.#meter?.level ?? 0) : 0;
  }

  start(): Promise<void> {
    this.#off.clear();
    this.#mended.clear();
    return this.#begin(INPUTS);
  }

  #begin(inputs: readonly Input[]): Promise<void> {
    return this.#inTurn(async () => {
      this.#set({ state: 'asking' });
      const opened = await this.#openWhatThereIs(inputs);
      // What runs already runs on, whatever became of the rest.
      if (typeof opened === 'string') {
        return this.#set({ state: this.#tracks.size > 0 ? 'ready' : opened });
      }
      for (const track of opened) this.#use(inputOf(track), track);
      await this.#list();
      this.#set({ state: 'ready' });
    });
  }

  /** Off is silence at once, whatever else is being opened; the device stays open, so that it is back at once. */
  async setMicrophone(on: boolean): Promise<void> {
    this.#turn('microphone', on);
    const track = this.#tracks.get('microphone');
    if (track !== undefined) track.enabled = on;
    if (on && !this.#isOn('microphone')) {
      return this.#inTurn(() => this.#openWanted('microphone'));
    }
    this.#set({});
  }

  /** Off releases the camera at once, and its light goes out. */
  async setCamera(on: boolean): Promise<void> {
    this.#turn('camera', on);
    if (on) return this.#inTurn(() => this.#openWanted('camera'));
    this.#drop('camera');
    this.#set({});
  }

  choose(kind: DeviceKind, id: string): Promise<void> {
    return this.#inTurn(async () => {
      const before = this.#choices;
      this.#choices = { ...before, [kind]: id };
      if (kind !== 'speaker' && this.#tracks.has(kind)) {
        await this.#exchange(kind).catch(async () => {
          this.#choices = before;
          await this.#openWanted(kind);
          throw new VestibuleError('media', true);
        });
      }
      await this.#list();
      this.#set({});
    });
  }

  async testSpeaker(): Promise<void> {
    await playTone(this.#choices.speaker ?? '').catch(() => {
      throw new VestibuleError('media', true);
    });
  }

  /** Takes up again what was on when it was let go of. */
  async resume(): Promise<void> {
    if (this.#released.length > 0) await this.#begin(this.#released);
  }

  /** Lets go of every device, also of one that is only being opened. */
  release(): void {
    this.#released = INPUTS.filter((input) => this.#tracks.get(input)?.enabled);
    this.#off.clear();
    this.#letGo();
    void this.#inTurn(async () => this.#letGo());
  }

  close(): void {
    navigator.mediaDevices?.removeEventListener('devicechange', this.#refresh);
    document.removeEventListener('visibilitychange', this.#lookAgain);
    clearTimeout(this.#looking);
    this.release();
    this.#meter?.close();
    this.#meter = null;
  }

  /** All if possible; one, where the other is refused, missing or taken; or why there is none. */
  async #openWhatThereIs(
    inputs: readonly Input[],
  ): Promise<MediaStreamTrack[] | LocalMediaState['state']> {
    try {
      return await openTogether(inputs, this.#choices);
    } catch (error) {
      const failure = failureOf(error);
      const left = failure === 'denied' ? await worthAsking(inputs) : inputs;
      const alone = await Promise.allSettled(left.map((input) => this.#openChosen(input)));
      const opened = alone.flatMap((it) => (it.status === 'fulfilled' ? [it.value] : []));
      return opened.length > 0 ? opened : failure;
    }
  }

  #turn(input: Input, on: boolean): void {
    this.#mended.delete(input);
    if (on) this.#off.delete(input);
    else this.#off.add(input);
  }

  /** Something comes of it: it is there, and neither the person nor the device holds it back, as for a phone call. */
  #isOn(input: Input): boolean {
    const track = this.#tracks.get(input);
    return track !== undefined && track.enabled && !track.muted;
  }

  /** In its turn, it may be on already, or be wanted no more. */
  async #openWanted(input: Input): Promise<void> {
    if (!this.#off.has(input) && !this.#isOn(input)) await this.#reopen(input);
  }

  /** Opens what was chosen just now. Many phones run one camera at a time: there the former has to stop first. */
  async #exchange(input: Input): Promise<void> {
    try {
      this.#use(input, await openDevice(input, this.#choices));
    } catch (error) {
      if (failureOf(error) !== 'in_use' || !this.#tracks.has(input)) throw error;
      this.#drop(input);
      this.#use(input, await openDevice(input, this.#choices));
    }
  }

  /** Opens what was chosen, or whatever there is, where that is gone. */
  async #openChosen(input: Input): Promise<MediaStreamTrack> {
    try {
      return await openDevice(input, this.#choices);
    } catch (error) {
      const { [input]: chosen, ...others } = this.#choices;
      if (chosen === undefined || failureOf(error) !== 'missing') throw error;
      this.#choices = others;
      return openDevice(input, others);
    }
  }

  /** Opens another in place of one that ended, but once: what ends again is no use. */
  async #mend(input: Input): Promise<void> {
    if (this.#off.has(input)) return;
    if (this.#mended.has(input)) {
      return this.#set(this.#tracks.size === 0 ? { state: 'failed' } : {});
    }
    this.#mended.add(input);
    await this.#inTurn(() => this.#openWanted(input)).catch(() => undefined);
  }

  async #reopen(input: Input): Promise<void> {
    try {
      this.#use(input, await this.#openChosen(input));
      this.#set({ state: 'ready' });
    } catch (error) {
      const state = failureOf(error);
      this.#set(this.#tracks.size === 0 ? { state } : {});
      throw new VestibuleError('media', true);
    }
  }

  #use(input: Input, track: MediaStreamTrack): void {
    this.#drop(input);
    const off = this.#off.has(input);
    // A camera that is off has no light on.
    if (off && input === 'camera') return track.stop();
    track.enabled = !off;
    // Unplugged, or taken back by the person.
    track.onended = () => {
      if (this.#tracks.get(input) !== track) return;
      this.#drop(input);
      this.#set({});
      void this.#mend(input);
    };
    track.onmute = track.onunmute = () => this.#set({});
    this.#tracks.set(input, track);
    this.#stream.addTrack(track);
    if (input === 'microphone') this.#listen(track);
  }

  #drop(input: Input): void {
    const track = this.#tracks.get(input);
    if (track === undefined) return;
    this.#tracks.delete(input);
    this.#stream.removeTrack(track);
    track.stop();
    if (input === 'microphone') this.#listen(null);
  }

  /** A browser without sound for pages has no level to show, and that is all. */
  #listen(track: MediaStreamTrack | null): void {
    try {
      this.#meter ??= new LevelMeter();
      this.#meter.listen(track);
    } catch {
      this.#meter = null;
    }
  }

  #letGo(): void {
    this.#drop('microphone');
    this.#drop('camera');
    this.#set({ state: 'idle' });
  }

  async #list(): Promise<void> {
    const devices = await listDevices([...this.#tracks.values()], this.#choices).catch(() => []);
    this.state = { ...this.state, devices };
  }

  readonly #refresh = (): void => {
    this.#mended.clear();
    if (this.state.state === 'idle') return;
    void this.#inTurn(async () => {
      await this.#list();
      this.#set({});
    });
  };

  /** A phone call may leave muted what it took, also when it is over. */
  readonly #lookAgain = (): void => {
    clearTimeout(this.#looking);
    if (document.visibilityState !== 'visible') return;
    this.#looking = setTimeout(() => {
      for (const input of INPUTS.filter((it) => this.#tracks.get(it)?.muted)) {
        this.#inTurn(() => this.#openWanted(input)).catch(() => undefined);
      }
    }, UNMUTES_WITHIN_MS);
  };

  #set(change: Partial<LocalMediaState>): void {
    this.state = {
      ...this.state,
      ...change,
      stream: this.#tracks.size > 0 ? this.#stream : null,
      microphone: this.#isOn('microphone'),
      camera: this.#isOn('camera'),
    };
    this.#changed();
  }

  #inTurn(act: () => Promise<void>): Promise<void> {
    const turn = this.#queue.then(act);
    this.#queue = turn.catch(() => undefined);
    return turn;
  }
}

function inputOf({ kind }: MediaStreamTrack): Input {
  return kind === 'audio' ? 'microphone' : 'camera';
}
