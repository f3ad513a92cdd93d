/** Small pieces that the map, the list and the cards are made of. Whatever merchants wrote goes in as text. */

const SVG = 'http://www.w3.org/2000/svg';

/** @param {string} text */
export function say(text) {
  const status = document.getElementById('map-status');
  if (status && status.textContent !== text) status.textContent = text; // not read aloud again at each step
}

/**
 * Each tile that does not come says so again: what was said of one's position stays.
 * @param {string} text
 */
export function sayUnlessSaid(text) {
  if (!document.getElementById('map-status')?.textContent) say(text);
}

/** What was said of something that is over. @param {string} text */
export function unsay(text) {
  if (document.getElementById('map-status')?.textContent === text) say('');
}

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} className
 * @param {string} [text]
 */
export function element(tag, className, text = '') {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

/**
 * @param {string} className
 * @param {string} text
 */
export function button(className, text = '') {
  const made = element('button', className, text);
  made.type = 'button';
  return made;
}

/**
 * @param {string} className
 * @param {string} viewBox
 */
export function drawing(className, viewBox) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', className);
  svg.setAttribute('viewBox', viewBox);
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('focusable', 'false');
  return svg;
}

/**
 * A piece of `partials/kind_icons.html`, drawn again.
 * @param {string} target
 * @param {Record<string, string>} [attributes]
 */
export function part(target, attributes = {}) {
  const use = document.createElementNS(SVG, 'use');
  for (const [name, value] of Object.entries({ href: target, ...attributes })) use.setAttribute(name, value);
  return use;
}

/** Let the phone draw, and answer a finger, before the work goes on. */
export const breath = () => /** @type {any} */ (window).scheduler?.yield?.() ?? new Promise((go) => setTimeout(go));

/**
 * A sentence with each `{name}` filled in.
 * @param {string} text
 * @param {Record<string, string | number>} params
 */
export const filled = (text, params) => text.replace(/\{(\w+)\}/g, (place, name) => String(params[name] ?? place));
