import { html, nothing } from '../vendor/lit-html.js';
import { N_, t, tn, typeset } from '../text.js';
import { to } from '../routes.js';
import { icon } from './icons.js';
import { byFamily } from './summary.js';
import { ended, family, gridNotice } from './parts.js';

/** @import { Answer, InVisit, OpenVisit, View } from '../types.js' */

/** @type {View} */
export const closed = {
  title: (state) => state.visit.merchant.name,
  help: () => [
    t('Ici, vous relisez ce qui a été noté.'),
    t('Quand la caisse a tout reçu, c’est écrit en haut de la page.'),
    t('La décision du comité s’affiche ici quand le commerce la connaît.'),
  ],
  back: () => ({ href: to.visits, text: t('Visites') }),
  body: (state) => html`
    ${state.thanks ? thanks(state.visit) : html`<h1 tabindex="-1">${state.visit.merchant.name}</h1>`}
    ${ended(state.visit)}
    ${journey(state.visit)}
    ${state.visit.outcome ? outcome(state.visit.outcome) : nothing}
    ${
      state.visit.impossible
        ? impossible(state.visit.impossible)
        : html`${state.score ? score(state) : nothing}${byFamily(state.visit, false)}`
    }
    ${gridNotice(state.visit.grid)}`,
  steps: (state) =>
    state.thanks
      ? html`<nav class="steps" aria-label=${t('La suite')}>
          <a class="next" href=${to.visits}>${t('Revenir à mes visites')}${icon('next')}</a>
        </nav>`
      : nothing,
};

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
    ${state === 'decided' ? nothing : toMend.map((answer) => mend(id, answer))}
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

const OUTCOMES = /** @type {Record<string, string>} */ ({
  favorable: N_('favorable'),
  conditional: N_('favorable avec engagements'),
  unfavorable: N_('non favorable'),
  undetermined: N_('indéterminé'),
});

/** @param {InVisit & { score: any }} state */
function score({
  score: {
    total,
    categories,
    outcome: [low, high],
  },
  visit,
}) {
  const { favorable, conditional } = visit.grid.decision;
  return html`
    <section class="score">
      <h2>${t('Ce que dit la grille')}</h2>
      <p>${
        low === high
          ? t('Avec ces réponses, la grille propose : {outcome}.', { outcome: t(OUTCOMES[low]) })
          : t('Il manque des réponses : la grille propose entre « {low} » et « {high} ».', {
              low: t(OUTCOMES[low]),
              high: t(OUTCOMES[high]),
            })
      }
        ${t('C’est le comité qui décide.')}</p>
      ${eliminatory(visit).map((name) => html`<p>${t('« {name} » est sous le minimum demandé.', { name })}</p>`)}
      ${bar(total, [Number(conditional), Number(favorable)])}
      <p class="small">${t('Les traits marquent {conditional} (favorable avec engagements) et {favorable} (favorable).', {
        conditional: Number(conditional),
        favorable: Number(favorable),
      })}</p>
      <dl class="families">
        ${visit.grid.categories.map(
          (category) => html`
          <div data-family=${category.id}>
            <dt>${family(category)}</dt>
            <dd>${familyBar(categories[category.id], category.minimum)}</dd>
          </div>`,
        )}
      </dl>
    </section>`;
}

/** @param {[number, number] | null} ends @param {number | string | null} minimum */
const familyBar = (ends, minimum) =>
  minimum === null
    ? bar(ends, [])
    : html`${bar(ends, [Number(minimum)])}
        <p class="small">${t('minimum {n} pour être favorable', { n: Number(minimum) })}</p>`;

/** Criteria so low that they decide alone. @param {OpenVisit} visit */
const eliminatory = ({ answers }) =>
  answers
    .filter(
      ({ criterion: { eliminatory_below: least }, chosen }) =>
        least !== null && chosen.some((choice) => choice !== 'not_applicable' && Number(choice) < Number(least)),
    )
    .map(({ criterion }) => criterion.name);

/**
 * The interval of a score on a line from 0 to 100, with the thresholds.
 * @param {[number, number] | null} ends @param {number[]} marks
 */
function bar(ends, marks) {
  if (!ends || ends[0] === null) return html`<p class="bar-words">${t('Rien à compter ici')}</p>`;
  const [low, high] = ends;
  return html`
    <svg class="bar" width="100%" height=${marks.length ? 46 : 28} aria-hidden="true" focusable="false">
      <rect class="rail" x="0" y="8" width="100%" height="12" rx="6"></rect>
      <rect class="sure" x="0" y="8" width=${`${low}%`} height="12" rx="6"></rect>
      <rect class="open" x=${`${low}%`} y="8" width=${`${high - low}%`} height="12"></rect>
      <rect class="end" x=${`${Math.min(low, 99)}%`} y="3" width="3" height="22" rx="1.5"></rect>
      <rect class="end" x=${`${Math.min(high, 99)}%`} y="3" width="3" height="22" rx="1.5"></rect>
      ${marks.map(
        (at) => html`
        <svg x=${`${at}%`} overflow="visible">
          <path class="mark" d="M0 0v28"></path><text y="43" text-anchor="middle">${at}</text>
        </svg>`,
      )}
    </svg>
    <p class="bar-words">
      ${low === high ? t('{low} sur 100', { low }) : t('entre {low} et {high} sur 100', { low, high })}
    </p>`;
}
