/** The gestures that the first screens do without. */
import { aloud } from './aloud.js';
import { arounding } from './around.js';
import { exchanging } from './exchange.js';
import { makeGestures } from './gestures.js';
import { media } from './media.js';
import { keeping } from './phone.js';
import { reading } from './reading.js';
import { scanning } from './scanning.js';
import { spotting } from './spotting.js';
import { trainer } from './training.js';

/** @import { Ports } from '../types.js' */

/** @param {Ports} ports */
export function makeLaterActions(ports) {
  const gestures = makeGestures(ports);
  const phoneToPhone = exchanging(ports, gestures);
  const reader = aloud(ports);
  const scan = scanning(ports);
  return {
    ...phoneToPhone,
    ...reader,
    ...scan,
    ...arounding(ports, gestures),
    ...keeping(ports, gestures),
    ...media(ports, gestures),
    ...reading(ports),
    ...spotting(ports, gestures),
    ...trainer(ports, gestures),

    /** What a screen leaves behind: cameras, codes that play, voices. */
    leftScreen() {
      phoneToPhone.leftScreen();
      scan.stopScanning();
      reader.stopSpeaking();
    },
  };
}
