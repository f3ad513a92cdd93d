/**
 * A visit that goes from phone to phone without any network: as a series of QR codes, or as a file with its photos. Pure: what
 * is read may be cut, mixed up, repeated, or made by a stranger, and nothing of it is believed before it was looked at.
 */
import { hasForm, isEntry, isId, isSha256 } from '../domain/shapes.js';
import { deflateSync, inflateSync, strFromU8, strToU8, unzipSync, zipSync } from '../vendor/fflate.js';

/** @import { Bundle } from '../types.js' */

const FORMAT = 'caisse-commune/visite';
const VERSION = 1;
const SHEET = 'visite.json';
const FOLDER = 'medias/';
/** Bytes in one code: a scratched screen and an old camera must manage. */
const PART = 300;
const MOST_PARTS = 200;
/** Bytes, once unpacked. */
const LARGEST = { sheet: 4_000_000, file: 60_000_000 };
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';
const CODE = /^CAISSE1:([0-9A-F]{16}):(\d{1,3}):(\d{1,3}):([0-9A-Z $%*+\-./:]+)$/;

/** What was read cannot be taken. foreign: not ours; damaged: cut or altered; newer: made by a later version; large: too much */
export class ExchangeRefused extends Error {
  name = 'ExchangeRefused';
  /** @param {'foreign' | 'damaged' | 'newer' | 'large'} why */
  constructor(why) {
    super(why);
    this.why = why;
  }
}

/** @typedef {(bytes: Uint8Array) => Promise<string>} Sha256 in hexadecimal */

/**
 * The texts of the codes that show a bundle, each with its place and the hash of the whole.
 * @param {Bundle} bundle @param {Sha256} sha256
 * @returns {Promise<string[]>}
 */
export async function codesOf(bundle, sha256) {
  const packed = deflateSync(strToU8(JSON.stringify({ format: FORMAT, v: VERSION, ...bundle })), { level: 9 });
  const total = Math.ceil(packed.length / PART);
  if (total > MOST_PARTS) throw new ExchangeRefused('large');
  const name = (await sha256(packed)).slice(0, 16).toUpperCase();
  return Array.from({ length: total }, (_, at) => {
    const part = packed.subarray(at * PART, (at + 1) * PART);
    return `CAISSE1:${name}:${at + 1}:${total}:${base45(part)}`;
  });
}

/** The parts of a bundle, gathered in any order, however often, until all are there. @param {Sha256} sha256 */
export function collecting(sha256) {
  let name = '';
  let total = 0;
  /** @type {Map<number, Uint8Array>} */
  const parts = new Map();

  return {
    /**
     * Takes one more text; one that is not ours changes nothing, one of another bundle begins anew.
     * @param {string} text
     * @returns {Promise<Bundle | null>} the bundle, once whole; throws ExchangeRefused when it turns out to be none
     */
    async take(text) {
      const found = CODE.exec(text);
      if (!found) return null;
      const [, whose, place, count, body] = found;
      if (Number(count) < 1 || Number(count) > MOST_PARTS || Number(place) < 1 || Number(place) > Number(count)) return null;
      if (whose !== name || Number(count) !== total) {
        [name, total] = [whose, Number(count)];
        parts.clear();
      }
      const bytes = unbase45(body);
      if (bytes) parts.set(Number(place), bytes);
      if (parts.size < total) return null;
      const packed = joined([...parts].sort(([one], [other]) => one - other).map(([, part]) => part));
      const whole = (await sha256(packed)).slice(0, 16).toUpperCase() === name;
      if (!whole) parts.clear(); // a part was misread: they come round again
      return whole ? bundleFrom(inflated(packed)) : null;
    },

    /** Which parts are there, and which are missing, numbered from 1. */
    progress: () => ({
      total,
      have: [...parts.keys()].sort((one, other) => one - other),
      missing: Array.from({ length: total }, (_, at) => at + 1).filter((place) => !parts.has(place)),
    }),
  };
}

/** The bytes of a file: the bundle, and the photos and notes it announces. @param {Bundle} bundle @param {{ sha256: string, bytes: ArrayBuffer }[]} media */
export const fileOf = (bundle, media) =>
  zipSync({
    [SHEET]: strToU8(JSON.stringify({ format: FORMAT, v: VERSION, ...bundle })),
    ...Object.fromEntries(media.map(({ sha256, bytes }) => [FOLDER + sha256, [new Uint8Array(bytes), { level: 0 }]])),
  });

/**
 * @param {Uint8Array} file @param {Sha256} sha256
 * @returns {Promise<{ bundle: Bundle, media: Map<string, Uint8Array> }>} throws ExchangeRefused
 */
export async function fromFile(file, sha256) {
  if (file[0] !== 0x50 || file[1] !== 0x4b) throw new ExchangeRefused('foreign');
  const files = unzipped(file);
  if (!files[SHEET]) throw new ExchangeRefused('foreign');
  const bundle = bundleFrom(files[SHEET]);
  /** @type {Map<string, Uint8Array>} */
  const media = new Map();
  for (const [name, bytes] of Object.entries(files)) {
    const hash = name.slice(FOLDER.length);
    if (name.startsWith(FOLDER) && isSha256(hash) && (await sha256(bytes)) === hash) media.set(hash, bytes);
  }
  return { bundle, media };
}

/** @param {Uint8Array} file */
function unzipped(file) {
  let room = LARGEST.file;
  try {
    return unzipSync(file, {
      filter({ originalSize }) {
        if ((room -= originalSize) < 0) throw new ExchangeRefused('large');
        return true;
      },
    });
  } catch (error) {
    throw error instanceof ExchangeRefused ? error : new ExchangeRefused('damaged');
  }
}

/** @param {Uint8Array} packed */
function inflated(packed) {
  try {
    return inflateSync(packed);
  } catch {
    throw new ExchangeRefused('damaged');
  }
}

/** @type {Record<string, (value: any) => boolean>} */
const FORM = {
  visit: isId,
  merchant: (value) => typeof value === 'string',
  people: (value) => Array.isArray(value) && value.every((one) => hasForm(one, { id: isId, name: (name) => typeof name === 'string' })),
  entries: (value) => Array.isArray(value),
};

/** What was read, when it is a bundle; entries without the form of one are left out. @param {Uint8Array} bytes @returns {Bundle} */
function bundleFrom(bytes) {
  if (bytes.length > LARGEST.sheet) throw new ExchangeRefused('large');
  const sheet = json(strFromU8(bytes));
  if (sheet?.format !== FORMAT) throw new ExchangeRefused('foreign');
  if (sheet.v > VERSION) throw new ExchangeRefused('newer');
  if (!hasForm(sheet, FORM)) throw new ExchangeRefused('damaged');
  const { visit, merchant, people, entries } = sheet;
  return { visit, merchant, people, entries: entries.filter((/** @type {any} */ entry) => isEntry(entry) && entry.visit === visit) };
}

/** @param {string} text */
function json(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** @param {Uint8Array[]} parts */
function joined(parts) {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Bytes in the letters that QR codes are best at (RFC 9285). @param {Uint8Array} bytes */
export function base45(bytes) {
  let text = '';
  for (let at = 0; at < bytes.length; at += 2) {
    const pair = at + 1 < bytes.length;
    let value = pair ? bytes[at] * 256 + bytes[at + 1] : bytes[at];
    for (let count = pair ? 3 : 2; count; count -= 1) {
      text += ALPHABET[value % 45];
      value = Math.floor(value / 45);
    }
  }
  return text;
}

/** @param {string} text @returns {Uint8Array | null} null when it is none */
export function unbase45(text) {
  if (text.length % 3 === 1) return null;
  const bytes = [];
  for (let at = 0; at < text.length; at += 3) {
    const digits = [...text.slice(at, at + 3)].map((letter) => ALPHABET.indexOf(letter));
    const value = digits.reduceRight((sum, digit) => sum * 45 + digit, 0);
    const most = digits.length === 3 ? 0xffff : 0xff;
    if (digits.includes(-1) || value > most) return null;
    if (digits.length === 3) bytes.push(value >> 8);
    bytes.push(value & 0xff);
  }
  return Uint8Array.from(bytes);
}
