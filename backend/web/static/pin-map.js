/**
 * A sales point's pin, put in place by mouse, finger or arrow keys, in step with the number fields of its form.
 *
 * The form sends the fields and nothing else: without this script, or without any picture of the ground, they do the same.
 */

/**
 * @typedef {object} Words what the map says
 * @property {string} pin
 * @property {string} zoomIn
 * @property {string} zoomOut
 * @property {string} moved "… {position} … {distance} m …"
 * @property {string} put "… {position} …"
 * @property {string} groundMissing
 */

const FINE = 2; // metres an arrow key moves the pin
const COARSE = 20; // with Shift
const DEGREE = 111_320; // metres in a degree of latitude
const QUIET = 400; // milliseconds without a move before it is told: a screen reader is not to read each step
const PIN = '<svg viewBox="0 0 40 48" aria-hidden="true"><path d="M20 46.5C14 39.5 3.5 29 3.5 18.5a16.5 16.5 0 0 1 33 0C36.5 29 26 39.5 20 46.5Z"/><circle cx="20" cy="18.5" r="6"/></svg>';
/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowUp: [1, 0], ArrowDown: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] };
const still = matchMedia('(prefers-reduced-motion: reduce)').matches;

const frame = /** @type {HTMLElement} */ (document.getElementById('pin-map'));
const told = /** @type {HTMLElement} */ (document.getElementById('pin-status'));
const words = /** @type {Words} */ (JSON.parse(frame.dataset.words ?? '{}'));
const [pair, latitude, longitude] = ['pair', 'lat', 'lon'].map(
  (id) => /** @type {HTMLInputElement} */ (document.getElementById(id)),
);
const saved = position(frame.dataset.saved ?? '');

L.Control.Attribution.mergeOptions({ prefix: false });
const map = L.map(frame, { zoomControl: false, maxZoom: 19, zoomAnimation: !still, fadeAnimation: !still, inertia: !still });
const pin = L.marker([0, 0], {
  draggable: true,
  autoPan: true,
  keyboard: false, // the keys are ours
  icon: L.divIcon({ className: 'pin-handle', html: PIN, iconSize: [48, 48], iconAnchor: [24, 47] }),
});

function open() {
  const start = position(pair.value) ?? both() ?? saved;
  map.setView(start ?? position(frame.dataset.middle ?? '') ?? { lat: 0, lng: 0 }, start ? 17 : 12);
  L.control.zoom({ position: 'bottomright', zoomInTitle: words.zoomIn, zoomOutTitle: words.zoomOut }).addTo(map);
  L.tileLayer(frame.dataset.tiles ?? '', {
    attribution: frame.dataset.attribution,
    maxZoom: 19,
    maxNativeZoom: 18,
    referrerPolicy: 'origin', // some tile servers ask who calls
  })
    .once('tileerror', () => (told.textContent ||= words.groundMissing))
    .addTo(map);
  if (saved) L.circleMarker(saved, { radius: 7, className: 'saved-position', interactive: false }).addTo(map);
  pin.setLatLng(map.getCenter()).addTo(map);
  makeHandle(/** @type {HTMLElement} */ (pin.getElement()));
  pin.on('drag', () => write(pin.getLatLng()));
  map.on('click', ({ latlng }) => moveTo(latlng));
  for (const field of [pair, latitude, longitude]) field.addEventListener('input', () => follow(field));
  if (position(pair.value)) follow(pair); // written before this script was there
}

/**
 * The pin is a thing of its own for the keyboard, and keeps its keys from screen readers' own use of them.
 * @param {HTMLElement} handle
 */
function makeHandle(handle) {
  handle.tabIndex = 0;
  handle.setAttribute('role', 'application');
  handle.setAttribute('aria-label', words.pin);
  handle.setAttribute('aria-describedby', 'pin-help');
  handle.addEventListener('keydown', (event) => {
    const way = ARROWS[event.key];
    if (!way || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    nudge(way, event.shiftKey ? COARSE : FINE);
  });
}

/**
 * @param {[number, number]} way northwards and eastwards
 * @param {number} metres
 */
function nudge([north, east], metres) {
  const { lat, lng } = pin.getLatLng();
  const parallel = DEGREE * Math.cos((lat * Math.PI) / 180);
  moveTo({ lat: lat + (north * metres) / DEGREE, lng: lng + (east * metres) / parallel });
}

/** @param {L.LatLng} to */
function moveTo(to) {
  pin.setLatLng(to);
  map.panInside(to, { padding: [64, 64], animate: false });
  write(to);
}

/**
 * The fields say where the pin is, to a tenth of a metre.
 * @param {L.LatLng} at
 */
function write({ lat, lng }) {
  pair.value = '';
  latitude.value = lat.toFixed(6);
  longitude.value = lng.toFixed(6);
  tell();
}

/**
 * The pin goes where the fields say; a number that is not finished yet moves nothing.
 * @param {HTMLInputElement} field the one that was written in: two numbers pasted together come before the others
 */
function follow(field) {
  const given = field === pair ? position(pair.value) : both();
  if (!given) return;
  if (field === pair) [latitude.value, longitude.value] = [String(given.lat), String(given.lng)];
  else pair.value = ''; // the last word counts
  pin.setLatLng(given);
  map.setView(given, map.getZoom(), { animate: false });
  tell();
}

/** Where the two fields say that it is. */
const both = () => position(`${latitude.value};${longitude.value}`);

/**
 * Two numbers, with a point or a comma, as `details.pasted` reads them.
 * @param {string} text
 * @returns {L.LatLng | undefined}
 */
function position(text) {
  const found = /^\s*\(?\s*([-+−]?\d{1,3}(?:[.,]\d+)?)°?\s*[\s,;/]\s*([-+−]?\d{1,3}(?:[.,]\d+)?)°?\s*\)?\s*$/.exec(text);
  if (!found) return undefined;
  const [lat, lng] = found.slice(1).map((number) => Number(number.replace(',', '.').replace('−', '-')));
  return Math.abs(lat) <= 90 && Math.abs(lng) <= 180 ? { lat, lng } : undefined;
}

/** @type {number | undefined} */
let telling;

/** Says where the pin is, once it rests. */
function tell() {
  clearTimeout(telling);
  telling = setTimeout(() => {
    const at = pin.getLatLng();
    const shown = `${at.lat.toFixed(5)} ${at.lng.toFixed(5)}`.replaceAll('.', ',');
    const sentence = saved ? words.moved.replace('{distance}', String(Math.round(map.distance(saved, at)))) : words.put;
    told.textContent = sentence.replace('{position}', shown);
  }, QUIET);
}

open();
