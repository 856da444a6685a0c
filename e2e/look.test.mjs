// The look of every component of the gallery, against what is checked in.
//
// Pictures differ from machine to machine, because fonts do. So what is kept is
// what the browser was told rather than what it drew: for each sort of element
// in each component, its computed layout (display, gaps, padding, sizes of type,
// borders, radii) at two widths, and its computed paint (colours, shadows) in
// three looks. None of that depends on the fonts that are installed. What does
// depend on them, whether things fit, is held by a rule instead of a reference:
// nothing sticks out of its box.
//
//   PORTWAY_BLESS=1 e2e/run.sh look     writes what is seen as the new reference

import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { launch, visitor } from './support/browser.mjs';
import { gallery, root } from './support/portway.mjs';

const bless = process.env.PORTWAY_BLESS === '1';
const folder = path.join(root, 'e2e/look');
/** More differences than these are one: somebody changed a token. */
const MOST_TOLD = 40;

const sides = ['top', 'right', 'bottom', 'left'];
const LAYOUT = [
  'display', 'position', 'flex-direction', 'flex-wrap', 'flex-grow', 'flex-shrink', 'align-items', 'justify-content', 'row-gap', 'column-gap', 'grid-template-columns',
  ...sides.flatMap(side => [`padding-${side}`, `margin-${side}`, `border-${side}-width`]),
  'border-top-left-radius', 'width', 'min-width', 'max-width', 'height', 'min-height', 'max-height', 'overflow-x', 'overflow-y', 'text-align', 'white-space', 'font-size', 'font-weight', 'line-height', 'text-decoration-line',
];
const PAINT = ['color', 'background-color', ...sides.map(side => `border-${side}-color`), 'box-shadow', 'opacity', 'fill', 'stroke', 'stroke-dasharray'];

/** What is looked at: the parts of a look that the others do not show already. */
const LOOKS = {
  'layout-1280': { width: 1280, properties: LAYOUT },
  'layout-390': { width: 390, properties: LAYOUT, beside: 'layout-1280' },
  'paint-light': { theme: 'light', properties: PAINT },
  'paint-dark': { theme: 'dark', properties: PAINT },
  'paint-contrast': { theme: 'light', contrast: 'more', properties: PAINT, beside: 'paint-light' },
};

let browser, server;

before(async () => {
  [browser, server] = await Promise.all([launch(), gallery()]);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

async function open({ theme = 'light', contrast, width = 1280 }) {
  const seen = await visitor(browser, server, { theme, contrast, width });
  await seen.page.goto('/design', { waitUntil: 'load' });
  return seen;
}

/**
 * For each sort of element of the components, the properties in which it differs
 * from an element of its name that nobody has styled. Sorts are told apart by
 * name, classes and the attributes that styles look at, of the element and of
 * the one around it; where elements of one sort differ, all their forms are
 * listed.
 */
function look(page, properties) {
  return page.evaluate(properties => {
    const told = ['role', 'aria-current', 'aria-pressed', 'aria-selected', 'aria-disabled', 'aria-invalid', 'type'];
    const name = element => {
      const classes = [...element.classList].sort().map(one => `.${one}`);
      const data = [...element.attributes].filter(({ name: key }) => (key.startsWith('data-') && !/^data-(n|copy|go|age|mac|log)$/.test(key)) || told.includes(key));
      return element.localName + classes.join('') + data.map(({ name: key, value }) => `[${key}${value && value.length < 24 ? `=${value}` : ''}]`).sort().join('');
    };
    const sides = ['top', 'right', 'bottom', 'left'];
    const read = element => {
      const map = element.computedStyleMap();
      const get = property => map.get(property)?.toString() ?? '';
      return properties.map(property => {
        const [, side] = property.match(/^border-(\w+)-color$/) ?? [];
        // A border that is not drawn has no colour.
        if (side && (get(`border-${side}-width`) === '0px' || get(`border-${side}-style`) === 'none')) return '';
        return get(property);
      });
    };
    /** Four sides that are alike are said once. */
    const shorten = pairs => {
      const left = new Map(pairs);
      for (const [before, behind] of [['padding-', ''], ['margin-', ''], ['border-', '-width'], ['border-', '-color']]) {
        const all = sides.map(side => left.get(`${before}${side}${behind}`));
        if (all[0] === undefined || !all.every(value => value === all[0])) continue;
        for (const side of sides) left.delete(`${before}${side}${behind}`);
        left.set(`${before}all${behind}`, all[0]);
      }
      return [...left].map(([property, value]) => `${property}: ${value}`).join('; ');
    };
    const bare = new Map();
    const bare_of = element => {
      if (!bare.has(element.localName)) {
        const twin = document.createElementNS(element.namespaceURI, element.localName);
        document.body.append(twin);
        bare.set(element.localName, read(twin));
        twin.remove();
      }
      return bare.get(element.localName);
    };
    const sorts = {};
    for (const part of document.querySelectorAll('main, body > dialog, .topbar, .rail')) {
      for (const element of part.querySelectorAll('*')) {
        if (['script', 'template', 'use', 'path', 'option', 'wbr'].includes(element.localName)) continue;
        const plain = bare_of(element);
        const style = shorten(read(element).map((value, at) => [properties[at], value]).filter(([, value], at) => value !== plain[at]));
        if (style === '') continue;
        const forms = (sorts[`${name(element.parentElement)} > ${name(element)}`] ??= []);
        if (!forms.includes(style) && forms.length < 8) forms.push(style);
      }
    }
    return sorts;
  }, properties);
}

/** What of a look another one does not show already. */
const without = (look, shown) => Object.fromEntries(Object.entries(look).filter(([sort, forms]) => JSON.stringify(forms) !== JSON.stringify(shown[sort])));

/** One line for each sort of element whose look is another one. */
function differences(was, is) {
  return [...new Set([...Object.keys(was), ...Object.keys(is)])].flatMap(sort => {
    const [old, now] = [was[sort] ?? [], is[sort] ?? []];
    const lost = old.filter(form => !now.includes(form));
    const found = now.filter(form => !old.includes(form));
    return lost.length + found.length > 0 ? [`${sort}\n    was ${lost.join(' | ') || '-'}\n    is  ${found.join(' | ') || '-'}`] : [];
  });
}

describe('the look of each component', () => {
  const looks = {};
  for (const [name, wanted] of Object.entries(LOOKS)) {
    test(name, async () => {
      const { context, page } = await open(wanted);
      const all = await look(page, wanted.properties);
      await context.close();
      assert.ok(Object.keys(all).length > 150, `${Object.keys(all).length} sorts of elements`);
      const seen = wanted.beside ? without(all, looks[wanted.beside]) : all;
      looks[name] = all;
      const file = path.join(folder, `${name}.json`);
      if (bless) {
        await mkdir(folder, { recursive: true });
        await writeFile(file, `${JSON.stringify(seen, null, 0).replaceAll('],', '],\n')}\n`);
        return;
      }
      const lines = differences(JSON.parse(await readFile(file, 'utf8')), seen);
      if (lines.length > 0) {
        const more = lines.length > MOST_TOLD ? `\n… and ${lines.length - MOST_TOLD} more` : '';
        assert.fail(`${lines.length} differ from ${path.relative(root, file)}:\n${lines.slice(0, MOST_TOLD).join('\n')}${more}\nWhen it is meant to look so: PORTWAY_BLESS=1 e2e/run.sh look`);
      }
    });
  }

  test('a change of one rule is seen', async () => {
    const { context, page } = await open({});
    const before_change = await look(page, [...LAYOUT, ...PAINT]);
    await page.evaluate(() => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync('.badge { padding-left: 11px !important }');
      document.adoptedStyleSheets.push(sheet);
    });
    const lines = differences(before_change, await look(page, [...LAYOUT, ...PAINT]));
    await context.close();
    assert.ok(lines.length > 0 && lines.every(line => /badge/.test(line)), lines.join('\n'));
    assert.match(lines[0], /padding-left: 11px/);
  });
});

describe('nothing sticks out of its box', () => {
  for (const width of [1280, 768, 390]) {
    for (const lang of ['en', 'ko']) {
      test(`${width} px, ${lang}`, async () => {
        const { context, page } = await visitor(browser, server, { width, lang });
        await page.goto('/design', { waitUntil: 'load' });
        const out = await page.evaluate(() => {
          const scrolls = element => ['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(element).overflowX);
          const found = [];
          for (const card of document.querySelectorAll('main .card')) {
            const box = card.getBoundingClientRect();
            for (const element of card.querySelectorAll('*')) {
              if (element.closest('svg') && element.localName !== 'svg') continue;
              const inner = element.getBoundingClientRect();
              if (inner.width === 0 || getComputedStyle(element).position === 'absolute') continue;
              let parent = element.parentElement;
              while (parent !== card && !scrolls(parent)) parent = parent.parentElement;
              if (parent === card && (inner.right > box.right + 1 || inner.left < box.left - 1)) found.push(`${card.getAttribute('aria-labelledby')}: ${element.outerHTML.slice(0, 120)}`);
            }
          }
          return found;
        });
        await context.close();
        assert.deepEqual(out, []);
      });
    }
  }
});
