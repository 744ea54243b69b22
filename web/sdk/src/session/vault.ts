/** What a device keeps over a reload: its key, and its sessions, of which each tab goes on with one. */

import type { Role } from '../wire.ts';
import { SESSIONS_KEPT } from './limits.ts';
import type { Link } from './link.ts';
import { makeDeviceKey } from './proof.ts';

export interface StoredSession {
  readonly role: Role;
  readonly session: string;
  readonly participant: string;
  readonly expiresAt: number;
  /** When a tab last began with it. */
  readonly usedAt: number;
  /** What it was got by: a walk-in link can be used again, an invitation is known by its digest. */
  readonly link: StoredLink;
  /** It came of signing in. */
  readonly signedIn?: boolean;
}

export type StoredLink =
  Extract<Link, { type: 'walk_in' }> | { readonly type: 'invitation'; readonly digest: string };

/**
 * A guardian opens the links of two children in two tabs, and so there are as many sessions as links. A tab goes on with
 * its own, one that was opened without a link with the last.
 */
export interface Vault {
  deviceKey(): Promise<CryptoKeyPair>;
  /** This tab's session, or in a new tab the last one of the device; null when it is not good any more. */
  load(role: Role, now: number): Promise<StoredSession | null>;
  /** The session that the device got by a link; null when there is none that is good. */
  find(role: Role, link: StoredLink, now: number): Promise<StoredSession | null>;
  /** Keeps a session, and makes it this tab's. */
  save(session: StoredSession): Promise<void>;
  forget(session: StoredSession): Promise<void>;
}

const DATABASE = 'vestibule';
const STORE = 'kept';
const DEVICE_KEY = 'device-key';

/** The vault of this browser, or one that lasts as long as the page where the browser keeps nothing. */
export async function openVault(): Promise<Vault> {
  try {
    return new KeyValueVault(await IndexedValues.open(), new TabMemory());
  } catch {
    return new KeyValueVault(new MappedValues(), new Map());
  }
}

interface Values {
  get(key: string): unknown;
  /** Everything whose key begins so. */
  all(prefix: string): readonly unknown[] | Promise<readonly unknown[]>;
  set(key: string, value: unknown): unknown;
  delete(key: string): unknown;
}

/** Whose session of each role this tab goes on with. */
interface Tab {
  get(role: Role): string | undefined;
  set(role: Role, participant: string): unknown;
}

export class KeyValueVault implements Vault {
  readonly #values: Values;
  readonly #tab: Tab;

  constructor(values: Values, tab: Tab) {
    this.#values = values;
    this.#tab = tab;
  }

  async deviceKey(): Promise<CryptoKeyPair> {
    const kept = (await this.#values.get(DEVICE_KEY)) as CryptoKeyPair | undefined;
    if (kept !== undefined) return kept;
    const made = await makeDeviceKey();
    await this.#values.set(DEVICE_KEY, made);
    return made;
  }

  async load(role: Role, now: number): Promise<StoredSession | null> {
    const good = await this.#good(role, now);
    const own = this.#tab.get(role);
    const kept = own === undefined ? good[0] : good.find((it) => it.participant === own);
    return kept ?? null;
  }

  async find(role: Role, link: StoredLink, now: number): Promise<StoredSession | null> {
    const good = await this.#good(role, now);
    return good.find((kept) => sameLink(kept.link, link)) ?? null;
  }

  async save(session: StoredSession): Promise<void> {
    this.#tab.set(session.role, session.participant);
    await this.#values.set(keyOf(session), session);
    const others = (await this.#all(session.role)).filter((it) => keyOf(it) !== keyOf(session));
    const superfluous = others.filter(
      (it, place) =>
        sameLink(it.link, session.link) ||
        it.expiresAt <= session.usedAt ||
        place + 1 >= SESSIONS_KEPT,
    );
    for (const one of superfluous) await this.forget(one);
  }

  async forget(session: StoredSession): Promise<void> {
    await this.#values.delete(keyOf(session));
  }

  async #good(role: Role, now: number): Promise<StoredSession[]> {
    return (await this.#all(role)).filter(({ expiresAt }) => expiresAt > now);
  }

  /** The last used first. */
  async #all(role: Role): Promise<StoredSession[]> {
    const all = (await this.#values.all(prefixOf(role))) as readonly StoredSession[];
    return [...all].sort((one, other) => other.usedAt - one.usedAt);
  }
}

/** One entry for each, so that two tabs that begin at once do not undo one another's. */
function keyOf({ role, participant }: StoredSession): string {
  return prefixOf(role) + participant;
}

function prefixOf(role: Role): string {
  return `session-${role}-`;
}

function sameLink(a: StoredLink, b: StoredLink): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The session storage, which each tab has for itself and keeps over a reload. */
class TabMemory implements Tab {
  get(role: Role): string | undefined {
    return sessionStorage.getItem(tabKey(role)) ?? undefined;
  }

  set(role: Role, participant: string): void {
    sessionStorage.setItem(tabKey(role), participant);
  }
}

function tabKey(role: Role): string {
  return `vestibule-${role}`;
}

/** What lasts as long as the page. */
export class MappedValues implements Values {
  readonly #values = new Map<string, unknown>();

  get(key: string): unknown {
    return this.#values.get(key);
  }

  all(prefix: string): readonly unknown[] {
    const entries = [...this.#values].filter(([key]) => key.startsWith(prefix));
    return entries.map(([, value]) => value);
  }

  set(key: string, value: unknown): void {
    this.#values.set(key, value);
  }

  delete(key: string): void {
    this.#values.delete(key);
  }
}

/** IndexedDB as a map: the one store where a key can lie that cannot be read. */
class IndexedValues implements Values {
  readonly #database: IDBDatabase;

  private constructor(database: IDBDatabase) {
    this.#database = database;
  }

  static async open(): Promise<IndexedValues> {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    return new IndexedValues(await done(opening));
  }

  get(key: string): Promise<unknown> {
    return done(this.#store('readonly').get(key));
  }

  all(prefix: string): Promise<readonly unknown[]> {
    const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
    return done(this.#store('readonly').getAll(range));
  }

  set(key: string, value: unknown): Promise<unknown> {
    return done(this.#store('readwrite').put(value, key));
  }

  delete(key: string): Promise<unknown> {
    return done(this.#store('readwrite').delete(key));
  }

  #store(mode: IDBTransactionMode): IDBObjectStore {
    return this.#database.transaction(STORE, mode).objectStore(STORE);
  }
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('IndexedDB'));
  });
}
