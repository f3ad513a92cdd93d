/** Draws items on a Leaflet map: only what changes is touched. Leaflet is known here and in `map-layer.js`. */
import { TARGET, buttonOf } from './pins.js';

/** @import { Item, Words } from './pins.js' */

/** A marker that is a real button: Leaflet's own are pictures that only look like one. */
export const ButtonIcon = L.Icon.extend({
  /** @this {import('../vendor/leaflet.d.ts').ButtonIcon} */
  createIcon() {
    const button = this.options.button();
    this._setIconStyles(button, 'icon');
    return button;
  },
  createShadow: () => null,
});

/**
 * @param {string} className
 * @param {() => HTMLElement} button
 * @param {number} foot pixels from its top to the point it stands on
 */
const iconOf = (className, button, foot) =>
  new ButtonIcon({ className, button, iconSize: [TARGET, TARGET], iconAnchor: [TARGET / 2, foot] });

export class Surface {
  /**
   * @param {L.Map} map
   * @param {Words} words
   * @param {(item: Item, marker: L.Marker) => void} touched
   */
  constructor(map, words, touched) {
    this.map = map;
    this.words = words;
    this.touched = touched;
    /** @type {Map<string, { item: Item, marker: L.Marker }>} */ this.drawn = new Map();
  }

  /** @param {Item[]} items all that is to be seen now */
  draw(items) {
    const wanted = new Map(items.map((item) => [item.key, item]));
    for (const [key, { marker }] of this.drawn) {
      if (wanted.has(key)) continue;
      if (marker.getElement() === document.activeElement) this.map.getContainer().focus({ preventScroll: true });
      this.map.removeLayer(marker);
      this.drawn.delete(key);
    }
    // from north to south, as one reads: the keyboard goes through them in this order
    for (const item of [...items].sort((one, other) => other.lat - one.lat || one.lon - other.lon)) this._put(item);
  }

  /** @param {Item} item */
  _put(item) {
    const before = this.drawn.get(item.key);
    if (before) {
      before.item = item;
      return;
    }
    const [className, foot] = item.count > 1 ? ['map-together', TARGET / 2] : ['map-pin', 47];
    const icon = iconOf(String(className), () => buttonOf(item, this.words), Number(foot));
    const marker = L.marker([item.lat, item.lon], { keyboard: false, icon });
    const entry = { item, marker };
    marker.on('click', () => this.touched(entry.item, marker));
    this.drawn.set(item.key, entry);
    this.map.addLayer(marker);
  }

  /** @returns {Item[]} all that is drawn now */
  items() {
    return [...this.drawn.values()].map(({ item }) => item);
  }

  /** @param {number} row */
  markerOf(row) {
    return [...this.drawn.values()].find(({ item }) => item.row === row)?.marker;
  }
}
