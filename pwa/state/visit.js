/** One visit with its grid and everything known of it. */
import { DUO } from '../domain/journal.js';
import { foldOnce, refusedAmong, standingOf } from './records.js';

/** @import { Criterion, Grid, Kept, Memory, Visit, VisitState } from '../types.js' */

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
    /** The sheet that is being written here. */
    sheet: DUO,
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
