/**
 * A server and the people at their browsers, for one test:
 *
 *     it('is admitted', inWorld({}, async (world) => {
 *       const patient = await world.patient('patientA');
 *       const practitioner = await world.practitioner();
 *     }));
 *
 * Whatever happens, everything is closed afterwards. A failure leaves the server's output, each
 * page's console and a picture of each page under `logs/`. A page that threw fails its test.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'vitest';
import { type BrowserName, Participant, type ParticipantOptions } from './browser.ts';
import type { Who } from './cast.ts';
import { Native } from './native.ts';
import { type Host, Network } from './network.ts';
import { Server } from './server.ts';

const LOGS = join(import.meta.dirname, '..', 'logs');

/** Which browser the people have; Chromium where nothing is said. */
export interface Browsers {
  readonly patients?: BrowserName;
  readonly practitioner?: BrowserName;
}

export interface WorldOptions {
  readonly browsers?: Browsers;
  /** Gives the server and each person a host of their own, so that cables can be cut. */
  readonly network?: boolean;
  /** Further arguments of `vestibule serve`. */
  readonly args?: readonly string[];
  /** Another program than `vestibule`. */
  readonly command?: readonly string[];
}

export class World {
  private readonly people: Participant[] = [];
  private readonly natives: Native[] = [];
  private readonly hosts = new Map<Participant, Host>();

  private constructor(
    readonly server: Server,
    private readonly network: Network | null,
    private readonly browsers: Browsers,
  ) {}

  static async open(options: WorldOptions = {}): Promise<World> {
    const network = options.network ? new Network() : null;
    const host = network ? { host: network.server } : {};
    try {
      const { args = [], command } = options;
      const server = await Server.start({ ...host, args, ...(command && { command }) });
      return new World(server, network, options.browsers ?? {});
    } catch (error) {
      network?.remove();
      throw error;
    }
  }

  /** Opens the patient's link in a browser of its own. */
  patient(
    who: Exclude<Who, 'practitioner'>,
    options: ParticipantOptions = {},
  ): Promise<Participant> {
    return this.visit(who, this.server.patientLink, {
      ...{ viewport: 'phone', browser: this.browsers.patients ?? 'chromium' },
      ...options,
    });
  }

  /** Opens the practitioner's link in a browser of its own. */
  practitioner(options: ParticipantOptions = {}): Promise<Participant> {
    const browser = this.browsers.practitioner ?? 'chromium';
    return this.visit('practitioner', this.server.practitionerLink, { browser, ...options });
  }

  /** Opens the second practitioner's link, with the camera and the voice of somebody who is no patient in this world. */
  colleague(who: Exclude<Who, 'practitioner'>): Promise<Participant> {
    return this.visit(who, this.server.colleagueLink, {});
  }

  /** Opens an invitation's link in a browser of its own. */
  companion(
    who: Exclude<Who, 'practitioner'>,
    link: string,
    options: ParticipantOptions = {},
  ): Promise<Participant> {
    return this.visit(who, link, options);
  }

  /** Opens the patient's link without a browser, and enters the waiting room. */
  async nativePatient(): Promise<Native> {
    const native = await Native.open(this.server.patientLink);
    this.natives.push(native);
    return native;
  }

  /** The host that somebody's browser runs on, in a world with a network. */
  hostOf(participant: Participant): Host {
    const host = this.hosts.get(participant);
    if (!host) throw new Error('this world has no network of its own: open it with network: true');
    return host;
  }

  /** The host that the server runs on, in a world with a network. */
  get serverHost(): Host {
    if (!this.network) throw new Error('this world has no network of its own');
    return this.network.server;
  }

  async close(): Promise<void> {
    const everybody = [...this.people, ...this.natives];
    await Promise.allSettled(everybody.map((participant) => participant.close()));
    await this.server.stop();
    this.network?.remove();
  }

  /** Fails when a page let an error through to its end, or its content policy hindered it. */
  assertNothingThrown(): void {
    for (const { who, console } of this.people) {
      const wrong = console.filter((line) => /^thrown:|Content Security Policy/.test(line));
      if (wrong.length > 0) throw new Error(`the page of ${who}:\n${wrong.join('\n')}`);
    }
  }

  /** Writes what one needs to understand a failure; says where. */
  async leaveTraces(name: string): Promise<string> {
    const folder = join(LOGS, name.replaceAll(/[^\p{L}\p{N}]+/gu, '-').slice(0, 80));
    mkdirSync(folder, { recursive: true });
    const everybody = [this.server, ...this.people, ...this.natives];
    const reports = everybody.map((one) => one.report());
    writeFileSync(join(folder, 'report.txt'), reports.join('\n\n'));
    for (const { who, page } of this.people) {
      const path = join(folder, `${who}.png`);
      await page.screenshot({ path, timeout: 5_000 }).catch(() => null);
    }
    return folder;
  }

  /** Opens any page in a browser of its own. */
  async visit(who: Who, link: string, options: ParticipantOptions): Promise<Participant> {
    const host = options.host ?? this.network?.addHost();
    const participant = await Participant.open(who, host ? { ...options, host } : options);
    this.people.push(participant);
    if (host) this.hosts.set(participant, host);
    await options.prepare?.(participant);
    await participant.page.goto(link);
    return participant;
  }
}

/** The body of a test that has a world. */
export function inWorld(options: WorldOptions, body: (world: World) => Promise<void>) {
  return async ({ task }: TestContext): Promise<void> => {
    const world = await World.open(options);
    try {
      await body(world);
      world.assertNothingThrown();
    } catch (error) {
      console.error(`traces of the failure: ${await world.leaveTraces(task.name)}`);
      throw error;
    } finally {
      await world.close();
    }
  };
}
