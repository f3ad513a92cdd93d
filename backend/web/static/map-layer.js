/**
 * The public map and its list. `/carte.js`, which folium writes, makes the map and hands it to `show`, with what the first
 * view draws; a worker fetches the places and finds among them (`map/worker.js`).
 */
import { asks } from './map/address.js';
import { Known } from './map/known.js';
import { inWords, moreButton, resultInWords, show as showList, tellOpening } from './map/list.js';
import { Locating, nearMeButton, positionUnknown } from './map/locating.js';
import { breath, filled, say } from './map/pieces.js';
import { firstItem } from './map/pins.js';
import { Searching } from './map/searching.js';
import { Surface } from './map/surface.js';
import { Tiles } from './map/tiles.js';
import { Touching } from './map/touching.js';
import { Turns, eachMinute } from './map/turns.js';
import { keepView, lastView, letThePageScroll, viewAround, viewIn, writeAddress } from './map/view.js';
import { keepGround, keepThisPage, keptAt } from './offline.js';

/** @import { Answer } from './map/known.js' */
/** @import { Words } from './map/pins.js' */

/**
 * @typedef {object} Places what the page knows before it fetches them
 * @property {string} version
 * @property {boolean} whole whether one file has them all
 * @property {number} block lines of the list in one file
 * @property {number} perPage
 * @property {Record<string, (number | string)[][]>} first what is drawn first, by scale
 */

/** @typedef {{ lat: number, lng: number }} Position */

const DEGREE = 100_000;
const MOVED = 200; // metres: below, the list keeps its order under the reader's eyes
const SETTLED = 1500; // ms after the map has moved: its ground is there
const SOME = 8; // lines of the list between two breaths
const PAUSE = 250; // ms after the last letter
const still = matchMedia('(prefers-reduced-motion: reduce)').matches;

L.Map.mergeOptions({ zoomAnimation: !still, fadeAnimation: false, markerZoomAnimation: !still, inertia: !still });
L.Control.Attribution.mergeOptions({ prefix: false });
L.Control.Scale.mergeOptions({ imperial: false });
// the ground is heavy and only shows where one is: on a slow network the places come before it
L.TileLayer.addInitHook(function () {
  this.on('tileloadstart', ({ tile }) => {
    tile.fetchPriority = 'low';
  });
});

/**
 * Draw the places on `map`; what does not work is said above it, and the list stays.
 * @param {L.Map} map
 * @param {Places} places
 * @param {Words} words
 */
export const show = (map, places, words) => new Shown(map, places, words).start();

class Shown {
  /**
   * @param {L.Map} map
   * @param {Places} places
   * @param {Words} words
   */
  constructor(map, places, words) {
    this.map = map;
    this.places = places;
    this.words = words;
    this.list = /** @type {HTMLElement} */ (document.querySelector('.in-list'));
    this.form = /** @type {HTMLFormElement} */ (document.querySelector('.search'));
    const worker = new URL('./map/worker.js', import.meta.url);
    this.known = new Known(worker, places, () => this.question(), (answer, others) => this.loaded(answer, others));
    this.surface = new Surface(map, words, (item, marker) => this.touching.touched(item, marker));
    this.touching = new Touching(map, words, this.surface, this.known);
    this.tiles = new Tiles(map, words, () => this.known.ask('towns', {}), () => this.surface.items());
    this.searching = new Searching(this.form, this.list.querySelector('.around'), words, this.known);
    this.locating = new Locating(map, () => this.searching.giveUp(), (position) => this.found(position));
    this.shownRows = places.perPage;
    /** @type {Answer} */ this.answer = { counts: { active: 0, soon: 0 }, momentAsked: false };
    this.ready = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */ this.pause = undefined;
    this.views = new Turns();
    this.looks = new Turns();
    this.lists = new Turns();
  }

  async start() {
    const { map, words } = this;
    L.control.zoom({ position: 'bottomright', zoomInTitle: words.zoomIn, zoomOutTitle: words.zoomOut }).addTo(map);
    map.on('locationerror', () => say(words.positionUnknown));
    this.tiles.watch();
    letThePageScroll(map);
    this.openWhereAsked();
    await breath();
    this.drawFirst();
    document.documentElement.dataset.map = 'usable';
    if (keptAt()) keepThisPage();
    this.fetchPlaces().catch(() => say(words.placesMissing));
  }

  // --- the first view, which came with the page ---

  drawFirst() {
    const first = this.places.first[String(this.map.getZoom())] ?? [];
    if (asks(this.asked())) return; // it knows nothing of what is looked for
    this.surface.draw(first.map(firstItem));
    this.map.on('zoomend', () => {
      const closer = this.places.first[String(this.map.getZoom())];
      if (!this.ready && closer && !asks(this.asked())) this.surface.draw(closer.map(firstItem));
    });
  }

  /** Where the map was moved by hand, else around what is asked, else where a copy was left. */
  openWhereAsked() {
    const { around } = this.searching;
    const view = viewIn(location.hash) ?? (around ? viewAround(around.spot) : lastView());
    if (view) this.map.setView(view, view.scale, { animate: false });
    keepView(this.map, () => this.ready && !this.locating.asked);
  }

  // --- all places ---

  async fetchPlaces() {
    await this.known.load();
    this.ready = true;
    this.map.on('moveend', () => this.draw());
    this.watchForm();
    await this.tiles.placesAreThere();
    await this.beginList();
    eachMinute(() => this.tellTime().catch(() => say(this.words.listMissing)));
    document.documentElement.dataset.map = 'complete';
    if (!keptAt()) keepThisPage();
    this.keepGround();
  }

  /**
   * @param {Answer} answer
   * @param {boolean} others the rows of before name other places
   */
  async loaded(answer, others) {
    this.answer = answer;
    if (others) this.surface.draw([]);
    await this.draw();
  }

  keepGround() {
    /** @type {ReturnType<typeof setTimeout>} */ let pause;
    const later = () => {
      clearTimeout(pause);
      pause = setTimeout(() => keepGround(this.map.getContainer()), SETTLED);
    };
    this.map.on('moveend', later);
    later();
  }

  asked() {
    return new URLSearchParams(location.search);
  }

  question() {
    const query = this.asked();
    query.delete('page');
    return { query: query.toString(), now: Date.now(), near: this.searching.around?.spot ?? null };
  }

  async draw() {
    const newest = this.views.take();
    const bounds = this.map.getBounds().pad(0.15);
    const box = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
    try {
      const items = await this.known.ask('view', { box, zoom: this.map.getZoom() });
      if (!newest()) return;
      this.surface.draw(items);
      await this.tiles.name();
    } catch {
      say(this.words.placesMissing);
    }
  }

  // --- the list ---

  /** The page has written it, but where it is a copy, which knows nothing of what is asked. */
  async beginList() {
    if (keptAt() && this.places.whole && asks(this.asked())) {
      this.searching.fillIn(this.asked());
      await this.submitted();
    } else if (this.places.whole && this.searching.isHere()) await this.lookFromHere();
    else if (this.places.whole && this.searching.isChanged()) await this.look();
    else await this.decorate();
  }

  /** What is in the list: say what is open, and offer to show it on the map. */
  async decorate() {
    const items = /** @type {HTMLElement[]} */ ([...this.list.querySelectorAll('.place')]);
    const slugs = items.map((item) => item.dataset.slug);
    const told = await this.known.ask('bySlug', { slugs });
    const known = new Map(told.map((/** @type {any} */ one) => [one.slug, one]));
    for (const [rank, item] of items.entries()) {
      if (rank % SOME === SOME - 1) await breath();
      const one = known.get(item.dataset.slug);
      if (!one) continue;
      tellOpening(item, one, this.words, this.answer.momentAsked);
      if (one.item) this.touching.offerOnMap(item, one.item);
    }
  }

  async rewrite() {
    const newest = this.lists.take();
    const { rows, items } = await this.known.rows(this.shownRows);
    if (!newest()) return;
    const { around } = this.searching;
    const { counts, momentAsked: asked } = this.answer;
    showList(this.list, { rows, items, counts, asked, near: around !== null, title: around?.title ?? '' }, this.words);
    if (counts.active + counts.soon > rows.length) this.list.append(moreButton(this.words, () => this.showMore()));
    await this.decorate();
  }

  /** What is open is said anew, and found anew where that is looked for. */
  async tellTime() {
    const { same, ...answer } = await this.known.ask('later', { now: Date.now() });
    if (same) return this.decorate();
    this.answer = answer;
    await Promise.all([this.draw(), this.rewrite()]);
    return say(resultInWords(answer.counts, this.words));
  }

  async showMore() {
    const before = this.shownRows;
    this.shownRows += this.places.perPage;
    try {
      await this.rewrite();
    } catch {
      say(this.words.listMissing);
    }
    const next = /** @type {HTMLElement | undefined} */ (this.list.querySelectorAll('.place')[before]);
    next?.focus({ preventScroll: true });
  }

  // --- what is looked for ---

  watchForm() {
    if (!this.places.whole) return; // the fund answers, page by page
    this.form.addEventListener('input', () => {
      clearTimeout(this.pause);
      this.pause = setTimeout(() => this.look(), PAUSE);
    });
    this.form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.submitted();
    });
  }

  /** All that is written counts now, and so does the name of a place. */
  async submitted() {
    const unknown = await this.searching.lookAround();
    if (unknown === null) return; // whatever else was changed is looked for after the pause
    clearTimeout(this.pause);
    const { around } = this.searching;
    if (around?.name) {
      this.locating.stop();
      const view = viewAround(around.spot);
      this.map.setView(view, view.scale, { animate: !still });
    }
    await this.look(unknown);
  }

  /**
   * Find what the form asks now; `also` is said before what was found.
   * @param {string} [also]
   * @returns {Promise<boolean>} whether that is done, and nothing else was asked meanwhile
   */
  async look(also = '') {
    const newest = this.looks.take();
    this.searching.forgetIfEmptied();
    this.searching.tellChoices();
    writeAddress(this.searching.search());
    try {
      const answer = await this.known.ask('want', this.question());
      if (!newest()) return false;
      this.answer = answer;
      this.shownRows = this.places.perPage;
      await Promise.all([this.draw(), this.rewrite()]);
      if (newest()) say([also, resultInWords(this.answer.counts, this.words)].filter(Boolean).join(' '));
      return newest();
    } catch {
      if (newest()) say(this.words.listMissing);
      return false;
    }
  }

  // --- where one is ---

  /**
   * Once it is known where one is, the list begins with what is nearest. All of it happens here: the position goes nowhere.
   * @param {Position} latlng
   */
  async found(latlng) {
    const { searching } = this;
    if (searching.around && searching.isHere() && this.map.distance(viewAround(searching.around.spot), latlng) < MOVED) return;
    searching.lookFromHere([Math.round(latlng.lat * DEGREE), Math.round(latlng.lng * DEGREE)]);
    writeAddress(location.search, '');
    if (this.ready) await this.lookFromHere();
  }

  async lookFromHere() {
    if (!this.places.whole) return; // in pieces, the phone does not know all that is near
    if (!(await this.look())) return;
    const [nearest] = await this.known.ask('rows', { from: 0, to: 1 });
    if (nearest?.metres != null) {
      const distance = inWords(nearest.metres, this.words);
      say(filled(this.words.nearest, { name: nearest.name, distance }));
    }
  }
}

// the control's own names for them
export { breath, nearMeButton, positionUnknown };
