/** How long to wait after failures in a row: 1 s, doubling to 5 min, each shortened by up to half at random. */

const FIRST = 1_000;
const LONGEST = 300_000;

/**
 * @param {number} failures in a row, at least 1
 * @param {number} chance from 0 to 1, so that a thousand phones do not come back together
 * @returns {number} milliseconds
 */
export function delay(failures, chance) {
  const full = Math.min(LONGEST, FIRST * 2 ** (failures - 1));
  return Math.round(full * (1 - chance / 2));
}
