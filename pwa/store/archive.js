/**
 * The form of a backup: a ZIP with `caisse.json` and the bytes of photos and voices, each under its hash. Anyone may hand over
 * such a file, so nothing in it is believed before it was looked at.
 */
import { hasForm, isEntry, isId, isSha256 } from '../domain/shapes.js';
import { strFromU8, strToU8, unzipSync, zipSync } from '../vendor/fflate.js';

/** @import { Backup, Media } from '../types.js' */

const FORMAT = 'caisse-commune/sauvegarde';
const VERSION = 1;
const SHEET = 'caisse.json';
const FOLDER = 'medias/';
/** Bytes, once unpacked: some hundred visits with their photos. */
const LARGEST = 400_000_000;

/** The file cannot be taken: not ours, cut or altered, or made by a later version of the app. */
export class BackupRefused extends Error {
  name = 'BackupRefused';
  /** @param {'foreign' | 'damaged' | 'newer'} why */
  constructor(why) {
    super(why);
    this.why = why;
  }
}

/** @param {Backup} contents @param {string} app the version that makes it @param {number} at Unix milliseconds */
export function pack({ media, ...contents }, app, at) {
  const sheet = { format: FORMAT, version: VERSION, app, at, ...contents, media: media.map(({ bytes: _, ...about }) => about) };
  const files = media.map(({ sha256, bytes }) => /** @type {const} */ ([FOLDER + sha256, [new Uint8Array(bytes), { level: 0 }]]));
  return zipSync({ [SHEET]: strToU8(JSON.stringify(sheet)), ...Object.fromEntries(files) });
}

/**
 * @param {Uint8Array} file
 * @param {(bytes: Uint8Array) => Promise<string>} sha256 in hexadecimal
 * @returns {Promise<Backup>} throws BackupRefused
 */
export async function unpack(file, sha256) {
  const files = unzipped(file);
  const sheet = sheetOf(files);
  const media = sheet.media.map((/** @type {Media} */ about) => ({ ...about, bytes: files[FOLDER + about.sha256] }));
  for (const { bytes, sha256: name } of media) if (!bytes || (await sha256(bytes)) !== name) throw new BackupRefused('damaged');
  return { ...sheet, media: media.map((/** @type {any} */ one) => ({ ...one, bytes: one.bytes.slice().buffer })) };
}

/** @param {Uint8Array} file @returns {Record<string, Uint8Array>} */
function unzipped(file) {
  if (file[0] !== 0x50 || file[1] !== 0x4b) throw new BackupRefused('foreign');
  let room = LARGEST;
  try {
    return unzipSync(file, { filter: ({ originalSize }) => (room -= originalSize) > 0 || refuse('damaged') });
  } catch {
    throw new BackupRefused('damaged');
  }
}

/** @param {'foreign' | 'damaged' | 'newer'} why @returns {never} */
function refuse(why) {
  throw new BackupRefused(why);
}

/** @param {Record<string, Uint8Array>} files */
function sheetOf(files) {
  const sheet = json(files[SHEET]);
  if (sheet?.format !== FORMAT) refuse('foreign');
  if (sheet.version > VERSION) refuse('newer');
  return hasForm(sheet, FORM) ? known(sheet) : refuse('damaged');
}

/** @param {Uint8Array | undefined} bytes */
function json(bytes) {
  try {
    return bytes && JSON.parse(strFromU8(bytes));
  } catch {
    return null;
  }
}

/** @typedef {(value: any) => boolean} Test */

/** @type {Test} */
const isText = (value) => typeof value === 'string' && value.length <= 5000;
/** @type {Test} */
const isTextOrNull = (value) => value === null || isText(value);
/** @type {Test} */
const isPoints = (value) => (typeof value === 'number' ? value >= 0 : isText(value) && /^\d{1,15}(\.\d{1,15})?$/.test(value));
/** @type {Test} */
const isPointsOrNull = (value) => value === null || isPoints(value);
/** @type {(form: Record<string, Test>) => Test} */
const each = (form) => (value) => Array.isArray(value) && value.every((one) => hasForm(one, form));
/** @type {(form: Record<string, Test>) => Test} */
const like = (form) => (value) => hasForm(value, form);

const PERSON = { id: isId, name: isText };
const VISIT = {
  id: isId,
  merchant: like({ id: isText, name: isText, kind: isText, address: isText, phone: isTextOrNull }),
  grid: isText,
  mode: isTextOrNull,
  planned_on: (/** @type {any} */ value) => /^\d{4}-\d\d-\d\d$/.test(value),
  planned_at: isTextOrNull,
  members: each(PERSON),
  state: (/** @type {any} */ value) => ['planned', 'open', 'received', 'decided'].includes(value),
  outcome: (/** @type {any} */ value) => value === null || hasForm(value, { decision: isText, reasons: isText }),
};
const CRITERION = {
  id: isText,
  category: isText,
  name: isText,
  question: isText,
  help: isText,
  weight: isPoints,
  eliminatory_below: isPointsOrNull,
  levels: each({ points: isPoints, sentence: isText }),
};
const GRID = {
  id: isText,
  title: isText,
  notice: isText,
  categories: each({ id: isText, name: isText, minimum: isPointsOrNull }),
  criteria: each(CRITERION),
  decision: like({ favorable: isPoints, conditional: isPoints }),
};
const DRAFT = {
  place: isText,
  visit: isText,
  kind: isText,
  sheet: isText,
  criterion: isText,
  author: isId,
  text: isText,
  over: (/** @type {any} */ value) => Array.isArray(value) && value.every(isText),
};
const FORM = {
  people: each(PERSON),
  visits: each(VISIT),
  grids: each(GRID),
  entries: each({ entry: isEntry }),
  drafts: each(DRAFT),
  media: each({ sha256: isSha256, visit: isText, media: isText }),
};

/** Without what this version knows nothing of. @param {any} sheet */
const known = ({ people, visits, grids, entries, drafts, media, epoch, territory }) => ({
  people: people.map(only(PERSON)),
  visits: visits.map(only(VISIT)),
  grids,
  entries: entries.map((/** @type {any} */ { entry, set_aside: aside }) => ({ entry, ...(aside === true && { set_aside: true }) })),
  drafts: drafts.map(only(DRAFT)),
  media: media.map(only({ sha256: isSha256, visit: isText, media: isText })),
  epoch: isText(epoch) ? epoch : null,
  territory: hasForm(territory, PERSON_LIKE) ? only(PERSON_LIKE)(territory) : null,
});
const PERSON_LIKE = { id: isText, name: isText };

/** @param {Record<string, Test>} form @returns {(value: any) => any} */
const only = (form) => (value) => Object.fromEntries(Object.keys(form).map((name) => [name, value[name]]));
