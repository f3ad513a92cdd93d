/** Reads a question and its sentences aloud, where this phone has a voice of its own. */
import { html, nothing } from '../vendor/lit-html.js';
import { t } from '../text.js';
import { icon } from './icons.js';

/** @import { Act, InVisit } from '../types.js' */

/** @param {InVisit} state @param {Act} act */
export function aloudPiece({ visit, at, speaking }, act) {
  if (!act.canSpeak()) return nothing;
  const { question, help, levels, may_not_apply: mayNot } = visit.answers[at].criterion;
  const texts = [
    t(question),
    ...(help ? [t(help)] : []),
    ...levels.map(({ sentence }, rank) => t('Réponse {n} : {sentence}', { n: rank + 1, sentence: t(sentence) })),
    ...(mayNot ? [t('Ou : ne s’applique pas.')] : []),
  ];
  return html`
    <p><button type="button" class="quiet aloud" aria-pressed=${String(speaking)} @click=${() => act.speak(texts)}>
      ${icon(speaking ? 'stop' : 'aloud')}<span>${speaking ? t('Arrêter la lecture') : t('Lire à voix haute')}</span>
    </button></p>`;
}
