/** Where one is: asked of the phone by the map's own control, and written nowhere. */
import { button, drawing, part } from './pieces.js';

/** @type {L.Locate | undefined} */ let control; // folium makes it before it hands the map over
L.Control.Locate.LocateControl.addInitHook(function () {
  control = this;
});

export class Locating {
  /**
   * @param {L.Map} map
   * @param {() => void} asked
   * @param {(position: L.LatLng) => void} found
   */
  constructor(map, asked, found) {
    this.asked = false; // the map goes there, or has gone
    this.known = false;
    map.on('locateactivate', () => {
      this.asked = true;
      asked();
    });
    map.on('locationerror', () => {
      this.asked = this.known;
    });
    map.on('locationfound', ({ latlng }) => {
      this.known = true;
      found(latlng);
    });
  }

  /** The map goes elsewhere. */
  stop() {
    control?.stop();
    this.asked = false;
  }
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
