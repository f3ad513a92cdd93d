import assert from 'node:assert/strict';
import { test } from 'node:test';
import { around, spread } from '../../backend/web/static/map/naming.js';

const MAP = { width: 360, height: 400 };
const town = (name, x, y, count = 1, size = [80, 20]) => ({ town: { name, lat: 0, lon: 0, count }, size, x, y });
const boxes = (towns, written) =>
  written.map(({ town: { name }, size: [width, height], offset: [right, down] }) => {
    const { x, y } = towns.find((one) => one.town.name === name);
    return { left: x + right - width / 2, right: x + right + width / 2, top: y + down - height / 2, bottom: y + down + height / 2 };
  });
const meet = (one, other) => one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;

test('of two names that want the same room the one with more places has it', () => {
  const full = { x: 180, y: 200 };
  const beside = [[180, 160], [180, 240], [100, 200], [260, 200]].map(([x, y], rank) => town(`Autour ${rank}`, x, y, 50 - rank, [150, 40]));
  const written = spread([town('Petite', full.x, full.y, 1), town('Grande', full.x, full.y, 9), ...beside], [], MAP, 14);
  const names = written.map((one) => one.town.name);
  assert.deepEqual(names.slice(0, 2), ['Autour 0', 'Autour 1']);
  assert.ok(!names.includes('Petite'));
});

test('a name that finds its point taken stands beside it', () => {
  const written = spread([town('Vue', 180, 200)], [around(180, 200, 48, 48)], MAP, 26);
  assert.deepEqual(written.map(({ offset }) => offset), [[0, 36]]);
});

test('no name is over another, under a pin or over the edge', () => {
  let seed = 7;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  for (let turn = 0; turn < 200; turn += 1) {
    const towns = Array.from({ length: 40 }, (_, rank) => town(`T${rank}`, random() * 400 - 20, random() * 440 - 20, rank % 7, [40 + random() * 90, 18]));
    const pins = Array.from({ length: 8 }, () => around(random() * 360, random() * 400, 48, 48));
    const written = boxes(towns, spread(towns, pins, MAP, 14));
    assert.ok(written.length > 3);
    for (const [rank, one] of written.entries()) {
      assert.ok(one.left >= 0 && one.right <= 360 && one.top >= 0 && one.bottom <= 400);
      assert.ok(![...written.slice(rank + 1), ...pins].some((other) => meet(one, other)));
    }
  }
});
