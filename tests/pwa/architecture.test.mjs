import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';

const PWA = new URL('../../pwa/', import.meta.url).pathname;
const read = (name) => readFileSync(join(PWA, name), 'utf8');
const modules = readdirSync(PWA, { recursive: true }).filter(
  (name) => name.endsWith('.js') && !name.startsWith('vendor/') && name !== 'sw.js',
);

/** Who may import whom, by folder. At the root: texts and addresses serve all; the rest wires. */
const MAY = {
  domain: ['domain'],
  store: ['store', 'domain', 'vendor'],
  sync: ['sync', 'domain', 'vendor'],
  views: ['views', 'domain', 'vendor', 'text.js', 'routes.js'],
  'text.js': [],
  'routes.js': [],
  'version.js': [],
  'updates.js': [],
  state: ['state', 'domain'],
  'score.js': ['domain'],
  'typing.js': [],
  actions: ['actions', 'domain', 'sync', 'vendor', 'text.js', 'routes.js'],
};
const placeOf = (name) => name.split('/')[0];
const codeOf = (name) => read(name).replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*|\s\/\/ .*/gm, '');
const importsOf = (name) =>
  [...codeOf(name).matchAll(/^(?:import|export)\b[^'"();]*?['"](\.[^'"]+)['"]|\bimport\('(\.[^']+)'\)/gm)].map(
    ([, fixed, lazy]) => normalize(join(dirname(name), fixed ?? lazy)),
  );

test('modules import only what their folder may', () => {
  for (const name of modules.filter((module) => module !== 'app.js')) {
    for (const target of importsOf(name)) {
      assert.ok(MAY[placeOf(name)]?.includes(placeOf(target)), `${name} imports ${target}`);
    }
  }
});

test('every module is imported by another, or is where the page begins', () => {
  const imported = new Set(modules.flatMap((name) => importsOf(name)));
  assert.deepEqual(
    modules.filter((name) => !imported.has(name)),
    ['app.js'],
  );
});

test('the clock, chance and the network come in from app.js', () => {
  for (const name of modules.filter((module) => /^(domain|store|sync|state)\/|^(typing|routes)\.js/.test(module))) {
    assert.doesNotMatch(
      codeOf(name),
      /\b(Date\.now|Math\.random|crypto\.|localStorage|globalThis\.fetch\(|setTimeout\()/,
      name,
    );
  }
});

test('IndexedDB is used in store/ alone', () => {
  for (const name of modules.filter((module) => !module.startsWith('store/')))
    assert.doesNotMatch(codeOf(name), /indexedDB|openDB/, name);
});

test('nothing we ship names another host', () => {
  for (const name of readdirSync(PWA, { recursive: true }).filter((file) =>
    /\.(js|css|html|svg|webmanifest)$/.test(file),
  )) {
    const named = [...(name.endsWith('.js') ? codeOf(name) : read(name)).matchAll(/https?:\/\/([\w.-]+)/g)]
      .map(([, host]) => host)
      .filter((host) => host !== 'www.w3.org');
    assert.deepEqual(named, [], name);
  }
});

test('pages hold no inline script, style or handler: the policy of the fund refuses them', () => {
  assert.doesNotMatch(read('index.html'), /<script(?![^>]*src=)|<style|\sstyle=|\son\w+=/);
  for (const name of modules.filter((module) => module.startsWith('views/')))
    assert.doesNotMatch(read(name), /\sstyle=|\son\w+=/, name);
});

test('the vendored modules are the ones their README names', () => {
  const table = [...read('vendor/README.md').matchAll(/^\| `([\w./-]+\.js)` .*`([0-9a-f]{64})`/gm)];
  assert.deepEqual(
    table.map(([, file]) => file).sort(),
    readdirSync(join(PWA, 'vendor'), { recursive: true })
      .filter((file) => file.endsWith('.js'))
      .sort(),
  );
  for (const [, file, hash] of table)
    assert.equal(
      createHash('sha256')
        .update(readFileSync(join(PWA, 'vendor', file)))
        .digest('hex'),
      hash,
      file,
    );
});

test('the version that entries carry is the project’s', () => {
  const project = readFileSync(join(PWA, '../pyproject.toml'), 'utf8');
  assert.equal(read('version.js').match(/APP_VERSION = '(.+)'/)[1], project.match(/^version = "(.+)"/m)[1]);
});

test('every icon of the manifest and every image of the screens exists', () => {
  const shown = [
    ...modules
      .map(read)
      .join('')
      .matchAll(/icons\/[\w-]+\.\w+/g),
  ].map(([name]) => name);
  const declared = JSON.parse(read('manifest.webmanifest')).icons.map(({ src }) => src);
  for (const name of new Set([...shown, ...declared])) assert.ok(readFileSync(join(PWA, name)).length > 0, name);
});

/** WCAG 2.2 relative luminance of "#RRGGBB". */
function luminance(colour) {
  const [red, green, blue] = [1, 3, 5]
    .map((start) => parseInt(colour.slice(start, start + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
const contrast = (one, other) => {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
};
const [light, dark] = read('tokens.css')
  .split('@media (prefers-color-scheme: dark)')
  .map((part) =>
    Object.fromEntries([...part.matchAll(/--([\w-]+): (#[0-9A-F]{6})/g)].map(([, name, value]) => [name, value])),
  );

for (const [name, tokens] of [
  ['light', light],
  ['dark', { ...light, ...dark }],
]) {
  test(`${name}: every text has a contrast of 4.5 on whatever it stands on`, () => {
    for (const ground of ['paper', 'surface', 'note', 'leaf-soft']) {
      for (const ink of ['ink', 'muted', 'leaf', 'beetroot', 'blue', 'green', 'ochre']) {
        assert.ok(
          contrast(tokens[ink], tokens[ground]) >= 4.5,
          `${ink} on ${ground}: ${contrast(tokens[ink], tokens[ground]).toFixed(2)}`,
        );
      }
    }
    for (const ground of ['leaf', 'beetroot', 'blue', 'green', 'ochre'])
      assert.ok(contrast(tokens['on-strong'], tokens[ground]) >= 4.5, ground);
  });

  test(`${name}: the borders of controls have a contrast of 3 with what is around them`, () => {
    for (const ground of ['paper', 'surface', 'note', 'leaf-soft']) {
      for (const edge of ['edge', 'leaf', 'blue', 'green', 'ochre'])
        assert.ok(contrast(tokens[edge], tokens[ground]) >= 3, `${edge} on ${ground}`);
    }
  });
}

test('colours are named in tokens.css alone', () => {
  assert.doesNotMatch(read('app.css').replace(/rgb\(18 26 22 \/ 55%\)/, ''), /#[0-9a-fA-F]{3,8}\b(?!\w)|rgb\(|hsl\(/);
});
