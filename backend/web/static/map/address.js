/**
 * What is looked for, as the address of the page says it: the twin of `backend/web/place_queries.py`. Pure.
 */

/** @import { Wanted } from './finding.js' */

const DAYS = ['lu', 'ma', 'me', 'je', 've', 'sa', 'di'];
const HOUR = '10:00'; // of a day that was chosen without an hour

/**
 * @param {URLSearchParams} query
 * @param {number} now
 * @param {[number, number][]} offsets how far clocks there are ahead of UTC, from which instant on
 * @returns {Wanted}
 */
export function wantedIn(query, now, offsets) {
  const day = DAYS.indexOf(query.get('marche') ?? '');
  return {
    text: query.get('texte') ?? '',
    families: query.getAll('produits').filter(Boolean),
    state: oneOf(['active', 'soon'], query.get('etat')),
    access: oneOf(['yes', 'help'], query.get('acces')),
    marketDay: day < 0 ? null : day,
    openAt: momentIn(query, now, offsets),
  };
}

/**
 * @param {string[]} known
 * @param {string | null} value
 */
const oneOf = (known, value) => (value && known.includes(value) ? value : '');

/**
 * @param {URLSearchParams} query
 * @param {number} now
 * @param {[number, number][]} offsets
 */
function momentIn(query, now, offsets) {
  if (query.get('ouvert') === 'maintenant') return now;
  const day = query.get('jour') ?? '';
  const hour = query.get('heure') || HOUR;
  if (query.get('ouvert') !== 'le' || !/^\d{4}-\d\d-\d\d$/.test(day) || !/^([01]\d|2[0-3]):[0-5]\d$/.test(hour)) return null;
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
  for (const [from, ahead] of offsets.toReversed()) if (wall - ahead >= from) return wall - ahead;
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
