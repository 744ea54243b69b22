/**
 * A sound server that plays into nothing. Firefox runs no `AudioContext` on a machine without a sound
 * device, and Chromium has a made-up one of its own.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { LOUDSPEAKER_IDLE_S } from '../limits.ts';

/** What it says when it takes connections. */
const UP = 'Daemon startup complete.';

let running: Promise<Loudspeaker | null> = Promise.resolve(null);

/** What a browser must be started with to play into it: one for all of them. */
export async function loudspeaker(): Promise<Record<string, string>> {
  const before = running.catch(() => null);
  running = before.then((current) => (current?.isUp ? current : Loudspeaker.start()));
  return (await running)?.environment ?? {};
}

/** Ends the sound server, if there is one. */
export async function endLoudspeaker(): Promise<void> {
  const current = await running.catch(() => null);
  running = Promise.resolve(null);
  current?.end();
}

class Loudspeaker {
  private readonly folder = mkdtempSync(join(tmpdir(), 'vestibule-sound-'));
  private readonly child: ChildProcess;
  private readonly endAtExit = () => this.end();

  private constructor() {
    const socket = `socket=${join(this.folder, 'native')}`;
    const modules = ['module-null-sink', `module-native-protocol-unix auth-anonymous=1 ${socket}`];
    const options = [
      // No configuration of the machine, and nothing shared with a server that runs there.
      ...['-n', '--daemonize=no', '--use-pid-file=no', '--disable-shm=yes'],
      ...['--log-level=info', '--log-target=stderr', `--exit-idle-time=${LOUDSPEAKER_IDLE_S}`],
      ...modules.flatMap((module) => ['-L', module]),
    ];
    this.child = spawn('pulseaudio', options, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, HOME: this.folder, XDG_RUNTIME_DIR: this.folder },
    });
    process.once('exit', this.endAtExit);
  }

  static async start(): Promise<Loudspeaker> {
    const started = new Loudspeaker();
    await started.up();
    return started;
  }

  get isUp(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  get environment(): Record<string, string> {
    return { PULSE_SERVER: `unix:${join(this.folder, 'native')}` };
  }

  end(): void {
    process.off('exit', this.endAtExit);
    this.child.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async up(): Promise<void> {
    const said: string[] = [];
    const { stderr } = this.child;
    await new Promise<void>((resolve, reject) => {
      this.child.once('error', reject);
      this.child.once('exit', () => reject(new Error(`no sound server:\n${said.join('\n')}`)));
      if (!stderr) return;
      createInterface({ input: stderr }).on('line', (line) => {
        if (line.includes(UP)) resolve();
        // What it says later is nobody's business.
        else if (said.length < 100) said.push(line);
      });
    });
  }
}
