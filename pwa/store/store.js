/**
 * Everything this phone keeps, behind one door. Whatever writes what a person did runs in a transaction with strict
 * durability: when the promise resolves, it is on disk and the screen may say so.
 */
import { around } from './around.js';
import { connect } from './connection.js';
import { field } from './field.js';
import { journal } from './journal.js';
import { media } from './media.js';
import { outgoing } from './outgoing.js';
import { training } from './training.js';

/** @import { Database, Facts, Kept, Memory, StorePorts, Transaction } from '../types.js' */

const STRICT = { durability: /** @type {const} */ ('strict') };

/**
 * @param {StorePorts & {
 *   name?: string,
 *   channel: { postMessage: (message: unknown) => void, onmessage: ((event: any) => void) | null },
 *   free?: () => Promise<unknown>,
 *   blocked?: () => void,
 * }} ports name: of the database; channel, free, blocked: to the other tabs, and what is done when one waits for the other
 */
export function openStore({ name = 'caisse-commune', channel, free = async () => {}, blocked = () => {}, ...ports }) {
  const withDatabase = connect(name, { free, blocked });
  /** @type {Set<() => void>} */
  const listeners = new Set();
  const tell = () => listeners.forEach((listener) => listener());
  channel.onmessage = tell;

  /**
   * One strict transaction, then every tab is told.
   * @template T
   * @param {string[]} stores
   * @param {(tx: Transaction) => Promise<T>} work
   */
  const write = async (stores, work) => {
    const result = await withDatabase(async (db) => {
      const tx = db.transaction(stores, 'readwrite', STRICT);
      try {
        const value = await work(tx);
        await tx.done;
        return value;
      } catch (error) {
        tx.done.catch(() => {}); // its abort is the error we already have
        try {
          tx.abort();
        } catch {
          /* already over */
        }
        throw error;
      }
    });
    channel.postMessage('changed');
    tell();
    return result;
  };

  const written = journal(write, ports);

  return {
    /** @param {() => void} listener called after any change, here or in another tab */
    onChange(listener) {
      listeners.add(listener);
    },

    /** Everything, read in one transaction. */
    read: () => withDatabase(readAll),

    /** @returns {Promise<Facts>} */
    facts: () => withDatabase((db) => readFacts(db.transaction('facts').objectStore('facts'))),

    /**
     * The key that names this device to the fund: made once, on disk before it is first used.
     * @returns {Promise<string>}
     */
    deviceKey: () =>
      write(['facts'], async (tx) => {
        const facts = tx.objectStore('facts');
        const known = await facts.get('device_key');
        if (known) return known;
        const key = base64url(ports.random(32));
        await facts.put(key, 'device_key');
        return key;
      }),

    /** @param {Facts} facts those to change */
    remember: (facts) =>
      write(['facts'], async (tx) => {
        await Promise.all(Object.entries(facts).map(([key, value]) => tx.objectStore('facts').put(value, key)));
      }),

    // these come when first needed
    backup: async () => (await import('./backup.js')).backup(write, withDatabase, ports),
    exchange: async () => (await import('./exchange.js')).exchange(write, withDatabase),
    leaving: async () => (await import('./leaving.js')).leaving(write, withDatabase),

    /** The fund knows that this person has left. @param {string} person an id, or "all" */
    leavingTold: (person) =>
      write(['facts'], async (tx) => {
        const facts = tx.objectStore('facts');
        const untold = /** @type {string[]} */ ((await facts.get('leaving')) ?? []);
        await facts.put(untold.filter((id) => id !== person), 'leaving');
      }),

    ...field(write, ports),
    ...written,
    ...around(write, written, ports),
    ...training(write, written),
    ...media(write, withDatabase),
    ...outgoing(write, withDatabase),
  };
}

/** @param {Database} db @returns {Promise<Memory>} */
async function readAll(db) {
  const tx = db.transaction(['facts', 'visits', 'grids', 'entries', 'drafts', 'media']);
  const [facts, media, visits, grids, entries, drafts] = await Promise.all([
    readFacts(tx.objectStore('facts')),
    readMedia(tx.objectStore('media')),
    ...['visits', 'grids', 'entries', 'drafts'].map((store) => tx.objectStore(store).getAll()),
  ]);
  return {
    facts,
    visits,
    grids: new Map(grids.map((grid) => [grid.id, grid])),
    records: byVisit(entries),
    drafts: new Map(drafts.map((draft) => [draft.place, draft])),
    media,
  };
}

/** What there is of photos and notes, from the keys of an index: their bytes are not read. @param {any} media */
async function readMedia(media) {
  /** @type {Memory['media']} */
  const found = new Map();
  for (let at = await media.index('about').openKeyCursor(); at; at = await at.continue()) {
    const [status, visit, type] = at.key;
    found.set(at.primaryKey, { sha256: at.primaryKey, status, visit, media: type });
  }
  return found;
}

/** @param {any} facts */
async function readFacts(facts) {
  const [names, values] = await Promise.all([facts.getAllKeys(), facts.getAll()]);
  return Object.fromEntries(names.map((/** @type {string} */ name, /** @type {number} */ at) => [name, values[at]]));
}

/** @param {Kept[]} entries */
function byVisit(entries) {
  /** @type {Map<string, Kept[]>} */
  const groups = new Map();
  for (const record of entries) {
    const group = groups.get(record.visit);
    if (group) group.push(record);
    else groups.set(record.visit, [record]);
  }
  return groups;
}

/** @param {Uint8Array} bytes */
const base64url = (bytes) =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
