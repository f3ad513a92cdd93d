/** The pins and the groups of pins: real buttons, with their names. */
import { button, drawing, element, filled, part } from './pieces.js';

/**
 * Something that is drawn on the map: a place, or several too close to be touched apart.
 * @typedef {object} Item
 * @property {string} key
 * @property {number} lat
 * @property {number} lon
 * @property {number} count
 * @property {number} [row]
 * @property {string} [name]
 * @property {string} [kind]
 * @property {boolean} [active]
 * @property {number} [cluster]
 */

/** @typedef {Record<string, string>} Words */

export const TARGET = 48; // pixels a finger needs

/**
 * @param {Item} item
 * @param {Words} words
 */
export const buttonOf = (item, words) => (item.count > 1 ? together(item.count, words) : pin(item, words));

/**
 * @param {Item} item
 * @param {Words} words
 */
export const nameOf = (item, words) => `${item.name} — ${words[item.active ? 'active' : 'soon']}`;

/**
 * @param {Item} item
 * @param {Words} words
 */
function pin(item, words) {
  const made = button('');
  made.setAttribute('aria-label', nameOf(item, words));
  made.append(pinPicture(item));
  return made;
}

/** @param {Item} item */
export function pinPicture({ active, kind }) {
  const state = active ? 'active' : 'soon';
  const picture = drawing(`pin pin-${state}`, '0 0 40 48');
  const icon = { class: 'pin-icon', x: '10', y: active ? '8' : '7', width: '20', height: '20' };
  picture.append(part(`#pin-${state}`), part(`#icon-${kind}`, icon));
  return picture;
}

/**
 * @param {number} count
 * @param {Words} words
 */
function together(count, words) {
  const made = button('');
  made.append(element('span', '', inShort(count)), element('small', '', words.places));
  made.setAttribute('aria-label', filled(words.together, { count: count.toLocaleString('fr') }));
  return made;
}

/** @param {number} count */
const inShort = (count) => (count < 1000 ? String(count) : `${(count / 1000).toLocaleString('fr', { maximumFractionDigits: count < 10_000 ? 1 : 0 })} k`);

/** What came with the page. @param {(number | string)[]} written @returns {Item} */
export function firstItem([lat, lon, count, row, name, kind, active]) {
  const at = { lat: Number(lat), lon: Number(lon), count: Number(count) };
  if (at.count > 1) return { key: `first ${count}@${lat},${lon}`, ...at };
  return { key: `row ${row}`, ...at, row: Number(row), name: String(name), kind: String(kind), active: Boolean(active) };
}
