/** The addresses of the screens: all behind the #, so that the fund's server never sees where one is. */

/** @import { Route } from './types.js' */

const IN_VISIT = new Map([
  ['', 'visit'],
  ['resume', 'summary'],
  ['terminer', 'closing'],
  ['impossible', 'impossible'],
  ['merci', 'thanks'],
  ['fini', 'done'],
  ['comparer', 'visit'],
  ['echanger', 'exchange'],
  ['montrer', 'show'],
  ['lire', 'read'],
  ['preparer', 'around'],
  ['lettre', 'letter'],
  ['questions', 'questions'],
  ['absent', 'unable'],
]);

/**
 * @param {string} hash "#visite/<id>/critere/<id>"; anything unknown is the list of visits
 * @returns {Route}
 */
export function routeOf(hash) {
  if (hash.startsWith('#code=')) return { name: 'join', code: decode(hash.slice(6)) };
  const [place, visit, part = '', criterion] = hash.slice(1).split('/').map(decode);
  if (place === 'rejoindre') return { name: 'join' };
  if (place === 'telephone') return { name: 'phone' };
  if (place === 'scanner') return { name: 'scan' };
  if (place === 'quitter') return { name: 'leaving' };
  if (place === 'qui') return { name: 'who' };
  if (place === 'reperer') return { name: 'spot' };
  if (place === 'essai') return { name: 'training' };
  if (place !== 'visite' || !visit) return { name: 'visits' };
  if (part === 'critere' && criterion) return { name: 'criterion', visit, criterion };
  return { name: IN_VISIT.get(part) ?? 'visit', visit };
}

export const to = {
  visits: '#',
  join: '#rejoindre',
  phone: '#telephone',
  who: '#qui',
  leaving: '#quitter',
  scan: '#scanner',
  spot: '#reperer',
  training: '#essai',
  visit: (/** @type {string} */ visit) => `#visite/${visit}`,
  around: (/** @type {string} */ visit) => `#visite/${visit}/preparer`,
  letter: (/** @type {string} */ visit) => `#visite/${visit}/lettre`,
  questions: (/** @type {string} */ visit) => `#visite/${visit}/questions`,
  unable: (/** @type {string} */ visit) => `#visite/${visit}/absent`,
  criterion: (/** @type {string} */ visit, /** @type {string} */ criterion) =>
    `#visite/${visit}/critere/${encodeURIComponent(criterion)}`,
  summary: (/** @type {string} */ visit) => `#visite/${visit}/resume`,
  closing: (/** @type {string} */ visit) => `#visite/${visit}/terminer`,
  impossible: (/** @type {string} */ visit) => `#visite/${visit}/impossible`,
  done: (/** @type {string} */ visit) => `#visite/${visit}/fini`,
  exchange: (/** @type {string} */ visit) => `#visite/${visit}/echanger`,
  show: (/** @type {string} */ visit) => `#visite/${visit}/montrer`,
  read: (/** @type {string} */ visit) => `#visite/${visit}/lire`,
  compare: (/** @type {string} */ visit) => `#visite/${visit}/comparer`,
  thanks: (/** @type {string} */ visit) => `#visite/${visit}/merci`,
};

/** @param {string} text */
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
