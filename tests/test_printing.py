"""Paper: PDFs made of our own pages, with nothing from elsewhere."""

import sys
from importlib.machinery import ModuleSpec

import pypdfium2
import pytest

from backend import printing
from backend.domain.errors import Refusal

PAGE = """<!doctype html><html lang="fr"><head><title>Essai</title><link rel="stylesheet" href="/static/a.css">
<style>@page { size: A5 }</style></head><body><h1>L’Épicerie</h1>%s</body></html>"""


def test_the_same_page_gives_the_same_bytes() -> None:
    assert printing.pdf(PAGE % "", lambda _path: None) == printing.pdf(PAGE % "", lambda _path: None)


def test_a_page_is_read_back_with_its_title_language_and_size() -> None:
    document = pypdfium2.PdfDocument(printing.pdf(PAGE % "<p>Bonjour</p>", lambda _path: None))
    assert "L’Épicerie" in document[0].get_textpage().get_text_range()
    assert document.get_metadata_dict()["Title"] == "Essai"
    assert [round(side) for side in document[0].get_size()] == [420, 595]
    document.close()


def test_nothing_is_fetched_but_what_we_give() -> None:
    asked: list[str] = []

    def files(path: str) -> printing.File | None:
        asked.append(path)
        return None

    hostile = (
        '<img src="file:///etc/passwd"><img src="http://127.0.0.1:1/x"><img src="//example.org/x">'
        '<img src="data:text/html,x"><img src="/photos/a b"><img src="/static/../../etc/passwd">'
    )
    assert printing.pdf(PAGE % hostile, files)
    assert asked == ["/static/a.css", "/photos/a b", "/etc/passwd"]


class NoPango:
    """What Python says where the system has no Pango: importing WeasyPrint opens it."""

    def find_spec(self, name: str, *_args: object) -> ModuleSpec | None:
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")
        return None


def test_a_server_without_pango_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "weasyprint"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [NoPango(), *sys.meta_path])
    with pytest.raises(Refusal) as refused:
        printing.pdf(PAGE % "", lambda _path: None)
    assert refused.value.problem.code == "pdf_unavailable"
