/**
 * Places of the first screens that later code fills: a question can be answered before the code for photos, voice or spotting
 * is here. Each draws nothing until then.
 */
import { nothing } from '../vendor/lit-html.js';

/** @import { Act, Template } from '../types.js' */

/** @typedef {(state: any, act: Act) => Template | Template[]} Piece */

/** @type {Record<'aloud' | 'band' | 'criterion' | 'start' | 'warnings' | 'asked' | 'visits' | 'join', Piece>} */
export const slots = {
  /** Beside the question. */
  aloud: () => nothing,
  /** Under the answers of a criterion: photos, voice, commitments, questions of the coordination. */
  criterion: () => nothing,
  /** Before a visit: what to bring, the letter, calling, not being able to come. */
  start: () => nothing,
  /** At the top of the list of visits: what could go wrong on this phone. */
  warnings: () => nothing,
  /** On the card of a visit: questions that wait for an answer. */
  asked: () => nothing,
  /** Above every screen of the training visit. */
  band: () => nothing,
  /** Where nobody has joined yet. */
  join: () => nothing,
  /** Under the list of visits: spotting a merchant, the training visit. */
  visits: () => nothing,
};
