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
