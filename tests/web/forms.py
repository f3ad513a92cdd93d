"""Forms as a browser sends them, pages as a person reads them, and all that the database holds."""

import re
import secrets
from collections.abc import Mapping
from html import unescape
from typing import Any

from httpx2 import Response
from sqlalchemy import select
from sqlmodel import SQLModel
from starlette.testclient import TestClient

from backend.web.house import House

Form = Mapping[str, str | list[str]]


def post(browser: TestClient, path: str, form: Form, key: str | None = None) -> Response:
    """Send a form with its one-time key: a new one, unless the test says which."""
    return browser.post(path, data={**form, "form_key": key or secrets.token_hex(16)})


def words(page: Response) -> str:
    """What a person reads: no tags, plain spaces."""
    body = re.sub(r"<head>.*?</head>", "", page.text, flags=re.DOTALL)
    text = unescape(re.sub(r"<[^>]+>", " ", body))
    return re.sub(
        r"\s+([.,])", r"\1", re.sub(r"\s+", " ", text.replace("\u202f", " ").replace("\u00a0", " "))
    )


def everything(home: House) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, sessions, used form keys and dates of what is public aside: what a replay must leave
    as it was."""
    with home.db.read() as session:
        return {
            table.name: sorted((tuple(row) for row in session.execute(select(table))), key=repr)
            for table in SQLModel.metadata.sorted_tables
            if table.name not in ("sign_in", "form_key", "publication", "merchant_sign_in")
        }


def sent_twice(home: House, browser: TestClient, path: str, form: Form) -> Response:
    """Send a form twice with the same key, as a double tap does; the second time must change nothing."""
    key = secrets.token_hex(16)
    first = post(browser, path, form, key)
    assert first.status_code == 303, words(first)
    home.background.work()  # what the form set going in the background is no replay
    after_once = everything(home)
    second = post(browser, path, form, key)
    assert (second.status_code, second.headers["location"]) == (303, first.headers["location"])
    assert everything(home) == after_once
    return first


def refused(answer: Response, status: int, sentence: str) -> None:
    """The form came back, with the sentence that says what to do."""
    assert answer.status_code == status
    assert sentence in words(answer)
