/**
 * `/lieux.json` as finding wants it. Pure: `backend/web/public_places.py` writes what this reads.
 */
import { folded } from './finding.js';

/** @import { Directory, Findable, Openings } from './finding.js' */

const MINUTE = 60_000;

/**
 * @typedef {object} Columns
 * @property {string} version
 * @property {number} size of the whole directory
 * @property {number} since minutes since 1970, as all instants here
 * @property {number} until
 * @property {[number, number][]} offsets
 * @property {string[]} families
 * @property {string[]} accesses
 * @property {([number[], number[], number[]] | null)[]} openings
 * @property {number[]} [rows]
 * @property {string[]} slug
 * @property {string[]} name
 * @property {string[]} label
 * @property {number[]} town
 * @property {number[]} kind
 * @property {string} active
 * @property {number[]} sold
 * @property {string} access
 * @property {number[]} hours
 * @property {(number | null)[]} spot
 * @property {string[]} towns
 * @property {string[]} kinds
 * @property {string[]} kindNames
 * @property {string} moving
 */

/**
 * What finding and the map look at: a place and what its pin says.
 * @typedef {Findable & { slug: string, name: string, alone: string, kind: string, town: string }} Place
 */

/**
 * @param {Columns} columns
 * @returns {Omit<Directory, 'places'> & { version: string, size: number, offsets: [number, number][], families: string[], places: Place[] }}
 */
export function directoryOf(columns) {
  const spots = spotsOf(columns.spot);
  const sold = new Map();
  return {
    version: columns.version,
    size: columns.size,
    families: columns.families,
    since: columns.since * MINUTE,
    until: columns.until * MINUTE,
    offsets: columns.offsets.map(([from, minutes]) => [from * MINUTE, minutes * MINUTE]),
    openings: columns.openings.map((known) => openingsOf(known, columns.since)),
    places: columns.slug.map((slug, index) => {
      const label = columns.label[index];
      const name = columns.name[index];
      const mask = columns.sold[index];
      if (!sold.has(mask)) sold.set(mask, columns.families.filter((_, rank) => mask & (1 << rank)));
      return {
        row: columns.rows ? columns.rows[index] : index,
        town: columns.towns[columns.town[index]],
        slug,
        name: label ? `${name}, ${label}` : name,
        alone: name,
        kind: columns.kinds[columns.kind[index]],
        words: folded(`${name} ${label} ${columns.kindNames[columns.kind[index]]} ${columns.towns[columns.town[index]]}`),
        active: columns.active[index] === '1',
        families: sold.get(mask),
        access: columns.accesses[Number(columns.access[index])],
        moving: columns.moving[index] === '1',
        hours: columns.hours[index],
        spot: spots[index],
      };
    }),
  };
}

/**
 * @param {(number | null)[]} steps
 * @returns {([number, number] | null)[]}
 */
function spotsOf(steps) {
  /** @type {([number, number] | null)[]} */ const spots = [];
  let [lat, lon] = [0, 0];
  for (let at = 0; at < steps.length; at += 1) {
    const step = steps[at];
    if (step === null) {
      spots.push(null);
      continue;
    }
    lat += step;
    lon += Number(steps[(at += 1)]);
    spots.push([lat, lon]);
  }
  return spots;
}

/**
 * @param {[number[], number[], number[]] | null} known
 * @param {number} since
 * @returns {Openings | null}
 */
const openingsOf = (known, since) =>
  known && { open: spansOf(known[0], since), doubtful: spansOf(known[1], since), days: known[2] };

/**
 * @param {number[]} steps
 * @param {number} since
 * @returns {[number, number][]}
 */
function spansOf(steps, since) {
  /** @type {[number, number][]} */ const spans = [];
  let minute = since;
  for (let at = 0; at < steps.length; at += 2) {
    const from = (minute += steps[at]);
    spans.push([from * MINUTE, (minute += steps[at + 1]) * MINUTE]);
  }
  return spans;
}
