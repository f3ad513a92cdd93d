/** What one can do with what this phone keeps. */

/** @import { Kept } from '../types.js' */

export const keeping = () => ({
  /** @param {Kept} record */
  exportEntry(record) {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([JSON.stringify(record, null, 2)], { type: 'application/json' }));
    link.download = `caisse-${record.id}.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  },
});
