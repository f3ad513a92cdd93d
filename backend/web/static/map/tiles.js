/**
 * Whether the ground comes. Where it does not, the map says so and draws its own (`ground.js`), until the ground is back.
 * One piece that is missing among others is no matter.
 */
import { keptAt } from '../offline.js';
import { sayUnlessSaid, unsay } from './pieces.js';

/** @import { Ground } from './ground.js' */
/** @import { Town } from './naming.js' */
/** @import { Item, Words } from './pins.js' */

const SEVERAL = 3; // pieces lost in a row, while others may still come

export class Tiles {
  /**
   * @param {L.Map} map
   * @param {Words} words
   * @param {() => Promise<Town[]>} towns those that have places, now
   * @param {() => Item[]} pins
   */
  constructor(map, words, towns, pins) {
    this.map = map;
    this.words = words;
    this.known = { towns, pins };
    /** @type {Map<HTMLElement, number>} */ this.good = new Map(); // each with its scale
    this.lost = { count: 0, scale: 0 };
    this.missing = false;
    this.ready = false;
    /** @type {Promise<Ground> | undefined} */ this.ground = undefined;
  }

  watch() {
    this.map.eachLayer((layer) => {
      layer.on('tileload', ({ tile, coords }) => this.came(tile, coords.z));
      layer.on('tileunload', ({ tile }) => this.good.delete(tile));
      layer.on('tileerror', ({ coords }) => this.failed(coords.z));
      layer.on('load', () => this.lost.count && this.judge());
    });
  }

  /** The places have come: the ground of ours can name their towns. */
  async placesAreThere() {
    this.ready = true;
    await this.draw();
  }

  /**
   * @param {HTMLElement} tile
   * @param {number} scale
   */
  came(tile, scale) {
    this.good.set(tile, scale);
    this.lost.count = 0;
    if (!this.missing) return;
    this.missing = false;
    unsay(this.words.groundMissing);
    void this.draw();
  }

  /** @param {number} scale */
  failed(scale) {
    this.lost = { count: this.lost.count + 1, scale };
    if (this.lost.count >= SEVERAL) this.judge();
  }

  judge() {
    if (this.missing || [...this.good].some(([tile, scale]) => scale === this.lost.scale && this.isSeen(tile))) return;
    this.missing = true;
    if (!keptAt()) sayUnlessSaid(this.words.groundMissing); // a copy has said that there is no network
    void this.draw();
  }

  /** @param {HTMLElement} tile */
  isSeen(tile) {
    const [one, map] = [tile, this.map.getContainer()].map((each) => each.getBoundingClientRect());
    return one.left < map.right && map.left < one.right && one.top < map.bottom && map.top < one.bottom;
  }

  async draw() {
    if (!this.ready || !(this.missing || this.ground)) return;
    this.ground ??= import('./ground.js').then(({ Ground }) => new Ground(this.map, this.known.towns, this.known.pins));
    await (await this.ground)[this.missing ? 'show' : 'hide']();
  }

  /** The map has moved: name the towns that are seen now. */
  async name() {
    if (this.missing) await (await this.ground)?.name();
  }
}
