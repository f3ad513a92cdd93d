import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keepingState } from '../../pwa/state/keeping.js';
import { visitLists } from '../../pwa/state/visits.js';
import { visitOf } from '../../pwa/state/visit.js';
import { FATOU, GRID, LINA, VISIT, at, makeFund, makePhone, makeStore, problem, receipt, recordsOf } from './phone.mjs';

const NOW = 1_764_000_000_000;
const DAY = 86_400_000;
const PHONE = { quota: 10e9, usage: 1e6, persisted: true, installed: false, camera: true, system: 'android' };
const names = (memory, device = PHONE, clockOff = 0, now = NOW) =>
  keepingState(memory, { device, clockOff, now }).warnings.map(({ name }) => name);

async function fatousPhone() {
  const store = makeStore();
  await store.joined({ people: [{ id: FATOU, name: 'Fatou' }], territory: { id: 't', name: 'T' }, epoch: 'first' });
  await store.fieldArrived(makeFund().field, null);
  return store;
}
const begun = async () => {
  const store = await fatousPhone();
  await store.startVisit(VISIT, FATOU, { grid: GRID, mode: 'one_phone', present: [FATOU] });
  return store;
};

test('a phone that keeps what it is given is warned of nothing', async () => {
  assert.deepEqual(names(await (await begun()).read()), []);
});

test('what could go wrong is told, the gravest first', async () => {
  const memory = await (await begun()).read();
  assert.deepEqual(names(memory, { ...PHONE, usage: 9.97e9, persisted: false }, 3 * DAY), ['space', 'clock']);
  assert.deepEqual(names(memory, { ...PHONE, persisted: false }), ['kept']);
  assert.deepEqual(names(memory, { ...PHONE, persisted: false, installed: true }), []);
  assert.deepEqual(names(memory, { ...PHONE, persisted: false, system: 'ios' }), ['ios']);
  assert.deepEqual(names(memory, { ...PHONE, quota: 120e6 }), ['private']);
  assert.deepEqual(names(memory, { ...PHONE, quota: null, usage: null, persisted: null }), []);
  assert.deepEqual(names(memory, PHONE, 0, NOW + 8 * DAY), ['old']);
});

test('a phone that may forget says so only once there is something to lose', async () => {
  const store = await fatousPhone();
  assert.deepEqual(names(await store.read(), { ...PHONE, persisted: false }), []);
});

test('a warning put aside is silent for a while, and comes back', async () => {
  const store = await begun();
  await store.remember({ put_aside: { kept: NOW } });
  const memory = await store.read();
  assert.deepEqual(names(memory, { ...PHONE, persisted: false }, 0, NOW + 6 * DAY), []);
  assert.deepEqual(names(memory, { ...PHONE, persisted: false }, 0, NOW + 7.5 * DAY), ['kept', 'old']);
});

test('what is here is told visit by visit: answers, remarks, photos, what waits and since when, words begun', async () => {
  const store = await begun();
  await store.answer(at('prix'), 2);
  await store.answer(at('prix'), 3);
  await store.keepTyping({ place: 'p', visit: VISIT, kind: 'remark', sheet: 'duo', criterion: 'prix', author: FATOU, text: 'Une mar', over: [] });
  const [here] = keepingState(await store.read(), { device: null, clockOff: 0, now: NOW }).here;
  assert.deepEqual([here.answers, here.remarks, here.photos, here.waiting, here.refused, here.held], [1, 0, 0, 3, 0, 0]);
  assert.equal(here.since, NOW);
  assert.deepEqual(here.drafts.map(({ text }) => text), ['Une mar']);
});

test('a visit held for somebody else is on no list', async () => {
  const store = await begun();
  const file = await (await store.backup()).save();
  const other = makeStore();
  await other.joined({ people: [{ id: LINA, name: 'Lina' }], territory: { id: 't', name: 'T' }, epoch: 'first' });
  await (await other.backup()).restore(file, async () => '');
  const memory = await other.read();
  assert.deepEqual(visitLists(memory), { todo: [], over: [] });
  const { here, absent } = keepingState(memory, { device: null, clockOff: 0, now: NOW });
  assert.deepEqual([here[0].held, absent], [1, [{ id: FATOU, name: 'Fatou' }]]);
});

test('a visit whose beginning was refused begins again on the planned grid, and the old beginning says nothing more', async () => {
  const fund = makeFund();
  const phone = await makePhone({ fund });
  await phone.store.fieldArrived({ ...fund.field, grids: { [GRID]: { criteria: [], categories: [] }, 'nantes-ouest/old': { criteria: [], categories: [] } } }, null);
  await phone.store.startVisit(VISIT, FATOU, { grid: 'nantes-ouest/old', mode: 'one_phone', present: [FATOU] });
  const [refused] = await recordsOf(phone.store);
  const no = await problem(422, 'wrong_grid').json();
  fund.receive = (body) => receipt({ rejected: body.entries.map(({ id }) => ({ id, problem: no })) });
  await phone.outbox.wake();
  await phone.store.restartVisit(VISIT, FATOU, { grid: GRID, mode: 'one_phone', present: [FATOU] });
  const records = await recordsOf(phone.store);
  assert.deepEqual(records.map(({ id, set_aside: aside }) => [id === refused.id, aside ?? false]), [
    [true, true],
    [false, false],
  ]);
  assert.equal(visitOf(await phone.store.read(), VISIT).fold.grid, GRID);
});
