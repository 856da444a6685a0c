// Sign-in through a real OpenID provider, in a real browser: the right person,
// the wrong one, a new one, no, and out again; in both languages.

import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { axe, excess, launch, visitor } from './support/browser.mjs';
import { CLIENT, provider } from './support/openid.mjs';
import { root, start } from './support/portway.mjs';

const out = path.join(root, 'e2e/out');

const ENTITIES = `
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: { name: company }
spec: { type: organization, children: [] }
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: { name: payments }
spec: { type: team, parent: company, children: [] }
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: { name: minji.kim }
spec:
  profile: { displayName: Kim Minji, email: minji.kim@acme.example }
  memberOf: [payments]
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: { name: ledger }
spec: { type: service, lifecycle: production, owner: payments }
`;

let openid, browser;

before(async () => {
  await mkdir(out, { recursive: true });
  [openid, browser] = await Promise.all([provider(), launch()]);
});

after(async () => {
  await browser?.close();
  await openid?.stop();
});

/** A Portway that people sign in to with the provider. */
async function portway(auth = {}, app = undefined) {
  const file = path.join(out, 'people.yaml');
  await writeFile(file, ENTITIES);
  const options = {
    title: 'Acme ID',
    metadataUrl: `${openid.issuer}/.well-known/openid-configuration`,
    clientId: CLIENT.id,
    clientSecret: CLIENT.secret,
    signIn: { resolvers: [{ resolver: 'emailMatchingUserEntityProfileEmail' }] },
  };
  const config = { auth: { contact: 'platform@acme.example', providers: { oidc: { development: options } }, ...auth }, ...(app && { app }) };
  const server = await start({ config, paths: [file] });
  openid.serve([`${server.url}/api/auth/oidc/handler/frame`]);
  await server.until('the people', () => server.json('/api/catalog/entities/by-query?limit=0'), answer => answer.totalItems >= 4);
  return server;
}

/** Presses the button and signs in at the provider, as `name`. */
async function signIn(page, name, button = /Acme ID/) {
  await page.getByRole('link', { name: button }).click();
  await page.locator('input[name="login"]').fill(name);
  await page.locator('input[name="password"]').fill('any');
  await page.locator('button[type="submit"]').click();
  // What Portway asks for has to be allowed once.
  await page.locator('button[type="submit"]').click();
}

describe('with an OpenID provider', () => {
  let server;
  before(async () => (server = await portway()));
  after(() => server?.stop());

  for (const lang of ['en', 'ko']) {
    test(`somebody signs in, sees their own things and signs out (${lang})`, async () => {
      const { context, page, complaints } = await visitor(browser, server, { lang });
      await page.goto('/catalog?filters%5Bkind%5D=component');
      assert.equal(new URL(page.url()).pathname, '/sign-in');
      assert.deepEqual(await axe(page), []);
      await page.screenshot({ path: path.join(out, `sign-in-${lang}.png`) });
      await signIn(page, 'minji');
      await page.waitForURL(`${server.url}/catalog?**`);
      await page.goto('/settings');
      const text = await page.locator('main').innerText();
      assert.match(text, /user:default\/minji\.kim/);
      // The group above the group counts too.
      assert.match(text, /company/);
      const cookies = await context.cookies(server.url);
      const session = cookies.find(cookie => cookie.name === 'portway_session');
      assert.ok(session.httpOnly && session.sameSite === 'Lax');
      assert.ok(!cookies.some(cookie => cookie.name === 'portway_attempt'));
      // Backstage's front ends ask like this.
      const refreshed = await page.evaluate(async () => (await fetch('/api/auth/oidc/refresh', { headers: { 'x-requested-with': 'XMLHttpRequest' } })).json());
      assert.equal(refreshed.profile.email, 'minji.kim@acme.example');
      assert.deepEqual(refreshed.backstageIdentity.identity.ownershipEntityRefs.sort(), ['group:default/company', 'group:default/payments', 'user:default/minji.kim']);
      const ended = await page.evaluate(async () => (await fetch('/api/auth/oidc/logout', { method: 'POST' })).status);
      assert.equal(ended, 200);
      await page.goto('/catalog');
      assert.equal(new URL(page.url()).pathname, '/sign-in');
      // The pages of the provider ask for a font of somebody else.
      const own = complaints.filter(line => !line.includes(openid.issuer) && !line.includes('fonts.googleapis.com'));
      assert.deepEqual(own, []);
      await context.close();
    });

    test(`somebody who is not known is told whom to ask (${lang})`, async () => {
      for (const width of [390, 1280]) {
        const { context, page } = await visitor(browser, server, { lang, width, theme: width === 390 ? 'dark' : 'light' });
        await page.goto('/sign-in');
        await signIn(page, 'zoe');
        await page.waitForURL('**/handler/frame?**');
        const text = await page.locator('main').innerText();
        assert.match(text, /zoe/);
        assert.match(text, /platform@acme\.example/);
        const reference = text.match(/\b[0-9a-f]{8}\b/)?.[0];
        assert.ok(reference, text);
        assert.deepEqual(await axe(page), []);
        assert.ok((await excess(page)) <= 0);
        await page.screenshot({ path: path.join(out, `sign-in-nobody-${lang}-${width}.png`) });
        assert.ok(!(await context.cookies()).some(cookie => cookie.name === 'portway_session'));
        // Whoever looks after Portway finds out why.
        const said = await server.json('/api/v1/auth/examine', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ provider: 'oidc', reference }),
        });
        assert.equal(said.claims.email, 'zoe@acme.example');
        assert.match(said.rules[0].explanation, /no user has spec\.profile\.email "zoe@acme\.example"/);
        await context.close();
      }
    });
  }

  test('an address that is not verified does not make somebody else of anybody', async () => {
    const { context, page } = await visitor(browser, server);
    await page.goto('/sign-in');
    await signIn(page, 'mallory');
    await page.waitForURL('**/handler/frame?**');
    assert.match(await page.locator('main').innerText(), /is not known here/);
    await context.close();
  });

  test('a no at the provider is no error', async () => {
    const { context, page } = await visitor(browser, server);
    await page.goto('/sign-in');
    await page.getByRole('link', { name: /Acme ID/ }).click();
    await page.locator('a[href*="abort"]').first().click();
    await page.waitForURL('**/handler/frame?**');
    assert.match(await page.locator('main').innerText(), /was cancelled/);
    await context.close();
  });

  test('an answer cannot be used twice, nor in another browser', async () => {
    const { context, page } = await visitor(browser, server);
    let callback;
    page.on('request', request => {
      if (request.url().includes('/handler/frame?')) callback = request.url();
    });
    await page.goto('/sign-in');
    await signIn(page, 'minji');
    await page.waitForURL(`${server.url}/`);
    for (const again of [page, (await visitor(browser, server)).page]) {
      await again.goto(callback);
      assert.match(await again.locator('main').innerText(), /cannot be finished any more/);
    }
    await context.close();
  });
});

test('somebody new gets a user with the groups that exist', async () => {
  const server = await portway({ justInTime: { enabled: true, allowedDomains: ['acme.example'] } });
  const { context, page } = await visitor(browser, server);
  await page.goto('/sign-in');
  await signIn(page, 'zoe');
  await page.waitForURL(`${server.url}/`);
  const zoe = await server.json('/api/catalog/entities/by-name/user/default/zoe');
  assert.equal(zoe.spec.profile.email, 'zoe@acme.example');
  assert.deepEqual(zoe.spec.memberOf, ['group:default/payments']);
  assert.equal(zoe.metadata.annotations['backstage.io/managed-by-location'], 'sign-in:just-in-time');
  const whoami = await page.evaluate(async () => (await fetch('/api/auth/v1/userinfo')).json());
  assert.deepEqual(whoami.claims.ent.sort(), ['group:default/company', 'group:default/payments', 'user:default/zoe']);
  await context.close();
  await server.stop();
});

test('a front end of its own opens a window and is told who has signed in', async () => {
  const front = createServer((request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>front end</title>'));
  await new Promise(resolve => front.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${front.address().port}`;
  const server = await portway({}, { baseUrl });
  const { context, page } = await visitor(browser, server);
  await page.goto(baseUrl);
  const [window_of_its_own] = await Promise.all([
    context.waitForEvent('page'),
    page.evaluate(start => {
      window.told = new Promise(resolve => addEventListener('message', event => event.data.type === 'authorization_response' && resolve({ origin: event.origin, data: event.data })));
      window.open(start, 'sign-in', 'width=500,height=700');
    }, `${server.url}/api/auth/oidc/start?env=development&flow=popup&origin=${encodeURIComponent(baseUrl)}`),
  ]);
  const closed = window_of_its_own.waitForEvent('close');
  await window_of_its_own.locator('input[name="login"]').fill('minji');
  await window_of_its_own.locator('input[name="password"]').fill('any');
  await window_of_its_own.locator('button[type="submit"]').click();
  await window_of_its_own.locator('button[type="submit"]').click();
  const told = await page.evaluate(() => window.told);
  assert.equal(told.origin, server.url);
  assert.equal(told.data.response.backstageIdentity.identity.userEntityRef, 'user:default/minji.kim');
  await closed;
  const refused = await fetch(`${server.url}/api/auth/oidc/start?flow=popup&origin=https://evil.example`, { redirect: 'manual' });
  assert.equal(refused.status, 403);
  await context.close();
  await server.stop();
  front.close();
});

test('a provider that is down says so on the page', async () => {
  const server = await start({
    config: { auth: { providers: { oidc: { development: { issuer: 'http://127.0.0.1:9', clientId: 'a', clientSecret: 'b', signIn: { resolvers: [{ resolver: 'emailMatchingUserEntityProfileEmail' }] } } } } } },
  });
  for (const lang of ['en', 'ko']) {
    const { context, page } = await visitor(browser, server, { lang });
    await page.goto('/sign-in');
    await page.getByRole('link', { name: /OpenID Connect/ }).click();
    assert.match(await page.locator('main').innerText(), lang === 'en' ? /does not answer/ : /응답하지 않아요/);
    assert.deepEqual(await axe(page), []);
    await page.screenshot({ path: path.join(out, `sign-in-down-${lang}.png`) });
    await context.close();
  }
  await server.stop();
});
