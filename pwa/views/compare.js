import { html, nothing } from '../vendor/lit-html.js';
import { t, tn, typeset } from '../text.js';
import { to } from '../routes.js';
import { icon } from './icons.js';
import { chosen, family, gridNotice } from './parts.js';
import { apart } from './criterion.js';

/** @import { Answer, InVisit, OpenVisit, View } from '../types.js' */

/** Where people differ, and nothing else: what they answered alike needs no tap. @type {View} */
export const compare = {
  title: (state) => t('Comparer : {name}', { name: state.visit.merchant.name }),
  help: () => [
    t('Ici, il n’y a que les questions où vous différez, et celles où une seule personne a répondu.'),
    t('Touchez une question : vous voyez les deux réponses et vous choisissez ensemble.'),
    t('Les réponses identiques sont déjà retenues.'),
  ],
  back: () => ({ href: to.visits, text: t('Visites') }),
  body: (/** @type {InVisit} */ { visit }) => html`
    <h1 tabindex="-1">${visit.merchant.name}</h1>
    <p class="lead">${told(visit)}</p>
    ${visit.differences.length ? html`<ul class="lines">${visit.differences.map((one) => html`<li>${difference(visit, one)}</li>`)}</ul>` : agreed()}
    ${settledOnes(visit)}
    <p><a class="plain wide" href=${to.exchange(visit.id)}>${icon('exchange')}${t('Comparer encore, téléphone à téléphone')}</a></p>
    <p><a class="plain wide" href=${to.summary(visit.id)}>${icon('list')}${t('Relire toutes les réponses')}</a></p>
    ${gridNotice(visit.grid)}`,
  steps: ({ visit }) => html`
    <nav class="steps two" aria-label=${t('La suite')}>
      ${
        visit.differences.length
          ? html`<a class="plain" href=${to.closing(visit.id)}>${icon('flag')}${t('Terminer')}</a>
          <a class="next" href=${to.criterion(visit.id, visit.differences[0].criterion.id)}>${t('Choisir ensemble')}${icon('next')}</a>`
          : html`<a class="next" href=${to.closing(visit.id)}>${t('Terminer la visite')}${icon('next')}</a>`
      }
    </nav>`,
};

/** @param {OpenVisit} visit */
function told({ answers, differences, missing }) {
  const alike = answers.filter(({ bySheet, differs, lone }) => bySheet.length > 1 && !differs && !lone).length;
  return [
    ...(alike ? [tn('{n} réponse identique ou choisie ensemble.', '{n} réponses identiques ou choisies ensemble.', alike)] : []),
    ...(differences.length ? [tn('{n} question à départager.', '{n} questions à départager.', differences.length)] : []),
    ...(missing.length ? [tn('{n} question sans réponse.', '{n} questions sans réponse.', missing.length)] : []),
  ].join(' ');
}

const agreed = () => html`
  <p class="note">${icon('check')}<span>${t('Vous êtes d’accord sur tout ce qui a une réponse.')}</span></p>`;

/** @param {OpenVisit} visit @param {Answer} answer */
const difference = ({ id }, { criterion, category, bySheet, chosen: choices, lone }) => html`
  <a class="line" href=${to.criterion(id, criterion.id)} data-family=${category.id}>
    ${family(category)}
    <strong>${typeset(criterion.name)}</strong>
    ${bySheet.length ? bySheet.map((said) => apart(criterion, said)) : choices.map((choice) => chosen(criterion, choice))}
    ${lone ? html`<span class="settle">${icon('alone')}${t('Une seule personne a répondu')}</span>` : nothing}
    ${icon('open')}
  </a>`;

/** @param {OpenVisit} visit */
function settledOnes({ id, answers }) {
  const settled = answers.filter((answer) => answer.settled);
  if (!settled.length) return nothing;
  return html`
    <h2>${t('Choisi ensemble')}</h2>
    <ul class="lines">${settled.map((one) => html`<li>${settledOne(id, one)}</li>`)}</ul>`;
}

/** @param {string} id @param {Answer} answer */
const settledOne = (id, { criterion, category, chosen: choices, settled }) => html`
  <a class="line" href=${to.criterion(id, criterion.id)} data-family=${category.id}>
    <strong>${typeset(criterion.name)}</strong>
    ${choices.map((choice) => chosen(criterion, choice))}
    ${settled?.reason ? html`<q>${settled.reason}</q>` : nothing}
    ${icon('open')}
  </a>`;
