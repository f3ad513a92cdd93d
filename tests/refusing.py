"""Saying that something is refused, and by which code of the catalogue."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from backend.domain.errors import Refusal


@contextmanager
def refused(code: str) -> Iterator[None]:
    with pytest.raises(Refusal) as raised:
        yield
    assert raised.value.problem.code == code
