// A real OpenID provider (panva's oidc-provider) on a free port. Everybody has
// the password of everybody: its own pages for development ask for a name.

import { createServer } from 'node:http';

import { Provider } from 'oidc-provider';

/** People by the name that they type. */
const PEOPLE = {
  minji: { email: 'minji.kim@acme.example', email_verified: true, name: 'Kim Minji', preferred_username: 'minji', groups: ['payments'] },
  zoe: { email: 'zoe@acme.example', email_verified: true, name: 'Zoe Park', preferred_username: 'zoe', groups: ['payments', 'unheard-of'] },
  mallory: { email: 'minji.kim@acme.example', email_verified: false, name: 'Mallory', preferred_username: 'mallory' },
};

export const CLIENT = { id: 'portway', secret: 'a-secret-of-the-suites' };

/** Starts the provider; `callback` comes later, because it needs Portway's port. */
export async function provider() {
  let answer = (request, response) => response.writeHead(503).end();
  const server = createServer((request, response) => answer(request, response));
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  return {
    issuer,
    /** Makes it known where codes may be sent. */
    serve(callbacks) {
      const openid = new Provider(issuer, {
        clients: [{ client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: callbacks, response_types: ['code'], grant_types: ['authorization_code'] }],
        findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...PEOPLE[id] }) }),
        claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'preferred_username', 'groups'] },
        features: { devInteractions: { enabled: true } },
        pkce: { required: () => true },
        cookies: { keys: ['only for this run'] },
      });
      answer = openid.callback();
    },
    stop: () => new Promise(resolve => {
      server.closeAllConnections();
      server.close(resolve);
    }),
  };
}
