/** What a device keeps over a reload: its key, and one session for each role. */

import type { Role } from '../wire.ts';
import type { Link } from './link.ts';
import { makeDeviceKey } from './proof.ts';

export interface StoredSession {
  readonly role: Role;
  readonly session: string;
  readonly participant: string;
  readonly expiresAt: number;
  /** What it was got by: a walk-in link can be used again, an invitation is known by its digest. */
  readonly link: StoredLink;
}

export type StoredLink =
  Extract<Link, { type: 'walk_in' }> | { readonly type: 'invitation'; readonly digest: string };

export interface Vault {
  deviceKey(): Promise<CryptoKeyPair>;
  load(role: Role): Promise<StoredSession | null>;
  save(session: StoredSession): Promise<void>;
  forget(role: Role): Promise<void>;
}

const DATABASE = 'vestibule';
const STORE = 'kept';
const DEVICE_KEY = 'device-key';

/** The vault of this browser, or one that lasts as long as the page where the browser keeps nothing. */
export async function openVault(): Promise<Vault> {
  try {
    return new KeyValueVault(await IndexedValues.open());
  } catch {
    return new KeyValueVault(new Map<string, unknown>());
  }
}

interface Values {
  get(key: string): unknown;
  set(key: string, value: unknown): unknown;
  delete(key: string): unknown;
}

export class KeyValueVault implements Vault {
  readonly #values: Values;

  constructor(values: Values) {
    this.#values = values;
  }

  async deviceKey(): Promise<CryptoKeyPair> {
    const kept = (await this.#values.get(DEVICE_KEY)) as CryptoKeyPair | undefined;
    if (kept !== undefined) return kept;
    const made = await makeDeviceKey();
    await this.#values.set(DEVICE_KEY, made);
    return made;
  }

  async load(role: Role): Promise<StoredSession | null> {
    const kept = (await this.#values.get(`session-${role}`)) as StoredSession | undefined;
    return kept ?? null;
  }

  async save(session: StoredSession): Promise<void> {
    await this.#values.set(`session-${session.role}`, session);
  }

  async forget(role: Role): Promise<void> {
    await this.#values.delete(`session-${role}`);
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
