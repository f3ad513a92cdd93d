/**
 * A grid as phones receive it, and what the scoring engine needs of it. Twin of `Grid.rules` in backend/domain/grid.py.
 * Numbers are JS numbers when whole, else decimal strings.
 */

/**
 * The rules of a grid, in the form that `rulesFrom` of scoring.js takes.
 * @param {import('./types.d.ts').GridJson} grid
 * @returns {import('./types.d.ts').GridRules}
 */
export const rules = ({ categories, criteria, decision }) => ({
  categories: categories.map(({ id, minimum }) => ({ id, minimum })),
  criteria: criteria.map(({ id, category, weight, may_not_apply, eliminatory_below, levels }) => ({
    id,
    category,
    weight,
    may_not_apply,
    eliminatory_below,
    points: levels.map(({ points }) => points),
  })),
  decision,
});
