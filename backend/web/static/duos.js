/** A suggested duo ticks its two people in the form, without asking for the page again. */

document.addEventListener('click', (event) => {
  const button = event.target instanceof Element ? event.target.closest('button[name="duo"]') : null
  if (!(button instanceof HTMLButtonElement) || !button.form) return
  const duo = button.value.split(' ')
  const boxes = [...button.form.querySelectorAll('input[name="member"]')].filter((box) => box instanceof HTMLInputElement)
  if (!duo.every((id) => boxes.some((box) => box.value === id))) return
  event.preventDefault()
  for (const box of boxes) box.checked = duo.includes(box.value)
  boxes.find((box) => box.checked)?.focus()
})
