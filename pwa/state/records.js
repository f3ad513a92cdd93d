/** What the records of one visit say, read once. */
import { fold, sheetsHidden, writtenAlone } from '../domain/journal.js';

/** @import { Kept, MediaAbout, Memory, Standing, Visit, VisitState } from '../types.js' */

/** @type {WeakMap<Kept[], VisitState>} */
const folds = new WeakMap();

/** A beginning that was refused and made again says nothing any more. @param {Kept} record */
const stands = ({ set_aside: aside, entry }) => !(aside && entry.kind === 'visit_started');

/** @param {Kept[]} records */
export function foldOnce(records) {
  const known = folds.get(records) ?? fold(records.filter(stands));
  folds.set(records, known);
  return known;
}

/** @type {WeakMap<Kept[], Map<string, Kept[]>>} */
const views = new WeakMap();

/**
 * Those of the records that this person may read: several may share a phone, and a sheet stays hidden from the others there too.
 * @param {Visit} visit @param {Kept[]} records @param {string | null} me
 * @returns {Kept[]}
 */
export function visibleTo(visit, records, me) {
  const members = visit.members.map(({ id }) => id);
  if (!sheetsHidden(foldOnce(records), members, visit.released === true)) return records;
  const known = views.get(records) ?? new Map();
  views.set(records, known);
  const mine = known.get(me) ?? records.filter(({ entry }) => entry.author === me || !writtenAlone(entry));
  known.set(me, mine);
  return mine;
}

/** The photos and notes of a visit that this phone keeps. @param {Memory} memory @param {string} visit */
export const mediaOf = ({ media }, visit) => [...media.values()].filter((one) => one.visit === visit);

/** How far a photo or a note has come, as an entry would have. @type {Record<string, Kept['status']>} */
const AS_ENTRY = { local: 'local', sent: 'received', decoded: 'received', refused: 'rejected' };

/** A visit is received once every entry and every photo is. @param {Visit} visit @param {VisitState} state @param {Kept[]} records @param {MediaAbout[]} media @returns {Standing} */
export function standingOf(visit, state, records, media) {
  if (visit.state === 'decided') return 'decided';
  if (!state.closed && !state.impossible) return state.started.length ? 'started' : 'planned';
  const shown = new Set([...state.photos.map(({ sha256 }) => sha256), ...state.remarks.flatMap(({ voice }) => voice ?? [])]);
  const waiting = [
    ...records.filter(({ set_aside: aside }) => !aside).map(({ status }) => status),
    ...media.filter(({ sha256 }) => shown.has(sha256)).map(({ status }) => AS_ENTRY[status]),
  ];
  return (
    /** @type {const} */ (['rejected', 'sending', 'local']).find((status) => waiting.includes(status)) ?? 'received'
  );
}

/** @param {Kept[]} records */
export const refusedAmong = (records) =>
  records.filter(({ status, set_aside: aside }) => status === 'rejected' && !aside);
