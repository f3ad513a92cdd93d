/**
 * The training visit: kept like any other, but with a status that the outbox never looks for, so that nothing of it is ever sent.
 */

/** @import { Body, Grid, Journal, Visit, Write } from '../types.js' */

/** @param {Write} write @param {Journal} journal */
export const training = (write, { append }) => ({
  /**
   * Puts the invented shop on this phone, with what the invented partner has answered already.
   * @param {Visit} visit @param {Grid & { id: string }} grid @param {string} partner @param {Body[]} bodies
   */
  async beginTraining(visit, grid, partner, bodies) {
    await write(['visits', 'grids'], async (tx) => {
      await Promise.all([tx.objectStore('visits').put(visit), tx.objectStore('grids').put(grid)]);
    });
    await append(visit.id, partner, (state) => (state.ids.length ? [] : bodies));
  },

  /** Nothing of it stays. @param {string} visit */
  forgetTraining: (visit) =>
    write(['visits', 'entries', 'drafts', 'media'], async (tx) => {
      const [visits, entries, drafts, media] = ['visits', 'entries', 'drafts', 'media'].map((name) => tx.objectStore(name));
      const mine = async (/** @type {any} */ store, /** @type {string} */ key) =>
        (await store.getAll()).filter((/** @type {any} */ one) => one.visit === visit).map((/** @type {any} */ one) => store.delete(one[key]));
      await Promise.all([
        visits.delete(visit),
        ...(await mine(entries, 'id')),
        ...(await mine(drafts, 'place')),
        ...(await mine(media, 'sha256')),
      ]);
    }),
});
