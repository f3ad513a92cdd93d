/** The list of visits. */
import { DUO } from '../domain/journal.js';
import { foldOnce, standingOf } from './records.js';

/** @import { Choice, Memory, Visit } from '../types.js' */

/** The visits to do (nearest first, begun before the others) and those that are over (latest first). @param {Memory} memory */
export function visitLists(memory) {
  const cards = memory.visits.map((visit) => cardOf(memory, visit)).sort(byDate);
  const todo = cards.filter(({ standing }) => standing === 'planned' || standing === 'started');
  return {
    todo: [
      ...todo.filter(({ standing }) => standing === 'started'),
      ...todo.filter(({ standing }) => standing === 'planned'),
    ],
    over: cards.filter((card) => !todo.includes(card)).reverse(),
  };
}

/** @param {{ visit: Visit }} one @param {{ visit: Visit }} other */
const byDate = (one, other) => (whenKey(one.visit) < whenKey(other.visit) ? -1 : 1);

/** @param {Visit} visit */
const whenKey = ({ planned_on: date, planned_at: time, id }) => `${date} ${time ?? ''} ${id}`;

/** @param {Memory} memory @param {Visit} visit */
function cardOf(memory, visit) {
  const records = memory.records.get(visit.id) ?? [];
  const state = foldOnce(records);
  const criteria = memory.grids.get(state.grid ?? visit.grid)?.criteria ?? [];
  const missing = criteria.filter(({ id }) => !hasAnswer(state.sheets[DUO]?.[id]));
  return {
    visit,
    standing: standingOf(visit, state, records),
    impossible: state.impossible !== null && state.closed === null,
    total: criteria.length,
    answered: criteria.length - missing.length,
    /** Where to go on: the first criterion without an answer. */
    next: missing[0]?.id ?? null,
  };
}

/** @param {{ choice: Choice }[] | undefined} current */
const hasAnswer = (current) => (current ?? []).some(({ choice }) => choice !== null);
