/** In the page of another site, what leads elsewhere opens in a tab of its own; what leads further down does not. */
document.addEventListener(
  'click',
  ({ target }) => {
    const link = target instanceof Element && target.closest('a[href^="#"]');
    if (link) link.setAttribute('target', '_self');
  },
  true,
);
