"""The other languages: complete for the phone and the grids, and handed over as the phone reads them."""

import json
import re
import tomllib
from collections.abc import Iterator

import pytest

from backend import catalogues
from backend.settings import ROOT

PHONE = [file for file in sorted((ROOT / "pwa").rglob("*.js")) if "vendor" not in file.parts]
GRIDS = sorted((ROOT / "criteria").glob("*/*.toml"))
PLACES = re.compile(r"\{\w+\}")


def texts() -> Iterator[tuple[str, ...]]:
    """Every text of the phone and of the grids: alone, or with its plural."""
    for file in PHONE:
        with file.open("rb") as code:
            for _, _, text, _ in catalogues.phone_texts(code):
                yield text if isinstance(text, tuple) else (text,)
    for file in GRIDS:
        yield from ((text,) for text in catalogues.texts_of(tomllib.loads(file.read_text())))


def told(language: str) -> dict[str, str | list[str]]:
    sources = [file.read_text() for file in (*PHONE, *GRIDS)]
    messages: dict[str, str | list[str]] = json.loads(catalogues.for_phones(language, sources))["messages"]
    return messages


@pytest.mark.parametrize("language", catalogues.languages())
def test_every_text_of_the_phone_and_the_grids_is_translated_with_the_same_places_to_fill(
    language: str,
) -> None:
    messages = told(language)
    missing = [text for text in texts() if text[0] not in messages]
    assert missing == []
    for text in texts():
        found = messages[text[0]]
        forms = found if isinstance(found, list) else [found]
        assert (len(forms) > 1) == (len(text) > 1), text
        assert set(PLACES.findall(text[-1])) == set(PLACES.findall(forms[-1])), text


def test_nothing_is_translated_that_nobody_says_any_more() -> None:
    said = {text[0] for text in texts()}
    for language in catalogues.languages():
        assert set(told(language)) - said == set()


@pytest.mark.parametrize("file", PHONE, ids=lambda file: file.relative_to(ROOT / "pwa").as_posix())
def test_a_text_is_always_a_plain_literal_so_that_none_escapes_the_catalogue(file: str) -> None:
    code = file.read_text()  # type: ignore[attr-defined]
    called = re.findall(r"(?<![\w.$])(?:tn?|N_)\(\s*([`\"])", code)
    assert called == []
