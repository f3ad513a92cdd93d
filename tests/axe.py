"""What axe-core finds on a page: the faults that keep somebody out."""

from pathlib import Path

from playwright.sync_api import Page

SOURCE = (Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js").read_text()
OF_COLOURS = ("color-contrast", "link-in-text-block")

# only what is found comes back: all that was looked at weighs megabytes
_RUN = """(only) => axe.run(document, {
  resultTypes: ['violations'],
  rules: { 'target-size': { enabled: true } },
  ...(only.length && { runOnly: only }),
}).then(({ violations }) => violations.flatMap(({ id, nodes }) =>
  nodes.map(({ html, failureSummary = '' }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`)))"""


def barriers(page: Page, *rules: str) -> list[str]:
    """The faults, each with its element; `rules`: by these rules alone."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(SOURCE)
    found: list[str] = page.evaluate(_RUN, rules)
    return found


def by_day_and_by_night(page: Page) -> list[str]:
    """The faults in the light, and those of the colours in the dark: nothing else changes with them."""
    found = []
    for scheme, rules in (("dark", OF_COLOURS), ("light", ())):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        found += [f"{scheme}: {each}" for each in barriers(page, *rules)]
    return found
