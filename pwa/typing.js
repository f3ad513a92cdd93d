/**
 * What is being typed, written down as it is typed: one write at a time, always the latest text, so that a page killed
 * between two keys loses at most the keys pressed since the last write. It becomes an entry when one leaves the field.
 */

/**
 * @typedef {import('./types.js').Draft} Draft
 * @param {import('./store/store.js').Store} store
 */
export function makeTyping(store) {
  /** @type {Map<string, Draft>} what this page shows, ahead of the disk */
  const typed = new Map();
  /** @type {Promise<void>} */
  let writing = Promise.resolve();
  /** @type {Draft | null} */
  let next = null;
  /** @type {Draft | null} the last one that is on disk */
  let onDisk = null;

  const pump = async () => {
    while (next) {
      const draft = next;
      next = null;
      await store.keepTyping(draft);
      onDisk = draft;
    }
  };

  return {
    /** @param {string} place @returns {string | null} */
    textAt: (place) => typed.get(place)?.text ?? null,

    /** What the text being typed there replaces. @param {string} place */
    overAt: (place) => typed.get(place)?.over ?? null,

    /** Whether all that was typed at this place is on disk. @param {string} place */
    isKept: (place) => typed.get(place) === onDisk,

    /** @param {Draft} draft */
    type(draft) {
      typed.set(draft.place, draft);
      const idle = !next;
      next = draft;
      if (idle) writing = writing.catch(() => {}).then(pump);
      return writing;
    },

    /** Everything typed so far becomes remarks. */
    async finish() {
      await writing;
      for (const [place, draft] of typed) {
        if (draft.kind !== 'remark') continue;
        const [made] = await store.typingDone(draft.visit, draft.author, place);
        const now = typed.get(place);
        if (now === draft) typed.delete(place);
        else if (now && made) now.over = [made.id]; // typing went on meanwhile
      }
    },
  };
}
