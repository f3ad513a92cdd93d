/** The score of an ended visit. Loaded when first needed: no screen before the end of a visit shows one. */
import { rules } from './domain/grid.js';
import { choices } from './domain/journal.js';
import { rulesFrom, score, summary } from './domain/scoring.js';

/** @import { OpenVisit } from './types.js' */

/** @param {OpenVisit} visit */
export const scoreOf = (visit) => summary(score(rulesFrom(rules(visit.grid)), choices(visit.fold)));
