// What people come for, from the first key or click to the end.
//
// Each journey is gone by keyboard alone and by mouse, at three widths, in both
// languages and all looks. A run takes a sample in which each of these is seen;
// PORTWAY_E2E_ALL=1 takes every combination.

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { axe, eventually, excess, launch, visitor } from './support/browser.mjs';
import { forge } from './support/forge.mjs';
import { start } from './support/portway.mjs';

const SERVICE = '/catalog/default/component/payment-service';
const OWNER = '/catalog/default/group/team-payments';
const PAST = { en: /as of/, ko: /기준|시점|당시/ };

let server, browser;

before(async () => {
  [server, browser] = await Promise.all([start({ demo: true }), launch()]);
  await server.until('the demo', () => server.json('/api/catalog/entities/by-query?limit=0'), answer => answer.totalItems >= 80);
  await server.until('the search', async () => (await server.fetch('/search/palette?q=payment-service')).text(), html => html.includes(`href="${SERVICE}"`));
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const LOOKS = { light: { theme: 'light' }, dark: { theme: 'dark' }, 'high contrast': { theme: 'light', contrast: 'more' } };
const SAMPLE = new Set(['keyboard 1280 en light', 'mouse 390 ko dark', 'keyboard 390 en high contrast', 'mouse 768 ko light']);
const ways = ['keyboard', 'mouse'].flatMap(hand =>
  [390, 768, 1280].flatMap(width => ['en', 'ko'].flatMap(lang => Object.keys(LOOKS).map(look => ({ hand, width, lang, look, name: `${hand} ${width} ${lang} ${look}` })))),
);

/** One journey in every way that this run takes. */
function journey(name, go, where = () => server, cookies = {}) {
  describe(name, () => {
    for (const way of ways) {
      if (process.env.PORTWAY_E2E_ALL !== '1' && !SAMPLE.has(way.name)) continue;
      test(way.name, async () => {
        const seen = await visitor(browser, where(), { ...LOOKS[way.look], lang: way.lang, width: way.width, cookies });
        const { context, page, complaints } = seen;
        await go({ ...seen, ...hands(page)[way.hand], ...way, stop: () => stop(page) });
        assert.deepEqual(complaints, []);
        await context.close();
      });
    }
  });
}

/** Where a journey stops to look: nothing too wide, nothing that axe finds. */
async function stop(page) {
  assert.equal(await excess(page), 0, `${page.url()} is wider than the window`);
  assert.deepEqual(await axe(page), [], page.url());
}

/** What somebody does who uses the keyboard alone, or the mouse alone. */
function hands(page) {
  const shown = selector => page.locator(`${selector}:visible`).first();
  const reach = async selector => {
    const target = shown(selector);
    await target.waitFor();
    for (let tab = 0; tab < 250; tab++) {
      if (await target.evaluate(one => one === document.activeElement)) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`${selector} is not reached with Tab on ${page.url()}`);
  };
  // A box that is ticked with a key, or a click.
  const tick = async selector => {
    await reach(selector);
    await page.keyboard.press('Space');
  };
  const finds = async (text, href) => {
    await page.keyboard.type(text);
    await page.locator(`#palette-list [role=option][aria-selected=true][href="${href}"]`).waitFor();
  };
  return {
    keyboard: {
      press: async selector => {
        await reach(selector);
        await page.keyboard.press('Enter');
      },
      tick,
      type: async (selector, text) => {
        await reach(selector);
        await page.keyboard.press('Control+a');
        await page.keyboard.insertText(text);
      },
      choose: async (selector, value) => {
        await reach(selector);
        // The first letters of an option choose it.
        await page.keyboard.type(value);
      },
      find: async (text, href) => {
        await page.keyboard.press('Control+k');
        await page.locator('#palette input').waitFor();
        await finds(text, href);
        await page.keyboard.press('Enter');
      },
      owner: async (text, href) => {
        await page.keyboard.press('Control+k');
        await page.locator('#palette input').waitFor();
        await finds(text, href);
        await page.keyboard.press('Alt+Enter');
      },
    },
    mouse: {
      press: selector => shown(selector).click(),
      tick: selector => shown(selector).check(),
      type: (selector, text) => shown(selector).fill(text),
      choose: (selector, value) => shown(selector).selectOption(value),
      find: async (text, href) => {
        await page.click('.searchbar');
        await finds(text, href);
        await page.click(`#palette-list [href="${href}"]`);
      },
      owner: async (text, href) => {
        await page.click('.searchbar');
        await finds(text, href);
        await page.click(`#palette-list [href="${href}"]`, { modifiers: ['Alt'] });
      },
    },
  };
}

const here = page => new URL(page.url());

journey('whose is the payment service', async ({ page, lang, owner, stop }) => {
  await page.goto('/');
  await owner(lang === 'ko' ? 'ㄱㅈ ㅅㅂㅅ' : 'payment', SERVICE);
  await page.waitForURL(`**${OWNER}`);
  assert.match(await page.textContent('h1'), /결제팀/);
  assert.ok((await page.locator('main a[href^="mailto:"]').count()) > 0, 'how to reach them');
  await stop();
});

journey('what breaks when the payment service does', async ({ page, find, press, stop }) => {
  await page.goto('/catalog');
  await find('payment-service', SERVICE);
  await page.waitForURL(`**${SERVICE}`);
  await press(`main a[href="${SERVICE}/graph"]`);
  await page.waitForURL(`**${SERVICE}/graph`);
  const impact = await server.json('/api/v1/catalog/impact?ref=component:default/payment-service');
  const shown = await page.locator('section[aria-labelledby=impact] table').first().locator('tbody th a').allTextContents();
  assert.ok(shown.includes('주문 서비스'), `${shown}`);
  const count = await page.textContent('section[aria-labelledby=impact] .count');
  assert.ok(JSON.stringify(impact).includes('order-service') && Number(count) >= shown.length);
  await stop();
  await press('section[aria-labelledby=impact] a[href="/catalog/default/component/order-service"]');
  await page.waitForURL('**/catalog/default/component/order-service');
});

journey('an API and who uses it', async ({ page, find, press, stop }) => {
  const api = '/catalog/default/api/payment-api';
  await page.goto('/');
  await find('payment-api', api);
  await page.waitForURL(`**${api}`);
  assert.match(await page.textContent('main'), /openapi/);
  await stop();
  await press(`main a[href="${api}/graph"]`);
  await page.waitForURL(`**${api}/graph`);
  assert.ok((await page.locator(`main a[href="${SERVICE}"]`).count()) > 0, 'who provides it');
});

journey('the runbook of a service, and the page after it', async ({ page, lang, press, stop }) => {
  const docs = '/docs/default/component/payment-service/';
  await page.goto(`${SERVICE}`);
  await press(`main a[href="${SERVICE}/docs"]`);
  await page.waitForURL(`**${SERVICE}/docs`);
  await stop();
  await press('main a[rel=next]');
  await page.waitForURL(`**${docs}runbook/`);
  assert.ok((await page.locator('article h1').count()) === 1 && (await page.locator('article code').count()) > 0);
  await stop();
  await page.goto('/docs');
  assert.match(await page.textContent('h1'), lang === 'ko' ? /문서/ : /Documentation/);
  await eventually('the sites', () => page.reload().then(() => page.locator('main tbody tr').count()), count => count > 3);
  await stop();
  await page.goto(`${docs}?q=${encodeURIComponent('결제')}`);
  assert.ok((await page.locator('article li a mark').count()) > 0, 'what was looked for is marked');
  await stop();
});

journey('two services side by side', async ({ page, tick, press, stop }) => {
  await page.goto('/catalog?kind=component&q=name:payment-service,order-service');
  for (const name of ['payment-service', 'order-service']) await tick(`main input[name=ref][value="component:default/${name}"]`);
  await press('#picked button:not([formaction])');
  await page.waitForURL(url => url.pathname === '/catalog/compare');
  assert.deepEqual(here(page).searchParams.getAll('ref').sort(), ['component:default/order-service', 'component:default/payment-service']);
  const columns = await page.locator('main thead th a[href^="/catalog/default/"]').evaluateAll(all => all.map(one => one.getAttribute('href')).sort());
  assert.deepEqual(columns, ['/catalog/default/component/order-service', SERVICE]);
  await stop();
  const facts = () => page.locator('main tbody th[scope=row]').count();
  const all = await facts();
  await press('main .segments a:not([aria-current])');
  await page.waitForURL(url => url.searchParams.has('only'));
  const differing = await facts();
  assert.ok(differing > 0 && differing < all, `${differing} of ${all} differ`);
  const owners = await page.locator('main tbody a[href*="/group/"]').evaluateAll(found => found.map(one => one.getAttribute('href')));
  assert.ok(owners.includes(OWNER), `the owners differ: ${owners}`);
  await stop();
});

journey('an error, to its line', async ({ page, press, stop }) => {
  await page.goto('/sources');
  const source = await page.locator('main tr:has(a[href$="#problems"])', { hasText: 'broken-second-document' }).locator('a[href$="#problems"]').first().getAttribute('href');
  await press(`main a[href="${source}"]`);
  await page.waitForURL(`**${source}`);
  const problem = page.locator('.problems > li').first();
  const [, file, line, column] = (await problem.locator('.problem-place').textContent()).match(/(\/\S+):(\d+):(\d+)/);
  const text = (await readFile(file, 'utf8')).split('\n')[line - 1];
  assert.equal(text[column - 1], '[', `what is not closed: ${text}`);
  assert.ok((await problem.locator('.problem-note').count()) >= 2, 'what would be accepted, and the fix');
  await stop();
});

journey('the language and the look change, the page stays', async ({ page, lang, look, width, press, stop }) => {
  const address = '/catalog?kind=component&type=service&q=payment';
  await page.goto(address);
  const rows = () => page.locator('main tbody th a').evaluateAll(all => all.map(one => one.getAttribute('href')));
  const before = await rows();
  assert.ok(before.length > 0);
  const other = lang === 'en' ? 'ko' : 'en';
  const menu = 'header details:has(button[name=theme]) > summary';
  if (width < 768) await press(menu);
  await press(`header button[name=lang][value=${other}]`);
  await eventually('the other language', () => page.getAttribute('html', 'lang').catch(() => null), found => found === other);
  assert.equal(here(page).pathname + here(page).search, address);
  assert.deepEqual(await rows(), before);
  const theme = look === 'dark' ? 'light' : 'dark';
  await press(menu);
  await press(`header button[name=theme][value=${theme}]`);
  await eventually('the other look', () => page.getAttribute('html', 'data-theme').catch(() => null), found => found === theme);
  assert.equal(here(page).pathname + here(page).search, address);
  assert.deepEqual(await rows(), before);
  assert.equal(await page.getAttribute('html', 'lang'), other);
  await stop();
});

describe('as of then', () => {
  let then;

  before(async () => {
    // Something changes, so that there is a then.
    const of = async () => (await server.json('/api/catalog/entities/by-name/component/default/payment-service')).metadata;
    await of();
    then = new Date().toISOString();
    const file = path.join(server.home, 'data/demo/acme/services/payment-service/catalog-info.yaml');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace(/^( +)title: .*$/m, '$1title: Renamed since'));
    await server.until('the change', of, ({ title }) => title === 'Renamed since');
  });

  journey('the service before somebody renamed it', async ({ page, lang, find, press, stop }) => {
    await page.goto('/');
    await find('payment-service', SERVICE);
    await page.waitForURL(`**${SERVICE}`);
    assert.match(await page.textContent('h1'), /Renamed since/);
    await press(`main a[href="${SERVICE}/history"]`);
    await page.waitForURL(`**${SERVICE}/history`);
    const oldest = await page.locator(`main a[href^="${SERVICE}?at="]`).last().getAttribute('href');
    await press(`main a[href="${oldest}"]`);
    await page.waitForURL(`**${SERVICE}?at=*`);
    assert.match(await page.textContent('h1'), /결제 서비스/);
    assert.match(await page.textContent('main'), PAST[lang]);
    await stop();
    // Then stays then while one looks around.
    await press(`main a[href^="${SERVICE}/graph?at="]`);
    await page.waitForURL(`**${SERVICE}/graph?at=*`);
    assert.match(await page.textContent('h1'), /결제 서비스/);
    await press(`main .notice a[href="${SERVICE}/graph"]`);
    await page.waitForURL(url => !url.searchParams.has('at'));
    assert.match(await page.textContent('h1'), /Renamed since/);
  });

  journey('the catalog of a moment', async ({ page, lang, stop }) => {
    await page.goto(`/catalog?kind=component&q=payment&at=${then}`);
    assert.match(await page.textContent('main'), PAST[lang]);
    const link = page.locator(`main tbody a[href^="${SERVICE}"]`);
    assert.equal(await link.textContent(), '결제 서비스');
    await stop();
  });

  journey('yesterday, when there was nothing yet', async ({ page, lang, stop }) => {
    const yesterday = new Date(Date.now() - 86_400_000).toISOString();
    await page.goto(`/catalog?at=${yesterday}`);
    assert.match(await page.textContent('main'), PAST[lang]);
    assert.equal(await page.locator('main tbody tr:has(a[href^="/catalog/"])').count(), 0);
    await stop();
  });
});

describe('an API that has changed', () => {
  const api = '/catalog/default/api/payment-api';

  before(async () => {
    // Somebody takes an operation out and asks for one field more.
    const versions = async () => (await server.json('/api/v1/catalog/entities/api/default/payment-api/history')).items;
    const then = (await versions()).length;
    const file = path.join(server.home, 'data/demo/acme/services/payment-service/openapi.yaml');
    const text = await readFile(file, 'utf8');
    const [, target] = text.match(/^ {2}(\/[^\n:]+):\n/m);
    await writeFile(file, text.replace(`  ${target}:\n`, `  ${target}/renamed:\n`));
    await server.until('the change', versions, found => found.length > then);
  });

  journey('which change breaks its users', async ({ page, find, press, stop }) => {
    await page.goto('/');
    await find('payment-api', api);
    await page.waitForURL(`**${api}`);
    await press(`main a[href="${api}/api"]`);
    await page.waitForURL(`**${api}/api`);
    await stop();
    await press(`main .segments a[href*="show=changes"]`);
    await page.waitForURL('**show=changes*');
    const first = page.locator('section[aria-labelledby=changes] tbody tr').first();
    assert.equal(await first.locator('.badge [data-tone=bad], .badge[data-tone=bad]').count() > 0, true, 'the worst stands first');
    const counted = await page.locator('section[aria-labelledby=changes] > p').first().textContent();
    const { breaking } = await server.json('/api/v1/apis/default/payment-api/changes');
    assert.ok(breaking > 0 && counted.includes(String(breaking)), `${breaking}: ${counted}`);
    await stop();
    // From the finding to the line that made it.
    if ((await first.locator('a').count()) > 0) {
      const line = await first.locator('a').first().getAttribute('href');
      await press(`main a[href="${line}"]`);
      await page.waitForURL('**show=definition*');
      await stop();
    }
  });
});

describe('a repository comes into the catalog', () => {
  let host, own;
  const cookies = {};
  const component = name => `apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: ${name}\nspec:\n  type: service\n  lifecycle: production\n  owner: guests\n`;
  const named = (what, name) => `${what}-${name.replace(/\W+/g, '-')}`;

  before(async () => {
    host = await forge();
    const github = [{ host: host.host, baseUrl: host.url, apiBaseUrl: `${host.url}/api/v3`, token: 'stub-token' }];
    own = await start({ config: { integrations: { github } } });
    // The link that the server prints signs in once: all ways go on with that session.
    const link = await own.until('the link', async () => own.output().match(/http:\S+\/sign-in\?code=\S+/)?.[0], Boolean);
    const answer = await fetch(link, { redirect: 'manual' });
    const [, name, value] = answer.headers.getSetCookie().join('\n').match(/^(\S*portway_session)=([^;]+)/m);
    cookies[name] = value;
  });
  after(async () => {
    await own?.stop();
    await host?.stop();
  });
  journey('with the file that it has', async ({ page, name, press, type, stop }) => {
    const shop = named('shop', name);
    await host.repository(`acme/${shop}`, { 'catalog-info.yaml': component(shop) });
    await page.goto('/register');
    await type('main input[name=url]', `${host.url}/acme/${shop}`);
    await press('main form[action="/register"] button[data-look=primary]');
    await page.waitForURL('**/register?url=**');
    await page.locator('main form[action="/register/add"]').waitFor();
    assert.match(await page.textContent('section[aria-labelledby=entities]'), new RegExp(shop));
    await stop();
    await press('main form[action="/register/add"] button');
    await page.waitForURL(`**/catalog/default/component/${shop}`);
    assert.match(await page.textContent('h1'), new RegExp(shop));
    await stop();
  }, () => own, cookies);

  journey('with a pull request that proposes one', async ({ page, name, press, type, stop }) => {
    const bare = named('bare', name);
    await host.repository(`acme/${bare}`, { 'README.md': '# Bare\n\nSells things.\n', Dockerfile: 'FROM scratch\n', 'src/main.go': 'package main\n' });
    await page.goto('/register');
    await type('main input[name=url]', `${host.url}/acme/${bare}`);
    await press('main form[action="/register"] button[data-look=primary]');
    await page.waitForURL('**/register?url=**');
    const text = page.locator('main textarea[name=yaml]');
    await text.waitFor();
    assert.match(await text.inputValue(), new RegExp(`name: ${bare}`));
    await stop();
    // Something is wrong: the answer says what, and the text stays.
    await type('main textarea[name=yaml]', component('Not A Name'));
    await press('main form button[data-look=primary]');
    await page.locator('section[aria-labelledby=flaws]').waitFor();
    assert.match(await text.inputValue(), /Not A Name/);
    await stop();
    await type('main textarea[name=yaml]', component(bare));
    await press('main form button[data-look=primary]');
    await page.locator('section[aria-labelledby=flaws]').waitFor({ state: 'detached' });
    await press('main form button[name=then][value=propose], main form button[data-look=primary]');
    await page.waitForURL('**/register/proposed?**');
    const commit = host.commits.find(made => made.slug === `acme/${bare}`);
    assert.equal(Buffer.from(commit.content, 'base64').toString(), component(bare));
    assert.equal(host.pulls.filter(pull => pull.slug === `acme/${bare}`).length, 1);
    assert.ok((await page.locator(`main a[href^="${host.url}/acme/${bare}/pull/"]`).count()) > 0);
    await stop();
  }, () => own, cookies);
});
