"""QR codes, as inline SVG."""

import segno
from markupsafe import Markup


def qr_code(address: str, title: str) -> Markup:
    """The QR code of an address of ours, black on white whatever the page looks like."""
    drawn = segno.make(address, error="m", micro=False).svg_inline(
        omitsize=True, border=4, light="#fff", svgclass="qr", lineclass=None, title=title
    )
    return Markup(drawn)
