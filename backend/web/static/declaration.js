/** What a merchant says of itself is saved as they go. Without this file each question has its button. */

const declaration = document.querySelector('form.declaration')

/** A key of its own for each saving, so that what is sent twice counts once. */
const newKey = () => crypto.randomUUID().replaceAll('-', '')

/**
 * Send one question, and remember what is saved.
 * @param {HTMLFormElement} whole
 * @param {HTMLElement} question
 */
async function save(whole, question) {
  const status = question.querySelector('[role="status"]')
  const id = question.id.slice('c-'.length)
  const all = new FormData(whole)
  const sent = new URLSearchParams({ form_key: newKey(), grid: String(all.get('grid')) })
  for (const name of ['level', 'was_level', 'words', 'was_words']) sent.set(`${name}_${id}`, String(all.get(`${name}_${id}`) ?? ''))
  const say = (/** @type {string | undefined} */ words) => { if (status) status.textContent = words ?? '' }
  say(whole.dataset.saving)
  try {
    // an answer that goes on elsewhere is the one that says yes
    const answer = await fetch(whole.action, { method: 'POST', body: sent, redirect: 'manual' })
    if (answer.type !== 'opaqueredirect') throw new Error(String(answer.status))
    for (const name of ['level', 'words']) {
      const was = whole.elements.namedItem(`was_${name}_${id}`)
      if (was instanceof HTMLInputElement || was instanceof HTMLTextAreaElement) was.value = sent.get(`${name}_${id}`) ?? ''
    }
    say(whole.dataset.saved)
  } catch {
    say(whole.dataset.failed)
  }
}

if (declaration instanceof HTMLFormElement && 'randomUUID' in crypto) {
  /** @type {Map<HTMLElement, Promise<void>>} */
  const saving = new Map() // one after the other, for each question: an answer says what the next one starts from
  declaration.addEventListener('change', ({ target }) => {
    const question = target instanceof Element ? target.closest('.asked-of') : null
    if (!(question instanceof HTMLElement)) return
    saving.set(question, (saving.get(question) ?? Promise.resolve()).then(() => save(declaration, question)))
  })
}
