/** An OpenID provider for a world, and what people do at its page. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'vitest';
import type { Participant } from './browser.ts';
import { inWorld, type World } from './world.ts';

const CLIENT = 'vestibule';
/** The provider takes any port of it. */
const REDIRECT = 'http://127.0.0.1/sign-in';

/** How somebody shows who they are; the words are the page's. */
export type Means = 'Password' | 'Card' | 'Password and key';

/** The npm package `oidc-provider`, in a process of its own. */
export class Provider {
  private constructor(
    readonly issuer: string,
    private readonly process: ChildProcess,
  ) {}

  static async start(): Promise<Provider> {
    const words = ['bin/openid-provider.mjs', CLIENT, '', REDIRECT];
    const process = spawn('node', words, {
      cwd: join(import.meta.dirname, '..'),
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const [issuer] = (await once(createInterface({ input: process.stdout }), 'line')) as [string];
    return new Provider(issuer, process);
  }

  /** What a server at this provider is started with. */
  get args(): string[] {
    const levels = ['basic=low', 'card=substantial'].flatMap((it) => ['--oidc-level', it]);
    return [
      ...['--oidc-issuer', this.issuer, '--oidc-client', CLIENT],
      ...[...levels, '--oidc-second-factor', 'two-factor'],
    ];
  }

  /** What it calls somebody at a server of this machine. */
  async subject(account: string): Promise<string> {
    return (await fetch(`${this.issuer}/subject?account=${account}`)).text();
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null) return;
    const ended = once(this.process, 'exit');
    this.process.stdin?.end();
    await ended;
  }
}

/** The body of a test whose world has a provider to sign in at. */
export function atProvider(body: (world: World, provider: Provider) => Promise<void>) {
  return async (context: TestContext): Promise<void> => {
    const provider = await Provider.start();
    try {
      await inWorld({ args: provider.args }, (world) => body(world, provider))(context);
    } finally {
      await provider.stop();
    }
  };
}

/** Presses the page's own button, and shows at the provider who one is. */
export async function signIn(person: Participant, account: string, by: Means): Promise<void> {
  await person.press('Sign in');
  await confirm(person, account, by);
}

/** At the provider's page. */
export async function confirm(person: Participant, account: string, by: Means): Promise<void> {
  await person.isAt('Identity provider');
  await person.fill('Account', account);
  await person.page.getByLabel('How').selectOption(by);
  await person.press('Confirm');
}
