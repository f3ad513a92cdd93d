/**
 * Every text a person reads goes through here. The French sentence is its own key (gettext's msgid), written with plain
 * spaces; French spacing is applied when it is shown, so that sources and catalogues stay readable. Another language is a
 * catalogue (backend/locale), which the server hands over as JSON.
 */

/** @import { Catalogue, Grid } from './types.js' */

/** The languages one can choose, each in its own name. */
export const LANGUAGES = [
  ['fr', 'Français'],
  ['en', 'English'],
];

/** @type {Catalogue | null} French needs none */
let catalogue = null;

/** Speaks another language from now on; null: French. @param {Catalogue | null} another */
export function speakWith(another) {
  catalogue = another;
}

export const language = () => catalogue?.language ?? 'fr';

/** The text in the language spoken; itself where it has no translation. @param {string} text */
const inLanguage = (text) => {
  const found = catalogue?.messages[text];
  return typeof found === 'string' ? found : (found?.[0] ?? text);
};

const NARROW = '\u202f'; // no-break, before ? ! ; and inside « »
const FIXED = '\u00a0'; // no-break, before :

/**
 * French spacing for a sentence written with plain spaces. Other languages have none.
 * @param {string} text
 */
export const typeset = (text) =>
  catalogue
    ? text
    : text
        .replace(/ (?=[?!;»])/g, NARROW)
        .replace(/« /g, `«${NARROW}`)
        .replace(/ (?=:)/g, FIXED);

/** @param {string} text @param {Record<string, string | number>} params */
const filled = (text, params) =>
  typeset(text.replace(/\{(\w+)\}/g, (place, name) => (name in params ? shown(params[name]) : place)));

/**
 * The sentence `text`, with each `{name}` filled from `params`.
 * @param {string} text
 * @param {Record<string, string | number>} [params]
 */
export const t = (text, params = {}) => filled(inLanguage(text), params);

/**
 * `one` or `many`, by the French rule (zero is singular) or the one of the language spoken; `{n}` is the count.
 * @param {string} one
 * @param {string} many
 * @param {number} n
 * @param {Record<string, string | number>} [params]
 */
export function tn(one, many, n, params = {}) {
  const forms = catalogue?.messages[one];
  const text = Array.isArray(forms) ? (forms[formOf(n)] ?? forms[forms.length - 1]) : inLanguage(n < 2 ? one : many);
  return filled(text, { n, ...params });
}

/** Which of gettext's forms a count takes: they stand in this order. @param {number} n */
function formOf(n) {
  const rules = new Intl.PluralRules(language());
  const order = ['zero', 'one', 'two', 'few', 'many', 'other'].filter((form) =>
    rules.resolvedOptions().pluralCategories.includes(/** @type {any} */ (form)),
  );
  return order.indexOf(rules.select(n));
}

/** Marks a text for the catalogue; it is translated where it is shown. @param {string} text */
export const N_ = (text) => text;

/** "1 234,5", with a narrow space that does not break. @param {string | number} value */
const shown = (value) => {
  if (typeof value !== 'number') return value;
  if (catalogue) return new Intl.NumberFormat(language()).format(value);
  return String(value)
    .replace('.', ',')
    .replace(/\d(?=(\d{3})+(,|$))/g, `$&${NARROW}`);
};

/**
 * A grid in the language spoken: its words are in the same catalogue.
 * @param {Grid} grid
 * @returns {Grid}
 */
export const gridInWords = (grid) =>
  catalogue === null
    ? grid
    : {
        ...grid,
        title: inLanguage(grid.title),
        notice: inLanguage(grid.notice),
        categories: grid.categories.map((one) => ({ ...one, name: inLanguage(one.name) })),
        criteria: grid.criteria.map((one) => ({
          ...one,
          name: inLanguage(one.name),
          question: inLanguage(one.question),
          help: inLanguage(one.help),
          levels: one.levels.map((level) => ({ ...level, sentence: inLanguage(level.sentence) })),
        })),
      };

// Written out rather than asked of Intl: its first date costs an old phone a tenth of a second before the first screen.
const DAYS = [N_('dimanche'), N_('lundi'), N_('mardi'), N_('mercredi'), N_('jeudi'), N_('vendredi'), N_('samedi')];
const MONTHS = [
  N_('janvier'),
  N_('février'),
  N_('mars'),
  N_('avril'),
  N_('mai'),
  N_('juin'),
  N_('juillet'),
  N_('août'),
  N_('septembre'),
  N_('octobre'),
  N_('novembre'),
  N_('décembre'),
];

/** @param {Date} date of this phone's calendar */
const dayOf = (date) =>
  t('{weekday} {day} {month}', {
    weekday: t(DAYS[date.getDay()]),
    day: date.getDate() === 1 ? t('1er') : date.getDate(),
    month: t(MONTHS[date.getMonth()]),
  });

/**
 * "lundi 24 novembre", with "1er" for the first of a month.
 * @param {string} date ISO date, "2026-11-24"
 */
export function day(date) {
  const [year, month, dayOfMonth] = date.split('-').map(Number);
  return dayOf(new Date(year, month - 1, dayOfMonth));
}

/**
 * "lundi 24 novembre à 14:30", or the day alone when no hour is planned.
 * @param {string} date ISO date
 * @param {string | null} time "14:30"
 */
export const dayAndTime = (date, time) => (time ? t('{day} à {time}', { day: day(date), time }) : day(date));

/**
 * "lundi 24 novembre à 14:30" of a moment on this phone.
 * @param {number} ms Unix milliseconds
 */
export function moment(ms) {
  const date = new Date(ms);
  const [hour, minute] = [date.getHours(), date.getMinutes()].map((part) => String(part).padStart(2, '0'));
  return t('{day} à {time}', { day: dayOf(date), time: `${hour}:${minute}` });
}

/**
 * A French number in pairs, "02 40 00 00 01"; any other as it is written.
 * @param {string} phone
 */
export const phoneNumber = (phone) =>
  phone.replace(/^\+33(?=\d{9}$)/, '0').replace(/^0\d{9}$/, (digits) => digits.replace(/(\d\d)(?=\d)/g, '$1 '));

/**
 * "Fatou, Lina et Marc".
 * @param {string[]} names
 */
export const listed = (names) =>
  names.length < 2
    ? names.join('')
    : t('{names} et {last}', { names: names.slice(0, -1).join(', '), last: names[names.length - 1] });
