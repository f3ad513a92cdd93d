import assert from 'node:assert/strict';
import { test } from 'node:test';

import { said, status } from '../../backend/web/static/public-sheet.js';

const HOUR = 3600;
const DAY = 24 * HOUR;
const known = (open, doubtful = [], until = 14 * DAY) => ({
  open,
  doubtful,
  until,
  words: { open: 'open', closed: 'closed', closed_unsure: 'unsure', open_at: 'until {hour}' },
});

test('an hour is said only when it is within a day', () => {
  const always = known([[0, 5 * DAY]]);
  assert.equal(said(always, 10 * HOUR), 'open');
  assert.equal(said(always, 4 * DAY), 'open'); // a day is too long already
  assert.equal(said(always, 4 * DAY + HOUR), 'until 1:00'); // in Paris
});

test('no opening is promised beyond a day that nobody knows', () => {
  const fridays = known([[5 * DAY, 5 * DAY + HOUR]], [[2 * DAY, 3 * DAY]]);
  assert.equal(said(fridays, DAY), 'unsure');
  assert.equal(said(known([], [[2 * DAY, 3 * DAY]]), DAY), 'unsure');
  assert.deepEqual(status(fridays, 4 * DAY), { now: 'closed', until: 5 * DAY, sure: true });
});
