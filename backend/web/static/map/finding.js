/**
 * Finding where to spend, on the phone: the twin of `backend/domain/finding.py`, pure. It only compares instants.
 *
 * Positions are whole numbers (hundred-thousandths of a degree), instants are milliseconds.
 */

/**
 * @typedef {object} Wanted what somebody looks for; a field left empty asks nothing
 * @property {string} text
 * @property {string[]} families
 * @property {string} state active or soon
 * @property {string} access yes, or help
 * @property {number | null} marketDay Monday 0
 * @property {number | null} openAt
 */

/**
 * @typedef {object} Openings when it is open, and when nobody knows: [from, until just before] each
 * @property {[number, number][]} open
 * @property {[number, number][]} doubtful
 * @property {number[]} days of the week on which it is open at some time
 */

/**
 * @typedef {object} Findable
 * @property {number} row its rank in the fund's own list
 * @property {string} words
 * @property {boolean} active
 * @property {string[]} families
 * @property {string} access
 * @property {boolean} moving
 * @property {number} hours
 * @property {[number, number] | null} spot
 */

/**
 * @typedef {object} Directory
 * @property {Findable[]} places
 * @property {(Openings | null)[]} openings
 * @property {number} since
 * @property {number} until
 */

/**
 * @typedef {object} Hit
 * @property {number} index of the place in the directory
 * @property {number} row
 * @property {number | null} opening
 * @property {number | null} metres
 */

export const OPEN = 0;
export const UNKNOWN = 1;
export const CLOSED = 2;

/** @type {Record<string, string[]>} */
const ADMITTED = { yes: ['yes'], help: ['yes', 'limited'] };

/**
 * The sales points that answer, where one can pay first; then those surely open, then the nearest.
 * @param {Directory} directory
 * @param {Wanted} wanted
 * @param {[number, number] | null} [near]
 * @returns {Hit[]}
 */
export function find(directory, wanted, near = null) {
  const answers = answering(directory, wanted);
  const opening = directory.openings.map((known) => openingAt(known, directory, wanted.openAt));
  const hits = [];
  for (const [index, place] of directory.places.entries()) {
    if (!answers(place) || opening[place.hours] === CLOSED) continue;
    const far = near && place.spot ? metres(near, place.spot) : null;
    hits.push({ index, row: place.row, opening: opening[place.hours], metres: far });
  }
  const { places } = directory;
  return hits.sort(
    (one, other) =>
      Number(places[other.index].active) - Number(places[one.index].active) ||
      Number(one.opening === UNKNOWN) - Number(other.opening === UNKNOWN) ||
      compared(one.metres ?? Infinity, other.metres ?? Infinity) ||
      one.row - other.row,
  );
}

/**
 * @param {number} one
 * @param {number} other
 */
const compared = (one, other) => (one < other ? -1 : one > other ? 1 : 0);

/**
 * @param {Directory} directory
 * @param {Wanted} wanted
 * @returns {(place: Findable) => boolean}
 */
function answering(directory, wanted) {
  const words = folded(wanted.text).split(' ').filter(Boolean);
  const admitted = ADMITTED[wanted.access];
  const day = wanted.marketDay;
  const onItsDay = directory.openings.map((known) => day === null || known === null || known.days.includes(day));
  return (place) =>
    words.every((word) => place.words.includes(word)) &&
    (!wanted.families.length || wanted.families.some((family) => place.families.includes(family))) &&
    (!wanted.state || place.active === (wanted.state === 'active')) &&
    (!admitted || admitted.includes(place.access)) &&
    (day === null || (place.moving && onItsDay[place.hours]));
}

/**
 * How one finds it at this moment; null when no moment is asked. Outside the two weeks nobody knows.
 * @param {Openings | null} known
 * @param {Directory} directory
 * @param {number | null} at
 */
export function openingAt(known, { since, until }, at) {
  if (at === null) return null;
  if (known === null || at < since || at >= until || within(known.doubtful, at)) return UNKNOWN;
  return within(known.open, at) ? OPEN : CLOSED;
}

/**
 * @param {[number, number][]} spans
 * @param {number} at
 */
const within = (spans, at) => spans.some(([from, to]) => from <= at && at < to);

/**
 * `text` for searching, as the fund folds it: no accents, no case, words apart by one space.
 * @param {string} text
 */
export function folded(text) {
  const plain = text.replace(/œ/gi, 'oe').replace(/æ/g, 'ae').normalize('NFKD').replace(/\p{Mn}/gu, '');
  return (plain.toLowerCase().replace(/ß/g, 'ss').match(/[\p{L}\p{N}_]+/gu) ?? []).join(' ');
}

const METRES = 1.11195;
const RADIAN = 57.29577951308232 * 100_000;

/**
 * How far it is as the crow flies, well enough for a region.
 * @param {[number, number]} one
 * @param {[number, number]} other
 */
export function metres(one, other) {
  const north = other[0] - one[0];
  const east = (other[1] - one[1]) * cosine(one[0] / RADIAN);
  return Math.sqrt(north * north + east * east) * METRES;
}

/**
 * By a series rather than by the machine: phones and servers must agree to the last digit.
 * @param {number} angle
 */
function cosine(angle) {
  const square = angle * angle;
  return 1 - (square / 2) * (1 - (square / 12) * (1 - (square / 30) * (1 - (square / 56) * (1 - square / 90))));
}
