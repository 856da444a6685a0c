// Forms, lists, dialogs, drafts and shortcuts in Chromium, against the gallery
// of components: what is proved here holds on every page that takes them.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { axe, eventually, excess, launch, visitor } from './support/browser.mjs';
import { gallery } from './support/portway.mjs';

const FORM = '/design/form';

let server, browser;

before(async () => {
  [server, browser] = await Promise.all([gallery(), launch()]);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

async function at(address, options) {
  const seen = await visitor(browser, server, options);
  await seen.page.goto(address);
  return seen;
}

const items = page => page.locator('#wizard-form-w-tags .form-item input:not([type=hidden])');
const values = page => items(page).evaluateAll(all => all.map(one => one.value));
const sends = '#wizard-form .form-foot button[data-look=primary]';

describe('what was typed', () => {
  test('survives a session that has ended', async () => {
    const { context, page, complaints } = await at(FORM);
    await page.fill('#wizard-form-w-port', '8081');
    await page.fill('#wizard-form-w-about', '두 줄\nwritten with care');
    await page.click('#wizard-form-w-tags button[value^="add:"]');
    await eventually('the item', () => items(page).count(), count => count === 1);
    await items(page).first().fill('commerce');
    // The gallery answers here as a server does that knows nobody any more.
    await page.evaluate(() => (document.getElementById('wizard-form').action += '?expired=1'));
    await page.click(sends);
    await page.waitForURL('**/sign-in?back=*');
    await page.goto(FORM);
    await eventually('the draft', () => page.inputValue('#wizard-form-w-port'), found => found === '8081');
    assert.equal(await page.inputValue('#wizard-form-w-about'), '두 줄\nwritten with care');
    await eventually('lists too', () => values(page), found => found.join() === 'commerce');
    assert.match(await page.textContent('#wizard-form [role=status]'), /What you typed is back/);
    assert.deepEqual(await axe(page), []);
    await page.click('#wizard-form [role=status] button');
    assert.equal(await page.inputValue('#wizard-form-w-about'), '', 'discarded');
    await page.reload();
    assert.equal(await page.inputValue('#wizard-form-w-about'), '');
    assert.deepEqual(complaints, []);
    await context.close();
  });

  test('survives a reload, and is gone once it has arrived', async () => {
    const { context, page } = await at(FORM);
    await page.fill('#wizard-form-w-port', '8082');
    await page.reload();
    assert.equal(await page.inputValue('#wizard-form-w-port'), '8082');
    await page.click(sends);
    await page.waitForURL(`${server.url}/`);
    await page.locator('#toast').waitFor();
    await page.goto(FORM);
    assert.equal(await page.inputValue('#wizard-form-w-port'), '');
    await context.close();
  });

  test('comes back from the server with what is wrong, in one place', async () => {
    for (const scripts of [true, false]) {
      const { context, page } = await at(FORM, { scripts });
      await page.fill('#wizard-form-w-port', '80');
      await page.fill('#wizard-form-w-about', 'kept');
      await page.click(sends);
      await page.locator('[role=alert]').waitFor();
      assert.deepEqual([await page.inputValue('#wizard-form-w-port'), await page.inputValue('#wizard-form-w-about')], ['80', 'kept']);
      assert.equal(await page.getAttribute('#wizard-form-w-port', 'aria-invalid'), 'true');
      assert.equal(await page.locator('#draft-notice ~ .notice').count(), 0);
      await page.click('[role=alert] a[href="#wizard-form-w-port"]');
      assert.equal(new URL(page.url()).hash, '#wizard-form-w-port');
      await context.close();
    }
  });
});

describe('a form is sent', () => {
  test('once, however often its button is pressed', async () => {
    const { context, page } = await at(FORM);
    const sent = [];
    let release;
    const held = new Promise(resolve => (release = resolve));
    await page.route(`**${FORM}`, async route => {
      if (route.request().method() === 'POST') {
        sent.push(route.request().postData());
        await held;
      }
      await route.continue();
    });
    await page.fill('#wizard-form-w-port', '8083');
    await page.evaluate(selector => {
      const button = document.querySelector(selector);
      button.click();
      button.click();
      document.getElementById('wizard-form').requestSubmit();
    }, sends);
    await eventually('the answers', () => sent.length, count => count > 0);
    release();
    await page.waitForURL(`${server.url}/`);
    assert.equal(sent.length, 1);
    assert.match(sent[0], /w-port=8083/);
    await context.close();
  });

  test('by Control and Enter from any of its fields', async () => {
    const { context, page } = await at(FORM);
    await page.fill('#wizard-form-w-port', '8084');
    await page.focus('#wizard-form-w-about');
    await page.keyboard.press('Control+Enter');
    await page.waitForURL(`${server.url}/`);
    await context.close();
  });

  test('by Enter in a field, not by the first button in sight', async () => {
    const { context, page } = await at(FORM);
    await page.fill('#wizard-form-w-port', '8085');
    await page.press('#wizard-form-w-port', 'Enter');
    await page.waitForURL(`${server.url}/`);
    await context.close();
  });
});

describe('a list grows and shrinks', () => {
  for (const scripts of [true, false]) {
    test(scripts ? 'without a reload' : 'without scripts', async () => {
      const { context, page, complaints } = await at(FORM, { scripts });
      if (scripts) await page.evaluate(() => (globalThis.stayed = true));
      const has = (...wanted) => eventually(`the items ${wanted}`, () => values(page), found => found.join() === wanted.join());
      await page.fill('#wizard-form-w-about', 'not lost');
      for (const [count, text] of [[1, 'one'], [2, 'two'], [3, 'three']]) {
        await page.click('#wizard-form-w-tags button[value^="add:"]');
        await eventually('the item', () => items(page).count(), found => found === count);
        if (scripts) assert.equal(await items(page).last().evaluate(one => one === document.activeElement), true, 'the new item has the focus');
        await items(page).last().fill(text);
      }
      await page.locator('#wizard-form-w-tags button[value^="up:"]').last().click();
      await has('one', 'three', 'two');
      await page.locator('#wizard-form-w-tags button[value^="remove:"]').first().click();
      await has('three', 'two');
      assert.equal(await page.inputValue('#wizard-form-w-about'), 'not lost');
      if (scripts) {
        assert.equal(await page.evaluate(() => globalThis.stayed), true);
        assert.equal(await page.evaluate(() => document.activeElement.closest('#wizard-form-w-tags') !== null), true, 'the focus stays in the list');
        // axe is a script itself.
        assert.deepEqual(await axe(page), []);
      }
      assert.deepEqual(complaints, []);
      await context.close();
    });
  }

  test('by keyboard alone', async () => {
    const { context, page } = await at(FORM);
    await page.focus('#wizard-form-w-tags button[value^="add:"]');
    await page.keyboard.press('Enter');
    await eventually('the focus', () => items(page).first().evaluate(one => one === document.activeElement).catch(() => false));
    await page.keyboard.type('typed');
    assert.deepEqual(await values(page), ['typed']);
    await context.close();
  });
});

describe('a dialog', () => {
  for (const scripts of [true, false]) {
    test(`asks ${scripts ? 'with' : 'without'} scripts, Escape leaves everything as it was`, async () => {
      const { context, page } = await at('/design', { scripts });
      const opener = page.locator('button[popovertarget="dialog-danger"]').first();
      const dialog = page.locator('#dialog-danger');
      assert.equal(await dialog.isVisible(), false);
      await opener.focus();
      await page.keyboard.press('Enter');
      await dialog.waitFor();
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'hidden' });
      assert.equal(await opener.evaluate(one => one === document.activeElement), true);
      await opener.click();
      await dialog.locator('input[name=confirm]').fill('order-service');
      await dialog.locator('.dialog-foot button[popovertargetaction=hide]').click();
      await dialog.waitFor({ state: 'hidden' });
      assert.equal(new URL(page.url()).pathname, '/design');
      await context.close();
    });
  }

  test('is accessible and fits where there is little room', async () => {
    for (const look of [{ width: 390, theme: 'dark', lang: 'ko' }, { width: 1280, theme: 'light', lang: 'en' }]) {
      const { context, page } = await at('/design', look);
      await page.locator('button[popovertarget="dialog-danger"]').first().click();
      await page.locator('#dialog-danger').waitFor();
      assert.deepEqual(await axe(page), []);
      assert.equal(await excess(page), 0);
      await context.close();
    }
  });
});

test('offline is said, and online again it is not', async () => {
  const { context, page } = await at(FORM);
  const notice = page.locator('#offline');
  assert.equal(await notice.isVisible(), false);
  await context.setOffline(true);
  await notice.waitFor();
  assert.match(await notice.textContent(), /You are offline/);
  await page.fill('#wizard-form-w-about', 'typed meanwhile');
  await context.setOffline(false);
  await notice.waitFor({ state: 'hidden' });
  await page.reload();
  assert.equal(await page.inputValue('#wizard-form-w-about'), 'typed meanwhile');
  await context.close();
});

describe('single keys', () => {
  test('? shows the shortcuts, and every one that it names works', async () => {
    const { context, page } = await at('/design');
    await page.keyboard.press('?');
    const help = page.locator('#keys');
    await help.waitFor();
    assert.deepEqual(await axe(page), []);
    const groups = await help.locator('dt').evaluateAll(all => all.map(one => [...one.querySelectorAll('kbd')].map(key => key.textContent)).filter(keys => keys[0] === 'g'));
    assert.ok(groups.length >= 3, JSON.stringify(groups));
    await page.keyboard.press('Escape');
    await help.waitFor({ state: 'hidden' });
    for (const [first, second] of groups) {
      await page.goto(FORM);
      const target = await page.getAttribute(`[data-go="${second}"]`, 'href');
      await page.keyboard.press(first);
      await page.keyboard.press(second);
      await page.waitForURL(`${server.url}${target}`);
    }
    await context.close();
  });

  test('never fire inside fields, nor with another key held down', async () => {
    const { context, page } = await at(FORM);
    const typed = 'gh gc ? / jk gg h';
    for (const field of ['#wizard-form-w-about', '#wizard-form-w-port']) {
      await page.focus(field);
      await page.keyboard.type(typed);
      assert.equal(await page.inputValue(field), typed);
    }
    await page.keyboard.press('Control+k');
    await page.locator('#palette input').waitFor();
    await page.keyboard.type('gh?');
    assert.equal(await page.inputValue('#palette input'), 'gh?');
    await page.keyboard.press('Escape');
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press('g');
    await page.keyboard.press('Shift+C');
    await page.keyboard.press('Alt+h');
    assert.equal(new URL(page.url()).pathname, FORM);
    assert.equal(await page.locator('#keys').isVisible(), false);
    await context.close();
  });

  test('do nothing once they are switched off', async () => {
    const { context, page } = await at(FORM);
    await page.click('header details:has(button[name=keys]):visible > summary');
    await page.click('button[name=keys]:visible');
    await page.waitForURL(`**${FORM}`);
    await eventually('the switch', () => page.getAttribute('html', 'data-keys'), value => value === 'off');
    await page.keyboard.press('?');
    await page.keyboard.press('g');
    await page.keyboard.press('h');
    assert.equal(await page.locator('#keys').isVisible(), false);
    assert.equal(new URL(page.url()).pathname, FORM);
    await page.keyboard.press('Control+k');
    await page.locator('#palette input').waitFor();
    await context.close();
  });
});
