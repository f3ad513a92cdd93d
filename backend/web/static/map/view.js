/** Where the map stands, how the address says it, and how it is moved. */
import { keptAt } from '../offline.js';

const LAST_VIEW = 'last-view'; // of the map, on this phone: a copy opens where one was
const LARGEST = 19;
const AROUND = 14;
const DEGREE = 100_000;

/** @typedef {{ lat: number, lng: number, scale: number }} View */

/**
 * The view that stands after the # of an address, whatever a message put behind it; null where there is none.
 * @param {string} hash
 * @returns {View | null}
 */
export function viewIn(hash) {
  const [, scale, lat, lng] = /^#(\d+)\/(-?\d+(?:\.\d+)?)\/(-?\d+(?:\.\d+)?)/.exec(hash) ?? [];
  return scale ? { lat: Number(lat), lng: Number(lng), scale: Math.min(Number(scale), LARGEST) } : null;
}

/** Where the map was last, for a copy; it says nothing of where one is. */
export function lastView() {
  try {
    return (keptAt() && viewIn(localStorage.getItem(LAST_VIEW) || '')) || null;
  } catch {
    return null; // a browser that keeps nothing
  }
}

/** @param {[number, number]} spot of a town or an address that is looked for @returns {View} */
export const viewAround = ([lat, lon]) => ({ lat: lat / DEGREE, lng: lon / DEGREE, scale: AROUND });

/**
 * Where the map is moved by hand stands in the address, for whom one gives it.
 * @param {L.Map} map
 * @param {() => boolean} may whether that may be known
 */
export function keepView(map, may) {
  const keep = () => {
    if (!may()) return;
    const { lat, lng } = map.getCenter();
    const view = `#${map.getZoom()}/${lat.toFixed(4)}/${lng.toFixed(4)}`;
    writeAddress(location.search, view);
    try {
      localStorage.setItem(LAST_VIEW, view);
    } catch {
      // nothing is kept: a copy opens on all places
    }
  };
  map.on('dragend', keep);
  map.on('zoomend', keep);
}

/**
 * This page, asked this; in another site's page it is not `/`.
 * @param {string} search
 * @param {string} [view] as it is, unless told
 */
export function writeAddress(search, view = viewIn(location.hash) ? location.hash : '') {
  history.replaceState(null, '', location.pathname + search + view);
}

/**
 * One finger scrolls the page and two move the map; the wheel zooms only once the map was chosen.
 * @param {L.Map} map
 */
export function letThePageScroll(map) {
  map.scrollWheelZoom.disable();
  map.on('focus', () => map.scrollWheelZoom.enable());
  map.on('blur', () => map.scrollWheelZoom.disable());
  if (matchMedia('(pointer: coarse)').matches) map.dragging.disable();
}
