/**
 * Holds the places, finds among them and puts those together that are too close, away from the page's own thread.
 *
 * `/lieux.json` has them all; where they are too many it does not, and each piece of the map is fetched when it is looked
 * at. Each message `{id, ask, …}` gets one answer `{id, answer}` or `{id, failed}`.
 */
import '../vendor/supercluster.min.js';
import { toldAt, wantedIn } from './address.js';
import { directoryOf } from './data.js';
import { find, folded, metres, openingAt } from './finding.js';

/** @import { Hit } from './finding.js' */
/** @import { Columns, Place } from './data.js' */
/** @import { Item } from './pins.js' */

/** @typedef {ReturnType<typeof directoryOf>} Directory */
/** @typedef {{ version: string, clusters: [number, number, number][], places: Columns }} Piece */

const DEGREE = 100_000;
const OPTIONS = { radius: 44, extent: 256, maxZoom: 19 };
const SIDE = 512; // pixels of a piece of the map
const HIGHEST = 85.05; // degrees, where the map ends
const PIECES = 60; // kept in memory
const FAR = 86_400_000; // ms: from there on, the hour at which it closes would be taken for today's
/** @type {{ offsets: [number, number][], families: string[] }} */ const UNTOLD = { offsets: [[0, 0]], families: [] };

/** @type {Directory | null} */ let directory = null;
/** @type {any} */ let index = null;
/** @type {Hit[]} */ let hits = [];
/** @type {Place[]} */ let indexed = [];
/** @type {{ query: string, now: number, near: [number, number] | null }} */ let wanted = { query: '', now: 0, near: null };
/** @type {Map<string, Piece>} */ const pieces = new Map();
let whole = true;
let shownPieces = '';

/** @param {Directory} found */
function findIn(found) {
  const asked = wantedIn(new URLSearchParams(wanted.query), wanted.now, found);
  hits = find(found, asked, wanted.near);
  indexed = hits.map((hit) => found.places[hit.index]).filter((place) => place.spot);
  index = new Supercluster(OPTIONS).load(indexed.map(featureOf));
}

/** @param {Place} place */
const featureOf = (place) => ({
  properties: place,
  geometry: { type: 'Point', coordinates: [Number(place.spot?.[1]) / DEGREE, Number(place.spot?.[0]) / DEGREE] },
});

/** @param {any} feature @returns {Item} */
function itemOf({ properties, geometry }) {
  const [lon, lat] = geometry.coordinates;
  if (!properties.cluster) return placeItem(properties, lat, lon);
  const count = properties.point_count;
  const key = `${count}@${lat.toFixed(5)},${lon.toFixed(5)}`;
  return { key, lat, lon, count, cluster: properties.cluster_id };
}

/**
 * @param {Place} place
 * @param {number} lat
 * @param {number} lon
 * @returns {Item}
 */
const placeItem = ({ row, name, kind, active }, lat, lon) => ({ key: `row ${row}`, lat, lon, count: 1, row, name, kind, active });

/** @param {Place} place which has a spot */
const itemAt = (place) => placeItem(place, Number(place.spot?.[0]) / DEGREE, Number(place.spot?.[1]) / DEGREE);

/** @param {string} address */
async function fetched(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(String(response.status));
  return response.json();
}

/** @type {Record<string, (request: any) => any>} */
const ASKED = {
  /** Fetch the places; all later questions want this first. */
  async load({ address, ...asked }) {
    wanted = asked; // what is wanted meanwhile comes after it
    const columns = await fetched(address);
    whole = Array.isArray(columns.slug);
    shownPieces = '';
    pieces.clear();
    if (whole) {
      directory = directoryOf(columns);
      findIn(directory);
    }
    return { version: columns.version, ...answered() };
  },

  /** Look for something else, or from somewhere else. */
  want(asked) {
    wanted = asked;
    shownPieces = '';
    if (!whole) pieces.clear();
    if (directory) findIn(directory);
    return answered();
  },

  /** It is later: whether others are found, where what is open now is looked for. */
  later({ now }) {
    const before = hits.map(({ index }) => index).join();
    wanted = { ...wanted, now };
    if (whole && directory && wantedIn(new URLSearchParams(wanted.query), now, directory).openAt === now) findIn(directory);
    return { ...answered(), same: before === hits.map(({ index }) => index).join() };
  },

  /** A place that the page knows from before the places changed. */
  sameAs({ name, lat, lon }) {
    /** @type {[number, number]} */ const there = [Math.round(lat * DEGREE), Math.round(lon * DEGREE)];
    const far = (/** @type {Place} */ place) => metres(there, /** @type {[number, number]} */ (place.spot));
    const [same] = (directory?.places ?? []).filter((place) => place.spot && place.name === name).sort((a, b) => far(a) - far(b));
    if (!same) throw new Error('gone');
    return itemAt(same);
  },

  /** What to draw between these corners, at this scale. */
  async view({ box, zoom }) {
    const [west, south, east, north] = box;
    const clusters = whole ? [] : await lookAt(box, zoom);
    const own = index ? index.getClusters([west, south, east, north], zoom).map(itemOf) : [];
    return [...clusters, ...own];
  },

  /** Each town with its middle and how many places it has. */
  towns() {
    /** @type {Map<string, number[][]>} */ const spots = new Map();
    for (const { town, spot } of directory?.places ?? [])
      if (town && spot) spots.set(town, [...(spots.get(town) ?? []), spot]);
    const middle = (/** @type {number[][]} */ some, /** @type {number} */ axis) =>
      some.reduce((sum, spot) => sum + spot[axis], 0) / some.length / DEGREE;
    return [...spots].map(([name, some]) => ({ name, lat: middle(some, 0), lon: middle(some, 1), count: some.length }));
  },

  /** The middle of a town that has places, or a place by its whole name, as `backend/web/surroundings.py` finds them. */
  whereIs({ place }) {
    const text = folded(place);
    const placed = (directory?.places ?? []).filter(({ spot }) => spot);
    for (const name of /** @type {const} */ (['town', 'alone'])) {
      const spots = placed.filter((one) => folded(one[name]) === text).map(({ spot }) => /** @type {[number, number]} */ (spot));
      if (text && spots.length) return [0, 1].map((axis) => Math.floor(spots.reduce((sum, spot) => sum + spot[axis], 0) / spots.length));
    }
    return null;
  },

  /** The middle of a commune or a district whose limits the phone has. */
  async district({ place }) {
    const text = folded(place);
    const { parts } = await fetched('/carte/limites.json');
    const found = parts.find((/** @type {{ name: string }} */ { name }) => folded(name) === text);
    return text && found ? found.at.map((/** @type {number} */ step) => step * 10) : null;
  },

  /** The scale at which a group opens; past the largest it never does. */
  expansion: ({ cluster }) => index.getClusterExpansionZoom(cluster),

  /** The places of a group. */
  members: ({ cluster }) =>
    index.getLeaves(cluster, 500).map((/** @type {any} */ leaf) => itemOf(leaf)),

  /** The places of the list, some at a time, with what only the phone knows. */
  rows: ({ from, to }) => hits.slice(from, to).map(listed),

  /** Where a place is and whether it is open now, by its name in addresses. */
  bySlug({ slugs }) {
    const asked = new Set(slugs);
    return (directory?.places ?? []).filter((place) => asked.has(place.slug)).map(told);
  },
};

/** How many places answer, and whether a moment is asked at which they are open. */
function answered() {
  const places = directory?.places ?? [];
  const active = hits.filter((hit) => places[hit.index]?.active).length;
  const { openAt } = wantedIn(new URLSearchParams(wanted.query), wanted.now, directory ?? UNTOLD);
  return { counts: { active, soon: hits.length - active }, momentAsked: openAt !== null };
}

/** @param {Hit} hit */
function listed(hit) {
  const place = /** @type {Directory} */ (directory).places[hit.index];
  const { slug, active, town, name } = place;
  return { row: hit.row, slug, active, town, name, metres: hit.metres, ...openingOf(place) };
}

/** @param {Place} place */
const told = (place) => ({
  slug: place.slug,
  item: place.spot && itemAt(place),
  ...openingOf(place),
});

/**
 * How one finds it at the moment that is asked, else now, by the name of its words; and what clocks show when it closes.
 * @param {Place} place
 */
function openingOf(place) {
  const held = /** @type {Directory} */ (directory);
  const { openings, offsets, since, until } = held;
  const query = new URLSearchParams(wanted.query);
  const at = toldAt(query, wanted.now, wantedIn(query, wanted.now, held).openAt);
  if (at === null) return { said: '', closes: '' };
  const known = openings[place.hours];
  const end = known?.open.find(([from, to]) => from <= at && at < to)?.[1] ?? until;
  const surely = end < until && end - at < FAR && !known?.doubtful.some(([from]) => from === end);
  const opening = Number(openingAt(known, held, at));
  const unknown = known === null ? 'openUnknown' : at < since || at >= until ? 'openFar' : 'openHoliday';
  return { said: [surely ? 'openUntil' : 'open', unknown, 'closed'][opening], closes: surely ? clockAt(end, offsets) : '' };
}

/**
 * @param {number} instant
 * @param {[number, number][]} offsets
 */
function clockAt(instant, offsets) {
  const [, ahead] = [...offsets].reverse().find(([from]) => from <= instant) ?? offsets[0];
  const minutes = Math.floor((instant + ahead) / 60_000) % 1440;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`;
}

// --- a piece of the map at a time ---

/**
 * Fetch the pieces under these corners; gives the groups that the fund made, and keeps the places.
 * @param {number[]} box
 * @param {number} zoom
 * @returns {Promise<Item[]>}
 */
async function lookAt(box, zoom) {
  const names = piecesUnder(box, zoom);
  await Promise.all(names.filter((name) => !pieces.has(name)).map(takePiece));
  const here = names.flatMap((name) => pieces.get(name) ?? []);
  const shown = names.join(' ');
  if (shown !== shownPieces) {
    shownPieces = shown;
    gather(here.map((piece) => directoryOf(piece.places)));
  }
  return here
    .flatMap((piece) => piece.clusters)
    .map(([lat, lon, count]) => ({ key: `${zoom}:${count}@${lat},${lon}`, lat, lon, count }));
}

/** @param {string} name */
async function takePiece(name) {
  pieces.set(name, await fetched(`/carte/${name}.json${wanted.query && `?${wanted.query}`}`));
  const [oldest] = pieces.keys();
  if (pieces.size > PIECES) pieces.delete(oldest);
}

/** @param {Directory[]} found */
function gather(found) {
  if (!found.length) return;
  const places = found.flatMap((one, rank) => one.places.map((place) => ({ ...place, hours: place.hours + before(found, rank) })));
  const gathered = { ...found[0], places, openings: found.flatMap((one) => one.openings) };
  directory = gathered;
  findIn(gathered);
}

/**
 * @param {Directory[]} found
 * @param {number} rank
 */
const before = (found, rank) => found.slice(0, rank).reduce((sum, one) => sum + one.openings.length, 0);

/**
 * @param {number[]} box
 * @param {number} zoom
 */
function piecesUnder([west, south, east, north], zoom) {
  const size = 2 ** zoom / (SIDE / 256);
  const column = (/** @type {number} */ lon) => Math.floor((lon / 360 + 0.5) * size);
  const line = (/** @type {number} */ lat) => {
    const sine = Math.sin((Math.max(-HIGHEST, Math.min(lat, HIGHEST)) * Math.PI) / 180);
    return Math.floor((0.5 - (0.25 * Math.log((1 + sine) / (1 - sine))) / Math.PI) * size);
  };
  const names = [];
  const last = Math.max(0, Math.ceil(size) - 1); // far out one sees past the edges of the world, where there is no piece
  for (let x = Math.max(0, column(west)); x <= Math.min(column(east), last); x += 1)
    for (let y = Math.max(0, line(north)); y <= Math.min(line(south), last); y += 1) names.push(`${zoom}/${x}/${y}`);
  return names;
}

self.addEventListener('message', async ({ data: { id, ask, ...request } }) => {
  try {
    self.postMessage({ id, answer: await ASKED[ask](request) });
  } catch (error) {
    self.postMessage({ id, failed: String(error) });
  }
});
