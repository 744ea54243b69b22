/** A bad line between a host of a test's own and the server's, by `vestibule-impair`. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { BAD_LINE_READY_MS } from './limits.ts';
import { Host } from './network.ts';
import { builtProgram } from './server.ts';

/** What became of the packets that went one way. */
export interface WayCounters {
  readonly received: number;
  readonly delivered: number;
  readonly delivered_bytes: number;
  readonly lost: number;
  readonly queue_drops: number;
}

interface Report {
  readonly event: string;
  readonly namespace?: string;
  readonly address?: string;
  readonly reason?: string;
  readonly up?: WayCounters;
  readonly down?: WayCounters;
}

/** Where the host at the end of a bad line is. */
class FarHost extends Host {
  constructor(
    namespace: string,
    private readonly at: string,
  ) {
    super(namespace, 0, null);
  }

  override get address(): string {
    return this.at;
  }
}

export class BadLine {
  private counters: Report | null = null;

  private constructor(
    readonly host: Host,
    private readonly child: ChildProcess,
  ) {}

  /** A line to the server's host; `settings` are arguments of `vestibule-impair run`. */
  static async open(server: Host, settings: readonly string[]): Promise<BadLine> {
    const words = ['run', '--json', '--stdin', '--far', server.namespace, ...settings];
    const child = spawn(builtProgram('vestibule-impair'), words, {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const reports = createInterface({ input: child.stdout });
    const [line] = (await once(reports, 'line', {
      signal: AbortSignal.timeout(BAD_LINE_READY_MS),
    })) as [string];
    const { namespace, address } = JSON.parse(line) as Report;
    if (!namespace || !address) throw new Error(`vestibule-impair is not ready: ${line}`);
    const made = new BadLine(new FarHost(namespace, address), child);
    reports.on('line', (text) => made.read(text));
    return made;
  }

  /** Changes the line while it runs, as in `set down rate=150k` or `blackout 5s`. */
  order(words: string): void {
    this.child.stdin?.write(`${words}\n`);
  }

  /** Takes the line away; says what became of the packets to the server and from it. */
  async close(): Promise<{ up: WayCounters; down: WayCounters }> {
    // Not `exit`, which may come before its last words have been read.
    const ended = once(this.child, 'close');
    this.child.stdin?.end();
    await ended;
    const { up, down } = this.counters ?? {};
    if (!up || !down) throw new Error('vestibule-impair ended without its counters');
    return { up, down };
  }

  private read(line: string): void {
    const report = JSON.parse(line) as Report;
    if (report.event === 'refused') throw new Error(`vestibule-impair: ${report.reason}`);
    if (report.event === 'ended') this.counters = report;
  }
}
