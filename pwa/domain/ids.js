/** UUIDv7 ids that sort after everything already seen, whatever the clock says. Twin of backend/domain/ids.py. */

/** The invented visit that every phone may have, and that is never sent. */
export const TRAINING = '00000000-0000-7000-8000-00000000e55a';

const COUNTER_BITS = 12n;
const RANDOM_BITS = 62n;

/**
 * A UUIDv7 for `nowMs`, greater than the id `above`.
 *
 * When `above` is not in the past, its 48-bit time is kept and its 12-bit counter goes up by one; a full counter
 * borrows the next millisecond.
 * @param {number} nowMs Unix milliseconds
 * @param {bigint} randomBits 74 random bits
 * @param {string | null} [above] the greatest id this phone has seen
 * @returns {string}
 */
export function mint(nowMs, randomBits, above = null) {
  let ms = BigInt(nowMs);
  let counter = (randomBits >> RANDOM_BITS) & 0x7ffn; // the top bit stays free for counting up
  if (above !== null) {
    const seen = BigInt('0x' + above.replaceAll('-', ''));
    const seenMs = seen >> 80n;
    if (seenMs >= ms) {
      ms = seenMs;
      counter = ((seen >> 64n) & 0xfffn) + 1n;
      if (counter >> COUNTER_BITS) {
        ms += 1n;
        counter = 0n;
      }
    }
  }
  const tail = randomBits & ((1n << RANDOM_BITS) - 1n);
  const value = (ms << 80n) | (7n << 76n) | (counter << 64n) | (2n << RANDOM_BITS) | tail;
  return value
    .toString(16)
    .padStart(32, '0')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
