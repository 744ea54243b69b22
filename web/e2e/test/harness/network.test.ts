import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Participant } from '../../src/browser.ts';
import { RECOVERY_MS } from '../../src/limits.ts';
import { type Host, Network } from '../../src/network.ts';

const SERVER = `
  const [key, cert, host] = process.argv.slice(1);
  const { readFileSync } = require('node:fs');
  const options = { key: readFileSync(key), cert: readFileSync(cert) };
  const server = require('node:https').createServer(options, (_, response) => response.end('here'));
  server.listen(0, host, () => console.log(server.address().port));`;

let folder: string;
let network: Network;
let host: Host;
let server: ChildProcess;
let patient: Participant;
let url: string;

/** Runs a program on the server's host and gives its first line of output. */
async function startServer(): Promise<string> {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=test', '-addext', 'subjectAltName=IP:10.77.0.1'];
  const files = ['-keyout', key, '-out', cert];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...files, ...subject], {
    stdio: 'ignore',
  });
  const command = [...network.server.prefix, process.execPath, '-e', SERVER];
  const words = [...command, '--', key, cert, network.server.address];
  server = spawn(words[0] ?? '', words.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = (await once(server.stdout!, 'data')) as [Buffer];
  return port.toString().trim();
}

/** Asks the server from inside the page: `here`, or `failed` when there is no answer in time. */
function ask(): Promise<string> {
  return patient.page.evaluate(async () => {
    const signal = AbortSignal.timeout(3_000);
    const answer = await fetch('/', { cache: 'no-store', signal }).catch(() => null);
    return answer ? answer.text() : 'failed';
  });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vestibule-e2e-'));
  network = new Network();
  host = network.addHost();
  url = `https://${network.server.address}:${await startServer()}/`;
  patient = await Participant.open('patientA', { host });
  await patient.page.goto(url);
});

afterAll(async () => {
  await patient?.close();
  server?.kill();
  network?.remove();
  rmSync(folder, { recursive: true });
});

describe('a browser on a host of its own', () => {
  it('has a secure context and a camera', async () => {
    await patient.page.evaluate(async () => {
      const stream = await navigator.mediaDevices.getUserMedia({ video: true });
      const video = Object.assign(document.createElement('video'), { srcObject: stream });
      document.body.append(video);
      await video.play();
    });
    await patient.probe.sees('patientA');
  });

  it('loses the server when its cable is pulled, is told, and has it back afterwards', async () => {
    expect(await ask()).toBe('here');
    host.linkDown();
    await patient.page.waitForFunction(() => !navigator.onLine);
    expect(await ask()).toBe('failed');
    host.linkUp();
    await patient.page.waitForFunction(() => navigator.onLine);
    // The change of network may still fail a request that it overtakes.
    await expect.poll(ask, { timeout: RECOVERY_MS }).toBe('here');
  });

  it('loses the server without a sign when the way is cut silently', async () => {
    host.cutSilently();
    expect(await ask()).toBe('failed');
    expect(await patient.page.evaluate(() => navigator.onLine)).toBe(true);
    host.mend();
    await expect.poll(ask, { timeout: RECOVERY_MS }).toBe('here');
  });

  it('leaves the others connected', async () => {
    const other = network.addHost();
    host.linkDown();
    const script = `fetch('${url}').then((answer) => answer.text()).then(console.log)`;
    const words = [...other.prefix, process.execPath, '-e', script];
    const answer = execFileSync(words[0] ?? '', words.slice(1), {
      env: { ...process.env, NODE_TLS_REJECT_UNAUTHORIZED: '0' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    host.linkUp();
    expect(answer.toString().trim()).toBe('here');
  });
});

it('leaves no namespace behind, also of a run that was killed', () => {
  const stale = 'vestibule-999999999-1';
  execFileSync('ip', ['netns', 'add', stale]);
  const short = new Network();
  short.addHost();
  short.remove();
  const left = readdirSync('/run/netns');
  expect(left).not.toContain(stale);
  expect(left).not.toContain(short.server.namespace);
});
