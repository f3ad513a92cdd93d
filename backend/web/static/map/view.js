/** Where the map stands, and how it is moved. */
import { keptAt } from '../offline.js';

const LAST_VIEW = 'last-view'; // of the map, on this phone: a copy opens where one was

/** Where it was last, for a copy; it says nothing of where one is. */
export function lastView() {
  try {
    return (keptAt() && localStorage.getItem(LAST_VIEW)) || '';
  } catch {
    return ''; // a browser that keeps nothing
  }
}

/** @param {string} view */
export function keepLastView(view) {
  try {
    localStorage.setItem(LAST_VIEW, view);
  } catch {
    // nothing is kept: a copy opens on all places
  }
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
