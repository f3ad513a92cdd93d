/** What a backup brought for people who are not on this phone: held, until somebody with a part in the visit is here. */

/** @import { Kept, Person, Transaction, Visit } from '../types.js' */

/** The object stores that `releaseHeld` writes to. */
export const HELD_IN = ['entries', 'drafts', 'media', 'visits'];

/**
 * Lets go of what may be sent by those who are here now. Their own words go as theirs, the others' as relays.
 * @param {Transaction} tx on HELD_IN at least
 * @param {Person[]} people of this phone
 * @returns {Promise<boolean>} whether there is something to send now
 */
export async function releaseHeld(tx, people) {
  const [entries, drafts, media, visits] = HELD_IN.map((name) => tx.objectStore(name));
  /** @type {Kept[]} */
  const held = await entries.index('status').getAll('held');
  const heldVisits = (await visits.getAll()).filter((visit) => visit.held);
  const still = stillHeld(held, heldVisits, new Set(people.map(({ id }) => id)));
  await Promise.all([
    ...held.flatMap((record) => (still(record) ? [] : entries.put(released(record, people)))),
    ...heldVisits.flatMap(({ held: _, ...visit }) => (still({ visit: visit.id }) ? [] : visits.put(visit))),
    ...(await drafts.getAll()).flatMap(({ held: kept, ...draft }) => (kept && !still(draft) ? drafts.put(draft) : [])),
    ...(await media.index('status').getAll('held')).flatMap((one) =>
      still(one) ? [] : media.put({ ...one, status: 'local' }),
    ),
  ]);
  return !held.every(still);
}

/**
 * A visit is held while the fund lists it to nobody here and nobody here wrote in it.
 * @param {Kept[]} held @param {Visit[]} heldVisits @param {Set<string>} here
 * @returns {(what: { visit: string, entry?: Kept['entry'] }) => boolean}
 */
function stillHeld(held, heldVisits, here) {
  const written = new Set(held.filter(({ entry }) => here.has(entry.author)).map(({ visit }) => visit));
  const waiting = new Set(heldVisits.map(({ id }) => id).filter((id) => !written.has(id)));
  return ({ visit, entry }) => (visit || !entry ? waiting.has(visit) || (!visit && !written.has(visit)) : !here.has(entry.author));
}

/** @param {Kept} record @param {Person[]} people @returns {Kept} */
const released = (record, people) =>
  people.some(({ id }) => id === record.entry.author)
    ? { ...record, status: 'local', origin: 'here', confirmed: true, brought_by: null }
    : { ...record, status: 'local' };
