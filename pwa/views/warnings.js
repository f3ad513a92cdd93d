/** What could go wrong with what this phone keeps, said before it does: one sentence, and the remedy. */
import { html, nothing } from '../vendor/lit-html.js';
import { N_, t, tn } from '../text.js';
import { icon } from './icons.js';

/** @import { Act, Device, State, Warning } from '../types.js' */

/** The gravest, above the list of visits. @param {State} state @param {Act} act */
export const gravest = ({ kept, install }, act) => (kept?.warnings[0] ? note(kept.warnings[0], install, act) : nothing);

/** All of them. @param {State} state @param {Act} act */
export const allWarnings = ({ kept, install }, act) => kept?.warnings.map((warning) => note(warning, install, act)) ?? nothing;

/** @param {Warning} warning @param {unknown} install the browser's offer @param {Act} act */
const note = (warning, install, act) => html`
  <aside class="note warning" aria-label=${t('À savoir')}>
    ${icon('alert')}
    <div>
      <p>${sentence(warning)}</p>
      ${remedy(warning, install)}
    </div>
    <p class="pair">
      ${warning.name === 'kept' && install ? installButton(act) : nothing}
      <button type="button" class="quiet" @click=${() => act.putAside(warning.name)}>${icon('close')}<span>${t('Plus tard')}</span></button>
    </p>
  </aside>`;

/** @param {Act} act */
const installButton = (act) => html`
  <button type="button" class="plain" @click=${act.install}>${icon('download')}${t('Installer l’application')}</button>`;

/** @param {Warning} warning */
function sentence(warning) {
  if (warning.name === 'space') return t('Il ne reste que {room} pour l’application sur ce téléphone.', { room: room(warning.free) });
  if (warning.name === 'ios') return t('Dans Safari, l’iPhone efface tout ce qui est ici après 7 jours sans ouvrir la page.');
  if (warning.name === 'kept') return t('Si la mémoire de ce téléphone se remplit, il peut effacer ce qui n’est pas encore envoyé.');
  if (warning.name === 'old') return tn('Votre liste de visites date de {n} jour.', 'Votre liste de visites date de {n} jours.', warning.days);
  if (warning.name === 'clock') return clockSentence(warning.hours);
  return t('Cette fenêtre garde très peu de choses : c’est peut-être une navigation privée, où tout s’efface à la fin.');
}

/** @param {number} hours ahead of the fund's clock */
function clockSentence(hours) {
  const much = Math.abs(hours) < 48 ? tn('{n} heure', '{n} heures', Math.abs(hours)) : tn('{n} jour', '{n} jours', Math.round(Math.abs(hours) / 24));
  return hours > 0
    ? t('L’horloge de ce téléphone avance de {much}.', { much })
    : t('L’horloge de ce téléphone retarde de {much}.', { much });
}

/** @param {Warning} warning @param {unknown} install */
function remedy(warning, install) {
  if (warning.name === 'ios') return iosSteps();
  if (warning.name === 'kept') return install ? html`<p>${t('Installez l’application : elle sera protégée.')}</p>` : html`<p>${t(HOW_TO_INSTALL[warning.system])}</p>`;
  return html`<p>${t(REMEDIES[warning.name])}</p>`;
}

const REMEDIES = {
  space: N_('Effacez des vidéos ou des applications dont vous n’avez plus besoin.'),
  private: N_('Ouvrez la caisse dans une fenêtre normale.'),
  old: N_('Connectez-vous à Internet, puis touchez « Envoyer maintenant ».'),
  clock: N_('Rien ne se perd, mais réglez-la : les dates de vos visites seront justes.'),
};

/** @type {Record<Device['system'], string>} */
const HOW_TO_INSTALL = {
  android: N_('Ouvrez le menu du navigateur, puis touchez « Installer l’application » ou « Ajouter à l’écran d’accueil ».'),
  ios: N_('Touchez « Partager », puis « Sur l’écran d’accueil ».'),
  other: N_('Ouvrez le menu du navigateur, puis choisissez « Installer » ou « Ajouter aux favoris ».'),
};

const iosSteps = () => html`
  <details>
    <summary>${t('Mettre la caisse sur l’écran d’accueil')}</summary>
    <ol>
      <li>${t('Envoyez d’abord ce qui attend ici.')}</li>
      <li>${t('Touchez « Partager », le carré avec une flèche.')}</li>
      <li>${t('Choisissez « Sur l’écran d’accueil ».')}</li>
      <li>${t('Ouvrez la caisse depuis l’écran d’accueil et entrez-y votre code : c’est un deuxième appareil.')}</li>
    </ol>
  </details>`;

/** "12 Mo", "1,4 Go". @param {number} bytes */
export function room(bytes) {
  const mega = bytes / 1_000_000;
  if (mega >= 1000) return t('{n} Go', { n: Math.round(mega / 100) / 10 });
  return mega < 1 ? t('moins d’un Mo') : t('{n} Mo', { n: Math.round(mega) });
}
