/** The gestures that the first screens do without. */
import { makeGestures } from './gestures.js';
import { keeping } from './phone.js';
import { reading } from './reading.js';

/** @import { Ports } from '../types.js' */

/** @param {Ports} ports */
export const makeLaterActions = (ports) => ({ ...keeping(ports, makeGestures(ports)), ...reading(ports) });
