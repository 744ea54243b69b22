/** What a browser of the tests must be able to do, whichever it is. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { Who } from '../cast.ts';
import type { Host } from '../network.ts';
import type { Wire } from '../wire.ts';

export interface LaunchOptions {
  /** The network of this browser; the machine's own when absent. */
  readonly host?: Host;
  /** What is before a call is all that it is for: Firefox then needs no host of its own. */
  readonly withoutCalls?: boolean;
  /** Further switches of Chromium. */
  readonly switches?: readonly string[];
}

export interface BrowserKind {
  /** As it is called in a report. */
  readonly name: string;
  /** How remarks of the browser itself begin that it reports as if the page had thrown them. */
  readonly remarks: RegExp;
  launch(who: Who, options: LaunchOptions): Promise<Browser>;
  /** Makes the pages of a profile ready, with this person's camera and microphone. */
  prepare(who: Who, context: BrowserContext): Promise<void>;
  /** Has the person's consent to camera and microphone kept for all pages of this page's profile. */
  consent(page: Page): Promise<void>;
  /** Tells the wire what the page and the server say to each other. */
  tap(page: Page, wire: Wire): Promise<void>;
}

export function definedEnvironment(): Record<string, string> {
  const defined = Object.entries(process.env).filter(([, value]) => value !== undefined);
  return Object.fromEntries(defined) as Record<string, string>;
}
