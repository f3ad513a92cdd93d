/** A button beside a message copies it, where the browser lets it. */

for (const button of document.querySelectorAll('button.copy')) {
  const box = button.closest('details')
  const message = box?.querySelector('textarea')
  const copied = box?.querySelector('.copied')
  if (!(button instanceof HTMLButtonElement) || !message || !(copied instanceof HTMLElement) || !navigator.clipboard) continue
  button.hidden = false
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(message.value).catch(() => message.select())
    copied.hidden = false
  })
}
