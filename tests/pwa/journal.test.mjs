import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { choices, fold } from '../../pwa/domain/journal.js';
import { rulesFrom, score, summary } from '../../pwa/domain/scoring.js';

const { cases } = JSON.parse(readFileSync(new URL('../../fixtures/journal.json', import.meta.url), 'utf8'));

test('the phone folds every vector', async (t) => {
  for (const { name, records, expect } of cases) {
    await t.test(name, () => {
      assert.equal(sorted(fold(records)), sorted(expect));
      assert.equal(sorted(fold([...records, ...records].reverse())), sorted(expect));
    });
  }
});

test('the current choices are what the score takes, whatever the criterion is called', () => {
  const { records } = cases.find(({ name }) => name === 'no name is special');
  const criteria = ['__proto__', 'constructor', 'hasOwnProperty'].map((id) => ({ id, category: 'a', weight: 1, points: [0, 1, 2, 3] }));
  const rules = rulesFrom({ categories: [{ id: 'a' }], criteria, decision: { favorable: 65, conditional: 45 } });
  assert.deepEqual(summary(score(rules, choices(fold(records)))).total, [66.6, 66.6]);
});

/** JSON with its keys sorted at every depth, as Python compares it. */
const sorted = (value) =>
  JSON.stringify(value, (key, inner) =>
    inner && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
