/** Which names are written on a map, and where: none over another, none under a pin or a button. Pure. */

/** @typedef {{ name: string, lat: number, lon: number, count: number }} Town */
/** @typedef {{ town: Town, size: [number, number], x: number, y: number }} Named a town, its name's size and its point */
/** @typedef {{ left: number, top: number, right: number, bottom: number }} Box */

const APART = 4; // pixels between two names

/**
 * The first ones first where two want the same room: those with most places, then as they come.
 * @param {Named[]} named
 * @param {Box[]} inTheWay pins, groups and what floats on the map
 * @param {{ width: number, height: number }} map
 * @param {number} beside pixels between a point and its name, where the name does not stand on it
 * @returns {{ town: Town, size: [number, number], offset: [number, number] }[]}
 */
export function spread(named, inTheWay, map, beside) {
  const whole = { left: 0, top: 0, right: map.width, bottom: map.height };
  const taken = [...inTheWay];
  const written = [];
  for (const one of [...named].sort((a, b) => b.town.count - a.town.count)) {
    const offset = placesFor(one.size, beside).find(([right, down]) => {
      const box = around(one.x + right, one.y + down, ...one.size);
      return within(box, whole) && !taken.some((other) => meet(box, other));
    });
    if (!offset) continue;
    taken.push(around(one.x + offset[0], one.y + offset[1], one.size[0] + 2 * APART, one.size[1] + 2 * APART));
    written.push({ town: one.town, size: one.size, offset });
  }
  return written;
}

/**
 * On the point, else below it, above, and on its sides.
 * @param {[number, number]} size
 * @param {number} beside
 * @returns {[number, number][]}
 */
function placesFor([width, height], beside) {
  const [far, high] = [width / 2 + beside, height / 2 + beside];
  return [[0, 0], [0, high], [0, -high], [far, 0], [-far, 0]];
}

/**
 * @param {number} x
 * @param {number} y
 * @param {number} width
 * @param {number} height
 * @returns {Box}
 */
export const around = (x, y, width, height) => ({ left: x - width / 2, right: x + width / 2, top: y - height / 2, bottom: y + height / 2 });

/** @param {Box} one @param {Box} other */
const meet = (one, other) => one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;

/** @param {Box} one @param {Box} other */
const within = (one, other) => one.left >= other.left && one.right <= other.right && one.top >= other.top && one.bottom <= other.bottom;
