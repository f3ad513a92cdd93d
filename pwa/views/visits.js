import { html, nothing } from '../vendor/lit-html.js';
import { dayAndTime, listed, moment, t, tn, typeset } from '../text.js';
import { to } from '../routes.js';
import { icon } from './icons.js';
import { onThisPhone } from './frame.js';
import { state as stateWord } from './parts.js';

/** @typedef {import('../app.js').State} State */

/** @type {import('./frame.js').View} */
export const visits = {
  title: () => t('Mes visites'),
  help: () => [
    t('Touchez une visite pour l’ouvrir.'),
    t('« Sur ce téléphone » : c’est enregistré ici et partira dès qu’il y a du réseau.'),
    t('« Reçu par la caisse » : c’est arrivé, rien ne peut plus se perdre.'),
  ],
  back: () => null,
  body: (/** @type {State} */ state, act) => html`
    <h1 tabindex="-1">${t('Mes visites')}</h1>
    <p class="lead">${t('Bonjour {names} · {territory}', { names: listed(state.people.map(({ name }) => name)), territory: state.territory?.name ?? '' })}</p>
    ${sending(state, act)}
    ${state.lists.todo.length || state.lists.over.length ? lists(state.lists) : nothingYet(state, act)}`,
  steps: () => nothing,
};

/** @param {State} state @param {import('../app.js').Act} act */
const sending = ({ counts, progress, signedOut, online, receivedAt }, act) => html`
  <section class="sending" aria-label=${t('Envoi')}>
    ${signedOut ? signedOutNote() : online ? nothing : html`<p class="why">${icon('offline')}<span>${t('Pas de réseau. Vous pouvez continuer : tout s’enregistre sur ce téléphone.')}</span></p>`}
    ${progress.detail && !signedOut ? html`<p class="why">${icon('alert')}<span>${typeset(progress.detail)}</span></p>` : nothing}
    <p class="counts">
      ${counts.rejected ? html`<a href=${to.phone}>${stateWord('rejected', tn('{n} élément à corriger', '{n} éléments à corriger', counts.rejected))}</a>` : nothing}
      ${counts.sending && progress.phase === 'sending' ? stateWord('sending') : nothing}
      ${counts.local + counts.sending && progress.phase !== 'sending' ? stateWord('local', onThisPhone(counts.local + counts.sending)) : nothing}
      ${counts.received ? stateWord('received', tn('{n} élément reçu par la caisse', '{n} éléments reçus par la caisse', counts.received)) : nothing}
    </p>
    ${receivedAt ? html`<p class="small">${t('Dernier échange : {when}', { when: moment(receivedAt) })}</p>` : nothing}
    <button type="button" class="quiet" @click=${act.send} aria-disabled=${String(progress.phase === 'sending')}>${icon('send')}<span>${t('Envoyer maintenant')}</span></button>
  </section>`;

const signedOutNote = () => html`
  <p class="why">${icon('key')}<span>${t('Vous pouvez continuer : tout reste sur ce téléphone. Pour envoyer, entrez un nouveau code.')}</span></p>
  <a class="plain wide" href=${to.join}>${icon('key')}${t('Entrer un code')}</a>`;

/** @param {State['lists']} lists */
const lists = ({ todo, over }) => html`
  ${todo.length ? html`<h2>${t('À faire')}</h2><ul class="cards">${todo.map((card, at) => html`<li>${visitCard(card, at === 0)}</li>`)}</ul>` : html`<p class="lead">${t('Aucune visite à faire pour le moment.')}</p>`}
  ${over.length ? html`<h2>${t('Terminées')}</h2><ul class="cards">${over.map((card) => html`<li>${visitCard(card, false)}</li>`)}</ul>` : nothing}`;

/** @param {State['lists']['todo'][number]} card @param {boolean} isNext the one next step of this screen */
function visitCard(card, isNext) {
  const { visit, standing, next } = card;
  const open = standing === 'started';
  return html`
    <a class="card" href=${open && next ? to.criterion(visit.id, next) : to.visit(visit.id)}>
      <span class="tile">${icon('shop')}</span>
      <span class="what">
        <strong class="name">${visit.merchant.name}</strong>
        <span>${icon('place')}<span>${visit.merchant.address}</span></span>
        <span>${icon('calendar')}<span>${dayAndTime(visit.planned_on, visit.planned_at)}</span></span>
        <span>${icon('people')}<span>${listed(visit.members.map(({ name }) => name))}</span></span>
      </span>
      <span class="foot">
        ${standingWords(card)}
        ${open || standing === 'planned' ? html`<span class=${isNext ? 'next' : 'go'}>${open ? t('Continuer') : t('Ouvrir')}${icon('next')}</span>` : nothing}
      </span>
    </a>`;
}

/** @param {State['lists']['todo'][number]} card */
function standingWords({ standing, answered, total, visit }) {
  const progress = tn('{n} réponse sur {total}', '{n} réponses sur {total}', answered, { total });
  if (visit.withdrawn) return html`<span class="state">${t('N’est plus dans votre liste : gardée ici')}</span>`;
  if (standing === 'planned') return html`<span class="state">${t('Visite prévue')}</span>`;
  if (standing === 'started') return html`<span class="state">${t('Commencée')} · ${progress}</span>`;
  if (standing === 'decided')
    return html`<span class="state" data-state="received">${icon('done')}<span>${t('Le comité a décidé')} · ${progress}</span></span>`;
  return html`${stateWord(standing)}<span class="state">${progress}</span>`;
}

/** @param {State} state @param {import('../app.js').Act} act */
const nothingYet = ({ fieldKnown }, act) => html`
  <div class="empty">
    <img src="icons/basket.svg" alt="" width="160" height="120" />
    <h2>${fieldKnown ? t('Vos visites seront ici') : t('Vos visites arrivent')}</h2>
    <p>${
      fieldKnown
        ? t(
            'Quand la coordination vous confie une visite, vous trouvez ici le commerce, l’adresse, le jour et vos coéquipiers.',
          )
        : t('Il faut du réseau une première fois. Ensuite, tout marche sans.')
    }</p>
    <button type="button" class="plain" @click=${act.send}>${icon('refresh')}${t('Regarder s’il y a du nouveau')}</button>
  </div>`;
