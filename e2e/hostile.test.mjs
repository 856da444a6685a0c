// Data of people who mean harm, or who have much to say: every page stays
// readable, whole and quiet.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { axe, excess, launch, links, visitor } from './support/browser.mjs';
import { documents, entity } from './support/entities.mjs';
import { start } from './support/portway.mjs';

const MARKUP = `<script>globalThis.harmed = 1</script><img src=x onerror="globalThis.harmed = 2">"'><svg onload=globalThis.harmed=3>`;
const RTL = '\u202eevil\u202c שירות תשלומים \u2067مرحبا\u2069 🙂👩‍👩‍👧‍👦';
const LONG = 'unbreakable'.repeat(900);
const HANGUL = '주문결제'.repeat(2_500);
/** More than these relations of one thing are no exception in a large catalog. */
const MANY = 5_000;

const texts = { markup: MARKUP, rtl: RTL, long: LONG, hangul: HANGUL, '__proto__': '{{ 7 * 7 }} ${7 * 7} %s \\u0000' };

function world() {
  const odd = Object.entries(texts).flatMap(([name, text], at) => [
    entity('Component', `odd-${at}`, { type: text.slice(0, 60), lifecycle: text.slice(0, 60), owner: `odd-team-${at}`, system: 'hub', dependsOn: ['component:hub'] }, {
      title: text,
      description: text,
      annotations: { 'example.com/odd': text, 'example.com/name': name },
      labels: { 'example.com/plain': 'yes' },
      links: [{ url: 'javascript:globalThis.harmed=4', title: text }, { url: `https://example.com/?q=${encodeURIComponent(text.slice(0, 400))}`, title: text }],
    }),
    entity('Group', `odd-team-${at}`, { type: 'team', children: [], profile: { displayName: text, email: 'odd@example.com' } }),
    entity('API', `odd-api-${at}`, { type: 'openapi', lifecycle: 'production', owner: `odd-team-${at}`, definition: `openapi: 3.1.0\ninfo: {title: ${JSON.stringify(text)}, version: "1"}\npaths: {}\n` }, { title: text }),
  ]);
  const ring = [0, 1, 2].map(at => entity('Component', `ring-${at}`, { type: 'service', lifecycle: 'production', owner: 'odd-team-0', dependsOn: [`component:ring-${(at + 1) % 3}`, `component:ring-${at}`] }));
  const groups = [0, 1].map(at => entity('Group', `loop-${at}`, { type: 'team', parent: `loop-${1 - at}`, children: [] }));
  const hub = entity('Component', 'hub', { type: 'service', lifecycle: 'production', owner: 'nobody-of-this-name' });
  const spokes = Array.from({ length: MANY }, (_, at) => entity('Component', `spoke-${at}`, { type: 'service', lifecycle: 'production', owner: 'odd-team-0', dependsOn: ['component:hub'] }));
  return [entity('System', 'hub', { owner: 'odd-team-0' }), ...odd, ...ring, ...groups, hub, ...spokes];
}

/** Nothing of it gets in; each refusal is a page to be read as well. */
const refused = [entity('Component', 'n'.repeat(10_000), { type: 'service', lifecycle: 'production', owner: 'odd-team-0' }), entity('Component', MARKUP, { type: 'service', lifecycle: 'production', owner: 'odd-team-0' }), entity(MARKUP, 'kind', {})];

let folder, server, browser;

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'portway-e2e-hostile-'));
  const files = { 'world.yaml': documents(world()), 'refused.yaml': documents(refused) };
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text);
  const paths = Object.keys(files).map(name => path.join(folder, name));
  [server, browser] = await Promise.all([start({ paths, config: { auth: { providers: { guest: {} } } } }), launch()]);
  await server.until('the world', () => server.json('/api/catalog/entities/by-query?limit=0'), answer => answer.totalItems >= MANY);
});

after(async () => {
  await browser?.close();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Somebody who is signed in. */
async function reader(options) {
  const seen = await visitor(browser, server, options);
  await seen.page.goto('/sign-in');
  await seen.page.click('main form button');
  await seen.page.waitForURL(`${server.url}/`);
  return seen;
}

const ODD = Object.keys(texts).flatMap((_, at) => [`/catalog/default/component/odd-${at}`, `/catalog/default/group/odd-team-${at}`, `/catalog/default/api/odd-api-${at}`]);
const PAGES = [
  '/',
  '/catalog',
  '/catalog?q=odd',
  '/search?q=odd',
  `/search?q=${encodeURIComponent(MARKUP)}`,
  `/catalog?q=${encodeURIComponent(RTL)}`,
  `/packages?name=${encodeURIComponent(LONG.slice(0, 300))}`,
  ...ODD,
  '/catalog/default/component/odd-0/relations',
  '/catalog/default/component/odd-2/raw',
  '/catalog/default/component/odd-1/history',
  '/catalog/default/component/hub',
  '/catalog/default/component/hub/relations',
  '/catalog/default/component/ring-0',
  '/catalog/default/component/ring-0/relations',
  '/catalog/default/group/loop-0',
  '/catalog/default/group/loop-0/relations',
  '/sources',
];

for (const look of [
  { lang: 'en', theme: 'light', width: 1280 },
  { lang: 'ko', theme: 'dark', width: 390 },
]) {
  describe(`hostile data, ${Object.values(look).join(' ')}`, { concurrency: 2 }, () => {
    for (const half of [0, 1]) {
      test(`pages ${half + 1} of 2 are readable, whole and quiet`, async () => {
        const { context, page, complaints } = await reader(look);
        const problems = [];
        const sources = half === 0 ? await refusals(page) : [];
        for (const address of [...PAGES.filter((_, at) => at % 2 === half), ...sources]) {
          const note = text => problems.push(`${address.slice(0, 80)}: ${text}`);
          const answer = await page.goto(address);
          if (answer.status() !== 200) note(`status ${answer.status()}`);
          if ((await page.evaluate(() => globalThis.harmed)) !== undefined) note('a script of the data ran');
          const pixels = await excess(page);
          if (pixels > 0) note(`${pixels} px wider than the window`);
          const links_out = await page.$$eval('a[href^="javascript:" i]', all => all.length);
          if (links_out > 0) note('a link runs a script');
          for (const found of await axe(page)) note(found);
          for (const complaint of complaints.splice(0)) note(complaint);
        }
        await context.close();
        assert.deepEqual(problems, []);
      });
    }
  });
}

/** The pages of sources: what was refused, and where. */
async function refusals(page) {
  await page.goto('/sources');
  return (await links(page)).filter(link => /^\/sources\/[^/]+$/.test(link));
}

test('what was refused says where, and the rest came in', async () => {
  const { context, page } = await reader();
  const found = [];
  for (const address of await refusals(page)) {
    await page.goto(address);
    found.push(...(await page.$$eval('.problem-place', all => all.map(one => one.textContent))));
  }
  await context.close();
  assert.ok(found.filter(place => /refused\.yaml:\d+:\d+/.test(place)).length >= refused.length, found.join('\n'));
  const { totalItems } = await server.json('/api/catalog/entities/by-query?limit=0&filter=kind=component');
  assert.equal(totalItems, MANY + 1 + 3 + Object.keys(texts).length);
});

test('the palette shows odd names as they are, and is not harmed', async () => {
  for (const width of [390, 1280]) {
    const { context, page, complaints } = await reader({ width });
    await page.goto('/');
    await page.keyboard.press('Control+k');
    await page.locator('#palette input').waitFor();
    for (const at of Object.keys(Object.keys(texts))) {
      await page.fill('#palette input', `odd-${at}`);
      await page.locator(`#palette-list [aria-selected=true][href$="/odd-${at}"]`).waitFor();
      assert.equal(await excess(page), 0);
      assert.equal(await page.evaluate(() => document.getElementById('palette').scrollWidth <= document.getElementById('palette').clientWidth), true, `odd-${at} fits`);
    }
    assert.equal(await page.evaluate(() => globalThis.harmed), undefined);
    assert.deepEqual(complaints, []);
    await context.close();
  }
});
