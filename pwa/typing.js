/**
 * What is being typed, written down as it is typed: one write at a time, always the latest text, so that a page killed
 * between two keys loses at most the keys pressed since the last write. It becomes an entry when one leaves the field.
 */

/** @import { Draft, Store } from './types.js' */

/** What becomes an entry as soon as one leaves the field; the rest waits for its button. @type {Draft['kind'][]} */
export const AT_ONCE = ['remark', 'reason'];

/**
 * @param {Store} store
 */
export function makeTyping(store) {
  /** @type {Map<string, Draft>} what this page shows, ahead of the disk */
  const typed = new Map();
  /** @type {Map<string, Draft>} the last ones that are on disk */
  const onDisk = new Map();
  /** @type {Promise<void> | null} */
  let writing = null;

  const unwritten = () => [...typed.values()].find((draft) => onDisk.get(draft.place) !== draft);

  const writeAll = async () => {
    for (let draft = unwritten(); draft; draft = unwritten()) {
      await store.keepTyping(draft);
      onDisk.set(draft.place, draft);
    }
  };

  /** Resolves when all that was typed is on disk. */
  const written = () =>
    (writing ??= writeAll().finally(() => {
      writing = null;
    }));

  /** @param {Draft} draft */
  const type = (draft) => {
    typed.set(draft.place, draft);
    return written();
  };

  return {
    type,

    /** @param {string} place @returns {string | null} */
    textAt: (place) => typed.get(place)?.text ?? null,

    /** What the text being typed there replaces. @param {string} place */
    overAt: (place) => typed.get(place)?.over ?? null,

    /** What was typed there has become something else. @param {string} place */
    forget(place) {
      typed.delete(place);
      onDisk.delete(place);
    },

    /** Whether all that was typed at this place is on disk. @param {string} place */
    isKept: (place) => typed.has(place) && typed.get(place) === onDisk.get(place),

    /** Everything typed so far becomes remarks. @returns {Promise<boolean>} whether there was anything */
    async finish() {
      await written();
      let wrote = false;
      for (const [place, draft] of typed) {
        if (!AT_ONCE.includes(draft.kind)) continue;
        const [made] = await store.typingDone(draft.visit, draft.author, place);
        wrote ||= made !== undefined;
        const now = typed.get(place);
        if (now === draft) typed.delete(place);
        else if (now && made) await type({ ...now, over: [made.id] }); // typing went on meanwhile
      }
      return wrote;
    },
  };
}
