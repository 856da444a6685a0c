// Replays what a real Backstage was asked, against a Portway with the same
// catalog, and compares the answers.
//
// The recordings are not part of this repository: without them the suite says
// so and ends.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { documents } from './support/entities.mjs';
import { serveFiles } from './support/files.mjs';
import { TOKEN, root, start } from './support/portway.mjs';
import { comparable, differences } from './support/shape.mjs';

const folder = path.join(root, '../shared/conformance/backstage/recorded-api');
const present = existsSync(folder);
if (!present) console.log(`skipped: ${folder} is absent`);

const recording = name => JSON.parse(readFileSync(path.join(folder, `${name}.json`), 'utf8'));
const RECORDED_FILES = '127.0.0.1:8099';
const RECORDED_ROOT = '/srv/backstage';
const WEBSITE = 'component:default/example-website';

/** Recordings whose values are ours to choose, with the reason. */
const SHAPE_ONLY = new Map([
  ['auth-jwks', 'keys differ between installations'],
  ['auth-openid-configuration', 'the issuer differs, and Portway lists the one algorithm it uses'],
  ['auth-guest-refresh', 'tokens differ'],
  ['auth-guest-refresh-noheader', 'tokens differ'],
  ['catalog-by-query-badcursor', "the message quotes JavaScript's JSON parser"],
]);
/** Answers to a path that does not exist: Backstage sends an empty body, Portway says what is wrong. */
/** What Portway does otherwise on purpose: the recording's name, the difference, why. */
const ON_PURPOSE = [
  ['catalog-locations-create', /^\.entities: recorded empty/, 'the entities of a registered location can be read at once'],
  ['catalog-locations-dryrun', /source-location: not in the recording$/, 'files on the web know their folder too, for relative links'],
  ['auth-openid-configuration', /^\.(device_authorization|revocation)_endpoint: not in the recording$/, 'the command line signs in by the device flow'],
];
const on_purpose = (name, difference) => ON_PURPOSE.some(([which, what]) => which === name && what.test(difference));

const STATUS_ONLY = new Set(['error-unknown-plugin', 'error-unknown-route']);

/** Lists without an order of their own: Backstage sorts these by uid, which is random. */
const UNORDERED = new Set(['catalog-entities', 'catalog-by-query-post']);

let server, files, home, guest;

describe('recorded answers', { skip: present ? false : 'the recordings are absent' }, () => {
  before(async () => {
    files = await serveFiles();
    home = await mkdtemp(path.join(tmpdir(), 'portway-recorded-'));
    const targets = await equivalentCatalog();
    server = await start({
      config: {
        auth: { providers: { guest: {} } },
        backend: { reading: { allow: [{ host: files.host }] } },
        catalog: {
          rules: [{ allow: ['Component', 'System', 'API', 'Resource', 'Location', 'Template', 'User', 'Group'] }],
          locations: targets.map(target => ({ type: 'file', target })),
        },
      },
    });
    const expected = recording('catalog-entities').body.length;
    await server.until('the equivalent catalog', () => server.json('/api/catalog/entities?fields=kind,metadata.name,relations'), items => items.length >= expected && related(items));
    const answer = await (await fetch(`${server.url}/api/auth/guest/refresh`)).json();
    guest = answer.backstageIdentity.token;
  });

  after(async () => {
    await server?.stop();
    await files?.stop();
    if (home) await rm(home, { recursive: true, force: true });
  });

  for (const name of inOrder()) {
    test(name, async () => {
      const recorded = recording(name);
      const answer = await ask(name, recorded.request);
      const text = await answer.text();
      assert.equal(answer.status, recorded.status, text);
      if (STATUS_ONLY.has(name)) return;
      assert.equal(answer.headers.get('content-type') ?? undefined, recorded.headers['content-type'], 'content type');
      const ours = text === '' ? '' : JSON.parse(text);
      assert.deepEqual(differences(recorded.body, ours).filter(found => !on_purpose(name, found)), []);
      if (SHAPE_ONLY.has(name) || ON_PURPOSE.some(([which]) => which === name)) return;
      if (SHAPE_ONLY.has(name) || text === '') return;
      const [actual, expected] = [comparable(ours, replacements()), comparable(recorded.body, [])];
      if (UNORDERED.has(name)) for (const body of [actual, expected]) sorted(body);
      assert.deepEqual(actual, expected);
    });
  }
});

function sorted(body) {
  const list = Array.isArray(body) ? body : body.items;
  const key = one => JSON.stringify([one.kind, one.metadata.name, one.spec]);
  list.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** Paths, addresses and names that differ, ours to theirs. */
function replacements() {
  return [
    [path.join(home, RECORDED_ROOT), RECORDED_ROOT],
    [files.host, RECORDED_FILES],
  ];
}

/** Writes the recorded catalog into files and answers those to be configured as locations. */
async function equivalentCatalog() {
  const entities = recording('catalog-entities').body;
  const registered = entities.filter(one => one.kind === 'Location' && one.metadata.name.startsWith('generated-'));
  const byFile = new Map();
  for (const one of entities.filter(one => !registered.includes(one))) {
    const file = one.metadata.annotations['backstage.io/managed-by-location'].replace(/^file:/, '');
    byFile.set(file, [...(byFile.get(file) ?? []), asWritten(one)]);
  }
  for (const [file, list] of byFile) {
    const target = path.join(home, file);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, documents(list));
  }
  const dry = recording('catalog-locations-dryrun').body;
  files.files.set('/loc/catalog-info.yaml', documents(dry.entities.filter(one => one.kind !== 'Location').map(asWritten)));
  return registered.map(one => path.join(home, one.spec.target));
}

/** An entity as its owner wrote it, without what a catalog adds. */
function asWritten({ apiVersion, kind, metadata: { uid, etag, annotations = {}, ...metadata }, spec }) {
  const added = /^backstage\.io\/(managed-by-|view-url|edit-url|source-location)/;
  const own = Object.entries(annotations).filter(([key]) => !added.test(key));
  return { apiVersion, kind, metadata: own.length ? { ...metadata, annotations: Object.fromEntries(own) } : metadata, spec };
}

function related(items) {
  const website = items.find(one => one.kind === 'Component' && one.metadata.name === 'example-website');
  return website?.relations?.length === 3;
}

/** Reads first, then one life of a location, then removals. */
function inOrder() {
  if (!present) return [];
  const life = ['catalog-locations-list', 'catalog-locations-by-query', 'catalog-locations-dryrun', 'catalog-locations-create', 'catalog-locations-create-conflict', 'catalog-locations-get', 'catalog-locations-delete'];
  const last = ['catalog-delete-by-uid', 'catalog-delete-by-uid-404'];
  // Recorded in decoded form: crates/identity/tests looks into the token.
  const known = readdirSync(folder).map(file => file.replace(/\.json$/, '')).filter(name => /^(catalog|auth|error|health|permission)-/.test(name) && name !== 'auth-guest-jwt-decoded');
  const reads = known.filter(name => !life.includes(name) && !last.includes(name));
  return [...reads, ...life, ...last];
}

/** Sends a recorded request with our own ids, cursors and addresses in it. */
async function ask(name, { line, headers, body }) {
  let [method, target] = line.split(' ');
  target = target.replace(/by-uid\/(?!0{8})[^/?]+/, `by-uid/${await uid()}`);
  target = target.replace(/locations\/(?!0{8})[0-9a-f-]{36}/, `locations/${await locationId()}`);
  if (name === 'catalog-by-query-page2-cursor') {
    const first = await server.json('/api/catalog/entities/by-query?limit=2&orderField=metadata.name,asc');
    target = target.replace(/cursor=.*$/, `cursor=${encodeURIComponent(first.pageInfo.nextCursor)}`);
  }
  const sent = { ...headers };
  if (sent.Authorization) sent.Authorization = `Bearer ${token(name)}`;
  const init = { method, headers: sent };
  if (body !== null) init.body = JSON.stringify(body).replaceAll(RECORDED_FILES, files.host);
  return fetch(server.url + target, init);
}

function token(name) {
  if (name === 'error-bad-token') return 'not-a-token';
  return /^(auth|permission)-/.test(name) ? guest : TOKEN;
}

let rememberedUid;
async function uid() {
  rememberedUid ??= (await server.json(`/api/catalog/entities/by-name/${WEBSITE.replace(/[:/]/g, '/')}`)).metadata.uid;
  return rememberedUid;
}

async function locationId() {
  const all = await server.json('/api/catalog/locations');
  return all.find(one => one.data.type === 'url')?.data.id ?? '11111111-1111-1111-1111-111111111111';
}
