/** Debian's Chromium: camera and microphone come from files. */
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { CAMERA_FILE, deviceFiles, MICROPHONE_FILE } from '../clip.ts';
import { consent } from './consent.ts';
import { type BrowserKind, definedEnvironment } from './kind.ts';

const EXECUTABLE = join(import.meta.dirname, '..', '..', 'bin', 'chromium');

const SWITCHES = [
  // The tests run as root in a container; nothing but our own pages is opened.
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Grants camera and microphone, and takes both from files.
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream',
  // The server is on this machine, which may have no other network than loopback.
  '--allow-loopback-in-peer-connection',
  // `--autoplay-policy` stays as people have it: a page whose sound is blocked must be seen to fail.
];

const DEVICES = [
  `--use-file-for-fake-video-capture=${CAMERA_FILE}`,
  `--use-file-for-fake-audio-capture=${MICROPHONE_FILE}`,
];

export const CHROMIUM: BrowserKind = {
  name: 'Chromium',
  remarks: /^(?!)/,
  async launch(who, { host, switches = [] }) {
    return chromium.launch({
      executablePath: EXECUTABLE,
      env: {
        ...definedEnvironment(),
        DEVICES_FOLDER: await deviceFiles(who),
        HOST_NAMESPACE: host?.namespace ?? '',
      },
      args: [...SWITCHES, ...DEVICES, ...switches],
    });
  },
  // The browser has them already.
  async prepare() {},
  // One without windows asks anew each time: it has nowhere to keep the answer.
  consent,
  async tap(page, wire) {
    page.on('websocket', (socket) => {
      socket.on('framesent', ({ payload }) => wire.sends(payload.toString()));
      socket.on('framereceived', ({ payload }) => wire.receives(payload.toString()));
    });
  },
};

/** As it was before version 141, and as many phones still have it. */
export const OLDER_CHROMIUM: BrowserKind = {
  ...CHROMIUM,
  name: 'Chromium without script transforms',
  async prepare(_, context) {
    await context.addInitScript(() => Reflect.deleteProperty(globalThis, 'RTCRtpScriptTransform'));
  },
};

/** A browser that has nobody's camera: pages in it only show. */
export function launchViewer(): Promise<Browser> {
  return chromium.launch({ executablePath: EXECUTABLE, args: SWITCHES });
}
