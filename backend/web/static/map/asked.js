/** Questions to a worker and their answers. */

/** A worker that is asked, and answers. */
export class Asked {
  /** @param {URL} address */
  constructor(address) {
    this.worker = new Worker(address, { type: 'module' });
    this.asked = 0;
    /** @type {Map<number, { resolve: (answer: any) => void, reject: (error: unknown) => void }>} */ this.waiting = new Map();
    this.worker.addEventListener('message', ({ data: { id, answer, failed } }) => {
      const waiting = this.waiting.get(id);
      this.waiting.delete(id);
      if (failed) waiting?.reject(new Error(failed));
      else waiting?.resolve(answer);
    });
    this.worker.addEventListener('error', () => {
      for (const { reject } of this.waiting.values()) reject(new Error('worker'));
      this.waiting.clear();
    });
  }

  /**
   * @param {string} ask
   * @param {Record<string, unknown>} request
   * @returns {Promise<any>}
   */
  ask(ask, request) {
    const id = (this.asked += 1);
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage({ id, ask, ...request });
    });
  }
}
