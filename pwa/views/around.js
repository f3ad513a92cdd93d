/** Before a visit: what to bring and say, the letter, the phone numbers, and what to do when one cannot come. */
import { html, nothing } from '../vendor/lit-html.js';
import { dayAndTime, listed, phoneNumber, t } from '../text.js';
import { to } from '../routes.js';
import { icon } from './icons.js';

/** @import { InVisit, View } from '../types.js' */

/** On the first screen of a visit. @param {InVisit} state */
export const beforePiece = ({ visit }) => html`
  ${visit.training ? nothing : html`
    ${visit.unable.some(({ author }) => author === visit.me) ? html`<p class="note">${icon('alert')}<span>${t('Vous avez dit que vous ne pouvez pas venir. La coordination cherche quelqu’un.')}</span></p>` : nothing}
    <nav class="pair" aria-label=${t('Avant la visite')}>
      <a class="plain" href=${to.around(visit.id)}>${icon('list')}${t('Préparer la visite')}</a>
      <a class="plain" href=${to.letter(visit.id)}>${icon('letter')}${t('La lettre à montrer')}</a>
    </nav>
    ${visit.threads.length ? html`<a class="plain wide" href=${to.questions(visit.id)}>${icon('remark')}${t('Questions de la coordination')}</a>` : nothing}`}`;

/** @param {string} phone */
const dial = (phone) => `tel:${phone.replace(/[^+\d]/g, '')}`;

/** @type {View} */
export const around = {
  title: (state) => t('Préparer : {name}', { name: state.visit.merchant.name }),
  help: () => [t('Relisez ceci avant d’entrer. Tout est là aussi sans réseau.')],
  back: (state) => ({ href: to.visit(state.visit.id), text: t('La visite') }),
  body: (/** @type {InVisit} */ { visit, territory }) => html`
    <h1 tabindex="-1">${t('Préparer la visite')}</h1>
    <ul class="facts">
      <li>${icon('shop')}<span>${visit.merchant.name}</span></li>
      <li>${icon('place')}<a href=${`geo:0,0?q=${encodeURIComponent(`${visit.merchant.name}, ${visit.merchant.address}`)}`}>${visit.merchant.address}</a></li>
      <li>${icon('calendar')}<span>${dayAndTime(visit.planned_on, visit.planned_at)}</span></li>
      <li>${icon('people')}<span>${listed(visit.members.map(({ name }) => name))}</span></li>
    </ul>
    <section class="advice">
      <h2>${t('À emporter')}</h2>
      <ul class="plainlist">
        <li>${t('Ce téléphone, chargé. Le réseau n’est pas nécessaire.')}</li>
        <li>${t('De quoi noter, si vous préférez le papier.')}</li>
        <li>${t('La lettre : elle s’ouvre sur ce téléphone.')}</li>
      </ul>
    </section>
    <section class="advice">
      <h2>${t('À dire en entrant')}</h2>
      <ul class="plainlist">
        <li>${t('« Bonjour, nous sommes des habitantes et habitants de la caisse commune de l’alimentation. »')}</li>
        <li>${t('« Nous venons voir si votre commerce peut rejoindre la caisse. Avez-vous un moment ? »')}</li>
        <li>${t('« Nous ne donnons pas de note : c’est le comité qui décide, et il vous dira pourquoi. »')}</li>
        <li>${t('Demandez avant de prendre une photo. Jamais de visages.')}</li>
      </ul>
    </section>
    <p><a class="plain wide" href=${to.letter(visit.id)}>${icon('letter')}${t('La lettre à montrer')}</a></p>
    ${territory?.phone ? html`<p><a class="plain wide" href=${dial(territory.phone)}>${icon('call')}${t('Appeler la coordination : {phone}', { phone: phoneNumber(territory.phone) })}</a></p>` : nothing}
    ${visit.merchant.phone ? html`<p><a class="plain wide" href=${dial(visit.merchant.phone)}>${icon('call')}${t('Appeler le commerce : {phone}', { phone: phoneNumber(visit.merchant.phone) })}</a></p>` : nothing}
    ${visit.over ? nothing : html`<p><a class="plain wide" href=${to.unable(visit.id)}>${icon('flag')}${t('Je ne peux plus venir')}</a></p>`}`,
  steps: ({ visit }) => html`
    <nav class="steps" aria-label=${t('La suite')}>
      <a class="next" href=${to.visit(visit.id)}>${t('La visite')}${icon('next')}</a>
    </nav>`,
};

/** Shown to the people of the shop, or printed. @type {View} */
export const letter = {
  title: (state) => t('Lettre : {name}', { name: state.visit.merchant.name }),
  help: () => [t('Montrez cet écran à la personne du commerce, ou imprimez-le.')],
  back: (state) => ({ href: to.visit(state.visit.id), text: t('La visite') }),
  body: (/** @type {InVisit} */ { visit, territory }, act) => html`
    <article class="letter">
      <h1 tabindex="-1">${t('Bonjour')}</h1>
      <p>${t('Nous sommes {names}, de la caisse commune de l’alimentation, {territory}.', { names: listed(visit.members.map(({ name }) => name)), territory: territory?.name ?? '' })}</p>
      <p>${t('La caisse aide des habitantes et habitants à bien manger. Chaque mois, ils reçoivent une somme en Moneko, à dépenser dans les commerces choisis ensemble.')}</p>
      <p>${t('Nous venons à « {name} » le {day} pour regarder, avec vous, ce que la grille de la caisse demande : accessibilité, qualité, engagements.', { name: visit.merchant.name, day: dayAndTime(visit.planned_on, visit.planned_at) })}</p>
      <p>${t('Ce n’est pas un contrôle et il n’y a pas de note publique. Un comité d’habitantes et d’habitants lit notre visite, en discute et décide. Il vous dira sa décision et pourquoi.')}</p>
      <p>${t('Vous pouvez refuser, ou nous demander de revenir.')}</p>
      ${territory?.phone ? html`<p>${t('Une question ? La coordination vous répond au {phone}.', { phone: phoneNumber(territory.phone) })}</p>` : nothing}
      <p>${t('Merci de votre accueil.')}</p>
    </article>
    <p class="unprinted"><button type="button" class="plain wide" @click=${() => act.printVisit()}>${icon('print')}${t('Imprimer')}</button></p>`,
  steps: ({ visit }) => html`
    <nav class="steps" aria-label=${t('La suite')}>
      <a class="next" href=${to.visit(visit.id)}>${t('La visite')}${icon('next')}</a>
    </nav>`,
};

/** @type {View} */
export const unable = {
  title: () => t('Je ne peux plus venir'),
  help: () => [t('Dites-le dès que vous le savez : la coordination cherchera quelqu’un.')],
  back: (state) => ({ href: to.around(state.visit.id), text: t('Retour') }),
  body: (/** @type {InVisit} */ { visit, written }, act) => html`
    <h1 tabindex="-1">${t('Vous ne pouvez plus venir ?')}</h1>
    <p class="lead">${visit.merchant.name}, ${dayAndTime(visit.planned_on, visit.planned_at)}</p>
    <form id="unable" @submit=${act.cannotCome}>
      <div class="remark">
        <label for="why">${t('Un mot pour la coordination ? (si vous voulez)')}</label>
        <textarea id="why" rows="3" maxlength="1000" .value=${written('unable')} @input=${(/** @type {Event} */ event) => act.write('unable', '', event)}></textarea>
      </div>
    </form>
    <p>${t('La visite reste dans votre liste jusqu’à ce que quelqu’un prenne votre place.')}</p>`,
  steps: ({ visit }) => html`
    <nav class="steps two" aria-label=${t('La suite')}>
      <a class="plain" href=${to.visit(visit.id)}>${icon('back')}${t('Je viens')}</a>
      <button form="unable" class="next">${icon('check')}${t('Je ne viens pas')}</button>
    </nav>`,
};
