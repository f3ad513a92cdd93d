/** What is said around a visit: being unable to come, commitments, answers to the coordination, merchants spotted. */
import { isoWithOffset, randomBits } from './journal.js';
import { mint } from '../domain/ids.js';

/** @import { Body, Draft, Journal, Media, StorePorts, Write } from '../types.js' */

/** @param {Write} write @param {Journal} journal @param {StorePorts} ports */
export const around = (write, { append }, { clock, random, app }) => ({
  /** @param {string} visit @param {string} author @param {string} text */
  cannotCome: (visit, author, text) =>
    append(visit, author, () => [{ kind: 'cannot_come', text }], taking('unable')),

  /**
   * A commitment of the merchant; an empty text erases the one it replaces.
   * @param {string} visit @param {string} author
   * @param {{ criterion: string, text: string, due: string | null, supersedes: string[] }} commitment
   */
  noteCommitment: (visit, author, commitment) =>
    append(visit, author, () => [{ kind: 'commitment_noted', ...commitment }], taking('commitment', commitment.criterion)),

  /** Typed or spoken. @param {string} visit @param {string} author @param {string} question @param {{ text: string } | { voice: string }} said @param {Media[]} [media] */
  answerQuestion: (visit, author, question, said, media = []) =>
    append(visit, author, () => [{ kind: 'question_answered', question, ...said }], { ...taking('answer', question), media }),

  /** A merchant seen on the street; its photos are here already. @param {string} author @param {Body} spotted */
  spot: (author, spotted) =>
    write(['entries', 'drafts'], async (tx) => {
      const [entries, drafts] = ['entries', 'drafts'].map((store) => tx.objectStore(store));
      const newest = await entries.openKeyCursor(null, 'prev');
      const now = clock();
      const id = mint(now, randomBits(random), /** @type {string | null} */ (newest?.key ?? null));
      const entry = /** @type {any} */ ({ id, v: 1, author, at: isoWithOffset(now), app, ...spotted });
      const record = { id, visit: '', entry, status: 'local', problem: null, origin: 'here', confirmed: true, brought_by: null };
      await entries.put(record);
      for (const draft of await drafts.getAll()) if (draft.kind === 'spot') await drafts.delete(draft.place);
      return record;
    }),

  /** Bytes that an entry will announce. @param {Media} one */
  keepMedium: (one) =>
    write(['media'], async (tx) => {
      await tx.objectStore('media').put(one);
    }),

  /** The merchants of the territory as the fund told them, with their etag. @returns {Promise<any>} */
  merchants: () => write(['merchants'], (tx) => tx.objectStore('merchants').get('all')),

  /** @param {object} told */
  keepMerchants: (told) =>
    write(['merchants'], async (tx) => {
      await tx.objectStore('merchants').put(told, 'all');
    }),
});

/** The draft that the button takes. @param {Draft['kind']} kind @param {string} [about] */
const taking = (kind, about = '') => ({
  done: (/** @type {Draft} */ draft) => draft.kind === kind && draft.criterion === about,
});
