/** What opens over the map: a place's card, and the names of those that stand at one point. */
import { button, element, filled } from './pieces.js';
import { nameOf, pinPicture } from './pins.js';

/** @import { Item, Words } from './pins.js' */

/**
 * @param {string} name
 * @param {() => void} close
 */
function dialog(name, close) {
  const card = element('div', 'map-card');
  card.setAttribute('role', 'dialog');
  card.setAttribute('aria-label', name);
  card.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') close();
  });
  return card;
}

/**
 * @param {Item} item
 * @param {HTMLElement} line
 * @param {Words} words
 * @param {() => void} close
 */
export function cardOf(item, line, words, close) {
  const card = dialog(String(item.name), close);
  const title = element('h3', '', line.querySelector('h4')?.textContent ?? '');
  title.tabIndex = -1;
  const inList = element('a', 'card-link', words.inList);
  inList.href = `#${line.id}`;
  const phone = line.querySelector('a[href^="tel:"]');
  phone?.setAttribute('aria-label', filled(words.call, { phone: phone.textContent ?? '' }));
  const link = line.querySelector('h4 a');
  if (link) {
    title.textContent = '';
    title.append(link);
  }
  const rest = [...line.querySelectorAll('.place-text > :not(h4, .place-links)')];
  const links = [...line.querySelectorAll('.place-links > a')];
  card.append(title, ...rest, ...links);
  if (document.getElementById(line.id)) card.append(inList);
  card.append(closeButton(words, close));
  return card;
}

/**
 * @param {Item} item
 * @param {Item[]} members
 * @param {Words} words
 * @param {() => void} close
 * @param {(member: Item) => void} open
 */
export function manyOf(item, members, words, close, open) {
  const title = element('h3', '', `${item.count} ${words.places}`);
  title.tabIndex = -1;
  const card = dialog(title.textContent ?? '', close);
  const list = element('ul', 'map-many');
  for (const member of members) {
    const made = button('quiet', String(member.name));
    made.setAttribute('aria-label', nameOf(member, words));
    made.prepend(pinPicture(member));
    made.addEventListener('click', () => open(member));
    const line = element('li', '');
    line.append(made);
    list.append(line);
  }
  card.append(title, list, closeButton(words, close));
  return card;
}

/**
 * @param {Words} words
 * @param {() => void} close
 */
function closeButton(words, close) {
  const made = button('card-close', words.close);
  made.addEventListener('click', close);
  return made;
}
