/** What leaves for the fund and what it says back: the part of the store that only the outbox uses. */

import { announcedBy, mediaTold } from './media.js';

/** @import { Batch, Database, Kept, Problem, Profile, Receipt, Transaction, Write } from '../types.js' */

/** @param {Write} write @param {<T>(work: (db: Database) => Promise<T>) => Promise<T>} withDatabase */
export const outgoing = (write, withDatabase) => ({
  /**
   * The oldest entries that wait, marked as on their way; none when all is received. Entries left "sending" by a page
   * that was killed wait too: only one tab at a time asks.
   * @param {{ entries: number, bytes: number }} limits of one batch
   */
  nextBatch: (limits) =>
    write(['entries', 'facts'], async (tx) => {
      const { records, ...batch } = await oldest(tx, limits);
      await Promise.all(records.map((record) => tx.objectStore('entries').put({ ...record, status: 'sending' })));
      return batch;
    }).catch((error) => {
      if (error.name !== 'QuotaExceededError') throw error;
      return withDatabase(async (db) => oldest(db.transaction(['entries', 'facts']), limits)); // a full disk still sends
    }),

  /** Nothing is known of these: they wait again. @param {string[]} ids */
  giveBack: (ids) =>
    write(['entries'], async (tx) => setStatus(tx, ids, (record) => ({ ...record, status: 'local' }))),

  /** @param {string} id @param {Problem | null} problem what the fund said of it */
  refused: (id, problem) =>
    write(['entries'], async (tx) => setStatus(tx, [id], (record) => refusedRecord(record, problem))),

  /**
   * The receipt of a batch: only what it lists is received. A new epoch means that the fund went back to an older copy:
   * everything kept goes out again and everything is asked for again. The cursor moves on only from where this batch was
   * asked: an answer made for those who were here before someone joined says nothing of what the newcomer may read, and one
   * made before someone left brings back what is theirs.
   * @param {Pick<Batch, 'entries' | 'cursor' | 'joins'>} batch
   * @param {Receipt} receipt
   * @param {number} now Unix milliseconds
   */
  receiptArrived: ({ entries: sent, cursor, joins }, receipt, now) =>
    write(['entries', 'facts', 'media'], async (tx) => {
      const facts = tx.objectStore('facts');
      const restored = await forgetOtherEpoch(tx, receipt.epoch);
      const accepted = new Set(receipt.accepted);
      const problems = new Map(receipt.rejected.map(({ id, problem }) => [id, problem]));
      const ids = sent.map(({ id }) => id);
      await setStatus(tx, ids, (record) => {
        const problem = problems.get(record.id);
        if (accepted.has(record.id)) return { ...record, status: 'received', problem: null };
        return problem ? refusedRecord(record, problem) : { ...record, status: 'local' };
      });
      const [here, joined] = await Promise.all(['cursor', 'joins'].map((name) => facts.get(name)));
      const forUs = (joined ?? 0) === joins;
      if (forUs) await Promise.all(receipt.entries.map((incoming) => keepIncoming(tx, incoming)));
      await mediaTold(tx, receipt, now);
      if ((here ?? 0) === cursor && forUs && !restored) await facts.put(receipt.cursor, 'cursor');
      await Promise.all([
        facts.put(now, 'received_at'),
        facts.put(false, 'signed_out'),
      ]);
      return { restored };
    }),

  /**
   * Someone joined this phone: they may read what the others may not, so the journal is read again from its start.
   * @param {Profile} profile
   */
  joined: ({ people, territory, epoch }) =>
    write(['entries', 'facts', 'media'], async (tx) => {
      await forgetOtherEpoch(tx, epoch);
      const facts = tx.objectStore('facts');
      const joins = 1 + ((await facts.get('joins')) ?? 0);
      const changed = { people, territory, signed_out: false, pending_code: null, etag: null, cursor: 0, joins };
      await Promise.all(Object.entries(changed).map(([name, value]) => facts.put(value, name)));
    }),

  /** @param {string} epoch of an answer that is no receipt */
  epochSeen: (epoch) => write(['entries', 'facts', 'media'], (tx) => forgetOtherEpoch(tx, epoch)),
});

/**
 * @param {any} tx @param {{ entries: number, bytes: number }} limits
 * @returns {Promise<Batch & { records: Kept[] }>}
 */
async function oldest(tx, { entries: most, bytes }) {
  const [byStatus, facts] = [tx.objectStore('entries').index('status'), tx.objectStore('facts')];
  const waiting = [...(await byStatus.getAll('local')), ...(await byStatus.getAll('sending'))].sort(byId);
  const [cursor, joins, epoch] = await Promise.all(['cursor', 'joins', 'epoch'].map((name) => facts.get(name)));
  const records = fitting(waiting.slice(0, most), bytes);
  return { records, entries: records.map(({ entry }) => entry), cursor: cursor ?? 0, joins: joins ?? 0, epoch: epoch ?? null };
}

/** @param {Kept} one @param {Kept} other */
const byId = (one, other) => (one.id < other.id ? -1 : 1);

/** The first records within `bytes` of JSON, at least one. @param {Kept[]} records @param {number} bytes */
function fitting(records, bytes) {
  const encoder = new TextEncoder();
  let weight = 0;
  const end = records.findIndex(({ entry }) => (weight += encoder.encode(JSON.stringify(entry)).length + 1) > bytes);
  return end < 0 ? records : records.slice(0, Math.max(end, 1));
}

/** @param {Transaction} tx @param {string[]} ids @param {(record: Kept) => Kept} change */
async function setStatus(tx, ids, change) {
  const entries = tx.objectStore('entries');
  await Promise.all(
    ids.map(async (id) => {
      const record = await entries.get(id);
      if (record) await entries.put(change(record));
    }),
  );
}

/**
 * A relay that is refused leaves nothing to correct here: its author's phone brings it. What a backup brought has no other phone.
 * @param {Kept} record @param {Problem | null} problem @returns {Kept}
 */
const refusedRecord = (record, problem) =>
  record.origin === 'here' || record.restored ? { ...record, status: 'rejected', problem } : { ...record, status: 'received' };

/**
 * @param {Transaction} tx
 * @param {string} epoch
 * @returns {Promise<boolean>} whether the fund was restored from a backup since we last heard of it
 */
async function forgetOtherEpoch(tx, epoch) {
  const facts = tx.objectStore('facts');
  const known = await facts.get('epoch');
  if (known === epoch) return false;
  await facts.put(epoch, 'epoch');
  if (known === undefined) return false;
  await facts.put(0, 'cursor');
  const entries = tx.objectStore('entries');
  for (const record of await entries.getAll())
    if (record.status !== 'held' && record.status !== 'training') await entries.put({ ...record, status: 'local', problem: null });
  const media = tx.objectStore('media');
  for (const one of await media.getAll())
    if (one.status !== 'held' && one.status !== 'training') await media.put({ ...one, status: 'local', problem: null });
  return true;
}

/**
 * What the fund has of others. What this phone wrote stays as it wrote it, unless the fund has erased it.
 * @param {Transaction} tx
 * @param {Receipt['entries'][number]} incoming
 */
async function keepIncoming(tx, { entry, confirmed, brought_by, erased }) {
  const entries = tx.objectStore('entries');
  const known = await entries.get(entry.id);
  if (erased) return keepErased(tx, known, { entry, confirmed, brought_by });
  if (known?.origin === 'here') return;
  const status = known?.status ?? 'received';
  const same = known?.heard && JSON.stringify(known.entry) === JSON.stringify(entry);
  await entries.put({
    id: entry.id,
    visit: entry.visit ?? '',
    entry,
    status,
    problem: null,
    origin: 'server',
    confirmed: confirmed || same === true, // its author's own phone said so here, before the fund heard of it from them
    brought_by: same ? null : brought_by,
    ...(same && { heard: true }),
  });
}

/**
 * The words go, and the bytes of the photo or the note; what was chosen stays.
 * @param {Transaction} tx
 * @param {Kept | undefined} known
 * @param {Receipt['entries'][number]} incoming
 */
async function keepErased(tx, known, { entry, confirmed, brought_by }) {
  const media = tx.objectStore('media');
  await Promise.all(announcedBy(entry).map((sha256) => media.delete(sha256)));
  await tx.objectStore('entries').put({
    id: entry.id,
    visit: entry.visit ?? '',
    entry,
    status: 'received',
    problem: null,
    origin: known?.origin ?? 'server',
    confirmed,
    brought_by,
    erased: true,
  });
}
