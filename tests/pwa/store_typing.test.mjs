import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeTyping } from '../../pwa/typing.js';
import { FATOU, VISIT, makeStore, recordsOf, started } from './phone.mjs';
import { fold } from '../../pwa/domain/journal.js';

const draft = (text, over = []) => ({
  place: 'tab',
  visit: VISIT,
  kind: 'remark',
  sheet: 'duo',
  criterion: 'prix',
  author: FATOU,
  text,
  over,
});
const remarks = async (store) => fold(await recordsOf(store)).remarks.map(({ text }) => text);

test('the last text typed is on disk, however fast it was typed', async () => {
  const store = makeStore();
  const typing = makeTyping(store);
  const writing = ['U', 'Un', 'Une', 'Une ', 'Une m'].map((text) => typing.type(draft(text)));
  assert.equal(typing.isKept('tab'), false);
  await Promise.all(writing);
  assert.equal((await store.read()).drafts.get('tab').text, 'Une m');
  assert.equal(typing.isKept('tab'), true);
});

test('leaving without having typed writes nothing, and says so', async () => {
  assert.equal(await makeTyping(makeStore()).finish(), false);
});

test('leaving after typing makes one remark, once', async () => {
  const store = makeStore();
  await started(store);
  const typing = makeTyping(store);
  typing.type(draft('Une marche'));
  assert.equal(await typing.finish(), true);
  assert.equal(await typing.finish(), false);
  assert.deepEqual(await remarks(store), ['Une marche']);
});

test('typing that goes on while the first words become a remark replaces them', async () => {
  const store = makeStore();
  await started(store);
  const typing = makeTyping(store);
  await typing.type(draft('Une'));
  const leaving = typing.finish();
  await Promise.resolve();
  typing.type(draft('Une marche'));
  await leaving;
  await typing.finish();
  assert.deepEqual(await remarks(store), ['Une marche']);
});

test('when the disk is full, typing says so, and the next text is tried again', async () => {
  const store = makeStore();
  const full = { ...store, keepTyping: () => Promise.reject(new DOMException('full', 'QuotaExceededError')) };
  const typing = makeTyping(full);
  await assert.rejects(typing.type(draft('Une')), { name: 'QuotaExceededError' });
  assert.equal(typing.isKept('tab'), false);
  full.keepTyping = store.keepTyping;
  await typing.type(draft('Une marche'));
  assert.equal((await store.read()).drafts.get('tab').text, 'Une marche');
});

test('two fields typed in one after the other at once are both kept', async () => {
  const store = makeStore();
  await started(store);
  const typing = makeTyping(store);
  typing.type(draft('Une marche'));
  typing.type({ ...draft('Un rideau'), place: 'other', criterion: 'horaires' });
  await typing.finish();
  assert.deepEqual(await remarks(store), ['Une marche', 'Un rideau']);
});
