import { html, nothing } from '../vendor/lit-html.js';
import { t, tn, typeset } from '../text.js';
import { to } from '../routes.js';
import { icon } from './icons.js';
import { chosen, family, gridNotice, state as stateWord } from './parts.js';

/** @import { OpenVisit, View } from '../types.js' */

/** @type {View} */
export const summary = {
  title: (state) => t('Relire : {name}', { name: state.visit.merchant.name }),
  help: ({ visit }) => [
    t('Touchez une ligne pour changer une réponse.'),
    t('Les lignes en pointillé attendent une réponse.'),
    visit.phase === 'alone'
      ? t('Quand tout vous va, touchez « J’ai fini ma part ».')
      : t('Quand tout vous va, touchez « Terminer la visite ».'),
  ],
  back: () => ({ href: to.visits, text: t('Visites') }),
  body: ({ visit }) => html`
    <h1 tabindex="-1">${visit.merchant.name}</h1>
    <p class="lead">${told(visit)}</p>
    ${byFamily(visit, true)}
    ${gridNotice(visit.grid)}`,
  steps: ({ visit }) => html`
    <nav class="steps two" aria-label=${t('La suite')}>
      ${
        visit.missing.length
          ? html`<a class="plain" href=${ending(visit).href}>${icon('flag')}${ending(visit).short}</a>
          <a class="next" href=${to.criterion(visit.id, visit.missing[0].criterion.id)}>${t('Compléter')}${icon('next')}</a>`
          : html`<a class="plain" href=${to.criterion(visit.id, last(visit).id)}>${icon('back')}${t('Revenir')}</a>
          <a class="next" href=${ending(visit).href}>${ending(visit).words}${icon('next')}</a>`
      }
    </nav>`,
};

/** @param {OpenVisit} visit */
const ending = ({ id, phase }) =>
  phase === 'alone'
    ? { href: to.done(id), short: t('J’ai fini'), words: t('J’ai fini ma part') }
    : { href: to.closing(id), short: t('Terminer'), words: t('Terminer la visite') };

/** @param {OpenVisit} visit */
const told = ({ answers, missing }) =>
  missing.length
    ? tn('{n} réponse manque sur {total}.', '{n} réponses manquent sur {total}.', missing.length, {
        total: answers.length,
      })
    : t('Vous avez répondu à tout.');

/**
 * The answers by family. `open`: each line leads to its criterion.
 * @param {OpenVisit} visit @param {boolean} open
 */
export const byFamily = (visit, open) =>
  visit.grid.categories.map(
    (category) => html`
  <section class="chapter" data-family=${category.id}>
    <h2>${family(category)}</h2>
    <ul class="lines">
      ${visit.answers
        .filter((answer) => answer.category.id === category.id)
        .map((answer) => html`<li>${line(visit.id, answer, open)}</li>`)}
    </ul>
  </section>`,
  );

/** @param {string} visit @param {OpenVisit['answers'][number]} answer @param {boolean} open */
function line(visit, { criterion, chosen: choices, remark: said, status }, open) {
  const content = html`
    <strong>${typeset(criterion.name)}</strong>
    ${choices.length ? choices.map((choice) => chosen(criterion, choice)) : missing(open)}
    ${choices.length > 1 ? toSettle() : nothing}
    ${said ? html`<q>${said}</q>` : nothing}
    ${status === 'rejected' ? stateWord('rejected') : nothing}`;
  const look = `line ${choices.length ? '' : 'blank'}`;
  return open
    ? html`<a class=${look} href=${to.criterion(visit, criterion.id)}>${content}${icon('open')}</a>`
    : html`<div class=${look}>${content}</div>`;
}

/** @param {OpenVisit} visit */
const last = ({ answers }) => answers[answers.length - 1].criterion;

/** @param {boolean} open */
const missing = (open) => html`<span class="missing">${open ? t('Pas encore de réponse') : t('Sans réponse')}</span>`;

const toSettle = () => html`<span class="settle">${icon('people')}${t('À départager : choisissez ensemble')}</span>`;
