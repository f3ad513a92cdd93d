/**
 * Places of the first screens that later code fills: a question can be answered before the code for photos, voice or spotting
 * is here. Each draws nothing until then.
 */
import { nothing } from '../vendor/lit-html.js';

/** @import { Act, Template } from '../types.js' */

/** @typedef {(state: any, act: Act) => Template} Piece */

/** @type {{ aloud: Piece, criterion: Piece, start: Piece, warnings: Piece, visits: Piece }} */
export const slots = {
  /** Beside the question. */
  aloud: () => nothing,
  /** Under the answers of a criterion: photos, voice, commitments, questions of the coordination. */
  criterion: () => nothing,
  /** Before a visit: what to bring, the letter, calling, not being able to come. */
  start: () => nothing,
  /** At the top of the list of visits: what could go wrong on this phone. */
  warnings: () => nothing,
  /** Under the list of visits: spotting a merchant, the training visit. */
  visits: () => nothing,
};
