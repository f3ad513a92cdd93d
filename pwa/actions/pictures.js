/** Photos made small before they are kept: drawn again, so that nothing is left of where they were taken. */

const LONGEST = 1600;
const HEAVIEST = 300_000;
const QUALITIES = [0.82, 0.72, 0.6, 0.5];
const LARGEST_FILE = 60_000_000;

/** The phone cannot read this file as a photo. */
export class Unreadable extends Error {
  name = 'Unreadable';
}

/**
 * @param {Blob} file as the camera or the gallery gives it
 * @returns {Promise<{ bytes: ArrayBuffer, media: string }>} a JPEG of at most 1600 px and 300 kB; throws Unreadable
 */
export async function shrunk(file) {
  const picture = await decoded(file);
  try {
    for (let side = LONGEST; ; side = Math.round(side * 0.75)) {
      const canvas = drawn(picture, side);
      for (const quality of QUALITIES) {
        const blob = await encoded(canvas, quality);
        if (blob.size <= HEAVIEST || side < 400) return { bytes: await blob.arrayBuffer(), media: 'image/jpeg' };
      }
    }
  } finally {
    picture.close();
  }
}

/** @param {Blob} file */
async function decoded(file) {
  if (!file.size || file.size > LARGEST_FILE) throw new Unreadable();
  try {
    return await createImageBitmap(file, { imageOrientation: 'from-image' });
  } catch {
    throw new Unreadable();
  }
}

/** @param {ImageBitmap} picture @param {number} side the longest, pixels */
function drawn(picture, side) {
  const part = Math.min(1, side / Math.max(picture.width, picture.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(picture.width * part));
  canvas.height = Math.max(1, Math.round(picture.height * part));
  const brush = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { alpha: false }));
  brush.imageSmoothingQuality = 'high';
  brush.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** @param {HTMLCanvasElement} canvas @param {number} quality @returns {Promise<Blob>} */
const encoded = (canvas, quality) =>
  new Promise((done, failed) =>
    canvas.toBlob((blob) => (blob ? done(blob) : failed(new Unreadable())), 'image/jpeg', quality),
  );

/** @param {ArrayBuffer | Uint8Array} bytes @returns {Promise<string>} in hexadecimal */
export async function sha256Of(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', /** @type {BufferSource} */ (bytes)));
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
