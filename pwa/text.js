/**
 * Every text a person reads goes through here. The French sentence is its own key (gettext's msgid), written with plain
 * spaces; French spacing is applied when it is shown, so that sources and catalogues stay readable.
 */

const NARROW = '\u202f'; // no-break, before ? ! ; and inside « »
const FIXED = '\u00a0'; // no-break, before :

/**
 * French spacing for a sentence written with plain spaces.
 * @param {string} text
 */
export function typeset(text) {
  return text
    .replace(/ (?=[?!;»])/g, NARROW)
    .replace(/« /g, `«${NARROW}`)
    .replace(/ (?=:)/g, FIXED);
}

/**
 * The sentence `text`, with each `{name}` filled from `params`.
 * @param {string} text
 * @param {Record<string, string | number>} [params]
 */
export function t(text, params = {}) {
  return typeset(text.replace(/\{(\w+)\}/g, (place, name) => (name in params ? shown(params[name]) : place)));
}

/**
 * `one` or `many`, by the French rule (zero is singular); `{n}` is the count.
 * @param {string} one
 * @param {string} many
 * @param {number} n
 * @param {Record<string, string | number>} [params]
 */
export function tn(one, many, n, params = {}) {
  return t(n < 2 ? one : many, { n, ...params });
}

/** @param {string | number} value */
const shown = (value) => (typeof value === 'number' ? value.toLocaleString('fr-FR') : value);

const dayFormat = new Intl.DateTimeFormat('fr-FR', { weekday: 'long', day: 'numeric', month: 'long' });

/**
 * "lundi 24 novembre", with "1er" for the first of a month.
 * @param {string} date ISO date, "2026-11-24"
 */
export function day(date) {
  const [year, month, dayOfMonth] = date.split('-').map(Number);
  return dayFormat.format(new Date(year, month - 1, dayOfMonth)).replace(/ 1 /, ' 1er ');
}

/**
 * "lundi 24 novembre, 14:30", or the day alone when no hour is planned.
 * @param {string} date ISO date
 * @param {string | null} time "14:30"
 */
export const dayAndTime = (date, time) => (time ? `${day(date)}, ${time}` : day(date));

const moments = new Intl.DateTimeFormat('fr-FR', { weekday: 'long', day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit', hour12: false });

/**
 * "lundi 24 novembre, 14:30" of a moment on this phone.
 * @param {number} ms Unix milliseconds
 */
export function moment(ms) {
  const part = Object.fromEntries(moments.formatToParts(new Date(ms)).map(({ type, value }) => [type, value]));
  return `${part.weekday} ${part.day === '1' ? '1er' : part.day} ${part.month}, ${part.hour}:${part.minute}`;
}

/**
 * A French number in pairs, "02 40 00 00 01"; any other as it is written.
 * @param {string} phone
 */
export const phoneNumber = (phone) => phone.replace(/^\+33(?=\d{9}$)/, '0').replace(/^0\d{9}$/, (digits) => digits.replace(/(\d\d)(?=\d)/g, '$1 '));

/**
 * "Fatou, Lina et Marc".
 * @param {string[]} names
 */
export const listed = (names) => new Intl.ListFormat('fr-FR', { type: 'conjunction' }).format(names);
