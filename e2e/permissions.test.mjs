// Permissions: the real @backstage/plugin-permission-common against a running
// Portway, and the page where people change and ask in Chromium.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { PermissionClient, createPermission } from '@backstage/plugin-permission-common';

import { axe, excess, launch, visitor } from './support/browser.mjs';
import { start } from './support/portway.mjs';

const read = createPermission({ name: 'catalog.entity.read', attributes: { action: 'read' }, resourceType: 'catalog-entity' });
const remove = createPermission({ name: 'catalog.entity.delete', attributes: { action: 'delete' }, resourceType: 'catalog-entity' });
const register = createPermission({ name: 'catalog.location.create', attributes: { action: 'create' } });

let server, browser, guest, bound;

before(async () => {
  [server, browser] = await Promise.all([
    start({ demo: true, config: { permission: { enabled: true, defaultRole: 'none' } } }),
    launch(),
  ]);
  const answer = await fetch(`${server.url}/api/auth/guest/refresh`).then(found => found.json());
  guest = { token: answer.backstageIdentity.token, ref: answer.backstageIdentity.identity.userEntityRef };
  await act('access:put', { binding: { role: 'developer', subjects: [guest.ref], scope: { kind: 'Component' } } });
  await act('access:put', { binding: { role: 'developer', subjects: [guest.ref], name: 'tokens' } });
  await act('access:put', { rule: { effect: 'deny', permissions: ['catalog.entity.read'], subjects: [guest.ref], scope: { type: 'library' }, reason: 'libraries are for others' } });
  const made = await act('token:create', { name: 'plugin', scope: 'read' }, guest.token);
  bound = made.secret;
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

async function act(name, input, token = server.token) {
  const answer = await fetch(`${server.url}/api/v1/actions/${name}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(input),
  });
  assert.equal(answer.status, 200, await answer.clone().text());
  return answer.json();
}

function client(batched = false) {
  return new PermissionClient({
    discovery: { getBaseUrl: async plugin => `${server.url}/api/${plugin}` },
    config: { getOptionalBoolean: key => key === 'permission.enabled' || batched },
  });
}

async function entities(filter) {
  const answer = await fetch(`${server.url}/api/catalog/entities?filter=${filter}&limit=3`, { headers: { authorization: `Bearer ${server.token}` } });
  return (await answer.json()).map(one => `${one.kind}:${one.metadata.namespace}/${one.metadata.name}`.toLowerCase());
}

describe('the client of Backstage', () => {
  test('gets a decision for each resource and for basic permissions', async () => {
    const [service] = await entities('kind=component,spec.type=service');
    const [library] = await entities('kind=component,spec.type=library');
    const decisions = await client().authorize(
      [
        { permission: read, resourceRef: service },
        { permission: read, resourceRef: library },
        { permission: remove, resourceRef: service },
        { permission: register },
      ],
      { token: guest.token },
    );
    assert.deepEqual(decisions.map(one => one.result), ['ALLOW', 'DENY', 'DENY', 'ALLOW']);
  });

  test('gets them for many resources at once', async () => {
    const services = await entities('kind=component,spec.type=service');
    const decisions = await client(true).authorize(services.map(resourceRef => ({ permission: read, resourceRef })), { token: guest.token });
    assert.deepEqual(decisions.map(one => one.result), services.map(() => 'ALLOW'));
  });

  test('gets conditions where a program names no resource, and they can be applied', async () => {
    const [decision] = await client().authorizeConditional([{ permission: read }], { token: bound });
    assert.equal(decision.result, 'CONDITIONAL', JSON.stringify(decision));
    assert.equal(decision.pluginId, 'catalog');
    const [service] = await entities('kind=component,spec.type=service');
    const [library] = await entities('kind=component,spec.type=library');
    const item = resourceRef => ({ id: resourceRef, resourceRef, resourceType: decision.resourceType, conditions: decision.conditions });
    const answer = await fetch(`${server.url}/api/catalog/.well-known/backstage/permissions/apply-conditions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ items: [item(service), item(library)] }),
    });
    const { items } = await answer.json();
    assert.deepEqual(items.map(one => one.result), ['ALLOW', 'DENY']);
  });

  test('finds the rules that conditions use', async () => {
    const { permissions, rules } = await fetch(`${server.url}/api/catalog/.well-known/backstage/permissions/metadata`).then(found => found.json());
    for (const rule of ['HAS_ANNOTATION', 'HAS_LABEL', 'HAS_METADATA', 'HAS_SPEC', 'IS_ENTITY_KIND', 'IS_ENTITY_OWNER']) {
      assert.ok(rules.some(one => one.name === rule && one.paramsSchema.type === 'object'), rule);
    }
    assert.ok(permissions.some(one => one.name === 'catalog.entity.read' && one.type === 'resource'));
  });
});

describe('the page', () => {
  for (const lang of ['en', 'ko']) {
    for (const width of [390, 1280]) {
      test(`asks, tries out and sees with other eyes, ${lang} at ${width}`, async () => {
        await act('access:put', { binding: { role: 'admin', subjects: [guest.ref], name: 'for the page' } });
        const { context, page, complaints } = await visitor(browser, server, { lang, width });
        await page.goto('/sign-in?back=/admin/permissions');
        await page.locator('form[action="/sign-in/guest"] button').click();
        await page.waitForURL('**/admin/permissions');
        assert.deepEqual(await axe(page), []);
        assert.equal(await excess(page), 0);

        await page.locator('#question [name=user], [id^=question] [name=user]').first().fill(guest.ref);
        await page.locator('form[action="/admin/permissions"] button:not(.vh)').first().click();
        await page.waitForSelector('#answer');
        assert.match(await page.locator('main').innerText(), /libraries are for others/);
        assert.deepEqual(await axe(page), []);

        await page.goto('/admin/permissions/change?sort=binding');
        await page.locator('[name=role]').selectOption('lead');
        await page.locator('[name=subjects]').fill('user:default/nobody-of-the-catalog');
        await page.locator('form[action="/admin/permissions/change"] button:not(.vh)').first().click();
        await page.waitForSelector('#dry-run');
        assert.deepEqual(await axe(page), []);
        await page.locator('form[action="/admin/permissions/apply"] button').click();
        await page.waitForURL('**/admin/permissions');
        assert.match(await page.locator('main').innerText(), /nobody-of-the-catalog/);

        const someone = await fetch(`${server.url}/api/catalog/entities?filter=kind=user&limit=1`, { headers: { authorization: `Bearer ${server.token}` } }).then(found => found.json());
        await page.locator('form[action="/admin/permissions/view-as"] [name=user]').fill(`user:${someone[0].metadata.namespace}/${someone[0].metadata.name}`);
        await page.locator('form[action="/admin/permissions/view-as"] button:not(.vh)').click();
        await page.waitForSelector('form[action="/view-as/end"]');
        const refused = await page.request.post('/catalog/stars', { form: { ref: 'component:default/x' }, headers: { origin: server.url } });
        assert.equal(refused.status(), 403);
        await page.locator('form[action="/view-as/end"] button').click();
        await page.waitForURL(url => url.pathname === '/');
        assert.equal(await page.locator('form[action="/view-as/end"]').count(), 0);
        assert.deepEqual(complaints, []);
        await context.close();
      });
    }
  }
});
