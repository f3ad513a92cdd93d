// Several phones in one process, for the Python tests: the real store on fake-indexeddb, the real outbox and exchange. One JSON
// request a line in, one answer a line out; in between, each call to the fund is a line out that the tests answer.
import 'fake-indexeddb/auto';
import { createHash } from 'node:crypto';
import { createInterface } from 'node:readline';
import { fold } from '../../pwa/domain/journal.js';
import { openStore } from '../../pwa/store/store.js';
import { codesOf, collecting } from '../../pwa/sync/exchange.js';
import { fundApi } from '../../pwa/sync/api.js';
import { makeOutbox } from '../../pwa/sync/outbox.js';

const phones = new Map();
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const hear = async () => JSON.parse((await lines.next()).value);
const tell = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

/** The tests are the network: they answer, or say that nothing came back. */
async function throughTests(phone, path, { method = 'GET', headers = {}, body = null }) {
  tell({ call: { phone, method, path, headers, body } });
  const { lost, status, headers: given, text } = await hear();
  if (lost) throw new TypeError('Failed to fetch');
  return new Response(text === '' ? null : text, { status, headers: given });
}

/** A phone whose clock is `skew` milliseconds off; the same one again after an upgrade keeps its database. */
function open(name, skew, app) {
  let now = 1_764_000_000_000 + skew;
  const clock = () => (now += 1);
  const random = (bytes) => crypto.getRandomValues(new Uint8Array(bytes));
  const store = openStore({ name, clock, random, app, channel: { postMessage() {}, onmessage: null } });
  const api = fundApi({ fetch: (path, options) => throughTests(name, path, options) });
  const outbox = makeOutbox({
    api,
    store,
    clock,
    random: () => 0,
    alone: (work) => work(),
    later: () => null,
    forget: () => {},
    show: () => {},
  });
  phones.set(name, { store, api, outbox });
}

const recordsOf = async ({ store }, visit) => (await store.read()).records.get(visit) ?? [];
const sha256 = async (bytes) => createHash('sha256').update(bytes).digest('hex');
const made = (records) => records.map(({ entry }) => entry);

const ops = {
  async open({ phone, skew, app }) {
    open(phone, skew, app);
  },
  async join({ phone, code }) {
    const { store, api } = phones.get(phone);
    const answer = await api.join(code, await store.deviceKey());
    if (answer.kind === 'joined') await store.joined(answer.profile);
    return answer.kind;
  },
  sync: ({ phone }) => phones.get(phone).outbox.wake({ now: true, byHand: true }),
  start: async ({ phone, visit, author, ...how }) => made(await phones.get(phone).store.startVisit(visit, author, how)),
  done: async ({ phone, visit, author }) => made(await phones.get(phone).store.sheetDone(visit, author)),
  listed: async ({ phone, visit }) => (await phones.get(phone).store.read()).visits.some(({ id }) => id === visit),
  async choose({ phone, visit, author, sheet, criterion, choice }) {
    return made(await phones.get(phone).store.answer({ visit, author, sheet, criterion }, choice));
  },
  /** One shows its codes, the other reads them; a few at a time are missed and come round again. */
  async show({ phone, to, visit }) {
    const { bundle } = await (await phones.get(phone).store.exchange()).bundleOf(visit);
    const reader = collecting(sha256);
    const codes = await codesOf(bundle, sha256);
    const texts = [...codes.filter((_, at) => at % 2), ...codes];
    for (const text of texts) {
      const read = await reader.take(text);
      if (read) return made(await (await phones.get(to).store.exchange()).takeIn(read));
    }
    return null;
  },
  known: async ({ phone, visit }) => (await recordsOf(phones.get(phone), visit)).map(({ id }) => id),
  fold: async ({ phone, visit }) => fold(await recordsOf(phones.get(phone), visit)),
};

for (;;) {
  const { value, done } = await lines.next();
  if (done) break;
  const { op, ...request } = JSON.parse(value);
  try {
    tell({ answer: (await ops[op](request)) ?? null });
  } catch (error) {
    tell({ error: `${error.name}: ${error.message}` });
  }
}
