/** What the fund says is to be done, as this phone keeps it. */

import { releaseHeld } from './held.js';

/** @import { Field, StorePorts, Write } from '../types.js' */

/** @param {Write} write @param {StorePorts} ports */
export const field = (write, { clock }) => ({
  /**
   * The fund's list of visits. A visit that left it stays here when something was written to it; a grid stays for ever.
   * @param {Field} field
   * @param {string | null} etag
   * @returns whether something that was held may be sent now
   */
  fieldArrived: (field, etag) =>
    write(['facts', 'visits', 'grids', 'entries', 'drafts', 'media'], async (tx) => {
      const [facts, visits, grids, entries] = ['facts', 'visits', 'grids', 'entries'].map((store) =>
        tx.objectStore(store),
      );
      const leaving = (await facts.get('leaving')) ?? [];
      if (leaving.length) return false; // asked before someone left
      const listed = new Set(field.visits.map(({ id }) => id));
      for (const visit of await visits.getAll()) {
        if (listed.has(visit.id) || visit.held || visit.training) continue;
        const written = await entries.index('visit').count(visit.id);
        await (written ? visits.put({ ...visit, withdrawn: true }) : visits.delete(visit.id));
      }
      const changed = { people: field.people, territory: field.territory, etag, field_at: clock() };
      await Promise.all([
        ...field.visits.map((visit) => visits.put(visit)),
        ...Object.entries(field.grids).map(([id, grid]) => grids.put({ ...grid, id })),
        ...Object.entries(changed).map(([key, value]) => facts.put(value, key)),
      ]);
      return releaseHeld(tx, field.people);
    }),
});
