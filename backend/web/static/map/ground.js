/**
 * What the map draws where its ground does not come: the limits of the communes, and the names of towns, so that one still
 * knows where one is. Fetched when it is needed, and not before.
 */
import { around, spread } from './naming.js';
import { element } from './pieces.js';
import { TARGET } from './pins.js';
import { ButtonIcon } from './surface.js';

/** @import { Box, Town } from './naming.js' */

const ADDRESS = '/carte/limites.json';
const STEP = 10_000;
const BESIDE = TARGET / 2 + 2; // pixels between a name and its point, where a pin has that

/** @param {number[]} steps @returns {[number, number][]} */
function pointsOf(steps) {
  let [lat, lon] = [0, 0];
  /** @type {[number, number][]} */ const points = [];
  for (let at = 0; at < steps.length; at += 2) {
    lat += steps[at];
    lon += steps[at + 1];
    points.push([lat / STEP, lon / STEP]);
  }
  return points;
}

/** @param {number} count of places there */
const classOf = (count) => `town-name${count ? '' : ' around'}`;

export class Ground {
  /**
   * @param {L.Map} map
   * @param {() => Promise<Town[]>} towns those that have places, now
   * @param {() => { lat: number, lon: number, count: number }[]} pins under which nothing is written
   */
  constructor(map, towns, pins) {
    this.map = map;
    this.towns = towns;
    this.pins = pins;
    /** @type {Town[]} */ this.communes = [];
    /** @type {L.Layer[]} */ this.limits = [];
    /** @type {L.Layer[]} */ this.names = [];
    this.shown = false;
    /** @type {Map<string, [number, number]>} */ this.sizes = new Map();
    this.turn = 0;
  }

  async show() {
    this.shown = true;
    if (!this.limits.length) await this.fetchLimits().catch(() => {}); // the names alone, then
    if (!this.shown) return; // the other ground has come meanwhile
    for (const limit of this.limits) this.map.addLayer(limit);
    await this.name();
  }

  hide() {
    this.shown = false;
    for (const layer of [...this.limits, ...this.names]) this.map.removeLayer(layer);
    this.names = [];
  }

  async fetchLimits() {
    const answer = await fetch(ADDRESS);
    if (!answer.ok) return;
    const { parts } = await answer.json();
    if (this.limits.length) return; // two have asked
    for (const { name, at, rings } of parts) {
      const [[lat, lon]] = pointsOf(at);
      this.communes.push({ name, lat, lon, count: 0 });
      const rounds = rings.map((/** @type {number[]} */ ring) => [pointsOf(ring)]);
      this.limits.push(L.polygon(rounds, { className: 'limit', interactive: false }));
    }
  }

  /** Name as many towns as find room: those with most places first, then the communes around. */
  async name() {
    const turn = (this.turn += 1);
    const towns = await this.towns();
    if (turn !== this.turn || !this.shown) return; // the map has moved on
    const limits = new Map(this.communes.map((one) => [one.name, one]));
    const own = towns.map((town) => ({ ...town, ...limits.get(town.name), count: town.count }));
    const known = new Set(own.map(({ name }) => name));
    const all = [...own, ...this.communes.filter(({ name }) => !known.has(name))];
    for (const name of this.names) this.map.removeLayer(name);
    this.names = this.placed(all).map(({ town, size, offset }) => this.written(town, size, offset));
  }

  /** @param {Town[]} towns */
  placed(towns) {
    const size = this.map.getSize();
    const named = towns.map((town) => ({ town, size: this.sizeOf(town), ...this.at(town) }));
    return spread(named, [...this.pinned(), ...this.floating()], { width: size.x, height: size.y }, BESIDE);
  }

  /** @param {{ lat: number, lon: number }} town */
  at({ lat, lon }) {
    const { x, y } = this.map.latLngToContainerPoint([lat, lon]); // Leaflet's points have more to them
    return { x, y };
  }

  /** @returns {Box[]} a pin stands on its point, a group around it */
  pinned() {
    return this.pins().map((item) => {
      const { x, y } = this.at(item);
      return around(x, item.count > 1 ? y : y - TARGET / 2, TARGET, TARGET);
    });
  }

  /** @returns {Box[]} the buttons and the scale */
  floating() {
    const map = this.map.getContainer().getBoundingClientRect();
    return [...this.map.getContainer().querySelectorAll('.leaflet-control')].map((one) => {
      const { left, top, right, bottom } = one.getBoundingClientRect();
      return { left: left - map.left, top: top - map.top, right: right - map.left, bottom: bottom - map.top };
    });
  }

  /** @param {Town} town @returns {[number, number]} */
  sizeOf({ name, count }) {
    const known = this.sizes.get(name);
    if (known) return known;
    const tried = element('span', classOf(count), name);
    this.map.getContainer().append(tried);
    /** @type {[number, number]} */ const size = [tried.offsetWidth, tried.offsetHeight];
    tried.remove();
    this.sizes.set(name, size);
    return size;
  }

  /**
   * @param {Town} town
   * @param {[number, number]} size
   * @param {[number, number]} offset of its middle from the town's point
   */
  written({ name, lat, lon, count }, [width, height], [right, down]) {
    const named = element('span', '', name);
    named.setAttribute('aria-hidden', 'true'); // towns are read in the list
    const anchor = [width / 2 - right, height / 2 - down];
    const icon = new ButtonIcon({ className: classOf(count), button: () => named, iconSize: [width, height], iconAnchor: anchor });
    const marker = L.marker([lat, lon], { icon, interactive: false, keyboard: false, zIndexOffset: -1000 });
    this.map.addLayer(marker);
    return marker;
  }
}
