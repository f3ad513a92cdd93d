/** What goes to a partner's phone without a network, and what comes from it. Loaded when first needed. */
import { DUO, fold, sheetsHidden, writtenAlone } from '../domain/journal.js';
import { announcedBy } from './media.js';

/** @import { Bundle, Database, Kept, Media, Person, Visit, Write } from '../types.js' */

/** The visit is not one of this phone's. */
export class NotOurs extends Error {
  name = 'NotOurs';
}

/** @param {Write} write @param {<T>(work: (db: Database) => Promise<T>) => Promise<T>} withDatabase */
export const exchange = (write, withDatabase) => ({
  /**
   * What may be shown of a visit: all of it but the sheets that are still hidden, one's own included while it is not done.
   * @param {string} id
   * @returns {Promise<{ bundle: Bundle, heldBack: boolean }>}
   */
  bundleOf: (id) =>
    withDatabase(async (db) => {
      const [visit, people, records] = await Promise.all([
        db.get('visits', id),
        db.get('facts', 'people'),
        db.getAllFromIndex('entries', 'visit', id),
      ]);
      const shown = records.filter(mayBeShown(visit, people, records));
      return {
        bundle: {
          visit: id,
          merchant: visit.merchant.name,
          people: people.filter((/** @type {Person} */ person) => hasPart(visit, person.id)),
          entries: shown.map(({ entry }) => entry),
        },
        heldBack: shown.length < records.length,
      };
    }),

  /** The bytes that these entries announce and that are here. @param {Bundle} bundle @returns {Promise<Media[]>} */
  mediaOf: ({ entries }) =>
    withDatabase(async (db) => {
      const found = await Promise.all(entries.flatMap(announcedBy).map((sha256) => db.get('media', sha256)));
      return found.filter(Boolean);
    }),

  /**
   * Adds what a partner's phone showed. What its own people wrote comes from their author's own phone; the rest is brought by
   * them. Nothing that this phone wrote, and nothing that an author's own phone had said, is replaced. It all goes to the fund.
   * @param {Bundle} bundle @param {Map<string, Uint8Array>} [media] by hash
   * @returns {Promise<Kept[]>} what is new here; throws NotOurs
   */
  takeIn: (bundle, media = new Map()) =>
    write(['facts', 'visits', 'entries', 'media'], async (tx) => {
      const visit = await tx.objectStore('visits').get(bundle.visit);
      if (!visit) throw new NotOurs();
      const here = /** @type {Person[]} */ ((await tx.objectStore('facts').get('people')) ?? []);
      const entries = tx.objectStore('entries');
      const added = [];
      const gone = new Set();
      for (const entry of bundle.entries.filter(({ author }) => hasPart(visit, author))) {
        const known = await entries.get(entry.id);
        if (known?.erased) {
          gone.add(entry.id);
          continue;
        }
        const own = bundle.people.some(({ id }) => id === entry.author);
        // what others bring in the name of somebody of this phone would leave from here as their own word
        const borrowed = !own && here.some(({ id }) => id === entry.author);
        if (borrowed || (known && (known.confirmed || !own))) continue;
        const record = asRecord(entry, own, bundle.people[0]?.id ?? null, known);
        await entries.put(record);
        if (!known) added.push(record);
      }
      const kept = { ...bundle, entries: bundle.entries.filter(({ id }) => !gone.has(id)) };
      await keepMedia(tx.objectStore('media'), kept, media);
      return added;
    }),
});

/** Whoever has, or had, a part in it. @param {Visit} visit @param {string} person */
const hasPart = ({ members, past_members: past = [] }, person) => [...members, ...past].some(({ id }) => id === person);

/** @param {Visit} visit @param {Person[]} people on this phone @param {Kept[]} records */
function mayBeShown(visit, people, records) {
  const real = (/** @type {Kept} */ { status }) => status !== 'training';
  const state = fold(records);
  const hidden = sheetsHidden(state, visit.members.map(({ id }) => id), visit.released === true);
  if (!hidden) return real;
  const finished = new Set([DUO, ...people.map(({ id }) => id).filter((id) => state.done[id])]);
  return (/** @type {Kept} */ record) =>
    real(record) && (!writtenAlone(record.entry) || finished.has(/** @type {any} */ (record.entry).sheet));
}

/** @param {Kept['entry']} entry @param {boolean} own @param {string | null} bringer @param {Kept | undefined} known @returns {Kept} */
const asRecord = (entry, own, bringer, known) => ({
  id: entry.id,
  visit: entry.visit ?? '',
  entry,
  status: known?.status ?? 'local',
  problem: null,
  origin: 'server',
  confirmed: own,
  brought_by: own ? null : bringer,
  ...(own && { heard: true }),
});

/** @param {any} store @param {Bundle} bundle @param {Map<string, Uint8Array>} media */
async function keepMedia(store, bundle, media) {
  for (const entry of bundle.entries)
    for (const sha256 of announcedBy(entry)) {
      const bytes = media.get(sha256);
      if (!bytes || (await store.get(sha256))) continue;
      const type = 'media' in entry ? entry.media : 'audio/webm';
      await store.put({ sha256, visit: bundle.visit, bytes: bytes.slice().buffer, media: type, status: 'local', problem: null });
    }
}
