// What the browser itself makes of a page.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';

import { launch, visitor } from './support/browser.mjs';
import { start } from './support/portway.mjs';

let server, browser;

before(async () => {
  [server, browser] = await Promise.all([start({ demo: true }), launch()]);
  await server.until('the demo', () => server.json('/api/catalog/entities/by-query?limit=0'), answer => answer.totalItems >= 80);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

test('a graph is saved as a PNG of its drawing', async () => {
  const { context, page, complaints } = await visitor(browser, server);
  await page.goto('/catalog/default/component/payment-service/graph?depth=1');
  await page.click('main details.menu > summary');
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('button[data-png]')]);
  assert.equal(download.suggestedFilename(), 'payment-service-graph.png');
  const bytes = await readFile(await download.path());
  assert.equal(bytes.subarray(1, 4).toString(), 'PNG');
  const svg = await (await server.fetch('/catalog/default/component/payment-service/graph?depth=1&format=svg')).text();
  const width = Number(svg.match(/width="(\d+)"/)[1]);
  assert.equal(bytes.readUInt32BE(16), Math.round(width * Math.min(2, 8192 / width)));
  // Something is on it: a canvas that stayed empty packs into next to nothing.
  assert.ok(bytes.length > 10_000, `${bytes.length} bytes`);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('without script there is no button that does nothing', async () => {
  const { context, page } = await visitor(browser, server, { scripts: false });
  await page.goto('/catalog/default/component/payment-service/graph');
  await page.click('main details.menu > summary');
  assert.equal(await page.locator('button[data-png]').isVisible(), false);
  assert.equal(await page.locator('main a[href*="format=svg"]').isVisible(), true);
  await context.close();
});
