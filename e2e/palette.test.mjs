// The command palette in Chromium: its script and the search's rows together.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { axe, eventually, excess, launch, visitor } from './support/browser.mjs';
import { start } from './support/portway.mjs';

const SERVICE = '/catalog/default/component/payment-service';
const OWNER = '/catalog/default/group/team-payments';

let server, browser;

before(async () => {
  [server, browser] = await Promise.all([start({ demo: true }), launch()]);
  await server.until('the demo', () => server.json('/api/catalog/entities/by-query?limit=0'), answer => answer.totalItems >= 80);
  await server.until('the search', () => rowsOf('payment-service'), html => html.includes(`href="${SERVICE}"`));
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const rowsOf = async text => (await server.fetch(`/search/palette?q=${encodeURIComponent(text)}`)).text();

/** A visitor at `address`, and what is needed of the palette. */
async function reader(options = {}, address = '/catalog') {
  const seen = await visitor(browser, server, options);
  const { page } = seen;
  await page.goto(address);
  const box = page.locator('#palette input');
  const row = href => page.locator(`#palette-list [role=option][href="${href}"]`).first();
  /** The chosen row: its address, and whether the box names it. */
  const chosen = () =>
    page.evaluate(() => {
      const all = document.querySelectorAll('#palette-list [aria-selected=true]');
      const named = document.querySelector('#palette input').getAttribute('aria-activedescendant');
      return all.length === 1 && all[0].id === named ? all[0].getAttribute('href') : null;
    });
  return {
    ...seen,
    box,
    row,
    chosen,
    options: () => page.$$eval('#palette-list [role=option]:not([aria-disabled])', all => all.map(one => one.getAttribute('href'))),
    isOpen: () => page.evaluate(() => document.getElementById('palette').open),
    status: () => page.textContent('#palette-status'),
    is: href => eventually(`${href} to be chosen`, chosen, found => found === href),
    async open() {
      await page.keyboard.press('Control+k');
      await box.waitFor();
      await eventually('what is shown first', () => page.textContent('#palette-status'));
    },
    /** Types, and waits until this text is answered. */
    async ask(text) {
      const answered = page.waitForResponse(answer => asks(answer.url()) === text);
      await box.fill(text);
      await (await answered).finished();
    },
  };
}

/** What a request to the palette looks for. */
function asks(url) {
  const { pathname, searchParams } = new URL(url);
  return pathname === '/search/palette' ? searchParams.get('q') : undefined;
}

describe('opens and closes', () => {
  for (const keys of ['Control+k', 'Meta+k']) {
    test(`${keys}; Escape gives the focus back`, async () => {
      const { context, page, box, isOpen, complaints } = await reader();
      const link = page.locator('main table tbody a').first();
      await link.focus();
      const before = await link.getAttribute('href');
      await page.keyboard.press(keys);
      await box.waitFor();
      assert.equal(await box.evaluate(one => one === document.activeElement), true);
      await page.keyboard.press('Escape');
      assert.equal(await isOpen(), false);
      assert.equal(await page.evaluate(() => document.activeElement.getAttribute('href')), before);
      await page.keyboard.press(keys);
      await page.keyboard.press(keys);
      assert.equal(await isOpen(), false, 'the same keys close it');
      assert.deepEqual(complaints, []);
      await context.close();
    });
  }

  test('by a click on the search box, a click beside it closes', async () => {
    const { context, page, box, isOpen } = await reader();
    await page.click('.searchbar');
    await box.waitFor();
    await page.mouse.click(8, 880);
    assert.equal(await isOpen(), false);
    await context.close();
  });

  test('by typing into the search box, which loses no letter', async () => {
    const { context, page, box, is } = await reader();
    await page.focus('.searchbar input');
    assert.equal(await page.evaluate(() => document.getElementById('palette').open), false, 'coming by does not open it');
    await page.keyboard.type('payment');
    await is(SERVICE);
    assert.equal(await box.inputValue(), 'payment');
    await context.close();
  });

  test('a Korean syllable is put together before it moves', async () => {
    const { context, page, box, is, isOpen } = await reader({ lang: 'ko' });
    await page.focus('.searchbar input');
    const keyboard = await context.newCDPSession(page);
    await keyboard.send('Input.imeSetComposition', { text: '결', selectionStart: 1, selectionEnd: 1 });
    assert.equal(await isOpen(), false, 'the box keeps what is not finished');
    await keyboard.send('Input.insertText', { text: '결제' });
    await is(SERVICE);
    assert.equal(await box.inputValue(), '결제');
    await context.close();
  });
});

describe('finds the service and says whose it is', () => {
  const words = { name: 'payment', Korean: '결제', 'initial consonants': 'ㄱㅈ ㅅㅂㅅ', 'a typing error': 'paymnt', 'the other keyboard layout': 'rufwp' };
  for (const [how, text] of Object.entries(words)) {
    for (const lang of ['en', 'ko']) {
      test(`${how} (${text}) in ${lang}`, async () => {
        const { context, open, ask, is, row, status, options, complaints } = await reader({ lang });
        await open();
        await ask(text);
        await is(SERVICE);
        assert.match(await row(SERVICE).locator('.palette-note').textContent(), /결제팀/);
        const count = (await options()).length;
        assert.match(await status(), lang === 'en' ? new RegExp(`^${count} results?, \\d+ ms$`) : new RegExp(`^결과 ${count}개, \\d+ms$`));
        assert.deepEqual(complaints, []);
        await context.close();
      });
    }
  }

  test('the chosen row is shown in full beside the list', async () => {
    const { context, page, open, ask, is } = await reader();
    await open();
    await ask('payment-service');
    await is(SERVICE);
    assert.match(await page.textContent('.palette-view'), /Authorises and refunds[\s\S]*결제팀/);
    await context.close();
  });
});

describe('keys', () => {
  test('arrows go round, Home and End go to the ends', async () => {
    const { context, page, open, ask, is, options } = await reader();
    await open();
    await ask('payment');
    await is(SERVICE);
    const all = await options();
    assert.ok(all.length > 3);
    for (const [key, at] of [['ArrowDown', 1], ['ArrowDown', 2], ['ArrowUp', 1], ['ArrowUp', 0], ['ArrowUp', -1], ['ArrowDown', 0], ['End', -1], ['Home', 0]]) {
      await page.keyboard.press(key);
      await is(all.at(at));
    }
    await page.keyboard.press('End');
    const seen = await page.locator('#palette-list [aria-selected=true]').evaluate(one => {
      const [row, list] = [one.getBoundingClientRect(), document.getElementById('palette-list').getBoundingClientRect()];
      return row.top >= list.top - 1 && row.bottom <= list.bottom + 1;
    });
    assert.equal(seen, true, 'the list scrolls with the choice');
    await context.close();
  });

  test('Enter opens, and it is among the recent things then, with its owner', async () => {
    const { context, page, open, ask, is, options } = await reader();
    await open();
    await ask('payment');
    await is(SERVICE);
    await page.keyboard.press('Enter');
    await page.waitForURL(`**${SERVICE}`);
    await open();
    await is(SERVICE);
    assert.equal((await options())[0], SERVICE);
    assert.equal(await page.textContent('#palette-recent'), 'Recent');
    await page.keyboard.press('Alt+Enter');
    await page.waitForURL(`**${OWNER}`);
    await context.close();
  });

  test('Alt and Enter open the owner', async () => {
    const { context, page, open, ask, is } = await reader();
    await open();
    await ask('payment-service');
    await is(SERVICE);
    await page.keyboard.press('Alt+Enter');
    await page.waitForURL(`**${OWNER}`);
    await context.close();
  });

  test('Tab completes the name', async () => {
    const { context, page, box, open, ask, is } = await reader();
    await open();
    await ask('결제');
    await is(SERVICE);
    await page.keyboard.press('Tab');
    assert.equal(await box.inputValue(), 'payment-service');
    await context.close();
  });

  test('Enter before the answer opens what was typed, not what was shown', async () => {
    const { context, page, box, open } = await reader();
    await open();
    let release;
    const held = new Promise(resolve => (release = resolve));
    await page.route('**/search/palette?q=payment-service', async route => {
      await held;
      await route.continue();
    });
    const asked = page.waitForRequest(request => asks(request.url()) === 'payment-service');
    await box.fill('payment-service');
    await asked;
    await page.keyboard.press('Enter');
    release();
    await page.waitForURL(`**${SERVICE}`);
    await context.close();
  });

  test('a late answer to an older question is not shown', async () => {
    const { context, page, box, open, ask, is } = await reader();
    await open();
    let release;
    const held = new Promise(resolve => (release = resolve));
    const late = page.waitForRequest(request => asks(request.url()) === 'inventory');
    await page.route('**/search/palette?q=inventory', async route => {
      await held;
      await route.continue().catch(() => {});
    });
    await box.fill('inventory');
    await late;
    await ask('payment-service');
    await is(SERVICE);
    release();
    await ask('payment-servic');
    await is(SERVICE);
    await context.close();
  });
});

describe('the first character says what is meant', () => {
  test('> offers what can be done', async () => {
    const { context, page, open, ask, is } = await reader();
    await open();
    await ask('>payment-service');
    await is(`${SERVICE}/relations`);
    await page.keyboard.press('Enter');
    await page.waitForURL(`**${SERVICE}/relations`);
    await context.close();
  });

  test('@ finds people and teams only', async () => {
    const { context, open, ask, is, options } = await reader();
    await open();
    await ask('@결제');
    await is(OWNER);
    for (const href of await options()) assert.match(href, /\/(group|user)\//);
    await context.close();
  });

  test('# finds by tag', async () => {
    const { context, open, ask, row, options } = await reader();
    await open();
    await ask('#java payment');
    await row(SERVICE).waitFor();
    const tagged = await server.json('/api/catalog/entities?filter=metadata.tags=java&fields=metadata.name');
    for (const href of await options()) assert.ok(tagged.some(({ metadata }) => href.endsWith(`/${metadata.name}`)), href);
    await context.close();
  });

  test('? says what can be typed, and Enter types it', async () => {
    const { context, page, box, open, ask } = await reader();
    await open();
    await ask('?');
    const prefixes = await eventually('the list', () => page.$$eval('#palette-list [data-fills]', all => all.map(one => one.dataset.complete)), all => all.length > 0);
    assert.deepEqual(prefixes, ['>', '@', '#', '?']);
    await page.keyboard.press('ArrowDown');
    const answered = page.waitForResponse(answer => asks(answer.url()) === '@');
    await page.keyboard.press('Enter');
    await answered;
    assert.equal(await box.inputValue(), '@');
    assert.equal(new URL(page.url()).pathname, '/catalog');
    await context.close();
  });

  test('what the foot of the palette promises is answered', async () => {
    const { context, page, open } = await reader();
    await open();
    const keys = await page.$$eval('.palette-foot kbd', all => all.map(one => one.textContent).filter(text => /^[^\w\s]$/.test(text) && text !== '↵'));
    const html = await rowsOf('?');
    for (const key of keys) assert.ok(html.includes(`data-complete="${{ '>': '&#62;' }[key] ?? key}"`), key);
    assert.ok(keys.length >= 3, keys.join(' '));
    await context.close();
  });
});

describe('when there is nothing', () => {
  test('nothing fits, and that is said', async () => {
    const { context, page, open, ask, status, options } = await reader();
    await open();
    await ask('qqqqzzzzxxxx');
    await page.locator('#palette-none').waitFor();
    assert.match(await page.textContent('#palette-none'), /qqqqzzzzxxxx/);
    assert.match(await status(), /^0 results/);
    assert.deepEqual(await options(), []);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/search?q=qqqqzzzzxxxx');
    await context.close();
  });

  for (const lang of ['en', 'ko']) {
    test(`a network that fails says so in ${lang}, and Enter still searches`, async () => {
      const { context, page, box, open, status } = await reader({ lang });
      await open();
      await page.route('**/search/palette?*', route => route.abort());
      await box.fill('payment');
      await eventually('the failure', status, text => (lang === 'en' ? /does not answer/ : /답하지 않아요/).test(text));
      await page.keyboard.press('Enter');
      await page.waitForURL('**/search?q=payment');
      assert.match(await page.textContent('main'), /결제 서비스/);
      await context.close();
    });
  }

  test('an error of the server says so too, and the next answer is shown again', async () => {
    const { context, page, box, open, ask, is, status } = await reader();
    await open();
    await page.route('**/search/palette?q=payment', route => route.fulfill({ status: 503, body: 'busy' }));
    await box.fill('payment');
    await eventually('the failure', status, text => /does not answer/.test(text));
    await ask('payment-service');
    await is(SERVICE);
    await context.close();
  });

  test('without scripts the box leads to the page of results', async () => {
    for (const lang of ['en', 'ko']) {
      const { context, page } = await reader({ lang, scripts: false }, '/');
      await page.fill('header input[type=search]', '결제');
      await page.press('header input[type=search]', 'Enter');
      const { pathname, searchParams } = new URL(page.url());
      assert.deepEqual([pathname, searchParams.get('q')], ['/search', '결제']);
      const row = page.locator('main tr', { has: page.locator(`a[href="${SERVICE}"]`) });
      assert.match(await row.textContent(), /결제팀/, 'the owner');
      await row.locator(`a[href="${OWNER}"]`).click();
      assert.equal(new URL(page.url()).pathname, OWNER);
      await context.close();
    }
  });
});

describe('by mouse', () => {
  test('what is pointed at is chosen, a click opens it', async () => {
    const { context, page, open, ask, is, row } = await reader();
    await open();
    await ask('payment');
    await is(SERVICE);
    const other = '/catalog/default/api/payment-api';
    await row(other).hover();
    await is(other);
    await row(other).click();
    await page.waitForURL(`**${other}`);
    await context.close();
  });
});

for (const look of [
  { lang: 'en', theme: 'light', width: 1280 },
  { lang: 'ko', theme: 'dark', width: 390 },
  { lang: 'en', theme: 'dark', width: 768, contrast: 'more' },
]) {
  test(`open it is accessible and fits: ${Object.values(look).join(' ')}`, async () => {
    const { context, page, open, ask, is, complaints } = await reader(look);
    await open();
    for (const text of ['', 'payment', 'qqqqzzzz']) {
      if (text) await ask(text);
      if (text === 'payment') await is(SERVICE);
      if (text === 'qqqqzzzz') await page.locator('#palette-none').waitFor();
      assert.deepEqual(await axe(page), [], text);
      assert.equal(await excess(page), 0, text);
      const inside = await page.evaluate(() => {
        const { left, right } = document.getElementById('palette').getBoundingClientRect();
        return left >= 0 && right <= innerWidth;
      });
      assert.equal(inside, true);
    }
    assert.deepEqual(complaints, []);
    await context.close();
  });
}
