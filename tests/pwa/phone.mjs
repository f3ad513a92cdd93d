/** A phone in Node: the real store on fake-indexeddb, the real outbox, and a stand-in for the fund at the other end of `fetch`. */
import 'fake-indexeddb/auto';
import { openStore } from '../../pwa/store/store.js';
import { fundApi } from '../../pwa/sync/api.js';
import { makeOutbox } from '../../pwa/sync/outbox.js';

export const FATOU = '00000000-0000-7000-8000-00000000fa70';
export const LINA = '00000000-0000-7000-8000-00000000114a';
export const VISIT = '01970000-0000-7000-8000-000000000001';
export const GRID = 'nantes-ouest/depart-1';

/** A batch of nothing, from a phone that has read nothing. */
export const FROM_START = { entries: [], cursor: 0, joins: 0 };

let databases = 0;
export const freshName = () => `phone-${(databases += 1)}`;

/** Bytes that differ at each call, the same in each run. */
function counting() {
  let count = 0;
  return (/** @type {number} */ bytes) =>
    Uint8Array.from({ length: bytes }, (_, at) => (at === bytes - 1 ? (count += 1) : at * 31) & 0xff);
}

export function makeStore({ name = freshName(), clock = () => 1_764_000_000_000 } = {}) {
  return openStore({ name, clock, random: counting(), app: '0.1.0', channel: { postMessage() {}, onmessage: null } });
}

export const at = (criterion) => ({ visit: VISIT, author: FATOU, sheet: 'duo', criterion });
export const started = (store) => store.startVisit(VISIT, FATOU, { grid: GRID, present: [FATOU, LINA] });
export const recordsOf = async (store) => (await store.read()).records.get(VISIT) ?? [];
export const statuses = async (store) => (await recordsOf(store)).map(({ status }) => status);

/** Answers like the fund does, and remembers what it was sent. `behave(request)` may answer instead. */
export function makeFund() {
  const fund = {
    epoch: 'first',
    entries: new Map(),
    batches: [],
    behave: async (_request) => undefined,
    fetch: async (path, options) => {
      const body = options.body && JSON.parse(options.body);
      const instead = await fund.behave({ path, body });
      if (instead) return instead;
      if (path === '/api/field') return json(200, fund.field);
      if (path === '/api/devices')
        return json(201, { people: fund.field.people, territory: fund.field.territory, epoch: fund.epoch });
      fund.batches.push(body);
      return json(200, fund.receive(body));
    },
    receive({ entries, cursor }) {
      const news = [...fund.entries.values()]
        .slice(cursor)
        .filter(({ id }) => !entries.some((sent) => sent.id === id));
      for (const entry of entries) if (!fund.entries.has(entry.id)) fund.entries.set(entry.id, entry);
      return receipt({
        accepted: entries.map(({ id }) => id),
        entries: news.map(asRecord),
        cursor: fund.entries.size,
        epoch: fund.epoch,
      });
    },
    get field() {
      return {
        epoch: fund.epoch,
        people: [{ id: FATOU, name: 'Fatou' }],
        territory: { id: 'nantes-ouest', name: 'Nantes Ouest' },
        grids: {},
        visits: fund.visits,
        merchants: [],
        app: { version: '0.1.0' },
      };
    },
    visits: [
      {
        id: VISIT,
        merchant: { id: 'm', name: 'Épicerie', kind: 'grocery', address: '', phone: null },
        grid: GRID,
        mode: null,
        planned_on: '2026-11-24',
        planned_at: null,
        members: [{ id: FATOU, name: 'Fatou' }],
        state: 'planned',
        outcome: null,
      },
    ],
  };
  return fund;
}

const asRecord = (entry) => ({ entry, confirmed: true, brought_by: null });
export const receipt = (changes) => ({
  accepted: [],
  rejected: [],
  missing_photos: [],
  decoded_photos: [],
  entries: [],
  cursor: 0,
  epoch: 'first',
  ...changes,
});
export const json = (status, body, headers = {}) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });
export const problem = (status, code, detail = 'Une phrase.') =>
  json(status, { type: `/problemes/${code}`, title: code, status, detail });
export const offline = () => Promise.reject(new TypeError('Failed to fetch'));

/** An outbox whose timers are held until the test lets them go. */
export async function makePhone({ fund = makeFund(), joined = true, ...how } = {}) {
  const store = makeStore(how);
  if (joined) await store.remember({ people: [{ id: FATOU, name: 'Fatou' }] });
  const phone = { store, fund, progress: null, waits: [], timers: [], now: 1_764_000_000_000 };
  phone.api = fundApi({ fetch: (path, options) => fund.fetch(path, options) });
  phone.outbox = makeOutbox({
    api: phone.api,
    store,
    clock: () => phone.now,
    random: () => 0,
    alone: (work) => work(),
    later: (work, ms) => {
      phone.waits.push(ms);
      return phone.timers.push(work);
    },
    forget: () => {},
    show: (progress) => {
      phone.progress = progress;
    },
  });
  return phone;
}
