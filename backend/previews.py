"""The picture that messengers show of a sales point, drawn with Pillow from what is published of it."""

import io
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from PIL.ImageFont import FreeTypeFont

SIZE = (1200, 630)  # what messengers crop the least
MARGIN = 80
PAPER, INK, MUTED, LEAF, LEAF_SOFT, BEETROOT = (
    *("#FBF8F1", "#1D2B24", "#55635B", "#17614A", "#E6EFE8"),
    "#9C1F4B",
)  # those of tokens.css, in the light
FONTS = Path(__file__).parent / "web" / "static" / "vendor"
MOST_LINES, ROOM_BELOW = 3, 260  # pixels under the first line of the name
STRIPE = 80


def picture(name: str, about: str, state: str, *, active: bool) -> bytes:
    """A PNG that says the name, what and where it is, and whether one pays there in Moneko. Same words, same bytes."""
    name, about = _drawable(name), _drawable(about)
    drawn = Image.new("RGB", SIZE, PAPER)
    pen = ImageDraw.Draw(drawn)
    _awning(pen)
    lines, font = _fitting(name, (84, 68, 56, 44))
    top = 130
    for line in lines:
        pen.text((MARGIN, top), line, INK, font)
        top += round(font.size * 1.15)
    pen.text((MARGIN, top + 16), _cut(about, _font(400, 38)), MUTED, _font(400, 38))
    _badge(pen, state, LEAF if active else BEETROOT)
    written = io.BytesIO()
    drawn.quantize(64).save(written, "PNG", optimize=True)
    return written.getvalue()


def _drawable(text: str) -> str:
    """The text on one line, without the signs that direct a text and that no font has: drawing fails on some."""
    return "".join(sign for sign in " ".join(text.split()) if sign.isprintable())


def _awning(pen: ImageDraw.ImageDraw) -> None:
    """The awning of a market stall, as on the home page."""
    for rank in range(SIZE[0] // STRIPE + 1):
        left, colour = rank * STRIPE, (LEAF, LEAF_SOFT)[rank % 2]
        pen.rectangle((left, 0, left + STRIPE - 1, 50), colour)
        pen.pieslice((left, 50 - STRIPE // 2, left + STRIPE - 1, 50 + STRIPE // 2), 0, 180, colour)


def _badge(pen: ImageDraw.ImageDraw, text: str, colour: str) -> None:
    font, bottom = _font(700, 40), SIZE[1] - MARGIN
    width = round(font.getlength(text))
    pen.rounded_rectangle((MARGIN, bottom - 76, MARGIN + width + 64, bottom), 38, colour)
    pen.text((MARGIN + 32, bottom - 40), text, "#FFFFFF", font, anchor="lm")


def _fitting(text: str, sizes: tuple[int, ...]) -> tuple[list[str], FreeTypeFont]:
    """The text in at most MOST_LINES lines, as large as that allows; cut when even the smallest is too large."""
    for size in sizes:
        font = _font(700, size)
        lines = _lines(text, font)
        height = len(lines) * size * 1.15
        if height <= ROOM_BELOW and all(font.getlength(line) <= _room() for line in lines):
            return lines, font
    kept = lines[:MOST_LINES]
    return [_cut(line, font, more=line is kept[-1] and len(lines) > MOST_LINES) for line in kept], font


def _lines(text: str, font: FreeTypeFont) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and font.getlength(f"{lines[-1]} {word}") <= _room():
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _cut(text: str, font: FreeTypeFont, *, more: bool = False) -> str:
    """The beginning of a text, as far as there is room; `more`: something follows that is not shown."""
    if font.getlength(text) <= _room() and not more:
        return text
    while text and font.getlength(f"{text}…") > _room():
        text = text[:-1]
    return f"{text.rstrip()}…"


def _room() -> int:
    return SIZE[0] - 2 * MARGIN


@lru_cache
def _font(weight: int, size: int) -> FreeTypeFont:
    return ImageFont.truetype(FONTS / f"atkinson-hyperlegible-latin-{weight}-normal.woff2", size)
