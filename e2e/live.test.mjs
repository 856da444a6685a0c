// Open pages follow what changes: within a second, in place, with one
// connection for all tabs.

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, request as ask } from 'node:http';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { eventually, launch, visitor } from './support/browser.mjs';
import { start } from './support/portway.mjs';

const NAME = '/api/catalog/entities/by-name/component/default/payment-service';
const SERVICE = '/catalog/default/component/payment-service';
/** From the moment that the API tells of a change. */
const LIMIT_MS = 1_000;

let server, browser, door;

before(async () => {
  [server, browser] = await Promise.all([start({ demo: true }), launch()]);
  await server.until('the demo', () => server.json('/api/catalog/entities/by-query?limit=0'), answer => answer.totalItems >= 80);
  door = await open_door(server);
});

after(async () => {
  await browser?.close();
  await door?.close();
  await server?.stop();
});

/** A way to the server that counts streams and can be shut. */
async function open_door({ url }) {
  const target = new URL(url);
  const streams = new Set();
  let shut = false;
  let begun = 0;
  const way = createServer((request, response) => {
    if (shut) {
      request.socket.destroy();
      return;
    }
    const headers = { ...request.headers, host: target.host };
    const inner = ask({ host: target.hostname, port: target.port, method: request.method, path: request.url, headers }, answer => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    if (request.url.startsWith('/live')) {
      begun += 1;
      streams.add(response);
    }
    response.on('close', () => {
      streams.delete(response);
      inner.destroy();
    });
    inner.on('error', () => response.destroy());
    request.pipe(inner);
  });
  await new Promise(resolve => way.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${way.address().port}`,
    open: () => streams.size,
    begun: () => begun,
    shut: () => {
      shut = true;
      way.closeAllConnections();
    },
    unshut: () => (shut = false),
    close: () => {
      way.closeAllConnections();
      return new Promise(resolve => way.close(resolve));
    },
  };
}

let number = 0;
/** Gives the service another title and waits until the API says so. */
async function rename() {
  const title = `Title ${(number += 1)}`;
  const file = path.join(server.home, 'data/demo/acme/services/payment-service/catalog-info.yaml');
  await writeFile(file, (await readFile(file, 'utf8')).replace(/^( +)title: .*$/m, `$1title: ${title}`));
  await eventually('the API', async () => (await server.json(NAME)).metadata.title, found => found === title);
  return title;
}

/** How long until a page shows something, in ms. */
async function shows(page, selector, text) {
  const began = Date.now();
  await page.locator(selector, { hasText: text }).first().waitFor({ timeout: 5_000 });
  return Date.now() - began;
}

const live = page => page.locator('#live[data-state=live]').waitFor();

test('an entity page shows the new title, and nothing else moves', async () => {
  const { context, page, complaints } = await visitor(browser, { url: door.url }, { width: 768 });
  await page.goto(SERVICE);
  await live(page);
  await page.evaluate(() => {
    scrollTo(0, 400);
    document.querySelector('#annotations').closest('section').querySelector('details').open = true;
    document.querySelector('.graph').scrollLeft = 30;
  });
  const link = page.locator('main .card a').nth(5);
  await link.focus();
  const seen = () => page.evaluate(() => [scrollY, document.activeElement.getAttribute('href'), document.querySelector('.graph').scrollLeft, document.querySelector('#annotations').closest('section').querySelector('details').open]);
  const before_change = await seen();
  assert.equal(before_change[3], true);
  const title = await rename();
  const took = await shows(page, 'h1', title);
  assert.ok(took < LIMIT_MS, `${took} ms`);
  assert.deepEqual(await seen(), before_change);
  assert.match(await page.title(), new RegExp(title));
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a list shows it, and what was typed and ticked stays', async () => {
  const { context, page, complaints } = await visitor(browser, { url: door.url });
  await page.goto('/catalog?kind=component&q=name:payment-service,order-service');
  await live(page);
  await page.check('main input[value="component:default/order-service"]');
  await page.fill('#query', 'half a que');
  const title = await rename();
  assert.ok((await shows(page, 'main tbody', title)) < LIMIT_MS);
  assert.equal(await page.inputValue('#query'), 'half a que');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'query');
  assert.equal(await page.isChecked('main input[value="component:default/order-service"]'), true);
  assert.equal(await page.isChecked('main input[value="component:default/payment-service"]'), false);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('home tells of a new problem, and the rail counts anew', async () => {
  const { context, page } = await visitor(browser, { url: door.url });
  await page.goto('/');
  await live(page);
  const count = () => page.locator('#rail a[href="/catalog?kind=component"] .count').textContent();
  const was = Number(await count());
  const file = path.join(server.home, 'data/demo/acme/services/payment-service/catalog-info.yaml');
  const more = '\n---\napiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: brand-new\n  annotations: {}\nspec:\n  type: service\n  lifecycle: production\n  owner: team-nowhere\n  system: payment-platform\n';
  await writeFile(file, (await readFile(file, 'utf8')).trimEnd() + more);
  await server.until('the entity', () => server.fetch('/api/catalog/entities/by-name/component/default/brand-new'), answer => answer.ok);
  await eventually('the count', count, found => Number(found) === was + 1);
  await shows(page, 'main', 'brand-new');
  await context.close();
});

test('two tabs have one connection', async () => {
  await eventually('streams of the tests before to end', async () => door.open(), open => open === 0);
  const begun = door.begun();
  const { context, page } = await visitor(browser, { url: door.url });
  const other = await context.newPage();
  await page.goto(SERVICE);
  await live(page);
  await other.goto('/catalog?kind=component&q=name:payment-service');
  await live(other);
  await page.reload();
  await live(page);
  assert.equal(door.open(), 1);
  assert.equal(door.begun() - begun, 1);
  const title = await rename();
  await Promise.all([shows(page, 'h1', title), shows(other, 'main tbody', title)]);
  await context.close();
});

test('without shared workers each page has a connection of its own', async () => {
  const { context, page, complaints } = await visitor(browser, { url: door.url });
  await page.addInitScript(() => { delete globalThis.SharedWorker; });
  await page.goto(SERVICE);
  await live(page);
  assert.ok((await shows(page, 'h1', await rename())) < LIMIT_MS);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a lost connection is told, and nothing is missed when it is back', async () => {
  for (const [lang, word] of [['en', 'Paused'], ['ko', '멈춤']]) {
    const { context, page } = await visitor(browser, { url: door.url }, { lang });
    await page.goto(SERVICE);
    await live(page);
    door.shut();
    await page.locator('#live[data-state=paused]', { hasText: word }).waitFor();
    assert.notEqual(await page.textContent('#announce'), '');
    const title = await rename();
    door.unshut();
    await live(page);
    await shows(page, 'h1', title);
    await context.close();
  }
});

test('what has been deleted says so', async () => {
  const { context, page } = await visitor(browser, { url: door.url });
  await page.goto('/catalog/default/component/brand-new');
  await live(page);
  const file = path.join(server.home, 'data/demo/acme/services/payment-service/catalog-info.yaml');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.slice(0, text.indexOf('\n---\napiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: brand-new')) + '\n');
  await shows(page, 'main', /brand-new.*(not in the catalog|gone|deleted|was)/);
  await context.close();
});

test('a past moment does not move', async () => {
  const { context, page } = await visitor(browser, { url: door.url });
  await page.goto(`${SERVICE}?at=${new Date().toISOString()}`);
  assert.equal(await page.locator('#live').count(), 0);
  await context.close();
});
