/**
 * Sends what waits, oldest first, and takes in what the others wrote. Nothing is "received" before the fund's own receipt
 * says so; a failure of the network stops the round and a later one begins where it stopped.
 */
import { delay } from './backoff.js';
import { sendPhotos } from './photos.js';

/** @import { Api, Batch, No, Progress, Store } from '../types.js' */

const BATCH = { entries: 500, bytes: 200_000 };
const FIELD_FRESH = 60_000;

/**
 * @param {object} ports
 * @param {Api} ports.api
 * @param {Store} ports.store
 * @param {() => number} ports.clock Unix milliseconds
 * @param {() => number} ports.random from 0 to 1
 * @param {<T>(work: () => Promise<T>) => Promise<T>} ports.alone runs `work` while no other tab does
 * @param {(work: () => void, ms: number) => unknown} ports.later like setTimeout
 * @param {(timer: any) => void} ports.forget like clearTimeout
 * @param {(progress: Progress) => void} ports.show
 */
export function makeOutbox({ api, store, clock, random, alone, later, forget, show }) {
  let failures = 0;
  /** @type {unknown} */
  let timer = null;
  /** @type {Promise<void> | null} */
  let running = null;
  let again = false;
  let byHand = false;
  let fieldAt = 0;

  /** One round, then another when something was written meanwhile. */
  const rounds = async () => {
    let outcome;
    do {
      const pressed = byHand;
      again = byHand = false;
      outcome = await alone(() => round(pressed));
      settle(outcome);
    } while (byHand || (again && outcome.kind === 'done'));
  };

  /** @param {{ kind: 'done' } | No} outcome */
  const settle = (outcome) => {
    forget(timer);
    timer = null;
    if (outcome.kind === 'done') {
      failures = 0;
      return show({ phase: 'idle', detail: null });
    }
    const detail = outcome.problem?.detail ?? null;
    if (outcome.kind === 'signed_out') return show({ phase: 'paused', detail });
    failures += 1;
    const wait = Math.max('after' in outcome ? outcome.after : 0, delay(failures, random()));
    timer = later(() => wake({ now: true }), wait);
    show({ phase: 'waiting', detail });
  };

  /** @param {boolean} pressed @returns {Promise<{ kind: 'done' } | No>} */
  const round = async (pressed) => {
    const told = await tellLeavings();
    const facts = await store.facts();
    if (told.kind !== 'done' || !facts.people?.length) return told;
    if (facts.signed_out && !pressed) return { kind: 'signed_out', problem: null };
    show({ phase: 'sending', detail: null });
    const sent = await exchange();
    const shown = sent.kind === 'done' ? await photos() : sent;
    const outcome = shown.kind === 'done' ? await refresh(pressed) : shown;
    if (outcome.kind === 'signed_out') await store.remember({ signed_out: true });
    return outcome;
  };

  /** Who left this phone, before anything else is said or asked. @returns {Promise<{ kind: 'done' } | No>} */
  const tellLeavings = async () => {
    for (const person of (await store.facts()).leaving ?? []) {
      const answer = await api.leave(person);
      if (answer.kind !== 'left') return answer;
      await store.leavingTold(person);
    }
    return { kind: 'done' };
  };

  /** @returns {Promise<{ kind: 'done' } | No>} */
  const exchange = async () => {
    for (;;) {
      const batch = await store.nextBatch(BATCH);
      const outcome = await deliver(batch);
      if (outcome.kind !== 'receipt') return outcome;
      if (!outcome.more && !batch.entries.length) return { kind: 'done' };
    }
  };

  /** The photos and notes that wait; then the fund is asked what it has of them. @returns {Promise<{ kind: 'done' } | No>} */
  const photos = async () => {
    const outcome = await sendPhotos({ api, store });
    return outcome.kind === 'done' && outcome.sent ? exchange() : outcome;
  };

  /**
   * A batch that is refused whole proves nothing about its entries: halves are tried, down to the one that is at fault.
   * @param {Batch} batch
   * @returns {Promise<{ kind: 'receipt', more: boolean } | No>}
   */
  const deliver = async (batch) => {
    const ids = batch.entries.map(({ id }) => id);
    const answer = await api.journal(batch);
    if (answer.kind === 'receipt') {
      const { restored } = await store.receiptArrived(batch, answer.receipt, clock());
      const progressed =
        !ids.length ||
        ids.some((id) => answer.receipt.accepted.includes(id) || answer.receipt.rejected.some((no) => no.id === id));
      return progressed
        ? { kind: 'receipt', more: restored || answer.receipt.more === true }
        : { kind: 'later', problem: null, after: 0 };
    }
    const divisible = answer.kind === 'refused' && [400, 413, 422].includes(answer.status);
    if (divisible && ids.length > 1) return halves(batch);
    if (divisible && ids.length === 1 && (await takesEmpty(batch))) {
      await store.refused(ids[0], answer.problem);
      return { kind: 'receipt', more: true };
    }
    await store.giveBack(ids);
    return answer;
  };

  /** @param {Batch} batch @returns {ReturnType<typeof deliver>} */
  const halves = async (batch) => {
    const middle = batch.entries.length >> 1;
    const first = await deliver({ ...batch, entries: batch.entries.slice(0, middle) });
    const rest = batch.entries.slice(middle);
    if (first.kind === 'receipt') return deliver({ ...batch, entries: rest });
    await store.giveBack(rest.map(({ id }) => id));
    return first;
  };

  /**
   * Whether the fund takes a batch of nothing: then it is the entry it will not have.
   * @param {Batch} batch
   */
  const takesEmpty = async (batch) => (await api.journal({ ...batch, entries: [] })).kind === 'receipt';

  /** The list of visits, when ours is older than a minute. @param {boolean} pressed @returns {Promise<{ kind: 'done' } | No>} */
  const refresh = async (pressed) => {
    if (!pressed && clock() - fieldAt < FIELD_FRESH) return { kind: 'done' };
    const facts = await store.facts();
    const answer = await api.field(facts.etag ?? null);
    if (answer.kind !== 'unchanged' && answer.kind !== 'field') return answer;
    fieldAt = clock();
    if (answer.kind === 'field') {
      if (await store.fieldArrived(answer.field, answer.etag)) again = true;
      if (await store.epochSeen(answer.field.epoch)) again = true;
    }
    return { kind: 'done' };
  };

  /**
   * Sends right away, or right after the round that is under way. While a pause between two tries runs, only `now` cuts it short.
   * @param {{ now?: boolean, byHand?: boolean }} [how] byHand: even when a new code seems needed
   * @returns {Promise<void>}
   */
  const wake = async ({ now = false, byHand: pressed = false } = {}) => {
    if (timer && !now && !pressed) return;
    forget(timer);
    timer = null;
    again = true;
    byHand ||= pressed;
    running ??= rounds().finally(() => {
      running = null;
    });
    await running;
  };

  return { wake };
}
