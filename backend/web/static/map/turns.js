/** What comes in time: of several answers the last one asked for, and what changes from minute to minute. */

const MINUTE = 60_000; // ms

/** Of several answers on their way only the one asked for last counts. */
export class Turns {
  constructor() {
    this.last = 0;
  }

  /** @returns {() => boolean} whether nothing newer was asked meanwhile */
  take() {
    const mine = (this.last += 1);
    return () => mine === this.last;
  }
}

/** Do this each minute while somebody looks, and when they look again. @param {() => unknown} work */
export function eachMinute(work) {
  const look = () => {
    if (!document.hidden) work();
  };
  setInterval(look, MINUTE);
  document.addEventListener('visibilitychange', look);
}
