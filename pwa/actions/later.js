/** The gestures that the first screens do without. */
import { exchanging } from './exchange.js';
import { makeGestures } from './gestures.js';
import { media } from './media.js';
import { keeping } from './phone.js';
import { reading } from './reading.js';

/** @import { Ports } from '../types.js' */

/** @param {Ports} ports */
export function makeLaterActions(ports) {
  const gestures = makeGestures(ports);
  return { ...exchanging(ports, gestures), ...keeping(ports, gestures), ...media(ports, gestures), ...reading(ports) };
}
