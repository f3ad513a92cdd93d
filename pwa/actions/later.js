/** The gestures that the first screens do without. */
import { exchanging } from './exchange.js';
import { makeGestures } from './gestures.js';
import { media } from './media.js';
import { keeping } from './phone.js';
import { reading } from './reading.js';
import { scanning } from './scanning.js';

/** @import { Ports } from '../types.js' */

/** @param {Ports} ports */
export function makeLaterActions(ports) {
  const gestures = makeGestures(ports);
  const [exchange, scan] = [exchanging(ports, gestures), scanning(ports)];
  return {
    ...exchange,
    ...scan,
    ...keeping(ports, gestures),
    ...media(ports, gestures),
    ...reading(ports),

    /** What a screen leaves behind: its camera. */
    leftScreen() {
      exchange.leftScreen();
      scan.stopScanning();
    },
  };
}
