import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { strToU8, unzipSync, zipSync } from '../../pwa/vendor/fflate.js';
import { FATOU, GRID, LINA, VISIT, at, makeFund, makePhone, makeStore, recordsOf, statuses } from './phone.mjs';

const sha256 = async (bytes) => createHash('sha256').update(bytes).digest('hex');
const PHOTO = Uint8Array.of(255, 216, 255, 1, 2, 3);
const HASH = createHash('sha256').update(PHOTO).digest('hex');
const field = () => makeFund().field;
const TYPED = { place: `${VISIT}/prix/old-tab`, visit: VISIT, kind: 'remark', sheet: 'duo', criterion: 'prix', author: FATOU, text: 'Une mar', over: [] };

/** Fatou's phone: an answer, a photo, and words she was typing. */
async function fatousPhone(how = {}) {
  const store = makeStore(how);
  await store.remember({ device_key: 'secret-key' });
  await store.joined({ people: [{ id: FATOU, name: 'Fatou' }], territory: { id: 't', name: 'T' }, epoch: 'first' });
  await store.fieldArrived(field(), null);
  await store.startVisit(VISIT, FATOU, { grid: GRID, mode: 'one_phone', present: [FATOU, LINA] });
  await store.answer(at('prix'), 2);
  await store.append(
    VISIT,
    FATOU,
    () => [{ kind: 'photo_attached', sheet: 'duo', criterion: 'prix', sha256: HASH, bytes: 6, media: 'image/jpeg', caption: '' }],
    { media: [{ sha256: HASH, visit: VISIT, bytes: PHOTO.slice().buffer, media: 'image/jpeg', status: 'local', problem: null }] },
  );
  await store.keepTyping(TYPED);
  return store;
}

const backupOf = async (store) => (await store.backup()).save();
const restore = async (store, file) => (await store.backup()).restore(file, sha256);
const idsOf = async (store) => (await recordsOf(store)).map(({ id }) => id);
const altered = (file, change) => {
  const files = unzipSync(file);
  const sheet = JSON.parse(new TextDecoder().decode(files['caisse.json']));
  change(sheet, files);
  return zipSync({ ...files, 'caisse.json': strToU8(JSON.stringify(sheet)) });
};

test('a backup holds neither the key of the device nor what was done for training', async () => {
  const store = await fatousPhone();
  const file = altered(await backupOf(store), (sheet) => {
    assert.equal(JSON.stringify(sheet).includes('secret-key'), false);
    assert.deepEqual(sheet.people, [{ id: FATOU, name: 'Fatou' }]);
    assert.equal(sheet.epoch, 'first');
  });
  assert.ok(file.length > 100);
});

test('restored where the same person is: it is theirs and goes as their own', async () => {
  const file = await backupOf(await fatousPhone());
  const other = makeStore();
  await other.joined({ people: [{ id: FATOU, name: 'Fatou' }], territory: { id: 't', name: 'T' }, epoch: 'first' });
  assert.deepEqual(await restore(other, file), { entries: 3, media: 1, drafts: 1 });
  const records = await recordsOf(other);
  assert.deepEqual(records.map(({ status, origin, confirmed }) => [status, origin, confirmed]), Array(3).fill(['local', 'here', true]));
  assert.equal((await other.nextBatch({ entries: 500, bytes: 1e6 })).entries.length, 3);
  assert.deepEqual([...(await other.read()).drafts.values()], [TYPED]);
});

test('restored before anyone joined: it waits, and goes once its author is here', async () => {
  const file = await backupOf(await fatousPhone());
  const fund = makeFund();
  const phone = await makePhone({ fund, joined: false });
  await restore(phone.store, file);
  assert.deepEqual(await statuses(phone.store), ['held', 'held', 'held']);
  assert.equal((await phone.store.nextBatch({ entries: 500, bytes: 1e6 })).entries.length, 0);
  await phone.store.joined({ people: [{ id: FATOU, name: 'Fatou' }], territory: { id: 't', name: 'T' }, epoch: 'first' });
  await phone.outbox.wake();
  await phone.outbox.wake({ now: true });
  assert.deepEqual(await statuses(phone.store), ['received', 'received', 'received']);
  assert.equal(fund.entries.size, 3);
});

test('restored on a partner’s phone: kept under its author, brought as a relay', async () => {
  const file = await backupOf(await fatousPhone());
  const phone = makeStore();
  await phone.joined({ people: [{ id: LINA, name: 'Lina' }], territory: { id: 't', name: 'T' }, epoch: 'first' });
  await restore(phone, file);
  assert.deepEqual(await statuses(phone), ['held', 'held', 'held']);
  await phone.fieldArrived({ ...field(), people: [{ id: LINA, name: 'Lina' }] }, null);
  const records = await recordsOf(phone);
  assert.deepEqual(records.map(({ status, origin, confirmed, entry }) => [status, origin, confirmed, entry.author]), Array(3).fill(['local', 'server', false, FATOU]));
});

test('restored for somebody who has no part in anything here: it stays held, whatever happens', async () => {
  const file = await backupOf(await fatousPhone());
  const phone = makeStore();
  await phone.joined({ people: [{ id: LINA, name: 'Lina' }], territory: { id: 't', name: 'T' }, epoch: 'first' });
  await restore(phone, file);
  await phone.fieldArrived({ ...field(), people: [{ id: LINA, name: 'Lina' }], visits: [] }, null);
  assert.deepEqual(await statuses(phone), ['held', 'held', 'held']);
  assert.deepEqual((await phone.facts()).absent, [{ id: FATOU, name: 'Fatou' }]);
  const again = await backupOf(phone);
  const own = makeStore();
  await own.joined({ people: [{ id: FATOU, name: 'Fatou' }], territory: { id: 't', name: 'T' }, epoch: 'first' });
  assert.equal((await restore(own, again)).entries, 3, 'it can be handed on');
});

test('the same file twice changes nothing, even once its words became a remark', async () => {
  const store = await fatousPhone();
  const file = await backupOf(store);
  assert.deepEqual(await restore(store, file), { entries: 0, media: 0, drafts: 0 });
  await store.typingDone(VISIT, FATOU, TYPED.place);
  const before = await idsOf(store);
  assert.deepEqual(await restore(store, file), { entries: 0, media: 0, drafts: 0 });
  assert.deepEqual(await idsOf(store), before);
  assert.equal((await store.read()).drafts.size, 0);
});

test('what is here is never replaced by what a file says', async () => {
  const store = await fatousPhone();
  const [, choice] = await recordsOf(store);
  const file = altered(await backupOf(store), (sheet) => {
    sheet.entries.find(({ entry }) => entry.id === choice.id).entry.choice = 0;
    sheet.visits[0].merchant.name = 'Autre';
  });
  await restore(store, file);
  assert.equal((await recordsOf(store)).find(({ id }) => id === choice.id).entry.choice, 2);
  assert.equal((await store.read()).visits[0].merchant.name, 'Épicerie');
});

for (const [name, why, spoil] of [
  ['a picture', 'foreign', () => PHOTO],
  ['nothing', 'foreign', () => new Uint8Array()],
  ['another ZIP', 'foreign', () => zipSync({ 'a.txt': strToU8('bonjour') })],
  ['a ZIP with another caisse.json', 'foreign', () => zipSync({ 'caisse.json': strToU8('{"format": 1}') })],
  ['a file cut in the middle', 'damaged', (file) => file.slice(0, file.length >> 1)],
  ['a later version', 'newer', (file) => altered(file, (sheet) => void (sheet.version = 2))],
  ['a photo that is not what its name says', 'damaged', (file) => altered(file, (_, files) => void (files[`medias/${HASH}`] = strToU8('x')))],
  ['a photo that is missing', 'damaged', (file) => altered(file, (_, files) => delete files[`medias/${HASH}`])],
  ['an entry that would stop the screens', 'damaged', (file) => altered(file, ({ entries }) => void (entries[1].entry.supersedes = null))],
  ['a grid without criteria', 'damaged', (file) => altered(file, (sheet) => void (sheet.grids = [{ id: GRID }]))],
  ['lists that are none', 'damaged', (file) => altered(file, (sheet) => void (sheet.visits = { length: 1 }))],
])
  test(`${name} is refused, and nothing is written`, async () => {
    const file = await backupOf(await fatousPhone());
    const store = makeStore();
    await assert.rejects(restore(store, spoil(file)), (error) => error.name === 'BackupRefused' && error.why === why);
    const { records, visits, drafts } = await store.read();
    assert.deepEqual([records.size, visits.length, drafts.size], [0, 0, 0]);
  });

test('a file that says it unpacks to more than a phone holds is not unpacked', async () => {
  const file = zipSync({ 'caisse.json': new Uint8Array(450_000_000) }, { level: 9 });
  await assert.rejects(restore(makeStore(), file), { name: 'BackupRefused', why: 'damaged' });
});
