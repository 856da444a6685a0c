// What a first visit may weigh, and that nothing on a page jumps.
//
// Sizes, requests and layout shift are the same on every machine and are held
// here. Times are printed; they are measured for docs/performance.md.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { launch, visitor } from './support/browser.mjs';
import { start } from './support/portway.mjs';

/** kB are 1,000 bytes as they travel: compressed, headers included. */
const BUDGET = { total: 180, script: 60, style: 35, requests: 12, shift: 0.05 };

const PAGES = [
  '/',
  '/catalog?kind=component',
  '/catalog/default/component/payment-service',
  '/catalog/default/component/payment-service/relations',
  '/catalog/default/api/order-api',
  '/search?q=order',
  '/sources',
];

let server, browser;

before(async () => {
  [server, browser] = await Promise.all([start({ demo: true }), launch()]);
  await server.until('the demo', () => server.json('/api/catalog/entities/by-query?limit=0'), answer => answer.totalItems >= 80);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Opens a page as somebody who was never here, and weighs what came. */
async function weigh(address) {
  const { context, page } = await visitor(browser, server);
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  const kinds = new Map();
  const seen = { total: 0, script: 0, style: 0, requests: 0 };
  session.on('Network.responseReceived', ({ requestId, type }) => kinds.set(requestId, type));
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const type = kinds.get(requestId);
    seen.requests += 1;
    seen.total += encodedDataLength;
    if (type === 'Script') seen.script += encodedDataLength;
    if (type === 'Stylesheet') seen.style += encodedDataLength;
  });
  await page.addInitScript(() => {
    globalThis.vitals = { shift: 0, paint: 0 };
    new PerformanceObserver(list => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) globalThis.vitals.shift += entry.value;
    }).observe({ type: 'layout-shift', buffered: true });
    new PerformanceObserver(list => {
      globalThis.vitals.paint = list.getEntries().at(-1).startTime;
    }).observe({ type: 'largest-contentful-paint', buffered: true });
  });
  // A live connection never falls silent, so two seconds of it are not waited for.
  const answer = await page.goto(address, { waitUntil: 'load' });
  await page.evaluate(() => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  const vitals = await page.evaluate(() => globalThis.vitals);
  await context.close();
  return { status: answer.status(), ...seen, ...vitals };
}

describe('a first visit is light and still', () => {
  for (const address of PAGES) {
    test(address, async () => {
      const found = await weigh(address);
      const kb = bytes => Math.round(bytes / 100) / 10;
      console.log(
        `${address}: ${found.requests} requests, ${kb(found.total)} kB (script ${kb(found.script)}, style ${kb(found.style)}), ` +
          `largest paint after ${Math.round(found.paint)} ms, shift ${found.shift.toFixed(3)}`,
      );
      assert.equal(found.status, 200);
      assert.ok(found.requests > 0 && found.requests <= BUDGET.requests, `${found.requests} requests`);
      assert.ok(kb(found.total) <= BUDGET.total, `${kb(found.total)} kB in all`);
      assert.ok(kb(found.script) <= BUDGET.script, `${kb(found.script)} kB of JavaScript`);
      assert.ok(kb(found.style) <= BUDGET.style, `${kb(found.style)} kB of CSS`);
      assert.ok(found.shift <= BUDGET.shift, `layout shift ${found.shift}`);
    });
  }
});
