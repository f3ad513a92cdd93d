/** The score of an ended visit. Loaded when first needed: no screen before the end of a visit shows one. */
import { rules } from './domain/grid.js';
import { DUO, choices } from './domain/journal.js';
import { floored, rulesFrom, score, summary, whatWouldChange } from './domain/scoring.js';

/** @import { OpenVisit, SheetChoices } from './types.js' */

/**
 * What counts, with its reasons: the common sheet and those of the people who have a part in the visit.
 * @param {OpenVisit} visit
 */
export function scoreOf(visit) {
  const grid = rulesFrom(rules(visit.grid));
  const sheets = counted(visit);
  const found = score(grid, sheets);
  const share = found.assessedShare && { n: found.assessedShare.n * 100n, d: found.assessedShare.d };
  return {
    ...summary(found),
    /** Whole percents of the weight that was assessed, cut; null when nothing is left to count. */
    assessed: share ? Math.floor(Number(floored(share)) / 10) : null,
    /** Nothing that is missing could change the outcome, nothing is left to settle, nothing rests on one person alone. */
    settled: found.settled,
    rests_on_one: found.restsOnOne,
    /** By criterion, the answers that would change either end. */
    changes: whatWouldChange(grid, sheets),
  };
}

/** @param {OpenVisit} visit @returns {SheetChoices} */
function counted({ fold, members }) {
  const who = new Set([DUO, ...members.map(({ id }) => id)]);
  return Object.fromEntries(Object.entries(choices(fold)).filter(([sheet]) => who.has(sheet)));
}
