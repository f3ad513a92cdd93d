import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FATOU, FROM_START, GRID, LINA, VISIT, at, freshName, makeFund, makeStore, recordsOf, started } from './phone.mjs';
import { fold } from '../../pwa/domain/journal.js';

const THEIRS = (id, rest) => ({
  entry: { id, v: 1, visit: VISIT, author: LINA, at: '2026-11-24T14:30:00+01:00', app: '0.1.0', ...rest },
  confirmed: true,
  brought_by: null,
});
const incoming = (...entries) => ({ accepted: [], rejected: [], entries, cursor: 1, epoch: 'first' });
const current = async (store, criterion) =>
  fold(await recordsOf(store)).sheets.duo[criterion].map(({ choice }) => choice);

test('a choice is on disk when the promise resolves: another page reads it', async () => {
  const name = freshName();
  const store = makeStore({ name });
  await started(store);
  await store.answer(at('prix'), 2);
  const records = await recordsOf(makeStore({ name }));
  assert.deepEqual(
    records.map(({ entry }) => entry.kind),
    ['visit_started', 'choice_made'],
  );
  assert.equal(records[1].status, 'local');
});

test('an entry has the keys that the fund knows and no key more', async () => {
  const store = makeStore();
  await started(store);
  const [{ entry }] = await store.answer(at('prix'), 'not_applicable');
  assert.deepEqual(Object.keys(entry).sort(), [
    'app',
    'at',
    'author',
    'choice',
    'criterion',
    'id',
    'kind',
    'sheet',
    'supersedes',
    'v',
    'visit',
  ]);
  assert.match(entry.at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/);
});

test('every write waits for the disk: its transaction asks for strict durability', async (context) => {
  const asked = [];
  const original = IDBDatabase.prototype.transaction;
  context.after(() => {
    IDBDatabase.prototype.transaction = original;
  });
  IDBDatabase.prototype.transaction = function (stores, mode, options) {
    if (mode === 'readwrite') asked.push(options?.durability);
    return original.call(this, stores, mode, options);
  };
  const store = makeStore();
  await started(store);
  await store.answer(at('prix'), 1);
  await store.keepTyping({
    place: 'p',
    visit: VISIT,
    kind: 'remark',
    sheet: 'duo',
    criterion: 'prix',
    author: FATOU,
    text: 'a',
    over: [],
  });
  assert.deepEqual(asked, ['strict', 'strict', 'strict']);
});

test('an id sorts above every id known here, even one from a clock two days ahead', async () => {
  const store = makeStore();
  const ahead = '01990000-0000-7000-8000-000000000001';
  await store.receiptArrived(
    FROM_START,
    incoming(THEIRS(ahead, { kind: 'visit_started', grid: GRID, mode: 'one_phone', present: [] })),
    0,
  );
  const [{ id }] = await store.answer(at('prix'), 1);
  assert.ok(id > ahead, id);
});

test('a choice replaces what is current, and clearing leaves nothing chosen', async () => {
  const store = makeStore();
  await started(store);
  await store.answer(at('prix'), 1);
  await store.answer(at('prix'), 3);
  assert.deepEqual(await current(store, 'prix'), [3]);
  await store.answer(at('prix'), null);
  assert.deepEqual(await current(store, 'prix'), [null]);
});

test('a choice settles two that were made apart', async () => {
  const store = makeStore();
  await started(store);
  await store.answer(at('prix'), 1);
  await store.receiptArrived(
    FROM_START,
    incoming(
      THEIRS('01980000-0000-7000-8000-000000000001', {
        kind: 'choice_made',
        sheet: 'duo',
        criterion: 'prix',
        choice: 2,
        supersedes: [],
      }),
    ),
    0,
  );
  assert.deepEqual(await current(store, 'prix'), [2, 1]);
  await store.answer(at('prix'), 2);
  assert.deepEqual(await current(store, 'prix'), [2]);
});

test('two tabs that answer at the same instant lose neither tap', async () => {
  const name = freshName();
  const [one, other] = [makeStore({ name }), makeStore({ name })];
  await started(one);
  await Promise.all([one.answer(at('prix'), 1), other.answer(at('prix'), 2), one.answer(at('prix'), 3)]);
  const { history } = fold(await recordsOf(one));
  assert.deepEqual(history.duo.prix.map(({ choice }) => choice).sort(), [1, 2, 3]);
  assert.equal(new Set((await recordsOf(one)).map(({ id }) => id)).size, 4);
});

const draft = (text, place = 'tab', over = []) => ({
  place,
  visit: VISIT,
  kind: 'remark',
  sheet: 'duo',
  criterion: 'prix',
  author: FATOU,
  text,
  over,
});
const remarks = async (store) => fold(await recordsOf(store)).remarks;

test('what was typed becomes one remark, and the same text again makes none', async () => {
  const store = makeStore();
  await started(store);
  await store.keepTyping(draft(' Prix lisibles. '));
  await store.typingDone(VISIT, FATOU, 'tab');
  const [{ id }] = await remarks(store);
  await store.keepTyping(draft('Prix lisibles.', 'tab', [id]));
  await store.typingDone(VISIT, FATOU, 'tab');
  assert.deepEqual(
    (await recordsOf(store)).map(({ entry }) => entry.text),
    [undefined, 'Prix lisibles.'],
  );
  assert.equal((await store.read()).drafts.size, 0);
});

test('a text typed and never left is still there for the next page', async () => {
  const name = freshName();
  await makeStore({ name }).keepTyping(draft('Il y a une mar'));
  assert.equal((await makeStore({ name }).read()).drafts.get('tab').text, 'Il y a une mar');
});

test('a remark can be changed, then erased', async () => {
  const store = makeStore();
  await started(store);
  for (const text of ['Une marche', 'Deux marches', '']) {
    await store.keepTyping(
      draft(
        text,
        'tab',
        (await remarks(store)).map(({ id }) => id),
      ),
    );
    await store.typingDone(VISIT, FATOU, 'tab');
  }
  assert.deepEqual(await remarks(store), []);
  assert.equal((await recordsOf(store)).length, 4);
});

test('two tabs that type on the same question at once both keep their words', async () => {
  const name = freshName();
  const [one, other] = [makeStore({ name }), makeStore({ name })];
  await started(one);
  await one.keepTyping(draft('Une marche', 'one'));
  await other.keepTyping(draft('Un rideau', 'other'));
  await one.typingDone(VISIT, FATOU, 'one');
  await other.typingDone(VISIT, FATOU, 'other');
  assert.deepEqual(
    (await remarks(one)).map(({ text }) => text),
    ['Une marche', 'Un rideau'],
  );
});

test('closing lists every entry of the visit, and nothing is answered afterwards', async () => {
  const store = makeStore();
  await started(store);
  await store.answer(at('prix'), 1);
  const before = (await recordsOf(store)).map(({ id }) => id);
  const [{ entry }] = await store.closeVisit(VISIT, FATOU);
  assert.deepEqual([entry.entries, entry.photos], [before, []]);
  await assert.rejects(store.answer(at('prix'), 2), { name: 'VisitEnded' });
  await assert.rejects(store.closeVisit(VISIT, FATOU), { name: 'VisitEnded' });
  assert.equal((await recordsOf(store)).length, 3);
});

test('closing does not list what the fund refused: it would wait for it for ever', async () => {
  const store = makeStore();
  await started(store);
  const [refused] = await store.answer(at('prix'), 1);
  await store.refused(refused.id, null);
  const [{ entry }] = await store.closeVisit(VISIT, FATOU);
  assert.deepEqual(entry.entries, [(await recordsOf(store))[0].id]);
});

test('what was refused is corrected after the closing too, and closed again with the correction', async () => {
  const store = makeStore();
  await started(store);
  const [refused] = await store.answer(at('prix'), 1);
  await store.closeVisit(VISIT, FATOU);
  await store.refused(refused.id, null);
  const [answer, closing] = await store.correct(at('prix'), 2);
  assert.deepEqual(await current(store, 'prix'), [2]);
  const listed = (await recordsOf(store)).filter(({ id }) => ![refused.id, closing.id].includes(id));
  assert.deepEqual(
    closing.entry.entries,
    listed.map(({ id }) => id),
  );
  assert.ok(closing.id > answer.id);
  await store.correct(at('prix'), 3);
  assert.deepEqual(await current(store, 'prix'), [3], 'who corrects may change their mind');
});

test('two answers made apart are settled after the closing too', async () => {
  const store = makeStore();
  await started(store);
  await store.answer(at('prix'), 1);
  await store.closeVisit(VISIT, FATOU);
  const theirs = { kind: 'choice_made', sheet: 'duo', criterion: 'prix', choice: 2, supersedes: [] };
  await store.receiptArrived(FROM_START, incoming(THEIRS('01980000-0000-7000-8000-000000000001', theirs)), 0);
  const [, closing] = await store.correct(at('prix'), 2);
  assert.deepEqual(await current(store, 'prix'), [2]);
  assert.ok(closing.entry.entries.includes('01980000-0000-7000-8000-000000000001'));
});

test('a remark that another tab was typing at the closing is kept, not refused', async () => {
  const store = makeStore();
  await started(store);
  await store.keepTyping(draft('Encore un mot'));
  await store.closeVisit(VISIT, FATOU);
  await store.typingDone(VISIT, FATOU, 'tab');
  const state = fold(await recordsOf(store));
  assert.equal(state.remarks[0].text, 'Encore un mot');
  assert.ok(state.expected_entries.includes(state.remarks[0].id), 'the fund waits for it');
});

test('starting twice starts once', async () => {
  const store = makeStore();
  await started(store);
  await started(store);
  assert.equal((await recordsOf(store)).length, 1);
});

test('an impossible visit keeps its reason and ends the visit', async () => {
  const store = makeStore();
  await store.keepTyping({ ...draft('Rideau'), kind: 'impossible', place: 'i' });
  await store.visitImpossible(VISIT, FATOU, 'closed', 'Rideau baissé');
  assert.deepEqual(fold(await recordsOf(store)).impossible.text, 'Rideau baissé');
  assert.equal((await store.read()).drafts.size, 0);
});

test('the device key is made once, even by two tabs at once', async () => {
  const name = freshName();
  const [one, other] = await Promise.all([makeStore({ name }).deviceKey(), makeStore({ name }).deviceKey()]);
  assert.equal(one, other);
  assert.match(one, /^[\w-]{43}$/);
});

test('a visit that left the list stays when something was written to it, and its grid too', async () => {
  const store = makeStore();
  const { field } = makeFund();
  const empty = { ...field.visits[0], id: '01970000-0000-7000-8000-000000000002' };
  await store.fieldArrived(
    { ...field, visits: [...field.visits, empty], grids: { [GRID]: { title: 'Grille' } } },
    '"1"',
  );
  await started(store);
  await store.fieldArrived({ ...field, visits: [] }, '"2"');
  const { visits, grids, facts } = await store.read();
  assert.deepEqual(
    visits.map(({ id, withdrawn }) => [id, withdrawn]),
    [[VISIT, true]],
  );
  assert.equal(grids.get(GRID).title, 'Grille');
  assert.equal(facts.etag, '"2"');
});

test('a connection that the system dropped is opened again, and the tap is written', async (context) => {
  const store = makeStore();
  await started(store);
  let dropped = false;
  const original = IDBDatabase.prototype.transaction;
  context.after(() => {
    IDBDatabase.prototype.transaction = original;
  });
  IDBDatabase.prototype.transaction = function (...request) {
    if (!dropped) {
      dropped = true;
      this.close();
    }
    return original.apply(this, request);
  };
  await store.answer(at('prix'), 1);
  assert.deepEqual(await current(store, 'prix'), [1]);
});

test('a database made by a newer version says so, and is left as it is', async () => {
  const name = freshName();
  await new Promise((resolve) => {
    indexedDB.open(name, 99).onsuccess = (event) => {
      event.target.result.close();
      resolve();
    };
  });
  await assert.rejects(makeStore({ name }).read(), { name: 'NewerDatabase' });
});

test('a newer version in another tab is let through, and this one then says that it is too old', async () => {
  const name = freshName();
  const store = makeStore({ name });
  await started(store);
  await new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 99);
    request.onsuccess = () => {
      request.result.close();
      resolve();
    };
    request.onblocked = () => reject(new Error('blocked'));
  });
  await assert.rejects(store.answer(at('prix'), 1), { name: 'NewerDatabase' });
});

test('every change is told, so that the screen reads again', async () => {
  const store = makeStore();
  let told = 0;
  store.onChange(() => {
    told += 1;
  });
  await started(store);
  assert.equal(told, 1);
});
