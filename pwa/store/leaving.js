/**
 * Leaving a phone: what goes is what nobody who stays has a part in. In a visit that somebody else of this phone shares, what the
 * leaver wrote stays, and goes out as brought by them; only a sheet that is still hidden from them goes. The erasing is done
 * here and now, network or not: whoever hands a phone over must be able to count on it. The fund is told when it can be
 * (facts.leaving), before anything else is sent or asked. Loaded when first needed.
 */
import { fold, sheetsHidden, writtenAlone } from '../domain/journal.js';
import { announcedBy } from './media.js';

/** @import { Database, Draft, Entry, Kept, Loss, Media, Person, Transaction, Visit, Write } from '../types.js' */

const ALL = ['facts', 'visits', 'grids', 'entries', 'drafts', 'media'];

/**
 * @param {Write} write
 * @param {<T>(work: (db: Database) => Promise<T>) => Promise<T>} withDatabase
 */
export const leaving = (write, withDatabase) => ({
  /** What the fund has not received and would be gone for good. @param {string[]} leavers @returns {Promise<Loss[]>} */
  wouldLose: (leavers) => withDatabase(async (db) => losses(await phoneOf(db.transaction(ALL), leavers))),

  /** @param {string[]} leavers */
  leave: (leavers) =>
    write(ALL, async (tx) => {
      const phone = await phoneOf(tx, leavers);
      return phone.staying.length ? leaveSome(tx, phone) : leaveAll(tx);
    }),
});

/**
 * The phone as it would be parted.
 * @param {any} tx on all object stores
 * @param {string[]} leavers
 */
async function phoneOf(tx, leavers) {
  const people = /** @type {Person[] | undefined} */ (await tx.objectStore('facts').get('people'));
  const [visits, records, drafts, media] = /** @type {[Visit[], Kept[], Draft[], Media[]]} */ (
    await Promise.all(['visits', 'entries', 'drafts', 'media'].map((store) => tx.objectStore(store).getAll()))
  );
  const staying = (people ?? []).map(({ id }) => id).filter((id) => !leavers.includes(id));
  const parts = [...new Set([...visits, ...records.map(({ visit }) => ({ id: visit }))].map(({ id }) => id))].map((id) =>
    partOf(visits.find((visit) => visit.id === id), id, records.filter(({ visit }) => visit === id), leavers, staying),
  );
  const going = parts.flatMap((part) => part.going);
  const stays = new Set(records.filter((record) => !going.includes(record)).flatMap(({ entry }) => announcedBy(entry)));
  return {
    leavers,
    staying,
    visits,
    going,
    kept: parts.filter(({ stays: kept }) => kept).map(({ id }) => id),
    records: records.filter((record) => !going.includes(record)),
    drafts: drafts.filter(({ author }) => leavers.includes(author) || !staying.length),
    media: media.filter(({ sha256 }) => !stays.has(sha256)),
  };
}

/**
 * @param {Visit | undefined} visit none for merchants spotted on the street @param {string} id
 * @param {Kept[]} records of the visit @param {string[]} leavers @param {string[]} staying
 */
function partOf(visit, id, records, leavers, staying) {
  const theirs = records.filter(({ entry }) => leavers.includes(entry.author));
  const held = visit?.held && staying.length > 0;
  if (!id) return { id, stays: held, going: staying.length ? theirs : records };
  const members = visit?.members.map((member) => member.id) ?? [];
  const had = [...members, ...(visit?.past_members ?? []).map((member) => member.id), ...records.map(({ entry }) => entry.author)];
  if (!held && !staying.some((person) => had.includes(person))) return { id, stays: false, going: records };
  const hidden = sheetsHidden(fold(records), members, visit?.released === true);
  return { id, stays: true, going: hidden ? theirs.filter(({ entry }) => writtenAlone(entry)) : [] };
}

/** @param {Transaction} tx */
async function leaveAll(tx) {
  const facts = tx.objectStore('facts');
  const joins = (await facts.get('joins')) ?? 0;
  await Promise.all(ALL.map((store) => tx.objectStore(store).clear()));
  await Promise.all([facts.put(['all'], 'leaving'), facts.put(joins + 1, 'joins')]);
}

/** @param {Transaction} tx @param {Awaited<ReturnType<typeof phoneOf>>} phone */
async function leaveSome(tx, { leavers, visits, going, kept, records, drafts, media }) {
  const [entries, texts, bytes, cards] = ['entries', 'drafts', 'media', 'visits'].map((store) => tx.objectStore(store));
  await Promise.all([
    ...going.map(({ id }) => entries.delete(id)),
    ...records.filter(({ entry }) => leavers.includes(entry.author)).map((record) => entries.put(handedOn(record))),
    ...drafts.map(({ place }) => texts.delete(place)),
    ...media.map(({ sha256 }) => bytes.delete(sha256)),
    ...visits.filter(({ id }) => !kept.includes(id)).map(({ id }) => cards.delete(id)),
  ]);
  await forgetNames(tx.objectStore('facts'), leavers);
}

/** The journal is read again from its start: what those who stay may see of it is theirs to have. @param {any} facts @param {string[]} leavers */
async function forgetNames(facts, leavers) {
  const [people, absent, me, joins, told] = await Promise.all(
    ['people', 'absent', 'me', 'joins', 'leaving'].map((name) => facts.get(name)),
  );
  const others = (/** @type {Person[] | undefined} */ list) => (list ?? []).filter(({ id }) => !leavers.includes(id));
  const changed = {
    people: others(people),
    absent: others(absent),
    me: leavers.includes(me) ? undefined : me,
    joins: (joins ?? 0) + 1,
    cursor: 0,
    etag: null,
    leaving: [...new Set([...(told ?? []), ...leavers])],
  };
  await Promise.all(Object.entries(changed).map(([name, value]) => facts.put(value, name)));
}

/** @param {Kept} record @returns {Kept} */
const handedOn = (record) => ({ ...record, origin: 'server', confirmed: record.status === 'received' });

/** By visit, what is not received. @param {Awaited<ReturnType<typeof phoneOf>>} phone @returns {Loss[]} */
function losses({ visits, going, drafts, media }) {
  const unsent = going.filter(({ status, set_aside: aside }) => status !== 'received' && status !== 'training' && !aside);
  const bytes = media.filter(({ status }) => status === 'local' || status === 'held' || status === 'refused');
  const practice = visits.filter(({ training }) => training).map(({ id }) => id);
  const ids = [...new Set([...unsent, ...drafts, ...bytes].map(({ visit }) => visit))].filter((id) => !practice.includes(id));
  return ids.map((id) => lossOf(visits.find((visit) => visit.id === id) ?? null, id, { unsent, drafts, bytes }));
}

/**
 * @param {Visit | null} visit @param {string} id
 * @param {{ unsent: Kept[], drafts: Draft[], bytes: Media[] }} lost of all visits
 * @returns {Loss}
 */
function lossOf(visit, id, { unsent, drafts, bytes }) {
  const here = (/** @type {{ visit: string }} */ one) => one.visit === id;
  const entries = unsent.filter(here).map(({ entry }) => entry);
  const count = (/** @type {Entry['kind']} */ kind) => entries.filter((entry) => entry.kind === kind).length;
  return {
    visit: id,
    name: visit?.merchant.name ?? null,
    answers: new Set(entries.flatMap((entry) => (entry.kind === 'choice_made' ? entry.criterion : []))).size,
    remarks: count('remark_made'),
    photos: bytes.filter(here).filter(({ media }) => media.startsWith('image/')).length,
    spotted: count('merchant_spotted'),
    drafts: drafts.filter(here).length,
    others: entries.filter(({ kind }) => !COUNTED.includes(kind)).length,
  };
}

/** Kinds with a number of their own. */
const COUNTED = ['choice_made', 'remark_made', 'merchant_spotted', 'photo_attached', 'photo_removed'];
