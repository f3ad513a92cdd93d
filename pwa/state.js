/**
 * What each screen shows, computed from what the store keeps and where one is. Pure: no clock, no storage, no page.
 */
import { DUO, fold } from './domain/journal.js';

/** @import { Choice, Criterion, Grid, Kept, Memory, OpenVisit, Route, Standing, Visit, VisitState } from './types.js' */

/** @type {WeakMap<Kept[], VisitState>} */
const folds = new WeakMap();

/** @param {Kept[]} records */
function foldOnce(records) {
  const known = folds.get(records) ?? fold(records);
  folds.set(records, known);
  return known;
}

/** What this phone has to send or has sent: entries, and what a person knows of them, answers and remarks. @param {Memory} memory */
export function countsOf(memory) {
  const records = [...memory.records.values()]
    .flat()
    .filter(({ origin, status, set_aside: aside }) => !aside && (origin === 'here' || status !== 'received'));
  return {
    waiting: tally(records.filter(({ status }) => status === 'local' || status === 'sending')),
    received: tally(records.filter(({ status }) => status === 'received')),
    rejected: records.filter(({ status }) => status === 'rejected').length,
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

/** @param {Visit} visit @param {VisitState} state @param {Kept[]} records @returns {Standing} */
function standingOf(visit, state, records) {
  if (visit.state === 'decided') return 'decided';
  if (!state.closed && !state.impossible) return state.started.length ? 'started' : 'planned';
  const waiting = records.filter(({ set_aside: aside }) => !aside).map(({ status }) => status);
  return (
    /** @type {const} */ (['rejected', 'sending', 'local']).find((status) => waiting.includes(status)) ?? 'received'
  );
}

/**
 * A visit with its grid and everything known of it, or null when this phone has no such visit.
 * @param {Memory} memory
 * @param {string | undefined} id
 */
export function visitOf(memory, id) {
  const visit = memory.visits.find((one) => one.id === id);
  const records = memory.records.get(id ?? '') ?? [];
  const state = foldOnce(records);
  const grid = visit && memory.grids.get(state.grid ?? visit.grid);
  if (!visit || !grid) return null;
  const answers = grid.criteria.map((criterion) => answerOf(grid, records, state, criterion));
  const toMend = answers.filter(({ chosen, refusals }) => refusals.length || chosen.length > 1);
  return {
    ...visit,
    grid,
    records,
    answers,
    fold: state,
    standing: standingOf(visit, state, records),
    /** Refused, or answered twice apart: these wait for someone even once the visit is closed. */
    toMend,
    otherRefusals: refusedAmong(records).length - toMend.flatMap(({ refusals }) => refusals).length,
    /** Why there was no visit, unless one of the phones closed it all the same. */
    impossible: state.closed === null ? state.impossible : null,
    end: state.closed === null ? null : endOf(memory, visit, records, state),
    missing: answers.filter(({ chosen }) => !chosen.length),
    over: state.closed !== null || state.impossible !== null || visit.state === 'decided',
    holder: holderOf(memory, visit, records),
    couldHold: couldHold(memory, visit),
  };
}

/** @param {Grid} grid @param {Kept[]} records @param {VisitState} state @param {Criterion} criterion */
function answerOf(grid, records, state, criterion) {
  const current = (state.sheets[DUO]?.[criterion.id] ?? []).filter(({ choice }) => choice !== null);
  const remarks = state.remarks.filter((remark) => remark.criterion === criterion.id);
  const shown = new Set([...current, ...remarks].map(({ id }) => id));
  return {
    criterion,
    category: /** @type {Grid['categories'][number]} */ (grid.categories.find(({ id }) => id === criterion.category)),
    /** Distinct current choices: several when two phones wrote apart. */
    chosen: [...new Set(current.map(({ choice }) => choice))],
    remarkIds: remarks.map(({ id }) => id),
    remark: remarks
      .map(({ text }) => text ?? '')
      .filter(Boolean)
      .join('\n\n'),
    /** The least advanced state among what is shown, null when nothing is. */
    status: leastAdvanced(records.filter(({ id }) => shown.has(id))),
    refusals: refusedAmong(records).filter(({ id }) => shown.has(id)),
    /** Written after the closing. */
    late: state.closed !== null && [...shown].some((id) => id > /** @type {string} */ (state.closed)),
  };
}

/** @param {Kept[]} records */
const refusedAmong = (records) =>
  records.filter(({ status, set_aside: aside }) => status === 'rejected' && !aside);

/**
 * Who closed the visit, when, who else was there, and what this phone wrote that no closing lists.
 * @param {Memory} memory @param {Visit} visit @param {Kept[]} records @param {VisitState} state
 */
function endOf({ facts }, visit, records, state) {
  const names = new Map([...(facts.people ?? []), ...visit.members].map(({ id, name }) => [id, name]));
  const { author, at } = /** @type {Kept} */ (records.find(({ id }) => id === state.closed)).entry;
  const there = records.flatMap(({ entry }) => (entry.kind === 'visit_started' ? [entry.author, ...entry.present] : []));
  const others = new Set(there.filter((id) => id !== author));
  return {
    by: names.get(author),
    at: Date.parse(at),
    others: [...others].flatMap((id) => names.get(id) ?? []),
    since: records.filter(
      ({ id, origin, entry, status }) =>
        origin === 'here' && entry.kind !== 'visit_closed' && status !== 'rejected' && !state.expected_entries.includes(id),
    ),
  };
}

/** @param {Kept[]} records */
const leastAdvanced = (records) =>
  /** @type {const} */ (['rejected', 'local', 'sending', 'received']).find((status) =>
    records.some((record) => record.status === status),
  ) ?? null;

/** The people of this phone who may write this visit. @param {Memory} memory @param {Visit} visit */
function couldHold({ facts }, visit) {
  const people = facts.people ?? [];
  const members = people.filter(({ id }) => visit.members.some((member) => member.id === id));
  return members.length ? members : people;
}

/** Who writes: chosen at the start, or the only one possible. @param {Memory} memory @param {Visit} visit @param {Kept[]} records */
function holderOf(memory, visit, records) {
  const people = couldHold(memory, visit);
  const chosen = memory.facts.holders?.[visit.id] ?? records.find(({ origin }) => origin === 'here')?.entry.author;
  return people.find(({ id }) => id === chosen)?.id ?? (people.length === 1 ? people[0].id : null);
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

/**
 * The screen that answers a route: a visit that is over shows its end, one that is not begun its start.
 * @param {Route} route
 * @param {Memory} memory
 * @param {OpenVisit | null} visit
 * @returns {string} a name of the registry of views
 */
export function screenOf(route, memory, visit) {
  const nobody = !memory.facts.people?.length;
  if (route.name === 'join' || (nobody && route.name !== 'phone')) return 'join';
  if (!route.visit) return route.name;
  if (!visit) return 'visits';
  if (visit.over) return visit.end && route.name === 'criterion' && mends(visit, route.criterion) ? 'criterion' : 'closed';
  if (route.name === 'impossible') return 'impossible';
  if (!visit.fold.started.length || !visit.holder) return 'start';
  if (route.name === 'visit' || route.name === 'thanks') return 'summary';
  return route.name === 'criterion' && !visit.answers.some(({ criterion }) => criterion.id === route.criterion)
    ? 'summary'
    : route.name;
}

/** Whether this answer of a closed visit waits for someone, or was just mended. @param {NonNullable<OpenVisit>} visit @param {string | undefined} id */
const mends = ({ answers, toMend, state }, id) =>
  state !== 'decided' && answers.some((answer) => answer.criterion.id === id && (answer.late || toMend.includes(answer)));
