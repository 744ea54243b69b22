/** How many lines each page says that it wrote: a server that drops one cannot hide it from the next. */

import { identityText, type Identity } from '../identity.ts';

export class Counts {
  readonly #heard = new Map<string, number>();

  /** The line of this number came; gives how many before it did not. */
  line(page: Identity, number: number): number {
    const missing = this.said(page, number - 1);
    this.#heard.set(identityText(page), Math.max(number, this.#last(page) ?? 0));
    return missing;
  }

  /** This page has written so many lines; gives how many of them did not come. */
  said(page: Identity, count: number): number {
    const last = this.#last(page);
    this.#heard.set(identityText(page), Math.max(count, last ?? 0));
    // What was said before this page came is not for it.
    return last === undefined ? 0 : Math.max(0, count - last);
  }

  /** These are there; nobody else is counted any more. */
  keep(pages: readonly Identity[]): void {
    const kept = new Set(pages.map(identityText));
    for (const page of this.#heard.keys()) if (!kept.has(page)) this.#heard.delete(page);
  }

  #last(page: Identity): number | undefined {
    return this.#heard.get(identityText(page));
  }
}
