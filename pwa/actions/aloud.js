/** Reading aloud, with a voice that is on this phone: nothing that is read leaves it. */

/** @import { Ports } from '../types.js' */

/** @param {Ports} ports */
export function aloud({ set, state }) {
  const speech = /** @type {SpeechSynthesis | undefined} */ (globalThis.speechSynthesis);
  speech?.addEventListener?.('voiceschanged', () => set({})); // some phones find theirs late

  const voice = () => {
    const language = document.documentElement.lang.slice(0, 2);
    return speech?.getVoices().find((one) => one.localService && one.lang.slice(0, 2).toLowerCase() === language) ?? null;
  };

  const stop = () => {
    speech?.cancel();
    if (state().speaking) set({ speaking: false });
  };

  return {
    canSpeak: () => voice() !== null,
    stopSpeaking: stop,

    /** @param {string[]} texts one after the other; again: silence */
    speak(texts) {
      const with_ = voice();
      if (state().speaking || !speech || !with_) return stop();
      speech.cancel();
      texts.forEach((text, at) => {
        const said = new SpeechSynthesisUtterance(text);
        said.voice = with_;
        said.lang = with_.lang;
        if (at === texts.length - 1) said.onend = () => set({ speaking: false });
        speech.speak(said);
      });
      set({ speaking: true });
    },
  };
}
