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

/** What comes of the ground, from its first piece on: the map is made in several turns, and ours is the last. */
const coming = {
  /** @type {Map<HTMLElement, number>} */ good: new Map(), // each with its scale
  lost: 0, // since the last good one
  scale: 0, // of the last that was lost
  settled: false, // nothing more is on its way
  tell: () => {},
};
L.TileLayer.addInitHook(function () {
  this.on('tileload', ({ tile, coords }) => {
    coming.good.set(tile, coords.z);
    coming.lost = 0;
    coming.tell();
  });
  this.on('tileunload', ({ tile }) => coming.good.delete(tile));
  this.on('tileerror', ({ coords }) => {
    Object.assign(coming, { lost: coming.lost + 1, scale: coords.z });
    coming.tell();
  });
  for (const settled of [false, true])
    this.on(settled ? 'load' : 'loading', () => {
      coming.settled = settled;
      coming.tell();
    });
});

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
    this.missing = false;
    this.ready = false;
    /** @type {Promise<Ground> | undefined} */ this.ground = undefined;
  }

  watch() {
    coming.tell = () => this.judge();
    this.judge();
  }

  /** The places have come: the ground of ours can name their towns. */
  async placesAreThere() {
    this.ready = true;
    await this.draw();
  }

  judge() {
    const { good, lost, scale, settled } = coming;
    if (this.missing === lost > 0) return;
    if (!this.missing && lost < SEVERAL && !settled) return;
    if (!this.missing && [...good].some(([tile, its]) => its === scale && this.isSeen(tile))) return;
    this.missing = !this.missing;
    if (!this.missing) unsay(this.words.groundMissing);
    else if (!keptAt()) sayUnlessSaid(this.words.groundMissing); // a copy has said that there is no network
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
