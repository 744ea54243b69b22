import { beforeEach, describe, expect, it } from 'vitest';
import { VestibuleError } from '../src/contract.ts';
import { Admission } from '../src/session/admission.ts';
import type { Api } from '../src/session/http.ts';
import { SESSIONS_KEPT } from '../src/session/limits.ts';
import { readLink, readRefusal, type Link } from '../src/session/link.ts';
import { prove, publicKeyText } from '../src/session/proof.ts';
import { KeyValueVault, MappedValues } from '../src/session/vault.ts';
import { concat, copy, fromBase64, randomBytes, toBase64, utf8 } from '../src/support/bytes.ts';
import { PROOF_LABEL, type Role } from '../src/wire.ts';

const NOW = 1_000_000;
const WALK_IN: Link = { type: 'walk_in', code: 'abc' };
const INVITATION: Link = { type: 'invitation', token: 'jwt' };

let browser: MappedValues;
let vault: KeyValueVault;
let used: string[];
let grants: number;

beforeEach(() => {
  browser = new MappedValues();
  vault = tab();
  used = [];
  grants = 0;
});

/** What a tab of the browser has: the same values as the others, and a memory of its own. */
function tab(): KeyValueVault {
  return new KeyValueVault(browser, new Map());
}

/** A server that takes each token once. */
function server(role: Role): Api {
  return {
    signIn: ({ link, session }) => Promise.resolve({ url: `provider ${link} ${session?.session}` }),
    signInOffer: () => Promise.resolve({ offered: true }),
    walkIn: (link) => Promise.resolve({ token: `${link}-${used.length}` }),
    session: (token) => {
      if (used.includes(token)) return Promise.reject(new VestibuleError('token_used', false));
      used.push(token);
      grants += 1;
      return Promise.resolve({
        session: `session ${grants}`,
        role,
        participant: `p${grants}`,
        expires_at: NOW + 1000,
        ...(token === 'signed in' && { signed_in: true }),
      });
    },
  };
}

function page(link: Link | null, role: Role = 'patient', within = vault): Admission {
  return new Admission(role, within, server(role), link);
}

describe('a link', () => {
  it.each([
    ['#w=abc', WALK_IN],
    ['#j=jwt', INVITATION],
    ['', null],
    ['#', null],
    ['#w=', null],
    ['#other', null],
  ])('%s is read', (hash, link) => {
    expect(readLink(hash)).toEqual(link);
  });
});

describe('a refusal', () => {
  it('is read where the server gives it, and nothing else is', () => {
    expect(readRefusal('#e=sign_in_refused')).toBe('sign_in_refused');
    for (const other of ['', '#e=', '#e=anything', '#w=abc']) expect(readRefusal(other)).toBeNull();
  });
});

describe('signing in', () => {
  it('is offered to whoever is not signed in', async () => {
    expect(await page(WALK_IN).offersSignIn(NOW)).toBe(true);
    expect(await page(null).offersSignIn(NOW)).toBe(false);
    expect(await page(null, 'practitioner').offersSignIn(NOW)).toBe(true);
    expect(await page(null, 'companion').offersSignIn(NOW)).toBe(false);
    await page(INVITATION).find(NOW);
    expect(await page(null).offersSignIn(NOW)).toBe(true);
    await page({ type: 'invitation', token: 'signed in' }).find(NOW);
    expect(await page(null).offersSignIn(NOW)).toBe(false);
  });

  it('goes to the provider by the walk-in link, also after a reload', async () => {
    await page(WALK_IN).find(NOW);
    expect(await page(null).signIn(NOW)).toBe('provider abc undefined');
    expect(await page(null, 'practitioner').signIn(NOW)).toBe('provider undefined undefined');
  });

  it('goes there with the session that a link of their own gave', async () => {
    await page(INVITATION).find(NOW);
    expect(await page(null).signIn(NOW)).toBe('provider undefined session 1');
  });
});

describe('a page', () => {
  it('with neither link nor session has nothing to go on', async () => {
    await expect(page(null).find(NOW)).rejects.toMatchObject({ code: 'no_link' });
  });

  it.each([WALK_IN, INVITATION])('goes on with its session after a reload (%o)', async (link) => {
    const first = await page(link).find(NOW);
    expect(await page(null).find(NOW)).toEqual(first);
    expect(await page(link).find(NOW)).toEqual(first);
    expect(await page(link, 'patient', tab()).find(NOW)).toEqual(first);
    expect(grants).toBe(1);
  });

  it('of a guardian goes on with its own child, beside another tab with another', async () => {
    const [one, other] = [tab(), tab()];
    const first = await page(INVITATION, 'patient', one).find(NOW);
    const another: Link = { type: 'invitation', token: 'another' };
    const second = await page(another, 'patient', other).find(NOW + 1);
    expect(second.session).not.toBe(first.session);
    const { session } = first;
    expect(await page(null, 'patient', one).find(NOW + 2)).toMatchObject({ session });
    expect(await page(null, 'patient', other).find(NOW + 3)).toMatchObject({
      session: second.session,
    });
    expect(await page(null, 'patient', tab()).find(NOW + 4)).toMatchObject({
      session: second.session,
    });
    expect(await page(INVITATION, 'patient', tab()).find(NOW + 5)).toMatchObject({ session });
  });

  it('whose session the server refuses forgets that one and no other', async () => {
    const [one, other] = [tab(), tab()];
    const first = await page(INVITATION, 'patient', one).find(NOW);
    const api = server('patient');
    const refused = new Admission('patient', other, api, WALK_IN);
    await refused.find(NOW + 1);
    const { walkIn } = api;
    api.walkIn = () => Promise.reject(new VestibuleError('network', true));
    for (const at of [NOW + 2, NOW + 3]) {
      await expect(refused.replace(at)).rejects.toMatchObject({ code: 'network' });
    }
    api.walkIn = walkIn;
    await refused.replace(NOW + 3);
    const { session } = first;
    const own = page(null, 'patient', one);
    expect(await own.find(NOW + 4)).toMatchObject({ session });
    const unknown = { code: 'no_link' };
    await expect(own.replace(NOW + 5)).rejects.toMatchObject(unknown);
    await expect(page(null, 'patient', one).find(NOW + 6)).rejects.toMatchObject(unknown);
  });

  it('does not go on with another child when its own session is over', async () => {
    const [one, other] = [tab(), tab()];
    await page(INVITATION, 'patient', one).find(NOW - 999);
    await page(WALK_IN, 'patient', other).find(NOW);
    await expect(page(null, 'patient', one).find(NOW + 1001)).rejects.toMatchObject({
      code: 'no_link',
    });
  });

  it('keeps the sessions of a family, and not those of all time', async () => {
    for (let child = 0; child < 20; child += 1) {
      await page({ type: 'invitation', token: `${child}` }).find(NOW + child);
    }
    expect(browser.all('session-')).toHaveLength(SESSIONS_KEPT);
  });

  it('with another link gets another session', async () => {
    const first = await page(WALK_IN).find(NOW);
    const second = await page({ type: 'walk_in', code: 'other' }).find(NOW);
    expect(second.session).not.toBe(first.session);
  });

  it('does not go on with a session that expired', async () => {
    await page(WALK_IN).find(NOW);
    await expect(page(null).find(NOW + 1000)).rejects.toMatchObject({ code: 'no_link' });
    expect((await page(WALK_IN).find(NOW + 1000)).session).toBe('session 2');
  });

  it('keeps the two roles of one device apart', async () => {
    await page(WALK_IN).find(NOW);
    await expect(page(null, 'practitioner').find(NOW)).rejects.toMatchObject({ code: 'no_link' });
  });

  it('of one role does not take a link of the other', async () => {
    const wrong = new Admission('patient', vault, server('practitioner'), INVITATION);
    await expect(wrong.find(NOW)).rejects.toMatchObject({ code: 'not_permitted' });
    expect(await vault.load('patient', NOW)).toBeNull();
  });

  it('begins anew by a walk-in link, also after a reload, and never by an invitation', async () => {
    await page(WALK_IN).find(NOW);
    const reloaded = page(null);
    expect((await reloaded.renew(NOW)).session).toBe('session 2');
    const invited = page(INVITATION, 'practitioner');
    await invited.find(NOW);
    await expect(invited.renew(NOW)).rejects.toMatchObject({ code: 'no_link' });
  });

  it('does not keep an invitation, only what tells it from others', async () => {
    const { link } = await page({ type: 'invitation', token: 'secret.token' }).find(NOW);
    expect(JSON.stringify(link)).not.toContain('secret.token');
  });
});

describe('the device', () => {
  it('has one key, which nobody can read, and which signs as the server checks it', async () => {
    const key = await vault.deviceKey();
    expect(await vault.deviceKey()).toBe(key);
    expect(key.privateKey.extractable).toBe(false);
    const nonce = randomBytes(32);
    const proof = fromBase64(await prove(key.privateKey, toBase64(nonce), 'secret'));
    expect(proof).toHaveLength(64);
    const point = fromBase64(await publicKeyText(key));
    expect(point).toHaveLength(65);
    const usage: KeyUsage[] = ['verify'];
    const curve = { name: 'ECDSA', namedCurve: 'P-256' };
    const verifier = await crypto.subtle.importKey('raw', copy(point), curve, false, usage);
    const zero = Uint8Array.of(0);
    const signed = concat(utf8(PROOF_LABEL), zero, nonce, zero, utf8('secret'));
    const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
    expect(await crypto.subtle.verify(algorithm, verifier, proof, signed)).toBe(true);
  });
});
