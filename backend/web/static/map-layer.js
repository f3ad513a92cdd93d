/**
 * The places of the public map. `/carte.js`, which folium writes, makes the map and hands it to `show`.
 *
 * Whatever merchants wrote goes in by `textContent` alone. The points are Leaflet.markercluster's business, and only
 * `layerOf` knows it: another way to draw many points replaces that one function.
 */

/**
 * @typedef {object} Place a sales point, as `/lieux.json` gives it
 * @property {string} slug
 * @property {string} name
 * @property {string} label
 * @property {string} kind
 * @property {string} kind_name
 * @property {'active' | 'soon'} state
 * @property {string} state_name
 * @property {string} address
 * @property {string[]} hours
 * @property {string} phone
 * @property {number} lat
 * @property {number} lon
 */

/**
 * @typedef {object} Words what the map says
 * @property {string} nearMe
 * @property {string} nearMeTitle
 * @property {string} positionUnknown
 * @property {string} zoomIn
 * @property {string} zoomOut
 * @property {string} together "{count} …"
 * @property {string} places what a group counts, under its number
 * @property {string} close
 * @property {string} call "… {phone}"
 * @property {string} inList
 * @property {string} onMap
 * @property {string} groundMissing
 * @property {string} placesMissing
 * @property {string} nearest "… {name} … {distance} …"
 * @property {string} nearestFirst
 * @property {string} metres "… {count} …"
 * @property {string} kilometres "… {count} …"
 */

const SVG = 'http://www.w3.org/2000/svg';
const CLOSEST = 17;
const TARGET = 48; // pixels a finger needs
const MOVED = 200; // metres: below, the list keeps its order under the reader's eyes
const still = matchMedia('(prefers-reduced-motion: reduce)').matches;

L.Map.mergeOptions({ zoomAnimation: !still, fadeAnimation: !still, markerZoomAnimation: !still, inertia: !still });
L.Control.Attribution.mergeOptions({ prefix: false });
L.Control.Scale.mergeOptions({ imperial: false });

/** A marker that is a real button: Leaflet's own are pictures that only look like one. */
const ButtonIcon = L.Icon.extend({
  /** @this {import('./vendor/leaflet.d.ts').ButtonIcon} */
  createIcon() {
    const button = this.options.button();
    this._setIconStyles(button, 'icon');
    return button;
  },
  createShadow: () => null,
});

/**
 * Fetch the places and draw them on `map`; what does not work is said under the map, and the list stays.
 * @param {L.Map} map
 * @param {string} url
 * @param {Words} words
 */
export async function show(map, url, words) {
  L.control.zoom({ position: 'bottomright', zoomInTitle: words.zoomIn, zoomOutTitle: words.zoomOut }).addTo(map);
  map.on('locationerror', () => say(words.positionUnknown));
  map.eachLayer((layer) => layer.on('tileerror', () => sayUnlessSaid(words.groundMissing)));
  try {
    draw(map, await placesAt(url), words);
  } catch {
    say(words.placesMissing);
  }
}

/**
 * @param {string} url
 * @returns {Promise<Place[]>}
 */
async function placesAt(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(String(response.status));
  return (await response.json()).places;
}

/**
 * @param {L.Map} map
 * @param {Place[]} places
 * @param {Words} words
 */
function draw(map, places, words) {
  const layer = layerOf(words);
  const markers = new Map(places.map((place) => [place.slug, markerOf(place)]));
  for (const place of places) {
    const marker = /** @type {L.Marker} */ (markers.get(place.slug));
    marker.on('click', () => open(map, place, marker, words));
    layer.addLayer(marker);
  }
  map.addLayer(layer);
  offerOnMap(map, layer, markers, words);
  sortWhenFound(map, places, words);
}

// --- pins ---

/**
 * Pins that would overlap are drawn as one, which opens when it is touched.
 * @param {Words} words
 */
function layerOf(words) {
  const layer = L.markerClusterGroup({
    animate: !still,
    maxClusterRadius: 44,
    showCoverageOnHover: false,
    spiderLegPolylineOptions: { className: 'leg' },
    iconCreateFunction: (cluster) => pinIcon('map-together', () => together(cluster.getChildCount(), words), 24),
  });
  // the pin one was on is gone: the keyboard goes on from the map
  layer.on('clusterclick', () => layer._map?.getContainer().focus({ preventScroll: true }));
  // places at the very same point spread out, away from the controls
  layer.on('spiderfied', ({ cluster }) => layer._map?.panTo(cluster.getLatLng()));
  return layer;
}

/** @param {Place} place */
const markerOf = (place) => L.marker([place.lat, place.lon], { keyboard: false, icon: pinIcon('map-pin', () => pin(place), 47) });

/**
 * @param {string} className
 * @param {() => HTMLElement} button
 * @param {number} foot pixels from its top to the point it stands on
 */
const pinIcon = (className, button, foot) =>
  new ButtonIcon({ className, button, iconSize: [TARGET, TARGET], iconAnchor: [TARGET / 2, foot] });

/** @param {Place} place */
function pin(place) {
  const button = element('button', '');
  button.setAttribute('type', 'button');
  button.setAttribute('aria-label', `${fullName(place)} — ${place.state_name}`);
  button.append(pinPicture(place));
  return button;
}

/** @param {Place} place */
function pinPicture(place) {
  const picture = drawing(`pin pin-${place.state}`, '0 0 40 48');
  picture.append(
    part(`#pin-${place.state}`),
    part(`#icon-${place.kind}`, { class: 'pin-icon', x: '10', y: place.state === 'active' ? '8' : '7', width: '20', height: '20' }),
  );
  return picture;
}

/**
 * @param {number} count
 * @param {Words} words
 */
function together(count, words) {
  const button = element('button', '');
  button.setAttribute('type', 'button');
  button.append(element('span', '', String(count)), element('small', '', words.places));
  button.setAttribute('aria-label', words.together.replace('{count}', String(count)));
  return button;
}

/** @param {Place} place */
const fullName = (place) => (place.label ? `${place.name}, ${place.label}` : place.name);

// --- what is said of a place when it is touched ---

/**
 * @param {L.Map} map
 * @param {Place} place
 * @param {L.Marker} marker
 * @param {Words} words
 */
function open(map, place, marker, words) {
  const card = cardOf(place, words, () => {
    map.closePopup();
    (marker.getElement() ?? map.getContainer()).focus({ preventScroll: true });
  });
  const size = map.getSize();
  const popup = L.popup({
    closeButton: false,
    maxWidth: Math.min(320, size.x - 52),
    maxHeight: size.y - 100,
    offset: [0, -36],
    autoPanPaddingTopLeft: [8, size.x > 480 ? 72 : 8], // under the button, or in its place, hidden meanwhile
  });
  popup.setLatLng(marker.getLatLng()).setContent(card).openOn(map);
  /** @type {HTMLElement} */ (card.firstElementChild).focus({ preventScroll: true });
}

/**
 * @param {Place} place
 * @param {Words} words
 * @param {() => void} close
 */
function cardOf(place, words, close) {
  const card = element('div', 'map-card');
  card.setAttribute('role', 'dialog');
  card.setAttribute('aria-label', fullName(place));
  card.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') close();
  });
  const title = element('h3', '', place.name);
  title.tabIndex = -1;
  card.append(
    title,
    element('p', 'kind', [place.kind_name, place.label].filter(Boolean).join(' · ')),
    stateOf(place),
    ...(place.address ? [element('p', 'address', place.address)] : []),
    ...place.hours.map((line) => element('p', 'hours', line)),
    ...(place.phone ? [callLink(place.phone, words)] : []),
    link(`#lieu-${place.slug}`, words.inList),
    closeButton(words, close),
  );
  return card;
}

/** @param {Place} place */
function stateOf(place) {
  const state = element('p', `state state-${place.state}`);
  const icon = drawing('icon', '0 0 24 24');
  icon.append(part(place.state === 'active' ? '#icon-check' : '#icon-clock'));
  state.append(icon, ` ${place.state_name}`);
  return state;
}

/**
 * @param {string} phone
 * @param {Words} words
 */
function callLink(phone, words) {
  const anchor = link(`tel:${phone.replaceAll(/[^+\d]/g, '')}`, phone);
  anchor.setAttribute('aria-label', words.call.replace('{phone}', () => phone));
  const icon = drawing('icon', '0 0 24 24');
  icon.append(part('#icon-phone'));
  anchor.prepend(icon);
  return anchor;
}

/**
 * @param {string} target
 * @param {string} text
 */
function link(target, text) {
  const anchor = element('a', 'card-link', text);
  anchor.setAttribute('href', target);
  return anchor;
}

/**
 * @param {Words} words
 * @param {() => void} close
 */
function closeButton(words, close) {
  const button = element('button', 'card-close', words.close);
  button.setAttribute('type', 'button');
  button.addEventListener('click', close);
  return button;
}

// --- from the list to the map ---

/**
 * Each place of the list gets a button that shows it on the map.
 * @param {L.Map} map
 * @param {L.MarkerClusterGroup} layer
 * @param {Map<string, L.Marker>} markers
 * @param {Words} words
 */
function offerOnMap(map, layer, markers, words) {
  for (const item of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('.place'))) {
    const marker = markers.get(item.dataset.slug ?? '');
    if (!marker) continue;
    const button = element('button', 'quiet show-on-map', words.onMap);
    button.setAttribute('type', 'button');
    button.addEventListener('click', () => {
      map.getContainer().scrollIntoView({ block: 'nearest' });
      map.setView(marker.getLatLng(), CLOSEST, { animate: false });
      layer.zoomToShowLayer(marker, () => marker.fire('click'));
    });
    item.querySelector('.place-links')?.append(button);
  }
}

// --- where one is ---

/**
 * Once it is known where one is, the list begins with what is nearest. All of it happens here: the position goes nowhere.
 * @param {L.Map} map
 * @param {Place[]} places
 * @param {Words} words
 */
function sortWhenFound(map, places, words) {
  /** @type {L.LatLng | undefined} */ let before;
  map.on('locationfound', ({ latlng }) => {
    const away = new Map(places.map((place) => [place.slug, map.distance(latlng, { lat: place.lat, lng: place.lon })]));
    say(nearestOf(places, away, words));
    if (before && map.distance(before, latlng) < MOVED) return;
    before = latlng;
    for (const section of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('.in-list section'))) {
      sortSection(section, away, words);
    }
  });
}

/**
 * The nearest place where one can pay; where it only comes, when there is no other.
 * @param {Place[]} places
 * @param {Map<string, number>} away metres, by slug
 * @param {Words} words
 */
function nearestOf(places, away, words) {
  const paid = places.filter((place) => place.state === 'active');
  const [nearest] = [...(paid.length ? paid : places)].sort((one, other) => metres(away, one.slug) - metres(away, other.slug));
  if (!nearest) return '';
  const distance = inWords(metres(away, nearest.slug), words);
  return words.nearest.replace('{name}', () => fullName(nearest)).replace('{distance}', distance);
}

/**
 * One list instead of one by town: each place with its distance, those that are on no map last.
 * @param {HTMLElement} section
 * @param {Map<string, number>} away
 * @param {Words} words
 */
function sortSection(section, away, words) {
  const items = /** @type {HTMLElement[]} */ ([...section.querySelectorAll('.place')]);
  items.sort((one, other) => metres(away, one.dataset.slug) - metres(away, other.dataset.slug));
  for (const item of items) tellDistance(item, metres(away, item.dataset.slug), words);
  const list = element('ul', 'places');
  list.append(...items);
  for (const old of section.querySelectorAll('h3, ul.places')) old.remove();
  section.append(element('h3', '', words.nearestFirst), list);
}

/**
 * @param {HTMLElement} item
 * @param {number} distance
 * @param {Words} words
 */
function tellDistance(item, distance, words) {
  item.querySelector('.distance')?.remove();
  if (distance < Infinity) item.querySelector('h4')?.after(element('p', 'distance', inWords(distance, words)));
}

/**
 * @param {Map<string, number>} away
 * @param {string} [slug]
 */
const metres = (away, slug = '') => away.get(slug) ?? Infinity;

/**
 * @param {number} distance metres
 * @param {Words} words
 */
function inWords(distance, words) {
  if (distance < 1000) return words.metres.replace('{count}', String(Math.max(50, Math.round(distance / 50) * 50)));
  const kilometres = (distance / 1000).toLocaleString('fr', { maximumFractionDigits: distance < 10_000 ? 1 : 0 });
  return words.kilometres.replace('{count}', kilometres);
}

/**
 * The locate control's button, a real one, with its word.
 * @param {HTMLElement} container
 * @param {{ strings: { title: string, text: string } }} options
 */
export function nearMeButton(container, options) {
  const button = element('button', 'near-me-button');
  button.setAttribute('type', 'button');
  button.setAttribute('aria-label', options.strings.title);
  const icon = drawing('icon near-me', '0 0 24 24');
  icon.append(part('#icon-locate'));
  button.append(icon, ` ${options.strings.text}`);
  container.append(button);
  return { link: button, icon };
}

/** Leaflet tells the map as well, and `show` says it there; the control's own way is an alert in English. */
export function positionUnknown() {}

// --- pieces of the page ---

/** @param {string} text */
function say(text) {
  const status = document.getElementById('map-status');
  if (status && status.textContent !== text) status.textContent = text; // not read aloud again at each step
}

/**
 * Each tile that does not come says so again: what was said of one's position stays.
 * @param {string} text
 */
function sayUnlessSaid(text) {
  if (!document.getElementById('map-status')?.textContent) say(text);
}

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} className
 * @param {string} [text]
 */
function element(tag, className, text = '') {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

/**
 * @param {string} className
 * @param {string} viewBox
 */
function drawing(className, viewBox) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', className);
  svg.setAttribute('viewBox', viewBox);
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('focusable', 'false');
  return svg;
}

/**
 * A piece of `partials/kind_icons.html`, drawn again.
 * @param {string} target
 * @param {Record<string, string>} [attributes]
 */
function part(target, attributes = {}) {
  const use = document.createElementNS(SVG, 'use');
  for (const [name, value] of Object.entries({ href: target, ...attributes })) use.setAttribute(name, value);
  return use;
}
