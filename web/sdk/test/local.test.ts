import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { UNMUTES_WITHIN_MS } from '../src/media/limits.ts';
import { LocalMedia } from '../src/media/local.ts';
import { FakeDevices } from './support/devices.ts';

let devices: FakeDevices;
let local: LocalMedia;

beforeEach(() => {
  devices = new FakeDevices();
  devices.install();
  local = new LocalMedia(() => undefined);
});
afterEach(() => {
  local.close();
  vi.unstubAllGlobals();
});

/** What the person and the others are told. */
function told(): string {
  const { state, microphone, camera } = local.state;
  return `${state}${microphone ? ' microphone' : ''}${camera ? ' camera' : ''}`;
}

describe('whoever refuses one of the two', () => {
  it.each([
    ['camera', 'ready microphone'],
    ['microphone', 'ready camera'],
  ] as const)('the %s, has the other', async (refused, state) => {
    devices.permissions[refused] = 'denied';
    await local.start();
    expect(told()).toBe(state);
  });

  it('is asked for the other where the refusal came without a question', async () => {
    devices.permissions.camera = 'denied';
    devices.permissions.microphone = 'prompt';
    await local.start();
    expect(devices.asked).toEqual([{ microphone: 'any', camera: 'any' }, { microphone: 'any' }]);
  });

  it('is not asked again about what was refused just now', async () => {
    devices.permissions.camera = 'prompt';
    devices.permissions.microphone = 'prompt';
    await local.start();
    expect(told()).toBe('denied');
    expect(devices.asked).toHaveLength(1);
  });

  it('has the other by its own button, also where the browser does not say what was refused', async () => {
    devices.tellsPermissions = false;
    devices.permissions.camera = 'denied';
    await local.start();
    expect(told()).toBe('denied');
    expect(devices.asked).toHaveLength(1);
    await local.setMicrophone(true);
    expect(told()).toBe('ready microphone');
  });

  it('keeps what runs when both are asked for again', async () => {
    devices.tellsPermissions = false;
    devices.permissions.camera = 'denied';
    await local.setMicrophone(true);
    await local.start();
    expect(told()).toBe('ready microphone');
  });
});

describe('continuing here', () => {
  it.each([
    ['both', [], 'ready microphone camera'],
    ['the microphone alone', ['camera'], 'ready microphone'],
    ['the camera alone', ['microphone'], 'ready camera'],
    ['neither', ['microphone', 'camera'], 'idle'],
  ] as const)('opens %s, as it was', async (_, off, state) => {
    await local.start();
    if (off.some((it) => it === 'microphone')) await local.setMicrophone(false);
    if (off.some((it) => it === 'camera')) await local.setCamera(false);
    local.release();
    expect(told()).toBe('idle');
    await local.resume();
    expect(told()).toBe(state);
    const [, ...again] = devices.asked;
    expect(again.flatMap((it) => Object.keys(it))).toEqual(
      (['microphone', 'camera'] as const).filter((it) => !off.some((one) => one === it)),
    );
  });

  it('opens what was turned off at its button', async () => {
    await local.start();
    await local.setMicrophone(false);
    local.release();
    await local.resume();
    await local.setMicrophone(true);
    expect(told()).toBe('ready microphone camera');
  });
});

describe('off', () => {
  it('is silence at once while the camera is being opened', async () => {
    await local.setMicrophone(true);
    const answer = devices.hold();
    const opening = local.setCamera(true);
    void local.setMicrophone(false);
    expect(devices.live('microphone')?.enabled).toBe(false);
    expect(told()).toBe('ready');
    answer();
    await opening;
    expect(told()).toBe('ready camera');
  });

  it('is silence at once while another microphone is being opened, and then', async () => {
    await local.setMicrophone(true);
    const answer = devices.hold();
    const choosing = local.choose('microphone', 'm2');
    void local.setMicrophone(false);
    expect(devices.live('microphone')?.enabled).toBe(false);
    answer();
    await choosing;
    expect(devices.live('microphone')).toMatchObject({ id: 'm2', enabled: false });
  });

  it.each(['microphone', 'camera'] as const)(
    'holds for the %s that is only being opened',
    async (input) => {
      const answer = devices.hold();
      const starting = local.start();
      void (input === 'microphone' ? local.setMicrophone(false) : local.setCamera(false));
      answer();
      await starting;
      expect(told()).toBe(input === 'microphone' ? 'ready camera' : 'ready microphone');
      expect(devices.live('camera')).toBe(local.tracks.camera ?? undefined);
    },
  );

  it('puts the light of the camera out at once while a microphone is being opened', async () => {
    await local.setCamera(true);
    const answer = devices.hold();
    const opening = local.setMicrophone(true);
    void local.setCamera(false);
    expect(devices.live('camera')).toBeUndefined();
    answer();
    await opening;
    expect(told()).toBe('ready microphone');
  });

  it('and on again is on', async () => {
    await local.start();
    await Promise.all([local.setCamera(false), local.setMicrophone(false)]);
    await Promise.all([local.setCamera(true), local.setMicrophone(true)]);
    expect(told()).toBe('ready microphone camera');
    expect(devices.opened).toHaveLength(3);
  });
});

describe('a device that is gone', () => {
  /** Until everything that goes on by itself is done. */
  const settle = () => local.choose('speaker', '');

  it.each(['microphone', 'camera'] as const)(
    'a chosen %s, leaves its place to another',
    async (input) => {
      await local.start();
      const [first = '', second = ''] = devices.plugged[input];
      await local.choose(input, second);
      expect(devices.live(input)?.id).toBe(second);
      devices.unplug(input, second);
      await settle();
      expect(told()).toBe('ready microphone camera');
      expect(devices.live(input)?.id).toBe(first);
    },
  );

  it('was chosen before, and holds up nobody who begins', async () => {
    await local.start();
    await local.choose('camera', 'c2');
    await local.setCamera(false);
    devices.unplug('camera', 'c2');
    await local.setCamera(true);
    expect(devices.live('camera')?.id).toBe('c1');
    await local.choose('microphone', 'm2');
    local.release();
    devices.unplug('microphone', 'm2');
    await local.start();
    expect(told()).toBe('ready microphone camera');
  });

  it('is not opened anew when it was off', async () => {
    await local.start();
    await local.setMicrophone(false);
    const asked = devices.asked.length;
    devices.unplug('microphone', 'm1');
    await settle();
    expect(devices.asked).toHaveLength(asked);
    await local.setMicrophone(true);
    expect(devices.live('microphone')?.id).toBe('m2');
  });

  it('is told where there is no other', async () => {
    devices.plugged.microphone = ['m1'];
    await local.setMicrophone(true);
    devices.unplug('microphone', 'm1');
    await settle();
    expect(told()).toBe('missing');
  });

  it('and ends again is not opened for ever', async () => {
    await local.setMicrophone(true);
    devices.live('microphone')?.end();
    await settle();
    expect(told()).toBe('ready microphone');
    devices.live('microphone')?.end();
    await settle();
    expect(told()).toBe('failed');
    await local.setMicrophone(true);
    expect(told()).toBe('ready microphone');
  });

  it('may be another one each time that devices change', async () => {
    await local.setMicrophone(true);
    for (const _ of [1, 2, 3]) {
      devices.live('microphone')?.end();
      devices.change();
      await settle();
      expect(told()).toBe('ready microphone');
    }
  });

  it('when it is chosen leaves the former', async () => {
    await local.start();
    devices.unplug('camera', 'c2');
    await expect(local.choose('camera', 'c2')).rejects.toThrow('media');
    expect(devices.live('camera')?.id).toBe('c1');
    expect(told()).toBe('ready microphone camera');
  });
});

describe('a phone that runs one camera at a time', () => {
  beforeEach(async () => {
    devices.oneAtATime = true;
    await local.start();
  });

  it('changes to the other', async () => {
    await local.choose('camera', 'c2');
    expect(devices.live('camera')?.id).toBe('c2');
    expect(told()).toBe('ready microphone camera');
  });

  it('has the former again where the other cannot be had', async () => {
    devices.failures.push('NotReadableError', 'AbortError');
    await expect(local.choose('camera', 'c2')).rejects.toThrow('media');
    expect(devices.live('camera')?.id).toBe('c1');
    expect(told()).toBe('ready microphone camera');
    await local.setCamera(false);
    await local.setCamera(true);
    expect(devices.live('camera')?.id).toBe('c1');
  });

  it('tells what happened where neither can be had', async () => {
    await local.setMicrophone(false);
    devices.failures.push('NotReadableError', 'NotReadableError', 'NotReadableError');
    await expect(local.choose('camera', 'c2')).rejects.toThrow('media');
    expect(told()).toBe('ready');
  });
});

describe('a phone call', () => {
  beforeEach(async () => {
    vi.useFakeTimers();
    await local.start();
    devices.live('microphone')?.mute(true);
    devices.live('camera')?.mute(true);
  });
  afterEach(() => vi.useRealTimers());

  it('is told as what it is: nobody is heard or seen', () => {
    expect(told()).toBe('ready');
  });

  it('that ends gives both back, and nothing is opened anew', async () => {
    devices.live('microphone')?.mute(false);
    devices.live('camera')?.mute(false);
    expect(told()).toBe('ready microphone camera');
    await vi.advanceTimersByTimeAsync(UNMUTES_WITHIN_MS);
    expect(devices.opened).toHaveLength(2);
  });

  it('that took them for good leaves the buttons to have them back', async () => {
    await local.setMicrophone(true);
    expect(told()).toBe('ready microphone');
    await local.setCamera(true);
    expect(told()).toBe('ready microphone camera');
    expect(devices.opened.filter((it) => it.readyState === 'live')).toHaveLength(2);
  });

  it('that goes on keeps a button from its device, and gives it back all the same', async () => {
    devices.failures.push('NotReadableError');
    await expect(local.setMicrophone(true)).rejects.toThrow('media');
    devices.live('microphone')?.mute(false);
    expect(told()).toBe('ready microphone');
  });

  it('that took them for good is over when the page is in sight again', async () => {
    devices.show(false);
    await vi.advanceTimersByTimeAsync(UNMUTES_WITHIN_MS);
    expect(devices.opened).toHaveLength(2);
    devices.show(true);
    await vi.advanceTimersByTimeAsync(UNMUTES_WITHIN_MS);
    expect(told()).toBe('ready microphone camera');
    expect(devices.opened).toHaveLength(4);
  });

  it('that gives them back in time leaves them as they are', async () => {
    devices.show(true);
    devices.live('microphone')?.mute(false);
    devices.live('camera')?.mute(false);
    await vi.advanceTimersByTimeAsync(UNMUTES_WITHIN_MS);
    expect(devices.opened).toHaveLength(2);
  });

  it('opens nothing that the person turned off', async () => {
    await local.setMicrophone(false);
    await local.setCamera(false);
    devices.show(true);
    await vi.advanceTimersByTimeAsync(UNMUTES_WITHIN_MS);
    expect(told()).toBe('ready');
    expect(devices.opened).toHaveLength(2);
  });
});
