/**
 * Whether something read from a file or from another phone's screen has the form of an entry: the screens and the fold rely on
 * it, and a stranger may have made it. What an entry says is for the fund to judge (backend/domain/journal.py).
 */

/** @import { Entry } from './types.d.ts' */

/** @typedef {(value: any) => boolean} Test */

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const ENTRY_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const MOMENT = /^[1-9]\d{3}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;
const LONGEST = 200_000;

/** @type {(pattern: RegExp) => Test} */
const like = (pattern) => (value) => typeof value === 'string' && pattern.test(value);
/** @type {(most: number) => Test} */
const text = (most) => (value) => typeof value === 'string' && value.length <= most;
/** @type {(test: Test, most: number) => Test} */
const listOf = (test, most) => (value) => Array.isArray(value) && value.length <= most && value.every(test);
/** @type {(test: Test) => Test} */
const orNull = (test) => (value) => value === null || test(value);
/** @type {(test: Test) => Test} */
const perhaps = (test) => (value) => value === undefined || test(value);
/** @type {Test} */
const isNumber = (value) => Number.isFinite(value);

export const isId = like(UUID);
const isEntryId = like(ENTRY_ID);
export const isSha256 = like(/^[0-9a-f]{64}$/);
const isSheet = like(new RegExp(`^duo$|${UUID.source}`));
const isCriterion = text(80);
/** @type {Test} */
const isChoice = (value) => value === null || Number.isSafeInteger(value) || text(40)(value);
const isMoment = (/** @type {unknown} */ value) => like(MOMENT)(value) && Number.isFinite(Date.parse(/** @type {string} */ (value)));
const supersedes = listOf(isEntryId, 50);
const people = listOf(isId, 20);
const photos = listOf(isSha256, 500);

/** @type {Record<string, Test>} */
const COMMON = { id: isEntryId, v: (value) => value === 1, kind: text(60), author: isId, at: isMoment, app: text(40) };

/** What each kind adds. @type {Record<string, Record<string, Test>>} */
const KINDS = {
  visit_started: { grid: text(130), mode: text(40), present: people },
  choice_made: { sheet: isSheet, criterion: isCriterion, choice: isChoice, supersedes, reason: perhaps(text(2000)), present: perhaps(people) },
  remark_made: { sheet: isSheet, criterion: orNull(isCriterion), text: perhaps(text(4000)), voice: perhaps(isSha256), supersedes },
  photo_attached: { sheet: isSheet, criterion: orNull(isCriterion), sha256: isSha256, bytes: isNumber, media: text(40), caption: text(300) },
  photo_removed: { photo: isEntryId },
  commitment_noted: { criterion: isCriterion, text: text(1000), due: orNull(text(10)), supersedes },
  sheet_done: { sheet: isSheet },
  visit_closed: { entries: listOf(isEntryId, 2000), photos },
  visit_impossible: { cause: text(40), text: text(1000) },
  question_answered: { question: isId, text: perhaps(text(4000)), voice: perhaps(isSha256) },
  cannot_come: { text: text(1000) },
  merchant_spotted: { name: text(200), merchant_kind: text(80), lat: orNull(isNumber), lon: orNull(isNumber), note: text(2000), photos },
};

/**
 * A kind this version does not know passes on its common part: a later version, or the fund, knows it.
 * @param {any} value decoded JSON
 * @returns {value is Entry}
 */
export function isEntry(value) {
  if (!hasForm(value, COMMON) || JSON.stringify(value).length > LONGEST) return false;
  const own = Object.hasOwn(KINDS, value.kind) ? KINDS[value.kind] : {};
  return hasForm(value, own) && (value.kind === 'merchant_spotted' ? value.visit === undefined : isId(value.visit));
}

/** @param {any} value @param {Record<string, Test>} form */
export const hasForm = (value, form) =>
  typeof value === 'object' && value !== null && Object.entries(form).every(([name, test]) => test(value[name]));
