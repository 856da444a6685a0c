// Weighs our pages with the script that the rival's were weighed with: new
// profile and warm cache, everything that the network stack counted. The script
// is not part of this repository; the suite says so when it is absent.
//
// Times are printed. Weights are the same on every machine, and held.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { root, start } from './support/portway.mjs';

const script = path.resolve(root, '../shared/bench/page_weight.mjs');

/** Backstage 1.55, cold, as docs/performance.md has it: requests, bytes as they travel, unpacked JavaScript, milliseconds. */
const PAGES = [
  { path: '/catalog?kind=component', ready: 'tbody tr', rival: { requests: 80, bytes: 1_239_000, script: 3_870_000, ready: 2_391 } },
  { path: '/catalog/default/component/payment-service', ready: 'h1', rival: { requests: 88, bytes: 1_365_000, script: 4_260_000, ready: 1_439 } },
  { path: '/search?q=payment', ready: 'main li, main article', rival: { requests: 56, bytes: 1_127_000, script: 3_620_000, ready: 1_617 } },
];

/** The rival's weight is at least this many times ours. */
const LEAST = { requests: 5, bytes: 15, script: 40 };

test('pages weigh a small part of what the rival’s do', { skip: !existsSync(script) && `${script} is absent` }, async () => {
  const server = await start({ demo: true });
  try {
    await server.until('the demo', () => server.json('/api/catalog/entities/by-query?limit=0'), answer => answer.totalItems >= 80);
    const asked = PAGES.map(page => `${page.path}##${page.ready}`);
    const { stdout } = await promisify(execFile)(process.execPath, [script, server.url, '--runs', '1', '--timeout', '10', ...asked], {
      env: { ...process.env, PW_DIR: path.join(root, 'e2e') },
      maxBuffer: 64 * 1024 * 1024,
    });
    const found = JSON.parse(stdout).pages;
    for (const { path: address, rival } of PAGES) {
      const page = found.find(one => one.path === address);
      assert.deepEqual([page.failed, page.page_errors], [[], 0], address);
      for (const [visit, weighed] of [['cold', page.cold], ['warm', page.warm]]) {
        assert.ok(weighed.ok, `${address}, ${visit}: it never became ready`);
        console.log(
          `${address}, ${visit}: ${weighed.requests} requests, ${kb(weighed.transferred_total)} kB, JavaScript ${kb(weighed.decoded.js ?? 0)} kB unpacked, ` +
            `ready after ${weighed.ready_ms} ms, blocked ${weighed.tbt_ms} ms`,
        );
      }
      const ours = { requests: page.cold.requests, bytes: page.cold.transferred_total, script: page.cold.decoded.js ?? 0 };
      for (const [what, least] of Object.entries(LEAST)) {
        const ratio = rival[what] / ours[what];
        console.log(`${address}: ${what} 1 : ${ratio.toFixed(1)}`);
        assert.ok(ratio >= least, `${address}: ${what} ${ours[what]}, the rival's ${rival[what]}`);
      }
    }
  } finally {
    await server.stop();
  }
});

function kb(bytes) {
  return Math.round(bytes / 1000);
}
