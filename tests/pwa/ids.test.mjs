import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mint } from '../../pwa/domain/ids.js';

const NOW = 1_763_974_800_000;
const ALL_ONES = (1n << 74n) - 1n;

test('an id is a UUIDv7 of the moment', () => {
  assert.match(mint(NOW, ALL_ONES), /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(Number.parseInt(mint(NOW, 0n).replace('-', '').slice(0, 12), 16), NOW);
});

test('ids minted in one millisecond, or by a clock that went back, keep rising', () => {
  let above = null;
  for (const moment of [NOW, NOW, NOW - 172_800_000, 0, NOW, NOW + 1]) {
    const id = mint(moment, 0n, above);
    assert.ok(above === null || id > above, `${id} after ${above}`);
    above = id;
  }
});

test('a full counter borrows the next millisecond', () => {
  const full = mint(NOW, 0n).replace('-7000-', '-7fff-');
  assert.equal(mint(NOW, 0n, full), mint(NOW + 1, 0n));
});
