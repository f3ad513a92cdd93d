/** Every screen of the app, by name. Those that a visit begins with are here at once; the others come right after. */
import { criterion } from './criterion.js';
import { join } from './join.js';
import { slots } from './slots.js';
import { start } from './start.js';
import { visits } from './visits.js';

/** @import { View } from '../types.js' */

/** @type {Record<string, View>} */
const here = { criterion, join, start, visits };

/** @type {Record<string, () => Promise<View>>} */
const later = {
  around: async () => (await import('./around.js')).around,
  letter: async () => (await import('./around.js')).letter,
  unable: async () => (await import('./around.js')).unable,
  questions: async () => (await import('./questions.js')).questions,
  spot: async () => (await import('./spot.js')).spot,
  training: async () => (await import('./training.js')).training,
  closed: async () => (await import('./closed.js')).closed,
  closing: async () => (await import('./closing.js')).closing,
  compare: async () => (await import('./compare.js')).compare,
  exchange: async () => (await import('./exchange.js')).exchange,
  read: async () => (await import('./exchange.js')).read,
  show: async () => (await import('./exchange.js')).show,
  done: async () => (await import('./done.js')).done,
  impossible: async () => (await import('./impossible.js')).impossible,
  leaving: async () => (await import('./leaving.js')).leaving,
  phone: async () => (await import('./phone.js')).phone,
  scan: async () => (await import('./scan.js')).scan,
  summary: async () => (await import('./summary.js')).summary,
  trouble: async () => (await import('./trouble.js')).trouble,
  waiting: async () => (await import('./waiting.js')).waiting,
  who: async () => (await import('./who.js')).who,
};

export const NAMES = [...Object.keys(here), ...Object.keys(later)];

/** @param {string} name @returns {View | undefined} the view, unless it has yet to come */
export const view = (name) => here[name];

/**
 * The screens that come later.
 * @returns what puts them, and what they add to the first ones, in their places: to be called once the gestures they draw with
 * are here
 */
export async function bringViews() {
  const [{ extras }, ...views] = await Promise.all([
    import('./extras.js'),
    ...Object.entries(later).map(async ([name, bring]) => /** @type {const} */ ([name, await bring()])),
  ]);
  return () => {
    Object.assign(here, Object.fromEntries(views));
    Object.assign(slots, extras);
  };
}
