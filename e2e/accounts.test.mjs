// Local accounts, passkeys, sessions and the login of the command line: a real
// browser with a virtual authenticator, and the real program.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { axe, eventually, excess, launch, visitor } from './support/browser.mjs';
import { program, start } from './support/portway.mjs';

const PASSWORD = 'quietly borrowed lanterns hum';

let server, browser, site;

before(async () => {
  const config = { auth: { providers: { local: {} } } };
  [server, browser] = await Promise.all([start({ config }), launch()]);
  // Browsers make passkeys for names, not for addresses.
  site = { ...server, url: server.url.replace('127.0.0.1', 'localhost') };
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

async function action(name, input) {
  return server.json(`/api/v1/actions/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(input),
  });
}

/** Makes an account and sets its password through the page of its link. */
async function enter(name, options = {}) {
  const made = await action('account:create', { name, displayName: 'Kim Jiwoo', ...options.account });
  const link = made.link.replace('127.0.0.1', 'localhost');
  const seen = await visitor(browser, site, options);
  await seen.page.goto(link);
  assert.deepEqual(await axe(seen.page), []);
  await seen.page.fill('#password', PASSWORD);
  await seen.page.click('main form button');
  await seen.page.waitForURL('**/settings/security');
  return { ...seen, link };
}

/** A device that makes passkeys and says that it has seen its owner. */
async function authenticator(context, page) {
  const session = await context.newCDPSession(page);
  await session.send('WebAuthn.enable');
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return { session, authenticatorId };
}

async function signOut(page) {
  await page.goto('/settings');
  await page.click('aside form[action="/sign-out"] button');
  await page.waitForURL('**/sign-in');
}

/** Runs the command line. */
function run(args, { data }) {
  const env = { PATH: process.env.PATH, HOME: data, LANG: 'C.UTF-8' };
  const child = spawn(program, [...args, '--server', server.url, '--data', data], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { out: '', err: '' };
  child.stdout.on('data', chunk => (said.out += chunk));
  child.stderr.on('data', chunk => (said.err += chunk));
  const ended = new Promise(resolve => child.once('close', code => resolve({ code, ...said })));
  return { said, ended, child };
}

describe('a local account', () => {
  test('is entered by its link once, then by its password, in both languages', async () => {
    const { context, page, complaints, link } = await enter('kim');
    assert.deepEqual(await axe(page), []);
    assert.ok((await excess(page)) <= 0);
    await signOut(page);
    await page.goto(link);
    assert.match(await page.textContent('[role=alert]'), /used/);
    await page.goto('/sign-in/local?back=/settings/sessions');
    await page.fill('#name', 'kim');
    await page.fill('#password', 'something else altogether');
    await page.click('form[action="/sign-in/local"] button');
    assert.match(await page.textContent('[role=alert]'), /do not belong together/);
    assert.ok(!(await page.content()).includes('something else altogether'), 'no password is written back');
    assert.equal(await page.inputValue('#name'), 'kim');
    await page.fill('#password', PASSWORD);
    await page.click('form[action="/sign-in/local"] button');
    await page.waitForURL('**/settings/sessions');
    assert.match(await page.textContent('tbody'), /this one/);
    assert.deepEqual(await axe(page), []);
    assert.deepEqual(complaints, []);
    await context.close();

    const korean = await visitor(browser, site, { lang: 'ko', theme: 'dark', width: 390 });
    await korean.page.goto('/sign-in/local');
    assert.match(await korean.page.textContent('h1'), /로그인/);
    assert.deepEqual(await axe(korean.page), []);
    assert.ok((await excess(korean.page)) <= 0);
    await korean.context.close();
  });

  test('works without script', async () => {
    const { context } = await enter('plain');
    await context.close();
    const still = await visitor(browser, site, { scripts: false });
    await still.page.goto('/sign-in/local');
    await still.page.fill('#name', 'plain');
    await still.page.fill('#password', PASSWORD);
    await still.page.click('form[action="/sign-in/local"] button');
    await still.page.goto('/settings/security');
    assert.match(await still.page.textContent('main'), /Recovery codes/);
    await still.context.close();
  });

  test('signs in with a passkey of a virtual authenticator', async () => {
    const { context, page, complaints } = await enter('lee');
    const device = await authenticator(context, page);
    await page.fill('#passkey-name', 'laptop');
    await page.click('form[data-passkey=create] button');
    await page.waitForSelector('tbody >> text=laptop');
    const { credentials } = await device.session.send('WebAuthn.getCredentials', { authenticatorId: device.authenticatorId });
    assert.equal(credentials.length, 1);
    assert.ok(credentials[0].isResidentCredential);
    assert.equal(credentials[0].rpId, 'localhost');

    await signOut(page);
    await page.goto('/sign-in/local?back=/settings/security');
    await page.click('form[data-passkey=get] button');
    // The address of the form holds the other one too.
    await page.waitForURL(url => url.pathname === '/settings/security');
    const listed = await page.evaluate(async () => (await fetch('/settings/sessions.json')).json());
    assert.equal(listed.items.find(one => one.current).method, 'passkey');
    assert.deepEqual(await axe(page), []);
    assert.deepEqual(complaints, []);

    // A device that has not seen its owner is not enough.
    await signOut(page);
    await device.session.send('WebAuthn.setUserVerified', { authenticatorId: device.authenticatorId, isUserVerified: false });
    await page.goto('/sign-in/local');
    await page.click('form[data-passkey=get] button');
    await eventually('the refusal', () => page.textContent('form[data-passkey=get] [data-passkey-error]'));
    assert.match(page.url(), /sign-in\/local/);

    // A passkey that its owner removed signs nobody in.
    await page.fill('#name', 'lee');
    await page.fill('#password', PASSWORD);
    await page.click('form[action="/sign-in/local"] button');
    await page.goto('/settings/security');
    await page.click('form[action="/settings/security/passkeys/remove"] button');
    await page.waitForSelector('text=No passkeys');
    await signOut(page);
    await device.session.send('WebAuthn.setUserVerified', { authenticatorId: device.authenticatorId, isUserVerified: true });
    await page.goto('/sign-in/local');
    await page.click('form[data-passkey=get] button');
    await eventually('the refusal', () => page.textContent('form[data-passkey=get] [data-passkey-error]'), text => /signs nobody in/.test(text));
    await context.close();
  });

  test('has recovery codes that work once', async () => {
    const { context, page } = await enter('park');
    await page.click('form[action="/settings/security/recovery-codes"] button');
    const shown = await page.textContent('[role=status]');
    const codes = shown.match(/\b[0-9a-z]{4}(?:-[0-9a-z]{4}){3}\b/g);
    assert.equal(codes.length, 10);
    await signOut(page);
    await page.goto('/sign-in/recovery');
    await page.fill('#name', 'park');
    await page.fill('#code', codes[0]);
    await page.click('form[action="/sign-in/recovery"] button');
    await page.waitForURL('**/settings/security');
    assert.match(await page.textContent('main'), /9 codes are left/);
    await signOut(page);
    await page.goto('/sign-in/recovery');
    await page.fill('#name', 'park');
    await page.fill('#code', codes[0]);
    await page.click('form[action="/sign-in/recovery"] button');
    assert.ok(await page.textContent('[role=alert]'));
    await context.close();
  });
});

describe('portway login', () => {
  test('acts as the person who admitted it, until it is ended', async () => {
    const { context, page, complaints } = await enter('choi', { account: { admin: true } });
    const data = path.join(server.home, 'choi');
    const login = run(['login'], { data });
    const address = await eventually('the address', () => login.said.err.match(/http:\S+code=\S+/)?.[0]);
    await page.goto(address.replace('127.0.0.1', 'localhost'));
    assert.match(await page.textContent('main'), /portway-cli/);
    assert.match(await page.textContent('main'), /user:default\/choi/);
    assert.deepEqual(await axe(page), []);
    await page.click('button[value=admit]');
    assert.match(await page.textContent('[role=status]'), /admitted/);
    const ended = await login.ended;
    assert.equal(ended.code, 0, ended.err);

    const folder = path.join(data, 'logins');
    const [file] = (await readdir(folder)).filter(name => name.endsWith('.json'));
    assert.equal((await stat(path.join(folder, file))).mode & 0o777, 0o600);
    const kept = JSON.parse(await readFile(path.join(folder, file), 'utf8'));
    assert.ok(!ended.out.includes(kept.accessToken) && !ended.err.includes(kept.accessToken));

    const who = await run(['whoami', '-o', 'json'], { data }).ended;
    assert.equal(who.code, 0, who.err);
    assert.match(who.out, /user:default\/choi/);
    const made = await run(['token', 'create', 'from-login'], { data }).ended;
    assert.equal(made.code, 0, made.err);

    await page.goto('/settings/sessions');
    assert.match(await page.textContent('tbody'), /Command line/);
    assert.deepEqual(await axe(page), []);
    await page.click('tbody tr:has-text("Command line") button');
    await page.waitForURL('**/settings/sessions');
    const after_end = await run(['whoami'], { data }).ended;
    assert.equal(after_end.code, 4, after_end.err);

    const out = await run(['logout'], { data }).ended;
    assert.equal(out.code, 0, out.err);
    assert.deepEqual((await readdir(folder)).filter(name => name.endsWith('.json')), []);
    assert.deepEqual(complaints, []);
    await context.close();
  });

  test('is told when it was turned away', async () => {
    const { context, page } = await enter('jung');
    const login = run(['login', '--scope', 'read'], { data: path.join(server.home, 'jung') });
    const address = await eventually('the address', () => login.said.err.match(/http:\S+code=\S+/)?.[0]);
    await page.goto(address.replace('127.0.0.1', 'localhost'));
    await page.click('button[value=deny]');
    const ended = await login.ended;
    assert.equal(ended.code, 5, ended.err);
    assert.match(ended.err, /turned away/);
    await context.close();
  });
});
