/** Which screen answers which route. */

/** @import { Memory, OpenVisit, Route } from '../types.js' */

/**
 * The screen that answers a route: a visit that is over shows its end, one that is not begun its start.
 * @param {Route} route
 * @param {Memory} memory
 * @param {OpenVisit | null} visit
 * @returns {string} a name of the registry of views
 */
export function screenOf(route, memory, visit) {
  const nobody = !memory.facts.people?.length;
  if (route.name === 'join' || (nobody && !FOR_ALL.includes(route.name) && !visit?.training)) return 'join';
  if (!route.visit) return route.name;
  if (!visit) return 'visits';
  if (!visit.me) return 'who';
  if (EXCHANGES.includes(route.name) && visit.fold.started.length) return route.name;
  if (AROUND.includes(route.name)) return route.name;
  if (visit.over) return visit.end && route.name === 'criterion' && mends(visit, route.criterion) ? 'criterion' : 'closed';
  if (route.name === 'impossible') return 'impossible';
  if (!visit.fold.started.length) return 'start';
  return whileOpen(route, visit);
}

/** Screens that need nobody to have joined. */
const FOR_ALL = ['phone', 'scan', 'training'];

/** Around a visit, begun or not, over or not. */
const AROUND = ['around', 'letter', 'questions', 'unable'];

/** Phone to phone, at any moment of a visit that has begun. */
const EXCHANGES = ['exchange', 'show', 'read'];

/** @param {Route} route @param {OpenVisit} visit */
function whileOpen({ name, criterion }, visit) {
  const home = HOMES[visit.phase](visit);
  if (name === 'criterion') {
    const known = visit.answers.some((answer) => answer.criterion.id === criterion);
    return known && visit.phase !== 'waiting' ? name : home;
  }
  if (name === 'done') return visit.phase === 'alone' ? name : home;
  return name === 'closing' || name === 'summary' ? name : home;
}

/** Where an open visit is taken up again. */
const HOMES = {
  alone: () => 'summary',
  waiting: () => 'waiting',
  together: (/** @type {OpenVisit} */ { mode }) => (mode === 'separate' ? 'compare' : 'summary'),
};

/** Whether this answer of a closed visit waits for someone, or was just mended. @param {NonNullable<OpenVisit>} visit @param {string | undefined} id */
const mends = ({ answers, toMend, state }, id) =>
  state !== 'decided' && answers.some((answer) => answer.criterion.id === id && (answer.late || toMend.includes(answer)));
