// The audit trail in a browser: the list, one event, and the chain before and
// after it was verified, in both languages, both looks, narrow and wide.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { axe, excess, launch, visitor } from './support/browser.mjs';
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

/** Everything that is wrong with the page as it stands. */
async function inspect(page, complaints, what) {
  const wide = await excess(page);
  const found = [...(await axe(page)), ...complaints.splice(0), ...(wide > 0 ? [`${wide} px wider than the window`] : [])];
  assert.deepEqual(found, [], what);
}

const WAYS = [
  { lang: 'en', theme: 'light', width: 1280, verified: /verified|holds|fits|intact/i },
  { lang: 'ko', theme: 'dark', width: 390, verified: /[가-힣]/ },
];

describe('the trail', () => {
  for (const { lang, theme, width, verified } of WAYS) {
    test(`in ${lang}, ${theme}, ${width} px wide`, async () => {
      const { context, page, complaints } = await visitor(browser, server, { lang, theme, width });
      await page.goto('/admin/audit');
      assert.ok((await page.locator('tbody tr').count()) > 10);
      await inspect(page, complaints, 'the list');

      await page.locator('form[action="/admin/audit/verify"] button').click();
      await page.waitForURL(/\/admin\/audit#chain$/);
      const said = page.locator('[role="status"], .toast').filter({ hasText: verified }).first();
      await said.waitFor();
      assert.match(await page.locator('section:has(#chain) .badge').innerText(), lang === 'ko' ? /온전/ : /whole/i);
      await inspect(page, complaints, 'after verifying');

      await page.goto('/admin/audit?q=payment-service');
      const row = page.locator('tbody th a').first();
      await row.click();
      await page.waitForURL(/\/admin\/audit\/\d+/);
      assert.ok(await page.locator('h1').innerText());
      await inspect(page, complaints, 'one event');

      await page.goto('/admin/audit?q=there-is-no-such-word-in-it');
      assert.equal(await page.locator('tbody tr').count(), 0);
      await inspect(page, complaints, 'nothing found');
      await context.close();
    });
  }

  test('works without scripts, and an event that is not there is a page too', async () => {
    const { context, page } = await visitor(browser, server, { scripts: false });
    await page.goto('/admin/audit');
    await page.locator('form[action="/admin/audit/verify"] button').click();
    await page.waitForURL(/\/admin\/audit/);
    assert.match(await page.locator('section:has(#chain) .badge').innerText(), /whole/i);
    const answer = await page.goto('/admin/audit/999999999');
    assert.equal(answer.status(), 404);
    assert.ok(await page.locator('h1, h2').first().innerText());
    await context.close();
  });
});
