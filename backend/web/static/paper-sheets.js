// Keying in a filled paper grid without the mouse. The keys work only while the focus is on a criterion's answers,
// so that they get in the way of no screen reader and of no text. Without this script the page is plain radio buttons.

const form = /** @type {HTMLFormElement} */ (document.querySelector('form.keying'));
const criteria = /** @type {HTMLFieldSetElement[]} */ ([...form.querySelectorAll('[data-criterion]')]);
const count = /** @type {HTMLElement} */ (form.querySelector('.keyed-count'));

/** @param {Element} criterion @param {string} value */
const radio = (criterion, value) =>
  /** @type {HTMLInputElement | null} */ (criterion.querySelector(`input[type=radio][value="${value}"]`));

/** The answer that a key stands for. By its place for digits: on a French keyboard they are typed with Shift.
 * @param {KeyboardEvent} event @returns {string | null} */
function meant({ key, code }) {
  const digit = /^(?:Digit|Numpad)([0-9])$/.exec(code)?.[1] ?? (/^[0-9]$/.test(key) ? key : null);
  if (digit !== null) return digit;
  if (key.toLowerCase() === 'n') return 'na';
  return key === 'Backspace' || key === 'Delete' ? '' : null;
}

/** @param {Element} criterion @param {string} value */
function choose(criterion, value) {
  const wanted = radio(criterion, value);
  if (!wanted) return;
  wanted.checked = true;
  wanted.focus();
  tell();
}

/** @param {Element} criterion */
function enter(criterion) {
  criterion.scrollIntoView({ block: 'nearest' });
  /** @type {HTMLElement | null} */ (criterion.querySelector('input:checked'))?.focus();
}

/** What comes after: the next criterion, or after the last the remark on the whole visit. @param {Element} criterion */
function goOn(criterion) {
  const next = criteria[criteria.indexOf(/** @type {HTMLFieldSetElement} */ (criterion)) + 1];
  if (next) enter(next);
  else /** @type {HTMLElement} */ (form.querySelector('#remark')).focus();
}

function tell() {
  const done = criteria.filter((each) => !radio(each, '')?.checked).length;
  count.textContent = (count.dataset.count ?? '').replace('{done}', `${done}`).replace('{all}', `${criteria.length}`);
  count.hidden = false;
}

form.addEventListener('keydown', (event) => {
  const here = /** @type {HTMLElement} */ (event.target);
  const criterion = here.closest('[data-criterion]');
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (event.key === 'Enter' && !event.shiftKey && (criterion || here instanceof HTMLInputElement)) {
    event.preventDefault(); // it would send a form that is not finished
    if (criterion) goOn(criterion);
  } else if (criterion && here instanceof HTMLInputElement) {
    const value = meant(event);
    if (value !== null) choose(criterion, value);
    else if (event.key.toLowerCase() === 'r') criterion.querySelector('textarea')?.focus();
    else return;
    event.preventDefault();
  }
});
form.addEventListener('change', tell);

document.documentElement.classList.add('keyboard');
tell();
if (!document.querySelector('[role=alert]') && criteria[0]) enter(criteria[0]);
