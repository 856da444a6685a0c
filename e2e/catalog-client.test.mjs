// The real @backstage/catalog-client against a running Portway: every method
// of its CatalogApi, with what it sends and what it makes of the answer.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { CATALOG_FILTER_EXISTS, CatalogClient } from '@backstage/catalog-client';
import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';

import { company, documents, entity } from './support/entities.mjs';
import { serveFiles } from './support/files.mjs';
import { TOKEN, start } from './support/portway.mjs';

const with_token = { token: TOKEN };
const names = list => list.map(one => one.metadata.name);
const numbers = (from, to) => Array.from({ length: to - from + 1 }, (_, at) => `service-${String(from + at).padStart(2, '0')}`);

let files, folder, server, client;

before(async () => {
  files = await serveFiles();
  folder = await mkdtemp(path.join(tmpdir(), 'portway-entities-'));
  await writeFile(path.join(folder, 'catalog-info.yaml'), documents(company()));
  server = await start({
    paths: [folder],
    config: {
      backend: { reading: { allow: [{ host: files.host }] } },
      catalog: { rules: [{ allow: ['Component', 'API', 'Resource', 'System', 'Domain', 'Group', 'User', 'Location'] }] },
    },
  });
  client = new CatalogClient({ discoveryApi: { getBaseUrl: async plugin => `${server.url}/api/${plugin}` } });
  await server.until(
    'the whole company to be stitched',
    () => client.getEntities({ filter: { kind: 'component', 'relations.ownedBy': CATALOG_FILTER_EXISTS } }, with_token),
    ({ items }) => items.length === 30,
  );
});

after(async () => {
  await server?.stop();
  await files?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

describe('getEntities', () => {
  test('answers everything without a request', async () => {
    const { items } = await client.getEntities(undefined, with_token);
    for (const one of company()) {
      assert.ok(items.some(item => item.kind === one.kind && item.metadata.name === one.metadata.name), one.metadata.name);
    }
    const website = items.find(item => item.metadata.name === 'service-00');
    assert.equal(website.metadata.namespace, 'default');
    assert.match(website.metadata.uid, /^[0-9a-f-]{36}$/);
    assert.match(website.metadata.etag, /^[0-9a-f]+$/);
    assert.match(website.metadata.annotations['backstage.io/managed-by-location'], /^(file|url):/);
  });

  test('filters: and within a set, or between sets and between values', async () => {
    const filter = [{ kind: ['API', 'Resource'] }, { kind: 'component', 'spec.type': 'website', 'spec.lifecycle': 'production' }];
    const { items } = await client.getEntities({ filter }, with_token);
    assert.deepEqual(names(items).sort(), ['orders', 'orders-db', 'service-00', 'service-06', 'service-12', 'service-18', 'service-24']);
  });

  test('filters by the existence of a key and without regard to case', async () => {
    const filter = { 'metadata.annotations.example.com/seven': CATALOG_FILTER_EXISTS, KIND: 'COMPONENT' };
    assert.deepEqual(names((await client.getEntities({ filter }, with_token)).items), ['service-07']);
  });

  test('orders by several fields', async () => {
    const order = [{ field: 'spec.lifecycle', order: 'desc' }, { field: 'metadata.name', order: 'asc' }];
    const { items } = await client.getEntities({ filter: { kind: 'component' }, order, fields: ['metadata.name', 'spec.lifecycle'] }, with_token);
    assert.deepEqual(names(items).slice(0, 3), ['service-00', 'service-02', 'service-04']);
    assert.deepEqual(names(items).slice(-2), ['service-27', 'service-29']);
  });

  test('gives only the fields that are asked for', async () => {
    const { items } = await client.getEntities({ filter: { 'metadata.name': 'service-01', kind: 'component' }, fields: ['kind', 'metadata.name', 'spec.type'] }, with_token);
    assert.deepEqual(items, [{ kind: 'Component', metadata: { name: 'service-01' }, spec: { type: 'service' } }]);
  });

  test('pages by offset and limit', async () => {
    const request = { filter: { kind: 'component' }, order: { field: 'metadata.name', order: 'asc' }, offset: 10, limit: 5 };
    assert.deepEqual(names((await client.getEntities(request, with_token)).items), numbers(10, 14));
  });

  test('pages by the cursor in the Link header', async () => {
    const seen = [];
    let after_cursor;
    for (let page = 0; page < 10; page++) {
      const target = `/api/catalog/entities?filter=kind=component&limit=12${after_cursor ? `&after=${encodeURIComponent(after_cursor)}` : ''}`;
      const response = await server.fetch(target);
      const viaClient = await client.getEntities({ filter: { kind: 'component' }, limit: 12, after: after_cursor }, with_token);
      const items = await response.json();
      assert.deepEqual(viaClient.items, items);
      seen.push(...names(items));
      const link = response.headers.get('link');
      if (!link) break;
      const [, next] = link.match(/^<(.+)>; ?rel="next"$/);
      assert.match(next, /^\/entities\?/);
      after_cursor = new URL(next, server.url).searchParams.get('after');
    }
    assert.deepEqual(seen.sort(), numbers(0, 29));
  });
});

describe('queryEntities', () => {
  const request = { filter: { kind: 'component' }, orderFields: { field: 'metadata.name', order: 'asc' }, fields: ['metadata.name'], limit: 12 };

  test('walks forward and back with cursors', async () => {
    const first = await client.queryEntities(request, with_token);
    assert.equal(first.totalItems, 30);
    assert.deepEqual(names(first.items), numbers(0, 11));
    assert.equal(first.pageInfo.prevCursor, undefined);
    const next = cursor => client.queryEntities({ cursor, limit: 12, fields: ['metadata.name'] }, with_token);
    const second = await next(first.pageInfo.nextCursor);
    assert.deepEqual(names(second.items), numbers(12, 23));
    assert.equal(second.totalItems, 30);
    const third = await next(second.pageInfo.nextCursor);
    assert.deepEqual(names(third.items), numbers(24, 29));
    assert.equal(third.pageInfo.nextCursor, undefined);
    const back = await next(third.pageInfo.prevCursor);
    assert.deepEqual(names(back.items), numbers(12, 23));
    const start_again = await next(back.pageInfo.prevCursor);
    assert.deepEqual(names(start_again.items), numbers(0, 11));
    assert.equal(start_again.pageInfo.prevCursor, undefined);
  });

  test('orders downwards, skips, and can leave the count out', async () => {
    const answer = await client.queryEntities({ ...request, orderFields: [{ field: 'metadata.name', order: 'desc' }], offset: 2, limit: 3, totalItems: 'exclude' }, with_token);
    assert.deepEqual(names(answer.items), ['service-27', 'service-26', 'service-25']);
    assert.equal(answer.totalItems, 0);
  });

  test('searches the text of fields', async () => {
    const search = (term, fields) => client.queryEntities({ filter: { kind: 'component' }, fullTextFilter: { term, fields } }, with_token);
    assert.deepEqual(names((await search('HEAVEN', ['metadata.title'])).items), ['service-12']);
    assert.equal((await search('heaven', ['metadata.name'])).totalItems, 0);
    assert.equal((await search('service-0', ['metadata.name', 'metadata.title'])).totalItems, 10);
  });

  test('takes a predicate, alone and with a filter', async () => {
    const query = { $all: [{ kind: 'component' }, { 'spec.type': { $in: ['website'] } }, { $not: { 'spec.lifecycle': 'experimental' } }] };
    const answer = await client.queryEntities({ query, orderFields: { field: 'metadata.name', order: 'asc' } }, with_token);
    assert.deepEqual(names(answer.items), ['service-00', 'service-06', 'service-12', 'service-18', 'service-24']);
    const both = await client.queryEntities({ query, filter: { 'relations.ownedBy': 'group:default/search' } }, with_token);
    assert.deepEqual(names(both.items), ['service-24']);
  });

  test('takes every operator of a predicate', async () => {
    const find = async query => names((await client.queryEntities({ query, orderFields: { field: 'metadata.name', order: 'asc' } }, with_token)).items);
    assert.deepEqual(await find({ 'metadata.name': { $hasPrefix: 'service-1' } }), numbers(10, 19));
    assert.deepEqual(await find({ $any: [{ 'metadata.name': 'service-03' }, { kind: 'resource' }] }), ['orders-db', 'service-03']);
    assert.deepEqual(await find({ 'metadata.annotations.example.com/seven': { $exists: true } }), ['service-07']);
    assert.deepEqual(await find({ kind: 'component', 'metadata.tags': { $contains: 'java' }, 'spec.owner': 'search' }), ['service-20', 'service-22', 'service-24', 'service-26', 'service-28']);
  });

  test('keeps a predicate over pages', async () => {
    const first = await client.queryEntities({ query: { kind: 'component' }, limit: 20, orderFields: { field: 'metadata.name', order: 'asc' } }, with_token);
    const second = await client.queryEntities({ cursor: first.pageInfo.nextCursor, limit: 20 }, with_token);
    assert.deepEqual(names(second.items), numbers(20, 29));
    const back = await client.queryEntities({ cursor: second.pageInfo.prevCursor, limit: 20 }, with_token);
    assert.deepEqual(names(back.items), numbers(0, 19));
  });

  test('refuses a cursor that it did not make', async () => {
    await assert.rejects(client.queryEntities({ cursor: 'notacursor' }, with_token), { name: 'ResponseError', statusCode: 400 });
  });
});

test('streamEntities goes through all pages', async () => {
  for (const selection of [{ filter: { kind: 'component' } }, { query: { kind: 'component' } }]) {
    const pages = [];
    for await (const page of client.streamEntities({ ...selection, pageSize: 7, fields: ['metadata.name'] }, with_token)) pages.push(page);
    assert.deepEqual(pages.map(page => page.length), [7, 7, 7, 7, 2]);
    assert.deepEqual(names(pages.flat()).sort(), numbers(0, 29));
  }
});

describe('getEntitiesByRefs', () => {
  test('keeps the order and leaves gaps for what is missing', async () => {
    const entityRefs = ['component:default/service-05', 'component:default/none', 'User:default/KIM', 'api:orders'];
    const { items } = await client.getEntitiesByRefs({ entityRefs, fields: ['kind', 'metadata.name'] }, with_token);
    assert.deepEqual(items.map(one => one && one.metadata.name), ['service-05', undefined, 'kim', 'orders']);
  });

  test('leaves gaps for what a filter or predicate excludes', async () => {
    const entityRefs = ['component:default/service-00', 'component:default/service-01'];
    const filtered = await client.getEntitiesByRefs({ entityRefs, filter: { 'spec.type': 'service' } }, with_token);
    assert.deepEqual(filtered.items.map(one => one?.metadata.name), [undefined, 'service-01']);
    const queried = await client.getEntitiesByRefs({ entityRefs, query: { 'spec.type': 'website' } }, with_token);
    assert.deepEqual(queried.items.map(one => one?.metadata.name), ['service-00', undefined]);
  });

  test('works for more than the client sends at once', async () => {
    const entityRefs = Array.from({ length: 2500 }, (_, at) => (at % 100 === 0 ? `component:default/service-${String(at / 100).padStart(2, '0')}` : `component:default/none-${at}`));
    const { items } = await client.getEntitiesByRefs({ entityRefs }, with_token);
    assert.equal(items.length, 2500);
    assert.deepEqual(names(items.filter(Boolean)), numbers(0, 24));
  });
});

test('getEntityByRef finds by text and by parts, and nothing for what is missing', async () => {
  const byText = await client.getEntityByRef('component:default/service-01', with_token);
  assert.deepEqual(byText.relations, [
    { type: 'dependsOn', targetRef: 'resource:default/orders-db' },
    { type: 'ownedBy', targetRef: 'group:default/payments' },
    { type: 'partOf', targetRef: 'system:default/checkout' },
    { type: 'providesApi', targetRef: 'api:default/orders' },
  ]);
  assert.deepEqual(await client.getEntityByRef({ kind: 'Component', namespace: 'default', name: 'SERVICE-01' }, with_token), byText);
  assert.equal(await client.getEntityByRef('component:default/none', with_token), undefined);
});

test('relations go both ways', async () => {
  const api = await client.getEntityByRef('api:default/orders', with_token);
  assert.ok(api.relations.some(one => one.type === 'apiProvidedBy' && one.targetRef === 'component:default/service-01'));
  const team = await client.getEntityByRef('group:default/payments', with_token);
  const types = new Set(team.relations.map(one => one.type));
  for (const type of ['childOf', 'hasMember', 'ownerOf']) assert.ok(types.has(type), type);
});

test('getEntityAncestors leads to the root', async () => {
  const answer = await client.getEntityAncestors({ entityRef: 'component:default/service-01' }, with_token);
  assert.equal(answer.rootEntityRef, 'component:default/service-01');
  assert.equal(stringifyEntityRef(answer.items[0].entity), answer.rootEntityRef);
  for (const item of answer.items) {
    for (const parent of item.parentEntityRefs) {
      assert.ok(parseEntityRef(parent).name);
      assert.ok(answer.items.some(other => stringifyEntityRef(other.entity) === parent), parent);
    }
  }
  await assert.rejects(client.getEntityAncestors({ entityRef: 'component:default/none' }, with_token), { statusCode: 404 });
});

describe('getEntityFacets', () => {
  test('counts values', async () => {
    const { facets } = await client.getEntityFacets({ facets: ['spec.type', 'metadata.tags'], filter: { kind: 'component' } }, with_token);
    assert.deepEqual(facets, {
      'spec.type': [{ value: 'service', count: 20 }, { value: 'website', count: 10 }],
      'metadata.tags': [{ value: 'go', count: 15 }, { value: 'grpc', count: 15 }, { value: 'java', count: 15 }],
    });
  });

  test('counts within a predicate', async () => {
    const query = { $all: [{ kind: 'component' }, { 'spec.owner': 'search' }] };
    const { facets } = await client.getEntityFacets({ facets: ['spec.lifecycle'], query }, with_token);
    assert.deepEqual(facets, { 'spec.lifecycle': [{ value: 'experimental', count: 5 }, { value: 'production', count: 5 }] });
  });
});

describe('locations', () => {
  const component = (name, more = {}) => entity('Component', name, { type: 'service', lifecycle: 'production', owner: 'payments' }, more);
  const place = (name, ...entities) => {
    files.files.set(`/${name}.yaml`, documents(entities));
    return `${files.url}/${name}.yaml`;
  };
  const byName = name => client.getEntityByRef(`component:default/${name}`, with_token);

  test('a dry run says what would come and keeps nothing', async () => {
    const target = place('dry', component('from-dry-run'));
    const answer = await client.addLocation({ target, dryRun: true }, with_token);
    assert.equal(answer.exists, false);
    assert.equal(answer.location.target, target);
    assert.deepEqual(answer.entities.map(one => one.kind), ['Location', 'Component']);
    assert.equal(await byName('from-dry-run'), undefined);
    assert.equal(await client.getLocationByRef(`url:${target}`, with_token), undefined);
    await assert.rejects(client.addLocation({ target: `${files.url}/missing.yaml`, dryRun: true }, with_token), { statusCode: 400 });
  });

  test('register, read in every way, update, remove', async () => {
    const target = place('life', component('from-location'));
    const { location } = await client.addLocation({ target }, with_token);
    assert.equal(location.type, 'url');
    assert.equal(location.target, target);
    // Read-your-writes: no waiting here.
    const registered = await byName('from-location');
    assert.equal(registered.metadata.annotations['backstage.io/managed-by-origin-location'], `url:${target}`);

    assert.deepEqual(await client.getLocationById(location.id, with_token), location);
    assert.deepEqual(await client.getLocationByRef(`url:${target}`, with_token), location);
    assert.deepEqual(await client.getLocationByEntity('component:default/from-location', with_token), location);
    assert.ok((await client.getLocations({}, with_token)).items.some(one => one.id === location.id));
    assert.equal((await client.addLocation({ target, dryRun: true }, with_token)).exists, true);
    const ancestors = await client.getEntityAncestors({ entityRef: 'component:default/from-location' }, with_token);
    assert.deepEqual(ancestors.items[0].parentEntityRefs, [location.entityRef]);

    await assert.rejects(client.addLocation({ target }, with_token), { statusCode: 409 });
    const again = await client.addLocation({ target, onConflict: 'refresh' }, with_token);
    assert.equal(again.location.id, location.id);

    const moved = place('moved', component('from-moved-location'));
    const updated = await client.updateLocation(location.id, { type: 'url', target: moved }, with_token);
    assert.equal(updated.id, location.id);
    assert.equal(updated.target, moved);
    await server.until('the moved location', () => byName('from-moved-location'), Boolean);

    await client.removeLocationById(location.id, with_token);
    assert.equal(await client.getLocationById(location.id, with_token), undefined);
    await server.until('the entities to go', () => byName('from-moved-location'), found => found === undefined);
  });

  test('are queried, paged and streamed', async () => {
    const made = [];
    for (let at = 0; at < 5; at++) {
      made.push((await client.addLocation({ target: place(`many-${at}`, component(`many-${at}`)) }, with_token)).location);
    }
    const query = { type: 'url', target: { $hasPrefix: `${files.url}/many-` } };
    const first = await client.queryLocations({ limit: 2, query }, with_token);
    assert.equal(first.totalItems, 5);
    assert.equal(first.items.length, 2);
    const second = await client.queryLocations({ cursor: first.pageInfo.nextCursor }, with_token);
    assert.equal(second.items.length, 2);
    const streamed = [];
    for await (const page of client.streamLocations({ limit: 2, query }, with_token)) streamed.push(...page);
    assert.deepEqual(streamed.map(one => one.id).sort(), made.map(one => one.id).sort());
    assert.ok(streamed.every(one => one.entityRef.startsWith('location:default/generated-')));
    for (const one of made) await client.removeLocationById(one.id, with_token);
  });

  test('that cannot be are refused', async () => {
    await assert.rejects(client.addLocation({ type: 'file', target: '/etc/hostname' }, with_token), { statusCode: 400 });
    assert.equal(await client.getLocationById('00000000-0000-0000-0000-000000000000', with_token), undefined);
    await assert.rejects(client.removeLocationById('00000000-0000-0000-0000-000000000000', with_token), { statusCode: 404 });
    assert.equal(await client.getLocationByEntity('component:default/none', with_token), undefined);
  });

  test('refreshEntity reads the source again', async () => {
    const target = place('refreshed', component('refreshed'));
    const { location } = await client.addLocation({ target }, with_token);
    place('refreshed', component('refreshed', { title: 'Once more' }));
    await client.refreshEntity('component:default/refreshed', with_token);
    await server.until('the new title', () => byName('refreshed'), one => one?.metadata.title === 'Once more');
    await assert.rejects(client.refreshEntity('component:default/none', with_token), { statusCode: 404 });
    await client.removeLocationById(location.id, with_token);
  });

  test('removeEntityByUid removes', async () => {
    const target = place('doomed', component('doomed'));
    const { location } = await client.addLocation({ target }, with_token);
    const doomed = await byName('doomed');
    await client.removeEntityByUid(doomed.metadata.uid, with_token);
    await server.until('the entity to go', () => byName('doomed'), found => found === undefined);
    await client.removeEntityByUid('00000000-0000-0000-0000-000000000000', with_token);
    await client.removeLocationById(location.id, with_token);
  });
});

test('validateEntity', async () => {
  const good = entity('Component', 'x', { type: 'service', lifecycle: 'production', owner: 'payments' });
  const location = 'url:https://git.example.com/acme/x/blob/main/catalog-info.yaml';
  assert.deepEqual(await client.validateEntity(good, location, with_token), { valid: true });
  const bad = { ...good, metadata: { name: 'Bad Name!' } };
  const answer = await client.validateEntity(bad, location, with_token);
  assert.equal(answer.valid, false);
  assert.match(answer.errors[0].message, /metadata\.name/);
  assert.equal(await client.getEntityByRef('component:default/x', with_token), undefined);
});

test('analyzeLocation', async () => {
  const location = { type: 'url', target: `${files.url}/some/catalog-info.yaml` };
  const answer = await client.analyzeLocation({ location }, with_token);
  assert.deepEqual(answer.existingEntityFiles, []);
  assert.equal(answer.generateEntities[0].entity.kind, 'Component');
  assert.ok(Array.isArray(answer.generateEntities[0].fields));
});

describe('without a good token', () => {
  test('nothing is answered, and the error is the one that clients know', async () => {
    for (const options of [undefined, { token: 'wrong' }]) {
      const error = await client.getEntities({}, options).then(() => assert.fail('was answered'), problem => problem);
      assert.equal(error.name, 'ResponseError');
      assert.equal(error.statusCode, 401);
      assert.equal(error.cause.name, 'AuthenticationError');
      assert.equal(error.cause.message, options ? 'Illegal token' : 'Missing credentials');
    }
  });
});
