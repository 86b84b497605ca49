"""The page in a browser: a photo is dropped, every control moved, and the picture looked at."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from tests.browser import Page, chromium
from tests.server import CAT, DEMO_MODEL, RunningServer


@pytest.fixture(scope="module")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    with chromium(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture
def page(chrome: Chrome, demo_server: RunningServer) -> Page:
    return Page(chrome, demo_server.port)


@pytest.fixture
def cat(page: Page) -> Page:
    """The page with the cat on it."""
    page.drop(CAT)
    page.answer()
    return page


def press(id_: str, *keys: str) -> Callable[[Page], None]:
    """Move a control by its keys alone."""
    return lambda page: page[id_].send_keys(*keys)


CONTROLS = [
    press("class", "dog"),
    press("alpha", Keys.ARROW_RIGHT, Keys.ARROW_RIGHT),
    press("colormap", "jet"),
    press("outline", Keys.ARROW_RIGHT, Keys.ARROW_RIGHT),
    press("legend", Keys.SPACE),
]
CONTROL_IDS = ("class", "alpha", "colormap", "outline", "legend")
TAB_STOPS = ["Overlay", "Another", "Download", "Class", "Alpha", "Colormap", "Outline", "Legend"]
TAB_STOPS += ["cat", "background", "Copy", "curl", "Copy", "boto3", "openapi.json"]


def test_a_dropped_photo_is_shown_with_its_overlay(page: Page) -> None:
    assert page["choose"].is_displayed()
    page.drop(CAT)
    page.answer()
    page.wait(lambda: "451 \u00d7 300" in page["status"].text)
    assert page["picture"].get_attribute("alt") == "overlay of chelsea.jpg"
    assert not page["empty"].is_displayed()
    assert page.text("title") == "fastscnn with 3 classes"
    stages = [element.text for element in page.all("#times dt")]
    assert stages[0] == "decode"
    assert {"queue", "predict", "render", "encode"} <= set(stages)
    assert stages[-1] == "round trip"


@pytest.mark.parametrize("view", ["overlay", "confidence"])
@pytest.mark.parametrize("move", CONTROLS, ids=CONTROL_IDS)
def test_each_control_changes_the_picture(
    cat: Page, move: Callable[[Page], None], view: str
) -> None:
    before = cat.answer()
    if view == "confidence":
        cat.view("confidence")
        before = cat.other_than(before)
    code = cat.text("curl")
    move(cat)
    cat.other_than(before)
    assert not cat["error"].is_displayed()
    assert cat.text("curl") != code


def test_each_view_is_another_picture(cat: Page) -> None:
    seen = [cat.answer()]
    for view in ("photo", "mask", "confidence"):
        cat.view(view)
        seen.append(cat.other_than(seen[-1]))
        assert cat["alpha"].is_enabled() == (view == "confidence")
    assert len(set(seen)) == 4


def test_alpha_and_colormap_are_kept_for_each_view(cat: Page) -> None:
    cat["alpha"].send_keys(Keys.END)
    cat.view("confidence")
    assert Select(cat["colormap"]).first_selected_option.text == "viridis"
    cat["colormap"].send_keys("magma")
    cat.view("overlay")
    assert cat["alpha"].get_property("value") == "1"
    assert cat["colormap"].get_property("value") == ""
    cat.view("confidence")
    assert cat["colormap"].get_property("value") == "magma"


def test_a_share_chooses_its_class(cat: Page) -> None:
    before = cat.answer()
    shares = cat.wait(lambda: cat.all("#shares button"))
    assert [share.text.split("\n")[0] for share in shares] == ["cat", "background"]
    assert sum(float(share.text.split("\n")[1].rstrip(" %")) for share in shares) == pytest.approx(
        100, abs=0.2
    )
    shares[1].send_keys(Keys.ENTER)
    cat.other_than(before)
    assert cat["class"].get_property("value") == "0"
    assert [share.get_attribute("aria-pressed") for share in shares] == ["false", "true"]
    shares[1].send_keys(Keys.ENTER)
    assert cat["class"].get_property("value") == ""


@pytest.mark.parametrize("snippet", ["curl", "boto3"])
@pytest.mark.parametrize("view", ["photo", "overlay", "mask", "confidence"])
def test_the_snippets_fetch_what_is_downloaded(
    page: Page, view: str, snippet: str, tmp_path: Path
) -> None:
    photo = tmp_path / 'a cat\'s $HOME "photo".v2.jpg'
    shutil.copy(CAT, photo)
    page.view("confidence" if view == "confidence" else "overlay")
    for key in [Keys.ARROW_RIGHT] * 3:
        page["outline"].send_keys(key)
    page["class"].send_keys("cat")
    page["legend"].send_keys(Keys.SPACE)
    page.view(view)
    page.drop(photo)
    page.answer()
    downloads = tmp_path / "downloads"
    page.devtools("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(downloads))
    page["download"].click()
    code = page.text(snippet)
    command = ["sh", "-c", code] if snippet == "curl" else [sys.executable, "-c", code]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    (fetched,) = tmp_path.glob(f"*.v2-{view}.*")
    kept = page.wait(lambda: [*downloads.glob("*.jpg"), *downloads.glob("*.png")])
    assert kept[0].read_bytes() == fetched.read_bytes()


def test_only_the_last_choice_is_left_on_the_screen(cat: Page) -> None:
    before = cat.answer()
    cat["alpha"].send_keys(*[Keys.ARROW_RIGHT] * 10)
    last = cat.other_than(before)
    assert "alpha=1;" in cat.text("curl")
    cat["alpha"].send_keys(Keys.ARROW_LEFT)
    cat["alpha"].send_keys(Keys.ARROW_RIGHT)
    assert cat.wait(lambda: cat.picture() == last)


def test_a_broken_photo_is_an_error_and_the_next_one_is_not(page: Page, tmp_path: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(CAT.read_bytes()[:3000])
    page.drop(broken)
    shown = page.error()
    assert "400" in shown
    assert "cannot be decoded" in shown
    assert "undecodable-image" in shown
    assert not page["retry"].is_displayed()
    assert not page["picture"].is_displayed()
    page.drop(CAT)
    page.answer()
    assert not page["error"].is_displayed()


def test_what_is_no_photo_is_an_error(page: Page, tmp_path: Path) -> None:
    notes = tmp_path / "<b>notes.txt"
    notes.write_text("no photo")
    page.drop(notes)
    assert "'text/plain' is not accepted" in page.error()
    assert "<b>notes" in page.text("curl")


def test_a_photo_can_be_chosen(page: Page) -> None:
    page["file"].send_keys(str(CAT))
    page.answer()


def test_a_photo_can_be_pasted(cat: Page) -> None:
    before = cat.answer()
    cat.script(
        """
        const drawn = document.createElement("canvas");
        drawn.toBlob((blob) => {
          const clipboardData = new DataTransfer();
          clipboardData.items.add(new File([blob], "image.png", { type: blob.type }));
          dispatchEvent(new ClipboardEvent("paste", { clipboardData }));
        });
        """
    )
    cat.other_than(before)
    cat.wait(lambda: "Overlay of image.png" in cat["status"].text)


def test_everything_is_reached_by_tab_and_has_a_name(cat: Page) -> None:
    cat.wait(lambda: cat.all("#shares button"))
    names: list[str] = []
    while len(names) < 30:
        cat.chrome.switch_to.active_element.send_keys(Keys.TAB)
        focused = cat.chrome.switch_to.active_element
        if focused.tag_name == "body":
            break
        names.append(focused.accessible_name)
        assert cat.script(
            """
            const here = document.activeElement;
            const shows = [here, here.nextElementSibling].filter(Boolean);
            return shows.some((each) => getComputedStyle(each).outlineStyle === "solid");
            """
        ), names
    assert [name.split()[0].rstrip("…") for name in names] == TAB_STOPS


@pytest.mark.parametrize("state", ["empty", "cat", "error"])
def test_a_phone_needs_no_sideways_scrolling(page: Page, state: str, tmp_path: Path) -> None:
    page.resize(360, 740)
    photo = tmp_path / ("a-name-that-is-much-longer-than-the-screen-is-wide" * 2 + ".jpg")
    photo.write_bytes(CAT.read_bytes()[: 3000 if state == "error" else None])
    if state != "empty":
        page.drop(photo)
        _ = page.answer() if state == "cat" else page.error()
    root = "document.documentElement"
    assert page.script(f"return {root}.scrollWidth <= {root}.clientWidth")
    assert 320 < page.script(f"return {root}.clientWidth") <= 360
    for element in page.all("button, select, input[type=range], #picture"):
        if element.is_displayed():
            assert element.rect["x"] >= 0
            assert element.rect["x"] + element.rect["width"] <= 360, element.accessible_name


def test_dark_mode_is_dark(page: Page) -> None:
    def lightness(property_: str) -> float:
        color = page.script(f"return getComputedStyle(document.body)['{property_}']")
        return float(np.mean([int(part) for part in color[4:-1].split(",")]))

    assert lightness("backgroundColor") > 200
    assert lightness("color") < 100
    page.prefer("dark")
    assert lightness("backgroundColor") < 50
    assert lightness("color") > 200


def test_nothing_is_blocked_or_thrown(cat: Page) -> None:
    cat.chrome.get_log("browser")  # type: ignore[no-untyped-call]
    cat.wait(lambda: cat.all("#shares button"))
    for view in ("photo", "mask", "confidence"):
        cat.view(view)
        cat.answer()
    assert cat.chrome.get_log("browser") == []  # type: ignore[no-untyped-call]


def test_a_class_of_any_name_is_text_and_can_be_chosen(chrome: Chrome, tmp_path: Path) -> None:
    model = shutil.copytree(DEMO_MODEL, tmp_path / "model")
    names = ["background", '<img src=x onerror="document.title=1">, ü', "dog"]
    (model / "classes.json").write_text(json.dumps({"classes": names}))
    with RunningServer(model) as server:
        page = Page(chrome, server.wait_until_ready().port)
        page.drop(CAT)
        before = page.answer()
        shares = page.wait(lambda: page.all("#shares button"))
        assert shares[0].text.split("\n")[0] == names[1]
        shares[1].click()
        before = page.other_than(before)
        page.all("#shares button")[0].click()
        page.other_than(before)
        assert "class=1;" in page.text("curl")
        assert page.chrome.title == "Segmentation: try a photo"

        server.stop()
        page["legend"].click()
        assert "did not answer" in page.error()
        assert page["retry"].is_displayed()
        assert page["picture"].get_attribute("class") == "stale"


def test_a_photo_over_the_limit_is_not_sent(chrome: Chrome) -> None:
    with RunningServer(SAGEMAKER_MAX_PAYLOAD_IN_MB="1", SEG_RUNTIME_API="off") as server:
        page = Page(chrome, server.wait_until_ready().port)
        assert not page["boto3"].is_displayed()
        assert "up to 1 MiB" in page["accepted"].text
        page.script(
            """
            const clipboardData = new DataTransfer();
            clipboardData.items.add(new File([new Uint8Array(2 ** 20 + 1)], "large.png"));
            dispatchEvent(new ClipboardEvent("paste", { clipboardData }));
            """
        )
        assert "too large" in page.error()
        assert page["choose"].is_displayed()
