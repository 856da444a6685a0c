// Chromium, with an eye on everything that should not happen.

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

import { chromium } from 'playwright-core';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WCAG_2_2_AA = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export async function launch() {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  if (!existsSync(executablePath)) throw new Error(`${executablePath} does not exist; e2e/run.sh installs it`);
  // In a container there is no other sandbox than the container.
  return chromium.launch({ executablePath, args: process.getuid() === 0 ? ['--no-sandbox'] : [] });
}

/**
 * A visitor with preferences. `complaints` collects console errors, uncaught
 * exceptions, violations of the content security policy, failed requests and
 * requests to anywhere else.
 */
export async function visitor(browser, server, { theme, contrast, lang = 'en', width = 1280, scripts = true, cookies = {} } = {}) {
  const context = await browser.newContext({
    baseURL: server.url,
    viewport: { width, height: 900 },
    javaScriptEnabled: scripts,
    locale: lang === 'ko' ? 'ko-KR' : 'en-GB',
    timezoneId: 'Asia/Seoul',
    reducedMotion: 'reduce',
  });
  const wanted = { portway_lang: lang, ...(theme && { portway_theme: theme }), ...(contrast && { portway_contrast: contrast }), ...cookies };
  await context.addCookies(Object.entries(wanted).map(([name, value]) => ({ name, value, url: server.url })));
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const complaints = [];
  if (scripts) {
    await page.addInitScript(() => {
      addEventListener('securitypolicyviolation', event => console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`));
    });
  }
  page.on('console', message => {
    // An error page is an answer with an error's status; the browser notes that too.
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) complaints.push(`console: ${message.text()}`);
  });
  page.on('pageerror', error => complaints.push(`exception: ${error.message}`));
  page.on('request', request => {
    if (!request.url().startsWith(server.url) && !request.url().startsWith('data:')) complaints.push(`request to ${request.url()}`);
  });
  page.on('response', response => {
    const page_itself = response.request().resourceType() === 'document';
    if (response.status() >= 400 && !page_itself) complaints.push(`${response.status()} for ${response.url()}`);
  });
  return { context, page, complaints };
}

/** Asks again until `wanted` holds: for what no event of the browser tells. */
export async function eventually(what, ask, wanted = Boolean) {
  const deadline = Date.now() + 20_000;
  let last;
  while (Date.now() < deadline) {
    last = await ask();
    if (wanted(last)) return last;
    await pause(25);
  }
  throw new Error(`gave up waiting for ${what}; last seen: ${JSON.stringify(last)?.slice(0, 500)}`);
}

/** How many pixels the page is wider than the window; more than none breaks WCAG 1.4.10. */
export function excess(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** What axe-core finds, one line each. */
export async function axe(page) {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(tags => globalThis.axe.run(document, { runOnly: { type: 'tag', values: tags } }), WCAG_2_2_AA);
  return violations.flatMap(({ id, help, nodes }) => nodes.map(node => `${id}: ${help}: ${node.target.join(' ')} ${node.html.slice(0, 160)}`));
}

/** Addresses of this site that a page links to, without fragments and places in the page itself. */
export async function links(page) {
  // Links in drawings have no text as `href`.
  const found = await page.$$eval('a[href]:not([href^="#"])', all => all.map(link => new URL(link.getAttribute('href'), document.baseURI).href));
  const origin = new URL(page.url()).origin;
  return [...new Set(found.filter(href => href.startsWith(`${origin}/`)).map(href => href.slice(origin.length).split('#')[0]))];
}
