/** What this phone keeps, counted as a person would. */
import { refusedAmong } from './records.js';

/** @import { Kept, Memory } from '../types.js' */

/** What this phone has to send or has sent: entries, and what a person knows of them, answers and remarks. @param {Memory} memory */
export function countsOf(memory) {
  const records = [...memory.records.values()]
    .flat()
    .filter(({ origin, status, set_aside: aside }) => !aside && (origin === 'here' || status !== 'received'));
  return {
    waiting: tally(records.filter(({ status }) => status === 'local' || status === 'sending')),
    received: tally(records.filter(({ status }) => status === 'received')),
    rejected:
      records.filter(({ status }) => status === 'rejected').length +
      [...memory.media.values()].filter(({ status }) => status === 'refused').length,
    /** Photos and notes that the fund has yet to get. */
    photos: [...memory.media.values()].filter(({ status }) => status === 'local').length,
  };
}

/** A question answered twice counts once. @param {Kept[]} records */
function tally(records) {
  const about = (/** @type {string} */ wanted) =>
    new Set(
      records.flatMap(({ visit, entry }) =>
        entry.kind === wanted && 'criterion' in entry ? `${visit} ${entry.criterion}` : [],
      ),
    ).size;
  return { entries: records.length, answers: about('choice_made'), remarks: about('remark_made') };
}

/** What was refused and still waits for someone. @param {Memory} memory */
export function refusedIn(memory) {
  return refusedAmong([...memory.records.values()].flat())
    .map((record) => {
      const visit = memory.visits.find(({ id }) => id === record.visit) ?? null;
      const criterionId = 'criterion' in record.entry ? record.entry.criterion : null;
      const grid = visit && memory.grids.get(visit.grid);
      return { record, visit, criterion: grid?.criteria.find(({ id }) => id === criterionId) ?? null };
    });
}
