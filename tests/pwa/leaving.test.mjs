import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FATOU, GRID, LINA, VISIT, json, makeFund, makePhone, offline, recordsOf } from './phone.mjs';

const OTHER = '01970000-0000-7000-8000-000000000002';
const HASH = 'a'.repeat(64);
const BOTH = [
  { id: FATOU, name: 'Fatou' },
  { id: LINA, name: 'Lina' },
];

/** Fatou and Lina share a phone and a visit; another visit is Fatou's alone. */
async function sharedPhone({ mode = 'one_phone' } = {}) {
  const fund = makeFund();
  fund.visits[0].members = BOTH;
  fund.visits.push({ ...fund.visits[0], id: OTHER, members: [BOTH[0]], merchant: { ...fund.visits[0].merchant, name: 'Ferme' } });
  const phone = await makePhone({ fund, joined: false });
  await phone.store.joined({ people: BOTH, territory: { id: 't', name: 'T' }, epoch: 'first' });
  await phone.store.fieldArrived({ ...fund.field, people: BOTH }, null);
  const begin = (visit) => phone.store.startVisit(visit, FATOU, { grid: GRID, mode, present: [FATOU, LINA] });
  await begin(VISIT);
  await begin(OTHER);
  return phone;
}
const choose = (store, author, sheet, visit = VISIT) => store.answer({ visit, author, sheet, criterion: 'prix' }, 2);
const leave = async (store, ...people) => (await store.leaving()).leave(people);
const wouldLose = async (store, ...people) => (await store.leaving()).wouldLose(people);

test('when all leave, nothing is left but that the fund has to be told', async () => {
  const { store } = await sharedPhone();
  await choose(store, FATOU, 'duo');
  await store.keepTyping({ place: 'p', visit: VISIT, kind: 'remark', sheet: 'duo', criterion: 'prix', author: LINA, text: 'a', over: [] });
  await leave(store, FATOU, LINA);
  const { facts, visits, grids, records, drafts } = await store.read();
  assert.deepEqual(facts, { leaving: ['all'], joins: 2 });
  assert.deepEqual([visits.length, grids.size, records.size, drafts.size], [0, 0, 0, 0]);
});

test('one of two leaves: their own visit goes, the shared one stays and goes out as brought by the other', async () => {
  const { store } = await sharedPhone();
  await choose(store, FATOU, 'duo');
  await choose(store, FATOU, 'duo', OTHER);
  await leave(store, FATOU);
  const { facts, visits, records } = await store.read();
  assert.deepEqual(facts.people, [BOTH[1]]);
  assert.deepEqual(visits.map(({ id }) => id), [VISIT]);
  assert.deepEqual([...records.keys()], [VISIT]);
  assert.deepEqual((await recordsOf(store)).map(({ origin, confirmed, status }) => [origin, confirmed, status]), Array(2).fill(['server', false, 'local']));
  assert.equal((await store.nextBatch({ entries: 500, bytes: 1e6 })).entries.length, 2);
});

test('a sheet that is still hidden from the one who stays goes', async () => {
  const { store } = await sharedPhone({ mode: 'separate' });
  await choose(store, FATOU, FATOU);
  await choose(store, LINA, LINA);
  await leave(store, FATOU);
  const kept = await recordsOf(store);
  assert.deepEqual(kept.map(({ entry }) => [entry.kind, entry.author]), [
    ['visit_started', FATOU],
    ['choice_made', LINA],
  ]);
});

test('what would be lost is named by visit: answers, remarks, photos, words begun', async () => {
  const { store } = await sharedPhone();
  await choose(store, FATOU, 'duo', OTHER);
  const photo = { kind: 'photo_attached', sheet: 'duo', criterion: 'prix', sha256: HASH, bytes: 2, media: 'image/jpeg', caption: '' };
  const bytes = { sha256: HASH, visit: OTHER, bytes: new ArrayBuffer(2), media: 'image/jpeg', status: 'local', problem: null };
  await store.append(OTHER, FATOU, () => [photo], { media: [bytes] });
  await store.keepTyping({ place: 'p', visit: OTHER, kind: 'remark', sheet: 'duo', criterion: 'prix', author: FATOU, text: 'a', over: [] });
  assert.deepEqual(await wouldLose(store, FATOU), [
    { visit: OTHER, name: 'Ferme', answers: 1, remarks: 0, photos: 1, spotted: 0, drafts: 1, others: 1 },
  ]);
  assert.deepEqual(await wouldLose(store, LINA), []);
});

test('nothing is lost once all is received', async () => {
  const phone = await sharedPhone();
  await choose(phone.store, FATOU, 'duo', OTHER);
  await phone.outbox.wake();
  assert.deepEqual(await wouldLose(phone.store, FATOU, LINA), []);
});

test('the fund is told before anything else is sent; without a network, when there is one', async () => {
  const phone = await sharedPhone();
  const told = [];
  let there = false;
  phone.fund.behave = ({ path }) => {
    if (!there) return offline();
    told.push(path);
    return path.startsWith('/api/devices/me') ? new Response(null, { status: 204 }) : undefined;
  };
  await leave(phone.store, FATOU);
  await phone.outbox.wake({ now: true });
  assert.deepEqual((await phone.store.facts()).leaving, [FATOU]);
  there = true;
  await phone.outbox.wake({ now: true });
  assert.deepEqual((await phone.store.facts()).leaving, []);
  assert.equal(told[0], `/api/devices/me/people/${FATOU}`);
  assert.equal(told[1], '/api/journal');
});

test('a fund that no longer knows this phone needs no telling; a page of a café’s Wi-Fi tells nothing', async () => {
  const phone = await sharedPhone();
  await leave(phone.store, FATOU, LINA);
  phone.fund.behave = async () => new Response('<h1>Wi-Fi</h1>', { status: 404 });
  await phone.outbox.wake({ now: true });
  assert.deepEqual((await phone.store.facts()).leaving, ['all']);
  phone.fund.behave = async () => json(401, { type: '/problemes/signed_out', title: '', status: 401, detail: 'Entrez un code.' });
  await phone.outbox.wake({ now: true });
  assert.deepEqual((await phone.store.facts()).leaving, []);
});

test('an answer asked before somebody left brings back nothing of theirs', async () => {
  const { store, fund } = await sharedPhone();
  const batch = await store.nextBatch({ entries: 0, bytes: 1e6 });
  await leave(store, FATOU);
  const entry = { id: '01970000-0000-7000-8000-0000000000aa', v: 1, kind: 'sheet_done', visit: OTHER, author: FATOU, at: '2026-11-24T14:30:00+01:00', app: 'x', sheet: FATOU };
  await store.receiptArrived(batch, { accepted: [], rejected: [], entries: [{ entry, confirmed: true, brought_by: null }], cursor: 9, epoch: 'first' }, 0);
  await store.fieldArrived({ ...fund.field, people: BOTH }, null);
  const { records, facts } = await store.read();
  assert.equal(records.has(OTHER), false);
  assert.deepEqual(facts.people, [BOTH[1]]);
  assert.equal(facts.cursor, 0);
});
