import { html, nothing } from '../vendor/lit-html.js';
import { N_, dayAndTime, listed, moment, t, tn } from '../text.js';
import { to } from '../routes.js';
import { icon } from './icons.js';
import { counted, state as stateWord, underWay } from './parts.js';
import { slots } from './slots.js';

/** @import { Act, Card, State, View } from '../types.js' */

/** @type {View} */
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
    <p class="lead">${greeting(state)}</p>
    ${state.people.length > 1 ? holding(state.me) : nothing}
    ${slots.warnings(state, act)}
    ${sending(state, act)}
    ${state.lists.todo.length || state.lists.over.length ? lists(state.lists) : nothingYet(state, act)}
    ${slots.visits(state, act)}`,
  steps: () => nothing,
};

/** @param {State['me']} me */
const holding = (me) => html`
  <a class="plain wide" href=${to.who}>
    ${icon('alone')}${me ? t('{name} tient le téléphone. Changer ?', { name: me.name }) : t('Qui tient le téléphone ?')}
  </a>`;

/** @param {State} state */
const greeting = ({ people, territory }) =>
  t('Bonjour {names} · {territory}', {
    names: listed(people.map(({ name }) => name)),
    territory: territory?.name ?? '',
  });

/** @param {State} state @param {Act} act */
const sending = ({ counts, progress, signedOut, online, receivedAt }, act) => html`
  <section class="sending" aria-label=${t('Envoi')}>
    ${signedOut ? signedOutNote() : why(online, progress.detail)}
    <p class="counts">
      ${counts.rejected ? toCorrect(counts.rejected) : nothing}
      ${counts.waiting.entries ? waiting(counts.waiting, progress.phase === 'sending') : nothing}
      ${counts.received.entries ? counted('received', counts.received) : nothing}
    </p>
    ${receivedAt ? html`<p class="small">${t('Dernier échange : {when}', { when: moment(receivedAt) })}</p>` : nothing}
    <button type="button" class="quiet" @click=${act.send} aria-disabled=${underWay(progress)}>
      ${icon('send')}<span>${t('Envoyer maintenant')}</span>
    </button>
  </section>`;

/** Why it does not go out by itself, when there is something to say. @param {boolean} online @param {string | null} detail */
function why(online, detail) {
  const sentence = online ? detail : N_('Pas de réseau. Vous pouvez continuer : tout s’enregistre sur ce téléphone.');
  return sentence
    ? html`<p class="why">${icon(online ? 'alert' : 'offline')}<span>${t(sentence)}</span></p>`
    : nothing;
}

const signedOutNote = () => html`
  <p class="why">
    ${icon('key')}
    <span>${t('Vous pouvez continuer : tout reste sur ce téléphone. Pour envoyer, entrez un nouveau code.')}</span>
  </p>
  <a class="plain wide" href=${to.join}>${icon('key')}${t('Entrer un code')}</a>`;

/** @param {number} n */
const toCorrect = (n) => html`
  <a href=${to.phone}>${stateWord('rejected', tn('{n} élément à corriger', '{n} éléments à corriger', n))}</a>`;

/** @param {State['counts']['waiting']} tally @param {boolean} onTheWay */
const waiting = (tally, onTheWay) => (onTheWay ? stateWord('sending') : counted('local', tally));

/** @param {State['lists']} lists */
const lists = ({ todo, over }) => html`
  ${todo.length ? section(t('À faire'), todo, 0) : html`<p class="lead">${t('Aucune visite à faire pour le moment.')}</p>`}
  ${over.length ? section(t('Terminées'), over, -1) : nothing}`;

/** @param {string} heading @param {Card[]} cards @param {number} next the one that is the next step of this screen */
const section = (heading, cards, next) => html`
  <h2>${heading}</h2>
  <ul class="cards">${cards.map((card, at) => html`<li>${visitCard(card, at === next)}</li>`)}</ul>`;

/** @param {Card} card @param {boolean} isNext the one next step of this screen */
function visitCard(card, isNext) {
  const { visit, standing, next, phase, separate } = card;
  const open = standing === 'started';
  return html`
    <a class="card" href=${open && next && phase !== 'waiting' && !(separate && phase === 'together') ? to.criterion(visit.id, next) : to.visit(visit.id)}>
      <span class="tile">${icon('shop')}</span>
      <span class="what">
        <strong class="name">${visit.merchant.name}</strong>
        <span>${icon('place')}<span>${visit.merchant.address}</span></span>
        <span>${icon('calendar')}<span>${dayAndTime(visit.planned_on, visit.planned_at)}</span></span>
        <span>${icon('people')}<span>${listed(visit.members.map(({ name }) => name))}</span></span>
      </span>
      <span class="foot">
        ${standingWords(card)}
        ${slots.asked(card, /** @type {any} */ (null))}
        ${card.unable ? html`<span class="state">${icon('alert')}${t('Vous ne pouvez pas venir')}</span>` : nothing}
        ${open || standing === 'planned' ? go(open, isNext) : nothing}
      </span>
    </a>`;
}

/** @param {boolean} open @param {boolean} isNext */
const go = (open, isNext) => html`
  <span class=${isNext ? 'next' : 'go'}>${open ? t('Continuer') : t('Ouvrir')}${icon('next')}</span>`;

/** @param {Card} card */
function standingWords({ standing, answered, total, visit, impossible, phase, separate, differences, awaited }) {
  const progress = impossible ? t('visite impossible') : tn('{n} réponse sur {total}', '{n} réponses sur {total}', answered, { total });
  if (visit.trial && standing === 'planned') return html`<span class="state">${t('Visite d’essai prévue')}</span>`;
  if (visit.withdrawn) return html`<span class="state">${t('N’est plus dans votre liste : gardée ici')}</span>`;
  if (standing === 'planned') return html`<span class="state">${t('Visite prévue')}</span>`;
  if (standing === 'started' && phase === 'waiting')
    return html`<span class="state">${t('Votre part est finie. Il reste : {names}', { names: listed(awaited) })}</span>`;
  if (standing === 'started' && separate && differences)
    return html`<span class="state">${icon('people')}${tn('{n} question à départager', '{n} questions à départager', differences)}</span>`;
  if (standing === 'started') return html`<span class="state">${t('Commencée')} · ${progress}</span>`;
  if (standing === 'decided') return html`${stateWord('decided')}<span class="state">${progress}</span>`;
  return html`${stateWord(standing)}<span class="state">${progress}</span>`;
}

/** @param {State} state @param {Act} act */
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
