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
  if (route.name === 'join' || (nobody && route.name !== 'phone')) return 'join';
  if (!route.visit) return route.name;
  if (!visit) return 'visits';
  if (visit.over) return visit.end && route.name === 'criterion' && mends(visit, route.criterion) ? 'criterion' : 'closed';
  if (route.name === 'impossible') return 'impossible';
  if (!visit.fold.started.length || !visit.holder) return 'start';
  if (route.name === 'visit' || route.name === 'thanks') return 'summary';
  return route.name === 'criterion' && !visit.answers.some(({ criterion }) => criterion.id === route.criterion)
    ? 'summary'
    : route.name;
}

/** Whether this answer of a closed visit waits for someone, or was just mended. @param {NonNullable<OpenVisit>} visit @param {string | undefined} id */
const mends = ({ answers, toMend, state }, id) =>
  state !== 'decided' && answers.some((answer) => answer.criterion.id === id && (answer.late || toMend.includes(answer)));
