/** What a person can do here: one function per gesture. Each writes first and speaks afterwards. */
import { answering } from './answers.js';
import { makeGestures } from './gestures.js';
import { joining } from './joining.js';
import { visiting } from './visit.js';

/** @import { Act, LateAct, Ports } from '../types.js' */

/**
 * The gestures of the first screens.
 * @param {Ports} ports
 */
export function makeActions(ports) {
  const { send, typing, state, set, takeUpdate, bringTheRest } = ports;
  const gestures = makeGestures(ports);
  const { attempt } = gestures;
  return {
    ...joining(ports),
    ...visiting(ports, gestures),
    ...answering(ports, gestures),

    finishTyping: () => attempt(typing.finish),
    send: () => send({ now: true, byHand: true }),

    async update() {
      await typing.finish();
      takeUpdate();
    },

    /** In the version that waits, when there is one: perhaps it can open what this one cannot. */
    reload() {
      if (state().update) takeUpdate();
      else location.reload();
    },
    forgetFailure: () => set({ failure: null }),

    /**
     * A gesture whose code comes after the first screen: waits for it when it is not here yet.
     * @template {keyof LateAct} N
     * @param {N} name @param {Parameters<LateAct[N]>} given
     */
    async later(name, ...given) {
      const act = /** @type {Act} */ (await bringTheRest());
      return /** @type {(...given: any[]) => unknown} */ (act[name])(...given);
    },

    openHelp: () => helpSheet().showModal(),
    closeHelp: () => helpSheet().close(),

    /** A touch beside the sheet closes it. @param {Event} event */
    closeHelpOutside: (event) => event.target === helpSheet() && helpSheet().close(),

    /** @param {Event} event */
    skipToContent(event) {
      event.preventDefault();
      document.querySelector('h1')?.focus();
    },
  };
}

const helpSheet = () => /** @type {HTMLDialogElement} */ (document.getElementById('help'));
