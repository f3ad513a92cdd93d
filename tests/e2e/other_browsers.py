"""Firefox and WebKitGTK, as the system has them, behind one small interface.

Firefox is spoken to in WebDriver BiDi, straight over its web socket: the driver that selenium would want is in no
package registry we use. WebKitGTK has a WebDriver of its own, which selenium speaks. Both run a page's own code and
give files to its fields; what a person does is written once, in the page's language, in `Person`.
"""

import base64
import itertools
import json
import os
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from selenium import webdriver
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service
from websockets.sync.client import ClientConnection, connect

PATIENCE = 30.0
NAMES = ("firefox", "webkitgtk")


class Driver(Protocol):
    """What a test needs of a browser."""

    def open(self, address: str) -> None: ...
    def run(self, code: str, *given: Any) -> Any:
        """What this body of a function returns in the page, with `given` as its arguments."""

    def give_files(self, css: str, files: list[Path]) -> None: ...
    def picture(self, file: Path) -> None: ...


class Firefox:
    """One page of a headless Firefox with a new profile."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._ask("session.new", capabilities={})
        self._page = self._ask("browsingContext.getTree")["contexts"][0]["context"]

    def _ask(self, method: str, **params: Any) -> Any:
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            answer = json.loads(self._socket.recv(PATIENCE))
            if answer.get("id") == number:
                assert answer["type"] == "success", answer
                return answer["result"]

    def _evaluate(self, expression: str) -> Any:
        target = {"context": self._page}
        return self._ask(
            "script.evaluate", expression=expression, target=target, awaitPromise=True, userActivation=True
        )

    def open(self, address: str) -> None:
        self._ask("browsingContext.navigate", context=self._page, url=address, wait="interactive")

    def run(self, code: str, *given: Any) -> Any:
        arguments = ", ".join(json.dumps(each) for each in given)
        found = self._evaluate(f"JSON.stringify((function () {{ {code} }})({arguments}) ?? null)")
        assert found["type"] == "success", found
        return json.loads(found["result"]["value"])

    def give_files(self, css: str, files: list[Path]) -> None:
        found = self._evaluate(f"document.querySelector({json.dumps(css)})")["result"]
        names = [str(file) for file in files]
        self._ask("input.setFiles", context=self._page, element={"sharedId": found["sharedId"]}, files=names)

    def picture(self, file: Path) -> None:
        file.write_bytes(
            base64.b64decode(self._ask("browsingContext.captureScreenshot", context=self._page)["data"])
        )


class WebKit:
    """One page of WebKitGTK's own small browser."""

    def __init__(self, driver: Any) -> None:
        self._driver = driver

    def open(self, address: str) -> None:
        self._driver.get(address)

    def run(self, code: str, *given: Any) -> Any:
        return json.loads(
            self._driver.execute_script(
                f"return JSON.stringify((function () {{ {code} }}).apply(null, arguments) ?? null)", *given
            )
        )

    def give_files(self, css: str, files: list[Path]) -> None:
        self._driver.find_element("css selector", css).send_keys("\n".join(str(file) for file in files))

    def picture(self, file: Path) -> None:
        self._driver.save_screenshot(str(file))


def missing(name: str) -> str | None:
    """Why this browser cannot be tested here, or None."""
    if name == "firefox":
        return None if shutil.which("firefox-esr") else "Firefox is missing: apt install firefox-esr"
    needed = shutil.which("WebKitWebDriver") and shutil.which("Xvfb") and _mini_browser()
    return None if needed else "WebKitGTK is missing: apt install webkit2gtk-driver xvfb"


def _mini_browser() -> Path | None:
    return next(iter(sorted(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"), reverse=True)), None)


@contextmanager
def running(name: str, folder: Path) -> Iterator[Driver]:
    """A browser with nothing in it, its profile in this folder."""
    with _firefox(folder) if name == "firefox" else _webkit(folder) as driver:
        yield driver


@contextmanager
def _firefox(folder: Path) -> Iterator[Driver]:
    command = ["firefox-esr", "--headless", "--no-remote", "--profile", str(folder)]
    said = folder / "said.txt"
    with said.open("w") as log:
        process = subprocess.Popen(
            [*command, "--remote-debugging-port", "0"],
            stdout=log,
            stderr=log,
            env={**os.environ, "HOME": str(folder)},
        )
    try:
        with connect(f"{_address_in(said)}/session", max_size=None) as socket:
            yield Firefox(socket)
    finally:
        _end(process)


def _address_in(said: Path) -> str:
    """Where it listens, once it has said so."""
    deadline = time.monotonic() + PATIENCE
    while not (found := re.search(r"WebDriver BiDi listening on (ws://\S+)", said.read_text())):
        assert time.monotonic() < deadline, said.read_text()
        threading.Event().wait(0.05)
    return found[1]


@contextmanager
def _webkit(folder: Path) -> Iterator[Driver]:
    reading, writing = os.pipe()
    screen = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "420x800x24", "-nolisten", "tcp"],
        pass_fds=[writing],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as told:
            display = f":{told.readline().strip()}"
        options = Options()
        options.binary_location = str(_mini_browser())
        options.add_argument("--automation")
        home = {**os.environ, "DISPLAY": display, "HOME": str(folder), "XDG_DATA_HOME": str(folder / "data")}
        home |= {"XDG_CACHE_HOME": str(folder / "cache"), "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1"}
        home["WEBKIT_DISABLE_COMPOSITING_MODE"] = "1"
        service = Service(shutil.which("WebKitWebDriver"), env=home)
        driver = webdriver.WebKitGTK(options=options, service=service)
        try:
            yield WebKit(driver)
        finally:
            driver.quit()
    finally:
        _end(screen)


def _end(process: "subprocess.Popen[Any]") -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


# What is shown, by what a person reads: the text of a control, or of anything.
FIND = """
const [what, name] = arguments;
const shown = (one) => one.getClientRects().length > 0;
const all = [...document.querySelectorAll(what)].filter(shown);
const found = all.find((one) => one.textContent.replace(/\\s+/g, ' ').includes(name));
"""


class Person:
    """Somebody in front of this browser."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver

    def until(self, code: str, *given: Any) -> Any:
        """Wait until this is true in the page."""
        deadline = time.monotonic() + PATIENCE
        while not (found := self._tried(code, *given)):
            assert time.monotonic() < deadline, (
                f"{code} {given}\n{self._tried('return document.body.innerText')}"
            )
            threading.Event().wait(0.05)
        return found

    def _tried(self, code: str, *given: Any) -> Any:
        try:
            return self.driver.run(code, *given)
        except Exception:  # the page is being replaced
            return None

    def sees(self, text: str, where: str = "body") -> None:
        self.until(f"{FIND} return Boolean(found)", where, text)

    def touches(self, name: str, what: str = "a, button, label, summary") -> None:
        self.until(f"{FIND} if (found) found.click(); return Boolean(found)", what, name)
