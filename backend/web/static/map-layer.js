/**
 * The public map and its list. `/carte.js`, which folium writes, makes the map and hands it to `show`, with what the first
 * view draws; a worker fetches the places and finds among them (`map/worker.js`).
 */
import { queryOf } from './map/address.js';
import { Asked } from './map/asked.js';
import { cardOf, manyOf } from './map/cards.js';
import { Lines, counted, inWords, moreButton, show as showList, tellOpening } from './map/list.js';
import { button, drawing, filled, part, say, sayUnlessSaid } from './map/pieces.js';
import { Surface } from './map/surface.js';
import { keepLastView, lastView, letThePageScroll } from './map/view.js';
import { keepGround, keepThisPage, keptAt } from './offline.js';

/** @import { Item, Words } from './map/pins.js' */

/**
 * @typedef {object} Places what the page knows before it fetches them
 * @property {string} version
 * @property {boolean} whole whether one file has them all
 * @property {number} block lines of the list in one file
 * @property {number} perPage
 * @property {Record<string, (number | string)[][]>} first what is drawn first, by scale
 */

/** @typedef {{ lat: number, lng: number }} Position */

const ADDRESS = '/lieux.json';
const CLOSEST = 17;
const AROUND = 14; // the scale of a town or an address that was looked for
const LARGEST = 19;
const MOVED = 200; // metres: below, the list keeps its order under the reader's eyes
const SETTLED = 1500; // ms after the map has moved: its ground is there
const PAUSE = 250; // ms after the last letter
const still = matchMedia('(prefers-reduced-motion: reduce)').matches;

L.Map.mergeOptions({ zoomAnimation: !still, fadeAnimation: !still, markerZoomAnimation: !still, inertia: !still });
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
export function show(map, places, words) {
  new Shown(map, places, words).start();
}

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
    this.surface = new Surface(map, words, (item, marker) => this.touched(item, marker));
    this.lines = new Lines(places.block, places.version);
    this.list = /** @type {HTMLElement} */ (document.querySelector('.in-list'));
    this.form = /** @type {HTMLFormElement} */ (document.querySelector('.search'));
    /** @type {Position | null} */ this.me = null;
    /** @type {[number, number] | null} */ this.around = null;
    this.shownRows = places.perPage;
    this.counts = { active: 0, soon: 0 };
    this.ready = false;
    this.groundMissing = false;
    /** @type {Promise<void> | undefined} */ this.ground = undefined;
    /** @type {(() => Promise<void>) | undefined} */ this.named = undefined;
    this.views = 0;
  }

  start() {
    const { map, words } = this;
    L.control.zoom({ position: 'bottomright', zoomInTitle: words.zoomIn, zoomOutTitle: words.zoomOut }).addTo(map);
    map.on('locationerror', () => say(words.positionUnknown));
    map.eachLayer((layer) => layer.on('tileerror', () => this.withoutGround()));
    letThePageScroll(map);
    this.followAddress();
    this.drawFirst();
    document.documentElement.dataset.map = 'usable';
    if (keptAt()) keepThisPage();
    this.fetchPlaces().catch(() => say(words.placesMissing));
  }

  withoutGround() {
    if (!keptAt()) sayUnlessSaid(this.words.groundMissing); // a copy has said that there is no network
    this.groundMissing = true;
    if (this.ready) this.drawGround();
  }

  async drawGround() {
    this.ground ??= this.groundOfOurs();
    await this.ground;
  }

  async groundOfOurs() {
    const { Ground } = await import('./map/ground.js');
    const ground = new Ground(this.map, async () => (await this.worker?.ask('towns', {})) ?? [], () => this.surface.items());
    await ground.show();
    this.named = () => ground.name();
  }

  // --- the first view, which came with the page ---

  drawFirst() {
    const first = this.places.first[String(this.map.getZoom())] ?? [];
    if (this.asked().size) return; // it knows nothing of what is looked for
    this.surface.draw(first.map(firstItem));
    this.map.on('zoomend', () => {
      const closer = this.places.first[String(this.map.getZoom())];
      if (!this.ready && closer && !this.asked().size) this.surface.draw(closer.map(firstItem));
    });
  }

  /** Where the map was moved by hand stands after the # of the address, for whom one gives it; never where one is. */
  followAddress() {
    const [, scale, lat, lon] = /^#(\d+)\/(-?[\d.]+)\/(-?[\d.]+)$/.exec(location.hash || lastView()) ?? [];
    if (scale) this.map.setView({ lat: Number(lat), lng: Number(lon) }, Math.min(Number(scale), LARGEST), { animate: false });
    this.map.on('dragend', () => this.keepView());
    this.map.on('zoomend', () => this.keepView());
  }

  keepView() {
    if (this.me || !this.ready) return;
    const { lat, lng } = this.map.getCenter();
    const view = `#${this.map.getZoom()}/${lat.toFixed(4)}/${lng.toFixed(4)}`;
    history.replaceState(null, '', location.pathname + location.search + view);
    keepLastView(view);
  }

  // --- all places ---

  async fetchPlaces() {
    this.worker = new Asked(new URL('./map/worker.js', import.meta.url));
    await this.worker.ask('load', { address: ADDRESS, ...this.wanted() });
    this.ready = true;
    this.map.on('moveend', () => this.draw());
    await this.draw();
    this.map.on('locationfound', ({ latlng }) => this.found(latlng));
    this.watchForm();
    if (this.groundMissing) await this.drawGround();
    if (keptAt() && this.asked().size) await this.lookAgain();
    else await this.decorate();
    document.documentElement.dataset.map = 'complete';
    if (!keptAt()) keepThisPage();
    this.keepGround();
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

  wanted() {
    const query = this.asked();
    query.delete('page');
    /** @type {[number, number] | null} */
    const near = this.me ? [Math.round(this.me.lat * 100_000), Math.round(this.me.lng * 100_000)] : this.around;
    return { query: query.toString(), now: Date.now(), near };
  }

  async draw() {
    const view = (this.views += 1);
    const bounds = this.map.getBounds().pad(0.15);
    const box = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
    try {
      const items = await this.worker?.ask('view', { box, zoom: this.map.getZoom() });
      if (view !== this.views) return; // an older answer is of no use any more
      this.surface.draw(items);
      await this.named?.();
    } catch {
      say(this.words.placesMissing);
    }
  }

  // --- the list ---

  /** What is in the list: say what is open, and offer to show it on the map. */
  async decorate() {
    const items = /** @type {HTMLElement[]} */ ([...this.list.querySelectorAll('.place')]);
    const slugs = items.map((item) => item.dataset.slug);
    const told = await this.worker?.ask('bySlug', { slugs });
    const known = new Map(told.map((/** @type {any} */ one) => [one.slug, one]));
    for (const item of items) {
      const one = known.get(item.dataset.slug);
      if (!one) continue;
      tellOpening(item, one, this.words, this.asked().has('ouvert'));
      if (one.item) this.offerOnMap(item, one.item);
    }
  }

  /**
   * @param {HTMLElement} item
   * @param {Item} place
   */
  offerOnMap(item, place) {
    const made = button('quiet show-on-map', this.words.onMap);
    made.addEventListener('click', async () => {
      this.map.getContainer().scrollIntoView({ block: 'nearest' });
      this.map.setView({ lat: place.lat, lng: place.lon }, CLOSEST, { animate: false });
      await this.open(place);
    });
    item.querySelector('.place-links')?.append(made);
  }

  async rewrite() {
    const rows = await this.worker?.ask('rows', { from: 0, to: this.shownRows });
    const { counts } = this;
    const near = this.wanted().near !== null;
    await showList(this.list, { rows, counts, near, asked: this.asked().has('ouvert') }, this.lines, this.words);
    if (counts.active + counts.soon > rows.length) this.list.append(moreButton(this.words, () => this.showMore()));
    await this.decorate();
  }

  async showMore() {
    const before = this.shownRows;
    this.shownRows += this.places.perPage;
    await this.rewrite();
    const next = /** @type {HTMLElement | undefined} */ (this.list.querySelectorAll('.place')[before]);
    next?.focus({ preventScroll: true });
  }

  // --- what is looked for ---

  watchForm() {
    if (!this.places.whole) return; // the fund answers, page by page
    /** @type {ReturnType<typeof setTimeout>} */ let pause;
    this.form.addEventListener('input', () => {
      clearTimeout(pause);
      pause = setTimeout(() => this.look(), PAUSE);
    });
    this.form.addEventListener('submit', (event) => {
      event.preventDefault();
      clearTimeout(pause);
      this.look({ moved: true });
    });
  }

  /** A copy knows nothing of what its address asks: the phone finds it. */
  async lookAgain() {
    const asked = this.asked();
    for (const field of this.form.elements) {
      const one = /** @type {HTMLInputElement} */ (field);
      if (one.type === 'checkbox' || one.type === 'radio') one.checked = asked.getAll(one.name).includes(one.value);
      else if (asked.has(one.name)) one.value = String(asked.get(one.name));
    }
    await this.look({ moved: true });
  }

  async look({ moved = false } = {}) {
    const query = queryOf(new FormData(this.form));
    const place = query.get('autour') ?? '';
    const unknown = moved || !place ? await this.lookAround(place) : '';
    if (!moved && place) query.delete('autour'); // while it is being written
    const said = query.toString();
    const view = /^#\d/.test(location.hash) ? location.hash : '';
    history.replaceState(null, '', (said ? `/?${said}` : '/') + view);
    await this.want();
    say([unknown, this.resultInWords()].filter(Boolean).join(' '));
  }

  /**
   * @param {string} place
   * @returns {Promise<string>} why nobody knows where that is; nothing when it is known
   */
  async lookAround(place) {
    this.list.querySelector('.around')?.remove();
    this.around = null;
    if (!place) return '';
    const answer = await this.whereIs(place);
    if (!answer.spot) return answer.said;
    this.me = null;
    this.around = answer.spot;
    this.map.setView({ lat: answer.spot[0] / 100_000, lng: answer.spot[1] / 100_000 }, AROUND, { animate: !still });
    return '';
  }

  /**
   * Our own names need nobody else, and no network.
   * @param {string} place
   * @returns {Promise<{ spot: [number, number] | null, said: string }>}
   */
  async whereIs(place) {
    const spot = await this.worker?.ask('whereIs', { place });
    if (spot) return { spot, said: '' };
    try {
      return await (await fetch(`/carte/adresses.json?${new URLSearchParams({ texte: place })}`)).json();
    } catch {
      const district = await this.worker?.ask('district', { place }).catch(() => null);
      return { spot: district, said: this.words.addressesMissing };
    }
  }

  async want() {
    const answer = await this.worker?.ask('want', this.wanted());
    this.counts = answer.counts;
    this.shownRows = this.places.perPage;
    await Promise.all([this.draw(), this.rewrite()]);
  }

  resultInWords() {
    const { active, soon } = this.counts;
    if (!active && !soon) return this.words.none;
    const some = /** @type {const} */ (['active', 'soon']).filter((state) => this.counts[state]);
    return `${some.map((state) => counted(this.counts[state], state, this.words)).join('. ')}.`;
  }

  // --- where one is ---

  /**
   * Once it is known where one is, the list begins with what is nearest. All of it happens here: the position goes nowhere.
   * @param {Position} latlng
   */
  async found(latlng) {
    if (this.me && this.map.distance(this.me, latlng) < MOVED) return;
    this.me = latlng;
    history.replaceState(null, '', location.pathname + location.search);
    if (!this.places.whole) await this.draw();
    await this.want();
    const [nearest] = await this.worker?.ask('rows', { from: 0, to: 1 });
    if (nearest?.metres != null) {
      const distance = inWords(nearest.metres, this.words);
      say(filled(this.words.nearest, { name: nearest.name, distance }));
    }
  }

  // --- touching the map ---

  /**
   * @param {Item} item
   * @param {L.Marker} marker
   */
  async touched(item, marker) {
    if (item.count === 1) {
      await this.open(item, marker);
      return;
    }
    const here = { lat: item.lat, lng: item.lon };
    const scale = this.ready && item.cluster !== undefined ? await this.worker?.ask('expansion', { cluster: item.cluster }) : this.map.getZoom() + 2;
    if (scale > LARGEST) await this.openMany(item, marker);
    else {
      this.map.getContainer().focus({ preventScroll: true }); // the group one was on will be gone
      this.map.setView(here, Math.max(scale, this.map.getZoom() + 1));
    }
  }

  /**
   * What is said of a place: its line of the list.
   * @param {Item} item
   * @param {L.Marker} [marker]
   */
  async open(item, marker) {
    try {
      const line = await this.lines.of(Number(item.row));
      const close = this.closing(marker, item);
      this.popup(item, cardOf(item, line, this.words, close));
    } catch {
      say(this.words.placesMissing);
    }
  }

  /**
   * Places at one point (the stalls of a market), by their names.
   * @param {Item} item
   * @param {L.Marker} marker
   */
  async openMany(item, marker) {
    const members = await this.worker?.ask('members', { cluster: item.cluster });
    const close = this.closing(marker, item);
    this.popup(item, manyOf(item, members, this.words, close, (one) => this.open({ ...one, lat: item.lat, lon: item.lon }, marker)));
  }

  /**
   * @param {L.Marker | undefined} marker
   * @param {Item} item
   */
  closing(marker, item) {
    return () => {
      this.map.closePopup();
      const from = marker?.getElement() ?? this.surface.markerOf(Number(item.row))?.getElement();
      (from ?? this.map.getContainer()).focus({ preventScroll: true });
    };
  }

  /**
   * @param {Item} item
   * @param {HTMLElement} card
   */
  popup(item, card) {
    const size = this.map.getSize();
    L.popup({
      closeButton: false,
      maxWidth: Math.min(320, size.x - 52),
      maxHeight: size.y - 100,
      offset: [0, item.count > 1 ? -16 : -36],
      autoPanPaddingTopLeft: [8, size.x > 480 ? 72 : 8], // under the button, or in its place, hidden meanwhile
    })
      .setLatLng({ lat: item.lat, lng: item.lon })
      .setContent(card)
      .openOn(this.map);
    /** @type {HTMLElement} */ (card.querySelector('h3')).focus({ preventScroll: true });
  }
}

/** @param {(number | string)[]} written @returns {Item} */
function firstItem([lat, lon, count, row, name, kind, active]) {
  const at = { lat: Number(lat), lon: Number(lon), count: Number(count) };
  if (at.count > 1) return { key: `first ${count}@${lat},${lon}`, ...at };
  return { key: `row ${row}`, ...at, row: Number(row), name: String(name), kind: String(kind), active: Boolean(active) };
}

/**
 * The locate control's button, a real one, with its word.
 * @param {HTMLElement} container
 * @param {{ strings: { title: string, text: string } }} options
 */
export function nearMeButton(container, options) {
  const made = button('near-me-button');
  made.setAttribute('aria-label', options.strings.title);
  const icon = drawing('icon near-me', '0 0 24 24');
  icon.append(part('#icon-locate'));
  made.append(icon, ` ${options.strings.text}`);
  container.append(made);
  return { link: made, icon };
}

/** Leaflet tells the map as well, and `show` says it there; the control's own way is an alert in English. */
export function positionUnknown() {}
