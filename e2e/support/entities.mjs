// The catalog that the client suite reads.

const API_VERSION = 'backstage.io/v1alpha1';

export function entity(kind, name, spec, metadata = {}) {
  return { apiVersion: API_VERSION, kind, metadata: { name, ...metadata }, spec };
}

/** One YAML file with these documents. JSON documents are YAML documents. */
export function documents(entities) {
  return entities.map(one => JSON.stringify(one)).join('\n---\n');
}

/** Two systems, three teams, two people, thirty components, an API, a resource. */
export function company() {
  const teams = [
    entity('Group', 'platform', { type: 'department', children: ['payments', 'search'] }),
    entity('Group', 'payments', { type: 'team', parent: 'platform', children: [] }),
    entity('Group', 'search', { type: 'team', parent: 'platform', children: [] }),
    entity('User', 'kim', { profile: { displayName: '김하나', email: 'kim@example.com' }, memberOf: ['payments'] }),
    entity('User', 'lee', { memberOf: ['search'] }),
    entity('Domain', 'commerce', { owner: 'platform' }),
    entity('System', 'checkout', { owner: 'payments', domain: 'commerce' }),
    entity('System', 'discovery', { owner: 'search', domain: 'commerce' }),
    entity('API', 'orders', { type: 'openapi', lifecycle: 'production', owner: 'payments', system: 'checkout', definition: 'openapi: 3.1.0\ninfo: {title: Orders, version: "1"}\npaths: {}\n' }),
    entity('Resource', 'orders-db', { type: 'database', owner: 'payments', system: 'checkout' }),
  ];
  const components = Array.from({ length: 30 }, (_, at) => {
    const name = `service-${String(at).padStart(2, '0')}`;
    const spec = {
      type: at % 3 === 0 ? 'website' : 'service',
      lifecycle: at % 2 === 0 ? 'production' : 'experimental',
      owner: at < 20 ? 'payments' : 'search',
      system: at < 20 ? 'checkout' : 'discovery',
    };
    if (at === 1) Object.assign(spec, { providesApis: ['orders'], dependsOn: ['resource:orders-db'] });
    const metadata = { tags: at % 2 === 0 ? ['java'] : ['go', 'grpc'], annotations: at === 7 ? { 'example.com/seven': 'yes' } : {} };
    if (at === 12) metadata.title = 'Twelfth heaven';
    return entity('Component', name, spec, metadata);
  });
  return [...teams, ...components];
}
