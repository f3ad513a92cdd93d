/** The gestures that the first screens do without. */
import { keeping } from './phone.js';
import { reading } from './reading.js';

/** @import { Ports } from '../types.js' */

/** @param {Ports} ports */
export const makeLaterActions = (ports) => ({ ...keeping(), ...reading(ports) });
