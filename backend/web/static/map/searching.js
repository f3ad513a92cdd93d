/**
 * What is looked for: what the form asks, and around where.
 *
 * Around is a place that was named, which the address of the page says too; or where one is, which nothing says and nothing
 * keeps; or nothing.
 */
import { queryOf } from './address.js';
import { filled } from './pieces.js';
import { Turns } from './turns.js';

/** @import { Known } from './known.js' */
/** @import { Words } from './pins.js' */

/**
 * @typedef {object} Around
 * @property {string} name as it was asked; nothing where one is
 * @property {[number, number]} spot
 * @property {string} title the sentence above the list
 */

/** @typedef {{ spot: [number, number] | null, label: string, said: string }} Answer */

export class Searching {
  /**
   * @param {HTMLFormElement} form
   * @param {Element | null} written what the page says of around where, if it was asked that
   * @param {Words} words
   * @param {Known} known
   */
  constructor(form, written, words, known) {
    this.form = form;
    this.words = words;
    this.known = known;
    /** @type {Around | null} */ this.around = aroundIn(written);
    this.names = new Turns();
  }

  /** Whether somebody filled it in while the places were on their way. */
  isChanged() {
    return [...this.form.elements].some((field) => {
      if (field instanceof HTMLSelectElement) {
        const options = [...field.options];
        return field.value !== (options.find((one) => one.defaultSelected) ?? options[0]).value;
      }
      if (!(field instanceof HTMLInputElement)) return false;
      const isTicked = field.type === 'checkbox' || field.type === 'radio';
      return isTicked ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
    });
  }

  /** What the address says of it. */
  search() {
    const query = queryOf(new FormData(this.form));
    query.delete('autour'); // while it is being written
    if (this.around?.name) query.set('autour', this.around.name);
    const said = query.toString();
    return said && `?${said}`;
  }

  /** Whether one looks from where one is. */
  isHere() {
    return this.around?.name === '';
  }

  /** @param {[number, number]} spot where one is */
  lookFromHere(spot) {
    if (this.around?.name) this.field.value = '';
    this.around = { name: '', spot, title: '' };
  }

  /** A place whose name was taken away is not looked around any more. */
  forgetIfEmptied() {
    if (this.field.value.trim()) return;
    this.giveUp();
    if (this.around?.name) this.around = null;
  }

  /** Whatever place is still asked for does not count any more. */
  giveUp() {
    this.names.take();
  }

  /**
   * Look around the place whose name is written.
   * @returns {Promise<string | null>} why nobody knows where that is, nothing when it is known; null when something else was
   * asked meanwhile
   */
  async lookAround() {
    const name = this.field.value.trim();
    this.forgetIfEmptied();
    if (!name || name === this.around?.name) return '';
    const newest = this.names.take();
    const { spot, label, said } = await this.whereIs(name);
    if (!newest()) return null;
    if (spot) this.around = { name, spot, title: filled(this.words.around, { place: label }) };
    else if (this.around?.name) this.around = null;
    return spot ? '' : said;
  }

  /**
   * Our own names need nobody else, and no network.
   * @param {string} place
   * @returns {Promise<Answer>}
   */
  async whereIs(place) {
    const known = { label: place, said: '' };
    const spot = await this.known.ask('whereIs', { place }).catch(() => null);
    if (spot) return { ...known, spot };
    try {
      return await (await fetch(`/carte/adresses.json?${new URLSearchParams({ texte: place })}`)).json();
    } catch {
      const district = await this.known.ask('district', { place }).catch(() => null);
      return { ...known, spot: district, said: this.words.addressesMissing };
    }
  }

  /** How many choices are out of sight in what unfolds. */
  tellChoices() {
    const hint = this.form.querySelector('.search-more .hint');
    const more = hint?.closest('details');
    const made = [...queryOf(new FormData(this.form)).keys()].filter((name) => more?.querySelector(`[name=${name}]`)).length;
    if (hint) hint.textContent = made ? filled(this.words[made > 1 ? 'choiceMany' : 'choiceOne'], { count: made }) : '';
  }

  /** What the address asks, written into the form. @param {URLSearchParams} asked */
  fillIn(asked) {
    for (const field of this.form.elements) {
      const one = /** @type {HTMLInputElement} */ (field);
      if (one.type === 'checkbox' || one.type === 'radio') one.checked = asked.getAll(one.name).includes(one.value);
      else if (asked.has(one.name)) one.value = String(asked.getAll(one.name).pop());
    }
  }

  get field() {
    return /** @type {HTMLInputElement} */ (this.form.elements.namedItem('autour'));
  }
}

/** @param {Element | null} written @returns {Around | null} */
function aroundIn(written) {
  const { name = '', spot = '' } = written instanceof HTMLElement ? written.dataset : {};
  const [lat, lon] = spot.split(' ').map(Number);
  return name ? { name, spot: [lat, lon], title: written?.textContent ?? '' } : null;
}
