"""The page of a network that finds things, in a browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.keys import Keys

from tests.browser import Page, chromium
from tests.server import CAT
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
    assert [thing.text.replace("\n", " ") for thing in things] == [
        "cat 98.0 %",
        "dog 81.0 %",
        "cat 62.0 %",
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
