/** The product under test: `vestibule serve` with a data folder and a port of its own. */
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { LAST_WORDS_MS, LOG_LINES_KEPT, SERVER_READY_MS, SERVER_STOP_MS } from './limits.ts';
import type { Host } from './network.ts';

export const REPOSITORY = join(import.meta.dirname, '..', '..', '..');
export const TARGET = resolve(REPOSITORY, process.env['CARGO_TARGET_DIR'] ?? 'target');
/** `VESTIBULE_BINARY` tests another build than the one that `make test` makes. */
const BINARY = process.env['VESTIBULE_BINARY'] ?? builtProgram('vestibule');
/** The hosts of a test network have all their ports to themselves. */
const PORT_ON_OWN_HOST = 8443;

/** Where `make test` has built a program. */
export function builtProgram(name: string): string {
  return join(TARGET, 'debug', name);
}

/** The event that stands for the end of the process. */
const EXITED = 'exited';

/** What `--json-links` prints when everything is up. */
export interface Ready {
  readonly event: 'ready';
  readonly url: string;
  readonly practitioner_link: string;
  /** Of each practitioner, the first named first. */
  readonly practitioner_links: readonly string[];
  readonly patient_link: string;
  readonly signaling_pid: number;
  readonly sfu_pid: number;
}

/** Any line of the server's machine-readable output. */
export interface ServerEvent {
  readonly event: string;
  readonly sfu_pid?: number;
}

export interface ServerOptions {
  /** Where it runs; on this machine's loopback when absent. */
  readonly host?: Host;
  /** Further arguments of `vestibule serve`. */
  readonly args?: readonly string[];
  /** Another program than the built one. */
  readonly command?: readonly string[];
}

export class Server {
  /** What the server printed, oldest first, both streams. */
  readonly log: string[] = [];
  private ready: Ready | null = null;
  private child: ChildProcess | null = null;
  private readonly pids = new Set<number>();
  private readonly watchers = new Set<(event: ServerEvent) => void>();
  private readonly data = mkdtempSync(join(tmpdir(), 'vestibule-data-'));
  private readonly killAtExit = () => this.killAll();

  private constructor(
    private readonly options: ServerOptions,
    private readonly listen: string,
  ) {
    process.once('exit', this.killAtExit);
  }

  static async start(options: ServerOptions = {}): Promise<Server> {
    const listen = options.host
      ? `${options.host.address}:${PORT_ON_OWN_HOST}`
      : `127.0.0.1:${await freePort()}`;
    const server = new Server(options, listen);
    try {
      await server.start();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  get url(): string {
    return this.links().url;
  }

  get patientLink(): string {
    return this.links().patient_link;
  }

  /** Good for one browser; each start of the server prints another. */
  get practitionerLink(): string {
    return this.links().practitioner_link;
  }

  /** That of the practitioner who was named second. */
  get colleagueLink(): string {
    const [, link] = this.links().practitioner_links;
    if (link === undefined) throw new Error('this server has one practitioner alone');
    return link;
  }

  /** A key for another system of the clinic's. */
  apiKey(...scopes: readonly string[]): string {
    const words = scopes.flatMap((scope) => ['--scope', scope]);
    const add = ['api-key', 'add', '--data', this.data, '--label', 'A test', ...words];
    return execFileSync(BINARY, add, { encoding: 'utf8' }).trim();
  }

  /** `kill -9` of signaling alone; the SFU's process lives on. */
  async killSignaling(): Promise<void> {
    const child = this.running();
    this.child = null;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  /** Starts signaling again, with the same data and on the same port. */
  async start(): Promise<void> {
    if (this.child) throw new Error('the server runs already');
    const words = [...(this.options.host?.prefix ?? []), ...this.command()];
    const child = spawn(words[0] ?? '', words.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => this.read(line));
    }
    child.once('error', (error) => this.print(`did not start: ${error.message}`));
    child.once('exit', (code, signal) => {
      this.print(`ended with ${signal ?? `exit code ${code}`}`);
      void this.noteExit(child);
    });
    await this.next('ready', SERVER_READY_MS);
  }

  /** `kill -9` of the SFU; resolves with the number of the process that took its place. */
  async killSfu(): Promise<number> {
    const successor = this.next('sfu_started', SERVER_READY_MS);
    process.kill(this.sfuPid, 'SIGKILL');
    const { sfu_pid: pid } = await successor;
    if (pid === undefined) throw new Error('the event sfu_started names no sfu_pid');
    return pid;
  }

  /** Resolves with the server's next event of this name; fails when the server ends before. */
  next(name: string, within: number): Promise<ServerEvent> {
    return new Promise((resolve, reject) => {
      const watcher = (event: ServerEvent) => {
        if (event.event === name) settle(() => resolve(event));
        else if (event.event === EXITED) settle(() => fail('but it ended'));
      };
      const fail = (why: string) =>
        reject(new Error(`waited for the server's event ${name}, ${why}\n${this.report()}`));
      const settle = (result: () => void) => {
        clearTimeout(timer);
        this.watchers.delete(watcher);
        result();
      };
      const timer = setTimeout(() => settle(() => fail(`${within} ms`)), within);
      this.watchers.add(watcher);
    });
  }

  /** The process that forwards the media. */
  get sfuPid(): number {
    return this.links().sfu_pid;
  }

  get signalingPid(): number {
    return this.links().signaling_pid;
  }

  /** Asks the server to end, and sees to it that nothing of it is left. */
  async stop(): Promise<void> {
    const child = this.child;
    if (child?.exitCode === null && child.signalCode === null && child.pid !== undefined) {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), SERVER_STOP_MS);
      await ended;
      clearTimeout(timer);
    }
    this.child = null;
    this.killAll();
    process.off('exit', this.killAtExit);
    rmSync(this.data, { recursive: true, force: true });
  }

  /** Why a visit was seen when it was, as the audit log tells it beside the running server. */
  async explain(visit: string): Promise<string> {
    const program = this.options.command ?? [BINARY];
    const words = [...program, 'audit', 'explain', visit, '--data', this.data];
    const { stdout } = await promisify(execFile)(words[0] ?? '', words.slice(1));
    return stdout;
  }

  /** What is in the store, its journal and whatever else lies in the data folder, by the file's name. */
  files(): Map<string, Buffer> {
    const names = readdirSync(this.data, { withFileTypes: true, recursive: true });
    const paths = names.filter((it) => it.isFile()).map((it) => join(it.parentPath, it.name));
    return new Map(paths.map((path) => [path, readFileSync(path)]));
  }

  report(): string {
    return ['--- server', ...this.log].join('\n');
  }

  private command(): string[] {
    const program = this.options.command ?? [BINARY];
    // Elsewhere than on loopback a page has a camera only by https.
    const listen = this.options.host ? ['--no-http', '--https'] : ['--listen'];
    const address = ['--data', this.data, ...listen, this.listen];
    return [...program, 'serve', '--json-links', ...address, ...(this.options.args ?? [])];
  }

  private links(): Ready {
    if (!this.ready) throw new Error('the server has not been ready yet');
    return this.ready;
  }

  private running(): ChildProcess {
    if (!this.child) throw new Error('the server does not run');
    return this.child;
  }

  private read(line: string): void {
    this.print(line);
    const event = parseEvent(line);
    if (event) this.take(event);
  }

  private take(event: ServerEvent): void {
    if (event.event === 'ready') this.ready = event as Ready;
    if (event.sfu_pid !== undefined) this.noteSfu(event.sfu_pid);
    for (const watcher of [...this.watchers]) watcher(event);
  }

  /** Its last words may still be in the pipe, which closes only with the SFU that shares it. */
  private async noteExit(child: ChildProcess): Promise<void> {
    await Promise.race([once(child, 'close'), delay(LAST_WORDS_MS)]);
    if (this.child === child) this.take({ event: EXITED });
  }

  private print(line: string): void {
    this.log.push(line);
    this.log.splice(0, Math.max(0, this.log.length - LOG_LINES_KEPT));
  }

  /** The SFU outlives signaling, so its processes are remembered until the end. */
  private noteSfu(pid: number): void {
    this.pids.add(pid);
    if (this.ready) this.ready = { ...this.ready, sfu_pid: pid };
  }

  private killAll(): void {
    this.child?.kill('SIGKILL');
    for (const pid of this.pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended by itself, as it should.
      }
    }
    this.pids.clear();
  }
}

function parseEvent(line: string): ServerEvent | null {
  if (!line.startsWith('{"event":')) return null;
  try {
    return JSON.parse(line) as ServerEvent;
  } catch {
    return null;
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
