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
/** @type {Test} */
const isText = (value) => typeof value === 'string';
/** @type {(test: Test) => Test} */
const listOf = (test) => (value) => Array.isArray(value) && value.every(test);
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
/** @type {Test} */
const isChoice = (value) => value === null || Number.isSafeInteger(value) || like(/^(\d{1,15}(\.\d{1,15})?|not_applicable)$/)(value);
const isMoment = (/** @type {unknown} */ value) => like(MOMENT)(value) && Number.isFinite(Date.parse(/** @type {string} */ (value)));
const supersedes = listOf(isEntryId);
const people = listOf(isId);
const photos = listOf(isSha256);

/** @type {Record<string, Test>} */
const COMMON = { id: isEntryId, v: (value) => value === 1, kind: isText, author: isId, at: isMoment, app: isText };

/** What each kind adds. @type {Record<string, Record<string, Test>>} */
const KINDS = {
  visit_started: { grid: isText, mode: isText, present: people },
  choice_made: { sheet: isSheet, criterion: isText, choice: isChoice, supersedes, reason: perhaps(isText), present: perhaps(people) },
  remark_made: { sheet: isSheet, criterion: orNull(isText), text: perhaps(isText), voice: perhaps(isSha256), supersedes },
  photo_attached: { sheet: isSheet, criterion: orNull(isText), sha256: isSha256, bytes: isNumber, media: isText, caption: isText },
  photo_removed: { photo: isEntryId },
  commitment_noted: { criterion: isText, text: isText, due: orNull(isText), supersedes },
  sheet_done: { sheet: isSheet },
  visit_closed: { entries: listOf(isEntryId), photos },
  visit_impossible: { cause: isText, text: isText },
  question_answered: { question: isId, text: perhaps(isText), voice: perhaps(isSha256) },
  cannot_come: { text: isText },
  merchant_spotted: { name: isText, merchant_kind: isText, lat: orNull(isNumber), lon: orNull(isNumber), note: isText, photos },
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
