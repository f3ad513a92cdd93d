/**
 * The list beside the map. Its lines are the page's own, fetched some at a time; the phone puts them in order and adds what
 * it alone knows: how far a place is, and whether it is open.
 */
import { button, element, filled } from './pieces.js';

/** @import { Words } from './pins.js' */

/**
 * @typedef {object} Row a place of the list, as the worker tells it
 * @property {number} row
 * @property {string} slug
 * @property {boolean} active
 * @property {string} town
 * @property {string} name
 * @property {number | null} metres
 * @property {string} said the name of the words for how one finds it
 * @property {string} closes what clocks show when it closes, if that is sure
 */

/** The places are not those any more that the phone holds. */
export class Changed extends Error {}

/** Lines by block, each fetched once. */
export class Lines {
  /**
   * @param {number} block places in one
   * @param {string} version of the places
   */
  constructor(block, version) {
    this.block = block;
    this.version = version;
    /** @type {Map<number, Promise<string[]>>} */ this.fetched = new Map();
  }

  /**
   * A fresh line of the list for this place.
   * @param {number} row
   * @returns {Promise<HTMLElement>}
   */
  async of(row) {
    const lines = await this._block(Math.floor(row / this.block));
    const page = new DOMParser().parseFromString(lines[row % this.block], 'text/html');
    return /** @type {HTMLElement} */ (document.importNode(/** @type {Element} */ (page.querySelector('.place')), true));
  }

  /** @param {number} block */
  _block(block) {
    const known = this.fetched.get(block);
    if (known) return known;
    const coming = this._fetch(block);
    this.fetched.set(block, coming);
    coming.catch(() => this.fetched.delete(block)); // asked again next time
    return coming;
  }

  /** @param {number} block */
  async _fetch(block) {
    const response = await fetch(`/carte/lignes/${block}.json`);
    if (!response.ok) throw new Error(String(response.status));
    const { version, lines } = await response.json();
    if (version !== this.version) throw new Changed();
    return lines;
  }
}

/**
 * The whole list anew; whoever had come to a place of it is there still.
 * @param {HTMLElement} list
 * @param {{ rows: Row[], items: HTMLElement[], counts: { active: number, soon: number }, title: string, near: boolean, asked: boolean }} found
 *   `items`: the lines of the rows; `title`: around what
 * @param {Words} words
 */
export function show(list, { rows, items, counts, title, near, asked }, words) {
  const held = document.activeElement?.closest('.in-list .place')?.id;
  for (const [at, item] of items.entries()) {
    tellOpening(item, rows[at], words, asked);
    tellDistance(item, rows[at].metres, words);
  }
  const sections = [true, false].map((active) => sectionOf(active, rows, items, counts, near, words));
  list.replaceChildren(...(title ? [element('p', 'around', title)] : []), ...sections.filter((section) => section !== null));
  if (!rows.length) list.append(element('p', 'nothing', words.none));
  if (held) document.getElementById(held)?.focus({ preventScroll: true });
}

/**
 * @param {boolean} active
 * @param {Row[]} rows
 * @param {HTMLElement[]} items
 * @param {{ active: number, soon: number }} counts
 * @param {boolean} near
 * @param {Words} words
 */
function sectionOf(active, rows, items, counts, near, words) {
  const state = active ? 'active' : 'soon';
  if (!rows.some((row) => row.active === active)) return null;
  const section = element('section', '');
  section.setAttribute('aria-labelledby', `${state}-title`);
  const title = element('h2', '', counted(counts[state], state, words));
  title.id = `${state}-title`;
  section.append(title);
  if (!active) section.append(element('p', '', words.soonMeans));
  /** @type {HTMLElement | null} */ let places = null;
  let heading = '';
  for (const [at, row] of rows.entries()) {
    if (row.active !== active) continue;
    const wanted = near ? words.nearestFirst : row.town || words.noAddress;
    if (!places || wanted !== heading) {
      places = element('ul', 'places');
      section.append(element('h3', '', (heading = wanted)), places);
    }
    places.append(items[at]);
  }
  return section;
}

/**
 * @param {number} count
 * @param {'active' | 'soon'} state
 * @param {Words} words
 */
const counted = (count, state, words) => filled(words[state + (count > 1 ? 'Many' : 'One')], { count: count.toLocaleString('fr') });

/**
 * @param {{ active: number, soon: number }} counts
 * @param {Words} words
 */
export function resultInWords(counts, words) {
  const some = /** @type {const} */ (['active', 'soon']).filter((state) => counts[state]);
  return some.length ? `${some.map((state) => counted(counts[state], state, words)).join('. ')}.` : words.none;
}

/**
 * @param {HTMLElement} item
 * @param {{ said: string, closes: string }} told
 * @param {Words} words
 * @param {boolean} asked whether it was asked for, or is only good to know
 */
export function tellOpening(item, { said, closes }, words, asked) {
  const silent = !said || (!asked && said === 'openUnknown' && item.querySelector('.hours')) || (asked && said === 'closed');
  const text = silent ? '' : filled(words[said], { hour: closes });
  const before = item.querySelector('.opening');
  if ((before?.textContent ?? '') === text) return;
  before?.remove();
  const isOpen = said === 'open' || said === 'openUntil';
  if (text) item.querySelector('.state')?.after(element('p', isOpen ? 'opening is-open' : 'opening', text));
}

/**
 * @param {HTMLElement} item
 * @param {number | null} distance metres
 * @param {Words} words
 */
function tellDistance(item, distance, words) {
  item.querySelector('.distance')?.remove();
  if (distance !== null) item.querySelector('h4')?.after(element('p', 'distance', inWords(distance, words)));
}

/**
 * @param {number} distance metres
 * @param {Words} words
 */
export function inWords(distance, words) {
  if (distance < 1000) return filled(words.metres, { count: Math.max(50, Math.round(distance / 50) * 50) });
  const count = (distance / 1000).toLocaleString('fr', { maximumFractionDigits: distance < 10_000 ? 1 : 0 });
  return filled(words.kilometres, { count });
}

/**
 * @param {Words} words
 * @param {() => void} more
 */
export function moreButton(words, more) {
  const made = button('more', words.more);
  made.addEventListener('click', more);
  return made;
}
