import { html, nothing } from '../vendor/lit-html.js';
import { N_, t, tn, typeset } from '../text.js';
import { to } from '../routes.js';
import { icon } from './icons.js';
import { ended, gridNotice } from './parts.js';
import { scored } from './scored.js';
import { toldByFamily } from './told.js';

/** @import { Act, Answer, OpenVisit, View } from '../types.js' */

/** @type {View} */
export const closed = {
  title: (state) => state.visit.merchant.name,
  help: () => [
    t('Ici, vous relisez ce qui a été noté.'),
    t('Quand la caisse a tout reçu, c’est écrit en haut de la page.'),
    t('La décision du comité s’affiche ici quand le commerce la connaît.'),
  ],
  back: () => ({ href: to.visits, text: t('Visites') }),
  body: (state, act) => html`
    ${state.thanks ? thanks(state.visit) : html`<h1 tabindex="-1">${state.visit.merchant.name}</h1>`}
    ${ended(state.visit)}
    ${state.visit.training ? nothing : journey(state.visit)}
    ${state.visit.threads.length ? html`<a class="plain wide" href=${to.questions(state.visit.id)}>${icon('remark')}${t('Questions de la coordination')}</a>` : nothing}
    ${state.visit.outcome ? outcome(state.visit.outcome) : nothing}
    ${
      state.visit.impossible
        ? impossible(state.visit.impossible)
        : html`${state.score ? scored(state) : nothing}${toldByFamily(state, act)}`
    }
    ${gridNotice(state.visit.grid)}
    ${state.visit.impossible ? nothing : keepIt(act)}`,
  steps: (state) =>
    state.thanks
      ? html`<nav class="steps" aria-label=${t('La suite')}>
          <a class="next" href=${to.visits}>${t('Revenir à mes visites')}${icon('next')}</a>
        </nav>`
      : nothing,
};

/** @param {Act} act */
const keepIt = (act) => html`
  <p class="pair unprinted">
    <button type="button" class="plain" @click=${() => act.later('shareVisit')}>${icon('share')}${t('Partager')}</button>
    <button type="button" class="plain" @click=${() => act.later('printVisit')}>${icon('print')}${t('Imprimer')}</button>
  </p>`;

/** @param {OpenVisit} visit */
const thanks = ({ merchant, impossible: gone }) => html`
  <div class="welcome">
    <img src="icons/basket.svg" alt="" width="160" height="120" />
    <h1 tabindex="-1">${t('Merci !')}</h1>
    <p>${
      gone
        ? t('C’est noté pour {name}. La coordination verra avec vous ce qui est possible.', { name: merchant.name })
        : t('Grâce à vous, le comité pourra décider pour {name} en connaissance de cause.', { name: merchant.name })
    }</p>
  </div>`;

const STEPS = /** @type {const} */ (['phone', 'send', 'received']);
const REACHED = /** @type {Record<string, number>} */ ({
  rejected: 0,
  local: 0,
  sending: 1,
  received: 2,
  decided: 2,
});

/** From this phone to the fund: where it is now. @param {OpenVisit} visit */
const journey = ({ id, impossible: gone, standing, state, toMend, otherRefusals }) => html`
  <section class="journey" aria-label=${t('Où en est l’envoi')}>
    <ol>${STEPS.map((picture, at) => step(picture, at, REACHED[standing]))}</ol>
    <p>${t(gone && standing === 'received' ? N_('La caisse l’a reçu.') : JOURNEY[standing])}</p>
    ${state === 'decided' ? nothing : toMendList(id, toMend)}
    ${otherRefusals ? toCorrect(otherRefusals) : nothing}
  </section>`;

/** @param {typeof STEPS[number]} picture @param {number} at @param {number} reached */
const step = (picture, at, reached) => html`
  <li class=${at === reached || !at ? 'done' : ''} aria-current=${at === reached ? 'step' : 'false'}>
    ${icon(picture)}<span>${t(STEP_WORDS[at])}</span>
  </li>`;

/** @param {number} n */
const toCorrect = (n) => html`
  <a class="plain wide" href=${to.phone}>
    ${icon('alert')}${tn('Voir l’élément à corriger', 'Voir les {n} éléments à corriger', n)}
  </a>`;

/** What was refused, one by one; what was answered twice apart, beginning with the first. @param {string} visit @param {Answer[]} toMend */
function toMendList(visit, toMend) {
  const refused = toMend.filter(({ refusals }) => refusals.length);
  const unsettled = toMend.filter(({ refusals }) => !refusals.length);
  if (unsettled.length < 2) return toMend.map((answer) => mend(visit, answer));
  return html`
    ${refused.map((answer) => mend(visit, answer))}
    <a class="plain wide" href=${to.criterion(visit, unsettled[0].criterion.id)}>
      ${icon('people')}${t('Départager {n} questions', { n: unsettled.length })}
    </a>`;
}

/** @param {string} visit @param {Answer} answer */
const mend = (visit, { criterion, refusals }) => html`
  <a class="plain wide" href=${to.criterion(visit, criterion.id)}>
    ${icon(refusals.length ? 'alert' : 'people')}
    ${t(refusals.length ? N_('Corriger : {name}') : N_('Départager : {name}'), { name: criterion.name })}
  </a>`;

const STEP_WORDS = [N_('sur ce téléphone'), N_('envoi en cours'), N_('reçu par la caisse')];
const JOURNEY = /** @type {Record<string, string>} */ ({
  rejected: N_('Quelque chose est à corriger. Le reste est parti ou va partir.'),
  local: N_('C’est enregistré sur ce téléphone. Nous l’enverrons dès qu’il y a du réseau.'),
  sending: N_('L’envoi est en cours.'),
  received: N_('La caisse a tout reçu. Le comité va en discuter.'),
  decided: N_('Le comité a décidé. Sa décision est ici dès que le commerce la connaît.'),
});

const DECISIONS = /** @type {Record<string, string>} */ ({
  accredited: N_('Conventionné'),
  accredited_with_commitments: N_('Conventionné avec engagements'),
  deferred: N_('À revoir'),
  declined: N_('Non retenu'),
});

/** @param {{ decision: string, reasons: string }} outcome */
const outcome = ({ decision, reasons }) => html`
  <section class="outcome">
    <h2>${t('Ce que le comité a décidé')}</h2>
    <p class="decision">${t(DECISIONS[decision] ?? decision)}</p>
    ${reasons ? html`<p>${typeset(reasons)}</p>` : nothing}
  </section>`;

const CAUSES = /** @type {Record<string, string>} */ ({
  closed: N_('Le commerce était fermé.'),
  refused: N_('La personne du commerce n’a pas voulu.'),
  not_found: N_('Nous n’avons pas trouvé le commerce.'),
  other: N_('Autre raison.'),
});

/** @param {{ cause: string, text: string }} impossible */
const impossible = ({ cause, text }) => html`
  <section class="outcome">
    <h2>${t('Visite impossible')}</h2>
    <p>${t(CAUSES[cause] ?? CAUSES.other)}</p>
    ${text ? html`<q>${text}</q>` : nothing}
  </section>`;
