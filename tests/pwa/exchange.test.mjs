import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { FATOU, GRID, LINA, VISIT, at, makePhone, makeFund, statuses } from './phone.mjs';
import { fold } from '../../pwa/domain/journal.js';
import { base45, codesOf, collecting, fileOf, fromFile, unbase45 } from '../../pwa/sync/exchange.js';
import { deflateSync, strToU8, zipSync } from '../../pwa/vendor/fflate.js';
import { encodeQR } from '../../pwa/vendor/qr/index.js';
import { decodeQR } from '../../pwa/vendor/qr/decode.js';

const sha256 = async (bytes) => createHash('sha256').update(bytes).digest('hex');
const MEMBERS = [
  { id: FATOU, name: 'Fatou' },
  { id: LINA, name: 'Lina' },
];

/** A phone of one of the two, with the visit on its list. */
async function phoneOf(person, fund = makeFund()) {
  fund.visits[0].members = MEMBERS;
  // clocks two days apart: no two phones of these tests make the same ids
  const phone = await makePhone({ fund, clock: () => 1_764_000_000_000 + (person === LINA ? 172_800_000 : 0) });
  const me = MEMBERS.find(({ id }) => id === person);
  await phone.store.fieldArrived({ ...fund.field, people: [me] }, null);
  return { ...phone, me: person, exchange: await phone.store.exchange() };
}
const begin = (phone, mode) =>
  phone.store.startVisit(VISIT, phone.me, { grid: GRID, mode, present: MEMBERS.map(({ id }) => id) });
const recordsOf = async ({ store }) => (await store.read()).records.get(VISIT) ?? [];
const stateOf = async (phone) => JSON.parse(JSON.stringify(fold(await recordsOf(phone))));

/** What one shows, the other reads, code by code. */
async function shows(one, other) {
  const { bundle } = await one.exchange.bundleOf(VISIT);
  const reader = collecting(sha256);
  let read = null;
  for (const text of await codesOf(bundle, sha256)) read = (await reader.take(text)) ?? read;
  return other.exchange.takeIn(read);
}

test('base45 gives back any bytes', () => {
  for (let length = 0; length < 200; length += 1) {
    const bytes = Uint8Array.from({ length }, (_, n) => (n * 89 + length * 7) & 0xff);
    assert.deepEqual(unbase45(base45(bytes)), bytes);
  }
  for (const wrong of ['A', ':::', 'é00', 'ABCD']) assert.equal(unbase45(wrong), null);
});

const LONG = {
  visit: VISIT,
  merchant: 'Épicerie',
  people: [MEMBERS[0]],
  entries: Array.from({ length: 90 }, (_, n) => ({
    id: `01970000-0000-7${String(n).padStart(3, '0')}-8000-${createHash('md5').update(String(n)).digest('hex').slice(0, 12)}`,
    v: 1,
    kind: 'choice_made',
    visit: VISIT,
    author: FATOU,
    at: '2026-11-24T14:30:00+01:00',
    app: '0.1.0',
    sheet: 'duo',
    criterion: `critere-${n % 15}`,
    choice: n % 4,
    supersedes: [],
  })),
};

test('a series of codes is read in any order, with repetitions, strangers and damaged ones among them', async () => {
  const texts = await codesOf(LONG, sha256);
  assert.ok(texts.length > 3);
  const reader = collecting(sha256);
  const noise = ['', 'https://exemple.fr', 'CAISSE1:00:1:1:AB', texts[0].slice(0, 40), 'CAISSE1:0123456789ABCDEF:5:3:AB'];
  for (const text of noise) assert.equal(await reader.take(text), null);
  const mixed = [...texts.slice(1).reverse(), ...texts.slice(1), ...noise];
  for (const text of mixed) assert.equal(await reader.take(text), null);
  assert.deepEqual(reader.progress().missing, [1]);
  assert.deepEqual(await reader.take(texts[0]), LONG);
});

test('a part that was misread is noticed, and the parts are read again', async () => {
  const texts = await codesOf(LONG, sha256);
  const reader = collecting(sha256);
  const spoiled = texts[1].replace(/.{6}$/, '000000');
  let read = null;
  for (const text of [texts[0], spoiled, ...texts.slice(2)]) read = (await reader.take(text)) ?? read;
  assert.equal(read, null);
  for (const text of texts) read = (await reader.take(text)) ?? read;
  assert.deepEqual(read, LONG);
});

test('another series begins anew', async () => {
  const [first, second] = [await codesOf(LONG, sha256), await codesOf({ ...LONG, merchant: 'Boulangerie' }, sha256)];
  const reader = collecting(sha256);
  await reader.take(first[0]);
  let read = null;
  for (const text of second) read = (await reader.take(text)) ?? read;
  assert.equal(read.merchant, 'Boulangerie');
});

test('the texts fit codes that our own reader reads', async () => {
  const [text] = await codesOf(LONG, sha256);
  const rows = encodeQR(text, 'raw', { ecc: 'medium', border: 3 });
  const scale = 4;
  const side = rows.length * scale;
  const data = new Uint8ClampedArray(side * side * 4).fill(255);
  for (let y = 0; y < side; y += 1)
    for (let x = 0; x < side; x += 1)
      if (rows[Math.floor(y / scale)][Math.floor(x / scale)]) data.fill(0, (y * side + x) * 4, (y * side + x) * 4 + 3);
  assert.equal(decodeQR({ width: side, height: side, data }), text);
  assert.ok(rows.length <= 81, `${rows.length} modules`);
});

test('what is no bundle is refused, with its reason', async () => {
  const packed = (sheet) => zipSync({ 'visite.json': strToU8(typeof sheet === 'string' ? sheet : JSON.stringify(sheet)) });
  const good = { format: 'caisse-commune/visite', v: 1, ...LONG };
  for (const [file, why] of [
    [strToU8('bonjour'), 'foreign'],
    [zipSync({ 'autre.txt': strToU8('x') }), 'foreign'],
    [packed('{'), 'foreign'],
    [packed({ ...good, v: 2 }), 'newer'],
    [packed({ ...good, people: 'moi' }), 'damaged'],
    [packed(good).slice(0, 100), 'damaged'],
    [zipSync({ 'visite.json': new Uint8Array(70_000_000) }), 'large'],
  ])
    await assert.rejects(fromFile(file, sha256), { name: 'ExchangeRefused', why });
  const name = (await sha256(deflateSync(strToU8('{}')))).slice(0, 16).toUpperCase();
  await assert.rejects(collecting(sha256).take(`CAISSE1:${name}:1:1:${base45(deflateSync(strToU8('{}')))}`), { why: 'foreign' });
});

test('entries without the form of one, or of another visit, are left out', async () => {
  const strange = [{ id: 'x' }, { ...LONG.entries[0], visit: '01970000-0000-7000-8000-000000000009' }, null];
  const file = fileOf({ ...LONG, entries: [...LONG.entries, ...strange] }, []);
  assert.equal((await fromFile(file, sha256)).bundle.entries.length, LONG.entries.length);
});

test('two phones that showed each other their codes read the same, and so does the fund afterwards', async () => {
  const fund = makeFund();
  const [fatou, lina] = [await phoneOf(FATOU, fund), await phoneOf(LINA, fund)];
  await begin(fatou, 'two_phones');
  await shows(fatou, lina);
  await fatou.store.answer(at('prix'), 1);
  await lina.store.answer({ ...at('prix'), author: LINA }, 2);
  await shows(fatou, lina);
  await shows(lina, fatou);
  await shows(lina, fatou); // again: nothing changes
  assert.deepEqual(await stateOf(fatou), await stateOf(lina));
  assert.equal((await stateOf(lina)).sheets.duo.prix.length, 2);
  await lina.outbox.wake({ now: true });
  await fatou.outbox.wake({ now: true });
  assert.deepEqual([...fund.entries.keys()].sort(), (await stateOf(lina)).ids);
  assert.deepEqual(new Set(await statuses(lina.store)), new Set(['received']));
});

test('a sheet that is not done is not shown, one that is done is, and the other keeps theirs', async () => {
  const [fatou, lina] = [await phoneOf(FATOU), await phoneOf(LINA)];
  await begin(fatou, 'separate');
  await fatou.store.answer({ ...at('prix'), sheet: FATOU }, 1);
  assert.equal((await fatou.exchange.bundleOf(VISIT)).heldBack, true);
  assert.equal((await shows(fatou, lina)).length, 1); // the beginning alone
  await lina.store.answer({ ...at('prix'), author: LINA, sheet: LINA }, 3);
  await fatou.store.sheetDone(VISIT, FATOU);
  await shows(fatou, lina);
  await shows(lina, fatou);
  assert.deepEqual((await stateOf(lina)).done, { [FATOU]: (await stateOf(fatou)).done[FATOU] });
  assert.deepEqual((await stateOf(lina)).relayed, []); // heard from its author's own phone
  assert.equal((await stateOf(fatou)).sheets[LINA], undefined);
});

test('what the fund confirms is not replaced by what a phone shows, and a relay of the fund does not undo what was heard', async () => {
  const fund = makeFund();
  const [fatou, lina] = [await phoneOf(FATOU, fund), await phoneOf(LINA, fund)];
  await begin(fatou, 'two_phones');
  await fatou.store.answer(at('prix'), 1);
  await shows(fatou, lina);
  const { bundle } = await fatou.exchange.bundleOf(VISIT);
  const forged = { ...bundle, entries: bundle.entries.map((entry) => ('choice' in entry ? { ...entry, choice: 3 } : entry)) };
  assert.deepEqual(await lina.exchange.takeIn(forged), []);
  assert.deepEqual((await stateOf(lina)).sheets.duo.prix.map(({ choice }) => choice), [1]);
  const told = bundle.entries.map((entry) => ({ entry, confirmed: false, brought_by: LINA }));
  await lina.store.receiptArrived(
    { entries: [], cursor: 0, joins: 0 },
    { accepted: [], rejected: [], entries: told, cursor: 2, epoch: 'first' },
    1,
  );
  assert.deepEqual((await stateOf(lina)).relayed, []);
});

test('what a partner brings in the name of this phone’s own person is left out: it would leave as their word', async () => {
  const [fatou, lina] = [await phoneOf(FATOU), await phoneOf(LINA)];
  await begin(fatou, 'two_phones');
  await shows(fatou, lina);
  const { bundle } = await fatou.exchange.bundleOf(VISIT);
  const forged = { ...LONG.entries[0], author: LINA };
  assert.deepEqual(await lina.exchange.takeIn({ ...bundle, entries: [forged] }), []);
});

test('a visit that is not on the list is refused; strangers’ entries are left out', async () => {
  const lina = await phoneOf(LINA);
  const elsewhere = { ...LONG, visit: '01970000-0000-7000-8000-000000000009', entries: [] };
  await assert.rejects(lina.exchange.takeIn(elsewhere), { name: 'NotOurs' });
  const stranger = '00000000-0000-7000-8000-00000000dead';
  const theirs = { ...LONG, entries: [{ ...LONG.entries[0], author: stranger }] };
  assert.deepEqual(await lina.exchange.takeIn(theirs), []);
});

test('a file brings the photos whose bytes are what they say', async () => {
  const [fatou, lina] = [await phoneOf(FATOU), await phoneOf(LINA)];
  await begin(fatou, 'two_phones');
  const bytes = strToU8('une photo');
  const hash = await sha256(bytes);
  const about = { kind: 'photo_attached', sheet: 'duo', criterion: null, sha256: hash, bytes: bytes.length, media: 'image/jpeg', caption: '' };
  const medium = { sha256: hash, visit: VISIT, bytes: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length), media: 'image/jpeg', status: 'local', problem: null };
  await fatou.store.attach(VISIT, FATOU, about, medium);
  const { bundle } = await fatou.exchange.bundleOf(VISIT);
  const file = fileOf(bundle, await fatou.exchange.mediaOf(bundle));
  const { bundle: read, media } = await fromFile(file, sha256);
  await lina.exchange.takeIn(read, media);
  assert.equal(new TextDecoder().decode((await lina.store.medium(hash)).bytes), 'une photo');
  const false_ = fileOf(bundle, [{ sha256: hash, bytes: strToU8('une autre') }]);
  assert.equal((await fromFile(false_, sha256)).media.size, 0);
});

test('what the fund erased does not come back from a partner who still has it', async () => {
  const fund = makeFund();
  const [fatou, lina] = [await phoneOf(FATOU, fund), await phoneOf(LINA, fund)];
  await begin(lina, 'two_phones');
  const [said] = await lina.store.append(VISIT, LINA, () => [
    { kind: 'remark_made', sheet: 'duo', criterion: null, text: 'Une dame en bleu', supersedes: [] },
  ]);
  await fatou.store.receiptArrived(
    { entries: [], cursor: 0, joins: 0 },
    {
      accepted: [],
      rejected: [],
      entries: [{ entry: { ...said.entry, text: '' }, confirmed: false, brought_by: LINA, erased: true }],
      cursor: 1,
      epoch: 'first',
    },
    0,
  );
  await shows(lina, fatou);
  const [record] = (await recordsOf(fatou)).filter(({ id }) => id === said.id);
  assert.equal(record.entry.text, '');
});
