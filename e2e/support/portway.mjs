// Starts the real program on a free port with a data directory of its own.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const program = path.resolve(process.env.PORTWAY_BIN ?? path.join(root, 'target/debug/portway'));
/** The gallery of components: `cargo build -p portal --example gallery`. */
const gallery_program = path.resolve(process.env.PORTWAY_GALLERY ?? path.join(root, 'target/debug/examples/gallery'));
/** A token that every server with a configuration of ours accepts. */
export const TOKEN = 'e2e-static-token-0123456789';

const START_LIMIT_MS = 60_000;

/**
 * Starts `portway up`.
 *
 * `paths`: files and directories with entities. `config`: an app-config as an
 * object, to which the suites' token is added. `demo`: with `--demo`, and `config` only where one is given.
 * Resolves when the server answers.
 */
export async function start({ paths = [], config = {}, demo = false } = {}) {
  if (!existsSync(program)) {
    throw new Error(`${program} does not exist; run \`cargo build\` first, or e2e/run.sh, which does`);
  }
  const home = await mkdtemp(path.join(tmpdir(), 'portway-e2e-'));
  const data = path.join(home, 'data');
  const args = ['up', ...paths, '--data', data, '--listen', '127.0.0.1:0'];
  if (demo) args.push('--demo');
  if (!demo || Object.keys(config).length > 0) {
    const file = path.join(home, 'app-config.yaml');
    // JSON is YAML.
    await writeFile(file, JSON.stringify(withToken(config)));
    args.push('--config', file);
  }
  const env = { PATH: process.env.PATH, HOME: home, LANG: 'C.UTF-8' };
  const child = spawn(program, args, { cwd: home, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', chunk => (output += chunk));
  child.stderr.on('data', chunk => (output += chunk));
  const ended = new Promise(resolve => child.once('close', resolve));
  let running = true;
  ended.then(() => (running = false));

  const stop = async () => {
    child.kill('SIGTERM');
    await Promise.race([ended, pause(10_000, undefined, { ref: false })]);
    if (running) child.kill('SIGKILL');
    await ended;
    await rm(home, { recursive: true, force: true });
  };

  const deadline = Date.now() + START_LIMIT_MS;
  while (running && Date.now() < deadline) {
    const found = await access(data);
    if (found && (await answers(`${found.url}/.backstage/health/v1/readiness`))) {
      return new Server(found.url.replace(/\/$/, ''), demo ? found.token : TOKEN, stop, () => output, home);
    }
    await pause(50);
  }
  await stop();
  throw new Error(`portway did not become ready. Its output:\n${output}`);
}

class Server {
  constructor(url, token, stop, output, home) {
    /** A directory of this server alone: `data/` is in it. */
    this.home = home;
    this.url = url;
    this.token = token;
    this.stop = stop;
    this.output = output;
  }

  /** A request of somebody who may do everything. */
  fetch(target, init = {}) {
    const headers = { authorization: `Bearer ${this.token}`, ...init.headers };
    return fetch(new URL(target, this.url), { ...init, headers });
  }

  async json(target, init) {
    const response = await this.fetch(target, init);
    if (!response.ok) throw new Error(`${target}: ${response.status} ${await response.text()}`);
    return response.json();
  }

  /** Asks again until `wanted` holds for the answer of `ask`. */
  async until(what, ask, wanted) {
    const deadline = Date.now() + 90_000;
    let last;
    while (Date.now() < deadline) {
      last = await ask();
      if (wanted(last)) return last;
      await pause(100);
    }
    throw new Error(`gave up waiting for ${what}; last seen: ${JSON.stringify(last)?.slice(0, 500)}\n${this.output().slice(-2000)}`);
  }
}

function withToken(config) {
  const access = { type: 'static', options: { token: TOKEN, subject: 'e2e' } };
  const backend = { ...config.backend };
  backend.auth = { ...backend.auth, externalAccess: [...(backend.auth?.externalAccess ?? []), access] };
  return { ...config, backend };
}

/** What the server tells programs on this machine: where it listens, and a token. */
async function access(data) {
  try {
    return JSON.parse(await readFile(path.join(data, 'local-access.json'), 'utf8'));
  } catch {
    // Not there yet, or half written.
    return undefined;
  }
}

async function answers(url) {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

/** Starts the gallery of components, which answers forms and nothing else. */
export async function gallery() {
  if (!existsSync(gallery_program)) {
    throw new Error(`${gallery_program} does not exist; run \`cargo build -p portal --example gallery\` first, or e2e/run.sh, which does`);
  }
  const child = spawn(gallery_program, ['127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  process.once('exit', () => child.kill());
  const ended = new Promise(resolve => child.once('close', resolve));
  const said = await Promise.race([new Promise(resolve => child.stdout.once('data', resolve)), ended]);
  const url = String(said).match(/http:\/\/[\d.:]+/)?.[0];
  if (!url) throw new Error(`the gallery did not say where it is: ${said}`);
  return {
    url,
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
}
