"""Where announcements may go, and with what secret."""

from base64 import b64encode
from pathlib import Path

import pytest
from pydantic import ValidationError

from backend.domain.announcements import key_of, may_receive
from backend.settings import Settings

GOOD = "whsec_" + b64encode(b"0123456789abcdef01234567").decode()


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://moneko.example/hooks", True),
        ("https://moneko.example:8443/hooks?of=caisse", True),
        ("http://localhost:9000/", True),
        ("http://127.0.0.1:9000/", True),
        ("http://[::1]:9000/", True),
        ("http://moneko.example/hooks", False),
        ("http://localhost.example/", False),
        ("https://claire:secret@moneko.example/", False),
        ("ftp://moneko.example/", False),
        ("https:///hooks", False),
        ("https://moneko.example:99999/", False),
        ("https://moneko.example/a b", False),
        ("https://moneko.example/\r\nX: y", False),
        ("moneko.example", False),
        ("", False),
    ],
)
def test_only_over_https_or_to_this_machine(url: str, may: bool) -> None:
    assert may_receive(url) is may


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_c2hvcnQ=", GOOD.removeprefix("whsec_"), "whsec_%%%" * 20]
)
def test_a_secret_that_is_none(secret: str) -> None:
    with pytest.raises(ValueError, match="whsec_"):
        key_of(secret)


def settings(tmp_path: Path, **given: str) -> Settings:
    return Settings(_env_file=None, data_dir=tmp_path, **given)  # type: ignore[call-arg, arg-type]


def test_settings_that_would_not_be_safe_stop_the_start_and_show_no_secret(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="https://") as refused:
        settings(tmp_path, webhook_url="http://moneko.example/", webhook_secret=GOOD)
    assert GOOD not in str(refused.value)
    with pytest.raises(ValidationError, match="WEBHOOK_SECRET") as refused:
        settings(tmp_path, webhook_url="https://moneko.example/", webhook_secret="short-secret")
    assert "short-secret" not in str(refused.value)
    made = settings(tmp_path, webhook_url="https://moneko.example/", webhook_secret=GOOD)
    assert GOOD not in repr(made)
    assert key_of(made.webhook_secret.get_secret_value()) == b"0123456789abcdef01234567"
