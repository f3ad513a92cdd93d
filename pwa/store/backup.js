/** All that this phone keeps in one file, and back, here or on another phone. Loaded when first needed. */
import { fold } from '../domain/journal.js';
import { BackupRefused, pack, unpack } from './archive.js';
import { HELD_IN, releaseHeld } from './held.js';

/** @import { Backup, Database, Draft, Kept, StorePorts, Transaction, Write } from '../types.js' */

export { BackupRefused };

const ALL = ['facts', 'visits', 'grids', 'entries', 'drafts', 'media'];

/**
 * @param {Write} write
 * @param {<T>(work: (db: Database) => Promise<T>) => Promise<T>} withDatabase
 * @param {StorePorts} ports
 */
export const backup = (write, withDatabase, { app, clock }) => ({
  /** The bytes of a file with everything but the key of the device and what was done for training. */
  save: async () => pack(await withDatabase(everything), app, clock()),

  /**
   * Adds what the file has and this phone has not; nothing here is replaced, so the same file twice changes nothing. What is
   * added goes out to the fund (again), once somebody with a part in it is here.
   * @param {Uint8Array} file
   * @param {(bytes: Uint8Array) => Promise<string>} sha256
   * @returns {Promise<{ entries: number, media: number, drafts: number }>} how much was added; throws BackupRefused
   */
  async restore(file, sha256) {
    const contents = await unpack(file, sha256);
    return write([...new Set([...ALL, ...HELD_IN])], (tx) => add(tx, contents));
  },
});

/** @param {Database} db @returns {Promise<Backup>} */
async function everything(db) {
  const tx = db.transaction(ALL);
  const facts = tx.objectStore('facts');
  const [people, absent, territory, epoch] = await Promise.all(
    ['people', 'absent', 'territory', 'epoch'].map((name) => facts.get(name)),
  );
  const [visits, grids, entries, drafts, media] = await Promise.all(
    ALL.slice(1).map((store) => tx.objectStore(store).getAll()),
  );
  const practice = new Set(visits.filter(({ training }) => training).map(({ id }) => id));
  const real = (/** @type {{ visit: string }} */ { visit }) => !practice.has(visit);
  const gridsOf = (/** @type {boolean} */ training) => visits.filter(({ id }) => practice.has(id) === training).map(({ grid }) => grid);
  return {
    people: [...(people ?? []), ...(absent ?? [])],
    territory: territory ?? null,
    epoch: epoch ?? null,
    visits: visits.filter(({ id }) => !practice.has(id)),
    grids: grids.filter(({ id }) => !gridsOf(true).includes(id) || gridsOf(false).includes(id)),
    entries: entries.filter(({ status }) => status !== 'training').map(({ entry, set_aside: aside }) => ({ entry, set_aside: aside })),
    drafts: drafts.filter(real),
    media: media.filter(real).map(({ sha256, visit, media: type, bytes }) => ({ sha256, visit, media: type, bytes })),
  };
}

/** @param {Transaction} tx @param {Backup} contents */
async function add(tx, { people, visits, grids, entries, drafts, media }) {
  const facts = tx.objectStore('facts');
  const here = (await facts.get('people')) ?? [];
  const added = {
    entries: await addAbsent(tx, 'entries', entries.map(heldRecord)),
    media: await addAbsent(tx, 'media', media.map((one) => ({ ...one, status: 'held', problem: null }))),
    drafts: await addAbsent(tx, 'drafts', await unsaid(tx, drafts)),
  };
  await addAbsent(tx, 'visits', visits.map((visit) => ({ ...visit, withdrawn: true, held: true })));
  await addAbsent(tx, 'grids', grids);
  const names = new Map([...((await facts.get('absent')) ?? []), ...people].map((person) => [person.id, person]));
  await facts.put([...names.values()], 'absent');
  await releaseHeld(tx, here);
  return added;
}

/** @param {Transaction} tx @param {string} store @param {any[]} values @returns {Promise<number>} how many were not here */
async function addAbsent(tx, store, values) {
  const shelf = tx.objectStore(store);
  const here = new Set(await shelf.getAllKeys());
  const absent = values.filter((value) => !here.has(value[/** @type {string} */ (shelf.keyPath)]));
  await Promise.all(absent.map((value) => shelf.put(value)));
  return absent.length;
}

/** @param {Backup['entries'][number]} kept @returns {Kept} */
const heldRecord = ({ entry, set_aside: aside }) => ({
  id: entry.id,
  visit: entry.visit ?? '',
  entry,
  status: 'held',
  restored: true,
  problem: null,
  origin: 'server',
  confirmed: false,
  brought_by: null,
  ...(aside && { set_aside: true }),
});

/** The drafts that have not become entries meanwhile. @param {Transaction} tx @param {Draft[]} drafts */
async function unsaid(tx, drafts) {
  const byVisit = tx.objectStore('entries').index('visit');
  const found = await Promise.all(
    drafts.map(async (draft) => {
      const records = /** @type {Kept[]} */ (await byVisit.getAll(draft.visit));
      const state = fold(records);
      const said = records.some(({ entry }) => entry.author === draft.author && saysIt(entry, draft.text.trim()));
      return said || state.closed || state.impossible ? [] : [{ ...draft, held: true }];
    }),
  );
  return found.flat();
}

/** @param {Kept['entry']} entry @param {string} text */
const saysIt = (entry, text) => ('text' in entry && entry.text === text) || ('reason' in entry && entry.reason === text);
