/** Merchants seen on the street, and those already known that they may be. */

/** @import { Known, Memory, Spot } from '../types.js' */

/** @type {Spot} */
const BLANK = { name: '', kind: 'grocery', address: '', note: '', lat: null, lon: null, accuracy: null, photos: [] };
const NEAR_M = 150;
const SMALL_WORDS = new Set(['le', 'la', 'les', 'l', 'de', 'du', 'des', 'd', 'et', 'a', 'au', 'aux', 'chez', 'the']);

/**
 * The screen for spotting.
 * @param {Memory} memory @param {string} written @param {Known[]} merchants
 */
export function spotState(memory, written, merchants) {
  const spot = spotFrom(written);
  return { spot, spots: spottedOf(memory), lookalikes: alike(spot, merchants) };
}

/** What was written so far, here or before the page was killed. @param {string} text @returns {Spot} */
export function spotFrom(text) {
  try {
    return { ...BLANK, ...JSON.parse(text || '{}') };
  } catch {
    return { ...BLANK };
  }
}

/** Those that this phone has spotted, latest first. @param {Memory} memory */
export const spottedOf = ({ records }) =>
  (records.get('') ?? [])
    .flatMap(({ entry, status, problem, id }) => (entry.kind === 'merchant_spotted' ? [{ id, name: entry.name, at: entry.at, status, problem }] : []))
    .reverse();

/**
 * The known merchants that this may be: a name that is alike, or near and somewhat alike. At most three.
 * @param {Pick<Spot, 'name' | 'lat' | 'lon'>} spot
 * @param {Known[]} merchants
 */
export function alike({ name, lat, lon }, merchants) {
  const wanted = folded(name);
  if (wanted.length < 3 && lat === null) return [];
  return merchants
    .map((merchant) => ({ merchant, score: likeness(wanted, folded(merchant.name)), metres: distance(lat, lon, merchant) }))
    .filter(({ score, metres }) => score >= 0.6 || (metres !== null && metres < NEAR_M && score >= 0.25))
    .sort((one, other) => other.score - one.score || (one.metres ?? Infinity) - (other.metres ?? Infinity))
    .slice(0, 3);
}

/** Without accents, case or small words. @param {string} text */
export const folded = (text) =>
  text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/œ/gi, 'oe')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word && !SMALL_WORDS.has(word))
    .join(' ');

/** From 0 to 1, by pairs of letters (Sørensen-Dice); a name within the other counts as alike. @param {string} one @param {string} other */
function likeness(one, other) {
  if (one.length < 2 || other.length < 2) return 0;
  if (one.length > 3 && (` ${other} `.includes(` ${one} `) || ` ${one} `.includes(` ${other} `))) return 1;
  const pairs = (/** @type {string} */ text) => Array.from({ length: text.length - 1 }, (_, at) => text.slice(at, at + 2));
  const rest = pairs(other);
  const shared = pairs(one).filter((pair) => {
    const at = rest.indexOf(pair);
    if (at >= 0) rest.splice(at, 1);
    return at >= 0;
  }).length;
  return (2 * shared) / (one.length + other.length - 2);
}

/** Metres as the crow flies; null when one place is not known. @param {number | null} lat @param {number | null} lon @param {Known} merchant */
function distance(lat, lon, merchant) {
  if (lat === null || lon === null || merchant.lat === null || merchant.lon === null) return null;
  const rad = Math.PI / 180;
  const east = (merchant.lon - lon) * Math.cos(((lat + merchant.lat) / 2) * rad);
  return Math.hypot(east, merchant.lat - lat) * 111_320;
}
