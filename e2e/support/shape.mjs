// Compares an answer with a recorded one.

/** What ours may have on top in an error: it helps people and hinders nobody. */
const HELP = new Set(['accepted', 'fix', 'requestId']);

const kindOf = value => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);

/**
 * Where `ours` differs from `theirs` in field names and types. Texts and
 * numbers may differ; an empty list has no shape; an item of a list has to look
 * like one of theirs.
 */
export function differences(theirs, ours, path = '') {
  const [a, b] = [kindOf(theirs), kindOf(ours)];
  if (a !== b) return [`${path}: recorded ${a}, ours ${b} (${JSON.stringify(ours)?.slice(0, 80)})`];
  if (a === 'object') {
    const found = [];
    for (const key of Object.keys(theirs)) {
      if (!(key in ours)) found.push(`${path}.${key}: missing`);
      else found.push(...differences(theirs[key], ours[key], `${path}.${key}`));
    }
    for (const key of Object.keys(ours)) {
      if (!(key in theirs) && !(path === '.error' && HELP.has(key))) found.push(`${path}.${key}: not in the recording`);
    }
    return found;
  }
  if (a === 'array') {
    if (theirs.length === 0) return ours.length === 0 ? [] : [`${path}: recorded empty, ours has ${ours.length}`];
    if (ours.length === 0) return [`${path}: empty, recorded ${theirs.length}`];
    return ours.flatMap((item, at) => {
      const tries = theirs.map(one => differences(one, item, `${path}[${at}]`));
      return tries.reduce((best, one) => (one.length < best.length ? one : best));
    });
  }
  return [];
}

/** The same body without what differs between any two installations. */
export function comparable(body, replacements) {
  let text = JSON.stringify(body);
  for (const [from, to] of replacements) text = text.replaceAll(from, to);
  return JSON.parse(text, (key, value) => {
    if (HELP.has(key) && typeof value === 'string') return undefined;
    if (typeof value !== 'string') return value;
    if (['uid', 'etag', 'id', 'nextCursor', 'prevCursor'].includes(key)) return `<${key}>`;
    // Named after the hash of a path.
    return value.replace(/generated-[0-9a-f]{40}/, 'generated-<hash>');
  });
}
