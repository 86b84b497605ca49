"""The page of a network that finds things, in a browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.keys import Keys

from tests.browser import Page, chromium
from tests.server import CAT, RunningServer
from tests.things_server import things_server


@pytest.fixture(scope="module")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    with chromium(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture
def cat(chrome: Chrome) -> Iterator[Page]:
    with things_server() as port:
        page = Page(chrome, port)
        page.drop(CAT)
        page.answer()
        yield page


def test_views_that_there_are(cat: Page) -> None:
    seen = [cat.answer()]
    for view in ("photo", "mask"):
        cat.view(view)
        seen.append(cat.other_than(seen[-1]))
        assert not cat["error"].is_displayed()
    assert len(set(seen)) == 3
    assert not cat.all("[value=confidence] + span")[0].is_displayed()
    cat.view("overlay")
    assert not cat["colormap"].is_displayed()


def test_things_are_listed_with_their_scores_and_choose_their_class(
    cat: Page, tmp_path: Path
) -> None:
    before = cat.answer()
    things = cat.wait(lambda: cat.all("#shares button"))
    assert [thing.text.replace("\n", " ") for thing in things if thing.is_displayed()] == [
        "cat 0.98",
        "dog 0.81",
        "cat 0.62",
    ]
    things[1].send_keys(Keys.ENTER)
    cat.other_than(before)
    assert "class=dog" in cat.text("curl")
    assert not cat["error"].is_displayed()
    cat.chrome.save_screenshot(str(tmp_path / "page.png"))


def test_each_control_changes_the_picture(cat: Page) -> None:
    for control in ("alpha", "outline"):
        before = cat.answer()
        cat[control].send_keys(Keys.ARROW_RIGHT)
        cat.other_than(before)
    before = cat.answer()
    cat["legend"].send_keys(Keys.SPACE)
    cat.other_than(before)
    assert not cat["error"].is_displayed()


def test_the_least_score_chooses_what_is_drawn_and_listed(cat: Page) -> None:
    def listed() -> list[str]:
        things = [thing for thing in cat.all("#shares button") if thing.is_displayed()]
        return [thing.text.split("\n")[0] for thing in things]

    cat.wait(lambda: len(listed()) == 3)
    assert not cat["none"].is_displayed()
    before = cat.answer()
    cat["least"].send_keys(*[Keys.ARROW_LEFT] * 5)
    cat.wait(lambda: listed() == ["cat", "dog", "cat", "person"])
    fewer = cat.other_than(before)
    cat["least"].send_keys(*[Keys.ARROW_RIGHT] * 8)
    cat.wait(lambda: listed() == ["cat", "dog"])
    cat.other_than(fewer)
    assert "score_threshold=0.65" in cat.text("curl")
    cat["least"].send_keys(Keys.END)
    cat.wait(lambda: listed() == [])
    assert cat["none"].text == "Nothing has such a score; the highest is 0.98."
    assert not cat["error"].is_displayed()


def test_pixels_classes_have_no_least_score(chrome: Chrome, demo_server: RunningServer) -> None:
    assert not Page(chrome, demo_server.port)["least"].is_displayed()
