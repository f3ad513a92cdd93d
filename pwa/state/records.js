/** What the records of one visit say, read once. */
import { fold } from '../domain/journal.js';

/** @import { Kept, Standing, Visit, VisitState } from '../types.js' */

/** @type {WeakMap<Kept[], VisitState>} */
const folds = new WeakMap();

/** @param {Kept[]} records */
export function foldOnce(records) {
  const known = folds.get(records) ?? fold(records);
  folds.set(records, known);
  return known;
}

/** @param {Visit} visit @param {VisitState} state @param {Kept[]} records @returns {Standing} */
export function standingOf(visit, state, records) {
  if (visit.state === 'decided') return 'decided';
  if (!state.closed && !state.impossible) return state.started.length ? 'started' : 'planned';
  const waiting = records.filter(({ set_aside: aside }) => !aside).map(({ status }) => status);
  return (
    /** @type {const} */ (['rejected', 'sending', 'local']).find((status) => waiting.includes(status)) ?? 'received'
  );
}

/** @param {Kept[]} records */
export const refusedAmong = (records) =>
  records.filter(({ status, set_aside: aside }) => status === 'rejected' && !aside);
