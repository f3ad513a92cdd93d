import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { isEntry } from '../../pwa/domain/shapes.js';
import { FATOU, GRID, VISIT } from './phone.mjs';

const ID = '01970000-0000-7000-8000-000000000009';
const COMMON = { id: ID, v: 1, visit: VISIT, author: FATOU, at: '2026-11-24T14:30:00+01:00', app: '0.1.0' };
const CHOICE = { ...COMMON, kind: 'choice_made', sheet: 'duo', criterion: 'prix', choice: 2, supersedes: [] };

test('every entry of the vectors that the two engines share has the form', () => {
  const { cases } = JSON.parse(readFileSync(new URL('../../fixtures/journal.json', import.meta.url), 'utf8'));
  const entries = cases.flatMap(({ records }) => records.map(({ entry }) => entry));
  assert.ok(entries.length > 20);
  for (const entry of entries) assert.ok(isEntry(entry), JSON.stringify(entry));
});

test('what a stranger made has not', () => {
  for (const wrong of [
    null,
    7,
    [],
    {},
    { ...CHOICE, id: 'x' },
    { ...CHOICE, v: 2 },
    { ...CHOICE, supersedes: null },
    { ...CHOICE, supersedes: ['x'] },
    { ...CHOICE, choice: { points: 2 } },
    { ...CHOICE, sheet: '__proto__' },
    { ...CHOICE, visit: undefined },
    { ...CHOICE, at: 'hier' },
    { ...CHOICE, at: '2026-99-99T14:30:00+01:00' },
    { ...COMMON, kind: 'visit_closed', entries: 'all', photos: [] },
    { ...COMMON, kind: 'visit_started', grid: GRID, mode: 'one_phone', present: {} },
    { ...COMMON, kind: 'later_kind', more: 'x'.repeat(300_000) },
  ])
    assert.equal(isEntry(wrong), false, JSON.stringify(wrong)?.slice(0, 200));
});

test('a kind of a later version passes with its common part', () => {
  assert.ok(isEntry({ ...COMMON, kind: 'weather_noted', sky: 'blue' }));
  assert.ok(isEntry({ ...COMMON, kind: 'constructor' }));
});
