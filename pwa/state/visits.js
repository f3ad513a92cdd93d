/** The list of visits. */
import { foldOnce, mediaOf, standingOf } from './records.js';
import { visitOf } from './visit.js';

/** @import { Memory, Visit } from '../types.js' */

/** The visits to do (nearest first, begun before the others) and those that are over (latest first). @param {Memory} memory */
export function visitLists(memory) {
  const ours = memory.visits.filter(({ held, training }) => !held && !training);
  const cards = ours.map((visit) => cardOf(memory, visit)).sort(byDate);
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
  const open = visitOf(memory, visit.id);
  const records = memory.records.get(visit.id) ?? [];
  const state = foldOnce(records);
  return {
    visit,
    standing: standingOf(visit, state, records, mediaOf(memory, visit.id)),
    impossible: state.impossible !== null && state.closed === null,
    total: open?.answers.length ?? 0,
    answered: (open?.answers.length ?? 0) - (open?.missing.length ?? 0),
    /** What is to be done: answer on, wait for the others, or compare. */
    phase: open?.phase ?? 'together',
    differences: open?.differences.length ?? 0,
    separate: open?.mode === 'separate',
    questions: (open?.threads ?? []).filter(({ answers }) => !answers.length).length,
    unable: (open?.unable ?? []).some(({ author }) => author === open?.me),
    awaited: (open?.awaited ?? []).map(({ name }) => name),
    /** Where to go on: the first criterion without an answer. */
    next: open?.phase === 'waiting' ? null : (open?.missing[0]?.criterion.id ?? null),
  };
}
