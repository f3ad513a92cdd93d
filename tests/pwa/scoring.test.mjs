import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { floored, rulesFrom, score, summary, whatWouldChange } from '../../pwa/domain/scoring.js';

const vectors = readFileSync(new URL('../../fixtures/scoring.json', import.meta.url), 'utf8');
const { cases } = JSON.parse(vectors);
const exactly = JSON.parse(vectors, (key, value, { source }) => (typeof value === 'number' ? source : value)).cases;

const criterion = (id, changes) => ({ id, category: 'a', weight: 1, points: [0, 1, 2, 3], may_not_apply: true, ...changes });
const rules = (...criteria) =>
  rulesFrom({ categories: [{ id: 'a', minimum: null }], criteria, decision: { favorable: 65, conditional: 45 } });

test('the phone agrees with every vector, be its numbers JS numbers or text', async (t) => {
  for (const [place, { name, grid, sheets, expect }] of cases.entries()) {
    await t.test(name, () => {
      assert.equal(JSON.stringify(summary(score(rulesFrom(grid), sheets))), JSON.stringify(expect));
      const { grid: textGrid, sheets: textSheets } = exactly[place];
      assert.equal(JSON.stringify(summary(score(rulesFrom(textGrid), textSheets))), JSON.stringify(expect));
    });
  }
});

test('two is two however it is written', () => {
  for (const choice of [2, 2.0, '2', '2.0', '20e-1', '0.2E1']) {
    assert.deepEqual(score(rules(criterion('x')), { duo: { x: [choice, 2] } }).toSettle, []);
  }
});

test('what is no number is refused', () => {
  for (const choice of [true, 'two', '', '1.', '.5', '1e9999', NaN, Infinity, '٢', [2], {}, undefined]) {
    assert.throws(() => score(rules(criterion('x')), { duo: { x: [choice] } }), RangeError, String(choice));
  }
});

test('a grid that cannot score is refused', () => {
  for (const changes of [{ weight: -1 }, { points: [0] }, { points: [] }, { weight: 'heavy' }]) {
    assert.throws(() => rules(criterion('x', changes)), RangeError);
  }
});

test('a criterion of another grid is ignored', () => {
  const sheets = { duo: { x: [3], y: [0] } };
  assert.deepEqual(summary(score(rules(criterion('x')), sheets)).total, [100, 100]);
});

test('an end that would change is listed with the choice as the journal writes it', () => {
  const changes = whatWouldChange(rules(criterion('x', { points: [0, '1.50', 3] }), criterion('y', { weight: 2 })), {
    duo: { x: [0], y: [2] },
  });
  assert.deepEqual(changes.x, [
    { choice: '1.5', outcome: ['conditional', 'conditional'] },
    { choice: 3, outcome: ['favorable', 'favorable'] },
    { choice: 'not_applicable', outcome: ['favorable', 'favorable'] },
  ]);
});

test('shown numbers are rounded down, below zero too', () => {
  assert.equal(floored(null), null);
  assert.equal(floored({ n: 6499n, d: 100n }), 649);
  assert.equal(floored({ n: -1n, d: 100n }), -1);
});
