import { beforeEach, describe, expect, it } from 'vitest';
import { VestibuleError } from '../src/contract.ts';
import { Admission } from '../src/session/admission.ts';
import type { Api } from '../src/session/http.ts';
import { readLink, type Link } from '../src/session/link.ts';
import { prove, publicKeyText } from '../src/session/proof.ts';
import { KeyValueVault } from '../src/session/vault.ts';
import { concat, copy, fromBase64, randomBytes, toBase64, utf8 } from '../src/support/bytes.ts';
import { PROOF_LABEL, type Role } from '../src/wire.ts';

const NOW = 1_000_000;
const WALK_IN: Link = { type: 'walk_in', code: 'abc' };
const INVITATION: Link = { type: 'invitation', token: 'jwt' };

let vault: KeyValueVault;
let used: string[];
let grants: number;

beforeEach(() => {
  vault = new KeyValueVault(new Map());
  used = [];
  grants = 0;
});

/** A server that takes each token once. */
function server(role: Role): Api {
  return {
    walkIn: (link) => Promise.resolve({ token: `${link}-${used.length}` }),
    session: (token) => {
      if (used.includes(token)) return Promise.reject(new VestibuleError('token_used', false));
      used.push(token);
      grants += 1;
      return Promise.resolve({
        session: `session ${grants}`,
        role,
        participant: 'p',
        expires_at: NOW + 1000,
      });
    },
  };
}

function page(link: Link | null, role: Role = 'patient'): Admission {
  return new Admission(role, vault, server(role), link);
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

describe('a page', () => {
  it('with neither link nor session has nothing to go on', async () => {
    await expect(page(null).find(NOW)).rejects.toMatchObject({ code: 'no_link' });
  });

  it.each([WALK_IN, INVITATION])('goes on with its session after a reload (%o)', async (link) => {
    const first = await page(link).find(NOW);
    expect(await page(null).find(NOW)).toEqual(first);
    expect(await page(link).find(NOW)).toEqual(first);
    expect(grants).toBe(1);
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
    expect(await vault.load('patient')).toBeNull();
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
