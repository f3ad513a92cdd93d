/** The bytes of photos and voice notes: kept until the fund says that it could read them, and ninety days more. */

/** @import { Database, Media, Problem, Receipt, Transaction, Write } from '../types.js' */

const KEPT_DAYS = 90;

/** @param {Write} write @param {<T>(work: (db: Database) => Promise<T>) => Promise<T>} withDatabase */
export const media = (write, withDatabase) => ({
  /** @param {string} sha256 @returns {Promise<Media | undefined>} */
  medium: (sha256) => withDatabase((db) => db.get('media', sha256)),

  /**
   * The next one to send: of an entry that the fund has, since it takes bytes only once they are announced.
   * @returns {Promise<Media | null>}
   */
  nextMedium: () =>
    withDatabase(async (db) => {
      const tx = db.transaction(['media', 'entries']);
      const waiting = await tx.objectStore('media').index('status').getAllKeys('local');
      if (!waiting.length) return null;
      const received = await tx.objectStore('entries').index('status').getAll('received');
      const announced = new Set(received.flatMap(({ entry }) => announcedBy(entry)));
      const next = waiting.find((sha256) => announced.has(/** @type {string} */ (sha256)));
      return next === undefined ? null : ((await tx.objectStore('media').get(next)) ?? null);
    }),

  /** The fund took the bytes; its next receipt says whether it has them. @param {string} sha256 */
  mediumSent: (sha256) => write(['media'], (tx) => changeMedium(tx, sha256, { status: 'sent', problem: null })),

  /** @param {string} sha256 @param {Problem | null} problem */
  mediumRefused: (sha256, problem) =>
    write(['media'], (tx) => changeMedium(tx, sha256, { status: 'refused', problem })),

  /** Bytes that the fund can read, and that nobody here needs any more. @param {number} now Unix milliseconds */
  forgetOldMedia: (now) =>
    write(['media'], async (tx) => {
      const store = tx.objectStore('media');
      const old = (await store.index('status').getAll('decoded')).filter(
        ({ decoded_at: at }) => at !== undefined && now - at > KEPT_DAYS * 86_400_000,
      );
      await Promise.all(old.map(({ sha256 }) => store.delete(sha256)));
    }),
});

/** The hashes that an entry announces. @param {any} entry @returns {string[]} */
export const announcedBy = ({ sha256, voice, photos, kind }) => [
  ...(sha256 ? [sha256] : []),
  ...(voice ? [voice] : []),
  ...(kind === 'merchant_spotted' ? photos : []),
];

/** @param {Transaction} tx @param {string} sha256 @param {Partial<Media>} change */
async function changeMedium(tx, sha256, change) {
  const store = tx.objectStore('media');
  const known = await store.get(sha256);
  if (known) await store.put({ ...known, ...change });
}

/**
 * What a receipt says of photos and notes. One that it misses goes out again, whatever was thought before.
 * @param {Transaction} tx @param {Receipt} receipt @param {number} now Unix milliseconds
 */
export async function mediaTold(tx, { missing_photos: missing = [], decoded_photos: decoded = [], refused_photos: refused = [] }, now) {
  const store = tx.objectStore('media');
  const known = new Set(await store.getAllKeys());
  const ofOurs = (/** @type {string} */ sha256) => known.has(sha256);
  for (const sha256 of missing.filter(ofOurs)) {
    const { status } = await store.get(sha256);
    if (status === 'sent' || status === 'decoded') await changeMedium(tx, sha256, { status: 'local' });
  }
  for (const { sha256, problem } of refused.filter((one) => ofOurs(one.sha256)))
    await changeMedium(tx, sha256, { status: 'refused', problem });
  const seen = new Set(await store.index('status').getAllKeys('decoded'));
  for (const sha256 of decoded.filter((one) => ofOurs(one) && !seen.has(one)))
    await changeMedium(tx, sha256, { status: 'decoded', problem: null, decoded_at: now });
}
