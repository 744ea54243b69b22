/**
 * An OpenID provider for tests, with pairwise subjects, on a free port of loopback. Prints its issuer, and ends with its
 * standard input. Whoever comes to sign in says by `?account=NAME&acr=WORD&amr=WORD` who they are, and how they sign in;
 * whoever says nothing is asked by a page. `silent=1` takes codes from then on and gives nothing for them, as at an outage.
 *
 * A secret that begins with a brace is a key set, with one of whose keys the client proves who it is.
 *
 *     node bin/openid-provider.mjs CLIENT SECRET REDIRECT
 */

import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const [client, secret, redirect] = process.argv.slice(2);

const server = createServer();
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

const pairwise = (account, sector) =>
  createHash('sha256').update(`${sector} ${account}`).digest('hex');

/** How the client proves who it is. */
function proof(secret) {
  if (!secret) return { token_endpoint_auth_method: 'none' };
  if (!secret.startsWith('{')) return { client_secret: secret };
  const jwks = JSON.parse(secret);
  return { token_endpoint_auth_method: 'private_key_jwt', jwks };
}

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: client,
      redirect_uris: [redirect],
      response_types: ['code'],
      grant_types: ['authorization_code'],
      subject_type: 'pairwise',
      // Browser tests come back to a port that is not known yet, as programs of a device may (RFC 8252, section 7.3).
      application_type: new URL(redirect).protocol === 'http:' ? 'native' : 'web',
      ...proof(secret),
    },
  ],
  claims: { openid: ['sub', 'acr', 'amr'] },
  acrValues: ['basic', 'card', 'two-factor'],
  subjectTypes: ['pairwise'],
  pairwiseIdentifier: (_context, account, { sectorIdentifier }) =>
    pairwise(account, sectorIdentifier),
  findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
  pkce: { required: () => true },
  cookies: { keys: ['a test'] },
  ttl: { Session: 600, Interaction: 600, Grant: 600, IdToken: 600, AccessToken: 600 },
});

let silent = false;

const PAGE = `<!doctype html><html lang="en"><title>Identity provider</title>
  <main><h1>Identity provider</h1><form>
  <label>Account <input name="account"></label>
  <label>How <select name="acr"><option value="basic">Password</option><option value="card">Card</option>
  <option value="two-factor">Password and key</option></select></label>
  <button>Confirm</button> <button name="refuse" value="1">Cancel</button>
  <button name="silent" value="1">Confirm, then fail</button>
  </form></main></html>`;

/** Signs in and consents at once. */
async function interact(request, response, asked) {
  if (!asked.has('account')) return response.setHeader('content-type', 'text/html').end(PAGE);
  silent ||= asked.has('silent');
  const { params } = await provider.interactionDetails(request, response);
  const accountId = asked.get('account');
  const grant = new provider.Grant({ accountId, clientId: params.client_id });
  grant.addOIDCScope('openid');
  const login = {
    accountId,
    remember: false,
    ...(asked.has('acr') && { acr: asked.get('acr') }),
    ...(asked.has('amr') && { amr: asked.getAll('amr') }),
  };
  const result = asked.has('refuse')
    ? { error: 'access_denied' }
    : { login, consent: { grantId: await grant.save() } };
  await provider.interactionFinished(request, response, result);
}

const serve = provider.callback();
server.on('request', (request, response) => {
  const url = new URL(request.url, issuer);
  if (url.pathname === '/subject') {
    response.end(pairwise(url.searchParams.get('account'), new URL(redirect).hostname));
  } else if (url.pathname.startsWith('/interaction/')) {
    interact(request, response, url.searchParams).catch((error) => {
      response.statusCode = 500;
      response.end(String(error));
    });
  } else if (silent && url.pathname === '/token') {
    response.writeHead(503).end();
  } else {
    serve(request, response);
  }
});

process.stdin.on('end', () => process.exit(0)).resume();
console.log(issuer);
