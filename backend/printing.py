"""Paper: HTML pages of ours turned into PDF. The one adapter of WeasyPrint and pypdf.

WeasyPrint needs Pango, a system library; a server without it says so in a refusal, and its pages still print from a
browser. Nothing but our own files is ever fetched: what people wrote cannot make the server read or call anything.
"""

from collections.abc import Callable
from io import BytesIO
from urllib.parse import unquote, urlsplit

from backend.domain import booklets
from backend.domain.errors import Refusal

HOUSE = "https://caisse.invalid/"  # the address that relative links start from; it exists nowhere

File = tuple[bytes, str]
"""Bytes, and their media type."""


def pdf(html: str, files: Callable[[str], File | None]) -> bytes:
    """The PDF of a whole HTML page. `files` gives what its links name, by path ("/static/…"), or None.

    The same page gives the same bytes. Raises pdf_unavailable where the system has no Pango.
    """
    try:
        from weasyprint import HTML  # not at start: it costs memory that most servers' days do not need
        from weasyprint.urls import URLFetcher, URLFetcherResponse
    except OSError:
        raise Refusal("pdf_unavailable") from None

    class OurFiles(URLFetcher):  # type: ignore[misc]  # it has no types
        def fetch(self, url: str, headers: object = None) -> object:  # noqa: ARG002
            found = files(unquote(urlsplit(url).path)) if url.startswith(HOUSE) else None
            if found is None:
                raise ValueError(url)
            return URLFetcherResponse(url, found[0], {"Content-Type": found[1]})

    page = HTML(string=html, base_url=HOUSE, url_fetcher=OurFiles())
    written: bytes = page.write_pdf(pdf_tags=True, pdf_variant="pdf/ua-1")
    return written


def folded(book: bytes) -> bytes:
    """A booklet to print on both sides and to fold: two pages of the PDF side by side on each landscape page of twice
    their width. Without its tags: it is for printers."""
    from pypdf import PageObject, PdfReader, PdfWriter, Transformation  # not at start, as above

    pages, out = PdfReader(BytesIO(book)).pages, PdfWriter()
    width, height = pages[0].mediabox.width, pages[0].mediabox.height
    for sides in booklets.folded(len(pages)):
        sheet = PageObject.create_blank_page(width=2 * width, height=height)
        for place, rank in enumerate(sides):
            if rank is not None:
                sheet.merge_transformed_page(pages[rank], Transformation().translate(place * width, 0))
        out.add_page(sheet)
    written = BytesIO()
    out.write(written)
    return written.getvalue()
