/** One connection to the phone's database, opened when first needed and again when the system dropped it. */
import { openDB } from '../vendor/idb.js';
import { migrations } from './migrations.js';

/** @import { Database } from '../types.js' */

/** The database was made by a newer version of the app than this page. */
export class NewerDatabase extends Error {
  name = 'NewerDatabase';
}

// What WebKit and Chromium say of a connection that died behind our back (app in the background, process ended).
const DROPPED = new Set(['InvalidStateError', 'UnknownError', 'AbortError']);

/**
 * Runs `work` on an open database. Each piece of work is one transaction: when the connection was lost under it, nothing
 * was written and it is safe to run it once more.
 * @param {string} name
 * @param {object} others the other tabs
 * @param {() => Promise<unknown>} others.free a newer version waits for the database in another tab: resolves once this page lets it through
 * @param {() => void} others.blocked this page waits for an older one
 * @returns {<T>(work: (db: Database) => Promise<T>) => Promise<T>}
 */
export function connect(name, { free, blocked }) {
  /** @type {Promise<Database> | null} */
  let opening = null;

  const open = () => {
    opening ??= openDB(name, migrations.length, {
      upgrade(db, from, _to, transaction) {
        for (const migrate of migrations.slice(from)) migrate(db, /** @type {any} */ (transaction));
      },
      blocking: () => void free().then(close),
      blocked,
      terminated: () => {
        opening = null;
      },
    });
    return opening.catch((error) => {
      opening = null;
      throw error.name === 'VersionError' ? new NewerDatabase() : error;
    });
  };

  const close = () => {
    const closing = opening;
    opening = null;
    closing?.then((db) => db.close());
  };

  return async (work) => {
    try {
      return await work(await open());
    } catch (error) {
      if (!DROPPED.has(/** @type {Error} */ (error).name)) throw error;
      close();
      return work(await open());
    }
  };
}
