/** The camera as a reader of codes: the browser's own detector where it has one, else ours, which works without a network too. */

/** @typedef {(frame: HTMLVideoElement) => Promise<string[]>} Detect */

/**
 * Reads codes until told to stop.
 * @param {HTMLVideoElement} video where the picture is shown
 * @param {(text: string) => unknown} read each time a code was seen, the same one again and again
 * @returns {Promise<() => void>} stops; throws what getUserMedia throws when the camera is refused or missing
 */
export async function readCodes(video, read) {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: false,
    video: { facingMode: 'environment', width: { ideal: 1280 }, height: { ideal: 720 } },
  });
  const detect = (await native()) ?? (await ours());
  let going = true;
  video.srcObject = stream;
  await video.play();
  const look = async () => {
    while (going) {
      for (const text of await detect(video).catch(() => [])) if (going) await read(text);
      await new Promise((next) => setTimeout(next, 40)); // the page must stay quick to the touch
    }
  };
  look();
  return () => {
    going = false;
    video.srcObject = null;
    stream.getTracks().forEach((track) => track.stop());
  };
}

/** @returns {Promise<Detect | null>} */
async function native() {
  const Detector = /** @type {any} */ (globalThis).BarcodeDetector;
  const formats = Detector ? await Detector.getSupportedFormats().catch(() => []) : [];
  if (!formats.includes('qr_code')) return null;
  const detector = new Detector({ formats: ['qr_code'] });
  return async (video) => (await detector.detect(video)).map((/** @type {any} */ { rawValue }) => rawValue);
}

/** @returns {Promise<Detect>} */
async function ours() {
  const { decodeQR } = await import('../vendor/qr/decode.js');
  const canvas = document.createElement('canvas');
  const brush = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }));
  return async (video) => {
    [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
    if (!canvas.width) return [];
    brush.drawImage(video, 0, 0);
    return [decodeQR(brush.getImageData(0, 0, canvas.width, canvas.height))];
  };
}
