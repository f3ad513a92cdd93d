/**
 * The score of a visit: an interval that proposes, with its reasons. Exact: decimals become fractions of BigInts,
 * never binary floats. Twin of backend/domain/scoring.py.
 */

import { DUO } from './journal.js';

export const NOT_APPLICABLE = 'not_applicable';

/** @import * as T from './types.d.ts' */

const ZERO = { n: 0n, d: 1n };

/** @type {T.Combine} */
const plus = (a, b) => (a.d === b.d ? { n: a.n + b.n, d: a.d } : { n: a.n * b.d + b.n * a.d, d: a.d * b.d });

/** @type {T.Combine} */
const times = (a, b) => ({ n: a.n * b.n, d: a.d * b.d });

/** @type {T.Combine} */
const over = (a, b) => ({ n: a.n * b.d, d: a.d * b.n });

/** @param {T.Fraction} a @param {T.Fraction} b */
const less = (a, b) => a.n * b.d < b.n * a.d;

/**
 * Rules from a grid in the vectors' form.
 * @param {T.GridRules} grid
 * @returns {T.Rules}
 * @throws {RangeError} when a number is none, a weight is negative or a criterion gives no points
 */
export function rulesFrom(grid) {
  const criteria = new Map(grid.criteria.map((raw) => [raw.id, criterionFrom(raw)]));
  return {
    criteria: [...criteria.values()],
    minima: new Map(grid.categories.map(({ id, minimum }) => [id, minimum == null ? null : exact(minimum).value])),
    favorable: exact(grid.decision.favorable).value,
    conditional: exact(grid.decision.conditional).value,
  };
}

/**
 * @param {T.GridRules['criteria'][number]} raw
 * @returns {T.Criterion}
 */
function criterionFrom({ id, category, weight: written, points: given, may_not_apply, eliminatory_below }) {
  const weight = exact(written).value;
  const best = given.map((points) => exact(points).value).reduce((a, b) => (less(a, b) ? b : a), ZERO);
  if (weight.n < 0n || best.n === 0n) {
    throw new RangeError(`criterion ${id}: a weight is not negative, and the best level gives points`);
  }
  const unit = over(weight, best);
  const levels = given.map((points) => pointsOf(points, unit));
  return {
    id,
    category,
    weight,
    unit,
    levels,
    maximum: levels.reduce((a, b) => (less(a.value, b.value) ? b : a)),
    zero: pointsOf(0, unit),
    below: eliminatory_below == null ? null : exact(eliminatory_below).value,
    mayNotApply: may_not_apply ?? true,
  };
}

/**
 * The points of a numeric choice. 2, 2.0 and '2' are the same. What is no level counts as it is.
 * @param {T.Numeric} number
 * @param {T.Fraction} unit
 * @returns {T.Points}
 */
function pointsOf(number, unit) {
  const { text, value } = exact(number);
  return { text, value, part: times(value, unit) };
}

/**
 * The fraction and the one decimal text of a number: no exponent, no useless zero, no sign on zero.
 * @param {T.Numeric} number
 * @returns {{text: string, value: T.Fraction}}
 */
function exact(number) {
  const match = /^(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]{1,3}))?$/.exec(String(number));
  if (!match || !['number', 'string'].includes(typeof number)) {
    throw new RangeError(`not a decimal number: ${String(number).slice(0, 60)}`);
  }
  const [, sign, whole, decimals = '', exponent = '0'] = match;
  const places = decimals.length - Number(exponent);
  const n = BigInt(sign + whole + decimals) * 10n ** BigInt(Math.max(0, -places));
  const value = { n, d: 10n ** BigInt(Math.max(0, places)) };
  return { text: decimalText(n, Math.max(0, places)), value };
}

/**
 * @param {bigint} n
 * @param {number} places how many of its digits are decimals
 */
function decimalText(n, places) {
  const digits = String(n < 0n ? -n : n).padStart(places + 1, '0');
  const cut = digits.length - places;
  return (n < 0n ? '-' : '') + digits.slice(0, cut) + ('.' + digits.slice(cut)).replace(/\.?0*$/, '');
}

/**
 * The score of the current choices of each sheet. Criteria that the grid does not have are ignored.
 * @param {T.Rules} rules
 * @param {T.SheetChoices} sheets
 * @returns {T.Score}
 * @throws {RangeError} when a choice is no number, 'not_applicable' or null
 */
export function score(rules, sheets) {
  const found = read(rules, sheets);
  const { total, categories, outcome } = conclude(rules, found);
  const toSettle = ids(found, ({ state }) => state === 'to_settle');
  const restsOnOne = ids(found, ({ lone }) => lone);
  return {
    total: outOf100(total),
    categories: byName([...categories].map(([id, tally]) => [id, outOf100(tally)])),
    outcome,
    unanswered: ids(found, ({ state }) => state === 'unanswered'),
    toSettle,
    criteria: found.map((bounds) => why(bounds, total.whole)),
    assessedShare: assessedShare(found),
    restsOnOne,
    settled: outcome[0] === outcome[1] && outcome[0] !== 'undetermined' && !toSettle.length && !restsOnOne.length,
  };
}

/**
 * For each criterion alone, the choices that, once agreed on, would change either end of the outcome.
 * Criteria of which no choice would change anything are left out.
 * @param {T.Rules} rules
 * @param {T.SheetChoices} sheets
 * @returns {Record<string, T.Change[]>}
 */
export function whatWouldChange(rules, sheets) {
  const found = read(rules, sheets);
  const now = conclude(rules, found).outcome;
  /** @type {[string, T.Change[]][]} */
  const changes = found.map((bounds, place) => [
    bounds.criterion.id,
    everyAnswer(bounds.criterion)
      .map(({ choice, answer }) => ({
        choice,
        outcome: conclude(rules, found.map((other, at) => (at === place ? answer : other))).outcome,
      }))
      .filter(({ outcome }) => String(outcome) !== String(now)),
  ]);
  return byName(changes.filter(([, given]) => given.length));
}

/**
 * A share out of 100 in whole tenths, rounded down: 64.96 never shows as 65.0 under a threshold of 65.
 * @param {T.Fraction | null} share
 * @returns {number | null}
 */
export function floored(share) {
  if (!share) return null;
  const tenths = (share.n * 10n) / share.d;
  return Number(share.n < 0n && tenths * share.d !== share.n * 10n ? tenths - 1n : tenths); // BigInt division truncates
}

/**
 * The score in JSON, with the keys of the vectors' `expect`; totals floored to one decimal.
 * @param {T.Score} score
 */
export function summary({ total, categories, outcome, unanswered, toSettle }) {
  return {
    total: total.map(shown),
    categories: byName(Object.entries(categories).map(([id, ends]) => [id, ends.map(shown)])),
    outcome,
    unanswered,
    to_settle: toSettle,
  };
}

/** @param {T.Fraction | null} share */
function shown(share) {
  const tenths = floored(share);
  return tenths === null ? null : tenths / 10;
}

/**
 * An object in which no name is special, not even `__proto__`.
 * @template V
 * @param {[string, V][]} entries
 * @returns {Record<string, V>}
 */
const byName = (entries) => Object.assign(Object.create(null), Object.fromEntries(entries));

/**
 * @param {T.Bounds[]} found
 * @param {(bounds: T.Bounds) => boolean} which
 */
const ids = (found, which) => found.filter(which).map(({ criterion }) => criterion.id);

/**
 * What the sheets say of each criterion.
 * @param {T.Rules} rules
 * @param {T.SheetChoices} sheets
 */
function read(rules, sheets) {
  const personal = new Map(Object.entries(sheets).map(([sheet, given]) => [sheet, new Map(Object.entries(given))]));
  const common = personal.get(DUO);
  personal.delete(DUO);
  return rules.criteria.map((criterion) => bounds(criterion, common, [...personal.values()]));
}

/**
 * Agreed choices are those of the common sheet when it has any, else those of all personal sheets.
 * @param {T.Criterion} criterion
 * @param {Map<string, T.Choice[]> | undefined} common
 * @param {Map<string, T.Choice[]>[]} personal
 */
function bounds(criterion, common, personal) {
  const together = distinct(criterion, common?.get(criterion.id));
  if (together.size) return between(criterion, together, false);
  const alone = personal.map((sheet) => distinct(criterion, sheet.get(criterion.id))).filter((own) => own.size);
  return between(criterion, new Map(alone.flatMap((own) => [...own])), alone.length === 1);
}

/**
 * The different choices by their text; null is 'not_applicable'. A cleared choice (null) says nothing.
 * @param {T.Criterion} criterion
 * @param {T.Choice[]} [choices]
 */
function distinct(criterion, choices = []) {
  /** @type {Map<string, T.Points | null>} */
  const different = new Map();
  for (const choice of choices) {
    if (choice === null) continue;
    const points = choice === NOT_APPLICABLE ? null : pointsOf(choice, criterion.unit);
    different.set(points ? points.text : NOT_APPLICABLE, points);
  }
  return different;
}

/**
 * @param {T.Criterion} criterion
 * @param {Map<string, T.Points | null>} agreed
 * @param {boolean} lone
 * @returns {T.Bounds}
 */
function between(criterion, agreed, lone) {
  const points = [...agreed.values()].filter((each) => each !== null);
  if (agreed.size && !points.length) return { criterion, state: 'not_applicable', ends: null, lone };
  const unknown = points.length !== agreed.size || !points.length;
  points.sort((a, b) => (less(a.value, b.value) ? -1 : 1));
  return {
    criterion,
    state: agreed.size > 1 ? 'to_settle' : agreed.size ? 'answered' : 'unanswered',
    ends: unknown ? [criterion.zero, criterion.maximum] : [points[0], points[points.length - 1]],
    lone,
  };
}

/**
 * @param {T.Criterion} criterion
 * @returns {{choice: number | string, answer: T.Bounds}[]}
 */
function everyAnswer(criterion) {
  const answers = [...new Map(criterion.levels.map((level) => [level.text, level]))].map(([text, level]) => ({
    choice: /^-?[0-9]{1,15}$/.test(text) ? Number(text) : text,
    answer: between(criterion, new Map([[text, level]]), false),
  }));
  if (!criterion.mayNotApply) return answers;
  return [...answers, { choice: NOT_APPLICABLE, answer: between(criterion, new Map([[NOT_APPLICABLE, null]]), false) }];
}

/**
 * @param {T.Rules} rules
 * @param {T.Bounds[]} found
 */
function conclude(rules, found) {
  const total = tally(found);
  const categories = new Map(
    [...rules.minima.keys()].map((id) => [id, tally(found.filter(({ criterion }) => criterion.category === id))]),
  );
  /** @type {[T.Outcome, T.Outcome]} */
  const outcome = [outcomeOf(rules, found, total, categories, 0), outcomeOf(rules, found, total, categories, 1)];
  return { total, categories, outcome };
}

/**
 * The sums over criteria that apply: all there is to win, and each end.
 * @param {T.Bounds[]} found
 * @returns {T.Tally}
 */
function tally(found) {
  let whole = ZERO;
  let low = ZERO;
  let high = ZERO;
  for (const { criterion, ends } of found) {
    if (!ends) continue;
    whole = plus(whole, criterion.weight);
    low = plus(low, ends[0].part);
    high = plus(high, ends[1].part);
  }
  return { whole, ends: [low, high] };
}

/**
 * @param {T.Rules} rules
 * @param {T.Bounds[]} found
 * @param {T.Tally} total
 * @param {Map<string, T.Tally>} categories
 * @param {0 | 1} end
 * @returns {T.Outcome}
 */
function outcomeOf(rules, found, total, categories, end) {
  if (total.whole.n === 0n) return 'undetermined';
  if (found.some(({ criterion, ends }) => ends && criterion.below && less(ends[end].value, criterion.below))) {
    return 'unfavorable';
  }
  /** @param {T.Tally | undefined} sums @param {T.Fraction | null} threshold */
  const reaches = (sums, threshold) =>
    !sums || !threshold || sums.whole.n === 0n || !less(percent(sums.ends[end], sums.whole), threshold);
  const minimaReached = [...rules.minima].every(([id, minimum]) => reaches(categories.get(id), minimum));
  if (reaches(total, rules.favorable) && minimaReached) return 'favorable';
  return reaches(total, rules.conditional) ? 'conditional' : 'unfavorable';
}

/** @type {T.Combine} */
const percent = (part, whole) => over({ n: part.n * 100n, d: part.d }, whole);

/**
 * @param {T.Tally} sums
 * @returns {T.Ends}
 */
const outOf100 = ({ whole, ends: [low, high] }) =>
  whole.n === 0n ? [null, null] : [percent(low, whole), percent(high, whole)];

/**
 * @param {T.Bounds} bounds
 * @param {T.Fraction} whole
 * @returns {T.Why}
 */
function why({ criterion: { id, category, weight, maximum }, state, ends }, whole) {
  return {
    id,
    category,
    weight,
    state,
    points: ends ? [ends[0].value, ends[1].value] : [null, null],
    maximum: maximum.value,
    share: ends ? outOf100({ whole, ends: [ends[0].part, ends[1].part] }) : [null, null],
  };
}

/** @param {T.Bounds[]} found */
function assessedShare(found) {
  /** @param {T.Bounds[]} some */
  const weight = (some) => some.reduce((sum, { criterion }) => plus(sum, criterion.weight), ZERO);
  const whole = weight(found);
  if (whole.n === 0n) return null;
  return over(weight(found.filter(({ state }) => state === 'answered' || state === 'to_settle')), whole);
}
