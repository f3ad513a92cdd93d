/** What fills the places of the first screens once all the code is here. */
import { nothing } from '../vendor/lit-html.js';
import { mediaPiece } from './media.js';
import { gravest } from './warnings.js';

/** @type {typeof import('./slots.js').slots} */
export const extras = {
  aloud: () => nothing,
  criterion: mediaPiece,
  start: () => nothing,
  warnings: gravest,
  visits: () => nothing,
};
