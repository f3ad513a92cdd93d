// On the wall: the arrow keys go to the merchant before and to the one after, as on a remote control.

/** @type {Record<string, string>} */
const LINKS = { ArrowLeft: 'prev', PageUp: 'prev', ArrowRight: 'next', PageDown: 'next' }

document.addEventListener('keydown', (event) => {
    const link = LINKS[event.key]
    if (!link || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return
    const found = /** @type {HTMLAnchorElement | null} */ (document.querySelector(`a[rel=${link}]`))
    if (!found) return
    event.preventDefault()
    found.click()
})
