import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FATOU, VISIT, at, makeStore, started } from './phone.mjs';
import { countsOf } from '../../pwa/state/phone.js';

test('what waits is counted as a person would: questions answered and remarks, not entries', async () => {
  const store = makeStore();
  await started(store);
  await store.answer(at('prix'), 1);
  await store.answer(at('prix'), 2);
  await store.answer(at('horaires'), 2);
  await store.keepTyping({
    place: 'tab',
    visit: VISIT,
    kind: 'remark',
    sheet: 'duo',
    criterion: 'prix',
    author: FATOU,
    text: 'Prix lisibles.',
    over: [],
  });
  await store.typingDone(VISIT, FATOU, 'tab');
  const { waiting, received, rejected } = countsOf(await store.read());
  assert.deepEqual(waiting, { entries: 5, answers: 2, remarks: 1 });
  assert.deepEqual([received, rejected], [{ entries: 0, answers: 0, remarks: 0 }, 0]);
});
