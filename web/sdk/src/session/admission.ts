/** How a page comes to its session: by the one that the device keeps, or by its link. */

import { VestibuleError } from '../contract.ts';
import { toHex, utf8 } from '../support/bytes.ts';
import { type Role, SIGN_IN_NONCE, type SignInRequest } from '../wire.ts';
import type { Api } from './http.ts';
import type { Link } from './link.ts';
import { prove, publicKeyText } from './proof.ts';
import type { StoredLink, StoredSession, Vault } from './vault.ts';

export class Admission {
  readonly #role: Role;
  readonly #vault: Vault;
  readonly #api: Api;
  /** What the page was opened with, until it was used or made superfluous. */
  #link: Link | null;

  constructor(role: Role, vault: Vault, api: Api, link: Link | null) {
    this.#role = role;
    this.#vault = vault;
    this.#api = api;
    this.#link = link;
  }

  /** The page was opened by a link in this load, and not by a reload. */
  get hasLink(): boolean {
    return this.#link !== null;
  }

  /**
   * The session to go on with. The same link again continues the session that the device got by it;
   * another link is exchanged for another session. Rejects with `no_link` when there is neither.
   */
  async find(now: number): Promise<StoredSession> {
    const link = this.#link;
    const kept = await (link === null
      ? this.#vault.load(this.#role, now)
      : this.#vault.find(this.#role, await storedLink(link), now));
    if (kept !== null) return this.#keep({ ...kept, usedAt: now });
    if (link === null) throw new VestibuleError('no_link', false);
    return this.#exchange(link, now);
  }

  /**
   * Another session, because the server does not know the present one any more or its visit ended.
   * Only a walk-in link can be used twice.
   */
  async renew(now: number): Promise<StoredSession> {
    const kept = await this.#vault.load(this.#role, now);
    const stored = kept?.link.type === 'walk_in' ? kept.link : null;
    const link = this.#link ?? stored;
    if (link === null) throw new VestibuleError('no_link', false);
    return this.#exchange(link, now);
  }

  /** Another session for one that the server does not take: that one is forgotten. */
  async replace(now: number): Promise<StoredSession> {
    const refused = await this.#vault.load(this.#role, now);
    if (refused !== null) await this.#vault.forget(refused);
    if (refused?.link.type === 'walk_in') this.#link ??= refused.link;
    if (this.#link === null) throw new VestibuleError('no_link', false);
    return this.#exchange(this.#link, now);
  }

  /** Somebody may sign in here: there is a provider, and they are not signed in already. */
  async offersSignIn(now: number): Promise<boolean> {
    const patient = this.#role === 'patient';
    if (this.#role === 'companion' || (patient && (await this.#comer(now)) === null)) return false;
    return (await this.#api.signInOffer()).offered;
  }

  /** Where they go for that. */
  async signIn(now: number): Promise<string> {
    const keys = await this.#vault.deviceKey();
    const comer = this.#role === 'patient' ? await this.#comer(now) : null;
    return (await this.#api.signIn({ ...comer, device_key: await publicKeyText(keys) })).url;
  }

  /** As what a patient begins to sign in: by the clinic's link, or with the session that their own link gave them. */
  async #comer(now: number): Promise<Pick<SignInRequest, 'link' | 'session'> | null> {
    const kept = await this.#vault.load(this.#role, now);
    const link = this.#link ?? kept?.link;
    if (link?.type === 'walk_in') return { link: link.code };
    if (this.#link !== null || kept === null || kept.signedIn === true) return null;
    const { privateKey } = await this.#vault.deviceKey();
    const { session } = kept;
    return { session: { session, proof: await prove(privateKey, btoa(SIGN_IN_NONCE), session) } };
  }

  async #keep(session: StoredSession): Promise<StoredSession> {
    await this.#vault.save(session);
    return session;
  }

  async #exchange(link: Link, now: number): Promise<StoredSession> {
    const key = await publicKeyText(await this.#vault.deviceKey());
    const token = link.type === 'walk_in' ? (await this.#api.walkIn(link.code)).token : link.token;
    const grant = await this.#api.session(token, key);
    if (grant.role !== this.#role) throw new VestibuleError('not_permitted', false);
    const stored: StoredSession = {
      role: grant.role,
      session: grant.session,
      participant: grant.participant,
      expiresAt: grant.expires_at,
      usedAt: now,
      link: await storedLink(link),
      ...(grant.signed_in === true && { signedIn: true }),
    };
    this.#link = null;
    return this.#keep(stored);
  }
}

/** An invitation is kept as a digest: it is worth nothing any more, and it is nobody's business. */
async function storedLink(link: Link): Promise<StoredLink> {
  if (link.type === 'walk_in') return link;
  const digest = await crypto.subtle.digest('SHA-256', utf8(link.token));
  return { type: 'invitation', digest: toHex(new Uint8Array(digest)) };
}
