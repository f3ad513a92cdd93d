"""All of the storage is tested on SQLite and on PostgreSQL."""

import pytest


@pytest.fixture
def database_url(on_both_engines: str) -> str:
    return on_both_engines
