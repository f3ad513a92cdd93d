/** Every screen of the app, by name. */
import { closed } from './closed.js';
import { closing } from './closing.js';
import { criterion } from './criterion.js';
import { impossible } from './impossible.js';
import { join } from './join.js';
import { phone } from './phone.js';
import { start } from './start.js';
import { summary } from './summary.js';
import { trouble } from './trouble.js';
import { visits } from './visits.js';

/** @type {Record<string, import('./frame.js').View>} */
export const VIEWS = { closed, closing, criterion, impossible, join, phone, start, summary, trouble, visits };
