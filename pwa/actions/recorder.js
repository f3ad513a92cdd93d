/** The microphone: one note at a time, of at most a minute. */

const LONGEST_S = 60;
const TYPES = ['audio/webm;codecs=opus', 'audio/mp4', 'audio/ogg;codecs=opus'];

export const canRecord = () => typeof MediaRecorder !== 'undefined' && Boolean(navigator.mediaDevices?.getUserMedia);

/**
 * Starts to record.
 * @param {(seconds: number) => void} tick each second
 * @returns {Promise<{ stop: () => void, done: Promise<Blob> }>} done: once stopped, by hand or after a minute
 * @throws {DOMException} NotAllowedError when the microphone is refused, NotFoundError when there is none
 */
export async function record(tick) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, noiseSuppression: true } });
  const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
  const recorder = new MediaRecorder(stream, { ...(mimeType && { mimeType }), audioBitsPerSecond: 24_000 });
  /** @type {Blob[]} */
  const parts = [];
  recorder.addEventListener('dataavailable', ({ data }) => parts.push(data));
  let seconds = 0;
  const timer = setInterval(() => {
    seconds += 1;
    tick(seconds);
    if (seconds >= LONGEST_S) stop();
  }, 1000);
  const stop = () => recorder.state === 'inactive' || recorder.stop();
  /** @type {Promise<Blob>} */
  const done = new Promise((stopped) => {
    recorder.addEventListener('stop', () => {
      clearInterval(timer);
      stream.getTracks().forEach((track) => track.stop());
      stopped(new Blob(parts, { type: recorder.mimeType.split(';')[0] }));
    });
  });
  recorder.start(1000);
  return { stop, done };
}
