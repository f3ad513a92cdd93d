"""Installs what the tests need from outside Python and Node: three browsers, Redis for the address engine,
and Pango for paper.

Debian as root: apt. Elsewhere Chromium comes from Playwright's own download, and the rest is left to its owner
(the tests that need it then say that they were skipped).
"""

import ctypes.util
import os
import shutil
import subprocess
import sys

from tests.browsers import installed


def main() -> int:
    missing = [] if installed() else ["chromium-headless-shell"]
    missing += [
        package
        for package, command in (
            ("firefox-esr", "firefox-esr"),
            ("webkit2gtk-driver", "WebKitWebDriver"),
            ("xvfb", "Xvfb"),
            ("redis-server", "redis-server"),
        )
        if not shutil.which(command)
    ]
    if not ctypes.util.find_library("pangoft2-1.0"):
        missing.append("libpangoft2-1.0-0")
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        _quietly("apt-get", "update", "-qq")
        _quietly("apt-get", "install", "-qq", "--yes", "--no-install-recommends", *missing)
    if installed() or _quietly(sys.executable, "-m", "playwright", "install", "chromium"):
        return 0
    print("Il manque Chromium : installez le paquet « chromium » de votre système, puis recommencez.")
    return 1


def _quietly(*command: str) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, env=environment, capture_output=True, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
