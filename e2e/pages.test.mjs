// Every page in Chromium: accessible, in both languages, in every theme, narrow
// and wide, without scripts, by keyboard, and without complaints.
//
// Pages are found by following links, so that a new page is tested without
// being named here. Screenshots go to e2e/out.

import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { axe, launch, links, visitor } from './support/browser.mjs';
import { root, start } from './support/portway.mjs';

const out = path.join(root, 'e2e/out');
/** One page of each form is looked at. More than these many pages mean that `form` tells too many apart. */
const MOST_PAGES = 90;

/** Below them every name is a page of its own. */
const PARTS = new Set(['admin', 'account', 'settings', 'device']);

let server, browser, pages;

before(async () => {
  await mkdir(out, { recursive: true });
  [server, browser] = await Promise.all([start({ demo: true }), launch()]);
  await server.until('the demo', () => server.json('/api/catalog/entities/by-query?limit=0'), answer => answer.totalItems >= 80);
  pages = await discover();
  console.log(`${pages.length} pages: ${pages.join(' ')}`);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/**
 * The form of an address. Entity pages (`/catalog/<namespace>/<kind>/<name>`)
 * differ by kind, the tabs below them and what is asked of them do not. Of a
 * query only the keys count, and all queries with several keys are alike.
 */
function form(address) {
  const url = new URL(address, server.url);
  const [, first, namespace, kind, name, ...tab] = url.pathname.split('/');
  const keys = [...new Set(url.searchParams.keys())];
  const query = keys.length > 1 ? '?several' : `?${keys.join('')}`;
  if (first === 'catalog' && name) {
    return tab.length > 0 ? `tab ${tab.join('/').replace(/[0-9]+/g, 'n')}${query}` : `entity ${keys.length ? '' : kind}${query}`;
  }
  // What stands below these is a page each, not one of many of a kind.
  if (PARTS.has(first) && namespace) return `/${first}/${namespace}${kind ? '/*' : ''}${query}`;
  return `/${first}${namespace ? '/*' : ''}${query}`;
}

/** Follows links from the front page, a few of each form. */
async function discover() {
  const { context, page } = await visitor(browser, server);
  // Forms lead to some pages and no link does.
  const queue = ['/', '/sign-in', '/there-is-no-such-page', '/search?q=payment', '/search?q=qqqqzzzz', '/packages?name=log4j-core', '/admin/permissions?permission=catalog.entity.read'];
  const forms = new Set(queue.map(form));
  const found = [];
  while (queue.length > 0) {
    const address = queue.shift();
    const answer = await page.goto(address).catch(() => null);
    // Data behind a page (`.json`, `.yaml`) is downloaded or shown as text.
    if (!answer?.headers()['content-type']?.startsWith('text/html')) continue;
    found.push(address);
    for (const link of await links(page)) {
      if (forms.has(form(link))) continue;
      forms.add(form(link));
      queue.push(link);
    }
  }
  await context.close();
  assert.ok(found.length <= MOST_PAGES, `${found.length} pages: ${found.join(' ')}`);
  return found;
}

function none(problems) {
  if (problems.length > 0) assert.fail(`${problems.length} problems:\n${problems.join('\n')}`);
}

const status_of = address => (address === '/there-is-no-such-page' ? 404 : 200);
const file_name = address => address.replace(/^\//, '').replace(/[^\w-]+/g, '_').slice(0, 80) || 'home';

test('the pages that everybody needs are found', () => {
  for (const wanted of [/^\/$/, /^\/catalog$/, /^\/catalog\?.*kind=/, /^\/catalog\/[^/]+\/component\/[^/]+$/, /^\/catalog\/[^/]+\/[^/]+\/[^/]+\/[^/]+/, /^\/sources/, /^\/admin\/audit$/, /^\/admin\/audit\/\w/, /^\/admin\/permissions/, /^\/docs/]) {
    assert.ok(pages.some(address => wanted.test(address)), `${wanted} in ${pages}`);
  }
});

// Every language, theme and width is seen once; PORTWAY_E2E_ALL=1 sees all
// eight together, which takes some minutes.
const all = process.env.PORTWAY_E2E_ALL === '1';
const sampled = new Set(['en light 1280', 'ko dark 390']);

describe('every page', { concurrency: 2 }, () => {
  for (const lang of ['en', 'ko']) {
    for (const theme of ['light', 'dark']) {
      for (const width of [1280, 390]) {
        if (!all && !sampled.has(`${lang} ${theme} ${width}`)) continue;
        test(`in ${lang}, ${theme}, ${width} px wide`, () => inspect({ lang, theme, width }));
      }
    }
  }
});

async function inspect({ lang, theme, width }) {
  const { context, page, complaints } = await visitor(browser, server, { theme, lang, width });
  const problems = [];
  for (const address of pages) {
    const answer = await page.goto(address, { waitUntil: 'load' });
    const note = text => problems.push(`${address}: ${text}`);
    if (answer.status() !== status_of(address)) note(`status ${answer.status()}`);
    if ((await page.getAttribute('html', 'lang')) !== lang) note('wrong language');
    for (const found of await axe(page)) note(found);
    // WCAG 1.4.10: nothing is wider than the window.
    const excess = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (excess > 0) note(`${excess} px wider than the window`);
    for (const complaint of complaints.splice(0)) note(complaint);
    await page.screenshot({ path: path.join(out, `${file_name(address)}-${lang}-${theme}-${width}.png`), fullPage: true });
  }
  await context.close();
  none(problems);
}

test('all pages with more contrast', async () => {
  const { context, page, complaints } = await visitor(browser, server, { theme: 'light', contrast: 'more' });
  const problems = [];
  for (const address of pages) {
    await page.goto(address);
    for (const found of await axe(page)) problems.push(`${address}: ${found}`);
  }
  await context.close();
  none([...problems, ...complaints]);
});

test('no text of one language is left in the other', async () => {
  const { context, page } = await visitor(browser, server, { lang: 'ko' });
  await page.goto('/');
  const korean = await page.textContent('nav');
  assert.match(korean, /[가-힣]/);
  await context.close();
  const english = await visitor(browser, server, { lang: 'en' });
  await english.page.goto('/');
  // The name of the other language stands in its own letters.
  const nav = await english.page.$$eval('nav', all => all.map(one => one.textContent).join(' '));
  assert.doesNotMatch(nav, /[가-힣]/);
  await english.context.close();
});

test('every link leads somewhere', async () => {
  const { context, page } = await visitor(browser, server);
  const targets = new Map();
  for (const address of pages) {
    await page.goto(address);
    for (const link of await links(page)) if (!targets.has(link)) targets.set(link, address);
  }
  await context.close();
  const broken = [];
  for (const [link, from] of targets) {
    const answer = await fetch(server.url + link, { redirect: 'follow' });
    await answer.body?.cancel();
    if (answer.status >= 400) broken.push(`${link} (${answer.status}) on ${from}`);
  }
  none(broken);
});

describe('without scripts', () => {
  test('all pages show their content', async () => {
    const { context, page, complaints } = await visitor(browser, server, { scripts: false });
    const problems = [];
    for (const address of pages) {
      const answer = await page.goto(address);
      if (answer.status() !== status_of(address)) problems.push(`${address}: ${answer.status()}`);
      const text = (await page.textContent('main'))?.trim() ?? '';
      if (text.length < 20) problems.push(`${address}: nothing in <main>`);
      if ((await page.$$('h1')).length !== 1) problems.push(`${address}: not one <h1>`);
    }
    await context.close();
    none([...problems, ...complaints]);
  });

  test('the search finds', async () => {
    const { context, page } = await visitor(browser, server, { scripts: false });
    await page.goto('/');
    const wanted = (await server.json('/api/catalog/entities?filter=kind=component&limit=1'))[0].metadata.name;
    await page.fill('header input[type=search]', wanted);
    await page.press('header input[type=search]', 'Enter');
    assert.match(await page.textContent('main'), new RegExp(wanted));
    await context.close();
  });

  test('the language changes and the page stays', async () => {
    const { context, page } = await visitor(browser, server, { scripts: false, lang: 'en' });
    await page.goto('/catalog?kind=api');
    const before_change = page.url();
    await page.click('button[name=lang][value=ko]:visible');
    assert.equal(await page.getAttribute('html', 'lang'), 'ko');
    assert.equal(page.url(), before_change);
    await context.close();
  });

  test('the browser chooses the language where nobody else has', async () => {
    const context = await browser.newContext({ baseURL: server.url, locale: 'ko-KR' });
    const page = await context.newPage();
    await page.goto('/');
    assert.equal(await page.getAttribute('html', 'lang'), 'ko');
    await context.close();
  });

  test('a guest signs in, is signed in, and signs out', async () => {
    const { context, page } = await visitor(browser, server, { scripts: false });
    const session = async () => (await context.cookies()).find(cookie => cookie.name.endsWith('portway_session'));
    await page.goto('/sign-in?back=%2Fcatalog');
    await page.click('main form button');
    assert.equal(new URL(page.url()).pathname, '/catalog');
    const cookie = await session();
    assert.equal(cookie.httpOnly, true);
    assert.equal(cookie.sameSite, 'Lax');
    await page.click('header details:has(form[action="/sign-out"]) summary');
    await page.click('form[action="/sign-out"] button');
    assert.equal(await session(), undefined);
    await context.close();
  });
});

describe('by keyboard', () => {
  const focused = page => page.evaluate(() => {
    const { tagName, className, id, href } = document.activeElement;
    return { tagName, className, id, href };
  });

  test('the first stop leads past the navigation', async () => {
    const { context, page } = await visitor(browser, server);
    await page.goto('/catalog');
    await page.keyboard.press('Tab');
    assert.match((await focused(page)).href, /#main$/);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.querySelector('main').contains(document.activeElement)), true);
    await context.close();
  });

  test('every stop can be seen and none is a trap', async () => {
    for (const width of [1280, 390]) {
      const { context, page } = await visitor(browser, server, { width });
      for (const address of ['/', '/catalog', '/sign-in']) {
        await page.goto(address);
        const unseen = [];
        const stops = new Set();
        for (let at = 0; at < 200; at++) {
          await page.keyboard.press('Tab');
          const stop = await page.evaluate(() => {
            const element = document.activeElement;
            if (!element || element === document.body) return null;
            const style = getComputedStyle(element);
            const box = element.getBoundingClientRect();
            const ring = element.matches(':focus-visible') && (style.outlineStyle !== 'none' || style.boxShadow !== 'none');
            // A field may show its focus on the frame around it.
            const framed = element.closest(':focus-within') && getComputedStyle(element.parentElement).outlineStyle !== 'none';
            element.dataset.stop ??= String(Math.random());
            return { key: element.dataset.stop, html: element.outerHTML.slice(0, 120), seen: Boolean(ring || framed) && box.width > 0 && box.height > 0 };
          });
          if (!stop || stops.has(stop.key)) break;
          stops.add(stop.key);
          if (!stop.seen) unseen.push(stop.html);
        }
        assert.ok(stops.size > 2, `${address}: ${stops.size} stops`);
        assert.deepEqual(unseen, [], `${address} at ${width} px`);
      }
      await context.close();
    }
  });

  test('a slash goes to the search, and an entity opens with Enter', async () => {
    const { context, page } = await visitor(browser, server);
    await page.goto('/catalog');
    await page.keyboard.press('/');
    assert.equal((await focused(page)).tagName, 'INPUT');
    await page.keyboard.press('Escape');
    const first = page.locator('main table tbody a, main .list a').first();
    const href = await first.getAttribute('href');
    await first.focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(`**${href}`);
    await context.close();
  });
});

test('the link that the server prints signs in once', async () => {
  // Nothing is configured but a token: nobody is a guest here.
  const alone = await start();
  const link = await alone.until('the link', async () => alone.output().match(/http:\S+\/sign-in\?code=\S+/)?.[0], Boolean);
  for (const works of [true, false]) {
    const { context, page } = await visitor(browser, alone);
    await page.goto('/catalog');
    assert.equal(new URL(page.url()).pathname, '/sign-in');
    await page.goto(link);
    assert.equal(new URL(page.url()).pathname, works ? '/' : '/sign-in');
    assert.equal((await context.cookies()).some(cookie => cookie.name === 'portway_session'), works);
    await context.close();
  }
  await alone.stop();
});

test('pages forbid what they do not need', async () => {
  for (const address of pages) {
    const answer = await fetch(server.url + address);
    await answer.body?.cancel();
    const policy = answer.headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'none'/, address);
    assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval|\*/, address);
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff', address);
    assert.match(policy, /frame-ancestors 'none'/, address);
  }
});

test('another site cannot make a signed-in browser change anything', async () => {
  const { context, page } = await visitor(browser, server);
  await page.goto('/sign-in');
  await page.click('main form button');
  const cookies = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
  const target = '/api/catalog/locations';
  for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }, {}]) {
    const answer = await fetch(server.url + target, {
      method: 'POST',
      headers: { cookie: cookies, 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ type: 'url', target: 'https://evil.example/x.yaml' }),
    });
    assert.equal(answer.status, 403, JSON.stringify(headers));
  }
  await context.close();
});
