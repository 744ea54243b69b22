/**
 * Debian's Firefox, driven over WebDriver BiDi. It has no cameras from files, and its driver does not
 * tell what goes over a WebSocket: both are made inside the page.
 */
import { join } from 'node:path';
import { firefox } from 'playwright-core';
import { CAST, type Member, type Who } from '../cast.ts';
import { SHADES, SYLLABLE_SECONDS, voice } from '../clip.ts';
import { encode, FRAME, LAYOUT } from '../code.ts';
import { type FakeDevices, makeDevices } from './page-made-devices.ts';
import { tellFrames, type Way } from './page-sockets.ts';
import { type BrowserKind, definedEnvironment } from './kind.ts';
import { loudspeaker } from './loudspeaker.ts';
import { forgiveUnknownCommands } from './unknown-commands.ts';

const ON_A_HOST = join(import.meta.dirname, '..', '..', 'bin', 'firefox.mjs');
const ON_THIS_MACHINE = process.env['FIREFOX'] ?? '/usr/bin/firefox-esr';

const PREFERENCES = {
  // Grants camera and microphone, and makes both up: what is seen and heard is made in the page.
  'media.navigator.permission.disabled': true,
  'media.navigator.streams.fake': true,
  // A lost network is noticed, as people have it; the driver turns that off.
  'network.manage-offline-status': true,
  // Light, whatever the machine prefers.
  'layout.css.prefers-color-scheme.content-override': 1,
  // Starts no process in advance, and ends without tidying up, which takes five seconds.
  'dom.ipc.processPrelaunch.enabled': false,
  'toolkit.shutdown.fastShutdownStage': 3,
};

export const FIREFOX: BrowserKind = {
  name: 'Firefox',
  // A server that is away is part of many a test.
  remarks: /^(Firefox can’t establish a connection|The connection to) /,
  async launch(_, { host, withoutCalls }) {
    // Without a default route and an address beside loopback Firefox gathers no ICE candidates.
    if (!host && !withoutCalls)
      throw new Error('Firefox needs a host of its own: open the world with network: true');
    const browser = await firefox.launch({
      channel: 'moz-firefox',
      executablePath: host ? ON_A_HOST : ON_THIS_MACHINE,
      env: {
        ...definedEnvironment(),
        ...(await loudspeaker()),
        ...(host && { HOST_NAMESPACE: host.namespace }),
      },
      firefoxUserPrefs: PREFERENCES,
    });
    forgiveUnknownCommands(browser);
    return browser;
  },
  async prepare(who, context) {
    const words = `${JSON.stringify(devicesOf(who))}, ${voice.toString()}`;
    await context.addInitScript({ content: `(${makeDevices.toString()})(${words})` });
  },
  // Its preferences give it.
  async consent() {},
  async tap(page, wire) {
    const report = '__socketFrame';
    await page.exposeFunction(report, (way: Way, payload: string) => wire[way](payload));
    await page.addInitScript(tellFrames, report);
  },
};

function devicesOf(who: Who): FakeDevices {
  const { camera, tone, backdrop } = CAST[who];
  const grey = (luma: number) => colour(luma, [128, 128]);
  return {
    frame: FRAME,
    layout: LAYOUT,
    codes: Array.from({ length: FRAME.count }, (_, counter) => encode(camera, counter)),
    wall: SHADES.wall.map((luma) => colour(luma, backdrop)),
    person: colour(SHADES.person, backdrop),
    dark: grey(SHADES.dark),
    bright: grey(SHADES.bright),
    tone,
    syllable: SYLLABLE_SECONDS,
  };
}

/** A colour of a clip (JPEG's YCbCr) as a page writes it. */
function colour(luma: number, [cb, cr]: Member['backdrop']): string {
  const red = luma + 1.402 * (cr - 128);
  const green = luma - 0.344 * (cb - 128) - 0.714 * (cr - 128);
  const blue = luma + 1.772 * (cb - 128);
  return `rgb(${[red, green, blue].map(Math.round).join(' ')})`;
}
