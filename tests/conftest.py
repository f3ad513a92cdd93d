"""What all tests share: where the fixtures are, the doses of generated cases, what a skip means in CI,
and the phone's rules in one Node process."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, settings

from backend.app import LOGGED
from backend.score_cases import node
from tests.doses import SOAK

structlog.configure(processors=list(LOGGED))
pytest_plugins = ["tests.databases", "tests.town", "tests.servers", "tests.browsers"]

TESTS = Path(__file__).parent
FIXTURES = TESTS.parent / "fixtures"

_UNHURRIED = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}
settings.register_profile("dose", max_examples=200, **_UNHURRIED)
settings.register_profile("soak", max_examples=10_000, **_UNHURRIED)
settings.load_profile("soak" if SOAK else "dose")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Ten thousand examples may well take longer than the time limit of an everyday test."""
    if SOAK:
        for item in items:
            item.add_marker(pytest.mark.timeout(3600))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """On a machine where all can be installed (CI), what was skipped was not tested, and that is a failure."""
    report = yield
    _no_skip(report, item.nodeid)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Any:
    report = yield
    _no_skip(report, collector.nodeid)
    return report


def _no_skip(report: Any, nodeid: str) -> None:
    if os.environ.get("CI") and report.outcome == "skipped" and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome, report.longrepr = "failed", f"{nodeid} was not tested: {reason}"


class PhoneEngine:
    """The rules as the phone runs them, asked one request at a time."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def ask(self, op: str, **request: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"op": op, **request}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise ValueError(answer["error"])
        return answer["answer"]


@pytest.fixture(scope="session")
def phone_engine() -> Iterator[PhoneEngine]:
    program = node()
    assert program is not None, "Node is missing: pip install -e '.[test]' brings it"
    command = [program, TESTS / "pwa" / "engine.mjs"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    ) as process:
        yield PhoneEngine(process)
        assert process.stdin is not None
        process.stdin.close()
