/** One visit with its grid and everything that the person who holds the phone may know of it. */
import { DUO, answers as answersTo, unable } from '../domain/journal.js';
import { foldOnce, mediaOf, refusedAmong, standingOf, visibleTo } from './records.js';

/** @import { Choice, Criterion, Grid, Kept, Memory, Person, Phase, Visit, VisitState } from '../types.js' */

/**
 * A visit with its grid, or null when this phone has no such visit.
 * @param {Memory} memory
 * @param {string | undefined} id
 */
export function visitOf(memory, id) {
  const visit = memory.visits.find((one) => one.id === id);
  const all = memory.records.get(id ?? '') ?? [];
  const whole = foldOnce(all);
  const grid = visit && memory.grids.get(whole.grid ?? visit.grid);
  if (!visit || !grid) return null;
  const me = writerOf(memory, visit);
  const records = visibleTo(visit, all, me);
  const state = foldOnce(records);
  const over = state.closed !== null || state.impossible !== null || visit.state === 'decided';
  const phase = phaseOf(visit, whole, me, records === all);
  const sheet = phase === 'alone' && !over ? /** @type {string} */ (me) : DUO;
  const names = namesOf(memory, visit);
  const reading = { visit, grid, records, state, sheet, names, media: memory.media };
  const answers = grid.criteria.map((criterion) => answerOf(reading, criterion));
  const toMend = answers.filter(({ chosen, refusals }) => refusals.length || chosen.length > 1);
  return {
    ...visit,
    grid,
    records,
    answers,
    fold: state,
    names,
    /** Who writes here, when it is known. */
    me,
    /** The people of this phone who may write this visit. */
    couldHold: couldHold(memory, visit),
    mode: whole.mode ?? visit.mode,
    phase,
    /** The sheet that is being written here. */
    sheet,
    /** Those whose sheet is not done yet. */
    awaited: visit.members.filter((member) => !isDone(whole, member.id)),
    differences: phase === 'together' ? answers.filter(({ differs, lone }) => differs || lone) : [],
    standing: standingOf(visit, state, all, mediaOf(memory, visit.id)),
    /** Refused, or answered twice apart: these wait for someone even once the visit is closed. */
    toMend,
    otherRefusals: refusedAmong(records).length - toMend.flatMap(({ refusals }) => refusals).length,
    /** Why there was no visit, unless one of the phones closed it all the same. */
    impossible: state.closed === null ? state.impossible : null,
    end: state.closed === null ? null : endOf(names, records, state),
    missing: answers.filter(({ chosen }) => !chosen.length),
    over,
    /** What was said of the visit as a whole. */
    said: state.remarks.filter(({ criterion }) => criterion === null),
    photos: photosOf(reading, null),
    /** Questions of the coordination, with what each has been answered. */
    threads: threadsOf(reading),
    /** Those who said that they cannot come. */
    unable: unable(records).filter(({ author }) => visit.members.some(({ id: member }) => member === author)),
  };
}

/** Done from their own device: nobody opens a sheet in its author's name. @param {VisitState} state @param {string} person */
const isDone = (state, person) => person in state.done && !state.relayed.includes(state.done[person]);

/**
 * Alone: their own sheet is open, the others are hidden. Waiting: theirs is done, not all are. Together: the common sheet.
 * @param {Visit} visit @param {VisitState} state @param {string | null} me @param {boolean} open whether nothing is hidden
 * @returns {Phase}
 */
function phaseOf({ members }, state, me, open) {
  const goes = members.some(({ id }) => id === me);
  if (state.mode !== 'separate') return 'together';
  if (goes && !state.done[/** @type {string} */ (me)]) return 'alone';
  return open ? 'together' : 'waiting';
}

/**
 * @typedef {object} Reading
 * @property {Visit} visit
 * @property {Grid} grid
 * @property {Kept[]} records
 * @property {VisitState} state
 * @property {string} sheet
 * @property {Map<string, string>} names
 * @property {Memory['media']} media
 */

/** The photos of a criterion, or (null) of the visit itself, with how far each has come. @param {Reading} reading @param {string | null} about */
const photosOf = ({ state, names, media }, about) =>
  state.photos
    .filter(({ criterion }) => criterion === about)
    .map((photo) => ({ ...photo, who: names.get(photo.author) ?? '', status: media.get(photo.sha256)?.status ?? null }));

/** @param {Reading} reading */
function threadsOf({ visit, records, names }) {
  const given = answersTo(records);
  return (visit.questions ?? []).map((question) => ({
    question,
    answers: given
      .filter((one) => one.question === question.id)
      .map((one) => ({ ...one, who: names.get(one.author) ?? '', status: records.find(({ id }) => id === one.id)?.status ?? null })),
  }));
}

/** @param {Reading} reading @param {Criterion} criterion */
function answerOf(reading, criterion) {
  const { visit, grid, records, state, sheet, names, media } = reading;
  const on = (/** @type {string} */ one) => (state.sheets[one]?.[criterion.id] ?? []).filter(({ choice }) => choice !== null);
  const members = visit.members.map(({ id }) => id);
  const personal = Object.keys(state.sheets).filter((one) => one !== DUO && on(one).length);
  const counted = personal.filter((one) => members.includes(one));
  const agreed = on(DUO).length ? on(DUO) : counted.flatMap(on);
  const current = sheet === DUO ? agreed : on(sheet);
  const all = state.remarks.filter((remark) => remark.criterion === criterion.id);
  const typed = all.filter((remark) => remark.sheet === sheet && remark.text !== undefined);
  const shown = new Set([...agreed, ...current, ...all].map(({ id }) => id));
  const entry = on(DUO).length === 1 ? records.find(({ id }) => id === on(DUO)[0].id)?.entry : null;
  return {
    criterion,
    category: /** @type {Grid['categories'][number]} */ (grid.categories.find(({ id }) => id === criterion.category)),
    /** Distinct current choices on the sheet being written; of the common one, those agreed on. */
    chosen: distinct(current),
    /** What each person said on their own sheet, those replaced last. */
    bySheet: [...counted, ...personal.filter((one) => !counted.includes(one))].map((one) => ({
      sheet: one,
      name: names.get(one) ?? '',
      counts: members.includes(one),
      choices: distinct(on(one)),
      remarks: all.filter((remark) => remark.sheet === one),
    })),
    /** Two answers stand, and somebody has to choose. */
    differs: distinct(agreed).length > 1,
    /** Only one of several people answered. */
    lone: !on(DUO).length && counted.length === 1 && members.length > 1,
    /** What was settled, and why. */
    settled: personal.length > 0 && entry?.kind === 'choice_made' ? { reason: entry.reason ?? '', id: entry.id } : null,
    remarkIds: typed.map(({ id }) => id),
    /** The words of the sheet being written. */
    remark: typed
      .map(({ text }) => text ?? '')
      .filter(Boolean)
      .join('\n\n'),
    remarks: all,
    photos: photosOf(reading, criterion.id),
    commitments: state.commitments.filter((one) => one.criterion === criterion.id),
    threads: threadsOf(reading).filter(({ question }) => question.criterion === criterion.id),
    voices: all.flatMap(({ id, author, sheet: on, voice }) =>
      voice ? [{ id, author, sheet: on, sha256: voice, who: names.get(author) ?? '', status: media.get(voice)?.status ?? null }] : [],
    ),
    /** The least advanced state among what is shown, null when nothing is. */
    status: leastAdvanced(records.filter(({ id }) => shown.has(id))),
    refusals: refusedAmong(records).filter(({ id }) => shown.has(id)),
    /** Written after the closing. */
    late: state.closed !== null && [...shown].some((id) => id > /** @type {string} */ (state.closed)),
  };
}

/** @param {{ choice: Choice }[]} current */
const distinct = (current) => [...new Set(current.map(({ choice }) => choice))];

/** The names of all who have or had a part in it. @param {Memory} memory @param {Visit} visit @returns {Map<string, string>} */
const namesOf = ({ facts }, { members, past_members: past = [] }) =>
  new Map([...(facts.people ?? []), ...past, ...members].map(({ id, name }) => [id, name]));

/**
 * Who closed the visit, when, who else was there, and what this phone wrote that no closing lists.
 * @param {Map<string, string>} names @param {Kept[]} records @param {VisitState} state
 */
function endOf(names, records, state) {
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
  /** @type {const} */ (['rejected', 'local', 'sending', 'received', 'training']).find((status) =>
    records.some((record) => record.status === status),
  ) ?? null;

/** The people of this phone who may write this visit. @param {Memory} memory @param {Visit} visit @returns {Person[]} */
function couldHold({ facts }, visit) {
  const people = facts.people ?? [];
  const members = people.filter(({ id }) => visit.members.some((member) => member.id === id));
  return members.length ? members : people;
}

/** Who writes: whoever holds the phone, when they may; the only one here otherwise. @param {Memory} memory @param {Visit} visit */
function writerOf(memory, visit) {
  if (visit.training) return visit.members[0].id;
  const people = couldHold(memory, visit);
  const alone = (memory.facts.people ?? []).length === 1;
  return people.find(({ id }) => id === memory.facts.me)?.id ?? (alone ? people[0].id : null);
}
