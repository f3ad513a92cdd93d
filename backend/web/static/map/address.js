/**
 * What is looked for, as the address of the page says it: the twin of `backend/web/place_queries.py`. Pure.
 */

/** @import { Wanted } from './finding.js' */

const DAYS = ['lu', 'ma', 'me', 'je', 've', 'sa', 'di'];
const HOUR = '10:00'; // of a day that was chosen without an hour
const LONGEST = 100; // signs of a text that is looked for
const NAMES = ['texte', 'produits', 'etat', 'acces', 'marche', 'ouvert', 'jour', 'heure', 'autour'];

/**
 * @param {URLSearchParams} query
 * @param {number} now
 * @param {{ offsets: [number, number][], families: string[] }} known how far clocks there are ahead of UTC, from which instant
 *   on; what may be asked for
 * @returns {Wanted}
 */
export function wantedIn(query, now, { offsets, families }) {
  const day = DAYS.indexOf(last(query, 'marche'));
  return {
    text: [...last(query, 'texte')].slice(0, LONGEST).join(''),
    families: query.getAll('produits').filter((family) => families.includes(family)),
    state: oneOf(['active', 'soon'], last(query, 'etat')),
    access: oneOf(['yes', 'help'], last(query, 'acces')),
    marketDay: day < 0 ? null : day,
    openAt: momentIn(query, now, offsets),
  };
}

/**
 * The moment at which the list says how one finds a place: now, unless another one is asked, or half asked.
 * @param {URLSearchParams} query
 * @param {number} now
 * @param {number | null} openAt
 */
export const toldAt = (query, now, openAt) => openAt ?? (last(query, 'ouvert') === 'le' ? null : now);

/** Whether the address asks anything. @param {URLSearchParams} query */
export const asks = (query) => NAMES.some((name) => last(query, name));

/** Of what is said twice the last counts. @param {URLSearchParams} query @param {string} name */
const last = (query, name) => query.getAll(name).pop() ?? '';

/**
 * @param {string[]} known
 * @param {string} value
 */
const oneOf = (known, value) => (known.includes(value) ? value : '');

/**
 * @param {URLSearchParams} query
 * @param {number} now
 * @param {[number, number][]} offsets
 */
function momentIn(query, now, offsets) {
  const [open, day, hour] = [last(query, 'ouvert'), last(query, 'jour'), last(query, 'heure') || HOUR];
  if (open === 'maintenant') return now;
  if (open !== 'le' || !/^\d{4}-\d\d-\d\d$/.test(day) || !/^([01]\d|2[0-3]):[0-5]\d$/.test(hour)) return null;
  const wall = Date.parse(`${day}T${hour}Z`);
  if (Number.isNaN(wall) || new Date(wall).toISOString().slice(0, 10) !== day) return null;
  return instantOf(wall, offsets);
}

/**
 * The instant at which clocks there show this; the later one in the night when an hour comes twice.
 * @param {number} wall what clocks show, read as if it were UTC
 * @param {[number, number][]} offsets
 */
function instantOf(wall, offsets) {
  for (const [from, ahead] of [...offsets].reverse()) if (wall - ahead >= from) return wall - ahead;
  return wall - offsets[0][1];
}

/**
 * The address that says what a form asks, and nothing that it leaves open.
 * @param {FormData} form
 */
export function queryOf(form) {
  const asked = [...form].filter(([, value]) => value).map(([name, value]) => [name, String(value)]);
  const query = new URLSearchParams(asked);
  if (query.get('ouvert') !== 'le') for (const name of ['jour', 'heure']) query.delete(name);
  return query;
}
