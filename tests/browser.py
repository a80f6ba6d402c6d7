"""A browser for tests: headless Chromium, driven through chromedriver by the standard library.

``with browser(folder) as page:`` gives a :class:`Page`; ``needs_chromium`` skips where either
program is absent.  The WebDriver protocol is plain JSON over HTTP on the loopback interface.
"""

from __future__ import annotations

import base64
import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PROGRAMS = ("chromium", "chromedriver")
needs_chromium = pytest.mark.skipif(
    any(shutil.which(name) is None for name in PROGRAMS),
    reason="needs chromium and chromedriver (Debian's chromium, chromium-driver)",
)
KEYS = {"up": "\ue013", "down": "\ue015", "left": "\ue012", "right": "\ue014", "enter": "\ue007",
        "tab": "\ue004", "space": " "}  # fmt: skip
_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--force-device-scale-factor=1",
)  # fmt: skip
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
_PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Page:
    """What a person does with a page, and sees of it."""

    session: str
    downloads: Path

    def _send(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        return request(method, f"{self.session}{path}", body)

    def open(self, address: str) -> None:
        self._send("POST", "/url", {"url": address})

    def reload(self) -> None:
        self._send("POST", "/refresh", {})

    def run(self, script: str, *arguments: Any) -> Any:
        """Run JavaScript as the body of a function and return what it returns."""
        return self._send("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def _element(self, css: str) -> str:
        found = self._send("POST", "/element", {"using": "css selector", "value": css})
        return str(found[_ELEMENT])

    def click(self, css: str) -> None:
        self._send("POST", f"/element/{self._element(css)}/click", {})

    def write(self, css: str, text: str) -> None:
        self._send("POST", f"/element/{self._element(css)}/value", {"text": text})

    def text(self, css: str) -> str:
        """Return what is to be read of an element, as shown."""
        return str(self._send("GET", f"/element/{self._element(css)}/text"))

    def press(self, *keys: str) -> None:
        """Press keys one after the other, wherever the focus is; names as in ``KEYS``."""
        events = []
        for key in keys:
            value = KEYS.get(key, key)
            events += [{"type": "keyDown", "value": value}, {"type": "keyUp", "value": value}]
        source = {"type": "key", "id": "keyboard", "actions": events}
        self._send("POST", "/actions", {"actions": [source]})

    def devtools(self, command: str, **parameters: Any) -> Any:
        body = {"cmd": command, "params": parameters}
        return self._send("POST", "/goog/cdp/execute", body)

    def resize(self, width: int, height: int, *, dark: bool = False) -> None:
        """Give the page a size in CSS pixels, as a telephone's screen has one."""
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=height,
                      deviceScaleFactor=1, mobile=width < 600)  # fmt: skip
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.devtools("Emulation.setEmulatedMedia", features=[scheme])

    def screenshot(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self._send("GET", "/screenshot")))

    def complaints(self) -> list[str]:
        """Return what the console holds of errors and warnings since the last call."""
        found = self._send("POST", "/se/log", {"type": "browser"})
        return [entry["message"] for entry in found]

    def downloaded(self, ending: str) -> Path:
        """Wait for a file and return it."""
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            found = sorted(self.downloads.glob(f"*{ending}"), key=lambda p: p.stat().st_mtime_ns)
            if found and not list(self.downloads.glob("*.crdownload")):
                return found[-1]
            time.sleep(0.05)
        raise TimeoutError(f"no file *{ending} in {self.downloads}")


def request(method: str, address: str, body: dict[str, Any] | None = None) -> Any:
    """Send one WebDriver command; an error of the driver's comes out as RuntimeError."""
    raw = None if body is None else json.dumps(body).encode("ascii")
    kind = {"Content-Type": "application/json"}
    asked = urllib.request.Request(address, raw, kind, method=method)  # noqa: S310
    try:
        with urllib.request.urlopen(asked, timeout=_PATIENCE) as answer:  # noqa: S310
            return json.load(answer)["value"]
    except urllib.error.HTTPError as error:
        told = json.load(error)["value"]
        raise RuntimeError(f"{told['error']}: {told['message'].splitlines()[0]}") from None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(address: str, driver: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end and driver.poll() is None:
        try:
            if request("GET", f"{address}/status")["ready"]:
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("chromedriver does not answer")


@contextmanager
def browser(folder: Path) -> Iterator[Page]:
    """Start Chromium with an empty profile under ``folder``, and end it afterwards."""
    address = f"http://127.0.0.1:{(port := _free_port())}"
    downloads = folder / "downloads"
    downloads.mkdir(parents=True)
    options = {"args": [*_FLAGS, f"--user-data-dir={folder / 'profile'}"]}
    wanted = {
        "browserName": "chrome",
        "goog:chromeOptions": options | {"binary": shutil.which("chromium")},
        "goog:loggingPrefs": {"browser": "ALL"},
        "unhandledPromptBehavior": "accept",
    }
    driver = subprocess.Popen(
        ["chromedriver", f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_until_ready(address, driver)
        begun = request("POST", f"{address}/session", {"capabilities": {"alwaysMatch": wanted}})
        page = Page(f"{address}/session/{begun['sessionId']}", downloads)
        try:
            page.devtools(
                "Browser.setDownloadBehavior", behavior="allow", downloadPath=str(downloads)
            )
            yield page
        finally:
            request("DELETE", page.session)
    finally:
        driver.terminate()
        driver.wait(timeout=_PATIENCE)
