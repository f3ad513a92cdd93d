"""The phone's own tests run in Node, beside all others."""

import re
import subprocess
from pathlib import Path

import pytest

from backend.score_cases import node

FILES = sorted(Path(__file__).parent.glob("*.test.mjs"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_the_phones_tests_pass(file: Path) -> None:
    program = node()
    assert program is not None, "Node is missing: pip install -e '.[test]' brings it"
    command = [program, "--test", "--test-reporter=tap", file]
    run = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-2000:]
    assert re.search(r"^# pass [1-9]", run.stdout, re.M), "no test ran"
    assert re.search(r"^# skipped 0$", run.stdout, re.M), "a test was skipped"
