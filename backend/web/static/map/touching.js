/** What happens when a pin or a group of pins is touched, or a place of the list is to be shown there. */
import { cardOf, manyOf } from './cards.js';
import { button, say } from './pieces.js';

/** @import { Known } from './known.js' */
/** @import { Item, Words } from './pins.js' */
/** @import { Surface } from './surface.js' */

const LARGEST = 19;
const CLOSEST = 17; // the scale at which one place is shown
const CLOSER = 2; // scales, while nobody knows at which one a group opens

export class Touching {
  /**
   * @param {L.Map} map
   * @param {Words} words
   * @param {Surface} surface
   * @param {Known} known
   */
  constructor(map, words, surface, known) {
    this.map = map;
    this.words = words;
    this.surface = surface;
    this.known = known;
  }

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
    const scale = item.cluster === undefined ? this.map.getZoom() + CLOSER : await this.known.ask('expansion', { cluster: item.cluster });
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
      const { here, line } = await this.known.lineOf(item);
      this.popup(here, cardOf(here, line, this.words, this.closing(marker, here)));
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
    const members = await this.known.ask('members', { cluster: item.cluster });
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
  /**
   * A button in a line of the list.
   * @param {HTMLElement} line
   * @param {Item} place
   */
  offerOnMap(line, place) {
    if (line.querySelector('.show-on-map')) return;
    const made = button('quiet show-on-map', this.words.onMap);
    made.setAttribute('aria-label', `${this.words.onMap}\u00a0: ${place.name}`);
    made.addEventListener('click', async () => {
      this.map.getContainer().scrollIntoView({ block: 'nearest' });
      this.map.setView({ lat: place.lat, lng: place.lon }, CLOSEST, { animate: false });
      await this.open(place);
    });
    line.querySelector('.place-links')?.append(made);
  }
}
