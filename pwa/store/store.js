/**
 * Everything this phone keeps, behind one door. Whatever writes what a person did runs in a transaction with strict
 * durability: when the promise resolves, it is on disk and the screen may say so.
 */
import { fold } from '../domain/journal.js';
import { mint } from '../domain/ids.js';
import { connect } from './connection.js';
import { outgoing } from './outgoing.js';

/** @import { Body, Choice, Database, Draft, Facts, Field, Kept, Memory, Transaction, VisitState, Where } from '../types.js' */

/** The visit was ended, here or in another tab: nothing more is written to it. */
export class VisitEnded extends Error {
  name = 'VisitEnded';
}

const STRICT = { durability: /** @type {const} */ ('strict') };

/**
 * @param {object} ports
 * @param {string} [ports.name] of the database
 * @param {() => number} ports.clock Unix milliseconds
 * @param {(bytes: number) => Uint8Array} ports.random
 * @param {string} ports.app version written into entries
 * @param {{ postMessage: (message: unknown) => void, onmessage: ((event: any) => void) | null }} ports.channel to the other tabs
 */
export function openStore({ name = 'caisse-commune', clock, random, app, channel }) {
  const withDatabase = connect(name);
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

  /**
   * Writes the entries that `compose` makes of the visit as it is on disk at that instant, with ids above every id known here.
   * @param {string} visit
   * @param {string} author
   * @param {(state: VisitState, kept: Kept[], drafts: Draft[]) => Body[]} compose
   * What comes after the closing is closed again with it, so that the fund waits for it too.
   * @param {(draft: Draft) => boolean} [done] which drafts of the visit these entries replace
   */
  const append = (visit, author, compose, done = () => false) =>
    write(['entries', 'drafts'], async (tx) => {
      const entries = tx.objectStore('entries');
      const drafts = tx.objectStore('drafts');
      const [kept, newest, typed] = await Promise.all([
        entries.index('visit').getAll(visit),
        entries.openKeyCursor(null, 'prev'),
        drafts.getAll(),
      ]);
      const texts = typed.filter((draft) => draft.visit === visit && done(draft));
      const state = fold(kept);
      const above = /** @type {string | undefined} */ (newest?.key);
      const made = stamped(compose(state, kept, texts), visit, author, above);
      if (state.closed && made.length)
        made.push(...stamped([closing([...kept, ...made])], visit, author, made[made.length - 1].id));
      await Promise.all([
        ...made.map((record) => entries.put(record)),
        ...setAside(kept, made).map((record) => entries.put(record)),
        ...texts.map(({ place }) => drafts.delete(place)),
      ]);
      return made;
    });

  /**
   * @param {Body[]} bodies
   * @param {string} visit
   * @param {string} author
   * @param {string | undefined} above
   * @returns {Kept[]}
   */
  const stamped = (bodies, visit, author, above) =>
    bodies.map((body) => {
      const now = clock();
      above = mint(now, randomBits(random), above ?? null);
      const entry = /** @type {any} */ ({ id: above, v: 1, visit, author, at: isoWithOffset(now), app, ...body });
      return {
        id: above,
        visit,
        entry,
        status: 'local',
        problem: null,
        origin: 'here',
        confirmed: true,
        brought_by: null,
      };
    });

  /**
   * A choice replaces whatever is current on that sheet for that criterion; null clears it.
   * @param {(state: VisitState) => VisitState} allowed
   * @returns {(where: Where, choice: Choice) => Promise<Kept[]>}
   */
  const choose =
    (allowed) =>
    ({ visit, author, sheet, criterion }, choice) =>
      append(visit, author, (state) => [
        { kind: 'choice_made', sheet, criterion, choice, supersedes: currentIds(allowed(state), sheet, criterion) },
      ]);

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
        const key = base64url(random(32));
        await facts.put(key, 'device_key');
        return key;
      }),

    /** @param {Facts} facts those to change */
    remember: (facts) =>
      write(['facts'], async (tx) => {
        await Promise.all(Object.entries(facts).map(([key, value]) => tx.objectStore('facts').put(value, key)));
      }),

    /**
     * The fund's list of visits. A visit that left it stays here when something was written to it; a grid stays for ever.
     * @param {Field} field
     * @param {string | null} etag
     */
    fieldArrived: (field, etag) =>
      write(['facts', 'visits', 'grids', 'entries'], async (tx) => {
        const [facts, visits, grids, entries] = ['facts', 'visits', 'grids', 'entries'].map((store) =>
          tx.objectStore(store),
        );
        const listed = new Set(field.visits.map(({ id }) => id));
        for (const visit of await visits.getAll()) {
          if (listed.has(visit.id)) continue;
          const written = await entries.index('visit').count(visit.id);
          await (written ? visits.put({ ...visit, withdrawn: true }) : visits.delete(visit.id));
        }
        const changed = { people: field.people, territory: field.territory, etag, field_at: clock() };
        await Promise.all([
          ...field.visits.map((visit) => visits.put(visit)),
          ...Object.entries(field.grids).map(([id, grid]) => grids.put({ ...grid, id })),
          ...Object.entries(changed).map(([key, value]) => facts.put(value, key)),
        ]);
      }),

    /** @param {string} visit @param {string} author @param {{ grid: string, present: string[] }} how one phone for all, for now */
    startVisit: (visit, author, { grid, present }) =>
      append(visit, author, (state) =>
        state.started.length ? [] : [{ kind: 'visit_started', grid, mode: 'one_phone', present }],
      ),

    answer: choose(stillOpen),

    /** Once the visit is closed: what was refused, or answered twice apart. */
    correct: choose((state) => state),

    /** @param {Draft} draft as typed so far */
    keepTyping: (draft) =>
      write(['drafts'], async (tx) => {
        await tx.objectStore('drafts').put(draft);
      }),

    /**
     * What was typed at `place` becomes a remark, unless it says what the current one says already.
     * @param {string} visit @param {string} author @param {string} place
     */
    typingDone: (visit, author, place) =>
      append(
        visit,
        author,
        (state, _kept, drafts) => remarksOf(state, drafts),
        (draft) => draft.place === place,
      ),

    /**
     * Ends the visit. The closing lists everything this phone knows of it.
     * @param {string} visit @param {string} author
     */
    closeVisit: (visit, author) => append(visit, author, (state, kept) => stillOpen(state) && [closing(kept)]),

    /** @param {string} visit @param {string} author @param {string} cause @param {string} text */
    visitImpossible: (visit, author, cause, text) =>
      append(
        visit,
        author,
        (state) => stillOpen(state) && [{ kind: 'visit_impossible', cause, text }],
        ({ kind }) => kind === 'impossible',
      ),

    ...outgoing(write),
  };
}

/** @param {Database} db @returns {Promise<Memory>} */
async function readAll(db) {
  const tx = db.transaction(['facts', 'visits', 'grids', 'entries', 'drafts']);
  const [facts, visits, grids, entries, drafts] = await Promise.all([
    readFacts(tx.objectStore('facts')),
    ...['visits', 'grids', 'entries', 'drafts'].map((store) => tx.objectStore(store).getAll()),
  ]);
  return {
    facts,
    visits,
    grids: new Map(grids.map((grid) => [grid.id, grid])),
    records: byVisit(entries),
    drafts: new Map(drafts.map((draft) => [draft.place, draft])),
  };
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

/** @param {VisitState} state */
function stillOpen(state) {
  if (state.closed || state.impossible) throw new VisitEnded();
  return state;
}

/** @param {VisitState} state @param {string} sheet @param {string} criterion */
const currentIds = (state, sheet, criterion) => (state.sheets[sheet]?.[criterion] ?? []).map(({ id }) => id);

/** Without what was refused: it will not come. @param {Kept[]} kept @returns {Body} */
const closing = (kept) => ({
  kind: 'visit_closed',
  entries: kept.filter(({ status, set_aside: aside }) => status !== 'rejected' && !aside).map(({ id }) => id),
  photos: [],
});

/**
 * A text replaces the remarks its author saw, and no other: two tabs that typed apart both keep their words.
 * @param {VisitState} state @param {Draft[]} drafts @returns {Body[]}
 */
function remarksOf(state, drafts) {
  return drafts.flatMap(({ kind, sheet, criterion, text, over }) => {
    const said = state.remarks
      .filter(({ id }) => over.includes(id))
      .map((remark) => remark.text)
      .join('\n\n');
    if (kind !== 'remark' || text.trim() === said) return [];
    return [{ kind: 'remark_made', sheet, criterion, text: text.trim(), supersedes: over }];
  });
}

/** Refused entries that a new one replaces need no further care. @param {Kept[]} kept @param {Kept[]} made @returns {Kept[]} */
function setAside(kept, made) {
  const replaced = new Set(made.flatMap(({ entry }) => ('supersedes' in entry ? entry.supersedes : [])));
  return kept
    .filter(({ id, status }) => status === 'rejected' && replaced.has(id))
    .map((record) => ({ ...record, set_aside: true }));
}

/** The phone's clock with its offset, "2026-11-24T14:30:00+01:00". @param {number} ms */
function isoWithOffset(ms) {
  const offset = -new Date(ms).getTimezoneOffset();
  const two = (/** @type {number} */ n) => String(Math.abs(n)).padStart(2, '0');
  const sign = offset < 0 ? '-' : '+';
  return `${new Date(ms + offset * 60_000).toISOString().slice(0, 19)}${sign}${two(Math.trunc(offset / 60))}:${two(offset % 60)}`;
}

/** 74 random bits. @param {(bytes: number) => Uint8Array} random */
const randomBits = (random) =>
  BigInt(`0x${[...random(10)].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`) >> 6n;

/** @param {Uint8Array} bytes */
const base64url = (bytes) =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
