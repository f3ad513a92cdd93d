/** What fills the places of the first screens once all the code is here. */
import { html } from '../vendor/lit-html.js';
import { t } from '../text.js';
import { to } from '../routes.js';
import { aloudPiece } from './aloud.js';
import { beforePiece } from './around.js';
import { commitmentsPiece } from './commitments.js';
import { icon } from './icons.js';
import { languageChoice } from './language.js';
import { mediaPiece } from './media.js';
import { asked, questionsPiece } from './questions.js';
import { band, trainingLink } from './training.js';
import { gravest } from './warnings.js';

/** @type {typeof import('./slots.js').slots} */
export const extras = {
  aloud: aloudPiece,
  band,
  criterion: (state, act) => html`${questionsPiece(state)}${mediaPiece(state, act)}${commitmentsPiece(state, act)}`,
  start: beforePiece,
  warnings: gravest,
  asked,
  visits: () => html`
    <nav class="more" aria-label=${t('Autres choses à faire')}>
      <a class="plain wide" href=${to.spot}>${icon('shop')}${t('Repérer un commerce')}</a>
      ${trainingLink()}
    </nav>`,
  join: (state, act) => html`${trainingLink()}${languageChoice(state, act)}`,
};
