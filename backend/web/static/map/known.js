/** What the phone holds of the places: all of them in a worker, their lines of the list some at a time, both of one version. */
import { Asked } from './asked.js';
import { Changed, Lines } from './list.js';

/** @import { Row } from './list.js' */
/** @import { Item } from './pins.js' */

/** @typedef {{ query: string, now: number, near: [number, number] | null }} Question */
/** @typedef {{ counts: { active: number, soon: number }, momentAsked: boolean }} Answer */

const ADDRESS = '/lieux.json';

export class Known {
  /**
   * @param {URL} address of the worker
   * @param {{ block: number, version: string }} page what the page knows before
   * @param {() => Question} question
   * @param {(answer: Answer, others: boolean) => Promise<void>} loaded `others`: these are not the places of before
   */
  constructor(address, { block, version }, question, loaded) {
    this.address = address;
    this.block = block;
    this.lines = new Lines(block, version);
    this.question = question;
    this.loaded = loaded;
    /** @type {Asked | undefined} */ this.worker = undefined;
  }

  async load() {
    this.worker ??= new Asked(this.address);
    const { version, ...answer } = await this.ask('load', { address: ADDRESS, ...this.question() });
    const others = version !== this.lines.version;
    if (others) this.lines = new Lines(this.block, version);
    await this.loaded(answer, others);
  }

  /**
   * @param {string} question
   * @param {Record<string, unknown>} request
   * @returns {Promise<any>}
   */
  async ask(question, request) {
    return this.worker?.ask(question, request);
  }

  /**
   * The first places of the list and their lines.
   * @param {number} to
   * @returns {Promise<{ rows: Row[], items: HTMLElement[] }>}
   */
  rows(to) {
    return this.inStep(async () => {
      /** @type {Row[]} */ const rows = await this.ask('rows', { from: 0, to });
      return { rows, items: await Promise.all(rows.map(({ row }) => this.lines.of(row))) };
    });
  }

  /**
   * A place and its line, by what was drawn of it.
   * @param {Item} item
   */
  lineOf(item) {
    return this.inStep(async (again) => {
      /** @type {Item} */ const here = again ? await this.ask('sameAs', { ...item }) : item;
      return { here, line: await this.lines.of(Number(here.row)) };
    });
  }

  /**
   * Do what needs places and lines of one version. When they have changed meanwhile all is fetched anew, once.
   * @template Done
   * @param {(again: boolean) => Promise<Done>} work
   * @returns {Promise<Done>}
   */
  async inStep(work) {
    try {
      return await work(false);
    } catch (error) {
      if (!(error instanceof Changed)) throw error;
      await this.load();
      return work(true);
    }
  }
}
