/**
 * The driver asks every browser for what Firefox ESR 153 has no command for yet, and would give up at
 * the refusal. It has no switch for that, so it is reached behind its surface, in one place; its version
 * is pinned.
 */
import type { Browser } from 'playwright-core';

/** Sets the colour scheme; Firefox has it by a preference. */
const UNKNOWN = new Set(['emulation.setMediaFeaturesOverride']);

interface Session {
  send(command: string, parameters: unknown): Promise<unknown>;
}

/** What is behind the driver's surface, as far as it is touched here. */
interface Inside {
  readonly _connection: {
    toImpl(browser: Browser): { readonly _browserSession: Session };
  };
}

/** Counts these commands as done, for the browser and for each of its pages. */
export function forgiveUnknownCommands(browser: Browser): void {
  const { _browserSession: session } = (browser as unknown as Inside)._connection.toImpl(browser);
  const sessions = Object.getPrototypeOf(session) as Session & { forgiving?: boolean };
  if (sessions.forgiving) return;
  sessions.forgiving = true;
  const { send } = sessions;
  sessions.send = async function (this: Session, command, parameters) {
    return UNKNOWN.has(command) ? {} : send.call(this, command, parameters);
  };
}
