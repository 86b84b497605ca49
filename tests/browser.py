"""The page in a headless Chromium, driven as a person would: files dropped, keys pressed."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

_DEADLINE_S = 60.0
_FLAGS = (
    "--headless",
    "--no-sandbox",  # refuses to be root otherwise
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_PIXELS = """
const picture = document.getElementById("picture");
if (picture.hidden || !picture.complete || !picture.naturalWidth) return null;
const canvas = document.createElement("canvas");
[canvas.width, canvas.height] = [picture.naturalWidth, picture.naturalHeight];
canvas.getContext("2d").drawImage(picture, 0, 0);
return canvas.toDataURL();
"""

_Seen = TypeVar("_Seen")


@contextmanager
def chromium(profile: Path) -> Iterator[Chrome]:
    """A browser with an empty profile, which downloads into `profile / "downloads"`."""
    browser, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if browser is None or driver is None:
        pytest.skip("needs Debian's chromium and chromium-driver")
    options = ChromeOptions()
    options.binary_location = browser
    for flag in (*_FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    chrome = Chrome(options=options, service=ChromeService(driver))
    try:
        yield chrome
    finally:
        chrome.quit()


class Page:
    """GET / of a server, freshly opened."""

    def __init__(self, chrome: Chrome, port: int) -> None:
        self.chrome = chrome
        self.port = port
        self.resize(1280, 900)
        self.prefer("light")
        self.open()

    def open(self) -> None:
        """Open it anew and wait until it knows the model."""
        self.chrome.get(f"http://localhost:{self.port}/")
        self.wait(lambda: self.text("title"))

    def wait(self, look: Callable[[], _Seen | None]) -> _Seen:
        """What `look` returns, once that is true."""
        seen = WebDriverWait(self.chrome, _DEADLINE_S, 0.02).until(lambda _: look())
        assert seen
        return seen

    def __getitem__(self, id_: str) -> WebElement:
        return self.chrome.find_element(By.ID, id_)

    def all(self, selector: str) -> list[WebElement]:
        """Every element that a CSS selector finds."""
        return self.chrome.find_elements(By.CSS_SELECTOR, selector)

    def text(self, id_: str) -> str:
        """The text of an element, shown or not."""
        return str(self[id_].get_property("textContent"))

    def script(self, code: str, *arguments: object) -> Any:
        """What a piece of JavaScript returns."""
        return self.chrome.execute_script(code, *arguments)

    def devtools(self, command: str, **arguments: object) -> None:
        """One command of the DevTools protocol."""
        self.chrome.execute_cdp_cmd(command, arguments)

    def resize(self, width: int, height: int) -> None:
        """Give the page a viewport of this many CSS pixels."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.devtools("Emulation.setDeviceMetricsOverride", **size)

    def prefer(self, scheme: str) -> None:
        """Prefer `light` or `dark`."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.devtools("Emulation.setEmulatedMedia", features=features)

    def drop(self, path: Path) -> None:
        """Drag a file in from outside and let it go over the middle of the stage."""
        box = self["stage"].rect
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        held = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            self.devtools("Input.dispatchDragEvent", type=kind, x=x, y=y, data=held)

    def view(self, name: str) -> None:
        """Choose what is shown."""
        self.all(f"[name=view][value={name}]")[0].click()

    def picture(self) -> str | None:
        """The pixels on the screen, as a data: URL; None while there are none, or not the last."""
        if self["stage"].get_attribute("aria-busy") == "true":
            return None
        pixels: str | None = self.script(_PIXELS)
        return pixels

    def answer(self) -> str:
        """The pixels of the server's answer, once it is there; a preview does not count."""
        return self.wait(lambda: self.picture() if self["download"].is_displayed() else None)

    def other_than(self, before: str) -> str:
        """The picture, once it is another one."""

        def other() -> str | None:
            now = self.picture()
            return None if now == before else now

        return self.wait(other)

    def error(self) -> str:
        """The error's text, once there is one."""
        return self.wait(lambda: self["error"].text)
