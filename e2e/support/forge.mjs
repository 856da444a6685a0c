// A code host: its API as far as the wizard needs it, and Git over HTTP, from
// repositories in a folder.

import { execFileSync, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** What somebody who may push sees of a repository. */
const described = (base, slug) => ({
  id: 7,
  full_name: slug,
  private: true,
  visibility: 'internal',
  html_url: `${base}/${slug}`,
  clone_url: `${base}/${slug}.git`,
  default_branch: 'main',
  archived: false,
  fork: false,
  permissions: { push: true },
});

/** Starts the host. `commits` and `pulls` are what it was asked to make. */
export async function forge() {
  const folder = await mkdtemp(path.join(tmpdir(), 'portway-e2e-forge-'));
  const commits = [];
  const pulls = [];
  const api = async (request, response, body) => {
    const [, slug, rest] = request.url.match(/^\/api\/v3\/repos\/([^/]+\/[^/?]+)([^?]*)/) ?? [];
    const base = `http://${request.headers.host}`;
    const reply = (status, value) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    const what = `${request.method} ${rest}`;
    if (what === 'GET ') return reply(200, described(base, slug));
    if (what.startsWith('GET /git/ref/heads/main')) return reply(200, { object: { sha: 'abc' } });
    if (what === 'POST /git/refs') return reply(201, {});
    if (what.startsWith('PUT /contents/')) {
      commits.push({ slug, path: rest.slice('/contents/'.length), ...JSON.parse(body) });
      return reply(201, {});
    }
    if (what === 'POST /pulls') {
      pulls.push({ slug, ...JSON.parse(body) });
      return reply(201, { number: pulls.length, html_url: `${base}/${slug}/pull/${pulls.length}` });
    }
    return reply(404, { message: 'Not Found' });
  };
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    if (request.url.startsWith('/api/v3/')) await api(request, response, body);
    else git(folder, request, response, body);
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${server.address().port}`;
  return {
    host,
    url: `http://${host}`,
    commits,
    pulls,
    /** Makes `owner/name` with these files, or commits them to it. */
    async repository(slug, files) {
      const at = path.join(folder, `${slug}.git`);
      await mkdir(at, { recursive: true });
      const run = (...args) => execFileSync('git', ['-c', 'user.name=e2e', '-c', 'user.email=e2e@example.com', ...args], { cwd: at });
      run('init', '--quiet', '--initial-branch=main');
      for (const [name, text] of Object.entries(files)) {
        await mkdir(path.dirname(path.join(at, name)), { recursive: true });
        await writeFile(path.join(at, name), text);
      }
      run('add', '--all');
      run('commit', '--quiet', '-m', 'Files');
    },
    async stop() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** `git http-backend` as the CGI program that it is. */
function git(folder, request, response, body) {
  const [address, query = ''] = request.url.split('?');
  const child = spawn('git', ['http-backend'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_PROTOCOL: request.headers['git-protocol'] ?? '',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'safe.directory',
      GIT_CONFIG_VALUE_0: '*',
      PATH_INFO: address,
      QUERY_STRING: query,
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      CONTENT_LENGTH: String(body.length),
    },
  });
  const chunks = [];
  child.stdout.on('data', chunk => chunks.push(chunk));
  child.on('close', () => {
    const output = Buffer.concat(chunks);
    const end = output.indexOf('\r\n\r\n');
    if (end < 0) {
      response.writeHead(500).end();
      return;
    }
    const lines = output.subarray(0, end).toString().split('\r\n').map(line => line.split(/: (.*)/s));
    const status = Number(lines.find(([name]) => name === 'Status')?.[1].split(' ')[0] ?? 200);
    response.writeHead(status, Object.fromEntries(lines.filter(([name]) => name !== 'Status').map(([name, value]) => [name, value])));
    response.end(output.subarray(end + 4));
  });
  child.stdin.on('error', () => {});
  child.stdin.end(body);
}
